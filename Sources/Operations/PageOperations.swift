package import Items

/// The Select parameter of Query and Scan.
package enum Select: String, Sendable {
    case allAttributes = "ALL_ATTRIBUTES"
    case allProjectedAttributes = "ALL_PROJECTED_ATTRIBUTES"
    case specificAttributes = "SPECIFIC_ATTRIBUTES"
    case count = "COUNT"
}

/// The parameters that Query and Scan share.
package struct PageParameters: Sendable {
    package var tableName = ""
    package var indexName: String?
    package var select: Select?
    package var attributesToGet: [String]?
    package var limit: Int?
    package var consistentRead = false
    package var conditionalOperator: ConditionalOperator?
    package var exclusiveStartKey: ItemBytes?
    package var returnConsumedCapacity = ReturnConsumedCapacity.none
    package var projectionExpression: String?
    package var filterExpression: String?
    /// QueryFilter or ScanFilter, in the request's order.
    package var legacyFilter: [(attribute: String, condition: AttributeCondition)]?
    package var attributes = ExpressionAttributes()
    /// As at `GetItemRequest`.
    package var valueFault: ServiceError?
    package init() {}
}

/// Query.
package struct QueryRequest: Sendable {
    package var page = PageParameters()
    package var keyConditionExpression: String?
    /// The legacy form, in the request's order.
    package var keyConditions: [(attribute: String, condition: AttributeCondition)]?
    package var scanIndexForward = true
    package init() {}
}

/// Scan.
package struct ScanRequest: Sendable {
    package var page = PageParameters()
    package var segment: Int?
    package var totalSegments: Int?
    package init() {}
}

/// The answer of Query and Scan.
package struct PageResponse: Sendable {
    /// Items; nil for Select COUNT.
    package var items: [ItemBytes]?
    package var count = 0
    package var scannedCount = 0
    package var lastEvaluatedKey: ItemBytes?
    package var consumedCapacity: ConsumedCapacity?
    package init() {}
}
