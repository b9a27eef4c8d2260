import Items
import TestSupport

/// Random attribute values, edge cases more often than chance would have them.
struct RandomValues {
    var generator: SeededGenerator

    init(seed: UInt64) {
        generator = SeededGenerator(seed: seed)
    }

    mutating func int(_ range: ClosedRange<Int>) -> Int {
        Int.random(in: range, using: &generator)
    }

    mutating func string() -> String {
        let alphabet = Array("ab\u{0}\u{1}\u{7F}\u{FF}é漢😀 \u{10FFFF}".unicodeScalars)
        var result = String.UnicodeScalarView()
        for _ in 0..<length() { result.append(alphabet[int(0...(alphabet.count - 1))]) }
        return String(result)
    }

    mutating func data() -> [UInt8] {
        (0..<length()).map { _ in
            int(0...2) == 0 ? UInt8(int(0...1) * 255) : UInt8(int(0...255))
        }
    }

    /// A number's text in range, in any of the ways to write it.
    mutating func numberText() -> String {
        let count = [1, 1, 2, 3, 5, 18, 19, 37, 38][int(0...8)]
        var digits = (0..<count).map { _ in String([0, 9, int(0...9)][int(0...2)]) }.joined()
        let sign = ["", "-", "+"][int(0...2)]
        switch int(0...3) {
        case 0: return sign + digits
        case 1:
            let place = digits.index(digits.startIndex, offsetBy: int(0...count))
            digits.insert(".", at: place)
            return sign + digits
        case 2: return sign + "0." + String(repeating: "0", count: int(0...80)) + digits
        default: return sign + digits + ["e", "E", "E+"][int(0...2)] + String(int(0...80))
        }
    }

    mutating func number() -> DecimalNumber {
        (try? DecimalNumber(numberText())) ?? .zero
    }

    mutating func value(depth: Int = 4) -> AttributeValue {
        switch int(0...(depth > 0 ? 10 : 5)) {
        case 0: return .string(string())
        case 1: return .number(number())
        case 2: return .binary(data())
        case 3: return .bool(int(0...1) == 1)
        case 4: return .null
        case 5: return .number(DecimalNumber(int(-1000...1000)))
        case 6: return .map(members(depth: depth - 1))
        case 7: return .list((0..<int(0...4)).map { _ in value(depth: depth - 1) })
        case 8: return .stringSet(Array(Set((0...int(0...4)).map { _ in string() })))
        case 9: return .numberSet(Array(Set((0...int(0...4)).map { _ in number() })))
        default: return .binarySet(Array(Set((0...int(0...4)).map { _ in data() })))
        }
    }

    mutating func members(depth: Int, count: Int? = nil) -> [String: AttributeValue] {
        var result: [String: AttributeValue] = [:]
        for _ in 0..<(count ?? int(0...5)) { result[string()] = value(depth: depth) }
        return result
    }

    private mutating func length() -> Int {
        [0, 1, 2, 3, 7, int(0...40), 127, 128, 300][int(0...8)]
    }
}
