internal import Expressions
internal import Items
internal import Metering
internal import Operations

extension Engine {
    /// ExecuteStatement: one PartiQL statement, a page of a SELECT or a write of one item.
    func executeStatement(
        _ request: ExecuteStatementRequest, context: RequestContext,
        completion: @escaping Completion
    ) {
        do throws(ServiceError) {
            let statement = try request.statement.parse()
            let table = try table(statement.tableName, statement.actionName, context)
            switch statement {
            case .select(let select):
                try executeSelect(select, of: request, table: table, completion: completion)
            case .exists:
                throw StatementFaults.existsOutsideTransaction
            case .insert, .update, .delete:
                if request.nextToken != nil { throw StatementFaults.invalidNextToken }
                let write = try StatementWrite(
                    statement, request.statement, table: table,
                    detail: request.returnConsumedCapacity)
                submit(completion, writing: write.write.storedKey) { staging throws(ServiceError) in
                    try write.stage(staging).asStatement()
                }
            }
        } catch {
            completion(.failure(error))
        }
    }

    private func executeSelect(
        _ select: SelectStatement, of request: ExecuteStatementRequest, table: Table,
        completion: @escaping Completion
    ) throws(ServiceError) {
        var plan = try SelectPlan(
            select, table: table, consistentRead: request.consistentRead, limit: request.limit)
        let mark = NextToken.mark(of: request.statement, table: table)
        if let text = request.nextToken {
            try plan.start(after: try NextToken(text, mark: mark).key)
        }
        let detail = request.returnConsumedCapacity
        readSelect(plan) { result in
            completion(
                result.map { found in
                    let consumption = found.whole
                    var response = ExecuteStatementResponse()
                    response.items = found.rows
                    response.lastEvaluatedKey = found.lastEvaluatedKey
                    response.nextToken = found.lastEvaluatedKey.map {
                        NextToken(key: $0, mark: mark).text
                    }
                    response.consumedCapacity = consumption.report(detail)?.first
                    return OperationOutcome(
                        .executeStatement(response), consumption: consumption)
                })
        }
    }
}

extension OperationOutcome {
    /// The outcome of a single-item write as ExecuteStatement tells it.
    fileprivate func asStatement() -> OperationOutcome {
        guard case .writeItem(let written) = response else { return self }
        var told = ExecuteStatementResponse()
        told.items = written.attributes.map { [$0] } ?? []
        told.consumedCapacity = written.consumedCapacity
        return OperationOutcome(.executeStatement(told), consumption: consumption)
    }
}
