import Items
import Operations

/// The changes of global secondary indexes.
extension TableUpdate {
    /// Only one index may be created or deleted at a time.
    func checkOnlineIndexChanges() throws(ServiceError) {
        let changes = (request.globalSecondaryIndexUpdates ?? []).filter {
            $0.create != nil || $0.delete != nil
        }
        guard changes.count <= 1 else {
            throw .subscriberLimitExceeded(
                "Only 1 online index can be created or deleted simultaneously per table")
        }
    }

    /// Applies GlobalSecondaryIndexUpdates in order.
    mutating func changeIndexes(makeStorageID: () -> UInt32) throws(ServiceError) {
        for update in request.globalSecondaryIndexUpdates ?? [] {
            if let change = update.update {
                try changeIndex(change)
            } else if let index = update.create {
                try createIndex(index, makeStorageID: makeStorageID)
            } else if let name = update.delete {
                definition.globalIndexes.remove(at: try position(ofIndex: name))
                definition.removeUnusedAttributeDefinitions()
            }
        }
    }

    private func position(ofIndex name: String) throws(ServiceError) -> Int {
        guard
            let position = definition.globalIndexes.firstIndex(where: {
                $0.index.indexName == name
            })
        else { throw .indexNotFound(named: name) }
        return position
    }

    /// Warm throughput is left to `changeWarmThroughput(since:)`.
    private mutating func changeIndex(
        _ change: GlobalSecondaryIndexUpdate.Update
    ) throws(ServiceError) {
        let name = change.indexName
        let position = try position(ofIndex: name)
        var index = definition.globalIndexes[position]
        if let throughput = change.provisionedThroughput {
            try ThroughputValidation.check(
                throughput, billingMode: definition.billingMode, indexName: name)
            if index.provisionedThroughput.isZero {
                index.provisionedThroughput.setUnits(throughput)
            } else {
                index.provisionedThroughput = try ThroughputValidation.changed(
                    index.provisionedThroughput, to: throughput, indexName: name, now: now)
            }
        }
        if let requested = change.onDemandThroughput {
            try ThroughputValidation.check(
                requested, billingMode: definition.billingMode, indexName: name)
            index.index.onDemandThroughput = .merged(
                index.index.onDemandThroughput, with: requested)
        }
        definition.globalIndexes[position] = index
    }

    private mutating func createIndex(
        _ index: GlobalSecondaryIndex, makeStorageID: () -> UInt32
    ) throws(ServiceError) {
        guard !definition.globalIndexes.contains(where: { $0.index.indexName == index.indexName })
        else { throw .validation("Attempting to create an index which already exists") }
        guard !definition.localIndexes.contains(where: { $0.index.indexName == index.indexName })
        else { throw IndexValidation.duplicateName(index.indexName) }
        let requested = request.attributeDefinitions ?? []
        let keys = try KeySchemaValidation(requested)
        var validation = IndexValidation(
            keys: keys, tableKey: definition.keySchema, billingMode: definition.billingMode,
            existing: definition.projections)
        try validation.check(index)
        try validation.checkNonKeyAttributeCount()
        try IndexValidation.checkGlobalCount(definition.globalIndexes.count + 1)
        try keys.checkAllUsed(by: definition.keySchemas + [index.keySchema])
        try define(requested)
        try ThroughputValidation.checkInitial(
            index.warmThroughput, provisioned: index.provisionedThroughput,
            billingMode: definition.billingMode, indexName: index.indexName)
        definition.globalIndexes.append(
            GlobalIndexDefinition(
                id: makeStorageID(), creating: index, state: .backfilling(cursor: nil)))
    }

    /// Adds definitions of attributes; one that is there must not change its type.
    private mutating func define(_ requested: [AttributeDefinition]) throws(ServiceError) {
        for attribute in requested {
            let name = attribute.attributeName
            guard
                let present = definition.attributeDefinitions.first(where: {
                    $0.attributeName == name
                })
            else {
                definition.attributeDefinitions.append(attribute)
                continue
            }
            guard present.attributeType == attribute.attributeType else {
                throw .invalidParameterValues(
                    "Attribute \(name) is already defined with type "
                        + "\(present.attributeType.rawValue)")
            }
        }
    }
}
