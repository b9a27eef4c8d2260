package import Operations

/// Does administration and, after a move of the clock, books what stood meanwhile before anything
/// else can change: stands before the engine, as `MeteredOperations` does.
package final class MeteredAdministration: AdministrationHandler {
    private let next: any AdministrationHandler
    private let book: AccountBook

    package init(_ next: any AdministrationHandler, book: AccountBook) {
        self.next = next
        self.book = book
    }

    package func administer(
        _ request: AdministrationRequest,
        completion: @escaping @Sendable (Result<AdministrationResponse, ServiceError>) -> Void
    ) {
        switch request {
        case .advanceClock, .setClock:
            next.administer(request) { [book] result in
                book.settle { completion(result) }
            }
        default: next.administer(request, completion: completion)
        }
    }
}
