/// Text of an HTML page that is well-formed XML as well.
struct Markup: ExpressibleByStringInterpolation, Sendable {
    /// Interpolated values are escaped, unless they are markup themselves.
    struct StringInterpolation: StringInterpolationProtocol {
        var text = ""

        init(literalCapacity: Int, interpolationCount: Int) {
            text.reserveCapacity(literalCapacity + interpolationCount * 16)
        }

        mutating func appendLiteral(_ literal: String) { text += literal }
        mutating func appendInterpolation(_ value: String) { text += Markup.escaped(value) }
        mutating func appendInterpolation(_ value: Int) { text += String(value) }
        mutating func appendInterpolation(_ markup: Markup) { text += markup.text }
        /// A coordinate, to a tenth.
        mutating func appendInterpolation(_ value: Double) { text += Markup.coordinate(value) }
    }

    private(set) var text: String

    init(stringLiteral text: String) { self.text = text }
    init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }

    static func += (left: inout Markup, right: Markup) { left.text += right.text }
    static func + (left: Markup, right: Markup) -> Markup {
        var sum = left
        sum += right
        return sum
    }

    static func joined(_ parts: some Sequence<Markup>) -> Markup {
        parts.reduce(into: Markup("")) { $0 += $1 }
    }

    /// Text as character data or inside of an attribute's quotes; what XML has no place for is left
    /// out.
    static func escaped(_ text: String) -> String {
        var escaped = ""
        escaped.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "\t", "\n", "\r": escaped.unicodeScalars.append(scalar)
            case "\u{FFFE}", "\u{FFFF}": continue
            // What would turn the direction of the text beside it.
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": escaped += "\u{FFFD}"
            default:
                if scalar.value >= 0x20 { escaped.unicodeScalars.append(scalar) }
            }
        }
        return escaped
    }

    private static func coordinate(_ value: Double) -> String {
        guard value.isFinite, abs(value) < 1e9 else { return "0" }
        let tenths = Int((value * 10).rounded())
        let whole = "\(tenths < 0 ? "-" : "")\(abs(tenths) / 10)"
        return tenths % 10 == 0 ? whole : "\(whole).\(abs(tenths) % 10)"
    }
}

extension Markup {
    /// A table in a box that scrolls where it is too wide.
    ///
    /// - Parameters:
    ///   - columns: titles; those that begin with `#` are of numbers, which stand to the right.
    ///   - rows: cells; the first of each row is its heading.
    static func table(caption: String, columns: [String], rows: [[Markup]]) -> Markup {
        let isNumber = columns.map { $0.hasPrefix("#") }
        let titles = zip(columns, isNumber).map { title, number -> Markup in
            let shown = number ? String(title.dropFirst()) : title
            return number
                ? "<th scope=\"col\" class=\"n\">\(shown)</th>" : "<th scope=\"col\">\(shown)</th>"
        }
        let body = rows.map { row -> Markup in
            let cells = row.enumerated().map { index, cell -> Markup in
                if index == 0 { return "<th scope=\"row\">\(cell)</th>" }
                return index < isNumber.count && isNumber[index]
                    ? "<td class=\"n\">\(cell)</td>" : "<td>\(cell)</td>"
            }
            return "<tr>\(joined(cells))</tr>\n"
        }
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="\(caption)"><table>
            <caption>\(caption)</caption>
            <thead><tr>\(joined(titles))</tr></thead>
            <tbody>
            \(joined(body))</tbody></table></div>

            """
    }
}
