import Wire

/// A pattern of the event-pattern language, as EventBridge and Lambda have it.
///
///     {"eventName": ["INSERT", "MODIFY"], "dynamodb": {"NewImage": {"n": {"S": [{"prefix": "a"}]}}}}
///
/// All members of an object must match; of a list of rules any must. Where the event has an array,
/// any of its elements may match, one and the same for all members of a nested object. `$or` holds
/// objects of which any must match.
struct EventPattern: Sendable {
    /// What is no pattern.
    struct Fault: Error {}

    /// An object of the pattern.
    struct Clause: Sendable {
        var members: [(name: String, test: Test)] = []
        /// For each `$or` its alternatives.
        var alternatives: [[Clause]] = []
    }

    /// What a member of the event must be.
    enum Test: Sendable {
        case rules([EventRule])
        case nested(Clause)
    }

    let clause: Clause

    func matches(_ event: JSONValue) -> Bool { Self.matches(clause, event, event: event) }

    /// Whether the pattern looks into a member of the event, beyond its being there as a text.
    func looksInto(_ name: String) -> Bool { Self.member(name, of: clause)?.isNested ?? false }

    /// Whether the pattern says anything of a member of the event.
    func mentions(_ name: String) -> Bool { Self.member(name, of: clause) != nil }

    /// - Parameter value: what stands where the clause is; nil where nothing does.
    private static func matches(_ clause: Clause, _ value: JSONValue?, event: JSONValue) -> Bool {
        for (name, test) in clause.members {
            let member = value?[name]
            let isMatched =
                switch test {
                case .rules(let rules): anyRule(of: rules, matches: member, event: event)
                case .nested(let clause): nested(clause, matches: member, event: event)
                }
            if !isMatched { return false }
        }
        return clause.alternatives.allSatisfy { group in
            group.contains { matches($0, value, event: event) }
        }
    }

    private static func nested(
        _ clause: Clause, matches member: JSONValue?, event: JSONValue
    ) -> Bool {
        var hasObject = false
        let isMatched = anyElement(of: member) { element in
            guard case .object = element else { return false }
            hasObject = true
            return matches(clause, element, event: event)
        }
        // Rules that something is absent hold where there is no object at all.
        return isMatched || (!hasObject && matches(clause, nil, event: event))
    }

    private static func anyRule(
        of rules: [EventRule], matches member: JSONValue?, event: JSONValue
    ) -> Bool {
        rules.contains { rule in
            if case .absent(let path) = rule { return !hasLeaf(event, at: path[...]) }
            return anyElement(of: member) { $0.isLeaf && rule.matches($0) }
        }
    }

    /// Whether anything but an object stands at the end of a path, through whatever arrays.
    private static func hasLeaf(_ value: JSONValue?, at path: ArraySlice<String>) -> Bool {
        guard let name = path.first else { return anyElement(of: value) { $0.isLeaf } }
        return anyElement(of: value) { hasLeaf($0[name], at: path.dropFirst()) }
    }

    /// Whether a condition holds of a value, or of any element where it is an array, however
    /// nested.
    private static func anyElement(
        of value: JSONValue?, _ condition: (JSONValue) -> Bool
    ) -> Bool {
        guard let value else { return false }
        guard case .array(let elements) = value else { return condition(value) }
        return elements.contains { anyElement(of: $0, condition) }
    }

    private static func member(_ name: String, of clause: Clause) -> Test? {
        if let found = clause.members.first(where: { $0.name == name }) { return found.test }
        for alternative in clause.alternatives.joined() {
            if let found = member(name, of: alternative) { return found }
        }
        return nil
    }
}

extension EventPattern.Test {
    var isNested: Bool {
        if case .nested = self { true } else { false }
    }
}

extension JSONValue {
    /// Whether it is neither an object nor an array.
    fileprivate var isLeaf: Bool {
        switch self {
        case .object, .array: false
        case .null, .bool, .number, .string: true
        }
    }
}
