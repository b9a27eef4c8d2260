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
        let run: @Sendable () -> Void = { [next, book] in
            next.handle(request, context: context) { result in
                book.record(entry, result)
                completion(result)
            }
        }
        // What tables hold and are provisioned with is booked up to the change.
        if entry.request.operation.changesSettings { book.settle(then: run) } else { run() }
    }
}
