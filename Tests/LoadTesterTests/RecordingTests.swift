import Items
import Operations
import Testing

@testable import LoadTester

@Suite("Recordings")
struct RecordingTests {
    private struct Count: SlotFigures {
        var count = 0
        init() {}
        mutating func add(_ other: Count) { count += other.count }
    }

    @Test("slots grow wider, and lose nothing")
    func slotsCoarsen() {
        var slots = TimeSlots<Count>()
        for second in 0..<5_000 {
            slots.update(at: UInt64(second) * 1_000_000_000) { $0.count += 1 }
        }
        #expect(slots.slots.count <= TimeSlots<Count>.slotsMax && slots.secondsPerSlot == 16)
        #expect(slots.slots.reduce(0) { $0 + $1.count } == 5_000)
        #expect(slots.slots.dropLast().allSatisfy { $0.count == 16 })
    }

    @Test("threads whose slots differ in width and place line up")
    func slotsMerge() {
        var random = SystemRandomNumberGenerator()
        for _ in 0..<200 {
            let seed = UInt64.random(in: 0 ... .max, using: &random)
            var dice = SplitMix(state: seed)
            var (one, other, both) = (TimeSlots<Count>(), TimeSlots<Count>(), TimeSlots<Count>())
            for _ in 0..<50 {
                let second = dice.below(dice.below(2) == 0 ? 300 : 3_000)
                let isOne = dice.below(2) == 0
                if isOne {
                    one.update(at: second * 1_000_000_000) { $0.count += 1 }
                } else {
                    other.update(at: second * 1_000_000_000) { $0.count += 1 }
                }
                both.update(at: second * 1_000_000_000) { $0.count += 1 }
            }
            one.merge(other)
            let told = "seed \(seed)"
            #expect(one.slots.reduce(0) { $0 + $1.count } == 50, Comment(rawValue: told))
            #expect(one.slots.count <= TimeSlots<Count>.slotsMax, Comment(rawValue: told))
            guard one.shift == both.shift else { continue }
            #expect(one.slots.map(\.count) == both.slots.map(\.count), Comment(rawValue: told))
        }
    }

    private func place(_ key: String) -> KeyPlace {
        KeyPlace(resourceID: 0, partition: [ItemValue(.string(key))])
    }

    @Test("the heaviest keys are found among ten thousand others, and not counted too high")
    func heaviest() {
        var dice = SplitMix(state: 7)
        var keys = HottestKeys()
        var truth: [UInt64: Int] = [:]
        for _ in 0..<100_000 {
            let roll = dice.below(100)
            let key = roll < 20 ? "hot" : roll < 28 ? "warm" : "k\(dice.below(10_000))"
            let place = place(key)
            truth[place.hash, default: 0] += 1
            keys.count(.writing(1), at: place, identity: place.hash)
        }
        let heaviest = keys.heaviest
        #expect(heaviest.prefix(2).map(\.place) == [place("hot"), place("warm")])
        for counter in heaviest {
            #expect(counter.requestCount <= truth[counter.identity] ?? 0)
        }
        #expect(heaviest.first?.requestCount == truth[place("hot").hash])
    }

    @Test("ranges of the hash space are equal, and a hash falls in the one that it begins")
    func ranges() {
        for range in 0..<HeatSlot.rangeCount {
            let hash = HeatSlot.hash(ofRange: range)
            #expect(HeatSlot.range(of: hash) == range)
            if range > 0 { #expect(HeatSlot.range(of: hash - 1) == range - 1) }
        }
        #expect(HeatSlot.range(of: .max) == HeatSlot.rangeCount - 1)
    }

    @Test("a merged recording tells what one recorder of all requests tells")
    func merging() throws {
        let run = SyntheticRun(
            tables: [.orders()],
            [
                SyntheticRun.Work(
                    pattern: AccessPattern(name: "get", operation: "GetItem", tableName: "orders"),
                    perSecond: 300, itemByteCount: 700,
                    consumed: [("orders", { ["c\($0 % 50)"] }, .reading(0.5))]),
                SyntheticRun.Work(
                    pattern: AccessPattern(name: "put", operation: "PutItem", tableName: "orders"),
                    perSecond: 100,
                    outcome: .failure(
                        code: "ThrottlingException",
                        reasons: ["TableWriteKeyRangeThroughputExceeded"]),
                    consumed: []),
            ])
        let recorders = (0..<3).map { _ in RequestRecorder(design: run.design) }
        for (number, request) in run.requests().enumerated() {
            recorders[number % 3].record(request)
        }
        let merged = RequestRecorder.merged(recorders, of: run.design)
        let report = DesignReport(
            RunMeasurement(design: run.design, facts: run.facts, recording: merged))
        let expected = run.report
        #expect(report.overall.requestCount == 4_000 && report.overall.throttleCount == 1_000)
        #expect(report.overall.readUnits == 1_500)
        #expect(report.overall.latency.p99Milliseconds == expected.overall.latency.p99Milliseconds)
        #expect(
            report.resources[0].hottestKeys.map(\.requestCount) == Array(repeating: 60, count: 10))
        #expect(
            report.resources[0].heat.partitions.map(\.readUnitsPerSecond)
                == expected.resources[0].heat.partitions.map(\.readUnitsPerSecond))
        #expect(
            report.patterns[1].throttles.map(\.reason) == ["TableWriteKeyRangeThroughputExceeded"])
        #expect(report.verdicts.contains { $0.rule == "throttled" && $0.severity == .critical })
    }

    @Test("requests of no known pattern, phase or resource are left out, and break nothing")
    func strangers() {
        let run = SyntheticRun(tables: [.orders()], [])
        var recording = Recording(design: run.design)
        for (pattern, phase) in [(-1, 0), (5, 0), (0, -1), (0, 9)] {
            recording.add(
                CompletedRequest(
                    pattern: pattern, phase: phase, due: 5, sent: 9, answered: 3,
                    outcome: .success,
                    consumed: [
                        MeasuredUnits(
                            resource: 77, place: KeyPlace(storedKey: [1]), units: .writing(1))
                    ]))
        }
        let report = DesignReport(
            RunMeasurement(design: run.design, facts: run.facts, recording: recording))
        #expect(report.overall.requestCount == 0)
    }
}
