package import Operations

extension TableRequest {
    /// Answers DescribeContinuousBackups: enabled, as for every table, and recovery to a point in
    /// time as UpdateContinuousBackups left it.
    ///
    /// - Throws: TableNotFoundException, ValidationException, AccessDeniedException.
    package func describeContinuousBackups(
        in tables: any TableLookup, context: RequestContext, environment: EngineEnvironment
    ) throws(ServiceError) -> OperationOutcome {
        let location = try TableLocation(
            tableName: tableName, for: "DescribeContinuousBackups", context: context,
            environment: environment)
        let definition = try location.backedUp(in: tables).definition
        return OperationOutcome(
            .describeContinuousBackups(definition.continuousBackups(now: environment.now())))
    }
}
