import Foundation
import Items
import Operations
import Storage

@testable import Engine

/// What the storage ids in keys stand for, learnt from the definitions that are written.
struct StoredNames {
    /// A table or an index and the components of its keys.
    struct Owner {
        var name: String
        /// Types of the components after the partition hash.
        var own: [ScalarAttributeType]
        /// Types of the table's key that end an index entry's key and are no part of its own key.
        var tableKey: [ScalarAttributeType] = []
        /// Whether this is the index of items by their expiry.
        var isExpiry = false
    }

    private var owners: [UInt32: Owner] = [:]
    private var definitions: [UInt32: TableDefinition] = [:]

    /// Whether an index is still being filled when some batches are written.
    func isBackfilling(after batches: [[RecordedChange]]) -> Bool {
        var names = self
        for case .put(.catalogue, let key, let value) in batches.joined() {
            if key.first == UInt8(ascii: "t") { _ = names.learn(value) }
        }
        return names.definitions.values.contains { definition in
            definition.globalIndexes.contains { $0.state != .active }
                || (definition.expiryIndex.map { $0.state != .active } ?? false)
        }
    }

    subscript(id: UInt32) -> Owner? { owners[id] }

    /// The definition last written under an id.
    func definition(_ id: UInt32) -> TableDefinition? { definitions[id] }

    /// Forgets a definition; the names stay, since changes of the same batch may follow.
    mutating func drop(_ id: UInt32) { definitions[id] = nil }

    /// Takes a written definition up; answers it and the one before.
    mutating func learn(_ json: [UInt8]) -> (old: TableDefinition?, new: TableDefinition)? {
        guard let definition = expect(json) else { return nil }
        let old = definitions.updateValue(definition, forKey: definition.id)
        return (old, definition)
    }

    /// Takes up what the ids of a definition stand for: other changes of its batch may come before
    /// it.
    @discardableResult
    mutating func expect(_ json: [UInt8]) -> TableDefinition? {
        guard
            let definition = try? JSONDecoder().decode(TableDefinition.self, from: Data(json))
        else { return nil }
        let table = Table(definition: definition, accountID: "") { _ in Statistics() }
        let tableKey = [table.partitionKey.type] + (table.sortKey.map { [$0.type] } ?? [])
        owners[table.id] = Owner(name: table.name, own: tableKey)
        for index in table.localIndexes + table.globalIndexes {
            let hash = index.hashKey.map(\.type)
            let range = index.rangeKey.map(\.type)
            owners[index.id] = Owner(
                name: "\(table.name).\(index.name)", own: hash + range,
                tableKey: index.kind == .local ? Array(tableKey.dropFirst()) : tableKey)
        }
        if let expiry = definition.expiryIndex {
            owners[expiry.id] = Owner(name: "\(table.name) expiry", own: [], isExpiry: true)
        }
        if let stream = definition.stream { owners[stream.id] = Owner(name: table.name, own: []) }
        return definition
    }
}
