import Items
import Operations
import Testing
import Wire

@testable import LoadTester

@Suite("Generated values")
struct GeneratedValueTests {
    private func draw(_ yaml: String, count: Int = 1, seed: UInt64 = 1) throws -> [GeneratedValue] {
        let file = try DesignFile(
            reading: """
                seed: \(seed)
                rate: 1
                tables:
                  - TableName: items
                    AttributeDefinitions: [{AttributeName: id, AttributeType: N}]
                    KeySchema: [{AttributeName: id, KeyType: HASH}]
                load:
                  - table: items
                    count: \(count)
                    item: {id: "{index}", x: \(yaml)}
                patterns: [{name: p, operation: Scan, table: items}]
                """, name: "test")
        let batches = LoadBatches(
            design: file.design, workload: file.workload, number: 0, count: count)
        return (0..<count).map { batches.item($0)[1].value }
    }

    private func text(_ yaml: String, count: Int = 1) throws -> [String] {
        try draw(yaml, count: count).map(\.text)
    }

    @Test("texts, numbers and moments come as they are written in a file")
    func plain() throws {
        #expect(try draw("'{index:04}'", count: 3).map(\.text) == ["0000", "0001", "0002"])
        #expect(try text("'{{a}}'") == ["{a}"])
        #expect(try draw("1.50") == [.number("1.5")])
        #expect(
            try draw("{$sequential: {from: 10, step: -3}}", count: 3).map(\.text) == [
                "10", "7", "4",
            ])
        #expect(
            try text("{$time: {start: '2026-02-28T23:59:59Z', step: 1s}}", count: 2)
                == ["2026-02-28T23:59:59.000Z", "2026-03-01T00:00:00.000Z"])
        #expect(
            try draw("{$time: {start: '2026-01-01', step: 1h, format: epoch}}") == [
                .number("1767225600")
            ])
        #expect(
            try draw("{a: [true, null]}")
                == [.map([.init("a", .list([.bool(true), .null]))])])
    }

    @Test("UUIDs are of version 4, ULIDs sort by time")
    func identifiers() throws {
        let uuids = try text("{$uuid: }", count: 50)
        #expect(Set(uuids).count == 50)
        for uuid in uuids {
            let parts = uuid.split(separator: "-")
            #expect(parts.map(\.count) == [8, 4, 4, 4, 12])
            #expect(
                parts.count == 5 && parts[2].hasPrefix("4")
                    && "89ab".contains(parts[3].first ?? " "))
            #expect(uuid.allSatisfy { "0123456789abcdef-".contains($0) })
        }
        let ulids = try text("{$ulid: {start: '2026-01-01', step: 1s}}", count: 50)
        #expect(ulids == ulids.sorted())
        #expect(ulids.allSatisfy { $0.count == 26 })
    }

    @Test("sizes are exact, choices keep their weights, shards belong to their text")
    func shapes() throws {
        #expect(try draw("{$text: 1000}")[0].byteCount == 1_000)
        #expect(try draw("{$binary: 77}")[0].byteCount == 77)
        #expect(
            try draw("{$text: [5, 9]}", count: 100).allSatisfy { (5...9).contains($0.byteCount) })
        let chosen = try text("{$choice: {a: 9, b: 1}}", count: 2_000)
        #expect(abs(chosen.filter { $0 == "b" }.count - 200) < 60)
        let there = try draw("{$optional: {share: 0.25, value: 1}}", count: 2_000)
        #expect(abs(there.filter { $0 == .number("1") }.count - 500) < 80)
        let shards = try text("{$shard: {of: 'same', count: 10}}", count: 5)
        #expect(Set(shards).count == 1)
        let spread = try text("{$shard: {of: '{index}', count: 4}}", count: 400)
        for shard in 0..<4 { #expect(abs(spread.filter { $0 == "\(shard)" }.count - 100) < 45) }
    }

    @Test(
        "a drawn value's size is what the service counts", arguments: [1, 2, 3, 4, 5] as [UInt64])
    func sizes(seed: UInt64) throws {
        let yaml = """
            {n: {$uniform: {from: -1000, to: 1000, decimals: 3}}, t: {$text: [0, 40]}, \
            b: {$binary: [1, 9]}, \
            l: {$list: {of: {$normal: {mean: 0, deviation: 1e6}}, count: [0, 5]}}, \
            s: {$set: {of: {$uniform: [0, 99]}, count: 4}}, at: {$time: }, e: {$name: email}}
            """
        for value in try draw(yaml, count: 100, seed: seed) {
            var writer = JSONWriter()
            GeneratedValue.write([.init("id", .number("1")), .init("x", value)], into: &writer)
            let body = Array(#"{"TableName":"items","Item":"#.utf8) + writer.bytes + Array("}".utf8)
            let decoded = try body.withUnsafeBytes {
                try WireCodec.decode(target: WireCodec.target(operation: "PutItem"), body: $0)
            }
            guard case .putItem(let put) = decoded else {
                Issue.record("no PutItem")
                continue
            }
            #expect(put.valueFault == nil)
            #expect(put.item.size == 2 + 2 + 1 + value.byteCount, "seed \(seed)")
        }
    }
}
