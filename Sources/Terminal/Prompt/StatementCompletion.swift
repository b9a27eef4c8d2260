internal import Expressions

/// Completes PartiQL: keywords, tables, indexes and attributes, by what stands before the cursor.
package struct StatementCompletion: Sendable {
    package var tables: [String] = []
    /// The tables that were described, by name.
    package var schemas: [String: TableSchema] = [:]
    /// Attributes that results had.
    package var seenAttributes: Set<String> = []

    private static let firstWords = ["SELECT", "INSERT INTO", "UPDATE", "DELETE FROM"]
    private static let commands = ["\\d", "\\n", "\\q", "\\t", "\\x", "\\?"]
    private static let keywords = [
        "FROM", "WHERE", "AND", "OR", "NOT", "IN", "BETWEEN", "ORDER BY", "ASC", "DESC", "SET",
        "REMOVE", "VALUE", "RETURNING", "ALL OLD *", "ALL NEW *", "MODIFIED OLD *",
        "MODIFIED NEW *", "IS", "NULL", "MISSING", "EXISTS", "begins_with", "contains",
        "attribute_type", "size",
    ]

    package init() {}

    /// The table that a statement names, wherever it does; nil where it names none yet.
    package static func table(in text: String) -> String? {
        let pieces = Pieces(text)
        let all = pieces.done + (pieces.typed.isEmpty ? [] : [.name(pieces.typedName)])
        let place = all.indices.dropLast().first { index in
            guard case .word(let word) = all[index] else { return false }
            return ["from", "into", "update"].contains(word.lowercased())
        }
        return place.flatMap { all[$0 + 1].name }
    }

    /// What the word at the cursor may become.
    package func completion(before: String, after: String) -> Completion {
        let pieces = Pieces(before)
        let typed = pieces.typed
        guard !pieces.isInString else { return Completion(typed: "", choices: []) }
        if typed.hasPrefix("\\") {
            return Completion(typed: typed, choices: Self.commands.filter { $0.hasPrefix(typed) })
        }
        func names(_ names: some Sequence<String>) -> [String] {
            Set(names).filter { $0.hasPrefix(pieces.typedName) }.sorted()
                .map { Self.written($0, isQuoted: typed.hasPrefix("\"")) }
        }
        let last = pieces.done.last
        if last == .symbol(".") {
            let schema = pieces.done.dropLast().last?.name.flatMap { schemas[$0] }
            return Completion(
                typed: typed, choices: names((schema?.indexes ?? []).map(\.name)))
        }
        if case .word(let word)? = last,
            ["from", "into", "update", "\\d"].contains(word.lowercased())
        {
            return Completion(typed: typed, choices: names(tables))
        }
        var words = pieces.done.isEmpty ? Self.firstWords : Self.keywords
        words = words.filter { $0.lowercased().hasPrefix(typed.lowercased()) }
        let isLower = typed.first?.isLowercase ?? false
        words = words.map { (isLower ? $0.lowercased() : $0) + " " }
        guard !pieces.done.isEmpty else { return Completion(typed: typed, choices: words) }
        let schema = Self.table(in: before + after).flatMap { schemas[$0] }
        let attributes = names(seenAttributes.union(schema?.attributeTypes.keys.map(\.self) ?? []))
        let isBare = typed.isEmpty && !attributes.isEmpty || typed.hasPrefix("\"")
        return Completion(typed: typed, choices: attributes + (isBare ? [] : words))
    }

    /// A name as a statement has it: in double quotes where it would be read as something else.
    private static func written(_ name: String, isQuoted: Bool) -> String {
        let isPlain =
            !isQuoted && name.first.map { $0.isASCII && ($0.isLetter || $0 == "_") } ?? false
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            && !StatementKeywords.all.contains(name.lowercased())
        return isPlain ? name : "\"\(name)\""
    }
}

/// The pieces of a statement before the cursor, and what is typed of the next one.
private struct Pieces {
    enum Piece: Hashable {
        case word(String)
        /// In double quotes.
        case name(String)
        case symbol(Character)

        var name: String? {
            switch self {
            case .word(let text), .name(let text): text
            case .symbol: nil
            }
        }
    }

    private(set) var done: [Piece] = []
    /// With its opening quote, where it has one.
    private(set) var typed = ""
    private(set) var isInString = false

    var typedName: String { typed.hasPrefix("\"") ? String(typed.dropFirst()) : typed }

    init(_ text: String) {
        for character in text {
            if isInString {
                isInString = character != "'"
            } else if typed.hasPrefix("\"") {
                if character == "\"" {
                    done.append(.name(typedName))
                    typed = ""
                } else {
                    typed.append(character)
                }
            } else if character.isLetter || character.isNumber || character == "_"
                || character == "\\" || character == "-" && !typed.isEmpty
            {
                typed.append(character)
            } else {
                if !typed.isEmpty { done.append(.word(typed)) }
                typed = ""
                switch character {
                case "'": isInString = true
                case "\"": typed = "\""
                case ";": done = []
                case _ where character.isWhitespace: break
                default: done.append(.symbol(character))
                }
            }
        }
    }
}
