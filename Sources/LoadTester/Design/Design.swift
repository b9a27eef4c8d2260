package import Items
package import Metering
package import Operations

/// A table design and the workload it is to bear: what a design file says.
package struct Design: Sendable {
    package var name: String
    /// A sentence or two for the report; empty where the file has none.
    package var summary: String
    package var tables: [DesignTable]
    package var patterns: [AccessPattern]
    package var phases: [Phase]
    /// All that is random is drawn from it.
    package var seed: UInt64
    /// Connections that send requests.
    package var clientCount: Int

    package init(
        name: String, summary: String = "", tables: [DesignTable], patterns: [AccessPattern],
        phases: [Phase], seed: UInt64 = 1, clientCount: Int = 16
    ) {
        self.name = name
        self.summary = summary
        self.tables = tables
        self.patterns = patterns
        self.phases = phases
        self.seed = seed
        self.clientCount = clientCount
    }

    /// Tables and their indexes, each table before its own: their numbers in a run's records.
    package var resources: [DesignResource] {
        tables.flatMap { table in
            [DesignResource(table: table, index: nil)]
                + table.indexes.map { DesignResource(table: table, index: $0) }
        }
    }
}

/// A table as CreateTable takes it.
package struct DesignTable: Sendable, Hashable {
    package var name: String
    package var hashKey: DesignKey
    package var rangeKey: DesignKey?
    package var indexes: [DesignIndex]
    package var throughput: ThroughputSetting
    package var tableClass: TableClass

    package init(
        name: String, hashKey: DesignKey, rangeKey: DesignKey? = nil, indexes: [DesignIndex] = [],
        throughput: ThroughputSetting, tableClass: TableClass = .standard
    ) {
        self.name = name
        self.hashKey = hashKey
        self.rangeKey = rangeKey
        self.indexes = indexes
        self.throughput = throughput
        self.tableClass = tableClass
    }
}

extension DesignTable {
    /// The sort key, if there is one.
    var rangeKeys: [DesignKey] { rangeKey.map { [$0] } ?? [] }
    /// The partition key, then the sort key.
    var keys: [DesignKey] { [hashKey] + rangeKeys }
}

package struct DesignKey: Sendable, Hashable {
    package var name: String
    package var type: ScalarAttributeType

    package init(name: String, type: ScalarAttributeType) {
        self.name = name
        self.type = type
    }
}

package struct DesignIndex: Sendable, Hashable {
    package var name: String
    package var isLocal: Bool
    package var hashKeys: [DesignKey]
    package var rangeKeys: [DesignKey]
    /// KEYS_ONLY, INCLUDE or ALL.
    package var projectionType: ProjectionType
    package var nonKeyAttributes: [String]
    /// Of a global index.
    package var throughput: ThroughputSetting

    package init(
        name: String, isLocal: Bool, hashKeys: [DesignKey], rangeKeys: [DesignKey],
        projectionType: ProjectionType, nonKeyAttributes: [String] = [],
        throughput: ThroughputSetting
    ) {
        self.name = name
        self.isLocal = isLocal
        self.hashKeys = hashKeys
        self.rangeKeys = rangeKeys
        self.projectionType = projectionType
        self.nonKeyAttributes = nonKeyAttributes
        self.throughput = throughput
    }
}

/// A table or one of its indexes.
package struct DesignResource: Sendable, Hashable {
    package var table: DesignTable
    /// nil: the table itself.
    package var index: DesignIndex?

    package init(table: DesignTable, index: DesignIndex?) {
        self.table = table
        self.index = index
    }

    /// `orders`, `orders/by-customer`.
    package var name: String { index.map { "\(table.name)/\($0.name)" } ?? table.name }
}

/// One way in which the application uses its tables, as the report tells of it.
///
/// What its requests look like is the driver's matter (`RequestTemplate`).
package struct AccessPattern: Sendable {
    package var name: String
    /// The operation's name, `PutItem` say.
    package var operation: String
    package var tableName: String
    package var indexName: String?
    /// Requests per second at full rate; nil: a share of the phase's rate, by weight.
    package var targetRate: Double?
    package var weight: Double

    package init(
        name: String, operation: String, tableName: String, indexName: String? = nil,
        targetRate: Double? = nil, weight: Double = 1
    ) {
        self.name = name
        self.operation = operation
        self.tableName = tableName
        self.indexName = indexName
        self.targetRate = targetRate
        self.weight = weight
    }
}

/// A stretch of a run.
package struct Phase: Sendable, Hashable {
    package enum Kind: String, Sendable, Hashable {
        /// Fills the tables, as fast as it may; not part of the figures.
        case load
        /// The rate rises from `startRate` to `endRate`.
        case ramp
        case steady
        case spike
    }

    package var kind: Kind
    package var name: String
    package var seconds: Double
    /// Multiples of the patterns' full rates.
    package var startRate: Double
    package var endRate: Double

    package init(
        kind: Kind, name: String, seconds: Double, startRate: Double = 1, endRate: Double = 1
    ) {
        self.kind = kind
        self.name = name
        self.seconds = seconds
        self.startRate = startRate
        self.endRate = endRate
    }
}
