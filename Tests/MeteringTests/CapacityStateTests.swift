import Foundation
import Items
import Operations
import Testing

@testable import Metering

@Suite("What is kept of capacity over a restart")
struct CapacityStateTests {
    private func restarted(_ capacity: ResourceCapacity, from then: Double, to now: Double) throws
        -> ResourceCapacity
    {
        let data = try JSONEncoder().encode(capacity.state(now: then))
        return ResourceCapacity(
            resourceID: capacity.resourceID, throughput: capacity.throughput,
            state: try JSONDecoder().decode(ResourceCapacity.State.self, from: data),
            splitsCollections: capacity.splitsCollections, now: now)
    }

    @Test("partitions are kept, also those inside one key's sort range")
    func partitions() throws {
        var capacity = Traffic(OnDemandTests.fresh).capacity
        capacity.split(at: place("hot", 5), now: 3)
        capacity.split(at: KeyPlace(resourceID: 1, hash: 77), now: 3)
        let back = try restarted(capacity, from: 5, to: 10)
        #expect(back.partitions == capacity.partitions)
        #expect(back.partitions.count == 6)
    }

    @Test("a peak counts after a restart when it would have counted without one")
    func peaks() throws {
        var traffic = Traffic(OnDemandTests.fresh)
        traffic.run(unitsPerSecond: 4_000, units: 50, from: 0, to: 60) { place("k\($0)") }
        _ = traffic.capacity.splitIfDue(now: 100)
        var back = try restarted(traffic.capacity, from: 100, to: 1_000)
        _ = back.splitIfDue(now: 1_700)
        #expect(back.gauge(.write, now: 1_700).unitsPerSecond == 4_000)
        _ = back.splitIfDue(now: 1_801)
        #expect(back.gauge(.write, now: 1_801).unitsPerSecond > 7_800)
        let later = try restarted(traffic.capacity, from: 100, to: 10_000)
        #expect(later.gauge(.write, now: 10_000).unitsPerSecond > 7_800)
    }

    @Test("unused throughput is kept, and goes on growing")
    func burst() throws {
        var traffic = Traffic(.provisioned(read: 5, write: 10))
        _ = traffic.flood(10, now: 0)
        traffic.capacity = try restarted(traffic.capacity, from: 50, to: 100)
        let served = traffic.flood(5_000, now: 100)
        #expect(served == 1_000 || served == 999)
        // What was provisioned counts when the table switches.
        traffic.capacity.set(OnDemandTests.fresh, now: 100)
        #expect(traffic.capacity.gauge(.write, now: 100).unitsPerSecond == 4_000)
    }

    @Test("the highest provisioned throughput is kept for a table that switches")
    func provisionedPeak() throws {
        var traffic = Traffic(.provisioned(read: 5, write: 9_000))
        traffic.capacity.set(.provisioned(read: 5, write: 1), now: 1)
        var back = try restarted(traffic.capacity, from: 2, to: 3)
        back.set(OnDemandTests.fresh, now: 4)
        #expect(back.gauge(.write, now: 4).unitsPerSecond == 9_000)
    }

    @Test("readings tell demand, what is left and what was refused")
    func readings() {
        var traffic = Traffic(.provisioned(read: 3_000, write: 2_000))
        traffic.run(unitsPerSecond: 1_500, units: 25, from: 0, to: 120) { _ in place("hot") }
        let hot = traffic.capacity.partition(of: place("hot"))
        let readings = traffic.capacity.readings(now: 120)
        #expect(readings.count == 2)
        #expect(abs(readings[hot].writeDemand - 1_500) < 50)
        #expect(readings[1 - hot].writeDemand == 0)
        #expect(readings[hot].refusedWrites == traffic.refused[.keyRange])
        #expect(readings[hot].write.unitsPerSecond == 1_000)
        #expect(readings[hot].write.unitsLeft < 200)
        #expect(readings[1 - hot].write.unitsLeft == 1_000)
        #expect(traffic.capacity.readings(now: 200)[hot].writeDemand < 1_100)
        #expect(traffic.capacity.readings(now: 100_000)[hot].writeDemand == 0)
    }

    @Test("a state of nonsense harms nothing")
    func nonsense() throws {
        let text = """
            {"partitions": [[], [1], [0,0,0,1,9,9,9,9,9,9,9,9,9], [255]],
             "read": {"peak": -1, "pending": [{"began": 9, "unitsPerSecond": 4}, {"began": 1,
               "unitsPerSecond": 8}], "provisionedPeak": -7, "isOnDemand": true, "burst": 1e300,
               "savedAt": 1e300},
             "write": {"peak": 0, "pending": [], "provisionedPeak": 0, "isOnDemand": false,
               "burst": -1e9, "savedAt": 0}}
            """
        let state = try JSONDecoder().decode(ResourceCapacity.State.self, from: Data(text.utf8))
        var capacity = ResourceCapacity(
            resourceID: 1, throughput: .provisioned(read: 5, write: 5), state: state, now: 1)
        let limit = capacity.limit(.read, at: place("k"), now: 2)
        #expect(limit == nil)
        #expect(zip(capacity.partitions, capacity.partitions.dropFirst()).allSatisfy(<))
    }
}
