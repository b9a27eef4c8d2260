/// Rows in aligned columns, for people.
///
/// Columns stand two spaces apart, numbers to the right; nothing is written after a row's last
/// character. What is wider than the terminal loses the ends of its widest columns, marked `…`.
package struct TextTable: Sendable {
    package enum Alignment: Sendable { case left, right }

    package struct Column: Sendable {
        package var title: String
        package var alignment: Alignment

        package init(_ title: String, _ alignment: Alignment = .left) {
            self.title = title
            self.alignment = alignment
        }
    }

    package var columns: [Column]
    package private(set) var rows: [[String]] = []

    /// Columns are not cut below this, so that a cell still says something.
    private static let narrowest = 6
    private static let gap = 2

    package init(_ columns: [Column]) { self.columns = columns }

    /// Adds a row; cells that are missing are empty.
    package mutating func add(_ cells: [String]) {
        rows.append(
            columns.indices.map { $0 < cells.count ? DisplayWidth.visible(cells[$0]) : "" })
    }

    /// The table's lines, each with a line's end.
    ///
    /// - Parameters:
    ///   - width: the terminal's columns; nil: nothing is cut.
    ///   - hasHeader: whether the titles stand above.
    package func text(
        width: Int? = nil, palette: Palette = .plain, hasHeader: Bool = true
    ) -> String {
        let titles = columns.map { DisplayWidth.visible($0.title) }
        let widths = widths(within: width, hasHeader: hasHeader)
        var text = ""
        if hasHeader { text += line(titles, widths) { palette.paint($0, .bold) } }
        for row in rows { text += line(row, widths) { $0 } }
        return text
    }

    /// Whether lines fit in so many columns, their cells cut where they must be.
    func fits(width: Int) -> Bool {
        let widths = widths(within: width, hasHeader: true)
        return widths.reduce(0, +) + Self.gap * max(0, widths.count - 1) <= width
    }

    private func widths(within width: Int?, hasHeader: Bool) -> [Int] {
        var widths = columns.map {
            hasHeader ? DisplayWidth.of(DisplayWidth.visible($0.title)) : 0
        }
        for row in rows {
            for (index, cell) in row.enumerated() {
                widths[index] = max(widths[index], DisplayWidth.of(cell))
            }
        }
        return width.map { Self.fitted(widths, into: $0) } ?? widths
    }

    private func line(
        _ cells: [String], _ widths: [Int], _ painted: (String) -> String
    ) -> String {
        var line = ""
        var pending = 0
        for (index, cell) in cells.enumerated() {
            let shown = DisplayWidth.truncated(cell, to: widths[index])
            let padding = widths[index] - DisplayWidth.of(shown)
            if index > 0 { pending += Self.gap }
            if columns[index].alignment == .right { pending += padding }
            if !shown.isEmpty {
                line += String(repeating: " ", count: pending) + painted(shown)
                pending = 0
            }
            if columns[index].alignment == .left { pending += padding }
        }
        return line + "\n"
    }

    /// Widths whose sum fits: what is too much is taken from the widest columns.
    private static func fitted(_ widths: [Int], into width: Int) -> [Int] {
        var widths = widths
        let available = width - gap * max(0, widths.count - 1)
        var total = widths.reduce(0, +)
        while total > available {
            guard let widest = widths.max(), widest > narrowest else { break }
            // Down to the next narrower column at a time, or to what is left to take.
            let next = max(narrowest, widths.filter { $0 < widest }.max() ?? narrowest)
            let sharing = widths.indices.filter { widths[$0] == widest }
            let cut = min((total - available + sharing.count - 1) / sharing.count, widest - next)
            for index in sharing { widths[index] -= max(cut, 1) }
            total = widths.reduce(0, +)
        }
        return widths
    }
}
