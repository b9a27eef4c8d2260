internal import Items
internal import Operations
internal import Wire

/// The expressions of an access pattern, and the members that are the same in each of its requests.
extension DesignReader {
    private enum Select: String, CaseIterable {
        case all = "ALL_ATTRIBUTES"
        case projected = "ALL_PROJECTED_ATTRIBUTES"
        case count = "COUNT"
        case specific = "SPECIFIC_ATTRIBUTES"
    }

    private static let expressions = [
        ("keyCondition", "KeyConditionExpression"), ("filter", "FilterExpression"),
        ("projection", "ProjectionExpression"), ("condition", "ConditionExpression"),
        ("update", "UpdateExpression"),
    ]

    mutating func readExpressions(
        _ action: inout RequestTemplate.Action, _ members: [String: DesignNode],
        _ node: DesignNode, _ scope: NameScope, _ path: String
    ) {
        let table = tables[action.table]
        var fixed: [(String, JSONValue)] = [("TableName", .string(table.name))]
        if let index = action.index {
            fixed.append(("IndexName", .string(table.indexes[index].name)))
        }
        var texts: [String] = []
        for (name, member) in Self.expressions {
            guard let text = string(members[name], "\(path).\(name)") else { continue }
            texts.append(text)
            fixed.append((member, .string(text)))
        }
        if action.kind == .update, members["update"] == nil {
            fault(node.mark, path, "'update' is missing")
        }
        let used = Self.placeholders(texts.joined(separator: " "))
        let names = readNames(members["names"], used, node.mark, path)
        if !names.isEmpty {
            fixed.append(
                ("ExpressionAttributeNames", .object(names.map { ($0.0, .string($0.1)) })))
        }
        action.values = readValues(members["values"], used, scope, node.mark, path)
        if let limit = integer(members["limit"], "\(path).limit", 1...1_000_000) {
            fixed.append(("Limit", .number(String(limit))))
        }
        if let descending = bool(members["descending"], "\(path).descending") {
            fixed.append(("ScanIndexForward", .bool(!descending)))
        }
        if let consistent = bool(members["consistent"], "\(path).consistent") {
            fixed.append(("ConsistentRead", .bool(consistent)))
            if consistent, let index = action.index, !table.indexes[index].isLocal {
                fault(
                    members["consistent"]?.mark, "\(path).consistent",
                    "a global index has no consistent reads")
            }
        }
        let select: Select? = choice(members["select"], "\(path).select")
        if let select { fixed.append(("Select", .string(select.rawValue))) }
        action.fixed = Self.members(fixed)
        if action.kind == .query {
            readHashValues(&action, members["keyCondition"], names, node.mark, path)
        }
        if action.kind == .update, let text = members["update"]?.string {
            action.assignments = Self.assignments(text, names, action.values)
        }
    }

    private mutating func readNames(
        _ node: DesignNode?, _ used: Set<String>, _ mark: SourceMark?, _ path: String
    ) -> [(String, String)] {
        var names: [(String, String)] = []
        if let node {
            guard let members = node.members else {
                let _: Int? = expected("a map of names", node, "\(path).names")
                return []
            }
            for member in members {
                let name = member.key.hasPrefix("#") ? member.key : "#" + member.key
                guard let text = string(member.value, "\(path).names.\(member.key)") else {
                    continue
                }
                if !used.contains(name) {
                    fault(member.mark, "\(path).names", "'\(name)' is in no expression")
                }
                names.append((name, text))
            }
        }
        for name in used.sorted() where name.hasPrefix("#") {
            if !names.contains(where: { $0.0 == name }) {
                fault(mark, path, "the name '\(name)' is not among 'names'")
            }
        }
        return names
    }

    private mutating func readValues(
        _ node: DesignNode?, _ used: Set<String>, _ scope: NameScope, _ mark: SourceMark?,
        _ path: String
    ) -> [ValueTemplate.Member] {
        var values: [ValueTemplate.Member] = []
        if let node {
            guard let members = node.members else {
                let _: Int? = expected("a map of values", node, "\(path).values")
                return []
            }
            for member in members {
                let name = member.key.hasPrefix(":") ? member.key : ":" + member.key
                if !used.contains(name) {
                    fault(member.mark, "\(path).values", "'\(name)' is in no expression")
                }
                let place = "\(path).values.\(member.key)"
                let typed = value(member.value, scope, place)
                values.append(
                    ValueTemplate.Member(name: name, value: typed?.template ?? .constant(.null)))
            }
        }
        for name in used.sorted() where name.hasPrefix(":") {
            if !values.contains(where: { $0.name == name }) {
                fault(mark, path, "the value '\(name)' is not among 'values'")
            }
        }
        return values
    }

    /// Finds which values are those of the partition key.
    private mutating func readHashValues(
        _ action: inout RequestTemplate.Action, _ node: DesignNode?, _ names: [(String, String)],
        _ mark: SourceMark?, _ path: String
    ) {
        guard let text = node?.string else {
            if node == nil { fault(mark, path, "'keyCondition' is missing") }
            return
        }
        let table = tables[action.table]
        let keys = action.index.map { table.indexes[$0].hashKeys } ?? [table.hashKey]
        let words = Self.words(text)
        for key in keys {
            func isKey(_ word: String) -> Bool {
                word == key.name || names.contains { $0.0 == word && $0.1 == key.name }
            }
            var found: String?
            for place in words.indices.dropLast(2) where words[place + 1] == "=" {
                if isKey(words[place]) { found = words[place + 2] }
                if isKey(words[place + 2]) { found = words[place] }
            }
            guard let found, let number = action.values.firstIndex(where: { $0.name == found })
            else {
                fault(
                    node?.mark, "\(path).keyCondition",
                    "asks for no one value of the partition key '\(key.name)'")
                return
            }
            if case .text(let parts) = action.values[number].value, key.type == .number {
                action.values[number].value = .asNumber(parts)
            }
            action.hashValues.append(number)
        }
    }

    /// The attributes that an update sets to a value as it is, or removes.
    private static func assignments(
        _ text: String, _ names: [(String, String)], _ values: [ValueTemplate.Member]
    ) -> [(attribute: String, value: Int?)] {
        let clauses: Set<String> = ["SET", "REMOVE", "ADD", "DELETE"]
        var clause = ""
        // The words of each action, which commas part.
        var actions: [(clause: String, words: [String])] = []
        for word in words(text) {
            if clauses.contains(word.uppercased()) {
                clause = word.uppercased()
                actions.append((clause, []))
            } else if word == "," {
                actions.append((clause, []))
            } else if !actions.isEmpty {
                actions[actions.count - 1].words.append(word)
            }
        }
        return actions.compactMap { clause, words in
            guard let first = words.first else { return nil }
            let name = names.first { $0.0 == first }?.1 ?? first
            if clause == "REMOVE", words.count == 1 { return (name, nil) }
            guard clause == "SET", words.count == 3, words[1] == "=",
                let value = values.firstIndex(where: { $0.name == words[2] })
            else { return nil }
            return (name, value)
        }
    }

    /// The `:values` and `#names` of expressions.
    private static func placeholders(_ text: String) -> Set<String> {
        Set(words(text).filter { $0.count > 1 && ($0.hasPrefix(":") || $0.hasPrefix("#")) })
    }

    /// An expression's words and signs, as far as they matter here.
    private static func words(_ text: String) -> [String] {
        var words: [String] = []
        var word = ""
        for character in text {
            if character.isLetter || character.isNumber || "_:#".contains(character) {
                if "#:".contains(character), !word.isEmpty {
                    words.append(word)
                    word = ""
                }
                word.append(character)
                continue
            }
            if !word.isEmpty { words.append(word) }
            word = ""
            if !character.isWhitespace { words.append(String(character)) }
        }
        if !word.isEmpty { words.append(word) }
        return words
    }
}
