internal import FoundationEssentials
internal import Metering
internal import Storage

/// What a store keeps of capacities: JSON under `p` and the storage id of the table or index.
enum StoredCapacity {
    static let mark = UInt8(ascii: "p")

    static func key(_ id: UInt32) -> [UInt8] { [mark] + Catalogue.Keys.bytes(id) }

    /// Every capacity that is kept, by storage id.
    ///
    /// - Throws: `StorageError.corrupt` where one cannot be read.
    static func readAll(
        _ store: any KeyValueStore
    ) throws(StorageError) -> [UInt32: ResourceCapacity.State] {
        var states: [UInt32: ResourceCapacity.State] = [:]
        let cursor = try store.cursor(.catalogue, lower: [mark], upper: [mark + 1])
        try cursor.seek(nil)
        while cursor.isValid {
            guard let id = Catalogue.Keys.id(of: cursor.key),
                let state = try? JSONDecoder().decode(
                    ResourceCapacity.State.self, from: Data(cursor.value))
            else { throw .corrupt("the catalogue's capacity of a table cannot be read") }
            states[id] = state
            try cursor.next()
        }
        return states
    }
}

extension Staging {
    func putCapacity(_ state: ResourceCapacity.State, of id: UInt32) {
        guard let json = try? JSONEncoder().encode(state) else { return }
        batch.put(.catalogue, StoredCapacity.key(id), Array(json))
    }
}
