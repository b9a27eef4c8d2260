import Storage
import Testing

@Suite("Cursors")
struct CursorTests {
    private func store(_ keys: [String]) throws -> RocksStore {
        let store = try RocksStore.open(.inMemory)
        let batch = store.makeBatch()
        for key in keys { batch.put(.items, bytes(key), bytes(key + "!")) }
        try store.commit(batch)
        return store
    }

    @Test("a cursor stands nowhere until it is sought, and reads there are empty")
    func unsought() throws {
        let cursor = try store(["a"]).cursor(.items, lower: [], upper: nil)
        #expect(!cursor.isValid)
        #expect(cursor.key.isEmpty && cursor.value.isEmpty)
        try cursor.next()
        try cursor.previous()
        #expect(!cursor.isValid)
    }

    @Test("it walks both ways and stops at both ends")
    func walking() throws {
        let cursor = try store(["a", "b", "c"]).cursor(.items, lower: [], upper: nil)
        try cursor.seek(nil)
        #expect(cursor.key == bytes("a") && cursor.value == bytes("a!"))
        try cursor.next()
        try cursor.next()
        #expect(cursor.key == bytes("c"))
        try cursor.previous()
        #expect(cursor.key == bytes("b"))
        try cursor.seekBackward(nil)
        #expect(cursor.key == bytes("c"))
        try cursor.next()
        #expect(!cursor.isValid)
        try cursor.seek(nil)
        try cursor.previous()
        #expect(!cursor.isValid)
    }

    @Test("seeks find the nearest key of the range")
    func seeking() throws {
        let store = try store(["a", "c", "e", "g"])
        let cursor = try store.cursor(.items, lower: bytes("b"), upper: bytes("g"))
        let forward: [(String, String?)] = [
            ("a", "c"), ("c", "c"), ("c1", "e"), ("e", "e"), ("f", nil), ("g", nil), ("z", nil),
        ]
        for (target, expected) in forward {
            try cursor.seek(bytes(target))
            #expect((cursor.isValid ? cursor.key : nil) == expected.map(bytes), "seek \(target)")
        }
        let backward: [(String, String?)] = [
            ("z", "e"), ("g", "e"), ("e", "e"), ("d", "c"), ("c", "c"), ("b", nil), ("a", nil),
        ]
        for (target, expected) in backward {
            try cursor.seekBackward(bytes(target))
            #expect(
                (cursor.isValid ? cursor.key : nil) == expected.map(bytes), "back \(target)")
        }
        try cursor.seek(nil)
        #expect(cursor.key == bytes("c"))
        try cursor.seekBackward(nil)
        #expect(cursor.key == bytes("e"))
    }

    @Test("a range without keys, empty or inverted, has nothing")
    func emptyRanges() throws {
        let store = try store(["a", "c"])
        for (lower, upper) in [("b", "c"), ("c", "c"), ("d", "a"), ("x", "y")] {
            let cursor = try store.cursor(.items, lower: bytes(lower), upper: bytes(upper))
            try cursor.seek(nil)
            #expect(!cursor.isValid)
            try cursor.seekBackward(nil)
            #expect(!cursor.isValid)
            try cursor.seek(bytes("a"))
            #expect(!cursor.isValid)
        }
    }

    @Test("a scan over many prefixes, short keys among them, misses nothing")
    func totalOrder() throws {
        let store = try RocksStore.open(.inMemory)
        var expected: [[UInt8]] = []
        for table in UInt8(1)...3 {
            expected.append([0, 0, 0, table])
            expected.append([0, 0, 0, table, 9])
            for hash in UInt8(10)...30 {
                let prefix: [UInt8] = [0, 0, 0, table, hash, 0, 0, 0, 0, 0, 0, hash]
                expected.append(prefix)
                expected.append(prefix + [1])
                expected.append(prefix + [2, 2])
            }
        }
        for (index, key) in expected.shuffled().enumerated() {
            try store.put(.items, key, [1])
            if index % 40 == 39 { try store.flush() }
        }
        expected.sort { $0.lexicographicallyPrecedes($1) }
        #expect(try pairs(store, .items).map { $0[0] } == expected)
        let ofTable = expected.filter { $0[3] == 2 }
        let found = try pairs(store, .items, [0, 0, 0, 2], [0, 0, 0, 3]).map { $0[0] }
        #expect(found == ofTable)
    }

    @Test("a seek to a prefix that no key has finds its neighbours", arguments: [false, true])
    func absentPrefix(isFlushed: Bool) throws {
        let store = try RocksStore.open(.inMemory)
        func prefix(_ middle: UInt8) -> [UInt8] { [0, 0, 0, 1, middle, 9, 9, 9, 9, 9, 9, middle] }
        for middle in stride(from: UInt8(0), to: 200, by: 2) {
            try store.put(.items, prefix(middle) + [1], [middle])
            if isFlushed, middle % 50 == 0 { try store.flush() }
        }
        if isFlushed { try store.flush() }
        let cursor = try store.cursor(.items, lower: [0, 0, 0, 1], upper: [0, 0, 0, 2])
        for middle in stride(from: UInt8(1), to: 199, by: 2) {
            try cursor.seek(prefix(middle))
            #expect(cursor.value == [middle + 1])
            try cursor.seekBackward(prefix(middle) + [7])
            #expect(cursor.value == [middle - 1])
        }
    }

    @Test("within one prefix, backward seeks find the last key, wherever it lies")
    func withinPrefix() throws {
        let store = try RocksStore.open(.inMemory)
        func prefix(_ last: UInt8) -> [UInt8] { [0, 0, 0, 1, 5, 5, 5, 5, 5, 5, 5, last] }
        for last in [UInt8(1), 2, 3, 255] {
            for suffix in UInt8(1)...3 { try store.put(.items, prefix(last) + [suffix], [last]) }
            try store.flush()
        }
        for last in [UInt8(1), 2, 3] {
            let cursor = try store.cursor(.items, lower: prefix(last), upper: prefix(last + 1))
            try cursor.seek(nil)
            #expect(cursor.key == prefix(last) + [1])
            try cursor.seekBackward(nil)
            #expect(cursor.key == prefix(last) + [3])
            try cursor.previous()
            #expect(cursor.key == prefix(last) + [2])
            try cursor.seek(prefix(last) + [2, 7])
            #expect(cursor.key == prefix(last) + [3])
        }
        // A prefix that ends in 0xFF: its successor is shorter.
        let end: [UInt8] = [0, 0, 0, 1, 5, 5, 5, 5, 5, 5, 6]
        let cursor = try store.cursor(.items, lower: prefix(255), upper: end)
        try cursor.seekBackward(nil)
        #expect(cursor.key == prefix(255) + [3])
    }

    @Test("a cursor outlives the variable that held its snapshot")
    func ownership() throws {
        let store = try store(["a", "b"])
        let cursor = try store.snapshot().cursor(.items, lower: [], upper: nil)
        try store.put(.items, bytes("c"), [])
        try cursor.seekBackward(nil)
        #expect(cursor.key == bytes("b"))
    }
}
