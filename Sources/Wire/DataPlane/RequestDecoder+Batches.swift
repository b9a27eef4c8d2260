import Items
internal import Operations

extension RequestDecoder {
    mutating func batchGetItem() throws(JSONFault) -> BatchGetItemRequest {
        var request = BatchGetItemRequest()
        var hasItems = false
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            switch parameter {
            case .requestItems:
                faults.item = nil
                request.requestItems = try batchTables(
                    max: Limits.batchGetKeysMax
                ) { decoder, table throws(JSONFault) in (table, try decoder.keysAndAttributes()) }
                hasItems = true
            case .returnConsumedCapacity: request.returnConsumedCapacity = try choice()
            default: try reader.skipValue()
            }
        }
        guard hasItems else { throw .unexpected }
        request.valueFault = faults.first
        return request
    }

    mutating func batchWriteItem() throws(JSONFault) -> BatchWriteItemRequest {
        var request = BatchWriteItemRequest()
        var hasItems = false
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            switch parameter {
            case .requestItems:
                faults.item = nil
                request.requestItems = try batchTables(
                    max: Limits.batchWriteItemsMax
                ) { decoder, table throws(JSONFault) in (table, try decoder.writeRequests()) }
                hasItems = true
            case .returnConsumedCapacity: request.returnConsumedCapacity = try choice()
            case .returnItemCollectionMetrics:
                request.returnItemCollectionMetrics = try choice("SIZE", orElse: "NONE")
            default: try reader.skipValue()
            }
        }
        guard hasItems else { throw .unexpected }
        request.valueFault = faults.first
        return request
    }

    /// Reads RequestItems: each table's part by `part`.
    private mutating func batchTables<Part>(
        max: Int, _ part: (inout RequestDecoder, String) throws(JSONFault) -> Part
    ) throws(JSONFault) -> [Part] {
        var result: [Part] = []
        var isRegular = true
        try forEachEntry { decoder, table throws(JSONFault) in
            if !(1...1_024).contains(table.utf8.count) { isRegular = false }
            result.append(try part(&decoder, table))
        }
        guard isValidated || (isRegular && (1...max).contains(result.count)) else {
            throw .unexpected
        }
        return result
    }

    private mutating func batchItem() throws(JSONFault) -> ItemBytes {
        let (item, fault) = try item()
        if faults.item == nil { faults.item = fault }
        return item
    }

    private mutating func keysAndAttributes() throws(JSONFault) -> KeysAndAttributes {
        var part = KeysAndAttributes()
        var hasKeys = false
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            switch parameter {
            case .keys:
                part.keys = try list(1...Limits.batchGetKeysMax) { decoder throws(JSONFault) in
                    try decoder.batchItem()
                }
                hasKeys = true
            case .attributesToGet: part.attributesToGet = try attributeNames()
            case .consistentRead: part.consistentRead = try reader.bool()
            case .projectionExpression: part.projectionExpression = try string()
            case .expressionAttributeNames: part.names = try expressionNames()
            default: try reader.skipValue()
            }
        }
        guard hasKeys else { throw .unexpected }
        return part
    }

    private mutating func writeRequests() throws(JSONFault) -> [WriteRequest] {
        try list(1...Limits.batchWriteItemsMax) { decoder throws(JSONFault) in
            try decoder.writeRequest()
        }
    }

    private mutating func writeRequest() throws(JSONFault) -> WriteRequest {
        var put: ItemBytes?
        var delete: ItemBytes?
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            switch parameter {
            case .putRequest: put = try onlyMember(.item)
            case .deleteRequest: delete = try onlyMember(.key)
            default: try reader.skipValue()
            }
        }
        switch (put, delete) {
        case (let item?, nil): return .put(item)
        case (nil, let key?): return .delete(key)
        default: return .malformed
        }
    }

    /// Reads a PutRequest or DeleteRequest: an object with one required map of attributes.
    private mutating func onlyMember(_ member: Parameter) throws(JSONFault) -> ItemBytes {
        var result: ItemBytes?
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            if parameter == member {
                result = try batchItem()
            } else {
                try reader.skipValue()
            }
        }
        guard let result else { throw .unexpected }
        return result
    }
}
