import Expressions
import Items
import TestSupport
import Testing

/// One action on a path of names and indices.
private struct Action {
    var path: [String]
    /// The value to set; nil removes.
    var value: AttributeValue?

    var text: String { path[0] + path.dropFirst().joined() }
}

/// Updates a tree by rebuilding it; nil where a path is invalid.
private func rebuilt(_ value: AttributeValue, _ actions: [Action], _ depth: Int) -> AttributeValue?
{
    let groups = Dictionary(grouping: actions) { $0.path[depth] }
    /// What becomes of one entry: `.some(nil)` is nothing, nil is an invalid path.
    func entry(_ old: AttributeValue?, _ group: [Action]) -> AttributeValue?? {
        if let end = group.first(where: { $0.path.count == depth + 1 }) {
            return .some(end.value)
        }
        guard let old, let new = rebuilt(old, group, depth + 1) else { return nil }
        return .some(new)
    }
    switch value {
    case .map(var members):
        for (step, group) in groups {
            guard depth == 0 || step.hasPrefix(".") else { return nil }
            let name = depth == 0 ? step : String(step.dropFirst())
            guard let new = entry(members[name], group) else { return nil }
            members[name] = new
        }
        return .map(members)
    case .list(let elements):
        var slots: [AttributeValue?] = elements
        var appended: [(Int, AttributeValue)] = []
        for (step, group) in groups {
            guard step.hasPrefix("["), let index = Int(step.dropFirst().dropLast()) else {
                return nil
            }
            let old = index < elements.count ? elements[index] : nil
            guard let new = entry(old, group) else { return nil }
            if index < elements.count {
                slots[index] = new
            } else if let new {
                appended.append((index, new))
            }
        }
        return .list(slots.compactMap { $0 } + appended.sorted { $0.0 < $1.0 }.map(\.1))
    default:
        return nil
    }
}

@Suite("Updates agree with a naive rebuild of trees")
struct NaiveUpdateTests {
    private static func document(_ depth: Int, _ random: inout SeededGenerator) -> AttributeValue {
        switch Int.random(in: 0..<(depth > 0 ? 5 : 1), using: &random) {
        case 1, 2:
            var members: [String: AttributeValue] = [:]
            for name in ["x", "y", "z"] where Int.random(in: 0..<4, using: &random) > 0 {
                members[name] = document(depth - 1, &random)
            }
            return .map(members)
        case 3, 4:
            let count = Int.random(in: 0...4, using: &random)
            return .list((0..<count).map { _ in document(depth - 1, &random) })
        default: return number(Int.random(in: 0...999, using: &random))
        }
    }

    /// A path that mostly follows the document.
    private static func path(
        _ value: AttributeValue, _ random: inout SeededGenerator
    ) -> [String] {
        if Int.random(in: 0..<4, using: &random) == 0 { return [] }
        switch value {
        case .map(let members):
            let name = ["x", "y", "z"].randomElement(using: &random) ?? "x"
            return ["." + name] + (members[name].map { path($0, &random) } ?? [])
        case .list(let elements):
            let index = Int.random(in: 0..<(elements.count + 2), using: &random)
            return ["[\(index)]"] + (index < elements.count ? path(elements[index], &random) : [])
        default:
            return Int.random(in: 0..<12, using: &random) == 0 ? [".x"] : []
        }
    }

    @Test(arguments: [0x5EED as UInt64, UInt64.random(in: 0...UInt64.max)])
    func agreement(seed: UInt64) throws {
        var applied = 0
        for round in 0..<3_000 {
            var random = SeededGenerator(seed: seed &+ UInt64(round))
            var item: [String: AttributeValue] = ["pk": .string("k")]
            for name in ["aa", "bb"] { item[name] = Self.document(3, &random) }
            var actions: [Action] = []
            var values: [String: AttributeValue] = [:]
            for index in 0...Int.random(in: 0..<5, using: &random) {
                let name = ["aa", "bb", "qq"].randomElement(using: &random) ?? "aa"
                let path = [name] + (item[name].map { Self.path($0, &random) } ?? [])
                let removes = Bool.random(using: &random)
                let value = removes ? nil : number(1_000 + index)
                values[":v\(index)"] = value
                actions.append(Action(path: path, value: value))
            }
            let sets = actions.indices.filter { actions[$0].value != nil }
                .map { "\(actions[$0].text) = :v\($0)" }.joined(separator: ", ")
            let removes = actions.filter { $0.value == nil }.map(\.text).joined(separator: ", ")
            let text =
                (sets.isEmpty ? "" : "SET \(sets) ") + (removes.isEmpty ? "" : "REMOVE \(removes)")
            let encoded = ItemBytes(item.map { (key: $0.key, value: $0.value) })
            let note = "seed \(seed) round \(round): \(text) on \(item)"
            var result: UpdateOutcome?
            var complaint: String?
            do throws(ExpressionError) {
                result = try updated(encoded, text, values: values)
            } catch {
                complaint = error.message
            }
            if complaint?.contains("Two document paths") == true { continue }
            let expected = rebuilt(.map(item), actions, 0)
            if let expected {
                applied += 1
                #expect(result?.item == ItemBytes(ItemValue(expected)), "\(note)")
                #expect(result.flatMap { ItemBytes(untrusted: $0.item.bytes) } != nil, "\(note)")
            } else {
                #expect(
                    complaint
                        == "The document path provided in the update expression "
                        + "is invalid for update",
                    "\(note)")
            }
        }
        #expect(applied > 500, "too few updates were valid; seed \(seed)")
    }
}

extension ItemBytes {
    /// The item of a map's entries.
    fileprivate init(_ map: ItemValue) {
        guard case .map(let members) = map.attributeValue else {
            self.init()
            return
        }
        self.init(members.map { (key: $0.key, value: $0.value) })
    }
}
