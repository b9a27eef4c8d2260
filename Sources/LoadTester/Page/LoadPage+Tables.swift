internal import Terminal

extension LoadPage {
    var patterns: Markup {
        let body = stacked { _, design in
            let rows = design.patterns.map { pattern -> [Markup] in
                [
                    "\(pattern.name)<br/><span class=\"note\">\(pattern.operation) on \(pattern.resource)</span>",
                    "\(Quantity.count(pattern.requestCount))",
                    "\(FigureText.rate(pattern.requestsPerSecond))",
                    "\(FigureText.perRequest(pattern.readUnitsPerRequest))",
                    "\(FigureText.perRequest(pattern.writeUnitsPerRequest))",
                    "\(Quantity.money(pattern.usdPerMillionRequests))",
                    "\(Quantity.money(pattern.usdPerMonth))",
                    "\(Quantity.count(pattern.errors.reduce(0) { $0 + $1.count }))",
                    "\(Quantity.count(pattern.throttleCount))",
                ]
            }
            return Markup.table(
                caption: "Access patterns",
                columns: [
                    "Access pattern", "#Requests", "#Per second", "#Read units each",
                    "#Write units each", "#Per million", "#A month", "#Errors", "#Throttled",
                ], rows: rows) + reasons(of: design)
        }
        return section(
            "patterns", "Access patterns",
            "What each way of using the tables consumes and costs. Units are those of the table and "
                + "all indexes that a request touched; dollars are at on-demand prices.", body)
    }

    private func reasons(of design: DesignReport) -> Markup {
        let rows = design.patterns.flatMap { pattern in
            (pattern.errors + pattern.throttles).map { reason -> [Markup] in
                ["\(pattern.name)", "\(reason.reason)", "\(Quantity.count(reason.count))"]
            }
        }
        guard !rows.isEmpty else { return "" }
        return Markup.table(
            caption: "Errors and throttles by reason",
            columns: ["Access pattern", "Reason", "#Count"],
            rows: rows)
    }

    var costs: Markup {
        let body = stacked { _, design in
            let most = design.costs.lines.map(\.usdPerMonth).max() ?? 0
            var rows = design.costs.lines.map { line -> [Markup] in
                let quantity =
                    line.unit == "GB"
                    ? FigureText.gigabytes(line.quantity)
                    : "\(FigureText.rate(line.quantity)) \(line.unit)"
                let width = most > 0 ? max(0, 100 * line.usdPerMonth / most) : 0
                return [
                    "\(line.resource)", "\(line.kind)", "\(quantity)",
                    "\(Quantity.money(line.usdPerMonth))",
                    "<span class=\"bar\"><span style=\"width:\(width)%\"></span></span>",
                ]
            }
            rows.append([
                "<b>all</b>", "", "", "<b>\(Quantity.money(design.costs.usdPerMonth))</b>", "",
            ])
            let load: Markup =
                design.loading.writeUnits > 0
                ? "<p>Filling the tables took \(FigureText.rate(design.loading.writeUnits)) write units, \(Quantity.money(design.loading.usd)) once.</p>\n"
                : ""
            return Markup.table(
                caption: "A month at the measured rate",
                columns: ["Table or index", "For", "#Quantity", "#Dollars", "Share"], rows: rows)
                + load
        }
        return section(
            "costs", "Costs",
            "What a month of 730 hours would cost if the measured rate went on day and night, with "
                + "the data that the tables were filled with. Prices are those of "
                + "\(report.prices.region) on \(report.prices.date); each design is counted as if "
                + "it had the account's free storage to itself.", body)
    }

    var capacity: Markup {
        let body = stacked { _, design in
            limits(of: design) + provisioning(of: design)
        }
        return section(
            "capacity", "Capacity",
            "At which multiple of the measured rate DynamoDB would begin to throttle, by the "
                + "capacity model that Basalt's documentation states, and what provisioned mode "
                + "would need for this traffic. AWS publishes limits, not algorithms: these are "
                + "predictions.", body)
    }

    private func limits(of design: DesignReport) -> Markup {
        func row(_ name: String, _ met: PredictionReport.Met?) -> [Markup] {
            guard let met else {
                return [
                    "\(name)", "over \(FigureText.factor(design.prediction.factorMax))", "none met",
                    "–",
                ]
            }
            return [
                "\(name)", "\(FigureText.factor(met.factor))", "\(met.subject)",
                "<code>\(met.limit)</code>",
            ]
        }
        return Markup.table(
            caption: "The first limit",
            columns: ["Tables", "#Times the rate", "Limit", "Reason in the error"],
            rows: [
                row("just created", design.prediction.asCreated),
                row("grown and split with the traffic", design.prediction.grown),
            ])
    }

    private func provisioning(of design: DesignReport) -> Markup {
        let rows = design.resources.compactMap { resource -> [Markup]? in
            guard let need = resource.provisioning else { return nil }
            func capacity(_ read: Double, _ write: Double) -> Markup {
                "\(FigureText.rate(read)) / \(FigureText.rate(write))"
            }
            return [
                "\(resource.name)",
                "\(FigureText.rate(resource.readUnitsPerSecond)) / \(FigureText.rate(resource.writeUnitsPerSecond))",
                capacity(need.fixedReadUnits, need.fixedWriteUnits),
                "\(Quantity.money(need.fixedUSDPerMonth))",
                capacity(need.scaledReadUnits, need.scaledWriteUnits),
                "\(Quantity.money(need.scaledUSDPerMonth))",
                "\(Quantity.money(need.onDemandUSDPerMonth))",
            ]
        }
        return Markup.table(
            caption:
                "Provisioned against on-demand mode (read / write units a second, dollars a month)",
            columns: [
                "Table or index", "#Used", "#Fixed", "#Dollars", "#Auto scaled", "#Dollars",
                "#On demand",
            ], rows: rows)
    }

    var storage: Markup {
        let body = stacked { _, design in
            let rows = design.resources.map { resource -> [Markup] in
                [
                    "\(resource.name)", "\(resource.kind.word.lowercased())",
                    "\(resource.billing.text)",
                    "\(resource.itemCount.map { Quantity.count($0) } ?? "–")",
                    "\(resource.byteCount.map { Quantity.bytes($0) } ?? "–")",
                    "\(resource.itemSizes.map { sizes(of: $0) } ?? "–")",
                    "\(resource.writeAmplification.map { FigureText.factor($0) } ?? "–")",
                ]
            }
            return Markup.table(
                caption: "Tables and indexes",
                columns: [
                    "Name", "Kind", "Billing", "#Items", "#Size", "#Items read and written",
                    "#Write amplification",
                ], rows: rows)
        }
        return section(
            "storage", "Tables and indexes",
            "What the tables were filled with, how large the items were that requests read and wrote, and how many "
                + "write units an index takes for each of its table's.", body)
    }

    private func sizes(of sizes: ItemSizeReport) -> String {
        "median \(Quantity.bytes(sizes.p50Bytes)), largest \(Quantity.bytes(sizes.maxBytes))"
    }

    var words: Markup {
        let items = Self.glossary.map { "<dt>\($0.0)</dt><dd>\($0.1)</dd>\n" as Markup }
        return section(
            "words", "Words", "What the words of this page mean.",
            "<dl class=\"words\">\n\(Markup.joined(items))</dl>\n")
    }

    private static let glossary = [
        (
            "Read unit",
            "A strongly consistent read of up to 4 KB; an eventually consistent one takes half."
        ),
        ("Write unit", "A write of up to 1 KB. Every index that the item is in takes its own."),
        (
            "Partition key",
            "The attribute whose hash decides in which partition an item lies. All items of one "
                + "partition key lie together."
        ),
        (
            "Hot key",
            "A partition key that bears so much of the work that its partition reaches its "
                + "ceiling while others idle. A single item can't be spread at all."
        ),
        (
            "Throttling",
            "DynamoDB refuses a request that is over a limit; the client has to try again."
        ),
        (
            "p50, p99, p99.9",
            "Percentiles: half, 99 of 100, 999 of 1,000 requests took at most this long."
        ),
        (
            "Write amplification",
            "How many write units an index takes for each write unit of its table."
        ),
        (
            "On-demand, provisioned",
            "The two billing modes: by request, or by capacity per hour, used or not. Auto scaling "
                + "follows the traffic so that 70% of the capacity is in use."
        ),
        (
            "Open loop",
            "Requests are sent when they are due, however slow earlier ones are, as the users of a "
                + "service do."
        ),
    ]

    var method: Markup {
        let body = stacked { _, design in
            let rows = design.phases.map { phase -> [Markup] in
                [
                    "\(phase.name)", "\(phase.kind)\(phase.isMeasured ? ", measured" : "")",
                    "\(Quantity.duration(phase.seconds))", "\(Quantity.count(phase.requestCount))",
                    "\(FigureText.rate(phase.requestsPerSecond))",
                    "\(phase.latency.count > 0 ? FigureText.milliseconds(phase.latency.p99Milliseconds) : "–")",
                    "\(Quantity.count(phase.errorCount))", "\(Quantity.count(phase.throttleCount))",
                ]
            }
            return Markup.table(
                caption: "Phases of the run",
                columns: [
                    "Phase", "Kind", "#Length", "#Requests", "#Per second", "#p99", "#Errors",
                    "#Throttled",
                ], rows: rows) + lag(of: design.driver)
        }
        return section(
            "method", "Method",
            "Figures are of the measured phases alone; heat, plots over time and predictions are of "
                + "the whole workload without the loading of the tables.", body)
    }
}

extension LoadPage {
    private func lag(of driver: DriverReport) -> Markup {
        let median = FigureText.milliseconds(driver.lagMillisecondsP50)
        let tail = FigureText.milliseconds(driver.lagMillisecondsP99)
        let most = FigureText.milliseconds(driver.lagMillisecondsMax)
        return """
            <p>The driver itself was \(median) late in the median, \(tail) at p99 and \(most) at \
            most, and used \(Quantity.duration(driver.cpuSeconds)) of CPU time.</p>

            """
    }
}

extension BillingReport {
    /// In a few words.
    var text: String {
        switch mode {
        case .provisioned:
            return "provisioned \(FigureText.rate(readUnits)) / \(FigureText.rate(writeUnits))"
        case .onDemand:
            var text =
                "on demand, warm \(FigureText.rate(readUnits)) / \(FigureText.rate(writeUnits))"
            if let most = maxReadUnits { text += ", at most \(FigureText.rate(most)) read" }
            if let most = maxWriteUnits { text += ", at most \(FigureText.rate(most)) write" }
            return text
        }
    }
}
