internal import Operations

extension TableCodec {
    static func table(_ fields: RequestFields) -> TableRequest {
        TableRequest(tableName: fields.string("TableName") ?? "")
    }

    static func createTable(_ fields: RequestFields) -> CreateTableRequest {
        var request = CreateTableRequest()
        request.tableName = fields.string("TableName") ?? ""
        request.attributeDefinitions = attributeDefinitions(fields)
        request.keySchema = keySchema(fields)
        request.localSecondaryIndexes = fields.objects("LocalSecondaryIndexes")?.map(localIndex)
        request.globalSecondaryIndexes = fields.objects("GlobalSecondaryIndexes")?.map(globalIndex)
        request.billingMode = fields.choice("BillingMode")
        request.provisionedThroughput = provisionedThroughput(fields)
        request.streamSpecification = streamSpecification(fields)
        request.sseSpecification = sseSpecification(fields)
        request.tags = tags(fields)
        request.tableClass = fields.choice("TableClass")
        request.deletionProtectionEnabled = fields.bool("DeletionProtectionEnabled")
        request.warmThroughput = warmThroughput(fields)
        request.resourcePolicy = fields.string("ResourcePolicy")
        request.onDemandThroughput = onDemandThroughput(fields)
        return request
    }

    static func updateTable(_ fields: RequestFields) -> UpdateTableRequest {
        var request = UpdateTableRequest()
        request.tableName = fields.string("TableName") ?? ""
        request.attributeDefinitions = attributeDefinitions(fields)
        request.billingMode = fields.choice("BillingMode")
        request.provisionedThroughput = provisionedThroughput(fields)
        request.globalSecondaryIndexUpdates =
            fields.objects("GlobalSecondaryIndexUpdates")?.map(globalIndexUpdate)
        request.streamSpecification = streamSpecification(fields)
        request.sseSpecification = sseSpecification(fields)
        request.hasReplicaUpdates = fields.has("ReplicaUpdates")
        request.tableClass = fields.choice("TableClass")
        request.deletionProtectionEnabled = fields.bool("DeletionProtectionEnabled")
        request.onDemandThroughput = onDemandThroughput(fields)
        request.warmThroughput = warmThroughput(fields)
        return request
    }

    static func updateTimeToLive(_ fields: RequestFields) -> UpdateTimeToLiveRequest {
        let specification = fields.object("TimeToLiveSpecification")
        return UpdateTimeToLiveRequest(
            tableName: fields.string("TableName") ?? "",
            specification: TimeToLiveSpecification(
                enabled: specification?.bool("Enabled") ?? false,
                attributeName: specification?.string("AttributeName") ?? ""))
    }

    static func updateContinuousBackups(
        _ fields: RequestFields
    ) -> UpdateContinuousBackupsRequest {
        let specification = fields.object("PointInTimeRecoverySpecification")
        var request = UpdateContinuousBackupsRequest()
        request.tableName = fields.string("TableName") ?? ""
        request.pointInTimeRecoveryEnabled =
            specification?.bool("PointInTimeRecoveryEnabled") ?? false
        request.recoveryPeriodInDays = specification?.integer("RecoveryPeriodInDays")
        return request
    }

    static func putResourcePolicy(_ fields: RequestFields) -> PutResourcePolicyRequest {
        var request = PutResourcePolicyRequest()
        request.resourceArn = fields.string("ResourceArn") ?? ""
        request.policy = fields.string("Policy") ?? ""
        request.expectedRevisionId = fields.string("ExpectedRevisionId")
        return request
    }

    static func resourcePolicy(_ fields: RequestFields) -> ResourcePolicyRequest {
        var request = ResourcePolicyRequest()
        request.resourceArn = fields.string("ResourceArn") ?? ""
        request.expectedRevisionId = fields.string("ExpectedRevisionId")
        return request
    }

    static func tags(_ fields: RequestFields) -> [Tag]? {
        fields.objects("Tags")?.map {
            Tag(key: $0.string("Key") ?? "", value: $0.string("Value") ?? "")
        }
    }

    // MARK: Parts

    private static func attributeDefinitions(_ fields: RequestFields) -> [AttributeDefinition]? {
        fields.objects("AttributeDefinitions")?.compactMap { element in
            element.choice("AttributeType").map {
                AttributeDefinition(element.string("AttributeName") ?? "", $0)
            }
        }
    }

    private static func keySchema(_ fields: RequestFields) -> [KeySchemaElement]? {
        fields.objects("KeySchema")?.compactMap { element in
            element.choice("KeyType").map {
                KeySchemaElement(element.string("AttributeName") ?? "", $0)
            }
        }
    }

    private static func projection(_ fields: RequestFields) -> Projection {
        let projection = fields.object("Projection")
        return Projection(
            projection?.choice("ProjectionType"),
            nonKeyAttributes: projection?.strings("NonKeyAttributes"))
    }

    private static func localIndex(_ fields: RequestFields) -> LocalSecondaryIndex {
        var index = LocalSecondaryIndex()
        index.indexName = fields.string("IndexName") ?? ""
        index.keySchema = keySchema(fields) ?? []
        index.projection = projection(fields)
        return index
    }

    private static func globalIndex(_ fields: RequestFields) -> GlobalSecondaryIndex {
        var index = GlobalSecondaryIndex()
        index.indexName = fields.string("IndexName") ?? ""
        index.keySchema = keySchema(fields) ?? []
        index.projection = projection(fields)
        index.provisionedThroughput = provisionedThroughput(fields)
        index.onDemandThroughput = onDemandThroughput(fields)
        index.warmThroughput = warmThroughput(fields)
        return index
    }

    private static func globalIndexUpdate(_ fields: RequestFields) -> GlobalSecondaryIndexUpdate {
        var element = GlobalSecondaryIndexUpdate()
        element.create = fields.object("Create").map(globalIndex)
        element.update = fields.object("Update").map { fields in
            var update = GlobalSecondaryIndexUpdate.Update()
            update.indexName = fields.string("IndexName") ?? ""
            update.provisionedThroughput = provisionedThroughput(fields)
            update.onDemandThroughput = onDemandThroughput(fields)
            update.warmThroughput = warmThroughput(fields)
            return update
        }
        element.delete = fields.object("Delete").map { $0.string("IndexName") ?? "" }
        return element
    }

    private static func provisionedThroughput(_ fields: RequestFields) -> ProvisionedThroughput? {
        fields.object("ProvisionedThroughput").map {
            ProvisionedThroughput(
                readCapacityUnits: $0.integer("ReadCapacityUnits") ?? 0,
                writeCapacityUnits: $0.integer("WriteCapacityUnits") ?? 0)
        }
    }

    private static func onDemandThroughput(_ fields: RequestFields) -> OnDemandThroughput? {
        fields.object("OnDemandThroughput").map {
            OnDemandThroughput(
                maxReadRequestUnits: $0.integer("MaxReadRequestUnits"),
                maxWriteRequestUnits: $0.integer("MaxWriteRequestUnits"))
        }
    }

    private static func warmThroughput(_ fields: RequestFields) -> WarmThroughput? {
        fields.object("WarmThroughput").map {
            WarmThroughput(
                readUnitsPerSecond: $0.integer("ReadUnitsPerSecond"),
                writeUnitsPerSecond: $0.integer("WriteUnitsPerSecond"))
        }
    }

    private static func streamSpecification(_ fields: RequestFields) -> StreamSpecification? {
        fields.object("StreamSpecification").map {
            StreamSpecification(
                streamEnabled: $0.bool("StreamEnabled") ?? false,
                streamViewType: $0.choice("StreamViewType"))
        }
    }

    private static func sseSpecification(_ fields: RequestFields) -> SSESpecification? {
        fields.object("SSESpecification").map { fields in
            var specification = SSESpecification()
            specification.enabled = fields.bool("Enabled")
            specification.sseType = fields.choice("SSEType")
            specification.kmsMasterKeyId = fields.string("KMSMasterKeyId")
            return specification
        }
    }
}
