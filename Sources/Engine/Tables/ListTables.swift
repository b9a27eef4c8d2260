package import Operations

extension ListTablesRequest {
    /// Answers ListTables: the names of the region's tables after the start name, in order.
    ///
    /// ExclusiveStartTableName need not name a table. LastEvaluatedTableName is told only where
    /// more names follow.
    package func listTables(in tables: any TableLookup, context: RequestContext) -> OperationOutcome
    {
        var names = tables.tables(in: context.region).map(\.name)[...]
        if let exclusiveStartTableName {
            let start = Array(exclusiveStartTableName.utf8)
            names = names.drop { !start.lexicographicallyPrecedes($0.utf8) }
        }
        let page = Array(names.prefix(max(1, limit ?? Limits.listTablesMax)))
        let hasMore = page.count < names.count
        return OperationOutcome(
            .listTables(
                ListTablesResponse(
                    tableNames: page, lastEvaluatedTableName: hasMore ? page.last : nil)))
    }
}
