internal import Operations

/// The numbers of the capacity model (docs/capacity-model.md tells the source of each).
package struct CapacityRules: Sendable, Hashable {
    /// What one partition serves in a second.
    package var partitionReadUnits = Double(Limits.partitionReadUnitsMax)
    package var partitionWriteUnits = Double(Limits.partitionWriteUnitsMax)
    /// How many seconds of unused throughput may be spent at once.
    package var burstSeconds = 300.0
    /// After so many seconds an on-demand table's peak counts for its next double.
    package var peakSeconds = 1_800.0
    /// The share of a partition's throughput that is heat, and for how long until it splits.
    package var heatShare = 0.8
    package var heatSeconds = 300.0
    /// The size at which a partition splits.
    package var partitionBytesMax = 10_000_000_000
    /// Quotas of the account, over all its tables and in one of them.
    package var accountUnits = Double(Limits.accountCapacityUnitsMax)
    package var tableUnits = Double(Limits.tableCapacityUnitsMax)

    package init() {}
    package static let standard = CapacityRules()
}
