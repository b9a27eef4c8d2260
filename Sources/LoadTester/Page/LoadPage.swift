internal import Terminal

/// The report as one HTML file that needs nothing else: for people who have never seen one.
package struct LoadPage: Sendable {
    let report: LoadReport

    package init(_ report: LoadReport) { self.report = report }

    /// The whole file.
    package var html: String {
        let sections: [Markup] = [
            summary, comparison, latencies, course, patterns, heat, costs, capacity, storage,
            words, method,
        ]
        let page: Markup = """
            <html lang="en">
            <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <meta name="color-scheme" content="light dark"/>
            <title>\(title)</title>
            <style>
            \(PageParts.style)</style>
            </head>
            <body>
            <header>
            <p class="kind">Basalt load report</p>
            <h1>\(title)</h1>
            <p class="facts">\(facts)</p>
            \(contents)</header>
            <main>
            \(Markup.joined(sections))</main>
            <script>
            \(PageParts.script)</script>
            </body>
            </html>

            """
        return "<!DOCTYPE html>\n" + page.text
    }

    var isComparison: Bool { report.designs.count > 1 }

    private var title: String {
        let names = report.designs.map(\.name)
        guard names.count > 1 else { return names.first ?? "No design" }
        return names.dropLast().joined(separator: ", ") + " against " + (names.last ?? "")
    }

    private var facts: String {
        guard let design = report.designs.first else { return "" }
        let seconds = design.phases.filter { $0.kind != Phase.Kind.load.rawValue }
            .reduce(0) { $0 + $1.seconds }
        return "\(design.startedAt) · \(design.endpoint) · \(Quantity.duration(seconds)) · "
            + "\(design.clientCount) clients · seed \(design.seed) · prices of "
            + "\(report.prices.region), \(report.prices.date)"
    }

    private var contents: Markup {
        var links = [("summary", "In short")]
        if isComparison { links.append(("comparison", "Side by side")) }
        links += [
            ("latency", "Latency"), ("course", "Over time"), ("patterns", "Access patterns"),
            ("heat", "Heat"), ("costs", "Costs"), ("capacity", "Capacity"),
            ("storage", "Tables and indexes"), ("words", "Words"), ("method", "Method"),
        ]
        let items = links.map { "<li><a href=\"#\($0.0)\">\($0.1)</a></li>" as Markup }
        return "<nav aria-label=\"Contents\"><ul>\(Markup.joined(items))</ul></nav>\n"
    }

    // MARK: Building blocks

    /// A section with a heading and a sentence that tells what it shows.
    func section(_ id: String, _ heading: String, _ lead: String, _ body: Markup) -> Markup {
        """
        <section id="\(id)">
        <h2>\(heading)</h2>
        <p class="lead">\(lead)</p>
        \(body)</section>

        """
    }

    /// What each design has to show, side by side, under their names where there are several.
    func sideBySide(_ content: (Int, DesignReport) -> Markup) -> Markup {
        parts(isWide: false, content)
    }

    /// The same one below the other: wide tables.
    func stacked(_ content: (Int, DesignReport) -> Markup) -> Markup {
        parts(isWide: true, content)
    }

    private func parts(isWide: Bool, _ content: (Int, DesignReport) -> Markup) -> Markup {
        let parts = report.designs.enumerated().map { number, design -> Markup in
            let heading: Markup = isComparison ? "<h3>\(design.name)</h3>\n" : ""
            return "<div class=\"part\">\n\(heading)\(content(number, design))</div>\n"
        }
        return
            "<div class=\"parts\(isComparison && !isWide ? " several" : "")\">\n\(Markup.joined(parts))</div>\n"
    }

    func figure(_ caption: Markup, _ body: Markup) -> Markup {
        """
        <figure>
        <div class="plot" tabindex="0" role="region" aria-label="Plot">\(body)</div>
        <figcaption>\(caption)</figcaption>
        </figure>

        """
    }

    /// How many seconds all plots over time show: as many, so that they can be compared.
    var longestSeconds: Double {
        report.designs.map { design in
            Double(design.timeline.requestsPerSecond.count * design.timeline.secondsPerSlot)
        }.max() ?? 1
    }
}

/// The page's fixed parts.
enum PageParts {
    static let style = Markup(
        verbatim: String(decoding: PackageResources.report_css, as: UTF8.self))
    static let script = Markup(
        verbatim: String(decoding: PackageResources.report_js, as: UTF8.self))
}

extension Markup {
    /// Text of ours that must stand as it is.
    fileprivate init(verbatim text: String) { self.init(stringLiteral: text) }
}
