internal import Items
package import Operations

/// What the catalogue keeps of a table, as JSON: everything but its items and counts.
package struct TableDefinition: Sendable, Codable {
    /// The storage id: the first four bytes of every key of the table's items.
    package var id: UInt32
    package var region: String
    package var name: String
    /// The UUID that DescribeTable tells as TableId.
    package var tableID: String
    package var createdAt: Timestamp
    package var attributeDefinitions: [AttributeDefinition]
    package var keySchema: [KeySchemaElement]
    package var localIndexes: [LocalIndexDefinition] = []
    package var globalIndexes: [GlobalIndexDefinition] = []
    package var billingMode: BillingMode
    /// When the table last became PAY_PER_REQUEST.
    package var payPerRequestSince: Timestamp?
    package var provisionedThroughput = ProvisionedThroughputDescription()
    package var streamSpecification: StreamSpecification?
    package var latestStreamLabel: String?
    /// The stream that is on, as the commit path set it up; nil without, and in older stores.
    package var stream: OpenStream?
    /// nil in older stores: what the throughput implies.
    package var partitions: TablePartitions?
    package var sseSpecification: SSESpecification?
    package var tableClass: TableClass?
    package var tableClassUpdatedAt: Timestamp?
    package var deletionProtectionEnabled = false
    package var onDemandThroughput: OnDemandThroughput?
    package var warmThroughput: WarmThroughput?
    package var timeToLive: TimeToLiveSpecification?
    /// There while the time to live is enabled; a store from before expiry has it not yet.
    package var expiryIndex: ExpiryIndexDefinition?
    /// nil while recovery to a point in time is off.
    package var pointInTimeRecovery: PointInTimeRecovery?
    package var attachedPolicy: AttachedPolicy?
    /// In the order of their first TagResource.
    package var tags: [Tag] = []

    package init(
        id: UInt32, region: String, name: String, tableID: String, createdAt: Timestamp,
        attributeDefinitions: [AttributeDefinition], keySchema: [KeySchemaElement],
        billingMode: BillingMode
    ) {
        self.id = id
        self.region = region
        self.name = name
        self.tableID = tableID
        self.createdAt = createdAt
        self.attributeDefinitions = attributeDefinitions
        self.keySchema = keySchema
        self.billingMode = billingMode
    }
}

/// Where a table's stream records go.
package struct OpenStream: Sendable, Codable, Hashable {
    /// The storage id of the stream.
    package var id: UInt32
    package var label: String
    /// The number of each partition's open shard, in the order of partitions.
    package var shards: [UInt32]

    package init(id: UInt32, label: String, shards: [UInt32]) {
        self.id = id
        self.label = label
        self.shards = shards
    }
}

extension TableDefinition {
    /// Whether the time to live is enabled and nothing finds what expires.
    var lacksExpiryIndex: Bool { timeToLive?.enabled == true && expiryIndex == nil }
}

/// A local secondary index in the catalogue.
package struct LocalIndexDefinition: Sendable, Codable {
    /// The storage id: the first four bytes of every key of the index's entries.
    package var id: UInt32
    package var index: LocalSecondaryIndex

    package init(id: UInt32, index: LocalSecondaryIndex) {
        self.id = id
        self.index = index
    }
}

/// A global secondary index in the catalogue.
package struct GlobalIndexDefinition: Sendable, Codable {
    /// How far an index has come.
    package enum State: Codable, Sendable, Hashable {
        case active
        /// Being filled from the table. Items whose stored key is at or below the cursor are in
        /// the index and are maintained; the rest is not yet (nil: none is).
        case backfilling(cursor: [UInt8]?)
    }

    /// The storage id: the first four bytes of every key of the index's entries.
    package var id: UInt32
    package var index: GlobalSecondaryIndex
    package var state: State
    package var provisionedThroughput = ProvisionedThroughputDescription()

    package init(id: UInt32, index: GlobalSecondaryIndex, state: State) {
        self.id = id
        self.index = index
        self.state = state
    }
}

/// The index of a table's items by the time they expire, in the catalogue.
package struct ExpiryIndexDefinition: Sendable, Codable {
    /// The storage id: the first four bytes of every key of the index's entries.
    package var id: UInt32
    package var state: GlobalIndexDefinition.State

    package init(id: UInt32, state: GlobalIndexDefinition.State) {
        self.id = id
        self.state = state
    }
}
