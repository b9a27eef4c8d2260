package import Items

/// HASH (partition key) or RANGE (sort key).
package enum KeyType: String, Sendable, Codable {
    case hash = "HASH"
    case range = "RANGE"
}

package struct KeySchemaElement: Sendable, Codable, Hashable {
    package var attributeName: String
    package var keyType: KeyType
    package init(_ attributeName: String, _ keyType: KeyType) {
        self.attributeName = attributeName
        self.keyType = keyType
    }
}

package struct AttributeDefinition: Sendable, Codable, Hashable {
    package var attributeName: String
    package var attributeType: ScalarAttributeType
    package init(_ attributeName: String, _ attributeType: ScalarAttributeType) {
        self.attributeName = attributeName
        self.attributeType = attributeType
    }
}

package enum ProjectionType: String, Sendable, Codable {
    case all = "ALL"
    case keysOnly = "KEYS_ONLY"
    case include = "INCLUDE"
}

package struct Projection: Sendable, Codable, Hashable {
    package var projectionType: ProjectionType?
    package var nonKeyAttributes: [String]?
    package init(_ projectionType: ProjectionType? = nil, nonKeyAttributes: [String]? = nil) {
        self.projectionType = projectionType
        self.nonKeyAttributes = nonKeyAttributes
    }
}

package struct ProvisionedThroughput: Sendable, Codable, Hashable {
    package var readCapacityUnits: Int
    package var writeCapacityUnits: Int
    package init(readCapacityUnits: Int = 0, writeCapacityUnits: Int = 0) {
        self.readCapacityUnits = readCapacityUnits
        self.writeCapacityUnits = writeCapacityUnits
    }
}

package struct OnDemandThroughput: Sendable, Codable, Hashable {
    package var maxReadRequestUnits: Int?
    package var maxWriteRequestUnits: Int?
    package init(maxReadRequestUnits: Int? = nil, maxWriteRequestUnits: Int? = nil) {
        self.maxReadRequestUnits = maxReadRequestUnits
        self.maxWriteRequestUnits = maxWriteRequestUnits
    }
}

package struct WarmThroughput: Sendable, Codable, Hashable {
    package var readUnitsPerSecond: Int?
    package var writeUnitsPerSecond: Int?
    package init(readUnitsPerSecond: Int? = nil, writeUnitsPerSecond: Int? = nil) {
        self.readUnitsPerSecond = readUnitsPerSecond
        self.writeUnitsPerSecond = writeUnitsPerSecond
    }
}

package struct LocalSecondaryIndex: Sendable, Codable, Hashable {
    package var indexName = ""
    package var keySchema: [KeySchemaElement] = []
    package var projection = Projection()
    package init() {}
}

package struct GlobalSecondaryIndex: Sendable, Codable, Hashable {
    package var indexName = ""
    package var keySchema: [KeySchemaElement] = []
    package var projection = Projection()
    package var provisionedThroughput: ProvisionedThroughput?
    package var onDemandThroughput: OnDemandThroughput?
    package var warmThroughput: WarmThroughput?
    package init() {}
}

package enum BillingMode: String, Sendable, Codable {
    case provisioned = "PROVISIONED"
    case payPerRequest = "PAY_PER_REQUEST"
}

package enum StreamViewType: String, Sendable, Codable {
    case newImage = "NEW_IMAGE"
    case oldImage = "OLD_IMAGE"
    case newAndOldImages = "NEW_AND_OLD_IMAGES"
    case keysOnly = "KEYS_ONLY"
}

package struct StreamSpecification: Sendable, Codable, Hashable {
    package var streamEnabled: Bool
    package var streamViewType: StreamViewType?
    package init(streamEnabled: Bool = false, streamViewType: StreamViewType? = nil) {
        self.streamEnabled = streamEnabled
        self.streamViewType = streamViewType
    }
}

package enum SSEType: String, Sendable, Codable {
    case aes256 = "AES256"
    case kms = "KMS"
}

package struct SSESpecification: Sendable, Codable, Hashable {
    package var enabled: Bool?
    package var sseType: SSEType?
    package var kmsMasterKeyId: String?
    package init() {}
}

package enum TableClass: String, Sendable, Codable {
    case standard = "STANDARD"
    case standardInfrequentAccess = "STANDARD_INFREQUENT_ACCESS"
}

package struct Tag: Sendable, Codable, Hashable {
    package var key: String
    package var value: String
    package init(key: String, value: String) {
        self.key = key
        self.value = value
    }
}

/// CreateTable.
package struct CreateTableRequest: Sendable {
    package var tableName = ""
    /// nil where not sent; likewise below.
    package var attributeDefinitions: [AttributeDefinition]?
    package var keySchema: [KeySchemaElement]?
    package var localSecondaryIndexes: [LocalSecondaryIndex]?
    package var globalSecondaryIndexes: [GlobalSecondaryIndex]?
    package var billingMode: BillingMode?
    package var provisionedThroughput: ProvisionedThroughput?
    package var streamSpecification: StreamSpecification?
    package var sseSpecification: SSESpecification?
    package var tags: [Tag]?
    package var tableClass: TableClass?
    package var deletionProtectionEnabled: Bool?
    package var warmThroughput: WarmThroughput?
    package var resourcePolicy: String?
    package var onDemandThroughput: OnDemandThroughput?
    package init() {}
}

/// The operations whose only parameter is TableName (a name or an ARN).
package struct TableRequest: Sendable {
    package var tableName: String
    package init(tableName: String = "") { self.tableName = tableName }
}

/// ListTables.
package struct ListTablesRequest: Sendable {
    package var exclusiveStartTableName: String?
    package var limit: Int?
    package init() {}
}

package struct ListTablesResponse: Sendable {
    package var tableNames: [String]
    package var lastEvaluatedTableName: String?
    package init(tableNames: [String], lastEvaluatedTableName: String? = nil) {
        self.tableNames = tableNames
        self.lastEvaluatedTableName = lastEvaluatedTableName
    }
}

/// One element of GlobalSecondaryIndexUpdates: what was given of Create, Update and Delete.
package struct GlobalSecondaryIndexUpdate: Sendable {
    package struct Update: Sendable {
        package var indexName = ""
        package var provisionedThroughput: ProvisionedThroughput?
        package var onDemandThroughput: OnDemandThroughput?
        package var warmThroughput: WarmThroughput?
        package init() {}
    }
    package var create: GlobalSecondaryIndex?
    package var update: Update?
    /// The IndexName to delete.
    package var delete: String?
    package init() {}
}

/// UpdateTable.
package struct UpdateTableRequest: Sendable {
    package var tableName = ""
    package var attributeDefinitions: [AttributeDefinition]?
    package var billingMode: BillingMode?
    package var provisionedThroughput: ProvisionedThroughput?
    package var globalSecondaryIndexUpdates: [GlobalSecondaryIndexUpdate]?
    package var streamSpecification: StreamSpecification?
    package var sseSpecification: SSESpecification?
    /// Whether ReplicaUpdates was sent (global tables are not built).
    package var hasReplicaUpdates = false
    package var tableClass: TableClass?
    package var deletionProtectionEnabled: Bool?
    package var onDemandThroughput: OnDemandThroughput?
    package var warmThroughput: WarmThroughput?
    package init() {}
}

package enum TableStatus: String, Sendable, Codable {
    case creating = "CREATING"
    case updating = "UPDATING"
    case deleting = "DELETING"
    case active = "ACTIVE"
}

/// Seconds since 1970, with a fraction, as the wire carries times.
package typealias Timestamp = Double

package struct ProvisionedThroughputDescription: Sendable, Codable, Hashable {
    package var lastIncreaseDateTime: Timestamp?
    package var lastDecreaseDateTime: Timestamp?
    package var numberOfDecreasesToday = 0
    package var readCapacityUnits = 0
    package var writeCapacityUnits = 0
    package init() {}
}

package struct WarmThroughputDescription: Sendable, Codable, Hashable {
    package var readUnitsPerSecond: Int
    package var writeUnitsPerSecond: Int
    package var status: TableStatus
    package init(readUnitsPerSecond: Int, writeUnitsPerSecond: Int, status: TableStatus) {
        self.readUnitsPerSecond = readUnitsPerSecond
        self.writeUnitsPerSecond = writeUnitsPerSecond
        self.status = status
    }
}

package struct BillingModeSummary: Sendable, Codable, Hashable {
    package var billingMode: BillingMode
    package var lastUpdateToPayPerRequestDateTime: Timestamp?
    package init(_ billingMode: BillingMode, lastUpdateToPayPerRequestDateTime: Timestamp? = nil) {
        self.billingMode = billingMode
        self.lastUpdateToPayPerRequestDateTime = lastUpdateToPayPerRequestDateTime
    }
}

package struct LocalSecondaryIndexDescription: Sendable {
    package var index: LocalSecondaryIndex
    package var indexSizeBytes: Int
    package var itemCount: Int
    package var indexArn: String
    package init(index: LocalSecondaryIndex, indexSizeBytes: Int, itemCount: Int, indexArn: String)
    {
        self.index = index
        self.indexSizeBytes = indexSizeBytes
        self.itemCount = itemCount
        self.indexArn = indexArn
    }
}

package struct GlobalSecondaryIndexDescription: Sendable {
    package var indexName = ""
    package var keySchema: [KeySchemaElement] = []
    package var projection = Projection()
    package var indexStatus: TableStatus?
    package var backfilling: Bool?
    package var provisionedThroughput: ProvisionedThroughputDescription?
    package var indexSizeBytes = 0
    package var itemCount = 0
    package var indexArn = ""
    package var onDemandThroughput: OnDemandThroughput?
    package var warmThroughput: WarmThroughputDescription?
    package init() {}
}

package struct SSEDescription: Sendable {
    package var status: String
    package var sseType: SSEType
    package var kmsMasterKeyArn: String?
    package init(status: String, sseType: SSEType, kmsMasterKeyArn: String?) {
        self.status = status
        self.sseType = sseType
        self.kmsMasterKeyArn = kmsMasterKeyArn
    }
}

/// A table as DescribeTable tells it; a nil member is absent from the answer.
package struct TableDescription: Sendable {
    package var attributeDefinitions: [AttributeDefinition] = []
    package var tableName = ""
    package var keySchema: [KeySchemaElement] = []
    package var tableStatus = TableStatus.active
    package var creationDateTime: Timestamp?
    package var provisionedThroughput: ProvisionedThroughputDescription?
    package var tableSizeBytes = 0
    package var itemCount = 0
    package var tableArn = ""
    package var tableId = ""
    package var billingModeSummary: BillingModeSummary?
    package var localSecondaryIndexes: [LocalSecondaryIndexDescription]?
    package var globalSecondaryIndexes: [GlobalSecondaryIndexDescription]?
    package var streamSpecification: StreamSpecification?
    package var latestStreamLabel: String?
    package var latestStreamArn: String?
    package var sseDescription: SSEDescription?
    package var tableClass: TableClass?
    package var tableClassLastUpdateDateTime: Timestamp?
    package var deletionProtectionEnabled: Bool?
    package var onDemandThroughput: OnDemandThroughput?
    package var warmThroughput: WarmThroughputDescription?
    package init() {}
}

/// TagResource.
package struct TagResourceRequest: Sendable {
    package var resourceArn = ""
    package var tags: [Tag] = []
    package init() {}
}

/// UntagResource.
package struct UntagResourceRequest: Sendable {
    package var resourceArn = ""
    package var tagKeys: [String] = []
    package init() {}
}

/// ListTagsOfResource.
package struct ListTagsOfResourceRequest: Sendable {
    package var resourceArn = ""
    package var nextToken: String?
    package init() {}
}

package struct ListTagsOfResourceResponse: Sendable {
    package var tags: [Tag]
    package var nextToken: String?
    package init(tags: [Tag], nextToken: String? = nil) {
        self.tags = tags
        self.nextToken = nextToken
    }
}

package struct DescribeLimitsResponse: Sendable {
    package var accountMaxReadCapacityUnits: Int
    package var accountMaxWriteCapacityUnits: Int
    package var tableMaxReadCapacityUnits: Int
    package var tableMaxWriteCapacityUnits: Int
    package init(accountRead: Int, accountWrite: Int, tableRead: Int, tableWrite: Int) {
        accountMaxReadCapacityUnits = accountRead
        accountMaxWriteCapacityUnits = accountWrite
        tableMaxReadCapacityUnits = tableRead
        tableMaxWriteCapacityUnits = tableWrite
    }
}

package struct TimeToLiveSpecification: Sendable, Codable, Hashable {
    package var enabled: Bool
    package var attributeName: String
    package init(enabled: Bool, attributeName: String) {
        self.enabled = enabled
        self.attributeName = attributeName
    }
}

/// UpdateTimeToLive.
package struct UpdateTimeToLiveRequest: Sendable {
    package var tableName: String
    package var specification: TimeToLiveSpecification
    package init(tableName: String, specification: TimeToLiveSpecification) {
        self.tableName = tableName
        self.specification = specification
    }
}

package struct TimeToLiveDescription: Sendable {
    /// ENABLING, DISABLING, ENABLED or DISABLED.
    package var status: String
    package var attributeName: String?
    package init(status: String, attributeName: String?) {
        self.status = status
        self.attributeName = attributeName
    }
}
