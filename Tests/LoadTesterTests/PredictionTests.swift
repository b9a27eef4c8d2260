import Items
import Metering
import Operations
import Testing

@testable import LoadTester

@Suite("Predicted throttles")
struct PredictionTests {
    private func writes(
        _ perSecond: Double, units: Int = 1, to table: DesignTable, seconds: Double = 10,
        alsoTo index: String? = nil, indexKey: @escaping (Int) -> [String] = { _ in ["open"] },
        key: @escaping (Int) -> [String]
    ) -> SyntheticRun {
        var consumed = [(resource: "orders", key: key, units: Units.writing(units))]
        if let index { consumed.append((resource: index, key: indexKey, units: .writing(1))) }
        return SyntheticRun(
            tables: [table], seconds: seconds,
            [
                SyntheticRun.Work(
                    pattern: AccessPattern(
                        name: "write", operation: "PutItem", tableName: "orders"),
                    perSecond: perSecond, consumed: consumed)
            ])
    }

    private func isNear(_ value: Double?, _ expected: Double, within share: Double = 0.02) -> Bool {
        guard let value else { return false }
        return abs(value - expected) <= share * expected
    }

    @Test("one key at 600 write units a second throttles at 1.67 times the rate, by its partition")
    func hotKey() throws {
        let report = writes(600, to: .orders()) { _ in ["c1"] }.report
        let met = try #require(report.prediction.grown)
        #expect(isNear(met.factor, 1_000 / 600), "\(met.factor)")
        #expect(met.limit == "KeyRangeThroughputExceeded" && met.kind == "Write")
        #expect(met.resource == "orders" && met.key == "customer=c1")
        #expect(report.prediction.refusedShare == 0)
        let verdict = try #require(report.verdicts.first { $0.rule == "throttles" })
        #expect(verdict.severity == .warning && verdict.finding.contains("customer=c1"))
        #expect(!report.verdicts.contains { $0.rule == "hot-key" })
    }

    @Test("the capacity model, run directly, refuses just above that multiple and not below")
    func agreesWithTheModel() throws {
        let run = writes(600, to: .orders()) { _ in ["c1"] }
        let factor = try #require(run.report.prediction.grown?.factor)
        func refusals(at factor: Double) -> Int {
            var capacity = ResourceCapacity(
                resourceID: 0, throughput: .fresh, now: 0)
            let place = run.place(["c1"], in: run.design.resources[0], id: 0)
            var refused = 0
            var now = 0.0
            for _ in 0..<Int(600 * factor * 120) {
                now += 1 / (600 * factor)
                if capacity.limit(.write, at: place, now: now) == nil {
                    capacity.charge(.write, units: 1, at: place, now: now)
                } else {
                    refused += 1
                }
            }
            return refused
        }
        #expect(refusals(at: factor * 0.98) == 0)
        #expect(refusals(at: factor * 1.02) > 0)
    }

    @Test("a hot key at twice what its partition serves has half of its writes refused")
    func refusedShare() throws {
        let report = writes(2_000, to: .orders(), seconds: 5) { _ in ["c1"] }.report
        let met = try #require(report.prediction.grown)
        #expect(isNear(met.factor, 0.5, within: 0.03), "\(met.factor)")
        #expect(isNear(report.prediction.refusedShare, 0.5, within: 0.06))
        #expect(report.verdicts.first?.severity == .critical)
    }

    @Test("spread keys meet the warm throughput first, and grown the table's quota")
    func spreadKeys() throws {
        let report = writes(1_000, units: 2, to: .orders()) { ["c\($0 % 5_000)"] }.report
        let cold = try #require(report.prediction.asCreated)
        #expect(isNear(cold.factor, 2), "\(cold.factor)")
        let met = try #require(report.prediction.grown)
        #expect(isNear(met.factor, 20), "\(met)")
        #expect(met.limit == "AccountLimitExceeded")
        #expect(report.verdicts.contains { $0.rule == "warm-throughput" })
        let summary = DesignSentences(report).all.joined(separator: " ")
        let told = "would throttle from \(FigureText.factor(cold.factor)): the warm write"
        #expect(summary.contains(told), "\(summary)")
        #expect(!report.verdicts.contains { ["throttles", "hot-key"].contains($0.rule) })
    }

    @Test("work of which nobody knows where it fell is spread evenly, not laid on the known keys")
    func unknownPlaces() throws {
        var run = writes(100, to: .orders()) { _ in ["c1"] }
        run.works.append(
            SyntheticRun.Work(
                pattern: AccessPattern(name: "scan", operation: "Scan", tableName: "orders"),
                perSecond: 100, consumed: [("orders", { _ in ["any"] }, .writing(19))]))
        run.design.patterns = run.works.map(\.pattern)
        var recording = Recording(design: run.design)
        for var request in run.requests() {
            if request.pattern == 1 { request.consumed[0].place = nil }
            recording.add(request)
        }
        let report = DesignReport(
            RunMeasurement(design: run.design, facts: run.facts, recording: recording))
        // One of four partitions bears the key's 100 and a fourth of the 1,900.
        let met = try #require(report.prediction.asCreated)
        #expect(isNear(met.factor, 1_000 / 575), "\(met.factor)")
        let peaks = report.resources[0].heat.partitions.map(\.peakWriteUnitsPerSecond)
        #expect(isNear(peaks.max(), 575) && isNear(peaks.min(), 475), "\(peaks)")
    }

    @Test("a provisioned table meets what is provisioned, however many keys share it")
    func provisioned() throws {
        let table = DesignTable.orders(throughput: .provisioned(read: 100, write: 300))
        let report = writes(200, to: table) { ["c\($0 % 5_000)"] }.report
        let met = try #require(report.prediction.grown)
        #expect(isNear(met.factor, 1.5), "\(met.factor)")
        #expect(met.limit == "ProvisionedThroughputExceeded" && met.kind == "Write")
        #expect(report.prediction.asCreated?.limit == met.limit)
    }

    @Test("an on-demand maximum is a limit of its own")
    func maxOnDemand() throws {
        let table = DesignTable.orders(
            throughput: .onDemand(
                warmRead: 12_000, warmWrite: 4_000, maxRead: nil, maxWrite: 500))
        let met = try #require(
            writes(200, to: table) { ["c\($0 % 5_000)"] }.report.prediction.grown)
        #expect(isNear(met.factor, 2.5) && met.limit == "MaxOnDemandThroughputExceeded")
    }

    @Test("a hot key of a global index holds back the writes of a table that is spread")
    func indexBackPressure() throws {
        let table = DesignTable.orders(indexes: [.byStatus()])
        let report = writes(
            800, to: table, alsoTo: "orders/by-status"
        ) { ["c\($0 % 5_000)"] }.report
        let met = try #require(report.prediction.grown)
        #expect(isNear(met.factor, 1.25), "\(met)")
        #expect(met.resource == "orders/by-status" && met.key == "status=open")
    }

    @Test("a collection that many sort keys make up splits, and one key of it doesn't")
    func collectionsSplit() throws {
        let table = DesignTable.orders(range: "date")
        let spread = writes(900, to: table) { ["c1", "d\($0 * 7_919 % 1_000)"] }.report
        let single = writes(900, to: table) { _ in ["c1", "d1"] }.report
        let (split, whole) = (
            spread.prediction.grown?.factor ?? 100, single.prediction.grown?.factor ?? 100
        )
        #expect(isNear(whole, 1_000 / 900))
        #expect(split > 1.8 * whole, "\(split)")
        // Until it has split, it is as a single key.
        #expect(isNear(spread.prediction.asCreated?.factor, 1_000 / 900))
        #expect(spread.verdicts.contains { $0.finding.contains("The partition can split") })
        let local = DesignIndex(
            name: "local", isLocal: true, hashKeys: [DesignKey(name: "customer", type: .string)],
            rangeKeys: [DesignKey(name: "total", type: .string)], projectionType: .keysOnly,
            throughput: .fresh)
        let kept = writes(
            900, to: .orders(range: "date", indexes: [local])
        ) { ["c1", "d\($0 * 7_919 % 1_000)"] }.report
        #expect(isNear(kept.prediction.grown?.factor, 1_000 / 900), "\(kept.prediction)")
    }

    @Test("without work nothing is predicted")
    func nothing() {
        let prediction = writes(0, to: .orders()) { _ in ["c"] }.report.prediction
        #expect(prediction.grown == nil && prediction.asCreated == nil)
    }
}
