package import Wire

/// Words of a command line: `customer=42`, `date>=2026-01`, `total between 1 and 5`.
///
/// A word is a name, an operator and a value that needs no quotes of its own; anything that is more
/// (functions, `and`, `or`, `not`) is a whole condition.
package enum PlainWord {
    private static let operators = ["<=", ">=", "<>", "!=", "==", "=", "<", ">"]

    /// A value as written in a word: JSON, a string in quotes, else the text itself.
    package static func value(_ text: String) -> JSONValue {
        if let value = try? JSONValue(parsing: Array(text.utf8)) { return value }
        if text.count >= 2, text.first == "'", text.last == "'" {
            return .string(String(text.dropFirst().dropLast()))
        }
        return .string(text)
    }

    /// `name=value`, whose first `=` parts them; the name may be in backquotes.
    ///
    /// - Returns: the name as written, and the text after the sign.
    package static func assignment(
        _ word: String
    ) throws(ValueFault) -> (name: String, value: String) {
        guard let cut = cut(word), cut.operation == "=" else {
            throw ValueFault("'\(word)' is no name=value")
        }
        return (cut.name, cut.value)
    }

    /// `name=value` of an attribute of an item: the name is bare or in backquotes, and no path.
    package static func attribute(
        _ word: String
    ) throws(ValueFault) -> (name: String, value: String) {
        let (name, value) = try assignment(word)
        guard let path = try? WordParser.path(name) else { return (name, value) }
        guard path.steps.count == 1, let root = path.root else {
            throw ValueFault(
                "\(name) is inside an attribute: give the attribute as JSON, like "
                    + "\(path.root ?? "a")='{…}', or a name with other characters as `\(name)`")
        }
        return (root, value)
    }

    /// The condition of a word.
    package static func condition(_ word: String) throws(ValueFault) -> WrittenCondition {
        if let simple = try simple(word) { return simple }
        do throws(ValueFault) {
            return try WordParser.condition(word)
        } catch {
            throw ValueFault(
                "'\(word)' is no condition like name=value or begins_with(name, \"x\"): "
                    + error.description)
        }
    }

    /// A name, an operator and a value; nil for what is no such word.
    private static func simple(_ word: String) throws(ValueFault) -> WrittenCondition? {
        if let cut = cut(word), let path = try? WordParser.path(cut.name) {
            let value = value(cut.value)
            if case .string = value, hasSeveralParts(cut.value),
                let whole = try? WordParser.condition(word)
            {
                return whole
            }
            return .comparison(.path(path), cut.operation, .literal(value))
        }
        return between(word) ?? oneOf(word)
    }

    private static func hasSeveralParts(_ text: String) -> Bool {
        text.contains { $0.isWhitespace || $0 == "(" || $0 == "\"" }
    }

    /// Name, operator and value, where an operator follows a name at once.
    private static func cut(
        _ word: String
    ) -> (name: String, operation: String, value: String)? {
        var isQuoted = false
        var index = word.startIndex
        while index < word.endIndex {
            let character = word[index]
            if character == "`" { isQuoted.toggle() }
            if !isQuoted {
                if "(\"'".contains(character) { return nil }
                let rest = word[index...]
                if let found = operators.first(where: { rest.hasPrefix($0) }) {
                    let name = trimmed(word[..<index])
                    guard !name.isEmpty else { return nil }
                    let operation = found == "!=" ? "<>" : found == "==" ? "=" : found
                    return (name, operation, trimmed(rest.dropFirst(found.count)))
                }
            }
            index = word.index(after: index)
        }
        return nil
    }

    /// `date between 2026-01 and 2026-03`.
    private static func between(_ word: String) -> WrittenCondition? {
        let words = word.split(whereSeparator: \.isWhitespace).map(String.init)
        guard words.count == 5, words[1].lowercased() == "between", words[3].lowercased() == "and",
            let path = try? WordParser.path(words[0])
        else { return nil }
        return .between(
            .path(path), .literal(value(words[2])), .literal(value(words[4])))
    }

    /// `status in (open, paid)`.
    private static func oneOf(_ word: String) -> WrittenCondition? {
        guard word.hasSuffix(")"), let open = word.firstIndex(of: "(") else { return nil }
        let head = word[..<open].split(whereSeparator: \.isWhitespace).map(String.init)
        let inside = word[word.index(after: open)...].dropLast()
        guard head.count == 2, head[1].lowercased() == "in",
            !inside.contains(where: { "()\"'[]{}".contains($0) }),
            let path = try? WordParser.path(head[0])
        else { return nil }
        let values = inside.split(separator: ",", omittingEmptySubsequences: false)
        return .oneOf(.path(path), values.map { .literal(value(trimmed($0))) })
    }

    private static func trimmed(_ text: Substring) -> String {
        var text = text
        while text.first?.isWhitespace ?? false { text.removeFirst() }
        while text.last?.isWhitespace ?? false { text.removeLast() }
        return String(text)
    }
}
