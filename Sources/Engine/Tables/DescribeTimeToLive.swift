package import Operations

extension TableRequest {
    /// Answers DescribeTimeToLive: ENABLING or ENABLED with the attribute, or DISABLED.
    ///
    /// - Throws: ResourceNotFoundException, ValidationException, AccessDeniedException.
    package func describeTimeToLive(
        in tables: any TableLookup, context: RequestContext, environment: EngineEnvironment
    ) throws(ServiceError) -> OperationOutcome {
        let table = try TableLocation(
            tableName: tableName, for: "DescribeTimeToLive", context: context,
            environment: environment
        ).existing(in: tables)
        let attribute = table.definition.timeToLive.flatMap { $0.enabled ? $0.attributeName : nil }
        let isFull = table.definition.expiryIndex?.state == .active
        let status = attribute == nil ? "DISABLED" : isFull ? "ENABLED" : "ENABLING"
        return OperationOutcome(
            .describeTimeToLive(
                TimeToLiveDescription(status: status, attributeName: attribute)))
    }
}
