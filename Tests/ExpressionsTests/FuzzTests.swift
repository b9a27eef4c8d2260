import Expressions
import Items
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Feeds every grammar with nonsense for about two seconds; `BASALT_FUZZ_SECONDS` lengthens it.
@Suite("No text crashes or hangs a parser")
struct FuzzTests {
    private static let words = [
        "a", "b", "pk", "sk", "name", "size", "contains", "begins_with", "attribute_exists",
        "attribute_not_exists", "attribute_type", "if_not_exists", "list_append", "foo", "AND",
        "OR", "NOT", "BETWEEN", "IN", "SET", "REMOVE", "ADD", "DELETE", "and", "set", "#n", "#x",
        ":s", ":n", ":l", ":ss", ":x", "#", ":", "(", ")", "(", ")", "[", "]", "[0]", "[1]",
        "[99999999999999999999]", ".", ",", "=", "<>", "<", "<=", ">", ">=", "+", "-", "0", "12",
        "_", "!", "é", "\u{0}", "💥", "'", "\n",
    ]
    private static let seeds = [
        "a = :s AND (b > :n OR NOT attribute_exists(a.b[0]))", "size(a) BETWEEN :n AND :n",
        "begins_with(a, :s) OR contains(b, :s) AND attribute_type(a, :s)", "a IN (:s, :n, b)",
        "a.b[1].#n, b[0], sk", "SET a = :s, b.a[0] = b + :n, sk = list_append(a, :l) REMOVE pk",
        "SET a = if_not_exists(b, :n) - (:n) ADD b :n DELETE sk :ss", "pk = :s AND sk > :n",
        "pk = :s AND begins_with(sk, :s)", "REMOVE a[0], a[1], b.a",
        "SET foo = :n", "REMOVE foo", "ADD foo :n",
    ]
    private static let item: ItemBytes = [
        "a": .map(["b": .list([number(1)])]), "b": .list([.string("x"), .map(["a": .null])]),
        "pk": .string("k"), "sk": number(4), "n": .stringSet(["q"]),
    ]
    private static let values: [String: AttributeValue] = [
        ":s": .string("S"), ":n": number(7), ":l": .list([.null]), ":ss": .stringSet(["q"]),
    ]

    private static var seconds: Double {
        getenv("BASALT_FUZZ_SECONDS").flatMap { Double(String(cString: $0)) } ?? 2
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        if Bool.random(using: &random) {
            let count = Int.random(in: 0..<24, using: &random)
            return (0..<count).map { _ in words.randomElement(using: &random) ?? "" }
                .joined(separator: Bool.random(using: &random) ? " " : "")
        }
        var bytes = Array((seeds.randomElement(using: &random) ?? "").utf8)
        for _ in 0...Int.random(in: 0..<4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0 where place < bytes.count: bytes.remove(at: place)
            case 1 where place < bytes.count:
                bytes[place] = UInt8.random(in: 0...255, using: &random)
            case 2:
                let end = Int.random(in: place...bytes.count, using: &random)
                let count = Int.random(in: 1...20, using: &random)
                let piece = Array(repeating: Array(bytes[place..<end]), count: count).joined()
                bytes.insert(contentsOf: piece, at: place)
            default:
                bytes.insert(
                    contentsOf: (words.randomElement(using: &random) ?? "").utf8, at: place)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Parses and, where that succeeds, evaluates; returns whether it was valid.
    private static func run(_ text: String, _ kind: ExpressionKind) -> Bool {
        var scope = scope(names: ["#n": "n"], values: values)
        do throws(ExpressionError) {
            switch kind {
            case .condition, .filter:
                let condition = try Condition.parse(text, as: kind, scope: &scope)
                _ = condition.evaluate(item)
                _ = condition.evaluate(nil)
            case .projection:
                let result = try ProjectionPaths.parse(text, scope: &scope).apply(to: item)
                #expect(ItemBytes(untrusted: result.bytes) != nil, "\(text)")
            case .update:
                let outcome = try Update.parse(text, scope: &scope).apply(to: item)
                for result in [outcome.item, outcome.updatedOld, outcome.updatedNew] {
                    #expect(ItemBytes(untrusted: result.bytes) != nil, "\(text)")
                }
            case .keyCondition:
                _ = try KeyCondition.parse(text, scope: &scope).resolve(
                    hash: [("pk", .string)], range: [("sk", .number)])
            }
            return true
        } catch {
            #expect(!error.message.isEmpty)
            return false
        }
    }

    @Test(arguments: [0x5EED as UInt64, UInt64.random(in: 0...UInt64.max)])
    func grammars(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let clock = ContinuousClock()
        let end = clock.now + .seconds(Self.seconds / 2)
        var valid: [ExpressionKind: Int] = [:]
        var rounds = 0
        print("expression fuzz seed \(seed)")
        while clock.now < end {
            rounds += 1
            let text = Self.text(&random)
            for kind in ExpressionKind.allCases {
                if Self.run(text, kind) { valid[kind, default: 0] += 1 }
            }
        }
        #expect(rounds > 0)
        // Mutation must leave some expressions of every kind whole, or the test reaches nothing.
        if rounds > 5_000 {
            for kind in ExpressionKind.allCases {
                #expect((valid[kind] ?? 0) > 0, "\(kind), seed \(seed)")
            }
        }
    }
}
