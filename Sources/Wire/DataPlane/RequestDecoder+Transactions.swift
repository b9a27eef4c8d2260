import Items
internal import Operations

extension RequestDecoder {
    mutating func transactWriteItems() throws(JSONFault) -> TransactWriteItemsRequest {
        var request = TransactWriteItemsRequest()
        var hasItems = false
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            switch parameter {
            case .transactItems:
                request.transactItems = try list(
                    1...Limits.transactionActionsMax
                ) { decoder throws(JSONFault) in try decoder.transactWriteItem() }
                hasItems = true
            case .returnConsumedCapacity: request.returnConsumedCapacity = try choice()
            case .returnItemCollectionMetrics:
                request.returnItemCollectionMetrics = try choice("SIZE", orElse: "NONE")
            case .clientRequestToken: request.clientRequestToken = try clientRequestToken()
            default: try reader.skipValue()
            }
        }
        guard hasItems else { throw .unexpected }
        return request
    }

    mutating func transactGetItems() throws(JSONFault) -> TransactGetItemsRequest {
        var request = TransactGetItemsRequest()
        var hasItems = false
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            switch parameter {
            case .transactItems:
                request.transactItems = try list(
                    1...Limits.transactionActionsMax
                ) { decoder throws(JSONFault) in try decoder.transactGetItem() }
                hasItems = true
            case .returnConsumedCapacity: request.returnConsumedCapacity = try choice()
            default: try reader.skipValue()
            }
        }
        guard hasItems else { throw .unexpected }
        return request
    }

    mutating func clientRequestToken() throws(JSONFault) -> String {
        try string(1...Limits.clientRequestTokenLengthMax)
    }

    // MARK: Actions

    /// The members of an action of a transaction, of whichever shape.
    private struct Action {
        var tableName = ""
        /// Item or Key.
        var item = ItemBytes()
        var updateExpression: String?
        var condition = WriteCondition()
        var attributes = ExpressionAttributes()
        var valueFault: ServiceError?
    }

    /// Reads an object of which one member should be given.
    private mutating func transactWriteItem() throws(JSONFault) -> TransactWriteItem {
        var result = TransactWriteItem.malformed
        var count = 0
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            switch parameter {
            case .put: result = .put(try put())
            case .update: result = .update(try update())
            case .delete: result = .delete(try delete())
            case .conditionCheck: result = .conditionCheck(try conditionCheck())
            default:
                try reader.skipValue()
                continue
            }
            count += 1
        }
        // One member given twice is irregular, but not malformed.
        guard isValidated || count == 1 else { throw .unexpected }
        return count == 1 ? result : .malformed
    }

    private mutating func put() throws(JSONFault) -> PutItemRequest {
        let action = try action(of: .item)
        var request = PutItemRequest()
        request.tableName = action.tableName
        request.item = action.item
        request.condition = action.condition
        request.attributes = action.attributes
        request.valueFault = action.valueFault
        return request
    }

    private mutating func update() throws(JSONFault) -> UpdateItemRequest {
        let action = try action(of: .key, hasUpdate: true)
        guard action.updateExpression != nil else { throw .unexpected }
        var request = UpdateItemRequest()
        request.tableName = action.tableName
        request.key = action.item
        request.updateExpression = action.updateExpression
        request.condition = action.condition
        request.attributes = action.attributes
        request.valueFault = action.valueFault
        return request
    }

    private mutating func delete() throws(JSONFault) -> DeleteItemRequest {
        let action = try action(of: .key)
        var request = DeleteItemRequest()
        request.tableName = action.tableName
        request.key = action.item
        request.condition = action.condition
        request.attributes = action.attributes
        request.valueFault = action.valueFault
        return request
    }

    private mutating func conditionCheck() throws(JSONFault) -> ConditionCheck {
        let action = try action(of: .key)
        guard action.condition.conditionExpression != nil else { throw .unexpected }
        var check = ConditionCheck()
        check.tableName = action.tableName
        check.key = action.item
        check.condition = action.condition
        check.attributes = action.attributes
        check.valueFault = action.valueFault
        return check
    }

    /// Reads the members of a Put, Update, Delete or ConditionCheck.
    ///
    /// - Parameter itemMember: `.item` or `.key`, whichever the shape has.
    private mutating func action(
        of itemMember: Parameter, hasUpdate: Bool = false
    ) throws(JSONFault) -> Action {
        var action = Action()
        var hasTable = false
        var hasItem = false
        var isFirst = true
        faults = ValueFaults()
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            switch parameter {
            case itemMember:
                action.item = try requestItem()
                hasItem = true
            case .tableName:
                action.tableName = try tableName()
                hasTable = true
            case .updateExpression where hasUpdate: action.updateExpression = try string()
            case .conditionExpression: action.condition.conditionExpression = try string()
            case .expressionAttributeNames: action.attributes.names = try expressionNames()
            case .expressionAttributeValues: action.attributes.values = try expressionValues()
            case .returnValuesOnConditionCheckFailure:
                action.condition.returnsOldOnFailure = try choice("ALL_OLD", orElse: "NONE")
            default: try reader.skipValue()
            }
        }
        guard hasTable, hasItem else { throw .unexpected }
        action.valueFault = faults.first
        return action
    }

    /// Reads an object whose only member, Get, is required.
    private mutating func transactGetItem() throws(JSONFault) -> TransactGetItem {
        var result: TransactGetItem?
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            if parameter == .get {
                result = try get()
            } else {
                try reader.skipValue()
            }
        }
        guard let result else { throw .unexpected }
        return result
    }

    private mutating func get() throws(JSONFault) -> TransactGetItem {
        var get = TransactGetItem()
        var hasTable = false
        var hasKey = false
        var isFirst = true
        faults = ValueFaults()
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            switch parameter {
            case .tableName:
                get.tableName = try tableName()
                hasTable = true
            case .key:
                get.key = try requestItem()
                hasKey = true
            case .projectionExpression: get.projectionExpression = try string()
            case .expressionAttributeNames: get.names = try expressionNames()
            default: try reader.skipValue()
            }
        }
        guard hasTable, hasKey else { throw .unexpected }
        get.valueFault = faults.first
        return get
    }
}
