package import Items
internal import Operations
internal import Streams
internal import Synchronization

/// A key attribute of a table or index: its name, in both forms, and its type.
package struct KeyAttribute: Sendable, Hashable {
    package let name: String
    package let utf8: [UInt8]
    package let type: ScalarAttributeType

    package init(name: String, type: ScalarAttributeType) {
        self.name = name
        self.utf8 = Array(name.utf8)
        self.type = type
    }
}

/// The count and size of what a table or index holds, true after every commit.
///
/// Written by the commit path alone; read by anyone.
package final class Statistics: Sendable {
    package struct Value: Sendable, Equatable {
        package var itemCount = 0
        /// The sum of DynamoDB sizes (of the projected entries, in an index).
        package var byteCount = 0
    }

    private let current: Mutex<Value>

    package init(_ value: Value = Value()) {
        current = Mutex(value)
    }

    package var value: Value { current.withLock { $0 } }

    package func set(_ value: Value) {
        current.withLock { $0 = value }
    }
}

/// A secondary index of one version of a table.
package final class SecondaryIndex: Sendable {
    package enum Kind: Sendable {
        case local
        case global
    }

    /// Which attributes an entry holds.
    package enum ProjectedAttributes: Sendable, Equatable {
        case all
        /// The names, in UTF-8: table keys, index keys and what INCLUDE names.
        case only(Set<[UInt8]>)
    }

    package let id: UInt32
    package let name: String
    package let kind: Kind
    /// The HASH attributes: one, or up to four in a global index.
    package let hashKey: [KeyAttribute]
    /// The RANGE attributes: none, one, or up to four in a global index.
    package let rangeKey: [KeyAttribute]
    package let projectedAttributes: ProjectedAttributes
    /// While a global index is being filled.
    package let state: GlobalIndexDefinition.State
    package let statistics: Statistics
    /// The first place of each partition; empty where there is one.
    let partitionStarts: [KeyPlace]

    package init(
        id: UInt32, name: String, kind: Kind, hashKey: [KeyAttribute], rangeKey: [KeyAttribute],
        projectedAttributes: ProjectedAttributes, state: GlobalIndexDefinition.State,
        statistics: Statistics, partitions: TablePartitions
    ) {
        partitionStarts = partitions.starts(id: id)
        self.id = id
        self.name = name
        self.kind = kind
        self.hashKey = hashKey
        self.rangeKey = rangeKey
        self.projectedAttributes = projectedAttributes
        self.state = state
        self.statistics = statistics
    }
}

/// One version of a table: its definition with everything the data plane looks up in it.
///
/// Immutable; a change of the table makes a new one, which shares the statistics.
package final class Table: Sendable {
    package let definition: TableDefinition
    package let arn: String
    package let partitionKey: KeyAttribute
    package let sortKey: KeyAttribute?
    package let localIndexes: [SecondaryIndex]
    package let globalIndexes: [SecondaryIndex]
    /// There while the table's time to live is enabled.
    package let expiryIndex: ExpiryIndex?
    package let statistics: Statistics
    package let partitions: TablePartitions
    /// The first place of each partition; empty where there is one.
    let partitionStarts: [KeyPlace]
    /// nil while the table has no stream.
    let stream: TableStream?

    package var id: UInt32 { definition.id }
    package var name: String { definition.name }

    /// The index with a name, local or global.
    package func index(named name: String) -> SecondaryIndex? {
        localIndexes.first { $0.name == name } ?? globalIndexes.first { $0.name == name }
    }

    /// Joins a definition and the statistics of its table and indexes (made where missing).
    ///
    /// - Parameter statistics: by storage id of the table or index.
    package init(
        definition: TableDefinition, accountID: String, statistics: (UInt32) -> Statistics
    ) {
        let types = Dictionary(
            definition.attributeDefinitions.map { ($0.attributeName, $0.attributeType) },
            uniquingKeysWith: { first, _ in first })
        func keys(_ schema: [KeySchemaElement], _ keyType: KeyType) -> [KeyAttribute] {
            schema.filter { $0.keyType == keyType }.map {
                KeyAttribute(name: $0.attributeName, type: types[$0.attributeName] ?? .string)
            }
        }
        let tableHash = keys(definition.keySchema, .hash)
        let tableRange = keys(definition.keySchema, .range)
        func index(
            id: UInt32, name: String, kind: SecondaryIndex.Kind, schema: [KeySchemaElement],
            projection: Projection, state: GlobalIndexDefinition.State,
            partitions: TablePartitions
        ) -> SecondaryIndex {
            let hash = keys(schema, .hash)
            let range = keys(schema, .range)
            let projected: SecondaryIndex.ProjectedAttributes
            if projection.projectionType == .all {
                projected = .all
            } else {
                var names = Set((tableHash + tableRange + hash + range).map(\.utf8))
                for name in projection.nonKeyAttributes ?? [] { names.insert(Array(name.utf8)) }
                projected = .only(names)
            }
            return SecondaryIndex(
                id: id, name: name, kind: kind, hashKey: hash, rangeKey: range,
                projectedAttributes: projected, state: state, statistics: statistics(id),
                partitions: partitions)
        }
        let partitions = definition.currentPartitions
        self.partitions = partitions
        partitionStarts = partitions.starts(id: definition.id)
        self.definition = definition
        arn = "arn:aws:dynamodb:\(definition.region):\(accountID):table/\(definition.name)"
        partitionKey = tableHash.first ?? KeyAttribute(name: "", type: .string)
        sortKey = tableRange.first
        localIndexes = definition.localIndexes.map {
            index(
                id: $0.id, name: $0.index.indexName, kind: .local, schema: $0.index.keySchema,
                projection: $0.index.projection, state: .active, partitions: partitions)
        }
        globalIndexes = definition.globalIndexes.map {
            index(
                id: $0.id, name: $0.index.indexName, kind: .global, schema: $0.index.keySchema,
                projection: $0.index.projection, state: $0.state,
                partitions: definition.partitions(of: $0))
        }
        expiryIndex = definition.timeToLive.flatMap { timeToLive in
            definition.expiryIndex.map {
                ExpiryIndex(
                    id: $0.id, attribute: Array(timeToLive.attributeName.utf8), state: $0.state)
            }
        }
        self.statistics = statistics(definition.id)
        stream = TableStream(of: definition)
    }
}
