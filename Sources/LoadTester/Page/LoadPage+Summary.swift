internal import Terminal

extension LoadPage {
    /// What there is to know, in sentences.
    var summary: Markup {
        let body = sideBySide { _, design in
            let sentences = DesignSentences(design).all.map { "<p>\($0)</p>\n" as Markup }
            let verdicts = design.verdicts.map(verdict)
            let about: Markup =
                design.summary.isEmpty ? "" : "<p class=\"about\">\(design.summary)</p>\n"
            return """
                \(about)<div class="sentences">
                \(Markup.joined(sentences))</div>
                \(tiles(of: design))\(budget(of: design))<h4>Verdicts</h4>
                <ul class="verdicts">
                \(Markup.joined(verdicts.isEmpty ? ["<li>Nothing stands out.</li>"] : verdicts))</ul>

                """
        }
        return section(
            "summary", "In short",
            "What this workload asks of DynamoDB, what that costs, and where it would break.", body)
    }

    private func tiles(of design: DesignReport) -> Markup {
        let factor =
            design.prediction.first.map { FigureText.factor($0.factor) }
            ?? "over \(FigureText.factor(design.prediction.factorMax))"
        let isNear = design.prediction.first.map { $0.factor <= 2 } ?? false
        let tiles: [(String, String, Bool)] = [
            ("requests per second", FigureText.rate(design.overall.requestsPerSecond), false),
            (
                "median latency", FigureText.milliseconds(design.overall.latency.p50Milliseconds),
                false
            ),
            ("p99 latency", FigureText.milliseconds(design.overall.latency.p99Milliseconds), false),
            ("a month", Quantity.money(design.costs.usdPerMonth), false),
            (
                "per million requests",
                Quantity.money(design.overall.usdPerMillionRequests), false
            ),
            ("the rate until it throttles", factor, isNear),
        ]
        let items = tiles.map { name, value, isBad -> Markup in
            "<div\(Markup(stringLiteral: isBad ? " class=\"bad\"" : ""))><dt>\(name)</dt><dd>\(value)</dd></div>\n"
        }
        return "<dl class=\"tiles\">\n\(Markup.joined(items))</dl>\n"
    }

    private func verdict(_ verdict: Verdict) -> Markup {
        let figures = verdict.figures.map { "<li>\($0.name): <b>\($0.value)</b></li>" as Markup }
        let remedy: Markup =
            verdict.remedy.isEmpty ? "" : "<p class=\"remedy\">\(verdict.remedy)</p>"
        let list: Markup =
            figures.isEmpty ? "" : "<ul class=\"rests\">\(Markup.joined(figures))</ul>"
        return """
            <li class="\(verdict.severity.rawValue)"><span class="badge">\(verdict.severity.word)\
            </span><p>\(verdict.finding)</p>\(remedy)\(list)</li>

            """
    }

    private func budget(of design: DesignReport) -> Markup {
        guard let budget = report.budget else { return "" }
        let rows = budget.filter { $0.design == design.name }.map { outcome -> [Markup] in
            [
                "\(outcome.term)", "\(outcome.text)",
                outcome.isMet
                    ? "<span class=\"better\">kept</span>" : "<span class=\"worse\">missed</span>",
            ]
        }
        return Markup.table(
            caption: "Budget", columns: ["Limit", "#Measured", "Kept"], rows: rows)
    }

    /// The designs' figures beside each other.
    var comparison: Markup {
        guard isComparison else { return "" }
        let rows = report.comparison.map { figure -> [Markup] in
            ["\(figure.name)"]
                + report.designs.indices.flatMap { design -> [Markup] in
                    let value: Markup = "\(figure.text(of: design))"
                    return design == 0 ? [value] : [value, difference(figure, design: design)]
                }
        }
        let titles = report.designs.enumerated().flatMap { number, design in
            number == 0 ? ["#\(design.name)"] : ["#\(design.name)", "Difference"]
        }
        let body = Markup.table(
            caption: "Figures of all designs", columns: ["Figure"] + titles, rows: rows)
        return section(
            "comparison", "Side by side",
            "Each design against the first. A difference of less than 5% is within what two runs of "
                + "one design differ by, and isn't marked.", body)
    }

    private func difference(_ figure: ComparedFigure, design: Int) -> Markup {
        let ratio = figure.ratioText(of: design)
        return switch figure.verdicts[design] {
        case .none: ""
        case .same: "<span class=\"same\">same</span>"
        case .better: "<span class=\"better\">▲ better\(ratio)</span>"
        case .worse: "<span class=\"worse\">▼ worse\(ratio)</span>"
        }
    }
}

extension Verdict.Severity {
    /// As a reader is told.
    var word: String {
        switch self {
        case .critical: "Critical"
        case .warning: "Warning"
        case .advice: "Advice"
        case .good: "Good"
        }
    }
}
