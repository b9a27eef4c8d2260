internal import Operations

// Bodies to come: each moves to a file of its own.
extension Engine {
    func executeStatement(
        _ request: ExecuteStatementRequest, context: RequestContext,
        completion: @escaping Completion
    ) { completion(.failure(.internalServerError("not built"))) }

    func batchExecuteStatement(
        _ request: BatchExecuteStatementRequest, context: RequestContext,
        completion: @escaping Completion
    ) { completion(.failure(.internalServerError("not built"))) }

    func executeTransaction(
        _ request: ExecuteTransactionRequest, context: RequestContext,
        completion: @escaping Completion
    ) { completion(.failure(.internalServerError("not built"))) }
}
