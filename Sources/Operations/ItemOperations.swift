package import Items

/// The ReturnValues parameter.
package enum ReturnValues: String, Sendable {
    case none = "NONE"
    case allOld = "ALL_OLD"
    case updatedOld = "UPDATED_OLD"
    case allNew = "ALL_NEW"
    case updatedNew = "UPDATED_NEW"
}

/// The ConditionalOperator parameter of the legacy conditions.
package enum ConditionalOperator: String, Sendable {
    case and = "AND"
    case or = "OR"
}

/// A comparison of the legacy conditions.
package enum ComparisonOperator: String, Sendable {
    case equal = "EQ"
    case notEqual = "NE"
    case `in` = "IN"
    case lessOrEqual = "LE"
    case less = "LT"
    case greaterOrEqual = "GE"
    case greater = "GT"
    case between = "BETWEEN"
    case notNull = "NOT_NULL"
    case null = "NULL"
    case contains = "CONTAINS"
    case notContains = "NOT_CONTAINS"
    case beginsWith = "BEGINS_WITH"
}

/// A legacy condition on one attribute (KeyConditions, QueryFilter, ScanFilter).
package struct AttributeCondition: Sendable {
    package var comparisonOperator: ComparisonOperator
    /// AttributeValueList; nil where it was not sent.
    package var values: [ItemValue]?
    package init(_ comparisonOperator: ComparisonOperator, values: [ItemValue]? = nil) {
        self.comparisonOperator = comparisonOperator
        self.values = values
    }
}

/// A legacy expectation on one attribute (Expected).
package struct ExpectedAttributeValue: Sendable {
    package var value: ItemValue?
    package var exists: Bool?
    package var comparisonOperator: ComparisonOperator?
    package var attributeValueList: [ItemValue]?
    package init() {}
}

/// A legacy update of one attribute (AttributeUpdates).
package struct AttributeValueUpdate: Sendable {
    package enum Action: String, Sendable {
        case add = "ADD"
        case put = "PUT"
        case delete = "DELETE"
    }
    package var value: ItemValue?
    package var action: Action?
    package init() {}
}

/// ExpressionAttributeNames and ExpressionAttributeValues as sent; nil where not sent.
package struct ExpressionAttributes: Sendable {
    package var names: [String: String]?
    package var values: [String: ItemValue]?
    package init() {}
}

/// The condition of a single-item write, in either form.
package struct WriteCondition: Sendable {
    package var conditionExpression: String?
    /// The legacy form, in the request's order.
    package var expected: [(attribute: String, value: ExpectedAttributeValue)]?
    package var conditionalOperator: ConditionalOperator?
    /// ReturnValuesOnConditionCheckFailure is ALL_OLD.
    package var returnsOldOnFailure = false
    package init() {}
}

/// What a single-item write is asked to tell.
package struct WriteReturns: Sendable {
    package var returnValues = ReturnValues.none
    package var returnConsumedCapacity = ReturnConsumedCapacity.none
    /// ReturnItemCollectionMetrics is SIZE.
    package var returnItemCollectionMetrics = false
    package init() {}
}

/// GetItem.
package struct GetItemRequest: Sendable {
    package var tableName = ""
    package var key = ItemBytes()
    package var attributesToGet: [String]?
    package var consistentRead = false
    package var returnConsumedCapacity = ReturnConsumedCapacity.none
    package var projectionExpression: String?
    package var attributes = ExpressionAttributes()
    /// The first fault of an attribute value: a bad number, an empty set, say.
    ///
    /// It is to be thrown in its place among the semantic checks; `key` is then not whole.
    package var valueFault: ServiceError?
    package init() {}
}

package struct GetItemResponse: Sendable {
    package var item: ItemBytes?
    package var consumedCapacity: ConsumedCapacity?
    package init(item: ItemBytes? = nil, consumedCapacity: ConsumedCapacity? = nil) {
        self.item = item
        self.consumedCapacity = consumedCapacity
    }
}

/// PutItem.
package struct PutItemRequest: Sendable {
    package var tableName = ""
    package var item = ItemBytes()
    package var condition = WriteCondition()
    package var attributes = ExpressionAttributes()
    package var returns = WriteReturns()
    /// As at `GetItemRequest`.
    package var valueFault: ServiceError?
    package init() {}
}

/// DeleteItem.
package struct DeleteItemRequest: Sendable {
    package var tableName = ""
    package var key = ItemBytes()
    package var condition = WriteCondition()
    package var attributes = ExpressionAttributes()
    package var returns = WriteReturns()
    /// As at `GetItemRequest`.
    package var valueFault: ServiceError?
    package init() {}
}

/// UpdateItem.
package struct UpdateItemRequest: Sendable {
    package var tableName = ""
    package var key = ItemBytes()
    package var updateExpression: String?
    /// The legacy form, in the request's order.
    package var attributeUpdates: [(attribute: String, update: AttributeValueUpdate)]?
    package var condition = WriteCondition()
    package var attributes = ExpressionAttributes()
    package var returns = WriteReturns()
    /// As at `GetItemRequest`.
    package var valueFault: ServiceError?
    package init() {}
}

/// The size of an item collection (of a table with LSIs), when asked.
package struct ItemCollectionMetrics: Sendable {
    /// The partition key attribute and its value.
    package var itemCollectionKey: ItemBytes
    /// The lower and upper bound in gigabytes.
    package var sizeEstimateRangeGB: (Double, Double)
    package init(itemCollectionKey: ItemBytes, sizeEstimateRangeGB: (Double, Double)) {
        self.itemCollectionKey = itemCollectionKey
        self.sizeEstimateRangeGB = sizeEstimateRangeGB
    }
}

/// The answer of PutItem, UpdateItem and DeleteItem.
package struct WriteItemResponse: Sendable {
    /// Attributes; nil where nothing was asked or nothing was there.
    package var attributes: ItemBytes?
    package var consumedCapacity: ConsumedCapacity?
    package var itemCollectionMetrics: ItemCollectionMetrics?
    package init() {}
}

/// One table's part of a BatchGetItem, as asked and as handed back in UnprocessedKeys.
package struct KeysAndAttributes: Sendable {
    package var keys: [ItemBytes] = []
    package var attributesToGet: [String]?
    package var consistentRead: Bool?
    package var projectionExpression: String?
    package var names: [String: String]?
    package init() {}
}

/// BatchGetItem.
package struct BatchGetItemRequest: Sendable {
    /// In the request's order of tables.
    package var requestItems: [(tableName: String, keys: KeysAndAttributes)] = []
    package var returnConsumedCapacity = ReturnConsumedCapacity.none
    /// As at `GetItemRequest`.
    package var valueFault: ServiceError?
    package init() {}
}

package struct BatchGetItemResponse: Sendable {
    package var responses: [(tableName: String, items: [ItemBytes])] = []
    package var unprocessedKeys: [(tableName: String, keys: KeysAndAttributes)] = []
    /// One per table; nil where not asked.
    package var consumedCapacity: [ConsumedCapacity]?
    package init() {}
}

/// One write of a BatchWriteItem.
package enum WriteRequest: Sendable {
    case put(ItemBytes)
    case delete(ItemBytes)
    /// Neither or both of PutRequest and DeleteRequest were given: a ValidationException.
    case malformed
}

/// BatchWriteItem.
package struct BatchWriteItemRequest: Sendable {
    /// In the request's order of tables.
    package var requestItems: [(tableName: String, writes: [WriteRequest])] = []
    package var returnConsumedCapacity = ReturnConsumedCapacity.none
    package var returnItemCollectionMetrics = false
    /// As at `GetItemRequest`.
    package var valueFault: ServiceError?
    package init() {}
}

package struct BatchWriteItemResponse: Sendable {
    package var unprocessedItems: [(tableName: String, writes: [WriteRequest])] = []
    /// Per table; nil where not asked or no table has an LSI.
    package var itemCollectionMetrics: [(tableName: String, metrics: [ItemCollectionMetrics])]?
    /// One per table; nil where not asked.
    package var consumedCapacity: [ConsumedCapacity]?
    package init() {}
}
