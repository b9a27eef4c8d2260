internal import Items
internal import Operations

extension ServiceError {
    /// The service's error for work over a limit, by the table's billing mode.
    ///
    /// It tells too, for the account book, which work was refused.
    static func throttled(
        _ work: ThrottledWork, table: Table, index: SecondaryIndex? = nil
    ) -> ServiceError {
        let global = index.flatMap { $0.kind == .global ? $0 : nil }
        var error = ServiceError(
            code(work.limit, table.definition.billingMode),
            message(work.limit, table.definition.billingMode, isIndex: global != nil))
        error.throttlingReasons = [
            ThrottlingReason(
                isIndex: global != nil, kind: work.kind, limit: work.limit,
                resource: global.map { "\(table.arn)/index/\($0.name)" } ?? table.arn)
        ]
        var consumption = Consumption()
        consumption.throttles = [work]
        error.consumption = consumption
        return error
    }

    /// Cancels a transaction of which actions were throttled; each may have an error, in order.
    static func throwThrottled(_ refusals: [ServiceError?]) throws(ServiceError) {
        guard refusals.contains(where: { $0 != nil }) else { return }
        var error = transactionCanceled(
            refusals.map { $0.map { CancellationReason(throttled: $0) } ?? .none })
        var consumption = Consumption()
        for refusal in refusals { consumption.throttles += refusal?.consumption?.throttles ?? [] }
        error.consumption = consumption
        throw error
    }

    private static func code(_ limit: ThrottleLimit, _ mode: BillingMode) -> String {
        switch (limit, mode) {
        case (.account, _): "RequestLimitExceeded"
        case (.provisionedThroughput, _), (_, .provisioned):
            "ProvisionedThroughputExceededException"
        case (_, .payPerRequest): "ThrottlingException"
        }
    }

    private static func message(
        _ limit: ThrottleLimit, _ mode: BillingMode, isIndex: Bool
    ) -> String {
        switch (limit, mode) {
        case (.account, _):
            "Throughput exceeds the current throughput limit for your account. Please contact AWS "
                + "Support at https://aws.amazon.com/support request a limit increase"
        case (.maxOnDemand, _):
            "Throughput exceeds the maximum OnDemandThroughput configured on table or index"
        case (.provisionedThroughput, _), (_, .provisioned):
            isIndex
                ? "The level of configured provisioned throughput for one or more global secondary "
                    + "indexes of the table was exceeded. Consider increasing your provisioning "
                    + "level for the under-provisioned global secondary indexes with the "
                    + "UpdateTable API"
                : "The level of configured provisioned throughput for the table was exceeded. "
                    + "Consider increasing your provisioning level with the UpdateTable API."
        case (_, .payPerRequest):
            isIndex
                ? "Throughput exceeds the current capacity for one or more global secondary "
                    + "indexes. DynamoDB is automatically scaling your index so please try again "
                    + "shortly."
                : "Throughput exceeds the current capacity of your table or index. DynamoDB is "
                    + "automatically scaling your table or index so please try again shortly. If "
                    + "exceptions persist, check if you have a hot key: "
                    + "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
                    + "bp-partition-key-design.html"
        }
    }
}

extension CancellationReason {
    /// Why an action cancels its transaction that a throttling error refused.
    init(throttled error: ServiceError) {
        self.init(
            code: error.code == "ProvisionedThroughputExceededException"
                ? "ProvisionedThroughputExceeded" : "ThrottlingError",
            message: error.message)
    }
}
