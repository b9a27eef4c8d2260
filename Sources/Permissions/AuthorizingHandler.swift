internal import Items
package import Operations

/// Does operations for those who may, and refuses them to those who may not: stands before the
/// engine where permissions are on.
package final class AuthorizingHandler: OperationHandler {
    package typealias Completion = @Sendable (Result<OperationOutcome, ServiceError>) -> Void

    private let next: any OperationHandler
    private let control: AccessControl
    private let tables: any TableDirectory

    package init(
        _ next: any OperationHandler, control: AccessControl, tables: any TableDirectory
    ) {
        self.next = next
        self.control = control
        self.tables = tables
    }

    package func handle(
        _ request: OperationRequest, context: RequestContext, completion: @escaping Completion
    ) {
        guard let principal = control.principal(accessKeyID: context.accessKeyID) else {
            next.handle(request, context: context, completion: completion)
            return
        }
        let scope = NeedScope(accountID: control.accountID, context: context, tables: tables)
        if case .batchExecuteStatement(let batch) = request {
            handle(batch, by: principal, scope, completion)
            return
        }
        let needs = request.needs(scope)
        if let refusal = control.refusal(of: needs, by: principal, context: context) {
            completion(.failure(refusal))
        } else {
            next.handle(request, context: context, completion: completion)
        }
    }

    /// Each statement of a batch is allowed or refused by itself, and a refused one is told in its
    /// place.
    private func handle(
        _ batch: BatchExecuteStatementRequest, by principal: Principal, _ scope: NeedScope,
        _ completion: @escaping Completion
    ) {
        var refused: [Int: BatchStatementResponse] = [:]
        for (index, entry) in batch.statements.enumerated() {
            let needs = entry.statement.needs(scope)
            guard
                let refusal = control.refusal(
                    of: needs, by: principal, context: scope.context)
            else { continue }
            var response = BatchStatementResponse()
            response.error = BatchStatementError(code: "AccessDenied", message: refusal.message)
            refused[index] = response
        }
        guard !refused.isEmpty else {
            next.handle(
                .batchExecuteStatement(batch), context: scope.context, completion: completion)
            return
        }
        var rest = batch
        rest.statements = batch.statements.enumerated().filter { refused[$0.offset] == nil }
            .map(\.element)
        let count = batch.statements.count
        let told = refused
        guard !rest.statements.isEmpty else {
            var response = BatchExecuteStatementResponse()
            response.responses = (0..<count).compactMap { told[$0] }
            completion(.success(OperationOutcome(.batchExecuteStatement(response))))
            return
        }
        next.handle(.batchExecuteStatement(rest), context: scope.context) { result in
            completion(
                result.map { outcome in
                    guard case .batchExecuteStatement(var response) = outcome.response else {
                        return outcome
                    }
                    var answers = response.responses[...]
                    response.responses = (0..<count).compactMap { index in
                        told[index] ?? answers.popFirst()
                    }
                    var outcome = outcome
                    outcome.response = .batchExecuteStatement(response)
                    return outcome
                })
        }
    }
}
