import Operations

/// What follows from a definition.
extension TableDefinition {
    /// Whether the table is UPDATING: an index of it is still being filled.
    var isUpdating: Bool { globalIndexes.contains(where: \.isBackfilling) }

    /// The key schemas of the table and of all its indexes.
    var keySchemas: [[KeySchemaElement]] {
        [keySchema] + localIndexes.map(\.index.keySchema) + globalIndexes.map(\.index.keySchema)
    }

    /// The projections of all indexes.
    var projections: [Projection] {
        localIndexes.map(\.index.projection) + globalIndexes.map(\.index.projection)
    }

    /// Forgets the definitions of attributes that no key has any longer.
    mutating func removeUnusedAttributeDefinitions() {
        let used = Set(keySchemas.joined().map(\.attributeName))
        attributeDefinitions.removeAll { !used.contains($0.attributeName) }
    }

    /// What the table can serve at once: what was asked for, or more where its mode gives more.
    var currentWarmThroughput: WarmThroughput {
        .greatest(
            warmThroughput,
            .granted(by: billingMode, provisionedThroughput))
    }

    /// What an index can serve at once.
    func currentWarmThroughput(of index: GlobalIndexDefinition) -> WarmThroughput {
        .greatest(
            index.index.warmThroughput,
            .granted(by: billingMode, index.provisionedThroughput))
    }
}

extension GlobalIndexDefinition {
    /// Whether the index is still being filled from the table.
    var isBackfilling: Bool { state != .active }
}

extension WarmThroughput {
    /// What a billing mode gives without asking.
    static func granted(
        by billingMode: BillingMode, _ provisioned: ProvisionedThroughputDescription
    ) -> WarmThroughput {
        switch billingMode {
        case .payPerRequest:
            WarmThroughput(
                readUnitsPerSecond: Limits.warmReadUnitsDefault,
                writeUnitsPerSecond: Limits.warmWriteUnitsDefault)
        case .provisioned:
            WarmThroughput(
                readUnitsPerSecond: provisioned.readCapacityUnits,
                writeUnitsPerSecond: provisioned.writeCapacityUnits)
        }
    }

    /// The greater of two, member by member.
    static func greatest(_ first: WarmThroughput?, _ second: WarmThroughput) -> WarmThroughput {
        WarmThroughput(
            readUnitsPerSecond: max(
                first?.readUnitsPerSecond ?? 0, second.readUnitsPerSecond ?? 0),
            writeUnitsPerSecond: max(
                first?.writeUnitsPerSecond ?? 0, second.writeUnitsPerSecond ?? 0))
    }
}

extension OnDemandThroughput {
    /// The maxima that remain: -1 stands for none; nil where both are none.
    var withoutRemovedMaxima: OnDemandThroughput? {
        let read = maxReadRequestUnits.flatMap { $0 == -1 ? nil : $0 }
        let write = maxWriteRequestUnits.flatMap { $0 == -1 ? nil : $0 }
        guard read != nil || write != nil else { return nil }
        return OnDemandThroughput(maxReadRequestUnits: read, maxWriteRequestUnits: write)
    }

    /// These maxima with those that a request gives in their place.
    static func merged(
        _ current: OnDemandThroughput?, with requested: OnDemandThroughput
    ) -> OnDemandThroughput? {
        OnDemandThroughput(
            maxReadRequestUnits: requested.maxReadRequestUnits ?? current?.maxReadRequestUnits,
            maxWriteRequestUnits: requested.maxWriteRequestUnits ?? current?.maxWriteRequestUnits
        ).withoutRemovedMaxima
    }
}

extension ProvisionedThroughputDescription {
    /// Fresh throughput: units, and no increase or decrease yet.
    init(_ throughput: ProvisionedThroughput?) {
        self.init()
        readCapacityUnits = throughput?.readCapacityUnits ?? 0
        writeCapacityUnits = throughput?.writeCapacityUnits ?? 0
    }
}
