import Items
internal import Operations

// The parts of a table's description, members in alphabetical order, as the service gives them.

extension TableDescription {
    /// Writes the members; the caller has opened the object.
    func write(into writer: inout JSONWriter) {
        // A table that is being deleted is told without its schema.
        if !attributeDefinitions.isEmpty {
            writer.list("AttributeDefinitions", attributeDefinitions) { definition, writer in
                writer.beginObject()
                writer.member("AttributeName", definition.attributeName)
                writer.member("AttributeType", definition.attributeType.rawValue)
                writer.endObject()
            }
        }
        if let billingModeSummary {
            writer.member("BillingModeSummary") { billingModeSummary.write(into: &$0) }
        }
        writer.member("CreationDateTime", creationDateTime)
        writer.member("DeletionProtectionEnabled", deletionProtectionEnabled)
        if let globalSecondaryIndexes {
            writer.list("GlobalSecondaryIndexes", globalSecondaryIndexes) { index, writer in
                index.write(into: &writer)
            }
        }
        writer.member("ItemCount", itemCount)
        keySchema.write(into: &writer)
        writer.member("LatestStreamArn", latestStreamArn)
        writer.member("LatestStreamLabel", latestStreamLabel)
        if let localSecondaryIndexes {
            writer.list("LocalSecondaryIndexes", localSecondaryIndexes) { index, writer in
                index.write(into: &writer)
            }
        }
        onDemandThroughput?.write(into: &writer)
        provisionedThroughput?.write(into: &writer)
        sseDescription?.write(into: &writer)
        if let streamSpecification {
            writer.member("StreamSpecification") { writer in
                writer.member("StreamEnabled", streamSpecification.streamEnabled)
                writer.member("StreamViewType", streamSpecification.streamViewType?.rawValue)
            }
        }
        writer.member("TableArn", tableArn)
        if let tableClass {
            writer.member("TableClassSummary") { writer in
                writer.member("LastUpdateDateTime", tableClassLastUpdateDateTime)
                writer.member("TableClass", tableClass.rawValue)
            }
        }
        writer.member("TableId", tableId)
        writer.member("TableName", tableName)
        writer.member("TableSizeBytes", tableSizeBytes)
        writer.member("TableStatus", tableStatus.rawValue)
        warmThroughput?.write(into: &writer)
    }
}

extension BillingModeSummary {
    fileprivate func write(into writer: inout JSONWriter) {
        writer.member("BillingMode", billingMode.rawValue)
        writer.member("LastUpdateToPayPerRequestDateTime", lastUpdateToPayPerRequestDateTime)
    }
}

extension GlobalSecondaryIndexDescription {
    fileprivate func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("Backfilling", backfilling)
        writer.member("IndexArn", indexArn)
        writer.member("IndexName", indexName)
        writer.member("IndexSizeBytes", indexSizeBytes)
        writer.member("IndexStatus", indexStatus?.rawValue)
        writer.member("ItemCount", itemCount)
        keySchema.write(into: &writer)
        onDemandThroughput?.write(into: &writer)
        projection.write(into: &writer)
        provisionedThroughput?.write(into: &writer)
        warmThroughput?.write(into: &writer)
        writer.endObject()
    }
}

extension LocalSecondaryIndexDescription {
    fileprivate func write(into writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("IndexArn", indexArn)
        writer.member("IndexName", index.indexName)
        writer.member("IndexSizeBytes", indexSizeBytes)
        writer.member("ItemCount", itemCount)
        index.keySchema.write(into: &writer)
        index.projection.write(into: &writer)
        writer.endObject()
    }
}

extension [KeySchemaElement] {
    fileprivate func write(into writer: inout JSONWriter) {
        guard !isEmpty else { return }
        writer.list("KeySchema", self) { element, writer in
            writer.beginObject()
            writer.member("AttributeName", element.attributeName)
            writer.member("KeyType", element.keyType.rawValue)
            writer.endObject()
        }
    }
}

extension Projection {
    fileprivate func write(into writer: inout JSONWriter) {
        writer.member("Projection") { writer in
            if let nonKeyAttributes {
                writer.list("NonKeyAttributes", nonKeyAttributes) { name, writer in
                    writer.string(name)
                }
            }
            writer.member("ProjectionType", projectionType?.rawValue)
        }
    }
}

extension ProvisionedThroughputDescription {
    fileprivate func write(into writer: inout JSONWriter) {
        writer.member("ProvisionedThroughput") { writer in
            writer.member("LastDecreaseDateTime", lastDecreaseDateTime)
            writer.member("LastIncreaseDateTime", lastIncreaseDateTime)
            writer.member("NumberOfDecreasesToday", numberOfDecreasesToday)
            writer.member("ReadCapacityUnits", readCapacityUnits)
            writer.member("WriteCapacityUnits", writeCapacityUnits)
        }
    }
}

extension OnDemandThroughput {
    fileprivate func write(into writer: inout JSONWriter) {
        writer.member("OnDemandThroughput") { writer in
            writer.member("MaxReadRequestUnits", maxReadRequestUnits)
            writer.member("MaxWriteRequestUnits", maxWriteRequestUnits)
        }
    }
}

extension WarmThroughputDescription {
    fileprivate func write(into writer: inout JSONWriter) {
        writer.member("WarmThroughput") { writer in
            writer.member("ReadUnitsPerSecond", readUnitsPerSecond)
            writer.member("Status", status.rawValue)
            writer.member("WriteUnitsPerSecond", writeUnitsPerSecond)
        }
    }
}

extension SSEDescription {
    fileprivate func write(into writer: inout JSONWriter) {
        writer.member("SSEDescription") { writer in
            writer.member("KMSMasterKeyArn", kmsMasterKeyArn)
            writer.member("SSEType", sseType.rawValue)
            writer.member("Status", status)
        }
    }
}
