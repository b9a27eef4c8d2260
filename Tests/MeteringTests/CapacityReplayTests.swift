import Items
import Operations
import TestSupport
import Testing

@testable import Metering

@Suite("Replay of traffic at other rates")
struct CapacityReplayTests {
    private typealias Replay = CapacityReplay
    private let onDemand = ThroughputSetting.onDemand(
        warmRead: 12_000, warmWrite: 4_000, maxRead: nil, maxWrite: nil)

    /// Traffic of a minute: so many writes of one unit in each second at each place.
    private func writes(_ unitsPerSecond: [(KeyPlace, Double)], seconds: Int = 60)
        -> [CapacityReplay.Request]
    {
        (0..<seconds).flatMap { second in
            unitsPerSecond.map { place, units in
                Replay.Request(
                    time: 5_000 + Double(second), seconds: 1, count: units,
                    works: [Replay.Work(place: place, kind: .write, units: 1)])
            }
        }
    }

    @Test("one key at 600 writes per second is throttled at 1,000")
    func hotKey() throws {
        let replay = Replay(
            resources: [Replay.Resource(id: 1, throughput: onDemand)],
            requests: writes([(place("hot"), 600)]))
        let threshold = try #require(replay.threshold(lasting: 400))
        #expect(abs(threshold.factor - 1_000.0 / 600) < 0.01)
        #expect(threshold.first.limit == .keyRange && threshold.first.kind == .write)
        #expect(threshold.first.place == place("hot"))
        #expect(threshold.first.resourceID == 1)
        // A minute alone may also spend what the bucket held.
        let short = try #require(replay.threshold())
        #expect(short.factor > threshold.factor && short.factor < threshold.factor * 1.03)
        #expect(replay.run(at: threshold.factor * 0.99, lasting: 400).throttles.isEmpty)
        let above = replay.run(at: 2.5, lasting: 400)
        #expect(abs(above.refusedShare - 1 / 3.0) < 0.01)
        #expect(above.splits.isEmpty)
        #expect(above.throttles.count == 1)
        #expect(above.throttles.first?.requestsBySecond.count ?? 0 > 390)
    }

    @Test("keys that are spread are throttled at what the table is entitled to")
    func spread() throws {
        let keys = (0..<250).map { (place("k\($0)"), 16.0) }
        let entitled = try #require(
            Replay(
                resources: [Replay.Resource(id: 1, throughput: onDemand)],
                requests: writes(keys, seconds: 1)
            ).threshold(lasting: 8))
        // Four partitions, of which the one with most keys is full first.
        #expect(entitled.factor > 0.8 && entitled.factor < 1.15)
        #expect(entitled.first.limit == .keyRange)
        let warm = ThroughputSetting.onDemand(
            warmRead: 12_000, warmWrite: 400_000, maxRead: nil, maxWrite: nil)
        let quota = try #require(
            Replay(
                resources: [Replay.Resource(id: 1, throughput: warm)],
                requests: writes(keys, seconds: 1)
            ).threshold(lasting: 8))
        #expect(quota.first.limit == .account)
        #expect(quota.factor > 10 && quota.factor < 11.6)
    }

    @Test("a provisioned table is throttled at its throughput")
    func provisioned() throws {
        let replay = Replay(
            resources: [Replay.Resource(id: 1, throughput: .provisioned(read: 1, write: 50))],
            requests: writes((0..<10).map { (place("k\($0)"), 2) }, seconds: 30))
        let threshold = try #require(replay.threshold(lasting: 300))
        #expect(threshold.first.limit == .provisionedThroughput)
        #expect(abs(threshold.factor - 2.5) < 0.03)
        #expect(replay.threshold(factorMax: 2) == nil)
    }

    @Test("a write that its index can't take is refused for the table")
    func backPressure() throws {
        let requests = (0..<60).map { second in
            Replay.Request(
                time: Double(second), seconds: 1, count: 100,
                works: [
                    Replay.Work(place: place("k\(second % 50)"), kind: .write, units: 1),
                    Replay.Work(place: place("open", resource: 2), kind: .write, units: 1),
                ])
        }
        let replay = Replay(
            resources: [
                Replay.Resource(id: 1, throughput: .provisioned(read: 10, write: 5_000)),
                Replay.Resource(id: 2, throughput: .provisioned(read: 10, write: 150)),
            ],
            requests: requests)
        let threshold = try #require(replay.threshold())
        #expect(threshold.first.resourceID == 2)
        #expect(abs(threshold.factor - 1.5) < 0.05)
        let outcome = replay.run(at: 3)
        let served = outcome.usages.map(\.servedUnits)
        #expect(served.count == 2 && served.first == served.last)
        #expect(outcome.throttles.map(\.resourceID) == [2])
    }

    @Test("on-demand tables share the account's quota, provisioned ones don't")
    func account() throws {
        var rules = CapacityRules.standard
        rules.accountUnits = 300
        let requests = [1, 2].flatMap { id in
            writes([(place("k", resource: id), 100)], seconds: 10)
        }
        let shared = Replay(
            resources: [1, 2].map { Replay.Resource(id: $0, throughput: onDemand) },
            requests: requests, rules: rules)
        let threshold = try #require(shared.threshold(lasting: 200))
        #expect(threshold.first.limit == .account)
        #expect(abs(threshold.factor - 1.5) < 0.02)
        let provisioned = ThroughputSetting.provisioned(read: 1, write: 900)
        let apart = Replay(
            resources: [1, 2].map {
                Replay.Resource(id: $0, throughput: $0 == 1 ? onDemand : provisioned)
            },
            requests: requests, rules: rules)
        #expect(abs(try #require(apart.threshold(lasting: 200)).factor - 3) < 0.04)
    }

    @Test("tolerance lets a share of requests be refused")
    func tolerance() throws {
        let replay = Replay(
            resources: [Replay.Resource(id: 1, throughput: onDemand)],
            requests: writes([(place("hot"), 600)], seconds: 10))
        let strict = try #require(replay.threshold(lasting: 200))
        let tolerant = try #require(replay.threshold(lasting: 200, tolerating: 0.5))
        #expect(abs(tolerant.factor / strict.factor - 2) < 0.05)
    }

    @Test("sustained heat splits while traffic runs, which then is served")
    func splits() {
        let replay = Replay(
            resources: [
                Replay.Resource(
                    id: 1, throughput: .provisioned(read: 1, write: 2_000),
                    partitions: [KeyPlace(resourceID: 1, hash: 0)])
            ],
            requests: writes((0..<20).map { (place("k\($0)"), 60) }, seconds: 1))
        let outcome = replay.run(at: 1, lasting: 400)
        // The throughput asks for two partitions at once; nothing else is needed.
        #expect(outcome.splits.map(\.time) == [0])
        let hot = Replay(
            resources: [
                Replay.Resource(id: 1, throughput: .provisioned(read: 1, write: 2_000))
            ],
            requests: writes(
                (0..<200).map { place("k\($0)") }.filter { $0.hash < 1 << 62 }.prefix(20)
                    .map { ($0, 75) }, seconds: 1)
        ).run(at: 1, lasting: 400)
        #expect(hot.splits.count == 1)
        #expect(hot.splits.first?.time ?? 0 >= 300)
        #expect(hot.throttles.first?.last ?? 600 < 330)
    }

    @Test("local indexes share their table's capacity")
    func localIndexes() throws {
        let requests = (0..<30).map { second in
            Replay.Request(
                time: Double(second), seconds: 1, count: 10,
                works: [1, 7].map {
                    Replay.Work(place: place("k", resource: $0), kind: .write, units: 1)
                })
        }
        let replay = Replay(
            resources: [
                Replay.Resource(
                    id: 1, throughput: .provisioned(read: 1, write: 40), localIndexes: [7])
            ], requests: requests)
        let threshold = try #require(replay.threshold(lasting: 300))
        #expect(abs(threshold.factor - 2) < 0.05)
        #expect(replay.unitsPerSecond(resource: 1, kind: .write).allSatisfy { abs($0 - 20) < 1e-6 })
    }

    @Test("a replay agrees with a run of the model itself", arguments: 0..<4)
    func agrees(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let setting =
            Bool.random(using: &random)
            ? onDemand
            : .provisioned(read: 2_000, write: Double(Int.random(in: 50...2_000, using: &random)))
        let requests = (0..<2_000).map { number in
            Replay.Request(
                time: 1_000 + Double(number) / 100,
                works: [
                    Replay.Work(
                        place: place("k\(Int.random(in: 0..<20, using: &random))"),
                        kind: Int.random(in: 0..<4, using: &random) == 0 ? .read : .write,
                        units: Double(Int.random(in: 1...40, using: &random)))
                ])
        }
        let replay = Replay(
            resources: [Replay.Resource(id: 1, throughput: setting)], requests: requests)
        for factor in [0.5, 1, 3] {
            var traffic = Traffic(setting, now: 1_000)
            var splitDue = 1_000.0
            for request in requests {
                if request.time >= splitDue {
                    _ = traffic.capacity.splitIfDue(now: request.time)
                    splitDue = request.time + 1
                }
                for work in request.works {
                    traffic.ask(
                        work.kind, units: work.units * factor, at: work.place, now: request.time)
                }
            }
            let outcome = replay.run(at: factor)
            let refused = Double(traffic.refused.values.reduce(0, +)) * factor
            #expect(abs(outcome.refusedRequests - refused) <= 2 * factor, "seed \(seed)")
            let served = outcome.usages.reduce(0) { $0 + $1.servedUnits }
            #expect(abs(served - traffic.admitted) <= 80 * factor, "seed \(seed)")
        }
        if let threshold = replay.threshold() {
            #expect(replay.run(at: threshold.factor).refusedRequests > 0, "seed \(seed)")
            let below = replay.run(at: threshold.factor * 0.998)
            #expect(below.refusedRequests == 0, "seed \(seed)")
        } else {
            Issue.record("seed \(seed): never throttled")
        }
    }

    @Test("traffic that is nothing, or bad, has no threshold")
    func nothing() {
        let resource = Replay.Resource(id: 1, throughput: onDemand)
        #expect(Replay(resources: [resource], requests: []).threshold() == nil)
        let unknown = Replay.Request(
            time: 0, works: [Replay.Work(place: place("k", resource: 9), kind: .read, units: 1)])
        #expect(Replay(resources: [resource], requests: [unknown]).threshold(factorMax: 8) == nil)
        let bad = Replay.Request(
            time: .nan, count: .infinity,
            works: [Replay.Work(place: place("k"), kind: .read, units: .nan)])
        #expect(Replay(resources: [resource], requests: [bad]).run(at: 5).requests == 0)
        #expect(Replay(resources: [], requests: [unknown]).run(at: .nan).requests == 0)
        let far = [0, 1e300].map { time in
            Replay.Request(
                time: time, works: [Replay.Work(place: place("k"), kind: .read, units: 2)])
        }
        let series = Replay(resources: [resource], requests: far)
            .unitsPerSecond(resource: 1, kind: .read)
        #expect(series.first == 2 && series.last == 2)
    }
}

@Suite("What provisioned mode would need")
struct ProvisionedNeedTests {
    @Test("steady traffic needs its rate, and auto scaling its share more")
    func steady() {
        let need = ProvisionedNeed(unitsPerSecond: Array(repeating: 70, count: 300))
        #expect(need.fixedUnits == 70)
        #expect(need.peakSecondUnits == 70 && need.peakMinuteUnits == 70 && need.meanUnits == 70)
        #expect(need.autoscaledPeakUnits == 100 && need.autoscaledMeanUnits == 100)
    }

    @Test("unused throughput serves a spike, of at most 300 seconds")
    func spike() {
        let series = Array(repeating: 0.0, count: 99) + [1_000]
        #expect(ProvisionedNeed(unitsPerSecond: series).fixedUnits == 10)
        let late = Array(repeating: 0.0, count: 10_000) + [3_000]
        #expect(ProvisionedNeed(unitsPerSecond: late).fixedUnits == 10)
        #expect(ProvisionedNeed(unitsPerSecond: [1_000] + series).fixedUnits == 1_000)
    }

    @Test("auto scaling keeps a peak for a quarter of an hour")
    func scaling() {
        let series = Array(repeating: 700.0, count: 60) + Array(repeating: 7, count: 60 * 29)
        let need = ProvisionedNeed(unitsPerSecond: series)
        #expect(need.autoscaledPeakUnits == 1_000)
        #expect(abs(need.autoscaledMeanUnits - (1_000 + 10) / 2) < 1e-6)
    }

    @Test(
        "the fixed throughput never throttles in the model, and a tenth less does",
        arguments: 0..<4)
    func fixed(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        // What is saved at first matters little after a while of steady traffic.
        let steady = Array(
            repeating: Double(Int.random(in: 20...100, using: &random)), count: 100)
        let series =
            steady
            + (0..<200).map { _ in
                Int.random(in: 0..<4, using: &random) == 0
                    ? Double(Int.random(in: 0...300, using: &random)) : 20
            }
        let need = ProvisionedNeed(unitsPerSecond: series)
        func refusals(_ write: Int) -> Int {
            var traffic = Traffic(.provisioned(read: 1, write: Double(write)))
            for (second, units) in series.enumerated() {
                for number in 0..<Int(units) {
                    traffic.ask(
                        at: place("k\(number % 5)"), now: Double(second) + Double(number) / 500)
                }
            }
            return traffic.refused.values.reduce(0, +)
        }
        #expect(refusals(need.fixedUnits) == 0, "seed \(seed)")
        #expect(refusals(need.fixedUnits * 9 / 10) > 0, "seed \(seed)")
    }

    @Test("no traffic needs the least there is")
    func none() {
        for series in [[], [0, 0], [.nan]] {
            let need = ProvisionedNeed(unitsPerSecond: series)
            #expect(need.fixedUnits == 1 && need.meanUnits == 0)
        }
    }
}
