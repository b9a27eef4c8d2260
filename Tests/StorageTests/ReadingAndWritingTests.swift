import Storage
import TestSupport
import Testing

@Suite("Reading and writing")
struct ReadingAndWritingTests {
    @Test("a committed pair is found, in its keyspace only")
    func putAndGet() throws {
        let store = try RocksStore.open(.inMemory)
        try store.put(.items, [1, 2], [3])
        #expect(try store.get(.items, [1, 2]) == [3])
        #expect(try store.get(.items, [1]) == nil)
        for keyspace in Keyspace.allCases where keyspace != .items {
            #expect(try store.get(keyspace, [1, 2]) == nil)
        }
    }

    @Test("keys and values may be empty, binary and large")
    func extremes() throws {
        let store = try RocksStore.open(.inMemory)
        let large = (0..<500_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        let all = (0...255).map { UInt8($0) }
        try store.put(.catalogue, [], [])
        try store.put(.items, all, large)
        try store.put(.items, Array(large.prefix(9000)), all)
        #expect(try store.get(.catalogue, []) == [])
        #expect(try store.get(.items, all) == large)
        #expect(try store.get(.items, Array(large.prefix(9000))) == all)
    }

    @Test("a batch is seen whole, after its commit only, and its changes count in order")
    func batches() throws {
        let store = try RocksStore.open(.inMemory)
        try store.put(.items, [1], [0])
        let batch = store.makeBatch()
        #expect(batch.isEmpty)
        batch.delete(.items, [1])
        batch.put(.items, [2], [1])
        batch.put(.items, [2], [2])
        batch.put(.catalogue, [3], [3])
        batch.put(.items, [4], [4])
        batch.delete(.items, [4])
        #expect(!batch.isEmpty)
        #expect(try store.get(.items, [1]) == [0])
        #expect(try store.get(.items, [2]) == nil)
        try store.commit(batch)
        #expect(try store.get(.items, [1]) == nil)
        #expect(try store.get(.items, [2]) == [2])
        #expect(try store.get(.catalogue, [3]) == [3])
        #expect(try store.get(.items, [4]) == nil)
    }

    @Test("a cleared batch does nothing, and can be filled again")
    func clearing() throws {
        let store = try RocksStore.open(.inMemory)
        let batch = store.makeBatch()
        batch.put(.items, [1], [1])
        batch.clear()
        #expect(batch.isEmpty)
        try store.commit(batch)
        #expect(try store.get(.items, [1]) == nil)
        batch.put(.items, [2], [2])
        try store.commit(batch)
        #expect(try store.get(.items, [2]) == [2])
    }

    @Test("a range delete takes its lower bound and leaves its upper")
    func rangeDelete() throws {
        let store = try RocksStore.open(.inMemory)
        for key in UInt8(1)...9 { try store.put(.items, [key], [key]) }
        let batch = store.makeBatch()
        batch.deleteRange(.items, lower: [3], upper: [7])
        batch.put(.items, [5], [55])
        try store.commit(batch)
        #expect(try pairs(store, .items).map { $0[0] } == [[1], [2], [5], [7], [8], [9]])
        #expect(try store.get(.items, [5]) == [55])
    }

    @Test("an empty or inverted range deletes nothing and harms nothing")
    func emptyRange() throws {
        let store = try RocksStore.open(.inMemory)
        try store.put(.items, [3], [3])
        let batch = store.makeBatch()
        batch.deleteRange(.items, lower: [3], upper: [3])
        batch.deleteRange(.items, lower: [9], upper: [1])
        #expect(batch.isEmpty)
        try store.commit(batch)
        try store.put(.items, [4], [4])
        #expect(try pairs(store, .items).count == 2)
    }

    @Test("a batch of another store is refused and poisons nothing")
    func foreignBatch() throws {
        let store = try RocksStore.open(.inMemory)
        let batch = try RocksStore.open(.inMemory).makeBatch()
        batch.put(.items, [1], [1])
        #expect(throws: StorageError.self) { try store.commit(batch) }
        #expect(store.fault == nil)
        try store.put(.items, [2], [2])
    }

    @Test("a snapshot does not see later commits, the store does")
    func snapshots() throws {
        let store = try RocksStore.open(.inMemory)
        for key in UInt8(1)...3 { try store.put(.items, [key], [1]) }
        let snapshot = store.snapshot()
        let batch = store.makeBatch()
        batch.put(.items, [1], [2])
        batch.deleteRange(.items, lower: [2], upper: [3])
        batch.put(.items, [4], [2])
        try store.commit(batch)
        try store.flush()
        try store.compact(.items)
        #expect(try pairs(snapshot, .items) == [[[1], [1]], [[2], [1]], [[3], [1]]])
        #expect(try snapshot.get(.items, [2]) == [1])
        #expect(try snapshot.get(.items, [4]) == nil)
        #expect(try pairs(store, .items) == [[[1], [2]], [[3], [1]], [[4], [2]]])
    }

    @Test("a cached read answers from memory and says so where it can't")
    func cachedReads() throws {
        let directory = try ThrowawayDirectory()
        let key = [UInt8](repeating: 7, count: 20)
        do {
            let store = try directory.open()
            try store.put(.items, key, [1])
            let fresh = try store.getCached(.items, key)
            #expect(value(fresh) == [1])
            try store.flush()
            store.close()
        }
        let store = try directory.open()
        let cold = try store.getCached(.items, key)
        guard case .unknown = cold else {
            Issue.record("a cold read found \(cold)")
            return
        }
        #expect(try store.get(.items, key) == [1])
        #expect(value(try store.getCached(.items, key)) == [1])
        #expect(value(try store.snapshot().getCached(.items, key)) == [1])
    }

    @Test("in memory, a cached read always knows")
    func cachedReadsInMemory() throws {
        let store = try RocksStore.open(.inMemory)
        try store.put(.items, [1], [1])
        try store.flush()
        #expect(value(try store.getCached(.items, [1])) == [1])
        guard case .absent = try store.getCached(.items, [2]) else {
            Issue.record("an absent key was not absent")
            return
        }
    }

    @Test("sizes follow what is stored")
    func approximateSizes() throws {
        let store = try RocksStore.open(.inMemory)
        var generator = SeededGenerator(seed: 1)
        for key in UInt8(0)..<200 {
            let value = (0..<1000).map { _ in UInt8.random(in: 0...255, using: &generator) }
            try store.put(.items, [key], value)
        }
        try store.flush()
        let all = store.approximateByteCount(.items, lower: [], upper: [255])
        #expect(all > 150_000 && all < 300_000)
        let half = store.approximateByteCount(.items, lower: [0], upper: [100])
        #expect(half > all / 4 && half < all * 3 / 4)
        #expect(store.approximateByteCount(.indexes, lower: [], upper: [255]) == 0)
        #expect(store.approximateByteCount(.items, lower: [9], upper: [3]) == 0)
    }

    private func value(_ read: CachedRead) -> [UInt8]? {
        if case .found(let value) = read { value } else { nil }
    }
}
