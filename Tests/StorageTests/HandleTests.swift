import Storage
import Testing

@Suite("Handles")
struct HandleTests {
    @Test("snapshots, cursors and batches are counted and given back")
    func counting() throws {
        let store = try RocksStore.open(.inMemory)
        #expect(store.liveHandleCount == 0)
        do {
            let snapshot = store.snapshot()
            let cursor = try snapshot.cursor(.items, lower: [], upper: nil)
            let batch = store.makeBatch()
            #expect(store.liveHandleCount == 3)
            try withExtendedLifetime((snapshot, cursor, batch)) {
                try store.put(.items, [1], [1])
                _ = try store.get(.items, [1])
                _ = try pairs(store, .items)
                #expect(store.liveHandleCount == 3)
            }
        }
        #expect(store.liveHandleCount == 0)
    }

    @Test("failed operations give their handles back too")
    func failures() throws {
        let directory = try ThrowawayDirectory()
        let store = try directory.open()
        #expect(throws: StorageError.self) { try store.checkpoint(to: directory.store) }
        #expect(throws: StorageError.self) { try directory.open() }
        #expect(store.liveHandleCount == 0)
    }

    @Test("after closing, every call throws or does nothing")
    func closed() throws {
        let store = try RocksStore.open(.inMemory)
        try store.put(.items, [1], [1])
        store.close()
        store.close()
        #expect(throws: StorageError.self) { try store.get(.items, [1]) }
        #expect(throws: StorageError.self) { try store.getCached(.items, [1]) }
        #expect(throws: StorageError.self) { try store.cursor(.items, lower: [], upper: nil) }
        #expect(throws: StorageError.self) { try store.snapshot().get(.items, [1]) }
        #expect(throws: StorageError.self) { try store.put(.items, [1], [1]) }
        #expect(throws: StorageError.self) { try store.flush() }
        #expect(throws: StorageError.self) { try store.checkpoint(to: "/nowhere") }
        #expect(store.approximateByteCount(.items, lower: [], upper: [9]) == 0)
        #expect(store.fault == nil)
        #expect(store.liveHandleCount == 0)
    }

    @Test("a cursor that outlives its store goes on, then gives the store's lock back")
    func outliving() throws {
        let directory = try ThrowawayDirectory()
        do {
            let store = try directory.open()
            try store.put(.items, [1], [1])
            let cursor = try store.snapshot().cursor(.items, lower: [], upper: nil)
            store.close()
            #expect(throws: StorageError.self) { try directory.open() }
            try cursor.seek(nil)
            #expect(cursor.key == [1])
        }
        #expect(try directory.open().get(.items, [1]) == [1])
    }

    @Test("closing under reads from other threads is safe")
    func closingRace() async throws {
        for _ in 0..<20 {
            let store = try RocksStore.open(.inMemory)
            try store.put(.items, [1], [1])
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        for _ in 0..<2000 {
                            guard let value = try? store.get(.items, [1]) else { return }
                            #expect(value == [1])
                        }
                    }
                }
                group.addTask { store.close() }
            }
            #expect(store.liveHandleCount == 0)
        }
    }
}
