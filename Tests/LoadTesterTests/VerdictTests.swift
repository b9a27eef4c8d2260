import Items
import Metering
import Operations
import Testing

@testable import LoadTester

@Suite("Verdicts")
struct VerdictTests {
    private static func spread(_ number: Int) -> [String] { ["c\(number * 7_919 % 5_003)"] }

    private func rules(_ tables: [DesignTable], _ works: [SyntheticRun.Work]) -> [String: Verdict] {
        let verdicts = SyntheticRun(tables: tables, works).report.verdicts
        return Dictionary(verdicts.map { ($0.rule, $0) }) { first, _ in first }
    }

    private func get(
        _ units: Double, bytes: Int = 700, perSecond: Double = 100
    ) -> SyntheticRun.Work {
        SyntheticRun.Work(
            pattern: AccessPattern(name: "get", operation: "GetItem", tableName: "orders"),
            perSecond: perSecond, itemByteCount: bytes,
            consumed: [("orders", Self.spread, .reading(units))])
    }

    private func put(
        _ units: Int, bytes: Int = 700, index: Int? = nil, perSecond: Double = 100
    ) -> SyntheticRun.Work {
        var consumed: [(resource: String, key: (Int) -> [String], units: Units)] = [
            ("orders", Self.spread, .writing(units))
        ]
        if let index { consumed.append(("orders/by-status", Self.spread, .writing(index))) }
        return SyntheticRun.Work(
            pattern: AccessPattern(name: "put", operation: "PutItem", tableName: "orders"),
            perSecond: perSecond, itemByteCount: bytes, consumed: consumed)
    }

    private func query(
        returned: Int, evaluated: Int, units: Double = 2, operation: String = "Query"
    ) -> SyntheticRun.Work {
        SyntheticRun.Work(
            pattern: AccessPattern(
                name: "open", operation: operation, tableName: "orders", indexName: "by-status"),
            perSecond: 50, returnedCount: returned, evaluatedCount: evaluated,
            consumed: [("orders/by-status", Self.spread, .reading(units))])
    }

    @Test("a good design hears only what is good, or could be billed otherwise")
    func nothingToBlame() {
        let found = rules(
            [.orders(indexes: [.byStatus()])],
            [get(0.5), put(1, index: 1, perSecond: 10), query(returned: 20, evaluated: 20)])
        #expect(Set(found.keys).subtracting(["headroom", "billing-mode"]).isEmpty, "\(found.keys)")
        #expect(found["headroom"]?.severity == .good)
    }

    @Test("a filter that throws most away is told with what it wastes; one that keeps most isn't")
    func filters() throws {
        let tables = [DesignTable.orders(indexes: [.byStatus()])]
        let found = try #require(
            rules(tables, [query(returned: 5, evaluated: 100)])["filter-waste"])
        #expect(found.subject == "open" && found.finding.contains("95%"))
        #expect(found.figures.contains { $0.name == "evaluated" && $0.value == "50,000" })
        #expect(rules(tables, [query(returned: 60, evaluated: 100)])["filter-waste"] == nil)
        // What costs next to nothing isn't worth a word.
        let cheap = rules(
            tables, [query(returned: 5, evaluated: 100, units: 0.5), put(20, perSecond: 500)])
        #expect(cheap["filter-waste"] == nil)
    }

    @Test("a scan that is much of the cost is told, and a query as dear isn't")
    func scans() {
        let tables = [DesignTable.orders(indexes: [.byStatus()])]
        let scan = query(returned: 90, evaluated: 100, units: 50, operation: "Scan")
        #expect(rules(tables, [scan])["scan"]?.subject == "open")
        #expect(rules(tables, [query(returned: 90, evaluated: 100, units: 50)])["scan"] == nil)
    }

    @Test("an index that is written and not read is told")
    func unreadIndex() {
        let tables = [DesignTable.orders(indexes: [.byStatus()])]
        #expect(rules(tables, [put(1, index: 1)])["unread-index"]?.subject == "orders/by-status")
        #expect(
            rules(tables, [put(1, index: 1), query(returned: 1, evaluated: 1)])["unread-index"]
                == nil)
    }

    @Test("an index of whole items is told where its entries cost several units")
    func wideIndex() {
        let reading = query(returned: 1, evaluated: 1)
        let wide = [DesignTable.orders(indexes: [.byStatus(.all)])]
        let narrow = [DesignTable.orders(indexes: [.byStatus(.keysOnly)])]
        #expect(rules(wide, [put(3, bytes: 2_600, index: 3), reading])["wide-index"] != nil)
        #expect(rules(wide, [put(3, bytes: 2_600, index: 1), reading])["wide-index"] == nil)
        #expect(rules(narrow, [put(3, bytes: 2_600, index: 3), reading])["wide-index"] == nil)
    }

    @Test("large items are told where writing them is much of the cost")
    func largeItems() {
        #expect(rules([.orders()], [put(9, bytes: 9_000)])["large-items"]?.subject == "put")
        #expect(rules([.orders()], [put(2, bytes: 2_000)])["large-items"] == nil)
        #expect(
            rules([.orders()], [put(9, bytes: 9_000, perSecond: 1), get(0.5, perSecond: 2_000)])[
                "large-items"] == nil)
    }

    @Test("reads that cost twice are strongly consistent")
    func strongReads() {
        #expect(rules([.orders()], [get(1)])["strong-reads"]?.subject == "get")
        #expect(rules([.orders()], [get(0.5)])["strong-reads"] == nil)
        #expect(rules([.orders()], [get(1, bytes: 7_000)])["strong-reads"] == nil)
    }

    @Test("what is provisioned and idle is told, and what on-demand traffic could save")
    func billingMode() {
        let idle = [DesignTable.orders(throughput: .provisioned(read: 5_000, write: 5_000))]
        #expect(rules(idle, [put(1)])["billing-mode"]?.subject == "orders")
        let apt = [DesignTable.orders(throughput: .provisioned(read: 1, write: 140))]
        #expect(rules(apt, [put(1)])["billing-mode"] == nil)
        #expect(rules([.orders()], [put(1)])["billing-mode"] != nil)
    }

    @Test("a table that is mostly storage is cheaper in the other class")
    func tableClass() {
        let stored = [LoadedResource(resource: 0, itemCount: 1, byteCount: 2_000_000_000_000)]
        let run = SyntheticRun(tables: [.orders()], stored: stored, [put(1, perSecond: 10)])
        #expect(run.report.verdicts.contains { $0.rule == "table-class" })
        let busy = SyntheticRun(tables: [.orders()], [put(1)])
        #expect(!busy.report.verdicts.contains { $0.rule == "table-class" })
    }

    @Test("errors are told by code; conditions that fail now and then are not")
    func errors() {
        var failing = put(1, perSecond: 50)
        failing.outcome = .failure(code: "ValidationException", reasons: [])
        #expect(rules([.orders()], [failing])["errors"]?.finding.contains("100%") == true)
        #expect(rules([.orders()], [put(1)])["errors"] == nil)
    }

    @Test("a driver that was late, and an endpoint that was overrun, are told")
    func trust() {
        var run = SyntheticRun(tables: [.orders()], [put(1)])
        var recording = Recording(design: run.design)
        for var request in run.requests() {
            request.sent = request.due + 900_000_000
            request.answered = request.due + 905_000_000
            recording.add(request)
        }
        var facts = run.facts
        facts.lagP99 = 700_000_000
        let verdicts = DesignReport(
            RunMeasurement(design: run.design, facts: facts, recording: recording)
        ).verdicts.map(\.rule)
        #expect(verdicts.contains("driver-lag") && verdicts.contains("rate-missed"))
        run.seconds = 10
        let fine = run.report.verdicts.map(\.rule)
        #expect(!fine.contains("driver-lag") && !fine.contains("rate-missed"))
    }

    @Test("dollars are those of a calculation by hand")
    func dollars() {
        // 100 writes a second of 3 units at $0.625 a million, 200 reads of half a unit at $0.125.
        let stored = [LoadedResource(resource: 0, itemCount: 9, byteCount: 107_374_182_400)]
        let report = SyntheticRun(
            tables: [.orders()], stored: stored, [put(3), get(0.5, perSecond: 200)]
        ).report
        let seconds = 730.0 * 3_600
        let requests = (100 * 3 * 0.625 + 200 * 0.5 * 0.125) * seconds / 1_000_000
        let storage = (100.0 - 25) * 0.25
        #expect(abs(report.costs.requestUSDPerMonth / requests - 1) < 1e-9)
        #expect(abs(report.costs.storageUSDPerMonth / storage - 1) < 1e-9)
        #expect(abs(report.patterns[0].usdPerMillionRequests - 1.875) < 1e-9)
        #expect(abs(report.patterns[1].usdPerMillionRequests - 0.0625) < 1e-9)
        #expect(report.resources[0].provisioning?.fixedWriteUnits == 300)
    }

    @Test("what provisioned capacity is needed goes by what lasts, not by a ramp before it")
    func rampIsNoBurst() {
        var run = SyntheticRun(tables: [.orders()], seconds: 20, [put(3)])
        let whole = run.measurement
        run.design.phases = [
            Phase(kind: .ramp, name: "ramp", seconds: 10, startRate: 0, endRate: 1),
            Phase(kind: .steady, name: "steady", seconds: 10),
        ]
        var facts = run.facts
        facts.phases = [(began: 0, ended: 10_000_000_000), (10_000_000_000, 20_000_000_000)]
        var recording = Recording(design: run.design)
        // Nothing at all comes during the ramp.
        for request in run.requests() where request.due >= facts.phases[1].began {
            var request = request
            request.phase = 1
            recording.add(request)
        }
        let ramped = RunMeasurement(design: run.design, facts: facts, recording: recording)
        #expect(ramped.provisionedNeed(of: [0], .write).fixedUnits == 300)
        #expect(
            ramped.provisionedNeed(of: [0], .write) == whole.provisionedNeed(of: [0], .write))
    }

    @Test("designs are compared with the first: better, worse or the same")
    func comparison() throws {
        let report = LoadReport(
            [PageTests.shop(isGood: false), PageTests.shop(isGood: true)].map(\.measurement))
        let dollars = try #require(
            report.comparison.first { $0.name == "dollars per month" })
        #expect(dollars.verdicts == [.none, .better] && (dollars.ratios[1] ?? 1) < 0.9)
        let rate = try #require(report.comparison.first { $0.name == "requests per second" })
        #expect(rate.verdicts == [.none, .same])
        let multiple = try #require(
            report.comparison.first { $0.name == "throttles from this multiple of the rate" })
        #expect(multiple.areBounds == report.designs.map { $0.prediction.first == nil })
        let text = TerminalReport(report).text
        #expect(text.contains("Side by side") && text.contains("customer=CUSTOMER#1"))
        #expect(!text.contains("\u{1B}"))
    }

    @Test("a multiple that was not met is told as a bound")
    func bounds() {
        var figure = ComparedFigure(
            name: "x", unit: "×", lowerIsBetter: false, values: [5, 100], areBounds: [false, true],
            verdicts: [.none, .better], ratios: [1, 20])
        #expect(figure.text(of: 0) == "5.00 ×" && figure.text(of: 1) == "over 100 ×")
        #expect(figure.ratioText(of: 1) == " (over 20.0 ×)")
        figure.areBounds = [true, false]
        figure.values = [100, 5]
        figure.ratios = [1, 0.05]
        #expect(figure.text(of: 0) == "over 100 ×" && figure.ratioText(of: 1).isEmpty)
    }
}
