package import Items

/// A PartiQL statement with its parameters.
package struct Statement: Sendable {
    package var text = ""
    /// The values of the statement's `?`, in order; nil where not sent.
    package var parameters: [ItemValue]?
    /// ReturnValuesOnConditionCheckFailure is ALL_OLD.
    package var returnsOldOnFailure = false
    /// The first fault of a parameter's value, as at `GetItemRequest`.
    package var valueFault: ServiceError?
    package init() {}
}

/// ExecuteStatement.
package struct ExecuteStatementRequest: Sendable {
    package var statement = Statement()
    package var consistentRead = false
    package var nextToken: String?
    package var returnConsumedCapacity = ReturnConsumedCapacity.none
    package var limit: Int?
    package init() {}
}

package struct ExecuteStatementResponse: Sendable {
    /// The rows of a SELECT, or what RETURNING tells; an empty list for other writes.
    package var items: [ItemBytes] = []
    package var nextToken: String?
    package var lastEvaluatedKey: ItemBytes?
    package var consumedCapacity: ConsumedCapacity?
    package init() {}
}

/// BatchExecuteStatement.
package struct BatchExecuteStatementRequest: Sendable {
    package var statements: [(statement: Statement, consistentRead: Bool)] = []
    package var returnConsumedCapacity = ReturnConsumedCapacity.none
    package init() {}
}

/// Why one statement of a batch failed.
package struct BatchStatementError: Sendable {
    /// One of BatchStatementErrorCodeEnum.
    ///
    /// `ConditionalCheckFailed`, `ValidationError` and their like.
    package var code: String
    package var message: String
    package var item: ItemBytes?
    package init(code: String, message: String, item: ItemBytes? = nil) {
        self.code = code
        self.message = message
        self.item = item
    }
}

package struct BatchStatementResponse: Sendable {
    package var error: BatchStatementError?
    package var tableName: String?
    package var item: ItemBytes?
    package init() {}
}

package struct BatchExecuteStatementResponse: Sendable {
    /// One per statement, in order.
    package var responses: [BatchStatementResponse] = []
    /// One per table; nil where not asked.
    package var consumedCapacity: [ConsumedCapacity]?
    package init() {}
}

/// ExecuteTransaction; it is answered by `ItemResponses`.
package struct ExecuteTransactionRequest: Sendable {
    package var statements: [Statement] = []
    package var clientRequestToken: String?
    package var returnConsumedCapacity = ReturnConsumedCapacity.none
    package init() {}
}
