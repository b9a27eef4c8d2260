import Items
internal import Operations

extension JSONWriter {
    /// The answer of GetRecords: up to a thousand records, whose items go straight from their
    /// bytes.
    mutating func answer(_ response: GetRecordsResponse) {
        reserve(
            response.records.lazy.flatMap { [$0.keys, $0.newImage, $0.oldImage] },
            besides: 384 * response.records.count)
        beginObject()
        member("NextShardIterator", response.nextShardIterator)
        name("Records")
        list(response.records) { writer, record in writer.record(record) }
        endObject()
    }

    private mutating func record(_ record: StreamRecord) {
        beginObject()
        member("awsRegion", record.awsRegion)
        name("dynamodb")
        beginObject()
        name("ApproximateCreationDateTime")
        double(record.approximateCreationDateTime.rounded(.down))
        name("Keys")
        item(record.keys)
        member("NewImage", item: record.newImage)
        member("OldImage", item: record.oldImage)
        member("SequenceNumber", record.sequenceNumber)
        member("SizeBytes", record.sizeBytes)
        member("StreamViewType", record.streamViewType.rawValue)
        endObject()
        member("eventID", record.eventID)
        member("eventName", record.eventName.rawValue)
        literal(",\"eventSource\":\"aws:dynamodb\",\"eventVersion\":\"1.1\"")
        if record.isTimeToLiveDeletion {
            literal(",\"userIdentity\":{\"PrincipalId\":\"dynamodb.amazonaws.com\",")
            literal("\"Type\":\"Service\"}")
        }
        endObject()
    }
}
