import Items
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Transfer

@Suite("The queue of an import")
struct ImportQueueTests {
    private static func table() throws -> TransferTable {
        let text = """
            {"TableName":"t","KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],
             "AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"}]}
            """
        return try TransferTable(description: try JSONValue(parsing: Array(text.utf8)))
    }

    private static func queue(
        _ directory: ScratchDirectory, resumes: Bool = false
    ) throws -> ImportQueue {
        let table = try table()
        let source = try ImportSource(directory.path + "/in.jsonl", format: .jsonl)
        var checkpoint = ImportCheckpoint(table: table, source: source)
        let path = directory.path + "/checkpoint"
        if resumes { try checkpoint.resume(from: path) }
        let reader = ImportReader(
            source, keyTypes: table.keyTypes, columnTypes: [:], from: checkpoint.place,
            by: checkpoint.entrance)
        return ImportQueue(
            table: table, reader: reader, checkpoint: checkpoint, checkpointPath: path,
            skipsBad: false, progress: TransferProgress(), onBad: { _ in })
    }

    /// Changes of few items many times over: whoever is last in the file must be last in the table.
    @Test("keeps the order of an item's changes, and loses none when it is broken off")
    func order() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        let directory = try ScratchDirectory()
        let keys = (0..<2_000).map { _ in Int.random(in: 0..<60, using: &generator) }
        var text = ""
        var last: [String: Int] = [:]
        for (number, key) in keys.enumerated() {
            text += "{\"id\":\"\(key)\",\"n\":\(number)}\n"
            last["\(key)"] = number
        }
        let compression = Compression.allCases.randomElement(using: &generator) ?? .none
        let lines = Array(text.utf8)
        let cuts = (0..<20).map { _ in Int.random(in: 0...lines.count, using: &generator) }
        var packed: [UInt8] = []
        for (from, to) in zip([0] + cuts.sorted(), cuts.sorted() + [lines.count]) {
            packed += try compression.packed(Array(lines[from..<to]))
        }
        _ = try directory.file("in.jsonl", packed)
        var stored: [String: Int] = [:]
        var resumes = false
        // Broken off again and again, at a random batch; what is under way then is not written.
        while true {
            let queue = try Self.queue(directory, resumes: resumes)
            resumes = true
            var underWay: [ImportBatch] = []
            var left = Int.random(in: 5...30, using: &generator)
            var isAtEnd = false
            while left > 0 {
                left -= 1
                if underWay.count < 4 {
                    let batch = try await queue.fill(unitsMax: .infinity)
                    if batch.entries.isEmpty, underWay.isEmpty {
                        isAtEnd = true
                        break
                    }
                    let items = Set(batch.entries.map(\.identity))
                    #expect(items.count == batch.entries.count, "seed \(seed)")
                    for other in underWay {
                        #expect(items.isDisjoint(with: other.entries.map(\.identity)))
                    }
                    // All that is left may be of items that are under way.
                    if !batch.entries.isEmpty { underWay.append(batch) }
                }
                if underWay.count == 4 || !underWay.isEmpty && Bool.random(using: &generator) {
                    let index = Int.random(in: underWay.indices, using: &generator)
                    try await Self.write(underWay.remove(at: index), queue, &stored)
                }
            }
            if isAtEnd {
                #expect(try await queue.next(unitsMax: .infinity) == nil)
                break
            }
            try await queue.keep()
        }
        #expect(stored == last, "seed \(seed)")
    }

    private static func write(
        _ batch: ImportBatch, _ queue: ImportQueue, _ stored: inout [String: Int]
    ) async throws {
        for entry in batch.entries {
            guard case .put(let item) = entry.change, let id = item.value(named: "id")?.string,
                let number = item.value(named: "n")?.number?.integer
            else { continue }
            stored[id] = number
        }
        try await queue.finish(batch, written: batch.entries, units: 0)
    }

    @Test("does not pass a record that ended the import")
    func badRecord() async throws {
        let directory = try ScratchDirectory()
        let text = "{\"id\":\"1\"}\n{\"id\":\"2\"}\nbad\n{\"id\":\"3\"}\n"
        _ = try directory.file("in.jsonl", Array(text.utf8))
        let queue = try Self.queue(directory)
        await #expect(throws: TransferError.self) { _ = try await queue.next(unitsMax: 10) }
        try await queue.keep()
        var checkpoint = ImportCheckpoint(
            table: try Self.table(),
            source: try ImportSource(directory.path + "/in.jsonl", format: .jsonl))
        try checkpoint.resume(from: directory.path + "/checkpoint")
        #expect(checkpoint.place.offset == 0)
    }

    /// Another writer may ask for a batch before it sees that the first one failed.
    @Test("loses nothing that was taken before a bad record, whoever goes on")
    func badRecordAndOthers() async throws {
        let directory = try ScratchDirectory()
        let text = "{\"id\":\"1\"}\nbad\n{\"id\":\"2\"}\n"
        _ = try directory.file("in.jsonl", Array(text.utf8))
        let queue = try Self.queue(directory)
        await #expect(throws: TransferError.self) { _ = try await queue.next(unitsMax: 10) }
        if let batch = try await queue.next(unitsMax: 10) {
            try await queue.finish(batch, written: batch.entries, units: 0)
        }
        try await queue.keep()
        var checkpoint = ImportCheckpoint(
            table: try Self.table(),
            source: try ImportSource(directory.path + "/in.jsonl", format: .jsonl))
        try checkpoint.resume(from: directory.path + "/checkpoint")
        #expect(checkpoint.place.offset == 0)
    }

    @Test("hands out no more than a second's units at once")
    func units() async throws {
        let directory = try ScratchDirectory()
        let text = (0..<10).map { "{\"id\":\"\($0)\"}\n" }.joined()
        _ = try directory.file("in.jsonl", Array(text.utf8))
        let queue = try Self.queue(directory)
        #expect(try await queue.next(unitsMax: 3)?.entries.count == 3)
        #expect(try await queue.next(unitsMax: 0.5)?.entries.count == 1)
        #expect(try await queue.next(unitsMax: 100)?.entries.count == 6)
    }
}
