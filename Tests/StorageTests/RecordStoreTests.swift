import Storage
import Synchronization
import Testing

@Suite("Records")
struct RecordStoreTests {
    private func open() throws -> RocksStore { try RocksStore.open(.inMemory) }

    private func keys(_ found: [(key: [UInt8], value: [UInt8])]) -> [String] {
        found.map { String(decoding: $0.key, as: UTF8.self) }
    }

    @Test("what is put is read, by key and by prefix in order, and deleted")
    func life() async throws {
        let store = try open()
        let records = RecordStore(store, space: .policies)
        for name in ["r/b", "r/a", "s/a", "r", "q/z"] { try await records.put(name, bytes(name)) }
        #expect(try records.get("r/a") == bytes("r/a"))
        #expect(try records.get("r/c") == nil)
        #expect(keys(try records.records(prefix: "r/")) == ["r/a", "r/b"])
        #expect(keys(try records.records()) == ["q/z", "r", "r/a", "r/b", "s/a"])
        #expect(keys(try records.records(limit: 2)) == ["q/z", "r"])
        #expect(try records.records(limit: 0).isEmpty)
        #expect(keys(try records.records(prefix: bytes("r"), after: bytes("r/a"))) == ["r/b"])
        // A place before or after everything with the prefix.
        #expect(
            keys(try records.records(prefix: bytes("r/"), after: bytes("a"))) == ["r/a", "r/b"])
        #expect(keys(try records.records(prefix: bytes("r/"), after: bytes("z"))) == [])
        try await records.delete("r/a")
        try await records.delete("r/none")
        #expect(keys(try records.records(prefix: "r/")) == ["r/b"])
        store.close()
    }

    @Test("spaces never meet, whatever the keys")
    func spaces() async throws {
        let store = try open()
        let all = RecordStore.Space.allCases.map { (space: $0, RecordStore(store, space: $0)) }
        for (space, records) in all {
            try await records.write([
                ([], [space.rawValue]), ([0xFF, 0xFF], [1]), ([0], [2]),
            ])
        }
        for (space, records) in all {
            #expect(try records.get([UInt8]()) == [space.rawValue])
            #expect(try records.records().map(\.key) == [[], [0], [0xFF, 0xFF]])
            #expect(try records.records(prefix: [0xFF]).map(\.key) == [[0xFF, 0xFF]])
        }
        #expect(Set(RecordStore.Space.allCases.map(\.rawValue)).count == all.count)
        store.close()
    }

    @Test("writes of many are all there, each whole, the last of a key last")
    func concurrent() async throws {
        let directory = try ThrowawayDirectory()
        let store = try directory.open()
        let records = RecordStore(store, space: .checkpoints)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<16 {
                group.addTask {
                    for round in 0..<50 {
                        let value = bytes("\(writer)-\(round)")
                        try await records.write([
                            (bytes("own-\(writer)"), value), (bytes("pair-a"), value),
                            (bytes("pair-b"), value),
                        ])
                        // Durable, so visible.
                        #expect(try records.get("own-\(writer)") == value)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try records.get("pair-a") == records.get("pair-b"))
        store.close()
        let reopened = try directory.open()
        let again = RecordStore(reopened, space: .checkpoints)
        for writer in 0..<16 { #expect(try again.get("own-\(writer)") == bytes("\(writer)-49")) }
        reopened.close()
    }

    @Test("writes that are handed over in an order are made in that order")
    func order() async throws {
        let store = try open()
        let records = RecordStore(store, space: .events)
        let completed = Numbers()
        await withCheckedContinuation { (done: CheckedContinuation<Void, Never>) in
            for number in 0..<500 {
                records.write([(bytes("k"), bytes("\(number)"))]) { _ in
                    completed.add(number)
                    if number == 499 { done.resume() }
                }
            }
        }
        #expect(completed.all == Array(0..<500))
        #expect(try records.get("k") == bytes("499"))
        store.close()
    }

    @Test("a store that takes no writes fails each of them")
    func failing() async throws {
        let store = try open()
        let records = RecordStore(store, space: .logs)
        try await records.put("a", [1])
        store.close()
        await #expect(throws: StorageError.self) { try await records.put("b", [2]) }
        await #expect(throws: StorageError.self) { try await records.delete("a") }
    }
}

/// Numbers in the order in which they were added.
private final class Numbers: Sendable {
    private let numbers = Mutex<[Int]>([])

    var all: [Int] { numbers.withLock { $0 } }

    func add(_ number: Int) { numbers.withLock { $0.append(number) } }
}
