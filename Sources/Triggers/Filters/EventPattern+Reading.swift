import Operations
import Wire

extension EventPattern {
    /// Reads a pattern; the JSON reader bounds its depth.
    init(_ text: String) throws(Fault) {
        let value: JSONValue
        do throws(ServiceError) {
            value = try JSONValue(parsing: Array(text.utf8))
        } catch {
            throw Fault()
        }
        clause = try Self.clause(value, path: [])
    }

    private static func clause(
        _ value: JSONValue, path: [String]
    ) throws(Fault) -> Clause {
        guard case .object(let members) = value, !members.isEmpty else { throw Fault() }
        var clause = Clause()
        for (name, value) in members {
            if name == "$or", let objects = alternatives(value) {
                var group: [Clause] = []
                for object in objects { group.append(try Self.clause(object, path: path)) }
                clause.alternatives.append(group)
                continue
            }
            let inner = path + [name]
            switch value {
            case .object:
                clause.members.append((name, .nested(try Self.clause(value, path: inner))))
            case .array(let elements) where !elements.isEmpty:
                var rules: [EventRule] = []
                for element in elements { rules.append(try rule(element, path: inner)) }
                clause.members.append((name, .rules(rules)))
            default: throw Fault()
            }
        }
        return clause
    }

    /// The alternatives of an `$or`; nil where `$or` is a name like others: fewer than two objects,
    /// or one that is a rule.
    private static func alternatives(_ value: JSONValue) -> [JSONValue]? {
        guard let elements = value.elements, elements.count >= 2 else { return nil }
        for element in elements {
            guard let members = element.members, !members.isEmpty,
                !members.contains(where: { ruleNames.contains($0.0) })
            else { return nil }
        }
        return elements
    }

    // MARK: Rules

    private static let ruleNames: Set<String> = [
        "exists", "prefix", "suffix", "equals-ignore-case", "anything-but", "numeric", "wildcard",
        "cidr",
    ]

    private static func rule(_ value: JSONValue, path: [String]) throws(Fault) -> EventRule {
        switch value {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .string(let text): return .text(text)
        case .number(let text): return .number(EventNumber(text))
        case .array: throw Fault()
        case .object(let members):
            guard members.count == 1, let (name, argument) = members.first else { throw Fault() }
            switch name {
            case "exists":
                guard let exists = argument.bool else { throw Fault() }
                return exists ? .present : .absent(path: path)
            case "numeric": return try numeric(argument)
            case "cidr":
                guard let text = argument.string, text.utf8.contains(UInt8(ascii: "/")),
                    let range = NetworkRange(text)
                else {
                    throw Fault()
                }
                return .network(range)
            case "anything-but": return .anythingBut(try excluded(argument))
            default: return try textRule(name, argument)
            }
        }
    }

    /// The rules of texts, which `anything-but` may hold too.
    private static func textRule(
        _ name: String, _ argument: JSONValue
    ) throws(Fault) -> EventRule {
        switch (name, argument) {
        case ("prefix", .string(let text)): return .prefix(text)
        case ("suffix", .string(let text)): return .suffix(text)
        case ("prefix", .object(let members)):
            return .foldedPrefix(FoldedText(try ignoringCase(members)))
        case ("suffix", .object(let members)):
            return .foldedSuffix(FoldedText(try ignoringCase(members)))
        case ("equals-ignore-case", .string(let text)): return .foldedText(FoldedText(text))
        case ("wildcard", .string(let text)):
            guard let wildcard = WildcardText(text) else { throw Fault() }
            return .wildcard(wildcard)
        default: throw Fault()
        }
    }

    private static func ignoringCase(_ members: [(String, JSONValue)]) throws(Fault) -> String {
        guard members.count == 1, let (name, value) = members.first, name == "equals-ignore-case",
            let text = value.string
        else { throw Fault() }
        return text
    }

    /// What `anything-but` excludes: a text or number, a list of one kind of them, or another rule
    /// of texts with one text or several.
    private static func excluded(_ argument: JSONValue) throws(Fault) -> [EventRule] {
        switch argument {
        case .string(let text): return [.text(text)]
        case .number(let text): return [.number(EventNumber(text))]
        case .array(let elements):
            let texts = elements.compactMap(\.string)
            if texts.count == elements.count, !texts.isEmpty { return texts.map { .text($0) } }
            var rules: [EventRule] = []
            for element in elements {
                guard case .number(let text) = element else { throw Fault() }
                rules.append(.number(EventNumber(text)))
            }
            if rules.isEmpty { throw Fault() }
            return rules
        case .object(let members):
            guard members.count == 1, let (name, value) = members.first else { throw Fault() }
            let values = value.elements ?? [value]
            var rules: [EventRule] = []
            for value in values {
                guard case .string(let text) = value, !text.isEmpty else { throw Fault() }
                rules.append(try textRule(name, value))
            }
            if rules.isEmpty { throw Fault() }
            return rules
        case .null, .bool: throw Fault()
        }
    }

    /// `["=", 5]`, `[">", 0]`, `["<=", 9]`, or a range with the lower bound first.
    private static func numeric(_ argument: JSONValue) throws(Fault) -> EventRule {
        guard let elements = argument.elements, elements.count == 2 || elements.count == 4 else {
            throw Fault()
        }
        var range = NumericRange()
        for index in stride(from: 0, to: elements.count, by: 2) {
            guard let sign = elements[index].string, case .number(let text) = elements[index + 1],
                let value = EventNumber(text).value
            else { throw Fault() }
            switch sign {
            case "=" where elements.count == 2: range = NumericRange(equal: value)
            case ">" where index == 0: range.lower = (value, isIncluded: false)
            case ">=" where index == 0: range.lower = (value, isIncluded: true)
            case "<" where range.upper == nil: range.upper = (value, isIncluded: false)
            case "<=" where range.upper == nil: range.upper = (value, isIncluded: true)
            default: throw Fault()
            }
        }
        if let lower = range.lower, let upper = range.upper, elements.count == 4 {
            guard lower.value < upper.value else { throw Fault() }
        }
        return .numeric(range)
    }
}
