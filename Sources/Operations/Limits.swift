/// Every bound of the service, and ours, in one place; each is tested at the bound and one past it.
///
/// Sizes are in bytes. Sources: the service's developer guide ("Service, account, and table
/// quotas", "Constraints") and its model.
package enum Limits {
    // Items and keys.
    package static let itemBytesMax = 409_600
    package static let nestingDepthMax = 32
    package static let partitionKeyBytesMax = 2_048
    package static let sortKeyBytesMax = 1_024
    package static let attributeNameBytesMax = 65_535
    package static let keyAttributeNameBytesMax = 255

    // Expressions.
    package static let expressionBytesMax = 4_096
    package static let expressionOperatorsMax = 300
    package static let expressionVariableBytesMax = 255
    package static let expressionAttributesBytesMax = 2_097_152

    // Batches and pages.
    package static let batchGetKeysMax = 100
    package static let batchGetResponseBytesMax = 16_777_216
    package static let batchWriteItemsMax = 25
    package static let batchWriteRequestBytesMax = 16_777_216
    package static let transactionActionsMax = 100
    package static let transactionBytesMax = 4_194_304
    package static let transactionTokenSeconds = 600.0
    package static let clientRequestTokenLengthMax = 36
    package static let statementBytesMax = 8_192
    package static let batchStatementsMax = 25
    package static let nextTokenLengthMax = 32_768
    package static let pageBytesMax = 1_048_576
    package static let scanSegmentsMax = 1_000_000

    // Tables and indexes.
    package static let tableNameLengthMin = 3
    package static let tableNameLengthMax = 255
    package static let globalIndexesMax = 20
    package static let localIndexesMax = 5
    package static let projectedNonKeyAttributesMax = 100
    package static let globalIndexKeyAttributesMax = 4
    package static let listTablesMax = 100
    package static let tagsMax = 50
    package static let tagKeyLengthMax = 128
    package static let tagValueLengthMax = 256
    package static let tablesMax = 2_500

    // Streams and time to live.
    package static let streamRetentionSeconds = 86_400.0
    package static let shardIteratorSeconds = 900.0
    package static let shardRollSeconds = 14_400.0
    package static let getRecordsMax = 1_000
    package static let getRecordsBytesMax = 1_048_576
    package static let listStreamsMax = 100
    package static let describeStreamShardsMax = 100
    /// Items that expired longer ago are not deleted: five years.
    package static let timeToLivePastSecondsMax = 157_788_000.0

    /// How far back a table with point-in-time recovery can be restored.
    package static let recoveryPeriodInDaysDefault = 35
    package static let resourcePolicyBytesMax = 20_480

    // Capacity.
    package static let accountCapacityUnitsMax = 80_000
    package static let tableCapacityUnitsMax = 40_000
    package static let warmReadUnitsDefault = 12_000
    package static let warmWriteUnitsDefault = 4_000
    /// What one partition serves in a second.
    package static let partitionReadUnitsMax = 3_000
    package static let partitionWriteUnitsMax = 1_000
    /// Ours: more than any quota asks for.
    package static let tablePartitionsMax = 1_000
    package static let readUnitBytes = 4_096
    package static let writeUnitBytes = 1_024

    // The wire.
    package static let requestBodyBytesMax = 16_777_216
    package static let requestHeaderBytesMax = 16_384
    package static let responseCompressionBytesMin = 4_096
    package static let jsonDepthMax = 256
}
