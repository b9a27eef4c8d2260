import Items
import Testing

@testable import Transfer

@Suite("Transfer formats")
struct TransferFormatTests {
    @Test("are named as --format takes them")
    func names() { #expect(TransferFormat(rawValue: "s3-export") == .s3Export) }

    @Test("give back every item that they took", arguments: [TransferFormat.jsonl, .dynamodbJSON])
    func roundTrip(format: TransferFormat) throws {
        let seed = UInt64.random(in: 0 ... .max)
        var items = RandomItems(seed: seed)
        let printer = ItemPrinter(format)
        let parser = try ItemParser(format, keyTypes: [(Array("id".utf8), .string)])
        for _ in 0..<400 {
            let item = items.item()
            var line: [UInt8] = []
            printer.append(item, to: &line)
            #expect(line.last == 0x0A && line.dropLast().allSatisfy { $0 >= 0x20 })
            let text = String(decoding: line, as: UTF8.self)
            #expect(try parser.parse(line.dropLast()) == .put(item), "seed \(seed): \(text)")
        }
    }

    @Test("of CSV give back what the types tell")
    func table() throws {
        let types: [(String, ColumnType, AttributeValue)] = [
            ("s", .string, .string(" a,\"b\"\r\nc")), ("e", .string, .string("")),
            ("n", .number, .number(try DecimalNumber("-1.5E-9"))),
            ("b", .binary, .binary([0, 255])), ("t", .bool, .bool(true)), ("z", .null, .null),
            ("ss", .stringSet, .stringSet(["x", ","])),
            ("ns", .numberSet, .numberSet([DecimalNumber(1), DecimalNumber(-2)])),
            ("bs", .binarySet, .binarySet([[1], [2]])),
            ("l", .list, .list([.null, .string("x")])),
            ("m", .map, .map(["SS": .list([.string("no set")])])),
        ]
        let item = ItemBytes(types.map { (key: $0.0, value: $0.2) })
        let printer = ItemPrinter(.csv, columns: types.map(\.0) + ["absent"])
        var text = printer.heading
        let headerEnd = text.count - 1
        printer.append(item, to: &text)
        let parser = try ItemParser(
            .csv, keyTypes: [], header: Array(text[..<headerEnd]),
            types: Dictionary(uniqueKeysWithValues: types.map { ($0.0, $0.1) }))
        #expect(try parser.parse(Array(text[(headerEnd + 1)...].dropLast())) == .put(item))
    }

    @Test("are seen by a first record")
    func detection() {
        let cases: [(String, TransferFormat)] = [
            (#"{"id":"1"}"#, .jsonl), (#"{"id":{"S":"1"}}"#, .dynamodbJSON),
            (#"{"Item":{"id":{"S":"1"}}}"#, .dynamodbJSON), ("id,name", .csv),
            (#"{"Metadata":{},"Keys":{}}"#, .dynamodbJSON), (#"{"id":{"x":"1"}}"#, .jsonl),
            ("{broken", .jsonl), ("", .csv),
        ]
        for (text, format) in cases {
            #expect(TransferFormat(firstRecord: Array(text.utf8)) == format, "\(text)")
        }
        #expect(TransferFormat(fileName: "a.CSV.gz") == .csv)
        #expect(TransferFormat(fileName: "a.jsonl") == nil)
    }

    @Test("of plain JSON turn keys into what they must be")
    func keyTypes() throws {
        let parser = try ItemParser(
            .jsonl, keyTypes: [(Array("s".utf8), .string), (Array("n".utf8), .number)])
        let change = try parser.parse(Array(#"{"s":1.50,"n":"7","v":"7"}"#.utf8))
        #expect(
            change
                == .put([
                    "s": .string("1.50"), "n": .number(DecimalNumber(7)), "v": .string("7"),
                ]))
    }

    @Test("refuse what is no item, whatever it is")
    func garbage() throws {
        let seed = UInt64.random(in: 0 ... .max)
        var items = RandomItems(seed: seed)
        for format in [TransferFormat.jsonl, .dynamodbJSON] {
            let printer = ItemPrinter(format)
            let parser = try ItemParser(format, keyTypes: [])
            for _ in 0..<100 {
                var line: [UInt8] = []
                printer.append(items.item(), to: &line)
                // An object that is cut off is none.
                for cut in 0..<(line.count - 1) {
                    #expect(throws: TransferError.self, "seed \(seed)") {
                        try parser.parse(Array(line[..<cut]))
                    }
                }
            }
        }
        let deep = Array(repeating: UInt8(ascii: "["), count: 100_000)
        let parser = try ItemParser(.jsonl, keyTypes: [])
        #expect(throws: TransferError.self) { try parser.parse(Array(#"{"a":"#.utf8) + deep) }
    }
}
