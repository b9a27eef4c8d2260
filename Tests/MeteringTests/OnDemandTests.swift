import Items
import Operations
import Testing

@testable import Metering

@Suite("On-demand tables")
struct OnDemandTests {
    static let fresh = ThroughputSetting.onDemand(
        warmRead: 12_000, warmWrite: 4_000, maxRead: nil, maxWrite: nil)

    @Test("a fresh table has four partitions and serves its warm throughput")
    func fresh() {
        var traffic = Traffic(Self.fresh)
        #expect(traffic.capacity.partitions.count == 4)
        #expect(traffic.capacity.partitions.first == KeyPlace(resourceID: 1, hash: 0))
        traffic.run(unitsPerSecond: 6_000, from: 0, to: 10) { place("k\($0)") }
        #expect(traffic.admitted > 36_000 && traffic.admitted <= 44_000)
        #expect(traffic.refused.keys.elementsEqual([.keyRange]))
    }

    @Test("half an hour of traffic at its bound doubles it, and splits to serve it")
    func doubles() {
        var traffic = Traffic(Self.fresh)
        // Large items, so that the test is quick.
        traffic.run(unitsPerSecond: 4_000, units: 50, from: 0, to: 60) { place("k\($0)") }
        #expect(traffic.admitted > 230_000)
        for moment in stride(from: 61.0, to: 1_800, by: 30) {
            _ = traffic.capacity.splitIfDue(now: moment)
            #expect(traffic.capacity.gauge(.write, now: moment).unitsPerSecond == 4_000)
        }
        let splits = traffic.capacity.splitIfDue(now: 1_801)
        let doubled = traffic.capacity.gauge(.write, now: 1_801).unitsPerSecond
        #expect(doubled > 7_800 && doubled < 8_200)
        #expect(traffic.capacity.partitions.count == Int((doubled / 1_000).rounded(.up)))
        #expect(splits.count == traffic.capacity.partitions.count - 4)
        #expect(traffic.capacity.gauge(.read, now: 1_801).unitsPerSecond == 12_000)
    }

    @Test("sustained demand grows by doubles in half hours, not sooner")
    func grows() {
        var rules = CapacityRules.standard
        rules.tableUnits = 1_000_000
        // Without splits by heat, the partitions are those that the throughput asks for.
        rules.heatShare = 1_000_000
        var traffic = Traffic(Self.fresh, rules: rules)
        var served: [Double] = []
        for minute in 0..<66 {
            let before = traffic.admitted
            traffic.run(
                unitsPerSecond: 20_000, units: 1_000, from: Double(minute) * 60,
                to: Double(minute) * 60 + 60
            ) { place("k\($0)") }
            served.append((traffic.admitted - before) / 60)
        }
        #expect(served[29] < 4_600)
        #expect(served[32] > 6_000 && served[32] < 9_500)
        #expect(served[59] < 9_500)
        #expect(served[64] > 12_000 && served[64] < 18_000)
    }

    @Test("a short spike is no peak, and what was a peak stays one")
    func spike() {
        var traffic = Traffic(Self.fresh)
        traffic.run(unitsPerSecond: 4_000, units: 50, from: 0, to: 2) { place("k\($0)") }
        #expect(traffic.capacity.gauge(.write, now: 3_600).unitsPerSecond == 4_000)
        _ = traffic.capacity.splitIfDue(now: 3_600)
        #expect(traffic.capacity.gauge(.write, now: 3_600).unitsPerSecond == 4_000)
        traffic.run(unitsPerSecond: 3_500, units: 50, from: 4_000, to: 4_060) { place("k\($0)") }
        _ = traffic.capacity.splitIfDue(now: 1_000_000)
        let peak = traffic.capacity.gauge(.write, now: 1_000_000).unitsPerSecond
        #expect(peak > 6_800 && peak < 7_200)
    }

    @Test("warm throughput raises the floor at once")
    func warm() {
        var traffic = Traffic(Self.fresh)
        traffic.capacity.set(
            .onDemand(warmRead: 12_000, warmWrite: 9_500, maxRead: nil, maxWrite: nil), now: 5)
        let splits = traffic.capacity.splitIfDue(now: 5)
        #expect(splits.count == 6)
        #expect(traffic.capacity.gauge(.write, now: 5).unitsPerSecond == 9_500)
    }

    @Test("a table that was provisioned begins with what it was provisioned with")
    func switched() {
        var traffic = Traffic(.provisioned(read: 50, write: 10_000))
        traffic.capacity.set(.provisioned(read: 50, write: 7), now: 10)
        traffic.capacity.set(Self.fresh, now: 20)
        #expect(traffic.capacity.gauge(.write, now: 20).unitsPerSecond == 10_000)
        #expect(traffic.capacity.gauge(.read, now: 20).unitsPerSecond == 12_000)
        traffic.capacity.set(.provisioned(read: 50, write: 7), now: 30)
        let served1 = traffic.flood(20, now: 30)
        #expect(served1 == 7)
    }
}
