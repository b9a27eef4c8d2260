internal import Foundation
internal import Metering

extension DesignReport {
    /// Makes a run's report.
    package init(_ run: RunMeasurement) {
        self.init(
            name: run.design.name, summary: run.design.summary, endpoint: run.facts.endpoint,
            startedAt: Self.text(secondsSince1970: run.facts.startedAt), seed: run.design.seed,
            clientCount: run.design.clientCount,
            driver: DriverReport(
                lagMillisecondsP50: Double(run.facts.lagP50) / 1e6,
                lagMillisecondsP99: Double(run.facts.lagP99) / 1e6,
                lagMillisecondsMax: Double(run.facts.lagMax) / 1e6,
                cpuSeconds: run.facts.driverCPUSeconds, unsentCount: run.facts.unsentCount,
                endedEarly: run.facts.endedEarly),
            phases: run.phaseReports, overall: run.workloadReport, patterns: run.patternReports,
            loading: run.loadingReport, timeline: run.timelineReport,
            resources: run.resourceReports, costs: run.costReport,
            prediction: run.predictionReport, verdicts: [])
        verdicts = VerdictRule.verdicts(of: JudgedDesign(report: self, design: run.design))
    }

    private static func text(secondsSince1970 seconds: Double) -> String {
        guard seconds.isFinite, abs(seconds) < 1e11 else { return "" }
        return Date(timeIntervalSince1970: seconds).formatted(.iso8601)
    }
}

extension LoadReport {
    /// The report of one design, or of several side by side.
    ///
    /// - Parameter runs: in the order of the command line; figures are compared with the first's.
    package init(_ runs: [RunMeasurement], budget: Budget? = nil) {
        let designs = runs.map { DesignReport($0) }
        let prices = runs.first?.prices ?? .current
        self.init(
            prices: Prices(region: prices.region, date: prices.date), designs: designs,
            comparison: designs.count > 1 ? ComparedFigure.all(of: designs) : [],
            budget: budget.map { budget in designs.flatMap { budget.outcomes(in: $0) } })
    }

    /// Whether every term of the budget is met in every design; true without a budget.
    package var meetsBudget: Bool { budget?.allSatisfy(\.isMet) ?? true }

    /// The report as JSON, of docs/load/report.schema.json.
    package var json: [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return (try? encoder.encode(self)).map { Array($0) + [UInt8(ascii: "\n")] } ?? []
    }
}
