package import Operations

/// Does operations and books what they consume: stands before the engine for clients.
///
/// Triggers' own reads don't come this way: they are free.
package final class MeteredOperations: OperationHandler {
    private let next: any OperationHandler
    private let book: AccountBook

    package init(_ next: any OperationHandler, book: AccountBook) {
        self.next = next
        self.book = book
    }

    package func handle(
        _ request: OperationRequest, context: RequestContext,
        completion: @escaping @Sendable (Result<OperationOutcome, ServiceError>) -> Void
    ) {
        let entry = AccountBook.Entry(
            request: BookedRequest(request), caller: LiveCaller(context.accessKeyID),
            region: context.region, start: AccountBook.uptime())
        next.handle(request, context: context) { [book] result in
            book.record(entry, result)
            completion(result)
        }
    }
}
