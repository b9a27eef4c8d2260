package import Terminal

/// The report as a terminal or a log shows it.
package struct TerminalReport: Sendable {
    let report: LoadReport
    let palette: Palette
    let width: Int?

    /// - Parameter width: the terminal's columns; nil: nothing is cut, and prose is folded at 100.
    package init(_ report: LoadReport, palette: Palette = .plain, width: Int? = nil) {
        self.report = report
        self.palette = palette
        self.width = width
    }

    package var text: String {
        var parts = report.designs.map(design)
        if report.designs.count > 1 { parts.append(comparison) }
        if let budget = report.budget { parts.append(text(of: budget)) }
        return parts.joined(separator: "\n")
    }

    private func design(_ design: DesignReport) -> String {
        var text = palette.paint(DisplayWidth.visible(design.name), .bold) + "\n"
        for sentence in DesignSentences(design).all { text += folded(sentence, indent: 0) }
        text += "\n" + patterns(of: design) + "\n" + resources(of: design)
        let keys = hotKeys(of: design)
        if !keys.isEmpty { text += "\n" + keys }
        if !design.verdicts.isEmpty { text += "\n" }
        for verdict in design.verdicts { text += self.text(of: verdict) }
        return text
    }

    private func patterns(of design: DesignReport) -> String {
        var table = TextTable([
            .init("pattern"), .init("requests", .right), .init("/s", .right), .init("p50", .right),
            .init("p99", .right), .init("max", .right), .init("RU", .right), .init("WU", .right),
            .init("$/million", .right), .init("$/month", .right), .init("errors", .right),
            .init("throttled", .right),
        ])
        for pattern in design.patterns {
            func time(_ value: Double) -> String {
                pattern.latency.count == 0 ? "–" : FigureText.milliseconds(value)
            }
            table.add([
                pattern.name, Quantity.count(pattern.requestCount),
                FigureText.rate(pattern.requestsPerSecond), time(pattern.latency.p50Milliseconds),
                time(pattern.latency.p99Milliseconds), time(pattern.latency.maxMilliseconds),
                FigureText.perRequest(pattern.readUnitsPerRequest),
                FigureText.perRequest(pattern.writeUnitsPerRequest),
                Quantity.money(pattern.usdPerMillionRequests),
                Quantity.money(pattern.usdPerMonth),
                Quantity.count(pattern.errors.reduce(0) { $0 + $1.count }),
                Quantity.count(pattern.throttleCount),
            ])
        }
        return table.text(width: width, palette: palette)
    }

    private func resources(of design: DesignReport) -> String {
        var table = TextTable([
            .init("table or index"), .init("RU/s", .right), .init("WU/s", .right),
            .init("partitions", .right), .init("hottest, of its ceiling", .right),
            .init("amplification", .right), .init("items", .right), .init("size", .right),
        ])
        for resource in design.resources {
            table.add([
                resource.name, FigureText.rate(resource.readUnitsPerSecond),
                FigureText.rate(resource.writeUnitsPerSecond),
                Quantity.count(resource.heat.partitions.count),
                Quantity.percent(resource.heat.peakShareOfCeiling),
                resource.writeAmplification.map { FigureText.factor($0) } ?? "–",
                resource.itemCount.map { Quantity.count($0) } ?? "–",
                resource.byteCount.map { Quantity.bytes($0) } ?? "–",
            ])
        }
        let unplaced = design.resources.filter { $0.unplacedShare >= 0.05 }.map {
            folded(
                "Where \(Quantity.percent($0.unplacedShare)) of the work of \($0.name) fell can't be "
                    + "told from the requests; it counts as spread evenly.", indent: 0)
        }
        return table.text(width: width, palette: palette) + unplaced.joined()
    }

    /// The keys that stand out; empty where none does.
    private func hotKeys(of design: DesignReport) -> String {
        var table = TextTable([
            .init("hottest keys"), .init("of"), .init("share", .right), .init("RU/s", .right),
            .init("WU/s", .right),
        ])
        for resource in design.resources {
            for key in resource.hottestKeys.prefix(3) where key.share >= 0.01 {
                table.add([
                    key.shortText, resource.name, Quantity.percent(key.share),
                    FigureText.rate(key.readUnitsPerSecond),
                    FigureText.rate(key.writeUnitsPerSecond),
                ])
            }
        }
        return table.rows.isEmpty ? "" : table.text(width: width, palette: palette)
    }

    private func text(of verdict: Verdict) -> String {
        let ink: Palette.Ink =
            switch verdict.severity {
            case .critical: .red
            case .warning: .yellow
            case .advice: .blue
            case .good: .green
            }
        let word = verdict.severity.word
        let indent = Verdict.Severity.allCases.map(\.word.count).max().map { $0 + 2 } ?? 2
        let padding = String(repeating: " ", count: max(1, indent - word.count))
        var text =
            palette.paint(word, ink) + padding
            + folded(verdict.finding, indent: indent).dropFirst(indent)
        if !verdict.remedy.isEmpty { text += folded("→ " + verdict.remedy, indent: indent) }
        if !verdict.figures.isEmpty {
            let figures = verdict.figures.map { "\($0.name) \($0.value)" }.joined(separator: ", ")
            for line in folded(figures, indent: indent).split(separator: "\n") {
                text += palette.paint(String(line), .dim) + "\n"
            }
        }
        return text
    }

    private var comparison: String {
        var table = TextTable(
            [.init("figure")] + report.designs.map { .init($0.name, .right) }
                + (report.designs.count == 2 ? [.init("difference")] : []))
        for figure in report.comparison {
            var cells = [figure.name]
            for design in report.designs.indices {
                var cell = figure.text(of: design)
                if report.designs.count > 2, design > 0 { cell += " " + mark(figure, design) }
                cells.append(cell)
            }
            if report.designs.count == 2 { cells.append(mark(figure, 1)) }
            table.add(cells)
        }
        return palette.paint("Side by side", .bold) + "\n"
            + table.text(width: width, palette: palette)
    }

    private func mark(_ figure: ComparedFigure, _ design: Int) -> String {
        let ratio = figure.ratioText(of: design)
        return switch figure.verdicts[design] {
        case .none: ""
        case .same: "same"
        case .better: "better" + ratio
        case .worse: "worse" + ratio
        }
    }

    private func text(of budget: [BudgetOutcome]) -> String {
        var text = palette.paint("Budget", .bold) + "\n"
        for outcome in budget {
            let word =
                outcome.isMet ? palette.paint("kept  ", .green) : palette.paint("missed", .red)
            let design = report.designs.count > 1 ? "\(outcome.design): " : ""
            text += "\(word)  \(design)\(outcome.term)  (\(outcome.text))\n"
        }
        return text
    }

    /// A text in lines, each after some spaces.
    private func folded(_ text: String, indent: Int) -> String {
        let columns = max(min(width ?? 100, 100), indent + 20)
        let margin = String(repeating: " ", count: indent)
        var lines: [String] = []
        var line = ""
        for word in DisplayWidth.visible(text).split(separator: " ") {
            if !line.isEmpty,
                indent + DisplayWidth.of(line) + 1 + DisplayWidth.of(String(word)) > columns
            {
                lines.append(margin + line)
                line = String(word)
            } else {
                line += (line.isEmpty ? "" : " ") + word
            }
        }
        lines.append(margin + line)
        return lines.joined(separator: "\n") + "\n"
    }
}
