package import Operations

/// The numbers of the capacity model (docs/capacity-model.md tells the source of each).
package struct CapacityRules: Sendable, Hashable {
    /// What one partition serves in a second.
    package var partitionReadUnits = Double(Limits.partitionReadUnitsMax)
    package var partitionWriteUnits = Double(Limits.partitionWriteUnitsMax)
    /// How many seconds of unused throughput a provisioned table, or the maximum of an on-demand
    /// one, may spend at once.
    package var burstSeconds = 300.0
    /// The same of what can't be exceeded for long: partitions, quotas, an on-demand table's
    /// entitlement.
    package var ceilingSeconds = 1.0
    /// An on-demand table's traffic is told by means over so many seconds; the highest is its peak.
    package var peakWindowSeconds = 60.0
    /// After so many seconds an on-demand table's peak counts for its next double.
    package var peakSeconds = 1_800.0
    /// The share of a partition's throughput that is heat, and for how long until it splits.
    package var heatShare = 0.8
    package var heatSeconds = 300.0
    /// A cut must leave neither half more than this share of the heat.
    package var halfHeatShareMax = 0.8
    /// The size at which a partition splits.
    package var partitionBytesMax = 10_000_000_000
    /// Quotas of the account, over all its tables and in one of them.
    package var accountUnits = Double(Limits.accountCapacityUnitsMax)
    package var tableUnits = Double(Limits.tableCapacityUnitsMax)

    package init() {}
    package static let standard = CapacityRules()

    /// What one partition serves in a second.
    package func partitionUnits(_ kind: CapacityKind) -> Double {
        kind == .read ? partitionReadUnits : partitionWriteUnits
    }

    /// How many partitions serve so many units per second; at least one.
    package func partitionCount(read: Double, write: Double) -> Int {
        func needed(_ units: Double, each: Double) -> Int {
            let count = (units / each).rounded(.up)
            guard count > 1 else { return 1 }
            return Int(min(count, Double(Limits.tablePartitionsMax)))
        }
        return max(
            needed(read, each: partitionReadUnits), needed(write, each: partitionWriteUnits))
    }
}
