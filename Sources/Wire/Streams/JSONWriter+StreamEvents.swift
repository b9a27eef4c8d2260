internal import Items
package import Operations

extension JSONWriter {
    /// A record as Lambda hands it to a function, whose items go straight from their bytes.
    ///
    /// Times are whole seconds; the identity of a deletion by TTL is spelled as Lambda does, in
    /// lower camel case.
    package mutating func streamEventRecord(_ record: StreamRecord, eventSourceARN: String) {
        let imageByteCount =
            (record.newImage?.bytes.count ?? 0) + (record.oldImage?.bytes.count ?? 0)
        bytes.reserveCapacity(
            bytes.count + 512 + (imageByteCount + record.keys.bytes.count) / 2 * 3)
        beginObject()
        name("eventID")
        string(record.eventID)
        name("eventName")
        string(record.eventName.rawValue)
        literal(",\"eventVersion\":\"1.1\",\"eventSource\":\"aws:dynamodb\"")
        name("awsRegion")
        string(record.awsRegion)
        name("dynamodb")
        beginObject()
        name("ApproximateCreationDateTime")
        integer(Self.wholeSeconds(record.approximateCreationDateTime))
        name("Keys")
        item(record.keys)
        if let image = record.newImage {
            name("NewImage")
            item(image)
        }
        if let image = record.oldImage {
            name("OldImage")
            item(image)
        }
        name("SequenceNumber")
        string(record.sequenceNumber)
        name("SizeBytes")
        integer(record.sizeBytes)
        name("StreamViewType")
        string(record.streamViewType.rawValue)
        endObject()
        if record.isTimeToLiveDeletion {
            literal(",\"userIdentity\":{\"principalId\":\"dynamodb.amazonaws.com\",")
            literal("\"type\":\"Service\"}")
        }
        name("eventSourceARN")
        string(eventSourceARN)
        endObject()
    }

    private static func wholeSeconds(_ time: Timestamp) -> Int {
        guard time.isFinite else { return 0 }
        return Int(min(max(time, 0), TimeText.timestampMax).rounded(.down))
    }
}
