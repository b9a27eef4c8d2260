internal import Operations
internal import Wire

/// What the destination on failure is told of records that were given up.
enum FailureDocument {
    /// - Parameter payload: the event with the records, for destinations that take it (buckets and
    ///   files; queues and topics are told where the records are).
    static func encoded(
        _ discard: ShardMachine.Discard, functionArn: String, requestID: String, shardID: String,
        streamArn: String, at time: Timestamp, payload: [UInt8]?
    ) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("requestContext")
        writer.beginObject()
        writer.name("requestId")
        writer.string(discard.failure?.requestID ?? requestID)
        writer.name("functionArn")
        writer.string(functionArn)
        writer.name("condition")
        writer.string(discard.condition.rawValue)
        writer.name("approximateInvokeCount")
        writer.integer(discard.invocationCount)
        writer.endObject()
        if let failure = discard.failure {
            writer.name("responseContext")
            writer.beginObject()
            writer.name("statusCode")
            writer.integer(200)
            writer.name("executedVersion")
            writer.string(failure.executedVersion)
            if let error = failure.functionError {
                writer.name("functionError")
                writer.string(error)
            }
            writer.endObject()
        }
        writer.name("version")
        writer.string("1.0")
        writer.name("timestamp")
        writer.string(TimeText.iso8601(time))
        writer.name("DDBStreamBatchInfo")
        batchInfo(discard.records, shardID: shardID, streamArn: streamArn, to: &writer)
        if let payload {
            writer.name("payload")
            payload.withUnsafeBufferPointer { writer.string(utf8: $0) }
        }
        writer.endObject()
        return writer.bytes
    }

    private static func batchInfo(
        _ records: ArraySlice<ShardRecord>, shardID: String, streamArn: String,
        to writer: inout JSONWriter
    ) {
        writer.beginObject()
        writer.name("shardId")
        writer.string(shardID)
        if let first = records.first, let last = records.last {
            writer.name("startSequenceNumber")
            writer.string(first.sequenceNumber)
            writer.name("endSequenceNumber")
            writer.string(last.sequenceNumber)
            writer.name("approximateArrivalOfFirstRecord")
            writer.string(EventTime.wholeSeconds(first.createdAt))
            writer.name("approximateArrivalOfLastRecord")
            writer.string(EventTime.wholeSeconds(last.createdAt))
        }
        writer.name("batchSize")
        writer.integer(records.count)
        writer.name("streamArn")
        writer.string(streamArn)
        writer.endObject()
    }

    /// Where in a bucket a document goes:
    /// `aws/lambda/<mapping>/<shard>/2026/11/21/2026-11-21T16.00.00-<UUID>`.
    static func objectKey(
        mapping uuid: String, shardID: String, at time: Timestamp, unique: String
    ) -> String {
        let text = EventTime.wholeSeconds(time).dropLast()
        let day = text.prefix(10)
        let path = day.split(separator: "-").joined(separator: "/")
        let clock = text.split(separator: ":").joined(separator: ".")
        return "aws/lambda/\(uuid)/\(shardID)/\(path)/\(clock)-\(unique)"
    }
}
