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
        var run = writes(200, to: .orders()) { _ in ["c1"] }
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
        // One of four partitions bears the key's 200 and a fourth of the 1,900.
        let met = try #require(report.prediction.asCreated)
        #expect(isNear(met.factor, 1_000 / 675), "\(met.factor)")
        let peaks = report.resources[0].heat.partitions.map(\.peakWriteUnitsPerSecond)
        #expect(isNear(peaks.max(), 675) && isNear(peaks.min(), 475), "\(peaks)")
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

    @Test("two hot keys in a partition part, and then each is a limit by itself")
    func twoHotKeys() throws {
        // Find two keys of the same quarter of the hash space.
        let run = writes(100, to: .orders()) { _ in ["k0"] }
        func quarter(_ key: String) -> UInt64 {
            run.place([key], in: run.design.resources[0], id: 0).hash >> 62
        }
        let other = try #require((1..<100).first { quarter("k\($0)") == quarter("k0") })
        let report = writes(800, to: .orders()) { $0 % 2 == 0 ? ["k0"] : ["k\(other)"] }.report
        #expect(isNear(report.prediction.asCreated?.factor, 1_000 / 800))
        #expect(isNear(report.prediction.grown?.factor, 1_000 / 400))
        let told = DesignSentences(report).all.joined(separator: " ")
        #expect(told.contains("Once its partitions have split, at 2.50 ×"), "\(told)")
    }

    @Test("uniform keys of one partition can be parted as long as the quota lasts")
    func hotPartition() throws {
        let run = writes(100, to: .orders()) { _ in ["k"] }
        let keys = (0..<4_000).map { "k\($0)" }.filter {
            run.place([$0], in: run.design.resources[0], id: 0).hash >> 62 == 1
        }
        let report = writes(800, to: .orders()) { [keys[$0 % keys.count]] }.report
        #expect(isNear(report.prediction.asCreated?.factor, 1_000 / 800))
        let grown = try #require(report.prediction.grown)
        #expect(isNear(grown.factor, 50) && grown.limit == "AccountLimitExceeded", "\(grown)")
    }

    @Test("zipfian keys are limited by the hottest: its share of the rate", arguments: [1, 2, 3])
    func zipfian(seed: UInt64) throws {
        var dice = SplitMix(state: seed)
        let weights = (1...1_000).map { 1 / Double($0) }
        let all = weights.reduce(0, +)
        let drawn = (0..<30_000).map { _ -> Int in
            var left = Double(dice.below(1 << 32)) / 0x1p32 * all
            return weights.firstIndex {
                left -= $0
                return left < 0
            } ?? 0
        }
        let report = writes(3_000, to: .orders()) { ["k\(drawn[$0])"] }.report
        let hottest = drawn.reduce(0) { $1 == 0 ? $0 + 1 : $0 } / 10
        let grown = try #require(report.prediction.grown)
        // Heat is parted until the key is four fifths of what is left with it.
        let factor = grown.factor * Double(hottest) / 1_000
        #expect(factor > 0.79 && factor < 1.01, "\(factor) \(grown)")
        #expect(grown.key == "customer=k0")
    }

    @Test("sort keys that ever increase are one place: splits don't help", arguments: [1, -1])
    func timeOrdered(step: Int) throws {
        let report = writes(900, to: .orders(range: "date")) {
            ["today", "\(500_000 + $0 * step)"]
        }.report
        #expect(isNear(report.prediction.asCreated?.factor, 1_000 / 900))
        #expect(isNear(report.prediction.grown?.factor, 1_000 / 900, within: 0.1))
        #expect(report.prediction.factorAfterSplits == nil)
        let verdict = try #require(report.verdicts.first { $0.rule == "throttles" })
        #expect(!verdict.finding.contains("can split"))
    }

    @Test("sort keys that increase for each of many writers can be parted between them")
    func timeOrderedWriters() throws {
        let report = writes(900, to: .orders(range: "date")) {
            ["today", "w\($0 % 64 + 10)#\(500_000 + $0)"]
        }.report
        #expect(isNear(report.prediction.asCreated?.factor, 1_000 / 900))
        #expect((report.prediction.grown?.factor ?? 100) > 10, "\(report.prediction)")
    }

    @Test("a write that an index refuses takes nothing of its table's capacity")
    func coupledRefusals() throws {
        // Half of 2,000 is refused by the index; the 1,000 left fit in what the table has.
        let table = DesignTable.orders(
            indexes: [.byStatus()], throughput: .provisioned(read: 100, write: 1_500))
        let run = writes(2_000, to: table, alsoTo: "orders/by-status") { ["c\($0 % 5_000)"] }
        let report = run.report
        #expect(isNear(report.prediction.grown?.factor, 0.5, within: 0.03))
        #expect(isNear(report.prediction.refusedShare, 0.5, within: 0.05))
        // Spread in the index, the table alone refuses.
        let spread = writes(
            2_000, to: table, alsoTo: "orders/by-status", indexKey: { ["s\($0)"] }
        ) { ["c\($0 % 5_000)"] }.report
        #expect(isNear(spread.prediction.refusedShare, 0.25, within: 0.08))
        // Others meet a hot key of the table: each request is refused by what it needs.
        var mixed = writes(
            2_000, to: .orders(indexes: [.byStatus()]), alsoTo: "orders/by-status"
        ) { ["c\($0 % 5_000)"] }
        mixed.works.append(
            SyntheticRun.Work(
                pattern: AccessPattern(name: "plain", operation: "PutItem", tableName: "orders"),
                perSecond: 1_500, consumed: [("orders", { _ in ["hot"] }, .writing(1))]))
        mixed.design.patterns = mixed.works.map(\.pattern)
        let share = mixed.report.prediction.refusedShare
        #expect(isNear(share, (1_000 + 500) / 3_500, within: 0.05), "\(share)")
    }

    @Test("a prediction is the same for other draws of the same traffic", arguments: [1, 2, 3, 4])
    func stable(seed: UInt64) throws {
        var dice = SplitMix(state: seed)
        // A hot item with 30%, a hot collection with 40%, the rest anywhere.
        let drawn = (0..<8_000).map { _ -> [String] in
            let draw = dice.below(10)
            if draw < 3 { return ["hot", "item"] }
            if draw < 7 { return ["wide", "d\(dice.below(100_000))"] }
            return ["c\(dice.below(5_000))", "d"]
        }
        let report = writes(800, to: .orders(range: "date")) { drawn[$0] }.report
        let grown = try #require(report.prediction.grown)
        let hot = drawn.reduce(0) { $1 == ["hot", "item"] ? $0 + 1 : $0 }
        let factor = grown.factor * Double(hot) / 10 / 1_000
        // What lies beside the item isn't parted from it once it is four fifths with either side.
        #expect(factor > 0.59 && factor < 1.01, "\(factor)")
        #expect((grown.uncertainty ?? 1) < 0.05)
    }

    @Test("a Scan reads from the beginning, as far as it comes")
    func scans() throws {
        var run = SyntheticRun(
            tables: [.orders()], stored: [LoadedResource(resource: 0, itemCount: 10_000)],
            [
                SyntheticRun.Work(
                    pattern: AccessPattern(name: "scan", operation: "Scan", tableName: "orders"),
                    perSecond: 10, evaluatedCount: 1_000,
                    consumed: [("orders", { _ in ["any"] }, .reading(100))])
            ])
        func report() -> DesignReport {
            var recording = Recording(design: run.design)
            for var request in run.requests() {
                request.consumed[0].place = nil
                recording.add(request)
            }
            return DesignReport(
                RunMeasurement(design: run.design, facts: run.facts, recording: recording))
        }
        // A tenth of the table: all in the first of four partitions.
        let first = report()
        #expect(isNear(first.prediction.asCreated?.factor, 3), "\(first.prediction)")
        #expect(first.resources[0].unplacedShare == 0)
        #expect(isNear(first.resources[0].heat.partitions[0].peakReadUnitsPerSecond, 1_000))
        // The whole of it: evenly.
        run.works[0].evaluatedCount = 10_000
        #expect(isNear(report().prediction.asCreated?.factor, 12), "\(report().prediction)")
        // All items of one partition key: the Scan is that key's work, and splits can part it.
        run.stored[0].places = (0..<500).map {
            run.place(["c1", "d\($0)"], in: run.design.resources[0], id: 0)
        }
        #expect(isNear(report().prediction.asCreated?.factor, 3), "\(report().prediction)")
        // A query of no known place counts as even, and the report says how much.
        run.design.patterns[0].operation = "ExecuteStatement"
        #expect(report().resources[0].unplacedShare == 1)
    }

    @Test("without work nothing is predicted")
    func nothing() {
        let prediction = writes(0, to: .orders()) { _ in ["c"] }.report.prediction
        #expect(prediction.grown == nil && prediction.asCreated == nil)
    }
}
