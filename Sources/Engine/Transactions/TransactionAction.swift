internal import Items
internal import Operations

/// One action of a write transaction, checked as far as it can be without the current item.
///
/// TransactWriteItems and PartiQL's ExecuteTransaction both come down to a list of these.
struct TransactionAction: Sendable {
    /// What an action does to its item.
    enum Change: Sendable {
        /// Nothing: a ConditionCheck, or an EXISTS.
        case none
        case put(ItemBytes)
        case delete

        /// The item after the change of one that is as given.
        func item(_ old: ItemBytes?) -> ItemBytes? {
            switch self {
            case .none: old
            case .put(let item): item
            case .delete: nil
            }
        }
    }

    typealias Evaluation = @Sendable (ItemBytes?, Table) -> Result<Change, ActionFailure>

    /// The table's name as the request gave it.
    let tableName: String
    let table: Table
    let storedKey: [UInt8]
    /// Whether the action can only test its item.
    let isConditionCheck: Bool
    /// The change for the item as it is (nil: there is none), or why there can be none.
    ///
    /// Pure: it may be called on any thread, and more than once. The table is the one that the
    /// commit path sees, whose indexes may be newer than those of `table`.
    let evaluate: Evaluation

    /// What reading or testing the action's item consumed.
    func consumption(_ units: Units, of item: ItemBytes?) -> TableConsumption {
        TableConsumption(tableName: tableName, storedKey: storedKey, units: units, item: item)
    }
}

/// Why one action cancels its transaction.
struct ActionFailure: Error, Sendable {
    let reason: CancellationReason

    init(_ reason: CancellationReason) { self.reason = reason }

    /// The condition did not hold; shows the item where that was asked.
    static func conditionalCheckFailed(item: ItemBytes?) -> ActionFailure {
        ActionFailure(
            CancellationReason(
                code: "ConditionalCheckFailed", message: "The conditional request failed",
                item: item))
    }

    /// The action's outcome breaks a rule that only the current item could tell.
    static func validation(_ message: String) -> ActionFailure {
        ActionFailure(CancellationReason(code: "ValidationError", message: message))
    }
}
