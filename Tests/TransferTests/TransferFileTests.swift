import Glibc
import Items
import Operations
import TestSupport
import Testing
import Wire

@testable import Transfer

/// A directory that goes away with the test.
final class ScratchDirectory {
    let path: String

    init() throws {
        path = "/tmp/transfer-tests-\(RandomIdentifier.uuid())"
        try FilePath.makeDirectory(path)
    }

    deinit {
        for name in (try? FilePath.names(in: path)) ?? [] { FilePath.remove(path + "/" + name) }
        rmdir(path)
    }

    func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = FilePath.joined(path, name)
        try FilePath.write(bytes, to: file)
        return file
    }
}

@Suite("Files of transfers")
struct TransferFileTests {
    @Test("are unpacked from any number of members", arguments: Compression.allCases)
    func members(compression: Compression) throws {
        let directory = try ScratchDirectory()
        var generator = SeededGenerator(seed: 7)
        var whole: [UInt8] = []
        var packed: [UInt8] = []
        for size in [0, 1, 300_000, 0, 5, 1 << 20] {
            let piece = (0..<size).map { _ in UInt8.random(in: 0...40, using: &generator) }
            whole += piece
            packed += try compression.packed(piece)
        }
        let source = try ByteSource(try directory.file("a", packed), compression: compression)
        var read: [UInt8] = []
        while let bytes = try source.next() { read += bytes }
        #expect(read == whole)
    }

    @Test("that are cut off or corrupt are told", arguments: [Compression.gzip, .zstd])
    func torn(compression: Compression) throws {
        let directory = try ScratchDirectory()
        let packed = try compression.packed(Array(repeating: 65, count: 10_000))
        for length in 5..<packed.count {
            let path = try directory.file("a", Array(packed[..<length]))
            #expect(throws: TransferError.self) {
                let source = try ByteSource(path)
                while try source.next() != nil {}
            }
        }
        let path = try directory.file("a", packed + [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
        #expect(throws: TransferError.self) {
            let source = try ByteSource(path)
            while try source.next() != nil {}
        }
    }

    @Test("have records whose places can be gone back to")
    func places() throws {
        let directory = try ScratchDirectory()
        let text = "a\n\"b\nb\",2\r\n\nccc,\"\"\"\"\nend"
        let path = try directory.file("a", Array(text.utf8))
        func splitter() throws -> RecordSplitter {
            RecordSplitter(try ByteSource(path), isCSV: true)
        }
        let all = try splitter()
        var records: [FileRecord] = []
        while let record = try all.next() { records.append(record) }
        #expect(
            records.map { String(decoding: $0.bytes, as: UTF8.self) }
                == ["a", "\"b\nb\",2", "", "ccc,\"\"\"\"", "end"])
        #expect(records.map(\.line) == [1, 2, 4, 5, 6])
        for (index, record) in records.enumerated() {
            let again = try splitter()
            try again.skip(to: record.range.lowerBound, line: record.line)
            let next = try again.next()
            #expect(next?.bytes == record.bytes && next?.line == record.line, "record \(index)")
        }
    }

    /// Whatever was read, packed and asked about: going on at an entrance gives the same bytes.
    @Test(
        "are gone on with in the middle, without unpacking what came before",
        arguments: [
            Compression.none, .gzip, .zstd,
        ])
    func entrances(compression: Compression) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        let directory = try ScratchDirectory()
        var all: [UInt8] = []
        var packed: [UInt8] = []
        for _ in 0..<30 {
            let count = Int.random(in: 0...60_000, using: &generator)
            let piece = (0..<count).map { _ in UInt8.random(in: 0...255, using: &generator) }
            all += piece
            packed += try compression.packed(piece)
        }
        let path = try directory.file("a", packed)
        let source = try ByteSource(path)
        var read = 0
        var entered = 0
        while let bytes = try source.next() {
            let offset = Int.random(in: entered...(read + bytes.count), using: &generator)
            read += bytes.count
            guard let entrance = source.entrance(before: offset) else { continue }
            #expect(entrance.unpacked <= offset, "seed \(seed)")
            entered = entrance.unpacked
            let again = try ByteSource(path)
            _ = try again.next()
            #expect(try again.enter(entrance))
            var rest: [UInt8] = []
            while let more = try again.next() { rest += more }
            #expect(rest == Array(all[entrance.unpacked...]), "seed \(seed)")
        }
        #expect(read == all.count && entered > all.count / 3, "seed \(seed)")
    }

    @Test("have their marks and blank lines left out, and formats told by what is left")
    func beginnings() throws {
        func changes(_ name: String, _ text: String) throws -> [ItemChange] {
            let directory = try ScratchDirectory()
            let path = try directory.file(name, Array(text.utf8))
            let reader = ImportReader(
                try ImportSource(path, format: nil), keyTypes: [(Array("id".utf8), .string)],
                columnTypes: [:])
            var changes: [ItemChange] = []
            while let record = try reader.next() { changes.append(try record.change.get()) }
            return changes
        }
        let item = ItemChange.put(["id": .string("1")])
        for name in ["a", "a.jsonl", "a.json.txt"] {
            #expect(try changes(name, "\u{FEFF}{\"id\":\"1\"}\r\n") == [item])
            #expect(try changes(name, "\n \t\r\n\n{\"id\":\"1\"}\n\n") == [item])
            #expect(try changes(name, "\n{\"Item\":{\"id\":{\"S\":\"1\"}}}") == [item])
        }
        for name in ["a", "a.csv"] {
            #expect(try changes(name, "\u{FEFF}\"id\"\r\n\"1\"\r\n") == [item])
            #expect(try changes(name, "\n\nid\n\n1\n") == [item])
        }
        // The name tells that this is no CSV.
        #expect(throws: TransferError.self) { try changes("a.jsonl", "id\n1\n") }
        let named = ItemChange.put(["Item": .string("x"), "id": .string("1")])
        #expect(try changes("a", "{\"Item\":\"x\",\"id\":1}") == [named])
        let alone = ItemChange.put(["Item": .string("x")])
        #expect(try changes("a", "{\"Item\":\"x\"}") == [alone])
        #expect(throws: TransferError.self) { try changes("a.jsonl.gz", "") }
    }

    @Test("of CSV are read as RFC 4180 tells")
    func cells() throws {
        func cells(_ text: String) throws -> [String] {
            try CSVRecord.cells(Array(text.utf8)).map {
                String(decoding: $0.bytes, as: UTF8.self) + ($0.isQuoted ? "!" : "")
            }
        }
        #expect(try cells(#"a,,"","b ""c"" ,",d"#) == ["a", "", "!", "b \"c\" ,!", "d"])
        #expect(try cells("") == [""])
        #expect(try cells(",") == ["", ""])
        for bad in [#"a"b"#, #""a"b"#, #""a"#] {
            #expect(throws: TransferError.self) { try cells(bad) }
        }
    }
}

@Suite("An export's files")
struct ExportFilesTests {
    /// What was kept is there, whatever came after, wherever the file was cut after a kill.
    @Test("go on from the checkpoint after a cut at any byte")
    func resumption() async throws {
        let directory = try ScratchDirectory()
        let checkpointPath = directory.path + "/checkpoint"
        for compression in Compression.allCases {
            var begun = ExportCheckpoint(settings: [("a", "b")], segments: 2, files: ["out"])
            begun.startTime = 5
            let files = try ExportFiles(
                begun, directory: directory.path, checkpointPath: checkpointPath)
            func piece(_ text: String) throws -> ExportFiles.Piece {
                ExportFiles.Piece(
                    bytes: try compression.packed(Array(text.utf8)), items: 1, itemBytes: 3,
                    units: 0.5, columns: [text])
            }
            let key = ExportCheckpoint.Segment(
                startKey: .object([("id", .object([("S", .string("1"))]))]), isDone: false)
            try await files.append(try piece("one\n"), of: 0, then: key)
            try await files.keep()
            let kept = try ExportCheckpoint(path: checkpointPath)
            #expect(kept.items == 1 && kept.segments[0] == key && kept.columns == ["one\n"])
            try await files.append(try piece("lost\n"), of: 1, then: key)
            let torn = try FilePath.read(directory.path + "/out")
            for cut in stride(from: kept.files[0].length, through: torn.count, by: 2) {
                _ = try directory.file("out", Array(torn[..<cut]))
                let again = try ExportFiles(
                    kept, directory: directory.path, checkpointPath: checkpointPath)
                try await again.append(
                    try piece("two\n"), of: 1,
                    then: ExportCheckpoint.Segment(startKey: nil, isDone: true))
                let end = try await again.close(compression)
                #expect(end.items == 2 && end.units == 1)
                let source = try ByteSource(directory.path + "/out", compression: compression)
                var text: [UInt8] = []
                while let bytes = try source.next() { text += bytes }
                #expect(String(decoding: text, as: UTF8.self) == "one\ntwo\n")
            }
            _ = try directory.file("out", Array(torn[..<(kept.files[0].length - 1)]))
            #expect(throws: TransferError.self) {
                try ExportFiles(kept, directory: directory.path, checkpointPath: checkpointPath)
            }
            FilePath.remove(directory.path + "/out")
        }
    }

    @Test("have a checkpoint that knows its settings")
    func settings() throws {
        let checkpoint = ExportCheckpoint(
            settings: [("--format", "csv")], segments: 1, files: ["a"])
        #expect(throws: Never.self) { try checkpoint.check([("--format", "csv")], path: "p") }
        #expect(throws: TransferError.self) { try checkpoint.check([("--format", "x")], path: "p") }
    }
}

@Suite("A limit of units")
struct UnitLimiterTests {
    @Test("spaces requests out by what they consume")
    func spacing() async {
        let clock = HandClock(0)
        let limiter = UnitLimiter(unitsPerSecond: 10) { clock.now() }
        #expect(await limiter.reserve(5) == 0)
        #expect(await limiter.reserve(5) == 0.5)
        await limiter.settle(15)
        #expect(await limiter.reserve(1) == 2.5)
        clock.advance(by: 60)
        // A pause saves nothing up.
        #expect(await limiter.reserve(20) == 0)
        #expect(await limiter.reserve(1) == 2)
        #expect(await UnitLimiter(unitsPerSecond: nil).reserve(1e9) == 0)
    }
}
