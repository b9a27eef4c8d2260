import Testing
import Wire

@testable import Permissions

/// Random policies and requests, decided a second time by the plainest means.
@Suite("Policies against a naive evaluator")
struct NaiveEvaluationTests {
    private struct Statement {
        var isAllow: Bool
        var actions: [String]
        var isNotAction: Bool
        var resources: [String]
        var isNotResource: Bool
        /// Operator, key, values.
        var conditions: [(name: String, key: String, values: [String])]
    }

    /// Every way to let the wildcards stand for something.
    private func glob(_ pattern: Substring, _ text: Substring) -> Bool {
        guard let first = pattern.first else { return text.isEmpty }
        if first == "*" {
            return glob(pattern.dropFirst(), text)
                || !text.isEmpty && glob(pattern, text.dropFirst())
        }
        guard let head = text.first else { return false }
        return (first == "?" || first == head) && glob(pattern.dropFirst(), text.dropFirst())
    }

    private func holds(
        _ condition: (name: String, key: String, values: [String]), _ values: [String: [String]]
    ) -> Bool {
        var name = condition.name
        let ifExists = name.hasSuffix("IfExists")
        if ifExists { name.removeLast("IfExists".count) }
        let all = name.hasPrefix("ForAllValues:")
        let any = name.hasPrefix("ForAnyValue:")
        if all || any { name = String(name.drop { $0 != ":" }.dropFirst()) }
        let found = values[condition.key] ?? []
        let isNot = name.contains("Not")
        if found.isEmpty { return ifExists || all || (!any && isNot) }
        func test(_ value: String) -> Bool {
            let isAmong = condition.values.contains { expected in
                switch name {
                case "StringEquals", "StringNotEquals": value == expected
                case "StringLike", "StringNotLike": glob(expected[...], value[...])
                default: Int(value).map { $0 < Int(expected) ?? 0 } ?? false
                }
            }
            return isAmong != isNot
        }
        if any { return found.contains(where: test) }
        if all { return found.allSatisfy(test) }
        return isNot ? found.allSatisfy(test) : found.contains(where: test)
    }

    private func applies(
        _ statement: Statement, _ action: String, _ resource: String, _ values: [String: [String]]
    ) -> Bool {
        let isAction = statement.actions.contains {
            glob($0.lowercased()[...], action.lowercased()[...])
        }
        let isResource = statement.resources.contains { glob($0[...], resource[...]) }
        return isAction != statement.isNotAction && isResource != statement.isNotResource
            && statement.conditions.allSatisfy { holds($0, values) }
    }

    private func draw(_ random: inout SeededRandom) -> Statement {
        let actions = [
            "*", "d:*", "d:Get*", "d:GetItem", "D:PUTITEM", "d:?etItem", "l:Invoke", "d:*Item",
        ]
        let resources = ["*", "arn:a:*", "arn:a:t/x", "arn:a:t/x*", "arn:a:t/?", "arn:a:t/y/i/*"]
        let operators = [
            "StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "NumericLessThan",
        ]
        var conditions: [(name: String, key: String, values: [String])] = []
        for _ in 0..<random.below(3) {
            let base = random.pick(operators)
            let name =
                random.pick(["", "", "ForAllValues:", "ForAnyValue:"]) + base
                + (random.chance(20) ? "IfExists" : "")
            let key = random.pick(["k:one", "k:two"])
            guard !conditions.contains(where: { $0.name == name }) else { continue }
            let values = (0...random.below(2)).map { _ in
                base == "NumericLessThan"
                    ? random.pick(["2", "5"])
                    : random.pick(["1", "4", "a", "ab", "a*", "?"])
            }
            conditions.append((name, key, values))
        }
        return Statement(
            isAllow: random.chance(70),
            actions: (0...random.below(2)).map { _ in random.pick(actions) },
            isNotAction: random.chance(15),
            resources: (0...random.below(2)).map { _ in random.pick(resources) },
            isNotResource: random.chance(15), conditions: conditions)
    }

    private func document(_ statements: [Statement]) throws -> PolicyDocument {
        func list(_ texts: [String]) -> JSONValue {
            texts.count == 1 ? .string(texts[0]) : .array(texts.map { .string($0) })
        }
        let values = statements.map { statement in
            var members: [(String, JSONValue)] = [
                ("Effect", .string(statement.isAllow ? "Allow" : "Deny")),
                (statement.isNotAction ? "NotAction" : "Action", list(statement.actions)),
                (statement.isNotResource ? "NotResource" : "Resource", list(statement.resources)),
            ]
            if !statement.conditions.isEmpty {
                members.append(
                    (
                        "Condition",
                        .object(
                            statement.conditions.map {
                                ($0.name, .object([($0.key, list($0.values))]))
                            })
                    ))
            }
            return JSONValue.object(members)
        }
        return try PolicyDocument(
            .object([("Version", .string("2012-10-17")), ("Statement", .array(values))]))
    }

    @Test("the same decisions", arguments: [UInt64](1...8))
    func agreement(seed: UInt64) throws {
        var random = SeededRandom(seed: seed)
        var seen: [AccessDecision: Int] = [:]
        for _ in 0..<1_500 {
            let statements = (0..<1 + random.below(4)).map { _ in draw(&random) }
            let action = random.pick(["d:GetItem", "d:PutItem", "d:Query", "l:Invoke", "l:Get"])
            let resource = random.pick(["arn:a:t/x", "arn:a:t/xy", "arn:a:t/y/i/z", "arn:b", "*"])
            var values: [String: [String]] = [:]
            for key in ["k:one", "k:two"] where random.chance(75) {
                values[key] = (0...random.below(2)).map { _ in random.pick(["1", "4", "a", "ab"]) }
            }
            let applying = statements.filter { applies($0, action, resource, values) }
            let expected: AccessDecision =
                applying.contains { !$0.isAllow }
                ? .denied(by: .identity) : applying.isEmpty ? .notAllowed : .allowed
            let found = decide(try document(statements), action, resource, values)
            #expect(
                found == expected, "seed \(seed): \(statements) \(action) \(resource) \(values)")
            seen[expected, default: 0] += 1
        }
        // A test that only ever sees one answer proves little.
        #expect(seen.count == 3 && seen.values.allSatisfy { $0 > 50 }, "seed \(seed): \(seen)")
    }
}
