package import Wire

/// Prints items in one of the formats, as they come.
///
/// Attributes stand in one order whatever order they came in: what was selected, else the key's
/// first and the rest by name. A table is printed in batches, since its columns need to be known;
/// CSV without a selection is printed at the end, for the same reason.
package struct ItemPrinter {
    package struct Style: Sendable {
        package var format: OutputFormat
        /// The columns that somebody selected.
        package var columns: [String]?
        /// Attributes that go first.
        package var keyNames: [String]
        /// Attributes that are not printed.
        package var hidden: Set<String>
        /// The terminal's columns.
        package var width: Int?
        package var palette: Palette

        package init(
            format: OutputFormat, columns: [String]? = nil, keyNames: [String] = [],
            hidden: Set<String> = [], width: Int? = nil, palette: Palette = .plain
        ) {
            self.format = format
            self.columns = columns
            self.keyNames = keyNames
            self.hidden = hidden
            self.width = width
            self.palette = palette
        }
    }

    private let style: Style
    private let write: (String) -> Bool
    private var held: [[(String, JSONValue)]] = []
    private var count = 0
    /// So many rows share their columns' widths.
    private static let batchCount = 500

    /// - Parameter write: takes text; answers whether anybody still reads.
    package init(_ style: Style, write: @escaping (String) -> Bool) {
        self.style = style
        self.write = write
    }

    /// - Returns: whether anybody still reads.
    package mutating func add(_ items: [[(String, JSONValue)]]) -> Bool {
        for item in items {
            guard add(ordered(item)) else { return false }
        }
        return true
    }

    private mutating func add(_ item: [(String, JSONValue)]) -> Bool {
        defer { count += 1 }
        switch style.format {
        case .jsonl: return write(Self.text(PlainJSON.plain(item: item)) + "\n")
        case .json: return write(separator + Self.text(PlainJSON.plain(item: item)))
        case .dynamodb: return write(separator + Self.text(.object(item)))
        case .csv:
            guard let columns = style.columns else {
                held.append(item)
                return true
            }
            if count == 0, !write(row(columns)) { return false }
            return write(row(columns.map { Self.field(item, $0) }))
        case .table:
            held.append(item)
            return held.count < Self.batchCount || flush()
        }
    }

    /// Prints what is held back, and ends what was begun.
    @discardableResult
    package mutating func finish() -> Bool {
        switch style.format {
        case .jsonl: return true
        case .json, .dynamodb: return write(count == 0 ? "[]\n" : "\n]\n")
        case .csv:
            guard style.columns == nil else {
                return count > 0 || write(row(style.columns ?? []))
            }
            guard !held.isEmpty else { return true }
            let columns = columnNames
            var text = row(columns)
            for item in held { text += row(columns.map { Self.field(item, $0) }) }
            held = []
            return write(text)
        case .table: return held.isEmpty || flush()
        }
    }

    private var separator: String { count == 0 ? "[\n  " : ",\n  " }

    private mutating func flush() -> Bool {
        let names = columnNames
        var table = TextTable(
            names.map { name in
                let values = held.compactMap { item in item.first { $0.0 == name }?.1 }
                let areNumbers = !values.isEmpty && values.allSatisfy(ItemCell.isNumber)
                return TextTable.Column(name, areNumbers ? .right : .left)
            })
        for item in held {
            table.add(
                names.map { name in
                    item.first { $0.0 == name }.map { ItemCell.text($0.1) } ?? ""
                })
        }
        if let width = style.width, !table.fits(width: width) { return flushCards(names) }
        let isFirst = count < Self.batchCount
        held = []
        return write(
            (isFirst ? "" : "\n") + table.text(width: style.width, palette: style.palette))
    }

    /// Rows that have too many columns for the terminal: an attribute to a line, items apart.
    private mutating func flushCards(_ names: [String]) -> Bool {
        let cards = held.map { item in
            Self.card(item, keyNames: names, palette: style.palette)
        }
        let isFirst = count < Self.batchCount
        held = []
        return write((isFirst ? "" : "\n") + cards.joined(separator: "\n"))
    }

    /// The columns of what is held: selected, or the key's and then all others by name.
    private var columnNames: [String] {
        if let columns = style.columns { return columns }
        var seen = Set<String>()
        for item in held { seen.formUnion(item.map(\.0)) }
        let keys = style.keyNames.filter { seen.contains($0) }
        return keys + seen.subtracting(keys).sorted()
    }

    private func ordered(_ item: [(String, JSONValue)]) -> [(String, JSONValue)] {
        let shown = item.filter { !style.hidden.contains($0.0) }
        let first = style.columns ?? style.keyNames
        let leading = first.compactMap { name in shown.first { $0.0 == name } }
        let rest = shown.filter { !first.contains($0.0) }.sorted { $0.0 < $1.0 }
        return leading + rest
    }

    private static func field(_ item: [(String, JSONValue)], _ name: String) -> String {
        item.first { $0.0 == name }.map { ItemCell.field($0.1) } ?? ""
    }

    private func row(_ fields: [String]) -> String {
        fields.map(ItemCell.escaped).joined(separator: ",") + "\n"
    }

    private static func text(_ value: JSONValue) -> String {
        String(decoding: value.encoded, as: UTF8.self)
    }
}

extension ItemPrinter {
    /// One item for a person: an attribute to a line.
    package static func card(
        _ item: [(String, JSONValue)], keyNames: [String], palette: Palette
    ) -> String {
        let keys = keyNames.compactMap { name in item.first { $0.0 == name } }
        let rest = item.filter { !keyNames.contains($0.0) }.sorted { $0.0 < $1.0 }
        let widest = item.map { DisplayWidth.of(DisplayWidth.visible($0.0)) }.max() ?? 0
        return (keys + rest).map { name, value in
            let shown = DisplayWidth.visible(name)
            let padding = String(repeating: " ", count: widest - DisplayWidth.of(shown))
            let cell = DisplayWidth.visible(ItemCell.text(value))
            return palette.paint(shown, .bold) + (cell.isEmpty ? "" : padding + "  " + cell) + "\n"
        }.joined()
    }
}
