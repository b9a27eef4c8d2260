internal import Wire

/// An attribute value as one cell of a table or of CSV.
enum ItemCell {
    /// What a person reads: text bare, sets in braces, lists and maps as plain JSON.
    static func text(_ value: JSONValue) -> String {
        guard let (tag, content) = value.members?.first else { return json(value) }
        switch (tag, content) {
        case ("SS", .array(let members)), ("BS", .array(let members)),
            ("NS", .array(let members)):
            return "{" + members.map { $0.string ?? "" }.joined(separator: ", ") + "}"
        case ("B", .string(let text)): return text
        default: return field(value)
        }
    }

    /// What CSV holds: strings and numbers bare, anything else as plain JSON.
    static func field(_ value: JSONValue) -> String {
        switch PlainJSON.plain(value) {
        case .string(let text): text
        case let plain: json(plain)
        }
    }

    static func isNumber(_ value: JSONValue) -> Bool { value["N"] != nil }

    /// A field of CSV: in quotes where it holds a comma, a quote or a line's end (RFC 4180).
    static func escaped(_ field: String) -> String {
        let needsQuotes =
            field.utf8.contains { $0 == 0x22 || $0 == 0x2C || $0 == 0x0A || $0 == 0x0D }
            || field.first == " " || field.last == " "
        guard needsQuotes else { return field }
        return "\""
            + field.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }

    private static func json(_ value: JSONValue) -> String {
        String(decoding: value.encoded, as: UTF8.self)
    }
}
