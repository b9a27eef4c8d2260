package import Operations
internal import Synchronization

extension Engine {
    /// Splits a partition of a table at its middle; the completion tells how many there are then.
    ///
    /// A stream's open shard of the partition is closed and gets two children.
    ///
    /// - Parameter partition: its number in the order of hashes; nil: the widest.
    package func splitPartition(
        tableName: String, region: String, partition: Int?,
        completion: @escaping @Sendable (Result<Int, ServiceError>) -> Void
    ) {
        let count = SplitResult()
        submit { result in
            completion(result.map { _ in count.value })
        } stage: { staging throws(ServiceError) in
            let table = try TableLocation(name: tableName, region: region).existing(in: staging)
            var definition = table.definition
            var partitions = table.partitions
            let chosen = partition ?? partitions.widest
            guard partitions.count < Limits.tablePartitionsMax, partitions.split(chosen) else {
                throw .validation("Partition \(chosen) of table \(tableName) cannot be split")
            }
            definition.partitions = partitions
            staging.putTable(definition)
            count.set(partitions.count)
            return OperationOutcome(.empty)
        }
    }
}

/// What the commit path found, for the completion to tell.
private final class SplitResult: Sendable {
    private let count = Atomic<Int>(0)
    var value: Int { count.load(ordering: .acquiring) }
    func set(_ value: Int) { count.store(value, ordering: .releasing) }
}
