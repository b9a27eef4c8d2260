internal import FoundationEssentials
internal import Operations
internal import Storage
internal import Synchronization

/// The tables as last committed, by region and name.
///
/// Read by anyone at any time; replaced by the commit path alone, after the batch that holds the
/// change is durable. In the store a definition is JSON under `t` and the id, the statistics of a
/// table or index are under `s` and its id, and the next storage id is under `n`. What else this
/// keyspace holds, under `x` and after, is not read at the start (`TransactionTokenRecord`).
package final class Catalogue: TableLookup, Sendable {
    struct TableName: Hashable, Sendable {
        let region: String
        let name: String
    }

    struct Contents: Sendable {
        var tables: [TableName: Table] = [:]
        var statistics: [UInt32: Statistics] = [:]
        var nextID: UInt32 = 1
    }

    /// A table or one of its indexes, by its storage id.
    enum Resource: Sendable {
        case table(Table)
        case index(SecondaryIndex, of: Table)
    }

    private let contents: Mutex<Contents>
    private let resources: Mutex<[UInt32: Resource]>
    let accountID: String

    /// Reads the catalogue of a store.
    ///
    /// - Throws: `StorageError.corrupt` where an entry cannot be read.
    init(store: any KeyValueStore, accountID: String) throws(StorageError) {
        self.accountID = accountID
        var loaded = Contents()
        var definitions: [TableDefinition] = []
        let cursor = try store.cursor(
            .catalogue, lower: [], upper: [TransactionTokenRecord.mark])
        try cursor.seek(nil)
        while cursor.isValid {
            let key = cursor.key
            let value = cursor.value
            switch key.first {
            case Keys.definitionMark:
                guard
                    let definition = try? JSONDecoder().decode(
                        TableDefinition.self, from: Data(value))
                else { throw .corrupt("the catalogue's definition of a table cannot be read") }
                definitions.append(definition)
            case Keys.statisticsMark:
                guard let id = Keys.id(of: key), let statistics = Keys.statistics(value) else {
                    throw .corrupt("the catalogue's statistics cannot be read")
                }
                loaded.statistics[id] = Statistics(statistics)
            case Keys.nextIDMark:
                guard value.count == 4 else {
                    throw .corrupt("the catalogue's next storage id cannot be read")
                }
                loaded.nextID = value.reduce(0) { $0 << 8 | UInt32($1) }
            default:
                break
            }
            try cursor.next()
        }
        for definition in definitions {
            let name = TableName(region: definition.region, name: definition.name)
            loaded.tables[name] = Table(definition: definition, accountID: accountID) { id in
                if let known = loaded.statistics[id] { return known }
                let fresh = Statistics()
                loaded.statistics[id] = fresh
                return fresh
            }
        }
        contents = Mutex(loaded)
        resources = Mutex(
            loaded.tables.values.reduce(into: [:]) { resources, table in
                for (id, resource) in table.resources { resources[id] = resource }
            })
    }

    package func table(named name: String, region: String) -> Table? {
        contents.withLock { $0.tables[TableName(region: region, name: name)] }
    }

    package func tables(in region: String) -> [Table] {
        contents.withLock { contents in
            contents.tables.values.filter { $0.definition.region == region }
        }.sorted { $0.name < $1.name }
    }

    /// The table or index of a storage id; nil where it was dropped.
    func resource(id: UInt32) -> Resource? { resources.withLock { $0[id] } }

    /// Every table of every region.
    var allTables: [Table] { contents.withLock { Array($0.tables.values) } }

    /// A copy to stage changes on.
    var current: Contents { contents.withLock { $0 } }

    /// Makes committed changes visible.
    func publish(tables changes: [TableName: Table?], nextID: UInt32, dropped: [UInt32]) {
        contents.withLock { contents in
            for (name, table) in changes { contents.tables[name] = table }
            contents.nextID = nextID
            for table in changes.values {
                guard let table else { continue }
                contents.statistics[table.id] = table.statistics
                for index in table.localIndexes + table.globalIndexes {
                    contents.statistics[index.id] = index.statistics
                }
            }
            for id in dropped { contents.statistics[id] = nil }
        }
        resources.withLock { resources in
            for id in dropped { resources[id] = nil }
            for case let table? in changes.values {
                for (id, resource) in table.resources { resources[id] = resource }
            }
        }
    }

    /// The catalogue's keys and values in the store.
    enum Keys {
        static let definitionMark = UInt8(ascii: "t")
        static let statisticsMark = UInt8(ascii: "s")
        static let nextIDMark = UInt8(ascii: "n")
        static let nextID: [UInt8] = [nextIDMark]

        static func definition(_ id: UInt32) -> [UInt8] { [definitionMark] + bytes(id) }
        static func statistics(_ id: UInt32) -> [UInt8] { [statisticsMark] + bytes(id) }

        static func bytes(_ value: UInt32) -> [UInt8] { StoredKeys.start(id: value, capacity: 4) }

        static func id(of key: [UInt8]) -> UInt32? {
            key.count == 5 ? key.dropFirst().reduce(0) { $0 << 8 | UInt32($1) } : nil
        }

        static func encode(_ statistics: Statistics.Value) -> [UInt8] {
            var bytes: [UInt8] = []
            bytes.reserveCapacity(16)
            for value in [statistics.itemCount, statistics.byteCount] {
                for shift in stride(from: 56, through: 0, by: -8) {
                    bytes.append(UInt8(truncatingIfNeeded: value >> shift))
                }
            }
            return bytes
        }

        static func statistics(_ bytes: [UInt8]) -> Statistics.Value? {
            guard bytes.count == 16 else { return nil }
            func integer(_ slice: ArraySlice<UInt8>) -> Int {
                Int(bitPattern: slice.reduce(UInt(0)) { $0 << 8 | UInt($1) })
            }
            return Statistics.Value(
                itemCount: integer(bytes[0..<8]), byteCount: integer(bytes[8..<16]))
        }
    }
}
