internal import Terminal

extension LoadPage {
    /// How many patterns have a line of their own in a plot.
    private static let linesMax = 7

    // MARK: Latency

    var latencies: Markup {
        let milliseconds = report.designs.flatMap { design in
            shownPatterns(of: design).flatMap(\.latency.curve) + design.overall.latency.curve
        }.map(\.milliseconds)
        let percentile =
            report.designs.flatMap { $0.overall.latency.curve }.map(\.percentile)
            .filter { $0 < 100 }.max() ?? 99
        let vertical = PlotScale.milliseconds(
            from: milliseconds.filter { $0 > 0 }.min() ?? 0.1, to: milliseconds.max() ?? 1)
        let body = sideBySide { _, design in
            let plot = LinePlot(
                label: "Latency by percentile, \(design.name)",
                horizontal: .percentiles(upTo: percentile), vertical: vertical,
                lines: latencyLines(of: design))
            return figure("\(latencyCaption(of: design))", plot.svg + plot.legend)
                + latencyTable(of: design)
        }
        return section(
            "latency", "Latency",
            "How long requests took, from when each was due to its answer, so that a server that "
                + "stalls is not flattered. A point at 99% and 8 ms says: 99 of 100 requests took "
                + "8 ms or less. These are times of the endpoint that was tested, not of "
                + "DynamoDB.", body)
    }

    /// The patterns with most requests.
    private func shownPatterns(of design: DesignReport) -> [PatternReport] {
        let busiest = design.patterns.filter { $0.latency.count > 0 }
            .sorted { $0.requestCount > $1.requestCount }.prefix(Self.linesMax).map(\.name)
        return design.patterns.filter { busiest.contains($0.name) }
    }

    private func latencyLines(of design: DesignReport) -> [LinePlot.Line] {
        var lines = shownPatterns(of: design).map { pattern in
            line(pattern.name, style: style(of: pattern.name), pattern.latency)
        }
        if lines.count > 1 {
            lines.append(line("all requests", style: 0, design.overall.latency, isStrong: true))
        }
        return lines
    }

    /// A pattern has the same colour in every plot and design.
    private func style(of name: String) -> Int {
        var names: [String] = []
        for design in report.designs {
            for pattern in design.patterns where !names.contains(pattern.name) {
                names.append(pattern.name)
            }
        }
        return 1 + (names.firstIndex(of: name) ?? 0) % Self.linesMax
    }

    private func line(
        _ name: String, style: Int, _ latency: LatencyReport, isStrong: Bool = false
    ) -> LinePlot.Line {
        // The longest lies beyond every percentile: where the axis ends.
        let points = latency.curve.filter { $0.percentile < 100 }
        return LinePlot.Line(
            name: name, style: style, points: points.map { ($0.percentile, $0.milliseconds) },
            tips: points.map {
                "\(name): \($0.percentile)% within \(FigureText.milliseconds($0.milliseconds))"
            }, isStrong: isStrong)
    }

    private func latencyCaption(of design: DesignReport) -> String {
        guard let latency = design.latency else { return "No request was answered." }
        var text =
            "Half of all requests took at most "
            + "\(FigureText.milliseconds(latency.p50Milliseconds)), one in a hundred more than "
            + "\(FigureText.milliseconds(latency.p99Milliseconds)); the longest took "
            + "\(FigureText.milliseconds(latency.maxMilliseconds))."
        let hidden = design.patterns.filter { $0.latency.count > 0 }.count - Self.linesMax
        if hidden > 0 { text += " \(hidden) patterns with fewer requests are in the table alone." }
        return text
    }

    private func latencyTable(of design: DesignReport) -> Markup {
        func row(_ name: String, _ latency: LatencyReport) -> [Markup] {
            ["\(name)"]
                + [
                    latency.p50Milliseconds, latency.p90Milliseconds, latency.p99Milliseconds,
                    latency.p999Milliseconds, latency.maxMilliseconds,
                ].map { latency.count == 0 ? "–" : "\(FigureText.milliseconds($0))" }
        }
        return Markup.table(
            caption: "Latency percentiles",
            columns: ["Access pattern", "#p50", "#p90", "#p99", "#p99.9", "#longest"],
            rows: design.patterns.map { row($0.name, $0.latency) }
                + [row("all requests", design.overall.latency)])
    }

    // MARK: Over time

    var course: Markup {
        let timelines = report.designs.map(\.timeline)
        let rate = PlotScale.linear(
            upTo: timelines.flatMap(\.requestsPerSecond).max() ?? 1, label: FigureText.rate)
        let delays = timelines.flatMap { $0.p50Milliseconds + $0.p99Milliseconds }
            .filter { $0 > 0 }
        let delay = PlotScale.milliseconds(from: delays.min() ?? 0.1, to: delays.max() ?? 1)
        let time = PlotScale.seconds(from: 0, to: longestSeconds)
        let body = sideBySide { _, design in
            let bands = bands(of: design)
            let throughput = LinePlot(
                label: "Requests per second over time, \(design.name)", horizontal: time,
                vertical: rate, lines: throughputLines(of: design.timeline), bands: bands)
            let latency = LinePlot(
                label: "Latency over time, \(design.name)", horizontal: time, vertical: delay,
                lines: delayLines(of: design.timeline), bands: bands)
            return "<div class=\"pair\">\n"
                + figure("\(courseCaption(of: design))", throughput.svg + throughput.legend)
                + figure(
                    "The median and the 99th percentile of each moment's requests.",
                    latency.svg + latency.legend) + "</div>\n"
        }
        return section(
            "course", "Over time",
            "How many requests fell due in each moment, and how long they took. Stripes are the "
                + "phases of the run.", body)
    }

    private func bands(of design: DesignReport) -> [LinePlot.Band] {
        let origin = Double(design.timeline.firstSecond)
        return design.phases.filter { $0.kind != Phase.Kind.load.rawValue && $0.seconds > 0 }.map {
            LinePlot.Band(
                name: $0.name, from: $0.beganSeconds - origin,
                to: $0.beganSeconds + $0.seconds - origin)
        }
    }

    private func throughputLines(of timeline: TimelineReport) -> [LinePlot.Line] {
        var lines = [
            line("requests/s", style: 1, timeline.requestsPerSecond, of: timeline, FigureText.rate)
        ]
        if timeline.throttlesPerSecond.contains(where: { $0 > 0 }) {
            lines.append(
                line(
                    "throttled/s", style: 2, timeline.throttlesPerSecond, of: timeline,
                    FigureText.rate))
        }
        if timeline.errorsPerSecond.contains(where: { $0 > 0 }) {
            lines.append(
                line("errors/s", style: 4, timeline.errorsPerSecond, of: timeline, FigureText.rate))
        }
        return lines
    }

    private func delayLines(of timeline: TimelineReport) -> [LinePlot.Line] {
        [
            line(
                "p50", style: 1, timeline.p50Milliseconds, of: timeline, FigureText.milliseconds),
            line(
                "p99", style: 2, timeline.p99Milliseconds, of: timeline, FigureText.milliseconds),
        ]
    }

    private func line(
        _ name: String, style: Int, _ values: [Double], of timeline: TimelineReport,
        _ text: (Double) -> String
    ) -> LinePlot.Line {
        let seconds = Double(timeline.secondsPerSlot)
        let points = values.enumerated().map { ((Double($0.offset) + 0.5) * seconds, $0.element) }
        return LinePlot.Line(
            name: name, style: style, points: points,
            tips: points.map { "\(Int($0.0)) s: \(text($0.1)) \(name)" })
    }

    private func courseCaption(of design: DesignReport) -> String {
        let rates = design.timeline.requestsPerSecond
        return "\(FigureText.rate(design.overall.requestsPerSecond)) requests a second in the "
            + "measured phases, at most \(FigureText.rate(rates.max() ?? 0))."
    }
}
