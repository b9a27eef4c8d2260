import TestSupport
import Testing
import Wire

@testable import Triggers

/// Random patterns and events, matched here and by a second way: the event is flattened to leaves,
/// each with its path and the array elements it stands in, and leaves are tried in all
/// combinations.
@Suite("Event filters against flattened events")
struct EventFilterAgreementTests {
    /// A rule and what it means, said apart from the rooms under test.
    private struct Rule {
        let json: String
        /// nil: asks that there is no leaf.
        let holds: (@Sendable (JSONValue) -> Bool)?

        static func == (left: Rule, right: Rule) -> Bool { left.json == right.json }
    }

    /// A pattern in disjunctive form: any list must hold, of a list all paths.
    private typealias Conjunction = [(path: [String], rules: [Rule])]

    private struct Leaf {
        let path: [String]
        /// Which element it stands in, by the path of its array.
        let places: [String: Int]
        let value: JSONValue
    }

    private static let rules: [Rule] = [
        Rule(json: "1") { $0 == .number("1") },
        Rule(json: #""x""#) { $0.string == "x" },
        Rule(json: "null") { $0 == .null },
        Rule(json: #"{"prefix":"x"}"#) { $0.string?.hasPrefix("x") ?? false },
        Rule(json: #"{"suffix":"y"}"#) { $0.string?.hasSuffix("y") ?? false },
        Rule(json: #"{"anything-but":["x","xy"]}"#) { !["x", "xy"].contains($0.string) },
        Rule(json: #"{"anything-but":1}"#) { $0 != .number("1") },
        Rule(json: #"{"numeric":[">=",1,"<",3]}"#) { [1, 2].contains($0.integer) },
        Rule(json: #"{"wildcard":"x*y"}"#) { ["xy", "xxy"].contains($0.string) },
        Rule(json: #"{"exists":true}"#) { _ in true },
        Rule(json: #"{"exists":false}"#, holds: nil),
    ]

    @Test("both ways agree", arguments: 0..<40 as Range<UInt64>)
    func agreement(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var matchCount = 0
        for _ in 0..<100 {
            let (text, conjunctions) = pattern(depth: 2, names: ["a", "b", "c"], &random)
            let filter = try EventFilter(patterns: [text])
            for _ in 0..<8 {
                let event = event(depth: 3, &random)
                let expected = naive(conjunctions, event)
                if expected { matchCount += 1 }
                #expect(
                    filter.matches(event) == expected,
                    "seed \(seed): \(text) on \(String(decoding: event.encoded, as: UTF8.self))")
            }
        }
        #expect((1..<800).contains(matchCount))
    }

    // MARK: Making

    private func pattern(
        depth: Int, names: [String], _ random: inout SeededGenerator
    ) -> (String, [Conjunction]) {
        var names = names.shuffled(using: &random)
        var members: [String] = []
        var conjunctions: [Conjunction] = [[]]
        // Names of alternatives are those of no other member.
        if names.count >= 3, Int.random(in: 0..<4, using: &random) == 0 {
            var alternatives: [Conjunction] = []
            var texts: [String] = []
            for _ in 0..<2 {
                let (text, inner) = pattern(
                    depth: depth, names: [names.removeLast()], &random)
                texts.append(text)
                alternatives += inner
            }
            members.append(#""$or":[\#(texts.joined(separator: ","))]"#)
            conjunctions = product(conjunctions, alternatives)
        }
        for _ in 0..<Int.random(in: 1...names.count, using: &random) {
            let name = names.removeLast()
            if depth > 0, Bool.random(using: &random) {
                let (text, inner) = pattern(depth: depth - 1, names: ["a", "b", "c"], &random)
                members.append(#""\#(name)":\#(text)"#)
                conjunctions = product(
                    conjunctions, inner.map { $0.map { ([name] + $0.path, $0.rules) } })
            } else {
                let rules = (0..<Int.random(in: 1...2, using: &random)).compactMap { _ in
                    Self.rules.randomElement(using: &random)
                }
                members.append(#""\#(name)":[\#(rules.map(\.json).joined(separator: ","))]"#)
                conjunctions = product(conjunctions, [[([name], rules)]])
            }
        }
        return ("{\(members.joined(separator: ","))}", conjunctions)
    }

    private func product(_ left: [Conjunction], _ right: [Conjunction]) -> [Conjunction] {
        left.flatMap { left in right.map { left + $0 } }
    }

    private func event(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        var members: [(String, JSONValue)] = []
        for name in ["a", "b", "c"] where Int.random(in: 0..<4, using: &random) > 0 {
            members.append((name, value(depth: depth - 1, &random)))
        }
        return .object(members)
    }

    private func value(depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0..<(depth > 0 ? 10 : 5), using: &random) {
        case 0: .number(["1", "2", "3"].randomElement(using: &random) ?? "1")
        case 1, 2: .string(["x", "y", "xy", "xxy"].randomElement(using: &random) ?? "x")
        case 3: .null
        case 4: .bool(true)
        case 5, 6, 7: event(depth: depth, &random)
        default:
            .array(
                (0..<Int.random(in: 0...3, using: &random)).map { _ in
                    value(depth: depth - 1, &random)
                })
        }
    }

    // MARK: The second way

    private func naive(_ conjunctions: [Conjunction], _ event: JSONValue) -> Bool {
        var leaves: [Leaf] = []
        flatten(event, path: [], position: "", places: [:], into: &leaves)
        return conjunctions.contains { holds($0[...], leaves, places: [:]) }
    }

    private func flatten(
        _ value: JSONValue, path: [String], position: String, places: [String: Int],
        into leaves: inout [Leaf]
    ) {
        switch value {
        case .object(let members):
            for (name, value) in members {
                flatten(
                    value, path: path + [name], position: position + "." + name, places: places,
                    into: &leaves)
            }
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                var places = places
                places[position] = index
                flatten(
                    element, path: path, position: position + "[\(index)]", places: places,
                    into: &leaves)
            }
        default: leaves.append(Leaf(path: path, places: places, value: value))
        }
    }

    /// Whether the rest of a conjunction holds with leaves that stand together with those so far.
    private func holds(
        _ rest: Conjunction.SubSequence, _ leaves: [Leaf], places: [String: Int]
    ) -> Bool {
        guard let (path, rules) = rest.first else { return true }
        let here = leaves.filter { $0.path == path }
        if here.isEmpty, rules.contains(where: { $0.holds == nil }) {
            return holds(rest.dropFirst(), leaves, places: places)
        }
        return here.contains { leaf in
            guard rules.contains(where: { $0.holds?(leaf.value) ?? false }),
                leaf.places.allSatisfy({ places[$0.key, default: $0.value] == $0.value })
            else { return false }
            return holds(
                rest.dropFirst(), leaves,
                places: places.merging(leaf.places) { $1 })
        }
    }
}
