package import Items
package import Metering
internal import Operations
internal import Synchronization

extension Engine: ResourceDirectory {
    package func resource(id: UInt32) -> MeteredResource? {
        catalogue.resource(id: id)?.metered
    }

    package func resources() -> [MeteredResource] {
        let tables = catalogue.allTables.sorted {
            ($0.definition.region, $0.name) < ($1.definition.region, $1.name)
        }
        return tables.flatMap { $0.resources.map(\.resource.metered) }
    }

    package func partition(of place: KeyPlace) -> Int {
        if let meter = throttle.knownMeter(of: place.resourceID) {
            return meter.partition(of: place)
        }
        return catalogue.resource(id: place.resourceID)?.partitionStarts.partition(of: place) ?? 0
    }

    package func expiredItemCounts() -> [UInt32: UInt64] { expiredItems.counts }

    package func partitionCount(id: UInt32) -> Int {
        guard let resource = catalogue.resource(id: id) else { return 0 }
        return throttle.knownMeter(of: id)?.partitionCount ?? max(1, resource.partitionStarts.count)
    }

    /// The first place of each partition of a table or index; empty where there is one.
    func partitionStarts(id: UInt32) -> [KeyPlace] {
        guard let resource = catalogue.resource(id: id) else { return [] }
        // Tables with a local index are cut nowhere else than their definition says.
        guard resource.capacityID == id, let meter = throttle.knownMeter(of: id) else {
            return resource.partitionStarts
        }
        let starts = meter.capacity.withLock(\.partitions)
        return starts.count > 1 ? starts : []
    }
}

extension Table {
    /// The table and its indexes, by storage id.
    var resources: [(id: UInt32, resource: Catalogue.Resource)] {
        [(id, .table(self))]
            + (localIndexes + globalIndexes).map { ($0.id, .index($0, of: self)) }
    }
}

extension Catalogue.Resource {
    var table: Table {
        switch self {
        case .table(let table), .index(_, let table): table
        }
    }

    var index: SecondaryIndex? {
        if case .index(let index, _) = self { index } else { nil }
    }

    /// The first place of each partition; empty where there is one.
    var partitionStarts: [KeyPlace] { index?.partitionStarts ?? table.partitionStarts }

    var metered: MeteredResource {
        let definition = table.definition
        let statistics = (index?.statistics ?? table.statistics).value
        let keys =
            index.map { $0.hashKey + $0.rangeKey }
            ?? [table.partitionKey] + (table.sortKey.map { [$0] } ?? [])
        return MeteredResource(
            id: index?.id ?? table.id, kind: kind, region: definition.region,
            tableName: definition.name, indexName: index?.name, tableClass: definition.tableClass,
            throughput: definition.throughputSetting(ofIndex: index?.id),
            keyAttributes: keys.map { MeteredResource.KeyAttribute(name: $0.name, type: $0.type) },
            itemCount: statistics.itemCount, byteCount: statistics.byteCount,
            hasPointInTimeRecovery: definition.pointInTimeRecovery != nil)
    }

    private var kind: MeteredResource.Kind {
        switch index?.kind {
        case nil: .table
        case .local: .localIndex
        case .global: .globalIndex
        }
    }
}

extension TableDefinition {
    /// What the table is entitled to, or one of its global indexes (by storage id).
    func throughputSetting(ofIndex id: UInt32?) -> ThroughputSetting {
        let index = id.flatMap { id in globalIndexes.first { $0.id == id } }
        switch billingMode {
        case .provisioned:
            let provisioned = index?.provisionedThroughput ?? provisionedThroughput
            return .provisioned(
                read: Double(provisioned.readCapacityUnits),
                write: Double(provisioned.writeCapacityUnits))
        case .payPerRequest:
            let warm = index.map { currentWarmThroughput(of: $0) } ?? currentWarmThroughput
            // An index has a maximum of its own, or none.
            let maxima = index.map(\.index.onDemandThroughput) ?? onDemandThroughput
            return .onDemand(
                warmRead: Double(warm.readUnitsPerSecond ?? 0),
                warmWrite: Double(warm.writeUnitsPerSecond ?? 0),
                maxRead: maxima?.maxReadRequestUnits.flatMap(Self.maximum),
                maxWrite: maxima?.maxWriteRequestUnits.flatMap(Self.maximum))
        }
    }

    /// A maximum of on-demand throughput; -1 stands for none.
    private static func maximum(_ units: Int) -> Double? { units < 0 ? nil : Double(units) }
}
