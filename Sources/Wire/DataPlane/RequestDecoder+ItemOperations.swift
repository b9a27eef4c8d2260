import Items
internal import Operations

extension RequestDecoder {
    mutating func getItem() throws(JSONFault) -> GetItemRequest {
        var request = GetItemRequest()
        var hasTable = false
        var hasKey = false
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            switch parameter {
            case .tableName:
                request.tableName = try tableName()
                hasTable = true
            case .key:
                request.key = try requestItem()
                hasKey = true
            case .attributesToGet: request.attributesToGet = try attributeNames()
            case .consistentRead: request.consistentRead = try reader.bool()
            case .returnConsumedCapacity: request.returnConsumedCapacity = try choice()
            case .projectionExpression: request.projectionExpression = try string()
            case .expressionAttributeNames: request.attributes.names = try expressionNames()
            default: try reader.skipValue()
            }
        }
        guard hasTable, hasKey else { throw .unexpected }
        request.valueFault = faults.first
        return request
    }

    mutating func putItem() throws(JSONFault) -> PutItemRequest {
        var request = PutItemRequest()
        var hasTable = false
        var hasItem = false
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            switch parameter {
            case .tableName:
                request.tableName = try tableName()
                hasTable = true
            case .item:
                // Item bytes are hardly ever longer than their JSON.
                let capacity = min(reader.remainingCount, Limits.itemBytesMax + 4_096)
                request.item = try requestItem(capacity: capacity)
                hasItem = true
            default:
                try writeParameter(
                    parameter, &request.condition, &request.attributes, &request.returns)
            }
        }
        guard hasTable, hasItem else { throw .unexpected }
        request.valueFault = faults.firstOfWrite
        return request
    }

    mutating func deleteItem() throws(JSONFault) -> DeleteItemRequest {
        var request = DeleteItemRequest()
        var hasTable = false
        var hasKey = false
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            switch parameter {
            case .tableName:
                request.tableName = try tableName()
                hasTable = true
            case .key:
                request.key = try requestItem()
                hasKey = true
            default:
                try writeParameter(
                    parameter, &request.condition, &request.attributes, &request.returns)
            }
        }
        guard hasTable, hasKey else { throw .unexpected }
        request.valueFault = faults.firstOfWrite
        return request
    }

    mutating func updateItem() throws(JSONFault) -> UpdateItemRequest {
        var request = UpdateItemRequest()
        var hasTable = false
        var hasKey = false
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            switch parameter {
            case .tableName:
                request.tableName = try tableName()
                hasTable = true
            case .key:
                request.key = try requestItem()
                hasKey = true
            case .updateExpression: request.updateExpression = try string()
            case .attributeUpdates: request.attributeUpdates = try attributeUpdates()
            default:
                try writeParameter(
                    parameter, &request.condition, &request.attributes, &request.returns)
            }
        }
        guard hasTable, hasKey else { throw .unexpected }
        request.valueFault = faults.firstOfWrite
        return request
    }

    /// Reads one of the parameters that PutItem, UpdateItem and DeleteItem share.
    private mutating func writeParameter(
        _ parameter: Parameter, _ condition: inout WriteCondition,
        _ attributes: inout ExpressionAttributes, _ returns: inout WriteReturns
    ) throws(JSONFault) {
        switch parameter {
        case .conditionExpression: condition.conditionExpression = try string()
        case .expected: condition.expected = try expected()
        case .conditionalOperator: condition.conditionalOperator = try choice()
        case .returnValuesOnConditionCheckFailure:
            condition.returnsOldOnFailure = try choice("ALL_OLD", orElse: "NONE")
        case .expressionAttributeNames: attributes.names = try expressionNames()
        case .expressionAttributeValues: attributes.values = try expressionValues()
        case .returnValues: returns.returnValues = try choice()
        case .returnConsumedCapacity: returns.returnConsumedCapacity = try choice()
        case .returnItemCollectionMetrics:
            returns.returnItemCollectionMetrics = try choice("SIZE", orElse: "NONE")
        default: try reader.skipValue()
        }
    }

    // MARK: Legacy parameters

    private mutating func legacyValue() throws(JSONFault) -> ItemValue {
        let (value, fault) = try value()
        if faults.legacy == nil { faults.legacy = fault }
        return value
    }

    /// AttributeUpdates.
    private mutating func attributeUpdates() throws(JSONFault) -> [(
        attribute: String, update: AttributeValueUpdate
    )] {
        var result: [(attribute: String, update: AttributeValueUpdate)] = []
        try forEachEntry { decoder, attribute throws(JSONFault) in
            var update = AttributeValueUpdate()
            var isFirst = true
            try decoder.reader.beginObject()
            while let parameter = try decoder.nextParameter(&isFirst) {
                switch parameter {
                case .value: update.value = try decoder.legacyValue()
                case .action: update.action = try decoder.choice()
                default: try decoder.reader.skipValue()
                }
            }
            result.append((attribute, update))
        }
        return result
    }

    /// Expected.
    private mutating func expected() throws(JSONFault) -> [(
        attribute: String, value: ExpectedAttributeValue
    )] {
        var result: [(attribute: String, value: ExpectedAttributeValue)] = []
        try forEachEntry { decoder, attribute throws(JSONFault) in
            var expected = ExpectedAttributeValue()
            var isFirst = true
            try decoder.reader.beginObject()
            while let parameter = try decoder.nextParameter(&isFirst) {
                switch parameter {
                case .value: expected.value = try decoder.legacyValue()
                case .exists: expected.exists = try decoder.reader.bool()
                case .comparisonOperator: expected.comparisonOperator = try decoder.choice()
                case .attributeValueList: expected.attributeValueList = try decoder.values()
                default: try decoder.reader.skipValue()
                }
            }
            result.append((attribute, expected))
        }
        return result
    }

    /// KeyConditions, QueryFilter or ScanFilter.
    mutating func conditions() throws(JSONFault) -> [(
        attribute: String, condition: AttributeCondition
    )] {
        var result: [(attribute: String, condition: AttributeCondition)] = []
        try forEachEntry { decoder, attribute throws(JSONFault) in
            var comparison: ComparisonOperator?
            var values: [ItemValue]?
            var isFirst = true
            try decoder.reader.beginObject()
            while let parameter = try decoder.nextParameter(&isFirst) {
                switch parameter {
                case .comparisonOperator: comparison = try decoder.choice()
                case .attributeValueList: values = try decoder.values()
                default: try decoder.reader.skipValue()
                }
            }
            guard let comparison else { throw .unexpected }
            result.append((attribute, AttributeCondition(comparison, values: values)))
        }
        return result
    }
}
