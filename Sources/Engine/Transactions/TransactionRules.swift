internal import Operations

/// What holds for the actions of any transaction, reads and writes alike.
enum TransactionRules {
    /// - Throws: ValidationException for more than 100 actions.
    static func checkCount(_ count: Int) throws(ServiceError) {
        guard count <= Limits.transactionActionsMax else {
            throw .constraints([
                "Value at 'transactItems' failed to satisfy constraint: Member must have length "
                    + "less than or equal to \(Limits.transactionActionsMax)"
            ])
        }
    }

    /// - Throws: ValidationException for two actions on one item.
    static func checkDistinct(_ storedKeys: [[UInt8]]) throws(ServiceError) {
        guard Set(storedKeys).count == storedKeys.count else {
            throw .validation("Transaction request cannot include multiple operations on one item")
        }
    }
}
