internal import Items
internal import Wire

/// A piece of a condition or update as a person writes it.
enum WordToken: Hashable {
    /// A name that may be a keyword or function.
    case name(String)
    /// A name in backquotes, which is nothing but a name.
    case quotedName(String)
    case literal(JSONValue)
    /// `#name`.
    case namePlaceholder(String)
    /// `:name`.
    case valuePlaceholder(String)
    /// An operator, bracket, comma or dot.
    case symbol(String)

    /// As errors name it.
    var told: String {
        switch self {
        case .name(let text), .namePlaceholder(let text), .valuePlaceholder(let text),
            .symbol(let text):
            text
        case .quotedName(let text): "`\(text)`"
        case .literal(let value): String(decoding: value.encoded, as: UTF8.self)
        }
    }

    /// Cuts a text into tokens.
    ///
    /// - Throws: `ValueFault` for what is no token: a date without quotes, a string without end.
    static func tokens(of text: String) throws(ValueFault) -> [WordToken] {
        var scanner = WordScanner(text)
        var tokens: [WordToken] = []
        while let token = try scanner.next(after: tokens.last) { tokens.append(token) }
        return tokens
    }
}

/// Finds tokens one after another.
private struct WordScanner {
    private let characters: [Character]
    private var position = 0
    private static let doubled: Set<String> = ["<=", ">=", "<>", "!=", "=="]

    init(_ text: String) { characters = Array(text) }

    private func peek(_ offset: Int = 0) -> Character? {
        position + offset < characters.count ? characters[position + offset] : nil
    }

    mutating func next(after previous: WordToken?) throws(ValueFault) -> WordToken? {
        while let space = peek(), space.isWhitespace { position += 1 }
        guard let first = peek() else { return nil }
        switch first {
        case "\"", "'": return .literal(.string(try quoted(first)))
        case "`": return .quotedName(try quoted(first))
        case "#": return .namePlaceholder(try placeholder())
        case ":": return .valuePlaceholder(try placeholder())
        case "{": return .literal(try structure())
        // After a path a bracket holds an index; elsewhere it begins a list.
        case "[" where !(previous?.isPathEnd ?? false): return .literal(try structure())
        case _ where first.isLetter || first == "_": return .name(run())
        case _ where first.isASCII && first.isNumber,
            "-" where peek(1)?.isNumber ?? false,
            "+" where peek(1)?.isNumber ?? false && !(previous?.isOperand ?? false):
            return try number()
        default: break
        }
        if let second = peek(1), Self.doubled.contains("\(first)\(second)") {
            position += 2
            let text = "\(first)\(second)"
            return .symbol(text == "!=" ? "<>" : text == "==" ? "=" : text)
        }
        guard "=<>()[],.+-".contains(first) else {
            throw ValueFault("'\(first)' has no place in a condition: put strings in quotes")
        }
        position += 1
        return .symbol(String(first))
    }

    /// A name: letters, digits, `_` and `-`.
    private mutating func run() -> String {
        let start = position
        while let next = peek(), next.isLetter || next.isNumber || next == "_" || next == "-" {
            position += 1
        }
        return String(characters[start..<position])
    }

    private mutating func placeholder() throws(ValueFault) -> String {
        let start = position
        position += 1
        _ = run()
        guard position > start + 1 else {
            throw ValueFault("'\(characters[start])' has no name after it")
        }
        return String(characters[start..<position])
    }

    private mutating func number() throws(ValueFault) -> WordToken {
        let start = position
        position += 1
        while let next = peek(),
            next.isLetter || next.isNumber || ".:_+-".contains(next)
        {
            position += 1
        }
        let text = String(characters[start..<position])
        let value = try? JSONValue(parsing: Array(text.utf8))
        if case .number? = value { return .literal(.number(text)) }
        throw ValueFault("'\(text)' is no number: put it in quotes to make it a string")
    }

    /// Text up to its closing quote; `\` escapes as in JSON within double quotes, a doubled quote
    /// stands for itself in single ones.
    private mutating func quoted(_ quote: Character) throws(ValueFault) -> String {
        let start = position
        position += 1
        var text = ""
        while let next = peek() {
            position += 1
            if next == quote {
                if quote != "\"", peek() == quote {
                    text.append(quote)
                    position += 1
                    continue
                }
                guard quote == "\"" else { return text }
                let json = String(characters[start..<position])
                guard let value = try? JSONValue(parsing: Array(json.utf8)),
                    let string = value.string
                else { throw ValueFault("\(json) is no JSON string") }
                return string
            }
            if next == "\\", quote == "\"", peek() != nil { position += 1 }
            text.append(next)
        }
        throw ValueFault("a quote \(quote) is opened and not closed")
    }

    /// A list or an object of JSON.
    private mutating func structure() throws(ValueFault) -> JSONValue {
        let start = position
        var depth = 0
        while let next = peek() {
            position += 1
            switch next {
            case "[", "{": depth += 1
            case "]", "}": depth -= 1
            case "\"":
                position -= 1
                _ = try quoted("\"")
            default: break
            }
            if depth == 0 { break }
        }
        let text = String(characters[start..<position])
        guard depth == 0, let value = try? JSONValue(parsing: Array(text.utf8)) else {
            throw ValueFault("\(text) is no JSON")
        }
        return value
    }
}

extension WordToken {
    /// Whether a path may end here, so that a bracket after it holds an index.
    fileprivate var isPathEnd: Bool {
        switch self {
        case .name(let name): !["and", "or", "not", "in", "between"].contains(name.lowercased())
        case .quotedName, .namePlaceholder: true
        case .symbol(let symbol): symbol == "]"
        case .literal, .valuePlaceholder: false
        }
    }

    /// Whether an operand may end here, so that a sign after it is an operator.
    fileprivate var isOperand: Bool {
        switch self {
        case .literal, .valuePlaceholder: true
        case .symbol(let symbol): symbol == ")" || symbol == "]"
        default: isPathEnd
        }
    }
}
