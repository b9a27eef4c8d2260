import Foundation
import Storage
import Testing

/// Failures are real ones: the log's file descriptor is replaced beneath the database.
@Suite("Failed writes")
struct FailureTests {
    /// Puts another file in the place of the store's open log.
    private func replaceLog(of path: String, by descriptor: Int32) throws {
        let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd")
        var replaced = 0
        for name in open {
            guard let number = Int32(name),
                let target = try? FileManager.default.destinationOfSymbolicLink(
                    atPath: "/proc/self/fd/\(name)"),
                target.hasPrefix(path + "/"), target.hasSuffix(".log")
            else { continue }
            #expect(dup2(descriptor, number) == number)
            replaced += 1
        }
        try #require(replaced > 0)
    }

    private func expectPoisoned(_ store: RocksStore) {
        #expect(throws: StorageError.self) { try store.flush() }
        #expect(throws: StorageError.self) { try store.checkpoint(to: "/nowhere") }
        for _ in 0..<2 {
            let error = #expect(throws: StorageError.self) { try store.put(.items, [9], [9]) }
            guard case .poisoned(let text) = error, !text.isEmpty else {
                Issue.record("\(String(describing: error))")
                return
            }
        }
    }

    @Test("a full device fails the commit and poisons the store; reads go on")
    func fullDevice() throws {
        let directory = try ThrowawayDirectory()
        do {
            let store = try directory.open()
            try store.put(.items, [1], [1])
            #expect(store.fault == nil)
            let full = open("/dev/full", O_WRONLY | O_CLOEXEC)
            try replaceLog(of: directory.store, by: full)
            close(full)
            let error = #expect(throws: StorageError.self) { try store.put(.items, [2], [2]) }
            guard case .full = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(store.fault == error)
            expectPoisoned(store)
            #expect(try store.get(.items, [1]) == [1])
            #expect(try store.get(.items, [2]) == nil)
            #expect(try pairs(store.snapshot(), .items) == [[[1], [1]]])
            store.close()
        }
        let store = try directory.open()
        #expect(try pairs(store, .items) == [[[1], [1]]])
        try store.put(.items, [2], [2])
        #expect(store.fault == nil)
    }

    @Test("a failed sync is not acknowledged, though the write before it succeeded")
    func failedSync() throws {
        let directory = try ThrowawayDirectory()
        let store = try directory.open(durability: .fsync)
        try store.put(.items, [1], [1])
        // A pipe takes the bytes and refuses the sync.
        var ends: [Int32] = [0, 0]
        #expect(pipe(&ends) == 0)
        try replaceLog(of: directory.store, by: ends[1])
        defer { for end in ends { close(end) } }
        let error = #expect(throws: StorageError.self) { try store.put(.items, [2], [2]) }
        guard case .io = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        expectPoisoned(store)
        #expect(try store.get(.items, [2]) == nil)
        #expect(try store.get(.items, [1]) == [1])
    }

    @Test("a failed background write shows as a fault before the next commit")
    func failedFlush() throws {
        let directory = try ThrowawayDirectory()
        let store = try directory.open()
        try store.put(.items, [1], [1])
        // Directories stand where the next tables would be made.
        let obstacles = (1...60).map { number in
            let digits = String(number)
            let name = String(repeating: "0", count: 6 - digits.count) + digits
            return "\(directory.store)/\(name).sst"
        }
        for path in obstacles {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: false)
        }
        #expect(throws: StorageError.self) { try store.flush() }
        #expect(store.fault != nil)
        expectPoisoned(store)
        #expect(try store.get(.items, [1]) == [1])
        store.close()
        for path in obstacles { try? FileManager.default.removeItem(atPath: path) }
        #expect(try directory.open().get(.items, [1]) == [1])
    }
}
