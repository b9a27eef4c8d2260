package import Operations

extension TableRequest {
    /// Answers DescribeTable.
    ///
    /// - Throws: ResourceNotFoundException, ValidationException, AccessDeniedException.
    package func describeTable(
        in tables: any TableLookup, context: RequestContext, environment: EngineEnvironment
    ) throws(ServiceError) -> OperationOutcome {
        let table = try TableLocation(
            tableName: tableName, for: "DescribeTable", context: context, environment: environment
        ).existing(in: tables)
        let builder = TableDescriptionBuilder(table, environment: environment)
        return OperationOutcome(.table(builder.description()))
    }
}
