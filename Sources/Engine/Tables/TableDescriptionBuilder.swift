package import Operations

/// Tells a table as DescribeTable does.
package struct TableDescriptionBuilder {
    private let table: Table
    private let definition: TableDefinition
    private let environment: EngineEnvironment

    package init(_ table: Table, environment: EngineEnvironment) {
        self.table = table
        definition = table.definition
        self.environment = environment
    }

    /// The table as it is now: ACTIVE, or UPDATING while one of its indexes is being filled.
    package func description() -> TableDescription {
        var answer = TableDescription()
        answer.attributeDefinitions = definition.attributeDefinitions
        answer.tableName = definition.name
        answer.keySchema = definition.keySchema
        answer.tableStatus = definition.isUpdating ? .updating : .active
        answer.creationDateTime = definition.createdAt
        answer.provisionedThroughput = throughput(definition.provisionedThroughput)
        let statistics = table.statistics.value
        answer.tableSizeBytes = statistics.byteCount
        answer.itemCount = statistics.itemCount
        answer.tableArn = table.arn
        answer.tableId = definition.tableID
        answer.billingModeSummary = billingModeSummary
        answer.localSecondaryIndexes = localIndexes
        answer.globalSecondaryIndexes = globalIndexes
        if let stream = definition.streamSpecification, stream.streamEnabled {
            answer.streamSpecification = stream
        }
        answer.latestStreamLabel = definition.latestStreamLabel
        answer.latestStreamArn = definition.latestStreamLabel.map { "\(table.arn)/stream/\($0)" }
        answer.sseDescription = encryption
        answer.tableClass = definition.tableClass
        answer.tableClassLastUpdateDateTime = definition.tableClassUpdatedAt
        answer.deletionProtectionEnabled = definition.deletionProtectionEnabled
        answer.onDemandThroughput = maxima(definition.onDemandThroughput)
        answer.warmThroughput = warm(definition.currentWarmThroughput, .active)
        return answer
    }

    /// The answer of DeleteTable: what a table that is going still has.
    ///
    /// Attribute definitions, key schema, creation time and local indexes are no part of it.
    package func descriptionOfDeletion() -> TableDescription {
        var answer = description()
        answer.tableStatus = .deleting
        answer.attributeDefinitions = []
        answer.keySchema = []
        answer.creationDateTime = nil
        answer.localSecondaryIndexes = nil
        answer.warmThroughput = nil
        answer.globalSecondaryIndexes = answer.globalSecondaryIndexes?.map {
            var index = $0
            index.indexStatus = .deleting
            index.backfilling = nil
            index.warmThroughput?.status = .deleting
            return index
        }
        return answer
    }

    /// The answer of CreateTable: table and indexes CREATING.
    package func descriptionOfCreation() -> TableDescription {
        var answer = description()
        answer.tableStatus = .creating
        answer.billingModeSummary?.lastUpdateToPayPerRequestDateTime = nil
        answer.warmThroughput?.status = .creating
        answer.globalSecondaryIndexes = answer.globalSecondaryIndexes?.map {
            var index = $0
            index.indexStatus = .creating
            index.warmThroughput?.status = .creating
            return index
        }
        return answer
    }

    private var billingModeSummary: BillingModeSummary? {
        guard definition.billingMode == .payPerRequest || definition.payPerRequestSince != nil
        else { return nil }
        return BillingModeSummary(
            definition.billingMode,
            lastUpdateToPayPerRequestDateTime: definition.payPerRequestSince)
    }

    private var localIndexes: [LocalSecondaryIndexDescription]? {
        guard !definition.localIndexes.isEmpty else { return nil }
        return zip(definition.localIndexes, table.localIndexes).map { local, index in
            let statistics = index.statistics.value
            return LocalSecondaryIndexDescription(
                index: local.index, indexSizeBytes: statistics.byteCount,
                itemCount: statistics.itemCount, indexArn: arn(ofIndex: index.name))
        }
    }

    private var globalIndexes: [GlobalSecondaryIndexDescription]? {
        guard !definition.globalIndexes.isEmpty else { return nil }
        return zip(definition.globalIndexes, table.globalIndexes).map { global, index in
            let statistics = index.statistics.value
            let status = global.isBackfilling ? TableStatus.creating : .active
            var answer = GlobalSecondaryIndexDescription()
            answer.indexName = index.name
            answer.keySchema = global.index.keySchema
            answer.projection = global.index.projection
            answer.indexStatus = status
            answer.backfilling = global.isBackfilling ? true : nil
            answer.provisionedThroughput = throughput(global.provisionedThroughput)
            answer.indexSizeBytes = statistics.byteCount
            answer.itemCount = statistics.itemCount
            answer.indexArn = arn(ofIndex: index.name)
            answer.onDemandThroughput = maxima(global.index.onDemandThroughput)
            answer.warmThroughput = warm(definition.currentWarmThroughput(of: global), status)
            return answer
        }
    }

    /// Encryption by KMS; nil while the table has the service's own key, which is not told.
    private var encryption: SSEDescription? {
        guard let specification = definition.sseSpecification, specification.enabled == true else {
            return nil
        }
        let account = "arn:aws:kms:\(definition.region):\(environment.accountID)"
        let key = specification.kmsMasterKeyId ?? "alias/aws/dynamodb"
        let arn: String
        if key.hasPrefix("arn:") {
            arn = key
        } else if key.hasPrefix("alias/") {
            arn = "\(account):\(key)"
        } else {
            arn = "\(account):key/\(key)"
        }
        return SSEDescription(status: "ENABLED", sseType: .kms, kmsMasterKeyArn: arn)
    }

    private func arn(ofIndex name: String) -> String { "\(table.arn)/index/\(name)" }

    private func throughput(
        _ throughput: ProvisionedThroughputDescription
    ) -> ProvisionedThroughputDescription {
        var answer = throughput
        answer.numberOfDecreasesToday = ThroughputValidation.decreasesToday(
            of: throughput, now: environment.now())
        return answer
    }

    /// Where one maximum is set, the other is told as -1.
    private func maxima(_ throughput: OnDemandThroughput?) -> OnDemandThroughput? {
        throughput.map {
            OnDemandThroughput(
                maxReadRequestUnits: $0.maxReadRequestUnits ?? -1,
                maxWriteRequestUnits: $0.maxWriteRequestUnits ?? -1)
        }
    }

    private func warm(
        _ throughput: WarmThroughput, _ status: TableStatus
    ) -> WarmThroughputDescription {
        WarmThroughputDescription(
            readUnitsPerSecond: throughput.readUnitsPerSecond ?? 0,
            writeUnitsPerSecond: throughput.writeUnitsPerSecond ?? 0, status: status)
    }
}
