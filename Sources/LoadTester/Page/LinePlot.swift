/// Lines over a horizontal axis, as SVG.
struct LinePlot: Sendable {
    struct Line: Sendable {
        var name: String
        /// Which of the page's colours and dashes.
        var style: Int
        var points: [(x: Double, y: Double)]
        /// What a reader who points at each point is told.
        var tips: [String]
        var isStrong = false
    }

    /// A stretch of the horizontal axis with a name: a phase.
    struct Band: Sendable {
        var name: String
        var from: Double
        var to: Double
    }

    static let width = 560.0
    static let height = 280.0
    private static let (left, right, top, bottom) = (56.0, 26.0, 22.0, 34.0)

    var label: String
    var horizontal: PlotScale
    var vertical: PlotScale
    var lines: [Line]
    var bands: [Band] = []

    private func x(_ value: Double) -> Double {
        Self.left + horizontal.position(value) * (Self.width - Self.left - Self.right)
    }
    private func y(_ value: Double) -> Double {
        Self.height - Self.bottom
            - vertical.position(value) * (Self.height - Self.top - Self.bottom)
    }

    var svg: Markup {
        """
        <svg viewBox="0 0 \(Self.width) \(Self.height)" role="img" aria-label="\(label)">
        \(Markup.joined(bands.enumerated().map { band($0.element, isOdd: $0.offset % 2 == 1) }))\
        \(Markup.joined(vertical.ticks.map(row)))\(Markup.joined(horizontal.ticks.map(column)))\
        \(Markup.joined(lines.map(path)))\(Markup.joined(lines.map(marks)))</svg>

        """
    }

    /// The lines' names beside samples of them.
    var legend: Markup {
        let entries = lines.map { line -> Markup in
            """
            <li><svg viewBox="0 0 28 10" class="key" aria-hidden="true"><path \
            class="line s\(line.style)" d="M1 5H27"/></svg> \(line.name)</li>
            """
        }
        return "<ul class=\"legend\">\(Markup.joined(entries))</ul>\n"
    }

    private func band(_ band: Band, isOdd: Bool) -> Markup {
        let (from, to) = (x(band.from), x(band.to))
        guard to > from else { return "" }
        let name: Markup =
            to - from > Double(band.name.count) * 6.5
            ? "<text class=\"band\" x=\"\((from + to) / 2)\" y=\"14\">\(band.name)</text>" : ""
        return """
            <rect class="band\(isOdd ? 1 : 0)" x="\(from)" y="\(Self.top)" \
            width="\(to - from)" height="\(Self.height - Self.top - Self.bottom)"/>\(name)
            """
    }

    private func row(_ tick: PlotScale.Tick) -> Markup {
        let y = y(tick.value)
        return """
            <path class="grid" d="M\(Self.left) \(y)H\(Self.width - Self.right)"/>\
            <text class="tick end" x="\(Self.left - 7)" y="\(y + 4)">\(tick.label)</text>
            """
    }

    private func column(_ tick: PlotScale.Tick) -> Markup {
        let x = x(tick.value)
        let bottom = Self.height - Self.bottom
        return """
            <path class="grid" d="M\(x) \(bottom)V\(bottom + 4)"/>\
            <text class="tick" x="\(x)" y="\(bottom + 18)">\(tick.label)</text>
            """
    }

    private func path(_ line: Line) -> Markup {
        guard let first = line.points.first else { return "" }
        var path: Markup = "M\(x(first.x)) \(y(first.y))"
        for point in line.points.dropFirst() { path += "L\(x(point.x)) \(y(point.y))" }
        return """
            <path class="line s\(line.style)\(line.isStrong ? " strong" : "")" d="\(path)"/>

            """
    }

    private func marks(_ line: Line) -> Markup {
        // A long line has a mark at every few points: enough to point at.
        let every = max(1, line.points.count / 60)
        let marks = zip(line.points, line.tips).enumerated().compactMap { index, mark -> Markup? in
            guard index % every == 0 || index == line.points.count - 1 else { return nil }
            return """
                <circle class="hit" cx="\(x(mark.0.x))" cy="\(y(mark.0.y))" r="7">\
                <title>\(mark.1)</title></circle>
                """
        }
        return Markup.joined(marks)
    }
}
