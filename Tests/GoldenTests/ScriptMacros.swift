/// What scripts write short: long texts and repeated members of a body.
///
/// `«text*n»` is the text n times; `«a...b: text»` is the text for each number from a to b, joined
/// by commas, `#` standing for the number.
enum ScriptMacros {
    /// The shortest run of one character that outputs write short.
    private static let runCountMin = 24

    /// A body with its macros written out.
    static func expand(_ body: String) -> String {
        var result = ""
        var rest = body[...]
        while let open = rest.firstIndex(of: "«") {
            result += rest[..<open]
            guard let close = rest[open...].firstIndex(of: "»") else { break }
            let inner = rest[rest.index(after: open)..<close]
            result += expansion(inner) ?? String(rest[open...close])
            rest = rest[rest.index(after: close)...]
        }
        return result + rest
    }

    /// A text with its long runs of one character written short.
    static func shorten(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let first = rest.first {
            let run = rest.prefix { $0 == first }
            rest = rest[run.endIndex...]
            if run.count >= runCountMin, first != " " {
                result += "«\(first)*\(run.count)»"
            } else {
                result += run
            }
        }
        return result
    }

    private static func expansion(_ inner: Substring) -> String? {
        if let colon = inner.firstIndex(of: ":"), let range = range(inner[..<colon]) {
            let text = inner[inner.index(after: colon)...].drop { $0 == " " }
            return range.map { text.replacing("#", with: String($0)) }.joined(separator: ", ")
        }
        guard let star = inner.lastIndex(of: "*"),
            let count = Int(inner[inner.index(after: star)...])
        else { return nil }
        return String(repeating: String(inner[..<star]), count: count)
    }

    private static func range(_ text: Substring) -> ClosedRange<Int>? {
        let bounds = text.split(separator: "...").map { Int($0) }
        guard bounds.count == 2, let lower = bounds[0], let upper = bounds[1], lower <= upper else {
            return nil
        }
        return lower...upper
    }
}
