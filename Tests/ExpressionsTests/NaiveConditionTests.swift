import Expressions
import Items
import TestSupport
import Testing

/// A condition as a tree, with an evaluator over trees that shares nothing with the engine's.
private indirect enum Tree {
    indirect enum Operand {
        case path(String, [String])
        case value(String, AttributeValue)
        case size(Operand)

        var text: String {
            switch self {
            case .path(let name, let steps): name + steps.joined()
            case .value(let name, _): name
            case .size(let inner): "size(\(inner.text))"
            }
        }

        func value(_ item: [String: AttributeValue]) -> AttributeValue? {
            switch self {
            case .value(_, let value): return value
            case .size(let inner):
                switch inner.value(item) {
                case .string(let text): return number(text.utf8.count)
                case .binary(let data): return number(data.count)
                case .list(let elements): return number(elements.count)
                case .map(let members): return number(members.count)
                case .stringSet(let members): return number(members.count)
                case .numberSet(let members): return number(members.count)
                case .binarySet(let members): return number(members.count)
                default: return nil
                }
            case .path(let name, let steps):
                var current = item[name]
                for step in steps {
                    switch current {
                    case .map(let members) where step.first == ".":
                        current = members[String(step.dropFirst())]
                    case .list(let elements) where step.first == "[":
                        let index = Int(step.dropFirst().dropLast()) ?? .max
                        current = index < elements.count ? elements[index] : nil
                    default:
                        return nil
                    }
                }
                return current
            }
        }
    }

    case compare(String, Operand, Operand)
    case between(Operand, Operand, Operand)
    case among(Operand, [Operand])
    case exists(Operand, Bool)
    case type(Operand, String)
    case begins(Operand, Operand)
    case contains(Operand, Operand)
    case not(Tree)
    case all([Tree])
    case any([Tree])

    var text: String {
        switch self {
        case .compare(let name, let left, let right): "\(left.text) \(name) \(right.text)"
        case .between(let value, let lower, let upper):
            "\(value.text) BETWEEN \(lower.text) AND \(upper.text)"
        case .among(let value, let list):
            "\(value.text) IN (\(list.map(\.text).joined(separator: ", ")))"
        case .exists(let path, let wanted):
            "attribute_\(wanted ? "" : "not_")exists(\(path.text))"
        case .type(let value, let type): "attribute_type(\(value.text), :type\(type))"
        case .begins(let value, let prefix): "begins_with(\(value.text), \(prefix.text))"
        case .contains(let value, let part): "contains(\(value.text), \(part.text))"
        case .not(let inner): "NOT (\(inner.text))"
        case .all(let parts): parts.map { "(\($0.text))" }.joined(separator: " AND ")
        case .any(let parts): parts.map { "(\($0.text))" }.joined(separator: " OR ")
        }
    }

    func holds(_ item: [String: AttributeValue]) -> Bool {
        switch self {
        case .compare(let name, let left, let right):
            return compare(name, left.value(item), right.value(item))
        case .between(let value, let lower, let upper):
            return compare(">=", value.value(item), lower.value(item))
                && compare("<=", value.value(item), upper.value(item))
        case .among(let value, let list):
            return list.contains { same(value.value(item), $0.value(item)) }
        case .exists(let path, let wanted):
            return (path.value(item) != nil) == wanted
        case .type(let value, let type):
            return value.value(item).map { ItemValue($0).tag.descriptor } == type
        case .begins(let value, let prefix):
            switch (value.value(item), prefix.value(item)) {
            case (.string(let text), .string(let start)): return text.hasPrefix(start)
            case (.binary(let data), .binary(let start)): return data.starts(with: start)
            default: return false
            }
        case .contains(let value, let part):
            return contains(value.value(item), part.value(item))
        case .not(let inner): return !inner.holds(item)
        case .all(let parts): return parts.allSatisfy { $0.holds(item) }
        case .any(let parts): return parts.contains { $0.holds(item) }
        }
    }

    private func contains(_ value: AttributeValue?, _ part: AttributeValue?) -> Bool {
        switch (value, part) {
        case (.string(let text), .string(let part)):
            return part.isEmpty
                || text.split(separator: part, omittingEmptySubsequences: false).count > 1
        case (.binary(let data), .binary(let part)):
            return part.count <= data.count
                && (0...(data.count - part.count)).contains { data[$0...].starts(with: part) }
        case (.list(let elements), let part?): return elements.contains { same($0, part) }
        case (.stringSet(let members), .string(let part)): return members.contains(part)
        case (.numberSet(let members), .number(let part)): return members.contains(part)
        case (.binarySet(let members), .binary(let part)): return members.contains(part)
        default: return false
        }
    }

    private func same(_ left: AttributeValue?, _ right: AttributeValue?) -> Bool {
        switch (left, right) {
        case (nil, _), (_, nil): false
        case (.stringSet(let a), .stringSet(let b)): Set(a) == Set(b)
        case (.numberSet(let a), .numberSet(let b)): Set(a) == Set(b)
        case (.binarySet(let a), .binarySet(let b)): Set(a) == Set(b)
        case (.list(let a), .list(let b)):
            a.count == b.count && zip(a, b).allSatisfy { same($0, $1) }
        case (.map(let a), .map(let b)):
            a.count == b.count && a.allSatisfy { same($0.value, b[$0.key]) }
        default: left == right
        }
    }

    private func compare(
        _ name: String, _ left: AttributeValue?, _ right: AttributeValue?
    ) -> Bool {
        if name == "=" { return same(left, right) }
        if name == "<>" { return !same(left, right) }
        let isLess: Bool
        let isGreater: Bool
        switch (left, right) {
        case (.string(let a), .string(let b)):
            isLess = a.utf8.lexicographicallyPrecedes(b.utf8)
            isGreater = b.utf8.lexicographicallyPrecedes(a.utf8)
        case (.binary(let a), .binary(let b)):
            isLess = a.lexicographicallyPrecedes(b)
            isGreater = b.lexicographicallyPrecedes(a)
        case (.number(let a), .number(let b)):
            guard let difference = try? a.subtracting(b) else { return false }
            isLess = difference.isNegative
            isGreater = !difference.isNegative && difference != .zero
        default: return false
        }
        switch name {
        case "<": return isLess
        case "<=": return !isGreater
        case ">": return isGreater
        default: return !isLess
        }
    }
}

/// Random values, items and conditions.
private struct Maker {
    var random: SeededGenerator
    var values: [String: AttributeValue] = [:]

    static let types = ["S", "N", "B", "BOOL", "NULL", "M", "L", "SS", "NS", "BS"]

    mutating func scalar() -> AttributeValue {
        switch Int.random(in: 0..<6, using: &random) {
        case 0, 1: .string(["", "a", "ab", "b", "ba", "ž"].randomElement(using: &random) ?? "")
        case 2, 3: number(Int.random(in: -3...3, using: &random))
        case 4: .binary([[], [1], [1, 2], [2]].randomElement(using: &random) ?? [])
        default: Bool.random(using: &random) ? .null : .bool(Bool.random(using: &random))
        }
    }

    mutating func value(_ depth: Int = 2) -> AttributeValue {
        switch Int.random(in: 0..<(depth > 0 ? 9 : 4), using: &random) {
        case 4: return .stringSet(["a", "b", "ab"].shuffled(using: &random).dropLast())
        case 5:
            return .numberSet(
                [1, 2, 3].shuffled(using: &random).dropLast().map(DecimalNumber.init))
        case 6: return .binarySet([[1], [2], [1, 2]].shuffled(using: &random).dropLast())
        case 7:
            let count = Int.random(in: 0...3, using: &random)
            return .list((0..<count).map { _ in value(depth - 1) })
        case 8:
            var members: [String: AttributeValue] = [:]
            for name in ["x", "y", "z"] where Bool.random(using: &random) {
                members[name] = value(depth - 1)
            }
            return .map(members)
        default: return scalar()
        }
    }

    mutating func item() -> [String: AttributeValue] {
        var item: [String: AttributeValue] = [:]
        for name in ["aa", "bb", "cc", "dd", "ee"] where Int.random(in: 0..<5, using: &random) > 0 {
            item[name] = value()
        }
        return item
    }

    mutating func path() -> Tree.Operand {
        let name = ["aa", "bb", "cc", "dd", "ee"].randomElement(using: &random) ?? "aa"
        var steps: [String] = []
        while Int.random(in: 0..<3, using: &random) == 0 {
            steps.append([".x", ".y", ".z", "[0]", "[1]"].randomElement(using: &random) ?? ".x")
        }
        return .path(name, steps)
    }

    mutating func constant(_ value: AttributeValue? = nil) -> Tree.Operand {
        let name = ":v\(values.count)"
        let value = value ?? self.value(1)
        values[name] = value
        return .value(name, value)
    }

    mutating func operand() -> Tree.Operand {
        switch Int.random(in: 0..<5, using: &random) {
        case 0, 1: path()
        case 2: .size(path())
        default: constant()
        }
    }

    mutating func tree(_ depth: Int) -> Tree {
        switch Int.random(in: 0..<(depth > 0 ? 14 : 10), using: &random) {
        case 0, 1, 2, 3:
            let name = ["=", "<>", "<", "<=", ">", ">="].randomElement(using: &random) ?? "="
            return .compare(name, operand(), operand())
        case 4: return .between(operand(), operand(), operand())
        case 5: return .among(operand(), (0...2).map { _ in operand() })
        case 6: return .exists(path(), Bool.random(using: &random))
        case 7:
            let type = Self.types.randomElement(using: &random) ?? "S"
            values[":type\(type)"] = .string(type)
            return .type(path(), type)
        case 8: return .begins(path(), constant(.string("a")))
        case 9: return .contains(path(), operand())
        case 10: return .not(tree(depth - 1))
        case 11: return .all((0...2).map { _ in tree(depth - 1) })
        case 12: return .any((0...2).map { _ in tree(depth - 1) })
        default: return .all([tree(depth - 1), .not(tree(depth - 1))])
        }
    }
}

@Suite("Conditions agree with a naive evaluator of trees")
struct NaiveConditionTests {
    @Test(arguments: [0x5EED as UInt64, UInt64.random(in: 0...UInt64.max)])
    func agreement(seed: UInt64) throws {
        var evaluated = 0
        for round in 0..<1_500 {
            var maker = Maker(random: SeededGenerator(seed: seed &+ UInt64(round)))
            let tree = maker.tree(3)
            var scope = scope(values: maker.values)
            let condition: Condition
            do {
                condition = try Condition.parse(tree.text, as: .filter, scope: &scope)
            } catch {
                // Operands of a refused type, or a path with itself.
                let text = error.message
                #expect(
                    text.contains("operand") || text.contains("BETWEEN"),
                    "seed \(seed) round \(round): \(tree.text): \(text)")
                continue
            }
            for _ in 0..<5 {
                let item = maker.item()
                let encoded = ItemBytes(item.map { (key: $0.key, value: $0.value) })
                evaluated += 1
                #expect(
                    condition.evaluate(encoded) == tree.holds(item),
                    "seed \(seed) round \(round): \(tree.text) on \(item) with \(maker.values)")
            }
        }
        #expect(evaluated > 1_000, "too few conditions were valid; seed \(seed)")
    }
}
