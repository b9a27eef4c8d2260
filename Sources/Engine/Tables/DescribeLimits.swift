package import Operations

/// DescribeLimits.
package enum DescribeLimits {
    /// The quotas of the account in any region, and of one table.
    package static func answer() -> OperationOutcome {
        OperationOutcome(
            .describeLimits(
                DescribeLimitsResponse(
                    accountRead: Limits.accountCapacityUnitsMax,
                    accountWrite: Limits.accountCapacityUnitsMax,
                    tableRead: Limits.tableCapacityUnitsMax,
                    tableWrite: Limits.tableCapacityUnitsMax)))
    }
}
