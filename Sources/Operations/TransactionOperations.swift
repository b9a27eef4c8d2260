package import Items

/// ConditionCheck: an action of a transaction that only tests an item.
package struct ConditionCheck: Sendable {
    package var tableName = ""
    package var key = ItemBytes()
    package var condition = WriteCondition()
    package var attributes = ExpressionAttributes()
    /// As at `GetItemRequest`.
    package var valueFault: ServiceError?
    package init() {}
}

/// One action of a TransactWriteItems.
///
/// The single-item requests carry only what the action's shape has: no legacy parameters and no
/// returns.
package enum TransactWriteItem: Sendable {
    case put(PutItemRequest)
    case update(UpdateItemRequest)
    case delete(DeleteItemRequest)
    case conditionCheck(ConditionCheck)
    /// None or several of the members were given: a ValidationException.
    case malformed
}

/// TransactWriteItems.
package struct TransactWriteItemsRequest: Sendable {
    package var transactItems: [TransactWriteItem] = []
    package var returnConsumedCapacity = ReturnConsumedCapacity.none
    /// ReturnItemCollectionMetrics is SIZE.
    package var returnItemCollectionMetrics = false
    package var clientRequestToken: String?
    package init() {}
}

package struct TransactWriteItemsResponse: Sendable {
    /// One per table; nil where not asked.
    package var consumedCapacity: [ConsumedCapacity]?
    /// Per table; nil where not asked or no table has an LSI.
    package var itemCollectionMetrics: [(tableName: String, metrics: [ItemCollectionMetrics])]?
    package init() {}
}

/// One Get of a TransactGetItems.
package struct TransactGetItem: Sendable {
    package var tableName = ""
    package var key = ItemBytes()
    package var projectionExpression: String?
    package var names: [String: String]?
    /// As at `GetItemRequest`.
    package var valueFault: ServiceError?
    package init() {}
}

/// TransactGetItems.
package struct TransactGetItemsRequest: Sendable {
    package var transactItems: [TransactGetItem] = []
    package var returnConsumedCapacity = ReturnConsumedCapacity.none
    package init() {}
}

/// The answer of TransactGetItems and ExecuteTransaction.
package struct ItemResponses: Sendable {
    /// Member `Responses`: one per action, in order; nil where there is no item.
    package var responses: [ItemBytes?] = []
    /// One per table; nil where not asked.
    package var consumedCapacity: [ConsumedCapacity]?
    package init() {}
}

/// Why one action of a cancelled transaction failed, or that it did not.
package struct CancellationReason: Sendable, Hashable {
    /// What kind of failure.
    ///
    /// `None`, `ConditionalCheckFailed`, `TransactionConflict`, `ValidationError`,
    /// `DuplicateItem` and their like.
    package var code: String
    /// nil for `None`.
    package var message: String?
    /// The item, where ReturnValuesOnConditionCheckFailure is ALL_OLD.
    package var item: ItemBytes?

    package init(code: String, message: String? = nil, item: ItemBytes? = nil) {
        self.code = code
        self.message = message
        self.item = item
    }

    /// The action itself was in order.
    package static let none = CancellationReason(code: "None")

    package static func == (left: CancellationReason, right: CancellationReason) -> Bool {
        left.code == right.code && left.message == right.message && left.item == right.item
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(code)
        hasher.combine(message)
    }
}
