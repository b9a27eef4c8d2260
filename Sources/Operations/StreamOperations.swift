package import Items

/// ListStreams.
package struct ListStreamsRequest: Sendable {
    package var tableName: String?
    package var limit: Int?
    package var exclusiveStartStreamArn: String?
    package init() {}
}

/// A stream as ListStreams tells it.
package struct StreamSummary: Sendable, Hashable {
    package var streamArn: String
    package var tableName: String
    package var streamLabel: String
    package init(streamArn: String, tableName: String, streamLabel: String) {
        self.streamArn = streamArn
        self.tableName = tableName
        self.streamLabel = streamLabel
    }
}

package struct ListStreamsResponse: Sendable {
    package var streams: [StreamSummary] = []
    package var lastEvaluatedStreamArn: String?
    package init() {}
}

/// DescribeStream.
package struct DescribeStreamRequest: Sendable {
    package var streamArn = ""
    package var limit: Int?
    package var exclusiveStartShardId: String?
    /// ShardFilter.Type, `CHILD_SHARDS`; nil without a ShardFilter.
    package var shardFilterType: String?
    package var shardFilterShardId: String?
    package init() {}
}

/// ENABLING, ENABLED, DISABLING or DISABLED.
package enum StreamStatus: String, Sendable, Codable {
    case enabling = "ENABLING"
    case enabled = "ENABLED"
    case disabling = "DISABLING"
    case disabled = "DISABLED"
}

/// A shard as DescribeStream tells it.
package struct ShardDescription: Sendable, Hashable {
    package var shardId: String
    package var parentShardId: String?
    package var startingSequenceNumber: String
    /// nil while the shard is open.
    package var endingSequenceNumber: String?
    package init(
        shardId: String, parentShardId: String?, startingSequenceNumber: String,
        endingSequenceNumber: String?
    ) {
        self.shardId = shardId
        self.parentShardId = parentShardId
        self.startingSequenceNumber = startingSequenceNumber
        self.endingSequenceNumber = endingSequenceNumber
    }
}

package struct StreamDescription: Sendable {
    package var streamArn = ""
    package var streamLabel = ""
    package var streamStatus = StreamStatus.enabled
    package var streamViewType = StreamViewType.keysOnly
    package var creationRequestDateTime: Timestamp = 0
    package var tableName = ""
    package var keySchema: [KeySchemaElement] = []
    package var shards: [ShardDescription] = []
    package var lastEvaluatedShardId: String?
    package init() {}
}

/// GetShardIterator.
package struct GetShardIteratorRequest: Sendable {
    package enum IteratorType: String, Sendable {
        case trimHorizon = "TRIM_HORIZON"
        case latest = "LATEST"
        case atSequenceNumber = "AT_SEQUENCE_NUMBER"
        case afterSequenceNumber = "AFTER_SEQUENCE_NUMBER"
    }
    package var streamArn = ""
    package var shardId = ""
    package var iteratorType = IteratorType.trimHorizon
    package var sequenceNumber: String?
    package init() {}
}

/// GetRecords.
package struct GetRecordsRequest: Sendable {
    package var shardIterator = ""
    package var limit: Int?
    package init() {}
}

/// A change of an item, as GetRecords tells it.
package struct StreamRecord: Sendable {
    package enum EventName: String, Sendable {
        case insert = "INSERT"
        case modify = "MODIFY"
        case remove = "REMOVE"
    }
    package var eventID: String
    package var eventName: EventName
    package var awsRegion: String
    /// Told in whole seconds.
    package var approximateCreationDateTime: Timestamp
    package var keys: ItemBytes
    package var newImage: ItemBytes?
    package var oldImage: ItemBytes?
    package var sequenceNumber: String
    /// Keys and images, in DynamoDB's count of bytes.
    package var sizeBytes: Int
    package var streamViewType: StreamViewType
    /// Whether TTL deleted the item: `userIdentity` then names the service.
    package var isTimeToLiveDeletion: Bool

    package init(
        eventID: String, eventName: EventName, awsRegion: String,
        approximateCreationDateTime: Timestamp, keys: ItemBytes, newImage: ItemBytes?,
        oldImage: ItemBytes?, sequenceNumber: String, sizeBytes: Int,
        streamViewType: StreamViewType, isTimeToLiveDeletion: Bool = false
    ) {
        self.eventID = eventID
        self.eventName = eventName
        self.awsRegion = awsRegion
        self.approximateCreationDateTime = approximateCreationDateTime
        self.keys = keys
        self.newImage = newImage
        self.oldImage = oldImage
        self.sequenceNumber = sequenceNumber
        self.sizeBytes = sizeBytes
        self.streamViewType = streamViewType
        self.isTimeToLiveDeletion = isTimeToLiveDeletion
    }
}

package struct GetRecordsResponse: Sendable {
    package var records: [StreamRecord] = []
    /// nil at the end of a closed shard.
    package var nextShardIterator: String?
    package init() {}
}
