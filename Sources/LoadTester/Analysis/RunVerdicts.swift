internal import Terminal

/// Verdicts about what happened in the run, and how far its figures can be trusted.
enum RunVerdicts {
    static let rules: [VerdictRule] = [
        VerdictRule(name: "throttled", judge: throttled),
        VerdictRule(name: "errors", judge: errors),
        VerdictRule(name: "rate-missed", judge: missedRate),
        VerdictRule(name: "driver-lag", judge: driverLag),
    ]

    /// Errors that an application provokes on purpose.
    private static let conditional: Set<String> = [
        "ConditionalCheckFailedException", "TransactionCanceledException",
    ]

    private static func throttled(_ judged: JudgedDesign) -> [Verdict] {
        let phases = judged.report.phases.filter { $0.kind != Phase.Kind.load.rawValue }
        let throttles = phases.reduce(0) { $0 + $1.throttleCount }
        let requests = phases.reduce(0) { $0 + $1.requestCount }
        guard throttles > 0, requests > 0 else { return [] }
        var reasons: [String: Int] = [:]
        for pattern in judged.report.patterns {
            for reason in pattern.throttles { reasons[reason.reason, default: 0] += reason.count }
        }
        let figures = reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.prefix(3).map {
            Verdict.Figure($0.key, Quantity.count($0.value))
        }
        return [
            Verdict(
                severity: .critical, rule: "throttled",
                finding:
                    "\(Quantity.count(throttles)) of \(Quantity.count(requests)) requests were "
                    + "throttled in this run.",
                remedy: "See by which limit, and where: the verdicts about capacity tell the cure.",
                figures: figures)
        ]
    }

    private static func errors(_ judged: JudgedDesign) -> [Verdict] {
        judged.report.patterns.flatMap { pattern in
            pattern.errors.compactMap { error in
                let share = Double(error.count) / Double(max(pattern.requestCount, 1))
                let isMeant = conditional.contains(error.reason)
                guard share >= (isMeant ? 0.1 : 0.001) else { return nil }
                return Verdict(
                    severity: isMeant ? .advice : .warning, rule: "errors", subject: pattern.name,
                    finding:
                        "\(Quantity.percent(share)) of the requests of \(pattern.name) end in "
                        + "\(error.reason).",
                    remedy: isMeant
                        ? "A failed condition is charged like a write; read first where it fails "
                            + "often." : "Look at the request's template in the design.",
                    figures: [
                        Verdict.Figure("errors", Quantity.count(error.count)),
                        Verdict.Figure("requests", Quantity.count(pattern.requestCount)),
                    ])
            }
        }
    }

    /// An endpoint that couldn't keep up: what is measured then is a queue.
    private static func missedRate(_ judged: JudgedDesign) -> [Verdict] {
        let (overall, driver) = (judged.report.overall, judged.report.driver)
        let waits = overall.latency.p50Milliseconds - overall.serviceTime.p50Milliseconds
        guard driver.unsentCount > 0 || waits > 3 * overall.serviceTime.p50Milliseconds + 1 else {
            return []
        }
        return [
            Verdict(
                severity: .warning, rule: "rate-missed",
                finding:
                    "The endpoint couldn't keep up with this rate: requests waited for a free "
                    + "connection for most of their latency.",
                remedy: "Lower the rate, or allow more clients, to measure anything but a queue.",
                figures: [
                    Verdict.Figure(
                        "median latency",
                        FigureText.milliseconds(overall.latency.p50Milliseconds)),
                    Verdict.Figure(
                        "median service time",
                        FigureText.milliseconds(overall.serviceTime.p50Milliseconds)),
                    Verdict.Figure("never sent", Quantity.count(driver.unsentCount)),
                ])
        ]
    }

    private static func driverLag(_ judged: JudgedDesign) -> [Verdict] {
        let (driver, latency) = (judged.report.driver, judged.report.overall.latency)
        guard driver.lagMillisecondsP99 > 1, latency.count > 0,
            driver.lagMillisecondsP99 > 0.25 * latency.p99Milliseconds
        else { return [] }
        return [
            Verdict(
                severity: .warning, rule: "driver-lag",
                finding:
                    "The load driver itself was late with its requests; part of the latencies are "
                    + "its own.",
                remedy: "Give it a core of its own or lower the rate before trusting the tail.",
                figures: [
                    Verdict.Figure(
                        "driver's lag, p99", FigureText.milliseconds(driver.lagMillisecondsP99)),
                    Verdict.Figure(
                        "latency, p99", FigureText.milliseconds(latency.p99Milliseconds)),
                ])
        ]
    }
}
