internal import Operations

/// Why a transaction is cancelled before it reads an item: what its actions break of their tables'
/// schemas.
struct CancellationReasons {
    private var reasons: [CancellationReason]

    init(count: Int) { reasons = Array(repeating: .none, count: count) }

    /// Checks an action against its table; nil where it fails, which is kept.
    ///
    /// - Throws: what refuses the request as a whole.
    mutating func gather<Checked>(
        at position: Int, _ check: () throws(ServiceError) -> Checked
    ) throws(ServiceError) -> Checked? {
        do throws(ServiceError) {
            return try check()
        } catch {
            guard error.code == "ValidationException", !KeyFaults.isEmptyKey(error) else {
                throw error
            }
            reasons[position] = ActionFailure.validation(error.message).reason
            return nil
        }
    }

    /// - Throws: TransactionCanceledException where any action failed.
    func throwIfAny() throws(ServiceError) {
        guard reasons.allSatisfy({ $0 == .none }) else { throw .transactionCanceled(reasons) }
    }
}
