internal import Operations

extension RequestDecoder {
    mutating func query() throws(JSONFault) -> QueryRequest {
        var request = QueryRequest()
        var hasTable = false
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            switch parameter {
            case .tableName:
                request.page.tableName = try tableName()
                hasTable = true
            case .keyConditionExpression: request.keyConditionExpression = try string()
            case .keyConditions: request.keyConditions = try conditions()
            case .scanIndexForward: request.scanIndexForward = try reader.bool()
            case .queryFilter: request.page.legacyFilter = try conditions()
            default: try pageParameter(parameter, &request.page)
            }
        }
        guard hasTable else { throw .unexpected }
        request.page.valueFault = faults.first
        return request
    }

    mutating func scan() throws(JSONFault) -> ScanRequest {
        var request = ScanRequest()
        var hasTable = false
        var isFirst = true
        try reader.beginObject()
        while let parameter = try nextParameter(&isFirst) {
            switch parameter {
            case .tableName:
                request.page.tableName = try tableName()
                hasTable = true
            case .segment: request.segment = try integer(0...Limits.scanSegmentsMax - 1)
            case .totalSegments: request.totalSegments = try integer(1...Limits.scanSegmentsMax)
            case .scanFilter: request.page.legacyFilter = try conditions()
            default: try pageParameter(parameter, &request.page)
            }
        }
        guard hasTable else { throw .unexpected }
        request.page.valueFault = faults.first
        return request
    }

    /// Reads one of the parameters that Query and Scan share.
    private mutating func pageParameter(
        _ parameter: Parameter, _ page: inout PageParameters
    ) throws(JSONFault) {
        switch parameter {
        case .indexName: page.indexName = try indexName()
        case .select: page.select = try choice()
        case .attributesToGet: page.attributesToGet = try attributeNames()
        case .limit: page.limit = try integer(1...Int(Int32.max))
        case .consistentRead: page.consistentRead = try reader.bool()
        case .conditionalOperator: page.conditionalOperator = try choice()
        case .exclusiveStartKey:
            let (key, fault) = try item()
            page.exclusiveStartKey = key
            faults.item = fault.map { "The provided starting key is invalid: " + $0 }
        case .returnConsumedCapacity: page.returnConsumedCapacity = try choice()
        case .projectionExpression: page.projectionExpression = try string()
        case .filterExpression: page.filterExpression = try string()
        case .expressionAttributeNames: page.attributes.names = try expressionNames()
        case .expressionAttributeValues: page.attributes.values = try expressionValues()
        default: try reader.skipValue()
        }
    }
}
