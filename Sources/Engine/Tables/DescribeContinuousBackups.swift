package import Operations

extension TableRequest {
    /// Answers DescribeContinuousBackups: enabled, as for every table, without recovery to a
    /// point in time.
    ///
    /// - Throws: TableNotFoundException, ValidationException, AccessDeniedException.
    package func describeContinuousBackups(
        in tables: any TableLookup, context: RequestContext, environment: EngineEnvironment
    ) throws(ServiceError) -> OperationOutcome {
        let location = try TableLocation(
            tableName: tableName, for: "DescribeContinuousBackups", context: context,
            environment: environment)
        guard tables.table(named: location.name, region: location.region) != nil else {
            throw ServiceError("TableNotFoundException", "Table not found: \(location.name)")
        }
        return OperationOutcome(
            .describeContinuousBackups(
                ContinuousBackupsDescription(
                    continuousBackupsStatus: "ENABLED", pointInTimeRecoveryStatus: "DISABLED")))
    }
}
