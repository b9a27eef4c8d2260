/// The names that a template may use, and what they stand for.
struct NameScope: Sendable {
    enum Meaning: Sendable {
        /// The slot of a pick, and its entity.
        case pick(slot: Int, entity: Int)
        /// The number of a `let`, and its type where it is known.
        case local(Int, type: String?)
    }

    private(set) var names: [String: Meaning] = [:]
    /// Whether a run's time and the machine's clock may be asked for: not where a value must be the
    /// same whenever it is drawn.
    var knowsRun = true

    mutating func set(_ name: String, _ meaning: Meaning) { names[name] = meaning }

    /// `index`: the number of the request among those of its pattern.
    static let ordinalName = "index"

    var known: [String] { names.keys.sorted() + [Self.ordinalName] }
}

extension DesignReader {
    /// Resolves `order.customer.name:date`; nil after a fault.
    mutating func reference(
        _ text: String, _ scope: NameScope, _ mark: SourceMark?, _ path: String
    ) -> (reference: Reference, type: String?)? {
        let halves = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        let parts = halves[0].split(separator: ".", omittingEmptySubsequences: false)
            .map(String.init)
        guard let first = parts.first, !first.isEmpty else {
            fault(mark, path, "expected a name in '{\(text)}'")
            return nil
        }
        guard var found = base(parts, scope, mark, path) else { return nil }
        if halves.count == 2 {
            guard let format = format(String(halves[1]), mark, path) else { return nil }
            found.reference.format = format
            if case .time(let format) = format {
                found.type = format.isNumber ? "N" : "S"
            } else {
                found.type = "S"
            }
        }
        return found
    }

    private mutating func base(
        _ parts: [String], _ scope: NameScope, _ mark: SourceMark?, _ path: String
    ) -> (reference: Reference, type: String?)? {
        switch scope.names[parts[0]] {
        case nil where parts == [NameScope.ordinalName]:
            return (Reference(base: .ordinal), "N")
        case .local(let number, let type) where parts.count == 1:
            return (Reference(base: .local(number)), type)
        case .local:
            fault(mark, path, "'\(parts[0])' has no parts")
            return nil
        case .pick(let slot, let entity):
            return instance(
                Reference(base: .pick(slot)), entity, Array(parts.dropFirst()), mark, path)
        case nil:
            let isEntity = entities.contains { $0.name == parts[0] }
            fault(
                mark, path,
                "unknown name '\(parts[0])'"
                    + (isEntity
                        ? " (the entity isn't picked: add 'pick: {\(parts[0]): uniform}')"
                        : Spelling.hint(parts[0], among: scope.known)))
            return nil
        }
    }

    private mutating func instance(
        _ reference: Reference, _ entity: Int, _ parts: [String], _ mark: SourceMark?,
        _ path: String
    ) -> (reference: Reference, type: String?)? {
        guard let part = parts.first else { return (reference, "N") }
        var reference = reference
        if let parent = entities[entity].parent, entities[parent].name == part {
            reference.parentSteps += 1
            return instance(reference, parent, Array(parts.dropFirst()), mark, path)
        }
        guard let field = entities[entity].fields.firstIndex(where: { $0.name == part }),
            parts.count == 1
        else {
            var known = entities[entity].fields.map(\.name)
            if let parent = entities[entity].parent { known.append(entities[parent].name) }
            fault(
                mark, path,
                "'\(entities[entity].name)' has no '\(parts.joined(separator: "."))'"
                    + Spelling.hint(part, among: known))
            return nil
        }
        reference.field = field
        return (reference, fieldTypes[entity][field])
    }

    private mutating func format(
        _ text: String, _ mark: SourceMark?, _ path: String
    ) -> Reference.Format? {
        if let format = TimeFormat(rawValue: text) { return .time(format) }
        if text.hasPrefix("0"), let width = Int(text), (1...38).contains(width) {
            return .padded(width)
        }
        fault(
            mark, path,
            "unknown format '\(text)'"
                + Spelling.hint(text, among: TimeFormat.allCases.map(\.rawValue) + ["08"]))
        return nil
    }

    /// The parts of a text with names in braces; `{{` and `}}` are braces.
    mutating func textParts(
        _ text: String, _ scope: NameScope, _ mark: SourceMark?, _ path: String
    ) -> [TextPart] {
        var parts: [TextPart] = []
        var literal = ""
        var rest = text[...]
        while let character = rest.first {
            rest = rest.dropFirst()
            if character == "{" || character == "}", rest.first == character {
                literal.append(character)
                rest = rest.dropFirst()
            } else if character == "}" {
                fault(mark, path, "a '}' without '{' (write '}}' for the character)")
                return parts
            } else if character == "{" {
                guard let end = rest.firstIndex(of: "}") else {
                    fault(mark, path, "a '{' without '}' (write '{{' for the character)")
                    return parts
                }
                if !literal.isEmpty { parts.append(.literal(literal)) }
                literal = ""
                if let found = reference(String(rest[..<end]), scope, mark, path) {
                    parts.append(.value(found.reference))
                }
                rest = rest[rest.index(after: end)...]
            } else {
                literal.append(character)
            }
        }
        if !literal.isEmpty { parts.append(.literal(literal)) }
        return parts
    }
}
