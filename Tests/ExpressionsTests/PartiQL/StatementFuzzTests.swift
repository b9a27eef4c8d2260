import Expressions
import Items
import TestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// Feeds the statement parser with nonsense for about two seconds.
///
/// `BASALT_FUZZ_SECONDS` lengthens it.
@Suite("No text crashes or hangs the statement parser")
struct StatementFuzzTests {
    private static let words = [
        "SELECT", "*", "FROM", "t", "\"t\".\"i\"", "WHERE", "AND", "OR", "NOT", "BETWEEN", "IN",
        "IS", "MISSING", "NULL", "ORDER", "BY", "DESC", "INSERT", "INTO", "VALUE", "UPDATE", "SET",
        "REMOVE", "DELETE", "RETURNING", "ALL", "OLD", "EXISTS", "size(", "contains(",
        "list_append(", "set_add(", "a", "pk", "sk", "a.b[0]", "'x'", "\"", "'", "1", "-1.5e3",
        "?", "(", ")", "[", "]", "{", "}", "<<", ">>", ",", ".", ":", "=", "<>", "<", "+", "-",
        "--", "/*", "*/", "é", "\u{0}", "💥", "\n", "1e999", "[99999999999999999999]", "||", ";",
    ]
    private static let seeds = [
        "SELECT a, m.b[0] FROM t WHERE pk = 'x' AND (sk > 1 OR NOT a IS MISSING) ORDER BY sk DESC",
        "SELECT * FROM t WHERE pk IN ['x', ?] AND begins_with(a, 'y') AND size(b) BETWEEN 1 AND 2",
        "INSERT INTO t VALUE {'pk': 'x', 'l': [1, <<'a', 'b'>>, {'c': NULL}], 'b': TRUE}",
        "UPDATE t SET a = a + 1 - 2 SET b = list_append(b, [1]) REMOVE m.c[1] WHERE pk = 'x'",
        "UPDATE t SET s = set_add(s, <<1, 2>>), n = ? WHERE pk = 'x' RETURNING MODIFIED NEW *",
        "DELETE FROM t WHERE pk = 'x' AND sk = 1 AND a IN (1, 2) RETURNING ALL OLD *",
        "EXISTS(SELECT * FROM t WHERE pk = 'x' AND a IS NOT NULL)",
    ]
    private static let item: ItemBytes = [
        "pk": .string("x"), "sk": number(1), "a": number(3), "b": .list([.string("q")]),
        "m": .map(["b": .list([number(1)]), "c": .list([.null, .null])]),
        "s": .numberSet([DecimalNumber(2)]),
    ]

    private static var seconds: Double {
        getenv("BASALT_FUZZ_SECONDS").flatMap { Double(String(cString: $0)) } ?? 2
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        if Int.random(in: 0..<4, using: &random) == 0 {
            let count = Int.random(in: 0..<40, using: &random)
            return (0..<count).map { _ in words.randomElement(using: &random) ?? "" }
                .joined(separator: " ")
        }
        var bytes = Array((seeds.randomElement(using: &random) ?? "").utf8)
        for _ in 0..<Int.random(in: 0..<4, using: &random) {
            let place = Int.random(in: 0...bytes.count, using: &random)
            let end = Int.random(in: place...bytes.count, using: &random)
            switch Int.random(in: 0..<4, using: &random) {
            case 0: bytes.removeSubrange(place..<min(end, place + 8))
            case 1: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            case 2:
                let piece = Array(bytes[place..<min(end, place + 12)])
                let count = Int.random(in: 1...60, using: &random)
                bytes.insert(contentsOf: Array(repeating: piece, count: count).joined(), at: place)
            default:
                bytes.insert(
                    contentsOf: (words.randomElement(using: &random) ?? "").utf8, at: place)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Parses and, where that succeeds, uses the statement; returns whether it was valid.
    private static func run(_ text: String) -> Bool {
        let parameters = text.utf8.contains(UInt8(ascii: "?")) ? [ItemValue(number(1))] : []
        do throws(ExpressionError) {
            switch try PartiQLStatement.parse(text, parameters: parameters) {
            case .select(let select), .exists(let select):
                try use(select.filter)
                if let row = select.projection?.apply(to: item) {
                    #expect(ItemBytes(untrusted: row.bytes) != nil, "\(text)")
                }
            case .insert(let insert):
                #expect(ItemBytes(untrusted: insert.item.bytes) != nil, "\(text)")
            case .update(let update):
                try use(update.filter)
                let outcome = try update.update.apply(to: item)
                #expect(ItemBytes(untrusted: outcome.item.bytes) != nil, "\(text)")
            case .delete(let delete):
                try use(delete.filter)
            }
            return true
        } catch {
            #expect(!error.message.isEmpty)
            return false
        }
    }

    /// Whatever the keys select passes what is left of the filter as it passes the whole.
    private static func use(_ filter: StatementFilter?) throws(ExpressionError) {
        guard let filter else { return }
        _ = try filter.condition().evaluate(nil)
        let passes = try filter.condition().evaluate(item)
        if let whole = filter.primaryKey(["pk", "sk"]),
            whole.key == ["pk": .string("x"), "sk": number(1)]
        {
            #expect(try whole.rest?.condition().evaluate(item) ?? true == passes)
        }
        _ = try filter.selectedKeys(hash: [("pk", .string)], range: [("sk", .number)])
    }

    @Test(arguments: [0x5EED as UInt64, UInt64.random(in: 0...UInt64.max)])
    func statements(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let clock = ContinuousClock()
        let end = clock.now + .seconds(Self.seconds / 2)
        var valid = 0
        var rounds = 0
        print("statement fuzz seed \(seed)")
        while clock.now < end {
            rounds += 1
            if Self.run(Self.text(&random)) { valid += 1 }
        }
        #expect(rounds > 0)
        // Mutation must leave some statements whole, or the test reaches nothing.
        if rounds > 2_000 { #expect(valid > 0, "seed \(seed)") }
    }
}
