import Operations

extension TablePartitions {
    /// How many partitions serve a throughput: each reads 3,000 and writes 1,000 units per second.
    static func count(serving throughput: WarmThroughput) -> Int {
        func needed(_ units: Int?, each: Int) -> Int {
            let units = max(0, min(units ?? 0, Limits.tablePartitionsMax * each))
            return (units + each - 1) / each
        }
        return max(
            1,
            needed(throughput.readUnitsPerSecond, each: Limits.partitionReadUnitsMax),
            needed(throughput.writeUnitsPerSecond, each: Limits.partitionWriteUnitsMax))
    }
}

extension TableDefinition {
    /// The partitions of the table: those it has been given, or what its throughput implies.
    var currentPartitions: TablePartitions {
        partitions ?? TablePartitions(count: TablePartitions.count(serving: currentWarmThroughput))
    }

    /// The partitions of a global index: as many equal ranges as its throughput implies.
    func partitions(of index: GlobalIndexDefinition) -> TablePartitions {
        TablePartitions(count: TablePartitions.count(serving: currentWarmThroughput(of: index)))
    }

    /// Splits partitions where the table's throughput needs more of them.
    mutating func growPartitions() {
        var grown = currentPartitions
        grown.grow(to: TablePartitions.count(serving: currentWarmThroughput))
        partitions = grown
    }
}
