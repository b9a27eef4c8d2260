package import Items
package import Operations

/// What the account book, metrics and reports must know of a table or index.
package struct MeteredResource: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        case table
        case localIndex
        case globalIndex
    }

    package struct KeyAttribute: Sendable, Hashable {
        package var name: String
        package var type: ScalarAttributeType

        package init(name: String, type: ScalarAttributeType) {
            self.name = name
            self.type = type
        }
    }

    /// The storage id: what places of its keys begin with.
    package var id: UInt32
    package var kind: Kind
    package var region: String
    package var tableName: String
    /// nil: the table itself.
    package var indexName: String?
    package var tableClass: TableClass?
    /// What it is entitled to; of the table, in a local index.
    package var throughput: ThroughputSetting
    /// In the order of components of a place: HASH, then RANGE attributes.
    ///
    /// Places of entries of an index have the table's key after them.
    package var keyAttributes: [KeyAttribute]
    /// Live counts and DynamoDB sizes (of the projected entries, in an index).
    package var itemCount: Int
    package var byteCount: Int
    /// Whether the table is backed up continuously, with its local indexes.
    package var hasPointInTimeRecovery: Bool

    package init(
        id: UInt32, kind: Kind, region: String, tableName: String, indexName: String?,
        tableClass: TableClass?, throughput: ThroughputSetting, keyAttributes: [KeyAttribute],
        itemCount: Int, byteCount: Int, hasPointInTimeRecovery: Bool = false
    ) {
        self.id = id
        self.kind = kind
        self.region = region
        self.tableName = tableName
        self.indexName = indexName
        self.tableClass = tableClass
        self.throughput = throughput
        self.keyAttributes = keyAttributes
        self.itemCount = itemCount
        self.byteCount = byteCount
        self.hasPointInTimeRecovery = hasPointInTimeRecovery
    }

    /// Whether backups of its table hold it: global indexes are made anew when one is restored.
    package var isBackedUp: Bool { kind != .globalIndex }
}

/// Who knows tables, indexes and their partitions by storage id: the engine.
package protocol ResourceDirectory: Sendable {
    /// nil where it was dropped.
    func resource(id: UInt32) -> MeteredResource?
    /// All there are now, tables first, each followed by its indexes.
    func resources() -> [MeteredResource]
    /// The partition that a place falls in now, of the table or index of its id; 0 where that was
    /// dropped. Cheap: it is asked on the hot path.
    func partition(of place: KeyPlace) -> Int
    /// How many partitions a table or index has now; 0 where it was dropped.
    func partitionCount(id: UInt32) -> Int
    /// How many items time to live has deleted since the start, by the storage id of their table.
    func expiredItemCounts() -> [UInt32: UInt64]
}

extension ResourceDirectory {
    package func expiredItemCounts() -> [UInt32: UInt64] { [:] }
}
