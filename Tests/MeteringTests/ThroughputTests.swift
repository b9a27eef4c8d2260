import Items
import Operations
import TestSupport
import Testing

@testable import Metering

@Suite("Throughput")
struct ThroughputTests {
    @Test("a provisioned table begins with one second's units and refuses what is above them")
    func begins() {
        var traffic = Traffic(.provisioned(read: 10, write: 5), now: 100)
        for number in 0..<8 { traffic.ask(at: place("k\(number)"), now: 100) }
        for number in 0..<12 { traffic.ask(.read, at: place("k\(number)"), now: 100) }
        #expect(traffic.admitted == 15)
        #expect(traffic.refused == [.provisionedThroughput: 5])
    }

    @Test("unused throughput of 300 seconds, and no more, is spent at once")
    func burst() {
        var traffic = Traffic(.provisioned(read: 10, write: 3))
        let served1 = traffic.flood(2_000, now: 100_000)
        #expect(served1 == 900)
        // Half of it comes back in half of the time.
        let served2 = traffic.flood(2_000, now: 100_150)
        #expect(served2 == 450)
        #expect(traffic.refused.keys.elementsEqual([.provisionedThroughput]))
    }

    @Test("a burst is spent across partitions up to each one's ceiling")
    func burstMeetsCeiling() {
        var traffic = Traffic(.provisioned(read: 10, write: 100))
        #expect(traffic.capacity.partitions.count == 1)
        let served3 = traffic.flood(40_000, now: 1_000)
        #expect(served3 == 1_000)
        #expect(traffic.refused == [.keyRange: 39_000])
    }

    @Test("work is let in while anything is left, and its debt is waited out")
    func debt() {
        var traffic = Traffic(.provisioned(read: 5, write: 5))
        let key = place("k")
        let isServed1 = traffic.ask(units: 25, at: key, now: 0)
        #expect(isServed1)
        let isServed2 = traffic.ask(units: 1, at: key, now: 3)
        #expect(!isServed2)
        let isServed3 = traffic.ask(units: 1, at: key, now: 4)
        #expect(!isServed3)
        let isServed4 = traffic.ask(units: 1, at: key, now: 4.5)
        #expect(isServed4)
    }

    @Test("one key has no more than its partition, whatever its table has")
    func hotKey() {
        var traffic = Traffic(.provisioned(read: 30_000, write: 10_000))
        #expect(traffic.capacity.partitions.count == 10)
        traffic.run(unitsPerSecond: 1_500, from: 0, to: 60) { _ in place("hot") }
        #expect(traffic.admitted >= 60_000 && traffic.admitted <= 61_001)
        #expect(traffic.refused.keys.elementsEqual([.keyRange]))
        var reads = Traffic(.provisioned(read: 30_000, write: 10_000))
        reads.run(.read, unitsPerSecond: 5_000, from: 0, to: 20) { _ in place("hot") }
        #expect(reads.admitted >= 60_000 && reads.admitted <= 63_001)
    }

    @Test("reads and writes have buckets of their own")
    func kinds() {
        var traffic = Traffic(.provisioned(read: 1, write: 1))
        let isServed5 = traffic.ask(.read, at: place("k"), now: 0)
        #expect(isServed5)
        let isServed6 = traffic.ask(.read, at: place("k"), now: 0)
        #expect(!isServed6)
        let isServed7 = traffic.ask(.write, at: place("k"), now: 0)
        #expect(isServed7)
    }

    @Test("more throughput counts from now on, and asks for more partitions")
    func raised() {
        var traffic = Traffic(.provisioned(read: 10, write: 10))
        traffic.run(unitsPerSecond: 10, from: 0, to: 100) { place("k\($0)") }
        traffic.capacity.set(.provisioned(read: 10, write: 2_500), now: 100)
        let splits = traffic.capacity.splitIfDue(now: 100)
        #expect(splits.count == 2)
        #expect(traffic.capacity.partitions.count == 3)
        let before = traffic.admitted
        traffic.run(unitsPerSecond: 4_000, from: 100, to: 130) { place("k\($0)") }
        // Where a partition has more than a third of the keys, it limits earlier than the table.
        #expect(traffic.admitted - before > 60_000)
        #expect(traffic.admitted - before <= 2_500 * 31)
    }

    @Test("less throughput cuts what was saved")
    func lowered() {
        var traffic = Traffic(.provisioned(read: 10, write: 1_000))
        _ = traffic.capacity.limit(.write, at: place("k"), now: 1_000)
        traffic.capacity.set(.provisioned(read: 10, write: 1), now: 1_000)
        let served4 = traffic.flood(1_000, now: 1_000)
        #expect(served4 == 300)
    }

    @Test("a table's maximum, its quota and the account's are limits of their own")
    func quotas() {
        let onDemand = ThroughputSetting.onDemand(
            warmRead: 100_000, warmWrite: 60_000, maxRead: nil, maxWrite: nil)
        var table = Traffic(onDemand)
        for number in 0..<50_000 { table.ask(at: place("k\(number)"), now: 0) }
        #expect(table.admitted > 39_000 && table.admitted <= 40_000)
        #expect(table.refused[.account, default: 0] > 0)
        var limited = Traffic(
            .onDemand(warmRead: 12_000, warmWrite: 4_000, maxRead: 10, maxWrite: 20))
        for number in 0..<50 { limited.ask(at: place("k\(number)"), now: 0) }
        #expect(limited.admitted == 20)
        #expect(limited.refused == [.maxOnDemand: 30])
        var account = AccountCapacity(now: 0)
        account.charge(.write, units: 80_000, now: 0)
        let limits = [
            account.limit(.write, now: 0), account.limit(.read, now: 0),
            account.limit(.write, now: 0.1),
        ]
        #expect(limits == [.account, nil, nil])
    }

    @Test("no time lets in more than rate and burst", arguments: 0..<10)
    func bounded(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        // Half of the runs are bound by their throughput, half by their partitions.
        let isFast = seed % 2 == 0
        let rate = isFast ? 100_000 : Double(Int.random(in: 1...40, using: &random))
        let isOnDemand = Bool.random(using: &random)
        let partitionCount = Int.random(in: 1...5, using: &random)
        let partitions = (0..<partitionCount).map { _ in
            KeyPlace(resourceID: 1, hash: .random(in: 0 ... .max, using: &random))
        }
        var traffic = Traffic(
            isOnDemand
                ? .onDemand(warmRead: 1, warmWrite: 100_000, maxRead: nil, maxWrite: rate)
                : .provisioned(read: 1, write: rate),
            partitions: partitions)
        var now = 0.0
        var unitsMax = 0.0
        // Since each earlier moment would take long; it is checked since two.
        var perPartition: [Int: Double] = [:]
        var since: (time: Double, admitted: Double) = (0, 0)
        for step in 0..<6_000 {
            if !isFast, Int.random(in: 0..<1_000, using: &random) == 0 {
                now += Double.random(in: 0...400, using: &random)
            } else if Bool.random(using: &random) {
                now += Double.random(in: 0...0.01, using: &random)
            }
            let units = Double(Int.random(in: 1...40, using: &random))
            unitsMax = max(unitsMax, units)
            if step == 3_000 { since = (now, traffic.admitted) }
            let key = place("k\(Int.random(in: 0..<50, using: &random))")
            // A clock that goes back a little must not give anything away.
            let told = Int.random(in: 0..<10, using: &random) == 0 ? now - 5 : now
            if traffic.ask(units: units, at: key, now: told) {
                perPartition[traffic.capacity.partition(of: key), default: 0] += units
            }
            let allowed = rate * (300 + now) + unitsMax
            #expect(traffic.admitted <= allowed, "seed \(seed), step \(step)")
            let allowedSince = rate * (300 + now - since.time) + unitsMax
            #expect(traffic.admitted - since.admitted <= allowedSince, "seed \(seed), step \(step)")
        }
        // So that the bounds are bounds of something.
        #expect(traffic.refused.values.reduce(0, +) > 1_000, "seed \(seed)")
        for units in perPartition.values {
            #expect(units <= 1_000 * (1 + now) + unitsMax, "seed \(seed)")
        }
        #expect(traffic.admitted > 0)
    }

    @Test("bad numbers change nothing")
    func robust() {
        var traffic = Traffic(.provisioned(read: .nan, write: -5))
        let isServed8 = traffic.ask(at: place("k"), now: 0)
        #expect(!isServed8)
        let isServed9 = traffic.ask(.read, at: place("k"), now: .infinity)
        #expect(!isServed9)
        var other = Traffic(.provisioned(read: 5, write: 5))
        other.capacity.charge(.write, units: .nan, at: place("k"), now: 0)
        other.capacity.charge(.write, units: .infinity, at: place("k"), now: 0)
        other.capacity.charge(.write, units: -10, at: place("k"), now: 0)
        _ = other.capacity.limit(.write, at: place("k"), now: .infinity)
        _ = other.capacity.splitIfDue(now: .nan)
        let served5 = other.flood(9, now: 0)
        #expect(served5 == 5)
        let isServed10 = other.ask(at: KeyPlace(storedKey: []), now: 100)
        #expect(isServed10)
    }
}
