import TestSupport
import Testing
import Wire

@testable import Terminal

struct PlainJSONTests {
    private func json(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: Array(text.utf8))
    }

    @Test(arguments: [
        (#""a""#, #"{"S":"a"}"#), ("1", #"{"N":"1"}"#), ("-1.50e3", #"{"N":"-1.50e3"}"#),
        ("true", #"{"BOOL":true}"#), ("null", #"{"NULL":true}"#),
        ("[1,null]", #"{"L":[{"N":"1"},{"NULL":true}]}"#),
        (#"{"a":{"b":1}}"#, #"{"M":{"a":{"M":{"b":{"N":"1"}}}}}"#),
        (#"{"SS":["a"]}"#, #"{"SS":["a"]}"#), (#"{"NS":[1,"2"]}"#, #"{"NS":["1","2"]}"#),
        (#"{"B":"aGk="}"#, #"{"B":"aGk="}"#),
        // What does not fit the tag is a map of the person's own.
        (#"{"SS":[1]}"#, #"{"M":{"SS":{"L":[{"N":"1"}]}}}"#),
        (#"{"B":"?"}"#, #"{"M":{"B":{"S":"?"}}}"#),
        (#"{"M":{"SS":["a"]}}"#, #"{"M":{"SS":{"L":[{"S":"a"}]}}}"#),
        (#"{"M":1}"#, #"{"M":{"M":{"N":"1"}}}"#),
    ])
    func plainValuesAsAttributeValues(plain: String, value: String) throws {
        #expect(try PlainJSON.attributeValue(json(plain)) == json(value))
    }

    @Test(arguments: [
        "1e200", "123456789012345678901234567890123456789", "[[1e-200]]",
    ])
    func numbersThatAreNoneAreRefused(plain: String) throws {
        #expect(throws: ValueFault.self) { try PlainJSON.attributeValue(json(plain)) }
    }

    @Test func allDigitsStay() throws {
        let text = "12345678901234567890123456789012345678"
        let value = try PlainJSON.attributeValue(json("-0.\(text)"))
        #expect(PlainJSON.plain(value) == .number("-0.\(text)"))
    }

    @Test func numbersOfOtherShapesBecomeJSON() {
        #expect(PlainJSON.plain(.object([("N", .string(".5"))])) == .number("0.5"))
        #expect(PlainJSON.plain(.object([("N", .string("x"))])) == .string("x"))
    }

    @Test func nothingIsLostThereAndBack() throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var random = SeededGenerator(seed: seed)
        for _ in 0..<2_000 {
            let value = Self.value(&random, depth: 0)
            let back = try PlainJSON.attributeValue(PlainJSON.plain(value))
            #expect(back == value, "seed \(seed)")
        }
    }

    @Test func typedItemsAreKnown() throws {
        #expect(PlainJSON.isTyped(item: try json(#"{"a":{"S":"x"},"b":{"L":[{"N":"1"}]}}"#)))
        #expect(!PlainJSON.isTyped(item: try json(#"{"a":{"S":"x"},"b":1}"#)))
        #expect(!PlainJSON.isTyped(item: try json(#"{"a":{"S":1}}"#)))
        #expect(!PlainJSON.isTyped(item: try json("{}")))
    }

    private static func value(_ random: inout SeededGenerator, depth: Int) -> JSONValue {
        func tagged(_ tag: String, _ value: JSONValue) -> JSONValue { .object([(tag, value)]) }
        switch Int.random(in: 0..<(depth > 3 ? 8 : 10), using: &random) {
        case 0:
            return tagged("S", .string(["", "x", "ü", "1"].randomElement(using: &random) ?? ""))
        case 1: return tagged("N", .string("\(Int.random(in: -99...99, using: &random))"))
        case 2: return tagged("B", .string("aGk="))
        case 3: return tagged("BOOL", .bool(Bool.random(using: &random)))
        case 4: return tagged("NULL", .bool(true))
        case 5: return tagged("SS", .array([.string("a"), .string("b")]))
        case 6: return tagged("NS", .array([.string("1"), .string("2.5")]))
        case 7: return tagged("BS", .array([.string("aGk=")]))
        case 8:
            let count = Int.random(in: 0...3, using: &random)
            return tagged("L", .array((0..<count).map { _ in value(&random, depth: depth + 1) }))
        default:
            let names = ["a", "SS", "NS", "B", "BS", "M", "S", "N"].shuffled(using: &random)
            let count = Int.random(in: 0...2, using: &random)
            return tagged(
                "M",
                .object(names.prefix(count).map { ($0, value(&random, depth: depth + 1)) }))
        }
    }
}
