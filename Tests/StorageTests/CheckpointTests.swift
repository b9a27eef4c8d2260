import Foundation
import Storage
import Testing

@Suite("Checkpoints")
struct CheckpointTests {
    @Test("a checkpoint opens on its own and does not follow the store")
    func checkpoint() throws {
        let directory = try ThrowawayDirectory()
        let store = try directory.open()
        for keyspace in Keyspace.allCases { try store.put(keyspace, [1], [1]) }
        let path = "\(directory.path)/copy"
        try store.checkpoint(to: path)
        for keyspace in Keyspace.allCases { try store.put(keyspace, [1], [2]) }
        try store.flush()
        let copy = try RocksStore.open(StoreOptions(path: path))
        for keyspace in Keyspace.allCases {
            #expect(try copy.get(keyspace, [1]) == [1])
            #expect(try store.get(keyspace, [1]) == [2])
        }
        try copy.put(.items, [3], [3])
        #expect(try store.get(.items, [3]) == nil)
    }

    @Test("a store in memory can be checkpointed to disk")
    func inMemory() throws {
        let directory = try ThrowawayDirectory()
        let store = try RocksStore.open(.inMemory)
        let value = [UInt8](repeating: 5, count: 10_000)
        for key in UInt8(0)..<250 { try store.put(.items, [key], value) }
        try store.put(.usage, [1], [1])
        try store.checkpoint(to: directory.store)
        let copy = try directory.open()
        #expect(try pairs(copy, .items) == pairs(store, .items))
        #expect(try copy.get(.usage, [1]) == [1])
    }

    @Test("a failed checkpoint leaves nothing behind")
    func failures() throws {
        let directory = try ThrowawayDirectory()
        let store = try directory.open()
        try store.put(.items, [1], [1])
        for path in [directory.store, "\(directory.path)/none/copy"] {
            #expect(throws: StorageError.self) { try store.checkpoint(to: path) }
        }
        let names = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        #expect(names == ["store"])
        #expect(try store.get(.items, [1]) == [1])
    }
}
