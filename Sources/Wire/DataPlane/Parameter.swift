/// The member names of the data plane's requests.
enum Parameter {
    case action, attributeUpdates, attributeValueList, attributesToGet, clientRequestToken
    case comparisonOperator, conditionalOperator, conditionCheck, conditionExpression
    case consistentRead, delete, deleteRequest, exclusiveStartKey, exists, expected
    case expressionAttributeNames, expressionAttributeValues, filterExpression, get
    case indexName, item, key, keyConditionExpression, keyConditions, keys, limit
    case nextToken, parameters, projectionExpression, put, putRequest, queryFilter, requestItems
    case returnConsumedCapacity, returnItemCollectionMetrics, returnValues
    case returnValuesOnConditionCheckFailure
    case scanFilter, scanIndexForward, segment, select, statement, statements
    case tableName, totalSegments, transactItems, transactStatements
    case update, updateExpression, value

    /// The parameter of a name; nil where the model has none.
    init?(_ name: JSONText) {
        guard let parameter = name.count < 16 ? Self.short(name) : Self.long(name) else {
            return nil
        }
        self = parameter
    }

    private static func short(_ name: JSONText) -> Parameter? {
        switch name.count {
        case 3:
            return match(name, "Key", .key) ?? match(name, "Put", .put)
                ?? match(name, "Get", .get)
        case 4: return match(name, "Item", .item) ?? match(name, "Keys", .keys)
        case 5: return match(name, "Limit", .limit) ?? match(name, "Value", .value)
        case 6:
            return match(name, "Select", .select) ?? match(name, "Exists", .exists)
                ?? match(name, "Action", .action) ?? match(name, "Update", .update)
                ?? match(name, "Delete", .delete)
        case 7: return match(name, "Segment", .segment)
        case 8: return match(name, "Expected", .expected)
        case 9:
            return match(name, "TableName", .tableName) ?? match(name, "IndexName", .indexName)
                ?? match(name, "Statement", .statement) ?? match(name, "NextToken", .nextToken)
        case 10:
            return match(name, "PutRequest", .putRequest) ?? match(name, "ScanFilter", .scanFilter)
                ?? match(name, "Parameters", .parameters)
                ?? match(name, "Statements", .statements)
        case 11: return match(name, "QueryFilter", .queryFilter)
        case 12:
            return match(name, "ReturnValues", .returnValues)
                ?? match(name, "RequestItems", .requestItems)
        case 13:
            return match(name, "TotalSegments", .totalSegments)
                ?? match(name, "DeleteRequest", .deleteRequest)
                ?? match(name, "KeyConditions", .keyConditions)
                ?? match(name, "TransactItems", .transactItems)
        case 14:
            return match(name, "ConsistentRead", .consistentRead)
                ?? match(name, "ConditionCheck", .conditionCheck)
        case 15: return match(name, "AttributesToGet", .attributesToGet)
        default: return nil
        }
    }

    private static func long(_ name: JSONText) -> Parameter? {
        switch name.count {
        case 16:
            return match(name, "UpdateExpression", .updateExpression)
                ?? match(name, "FilterExpression", .filterExpression)
                ?? match(name, "ScanIndexForward", .scanIndexForward)
                ?? match(name, "AttributeUpdates", .attributeUpdates)
        case 17: return match(name, "ExclusiveStartKey", .exclusiveStartKey)
        case 18:
            return match(name, "ComparisonOperator", .comparisonOperator)
                ?? match(name, "AttributeValueList", .attributeValueList)
                ?? match(name, "ClientRequestToken", .clientRequestToken)
                ?? match(name, "TransactStatements", .transactStatements)
        case 19:
            return match(name, "ConditionExpression", .conditionExpression)
                ?? match(name, "ConditionalOperator", .conditionalOperator)
        case 20: return match(name, "ProjectionExpression", .projectionExpression)
        case 22:
            return match(name, "ReturnConsumedCapacity", .returnConsumedCapacity)
                ?? match(name, "KeyConditionExpression", .keyConditionExpression)
        case 24: return match(name, "ExpressionAttributeNames", .expressionAttributeNames)
        case 25: return match(name, "ExpressionAttributeValues", .expressionAttributeValues)
        case 27: return match(name, "ReturnItemCollectionMetrics", .returnItemCollectionMetrics)
        case 35:
            return match(
                name, "ReturnValuesOnConditionCheckFailure", .returnValuesOnConditionCheckFailure)
        default: return nil
        }
    }

    /// The parameter if the name is its; both have the same length.
    @inline(__always)
    private static func match(
        _ name: JSONText, _ text: StaticString, _ parameter: Parameter
    ) -> Parameter? {
        for index in 0..<min(name.count, text.utf8CodeUnitCount)
        where name[index] != text.utf8Start[index] {
            return nil
        }
        return parameter
    }
}
