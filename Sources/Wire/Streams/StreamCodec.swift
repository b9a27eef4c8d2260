internal import Operations

/// The requests of DynamoDB Streams from JSON, and its answers to JSON.
///
/// GetRecords' answer, which may hold a thousand items, is `JSONWriter.answer`'s.
enum StreamCodec {
    /// The operations of the Streams API, which share no name with those of DynamoDB.
    static let operations: Set<String> = [
        "DescribeStream", "GetRecords", "GetShardIterator", "ListStreams",
    ]

    /// Decodes a request.
    ///
    /// - Parameter body: has passed `ModelValidator.check`; required members are there.
    /// - Throws: UnknownOperationException for an operation that the API doesn't have.
    static func decode(
        operation: String, body: JSONValue
    ) throws(ServiceError) -> OperationRequest {
        let fields = RequestFields(body)
        switch operation {
        case "ListStreams":
            var request = ListStreamsRequest()
            request.tableName = fields.string("TableName")
            request.limit = fields.integer("Limit")
            request.exclusiveStartStreamArn = fields.string("ExclusiveStartStreamArn")
            return .listStreams(request)
        case "DescribeStream":
            var request = DescribeStreamRequest()
            request.streamArn = fields.string("StreamArn") ?? ""
            request.limit = fields.integer("Limit")
            request.exclusiveStartShardId = fields.string("ExclusiveStartShardId")
            let filter = fields.object("ShardFilter")
            request.shardFilterType = filter?.string("Type")
            request.shardFilterShardId = filter?.string("ShardId")
            return .describeStream(request)
        case "GetShardIterator":
            var request = GetShardIteratorRequest()
            request.streamArn = fields.string("StreamArn") ?? ""
            request.shardId = fields.string("ShardId") ?? ""
            request.iteratorType = fields.choice("ShardIteratorType") ?? .trimHorizon
            request.sequenceNumber = fields.string("SequenceNumber")
            return .getShardIterator(request)
        case "GetRecords":
            var request = GetRecordsRequest()
            request.shardIterator = fields.string("ShardIterator") ?? ""
            request.limit = fields.integer("Limit")
            return .getRecords(request)
        default: throw ServiceError("UnknownOperationException", "", namespace: .coralService)
        }
    }

    /// Writes an answer; nothing for those of other operations.
    static func encode(_ response: OperationResponse, into writer: inout JSONWriter) {
        switch response {
        case .listStreams(let answer):
            writer.beginObject()
            writer.member("LastEvaluatedStreamArn", answer.lastEvaluatedStreamArn)
            writer.list("Streams", answer.streams) { stream, writer in
                writer.beginObject()
                writer.member("StreamArn", stream.streamArn)
                writer.member("StreamLabel", stream.streamLabel)
                writer.member("TableName", stream.tableName)
                writer.endObject()
            }
            writer.endObject()
        case .streamDescription(let stream):
            writer.object("StreamDescription") { write(stream, into: &$0) }
        case .shardIterator(let iterator):
            writer.beginObject()
            writer.member("ShardIterator", iterator)
            writer.endObject()
        default: return
        }
    }

    private static func write(_ stream: StreamDescription, into writer: inout JSONWriter) {
        writer.member("CreationRequestDateTime", stream.creationRequestDateTime)
        writer.list("KeySchema", stream.keySchema) { element, writer in
            writer.beginObject()
            writer.member("AttributeName", element.attributeName)
            writer.member("KeyType", element.keyType.rawValue)
            writer.endObject()
        }
        writer.member("LastEvaluatedShardId", stream.lastEvaluatedShardId)
        writer.list("Shards", stream.shards) { shard, writer in
            writer.beginObject()
            writer.member("ParentShardId", shard.parentShardId)
            writer.member("SequenceNumberRange") { writer in
                writer.member("EndingSequenceNumber", shard.endingSequenceNumber)
                writer.member("StartingSequenceNumber", shard.startingSequenceNumber)
            }
            writer.member("ShardId", shard.shardId)
            writer.endObject()
        }
        writer.member("StreamArn", stream.streamArn)
        writer.member("StreamLabel", stream.streamLabel)
        writer.member("StreamStatus", stream.streamStatus.rawValue)
        writer.member("StreamViewType", stream.streamViewType.rawValue)
        writer.member("TableName", stream.tableName)
    }
}
