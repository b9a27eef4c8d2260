package import Operations

/// The wire: JSON bodies to operations, answers and errors to JSON bodies.
///
/// A data-plane body is decoded by one streaming pass, which takes only what is regular. What it
/// refuses, and every control-plane body, is read as a tree and checked against the service's
/// model, which gives the exact error; a refused body in which the model finds no fault (a name
/// twice in a map, a null element) is written anew from the tree and decoded from that.
package enum WireCodec {
    private static let prefix = "DynamoDB_20120810."
    private static let streamsPrefix = "DynamoDBStreams_20120810."

    /// The X-Amz-Target of an operation of either API.
    package static func target(operation: String) -> String {
        (StreamCodec.operations.contains(operation) ? streamsPrefix : prefix) + operation
    }

    /// Decodes a request's body.
    ///
    /// - Parameter target: the X-Amz-Target, `DynamoDB_20120810.PutItem` say.
    /// - Throws: a SerializationException without a message for what is not JSON, else
    ///   UnknownOperationException, a SerializationException for a wrong JSON type, or the
    ///   ValidationException of the model's constraints.
    package static func decode(
        target: String, body: UnsafeRawBufferPointer
    ) throws(ServiceError) -> OperationRequest {
        guard let operation = DataPlaneOperation(target: target) else {
            return try decodeOther(target: target, body: body)
        }
        do throws(JSONFault) {
            var decoder = RequestDecoder(body, isValidated: false)
            return try decoder.request(operation)
        } catch {
            return try decodeIrregular(operation, body)
        }
    }

    /// Whether a body is one JSON value, of whatever kind.
    package static func isJSON(_ body: UnsafeRawBufferPointer) -> Bool {
        do throws(JSONFault) {
            var reader = JSONReader(body)
            try reader.skipValue()
            try reader.finish()
            return true
        } catch {
            return false
        }
    }

    /// Appends an answer's body; TagResource and UntagResource have none.
    package static func encode(_ response: OperationResponse, into output: inout [UInt8]) {
        var writer = JSONWriter(appendingTo: output.handedOver())
        switch response {
        case .getItem(let response): writer.answer(response)
        case .writeItem(let response): writer.answer(response)
        case .page(let response): writer.answer(response)
        case .batchGetItem(let response): writer.answer(response)
        case .batchWriteItem(let response): writer.answer(response)
        case .transactWriteItems(let response): writer.answer(response)
        case .itemResponses(let response): writer.answer(response)
        case .executeStatement(let response): writer.answer(response)
        case .batchExecuteStatement(let response): writer.answer(response)
        case .records(let response): writer.answer(response)
        case .listStreams, .streamDescription, .shardIterator:
            StreamCodec.encode(response, into: &writer)
        case .empty: break
        default: TableCodec.encode(response, into: &writer)
        }
        output = writer.bytes
    }

    /// Appends an error's body.
    package static func encode(_ error: ServiceError, into output: inout [UInt8]) {
        var writer = JSONWriter(appendingTo: output.handedOver())
        writer.error(error)
        output = writer.bytes
    }

    // MARK: The slow path

    /// Finds what is wrong with a data-plane body, or its plain meaning if nothing is.
    private static func decodeIrregular(
        _ operation: DataPlaneOperation, _ body: UnsafeRawBufferPointer
    ) throws(ServiceError) -> OperationRequest {
        let value = try JSONValue.parse(body)
        try ModelValidator.check(operation: operation.rawValue, of: .shared, body: value)
        var writer = JSONWriter()
        writer.value(value)
        do throws(JSONFault) {
            return try writer.bytes.withUnsafeBufferPointer { bytes throws(JSONFault) in
                var decoder = RequestDecoder(UnsafeRawBufferPointer(bytes), isValidated: true)
                return try decoder.request(operation)
            }
        } catch {
            throw .serialization(nil)
        }
    }

    private static func decodeOther(
        target: String, body: UnsafeRawBufferPointer
    ) throws(ServiceError) -> OperationRequest {
        if target.hasPrefix(prefix) {
            let operation = String(target.dropFirst(prefix.count))
            if controlPlane.contains(operation) {
                let value = try JSONValue.parse(body)
                try ModelValidator.check(operation: operation, of: .shared, body: value)
                return try TableCodec.decode(operation: operation, body: value)
            }
            if unsupported.contains(operation) { throw notSupported(operation) }
        } else if target.hasPrefix(streamsPrefix) {
            let operation = String(target.dropFirst(streamsPrefix.count))
            if StreamCodec.operations.contains(operation) {
                let value = try JSONValue.parse(body)
                try ModelValidator.check(operation: operation, of: .streams, body: value)
                return try StreamCodec.decode(operation: operation, body: value)
            }
        }
        guard body.isEmpty || isJSON(body) else { throw .serialization(nil) }
        throw ServiceError("UnknownOperationException", "", namespace: .coralService)
    }

    private static func notSupported(_ operation: String) -> ServiceError {
        ServiceError(
            "UnknownOperationException",
            "The operation \(operation) is not supported by this version of Basalt",
            namespace: .coralService)
    }

    /// The operations that `TableCodec` decodes.
    private static let controlPlane: Set<String> = [
        "CreateTable", "DeleteResourcePolicy", "DeleteTable", "DescribeContinuousBackups",
        "DescribeEndpoints", "DescribeLimits", "DescribeTable", "DescribeTimeToLive",
        "GetResourcePolicy", "ListTables", "ListTagsOfResource", "PutResourcePolicy",
        "TagResource", "UntagResource", "UpdateContinuousBackups", "UpdateTable",
        "UpdateTimeToLive",
    ]

    /// The operations of the service's model that this version doesn't do.
    private static let unsupported: Set<String> = [
        "CreateBackup", "CreateGlobalTable", "DeleteBackup", "DescribeBackup",
        "DescribeContributorInsights", "DescribeExport", "DescribeGlobalTable",
        "DescribeGlobalTableSettings", "DescribeImport", "DescribeKinesisStreamingDestination",
        "DescribeTableReplicaAutoScaling", "DisableKinesisStreamingDestination",
        "EnableKinesisStreamingDestination", "ExportTableToPointInTime", "ImportTable",
        "ListBackups", "ListContributorInsights", "ListExports", "ListGlobalTables", "ListImports",
        "RestoreTableFromBackup", "RestoreTableToPointInTime", "SearchVectors",
        "UpdateContributorInsights", "UpdateGlobalTable", "UpdateGlobalTableSettings",
        "UpdateKinesisStreamingDestination", "UpdateTableReplicaAutoScaling",
    ]
}

extension DataPlaneOperation {
    /// The operation of a target; nil where it is none of the data plane's.
    fileprivate init?(target: String) {
        switch target {
        case "DynamoDB_20120810.GetItem": self = .getItem
        case "DynamoDB_20120810.PutItem": self = .putItem
        case "DynamoDB_20120810.UpdateItem": self = .updateItem
        case "DynamoDB_20120810.Query": self = .query
        case "DynamoDB_20120810.DeleteItem": self = .deleteItem
        case "DynamoDB_20120810.BatchGetItem": self = .batchGetItem
        case "DynamoDB_20120810.BatchWriteItem": self = .batchWriteItem
        case "DynamoDB_20120810.Scan": self = .scan
        case "DynamoDB_20120810.TransactWriteItems": self = .transactWriteItems
        case "DynamoDB_20120810.TransactGetItems": self = .transactGetItems
        case "DynamoDB_20120810.ExecuteStatement": self = .executeStatement
        case "DynamoDB_20120810.BatchExecuteStatement": self = .batchExecuteStatement
        case "DynamoDB_20120810.ExecuteTransaction": self = .executeTransaction
        default: return nil
        }
    }
}

extension [UInt8] {
    /// Takes the buffer out, so that its next holder may append without copying it.
    fileprivate mutating func handedOver() -> [UInt8] {
        var taken: [UInt8] = []
        swap(&taken, &self)
        return taken
    }
}
