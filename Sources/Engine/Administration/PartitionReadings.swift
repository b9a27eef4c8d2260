internal import Items
internal import Metering
internal import Operations
internal import Synchronization

extension Engine {
    /// The partitions of tables and their global indexes as they are now.
    ///
    /// - Parameter tableName: nil: every table of the region.
    func partitions(
        of tableName: String?, region: String
    ) throws(ServiceError) -> [ResourcePartitions] {
        var tables = catalogue.tables(in: region)
        if let tableName {
            guard let table = catalogue.table(named: tableName, region: region) else {
                throw .tableNotFound
            }
            tables = [table]
        }
        return tables.flatMap { table in
            [partitions(.table(table))]
                + table.globalIndexes.map { partitions(.index($0, of: table)) }
        }
    }

    private func partitions(_ resource: Catalogue.Resource) -> ResourcePartitions {
        let id = resource.capacityID
        var told = ResourcePartitions(
            tableName: resource.table.name, indexName: resource.index?.name, partitions: [])
        guard let meter = throttle.isOn ? throttle.meter(of: id) : throttle.knownMeter(of: id)
        else {
            let starts = resource.partitionStarts
            told.partitions = (starts.isEmpty ? [KeyPlace(storedKey: [])] : starts).map {
                ResourcePartitions.Partition(lower: $0.lower)
            }
            return told
        }
        let time = now
        meter.capacity.withLock { capacity in
            told.read = ResourcePartitions.Gauge(capacity.gauge(.read, now: time))
            told.write = ResourcePartitions.Gauge(capacity.gauge(.write, now: time))
            told.partitions = capacity.readings(now: time).map { reading in
                ResourcePartitions.Partition(
                    lower: reading.place.lower,
                    read: ResourcePartitions.Use(
                        capacity: ResourcePartitions.Gauge(reading.read),
                        demand: reading.readDemand, throttledCount: reading.refusedReads),
                    write: ResourcePartitions.Use(
                        capacity: ResourcePartitions.Gauge(reading.write),
                        demand: reading.writeDemand, throttledCount: reading.refusedWrites))
            }
        }
        return told
    }
}

extension KeyPlace {
    /// Where a partition begins, without the id: a whole hash at least.
    fileprivate var lower: [UInt8] {
        let rest = Array(storedKey.dropFirst(4))
        let missing = max(0, PartitionHash.byteCount - rest.count)
        return rest + Array(repeating: 0, count: missing)
    }
}

extension ResourcePartitions.Gauge {
    fileprivate init(_ gauge: ResourceCapacity.Gauge) {
        self.init(unitsPerSecond: gauge.unitsPerSecond, unitsLeft: gauge.unitsLeft)
    }
}
