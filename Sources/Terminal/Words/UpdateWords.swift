internal import Wire

/// The words of `--set`, `--add`, `--remove` and `--delete` as an update expression.
package struct UpdateWords: Sendable {
    package var set: [String]
    package var add: [String]
    package var remove: [String]
    package var delete: [String]

    package init(set: [String], add: [String], remove: [String], delete: [String]) {
        self.set = set
        self.add = add
        self.remove = remove
        self.delete = delete
    }

    package var isEmpty: Bool {
        self.set.isEmpty && add.isEmpty && remove.isEmpty && delete.isEmpty
    }

    /// The expression, its names and values told to the writer.
    package func expression(
        _ writer: inout ExpressionWriter
    ) throws(ValueFault) -> String {
        var clauses: [String] = []
        var parts: [String] = []
        for word in self.set { parts.append(try Self.assignment(word, &writer)) }
        if !parts.isEmpty { clauses.append("SET " + parts.joined(separator: ", ")) }
        parts = []
        for list in remove {
            for path in try WordParser.paths(list) { parts.append(writer.text(path)) }
        }
        if !parts.isEmpty { clauses.append("REMOVE " + parts.joined(separator: ", ")) }
        for (clause, words) in [("ADD", add), ("DELETE", delete)] where !words.isEmpty {
            parts = []
            for word in words {
                let (name, text) = try PlainWord.assignment(word)
                let path = try WordParser.path(name)
                var value = PlainWord.value(text)
                if clause == "DELETE" { value = Self.set(of: value) }
                parts.append(
                    "\(writer.text(path)) \(try writer.text(.literal(value), beside: nil))")
            }
            clauses.append("\(clause) " + parts.joined(separator: ", "))
        }
        return clauses.joined(separator: " ")
    }

    /// What DELETE takes away is a set: `tags=x` means the set of `x`.
    private static func set(of value: JSONValue) -> JSONValue {
        switch value {
        case .string: .object([("SS", .array([value]))])
        case .number: .object([("NS", .array([value]))])
        case .array(let elements) where elements.allSatisfy({ $0.string != nil }):
            .object([("SS", value)])
        case .array: .object([("NS", value)])
        default: value
        }
    }

    /// `total=10`, `total = total + 1`, `seen=if_not_exists(seen, 0)`.
    private static func assignment(
        _ word: String, _ writer: inout ExpressionWriter
    ) throws(ValueFault) -> String {
        let (name, text) = try PlainWord.assignment(word)
        let path = try WordParser.path(name)
        let target = writer.text(path)
        switch kind(of: text) {
        case .value: break
        case .function: return "\(target) = \(try computed(text, &writer))"
        case .perhapsSum:
            // What is no sum of names and values is a text that has a sign in it.
            var attempt = writer
            if let sum = try? computed(text, &attempt) {
                writer = attempt
                return "\(target) = \(sum)"
            }
        }
        let attribute = path.steps.count == 1 ? path.root : nil
        let value = try writer.text(.literal(PlainWord.value(text)), beside: attribute)
        return "\(target) = \(value)"
    }

    private enum Kind { case value, function, perhapsSum }

    /// Whether a text is a function, a sum (a sign between spaces), or a value as it is.
    private static func kind(of text: String) -> Kind {
        if (try? JSONValue(parsing: Array(text.utf8))) != nil || text.hasPrefix("'") {
            return .value
        }
        let lowered = text.lowercased()
        if lowered.hasPrefix("if_not_exists(") || lowered.hasPrefix("list_append(") {
            return .function
        }
        return text.contains(" + ") || text.contains(" - ") ? .perhapsSum : .value
    }

    private static func computed(
        _ text: String, _ writer: inout ExpressionWriter
    ) throws(ValueFault) -> String {
        var parser = try WordParser(text)
        let text = try sum(&parser, &writer)
        try parser.end()
        return text
    }

    private static func sum(
        _ parser: inout WordParser, _ writer: inout ExpressionWriter
    ) throws(ValueFault) -> String {
        let left = try term(&parser, &writer)
        for sign in ["+", "-"] where parser.accept(sign) {
            return "\(left) \(sign) \(try term(&parser, &writer))"
        }
        return left
    }

    private static func term(
        _ parser: inout WordParser, _ writer: inout ExpressionWriter
    ) throws(ValueFault) -> String {
        for function in ["if_not_exists", "list_append"] {
            guard case .name(let name)? = parser.peek, name.lowercased() == function,
                parser.accept(keyword: function)
            else { continue }
            try parser.expect("(")
            let first = try writer.text(try parser.operand(), beside: nil)
            try parser.expect(",")
            let second = try writer.text(try parser.operand(), beside: nil)
            try parser.expect(")")
            return "\(function)(\(first), \(second))"
        }
        return try writer.text(try parser.operand(), beside: nil)
    }
}
