import Items
import TestSupport

/// Items of all types, drawn from a seed.
struct RandomItems {
    private var generator: SeededGenerator

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    /// An item with a string `id` that isn't empty.
    mutating func item() -> ItemBytes {
        var attributes: [(key: String, value: AttributeValue)] = [("id", .string("id" + text()))]
        for index in 0..<Int.random(in: 0...6, using: &generator) {
            attributes.append(("\(index)" + text(), value(depth: 0)))
        }
        return ItemBytes(attributes)
    }

    mutating func text() -> String {
        let pieces = [
            "", "a", "\"", ",", "\n", "\r\n", "\\", "é", "e\u{301}", "😀", "{\"S\":1}", " ", "\u{1}",
            "null", "0",
        ]
        let count = Int.random(in: 0...4, using: &generator)
        return (0..<count).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
    }

    private mutating func number() -> DecimalNumber {
        let digits = (0..<Int.random(in: 1...38, using: &generator)).map { _ in
            UInt8.random(in: 0...9, using: &generator)
        }
        let exponent = Int.random(in: -90...120, using: &generator)
        let number = try? DecimalNumber(
            checking: digits, isNegative: Bool.random(using: &generator), exponent: exponent)
        return number ?? .zero
    }

    private mutating func bytes() -> [UInt8] {
        (0..<Int.random(in: 0...5, using: &generator)).map { _ in
            UInt8.random(in: 0...255, using: &generator)
        }
    }

    private mutating func value(depth: Int) -> AttributeValue {
        switch Int.random(in: 0...(depth < 3 ? 10 : 7), using: &generator) {
        case 0: return .string(text())
        case 1: return .number(number())
        case 2: return .binary(bytes())
        case 3: return .bool(Bool.random(using: &generator))
        case 4: return .null
        case 5:
            var members: [String] = [text()]
            let more = text()
            if !more.utf8.elementsEqual(members[0].utf8) { members.append(more) }
            return .stringSet(members)
        case 6: return .numberSet(Array(Set([number(), number()])))
        case 7: return .binarySet(Array(Set([bytes(), bytes()])))
        case 8:
            return .list(
                (0..<Int.random(in: 0...3, using: &generator)).map { _ in
                    value(depth: depth + 1)
                })
        default:
            // Names of types on purpose: a map that looks like one must stay a map.
            let names = ["B", "SS", "NS", "BS", "M", "S", "x", text()]
            var members: [String: AttributeValue] = [:]
            for _ in 0..<Int.random(in: 0...2, using: &generator) {
                members[names.randomElement(using: &generator) ?? ""] = value(depth: depth + 1)
            }
            return .map(members)
        }
    }
}
