internal import Terminal

/// A figure that a budget can limit.
enum BudgetMetric: String, Sendable, Hashable, CaseIterable {
    case p50, p75, p90, p95, p99, p999, max, mean
    case errors, throttles, rate
    case usdMonth = "usd_month"
    case usdMillion = "usd_million"
    case readUnits = "rcu"
    case writeUnits = "wcu"
    case peakReadUnits = "rcu_peak"
    case peakWriteUnits = "wcu_peak"
    case throttleFactor = "throttle_factor"
    case hotKey = "hot_key"
    case amplification

    private enum Unit { case milliseconds, dollars, countOrShare, perSecond, number, share }

    private var unit: Unit {
        switch self {
        case .p50, .p75, .p90, .p95, .p99, .p999, .max, .mean: .milliseconds
        case .errors, .throttles: .countOrShare
        case .usdMonth, .usdMillion: .dollars
        case .rate, .readUnits, .writeUnits, .peakReadUnits, .peakWriteUnits: .perSecond
        case .throttleFactor, .amplification: .number
        case .hotKey: .share
        }
    }

    /// Whether its subject is a table or index rather than an access pattern.
    var isOfResources: Bool {
        switch self {
        case .readUnits, .writeUnits, .peakReadUnits, .peakWriteUnits, .hotKey, .amplification: true
        default: false
        }
    }

    var takesSubject: Bool { self != .throttleFactor }

    /// Reads a limit in the metric's unit; of errors and throttles there is a share, or 0.
    func limit(_ text: String, in term: String) throws(BudgetFault) -> Double {
        func number(_ text: some StringProtocol) -> Double? {
            guard let value = Double(String(text).trimmedSpaces), value.isFinite, value >= 0 else {
                return nil
            }
            return value
        }
        let expected: String
        switch unit {
        case .milliseconds:
            for (suffix, scale) in [("ms", 1.0), ("us", 0.001), ("µs", 0.001), ("s", 1_000)]
            where text.hasSuffix(suffix) {
                if let value = number(text.dropLast(suffix.count)) { return value * scale }
            }
            expected = "a duration such as 10ms, 250us or 1.5s"
        case .dollars:
            if let value = number(text.hasPrefix("$") ? text.dropFirst() : text[...]) {
                return value
            }
            expected = "dollars such as 100 or 0.25"
        case .countOrShare, .share:
            if text.hasSuffix("%"), let value = number(text.dropLast()) { return value / 100 }
            if unit == .countOrShare, let value = number(text), value == 0 { return 0 }
            expected = "a share such as 0.1%" + (unit == .share ? "" : ", or 0")
        case .perSecond:
            if let value = number(text.hasSuffix("/s") ? text.dropLast(2) : text[...]) {
                return value
            }
            expected = "a number per second such as 500"
        case .number:
            if let value = number(text.hasSuffix("x") ? text.dropLast() : text[...]) {
                return value
            }
            expected = "a number such as 2"
        }
        throw BudgetFault("\(term): '\(text)' is no limit of \(rawValue), which takes \(expected)")
    }

    /// A value as people write it.
    func text(of value: Double) -> String {
        switch unit {
        case .milliseconds: FigureText.milliseconds(value)
        case .dollars: Quantity.money(value)
        case .countOrShare, .share:
            value > 0 && value < 0.001
                ? "\(Quantity.fixed(value * 100, places: 4))%" : Quantity.percent(value)
        case .perSecond: "\(FigureText.rate(value))/s"
        case .number: value.isFinite ? FigureText.factor(value) : "none met"
        }
    }

    /// Its value in a run; nil where the run tells nothing of it.
    func value(in report: DesignReport, subject: String?) -> Double? {
        if self == .throttleFactor {
            guard report.overall.requestCount > 0 else { return nil }
            let factors = [report.prediction.asCreated, report.prediction.grown].compactMap(
                \.?.factor)
            return factors.min() ?? .infinity
        }
        if isOfResources {
            let resources =
                subject.map { name in report.resources.filter { $0.name == name } }
                ?? report.resources
            return value(of: resources)
        }
        guard let subject else { return value(of: report) }
        return report.patterns.first { $0.name == subject }.flatMap { value(of: $0) }
    }

    private func value(of report: DesignReport) -> Double? {
        let overall = report.overall
        guard overall.requestCount > 0 else { return nil }
        let phases = report.phases.filter { $0.kind != Phase.Kind.load.rawValue }
        let requests = Double(Swift.max(1, phases.reduce(0) { $0 + $1.requestCount }))
        switch self {
        case .errors: return Double(phases.reduce(0) { $0 + $1.errorCount }) / requests
        case .throttles: return Double(phases.reduce(0) { $0 + $1.throttleCount }) / requests
        case .rate: return overall.requestsPerSecond
        case .usdMonth: return report.costs.usdPerMonth
        case .usdMillion: return overall.usdPerMillionRequests
        default: return latency(in: overall.latency)
        }
    }

    private func value(of pattern: PatternReport) -> Double? {
        guard pattern.requestCount > 0 else { return nil }
        let requests = Double(pattern.requestCount)
        switch self {
        case .errors: return Double(pattern.errors.reduce(0) { $0 + $1.count }) / requests
        case .throttles: return Double(pattern.throttleCount) / requests
        case .rate: return pattern.requestsPerSecond
        case .usdMonth: return pattern.usdPerMonth
        case .usdMillion: return pattern.usdPerMillionRequests
        default: return latency(in: pattern.latency)
        }
    }

    private func latency(in latency: LatencyReport) -> Double? {
        guard latency.count > 0 else { return nil }
        func point(_ percentile: Double) -> Double? {
            latency.curve.first { $0.percentile == percentile }?.milliseconds
        }
        return switch self {
        case .p50: latency.p50Milliseconds
        case .p75: point(75)
        case .p90: latency.p90Milliseconds
        case .p95: point(95)
        case .p99: latency.p99Milliseconds
        case .p999: latency.p999Milliseconds
        case .max: latency.maxMilliseconds
        case .mean: latency.meanMilliseconds
        default: nil
        }
    }

    /// Of several tables and indexes: the sum of rates, or the greatest of what doesn't add up.
    private func value(of resources: [ResourceReport]) -> Double? {
        guard !resources.isEmpty else { return nil }
        switch self {
        case .readUnits: return resources.reduce(0) { $0 + $1.readUnitsPerSecond }
        case .writeUnits: return resources.reduce(0) { $0 + $1.writeUnitsPerSecond }
        case .peakReadUnits: return resources.reduce(0) { $0 + $1.peakReadUnitsPerSecond }
        case .peakWriteUnits: return resources.reduce(0) { $0 + $1.peakWriteUnitsPerSecond }
        case .hotKey: return resources.map { $0.hottestKeys.first?.share ?? 0 }.max()
        case .amplification: return resources.compactMap(\.writeAmplification).max() ?? 0
        default: return nil
        }
    }
}
