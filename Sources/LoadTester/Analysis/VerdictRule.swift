internal import Operations
internal import Terminal

/// What verdicts are judged by: a design's report but for the verdicts, and the design itself.
struct JudgedDesign {
    var report: DesignReport
    var design: Design

    /// What all costs per month, never 0 as a divisor.
    func shareOfCost(_ usdPerMonth: Double) -> Double {
        let total = report.patterns.reduce(0) { $0 + $1.usdPerMonth }
        return total > 0 ? usdPerMonth / total : 0
    }

    /// The units that measured requests consumed in a table or index, per second.
    func index(named name: String) -> DesignIndex? {
        design.resources.first { $0.name == name }?.index
    }

    /// Whether Scans are most of what meets a limit of reads.
    func isScanned(_ met: PredictionReport.Met) -> Bool {
        guard met.kind == CapacityKind.read.rawValue, let resource = resource(named: met.resource)
        else { return false }
        let scanned = report.patterns.filter { $0.operation == "Scan" }.flatMap(\.units)
            .filter { $0.resource == met.resource }.reduce(0) { $0 + $1.readUnits }
        return scanned > resource.readUnits / 2
    }

    /// The prices per million units of the class of a table or index.
    func resource(named name: String) -> ResourceReport? {
        report.resources.first { $0.name == name }
    }
}

/// One thing to look at: finds in a report what it is about, or nothing.
struct VerdictRule: Sendable {
    var name: String
    var judge: @Sendable (JudgedDesign) -> [Verdict]

    /// All rules, those about capacity first.
    static let all: [VerdictRule] =
        CapacityVerdicts.rules + CostVerdicts.rules + RunVerdicts.rules

    /// What the rules find, gravest first.
    static func verdicts(of judged: JudgedDesign) -> [Verdict] {
        let found = all.flatMap { $0.judge(judged) }
        let order = Verdict.Severity.allCases
        return found.enumerated().sorted {
            let left = order.firstIndex(of: $0.element.severity) ?? 0
            let right = order.firstIndex(of: $1.element.severity) ?? 0
            return (left, $0.offset) < (right, $1.offset)
        }.map(\.element)
    }
}

extension Verdict.Figure {
    init(_ name: String, _ value: String) {
        self.init(name: name, value: value)
    }

    static func units(_ name: String, _ perSecond: Double) -> Self {
        Self(name, "\(FigureText.rate(perSecond))/s")
    }

    static func share(_ name: String, _ share: Double) -> Self {
        Self(name, Quantity.percent(share))
    }
}
