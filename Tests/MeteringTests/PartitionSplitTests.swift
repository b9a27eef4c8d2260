import Items
import Operations
import TestSupport
import Testing

@testable import Metering

@Suite("Splits of partitions")
struct PartitionSplitTests {
    private let setting = ThroughputSetting.provisioned(read: 3_000, write: 1_000)

    /// One partition asked for 1,500 units per second over some time; large items are quick.
    private func heated(
        seconds: Double = 330, splitsCollections: Bool = true, unitsPerSecond: Double = 1_500,
        at place: (Int) -> KeyPlace
    ) -> Traffic {
        var traffic = Traffic(setting, splitsCollections: splitsCollections)
        traffic.run(unitsPerSecond: unitsPerSecond, units: 25, from: 0, to: seconds, at: place)
        _ = traffic.capacity.splitIfDue(now: seconds)
        return traffic
    }

    @Test("five hot minutes split a partition so that both halves have half of the heat")
    func byHeat() {
        let early = heated(seconds: 290) { place("k\($0 % 1_000)") }
        #expect(early.capacity.partitions.count == 1)
        let split = heated { place("k\($0 % 1_000)") }
        #expect(split.capacity.partitions.count == 2)
        let upper = (0..<1_000).count { split.capacity.partition(of: place("k\($0)")) == 1 }
        #expect(upper > 350 && upper < 650)
        #expect(split.capacity.partitions[1].storedKey.count == 12)
    }

    @Test("the cut follows the heat, not the hashes")
    func followsHeat() throws {
        // Three of four requests go to keys in the lowest sixteenth of the hash space.
        let low = (0..<5_000).map { place("k\($0)") }.filter { $0.hash < .max / 16 }
        let split = heated { $0 % 4 == 0 ? place("k\($0)") : low[$0 % low.count] }
        #expect(split.capacity.partitions.count == 2)
        #expect(split.capacity.partitions[1].hash < .max / 8)
    }

    @Test("each half serves as much as the whole did")
    func halves() {
        var traffic = heated { place("k\($0 % 1_000)") }
        traffic.capacity.set(.provisioned(read: 9_000, write: 3_000), now: 331)
        _ = traffic.capacity.splitIfDue(now: 331)
        let before = traffic.admitted
        traffic.run(unitsPerSecond: 1_800, units: 25, from: 340, to: 370) {
            place("k\($0 % 1_000)")
        }
        #expect(traffic.admitted - before > 1_700 * 30)
    }

    @Test("traffic below the share of heat never splits")
    func cool() {
        let traffic = heated(seconds: 1_200, unitsPerSecond: 700) { place("k\($0)") }
        #expect(traffic.capacity.partitions.count == 1)
    }

    @Test("a pause begins the five minutes anew")
    func pause() {
        var traffic = heated(seconds: 240) { place("k\($0)") }
        traffic.run(unitsPerSecond: 1_500, units: 25, from: 400, to: 640) { place("k\($0)") }
        _ = traffic.capacity.splitIfDue(now: 650)
        #expect(traffic.capacity.partitions.count == 1)
    }

    @Test("one hot item is never split off", arguments: [1.0, 0.9])
    func hotItem(share: Double) {
        let traffic = heated(seconds: 1_000) { number in
            Double(number % 10) < share * 10 ? place("hot", 1) : place("k\(number)", 1)
        }
        #expect(traffic.capacity.partitions.count == 1)
    }

    @Test("a hot collection is split inside its sort range, save with a local index")
    func collection() {
        // Neither ascending nor descending: 7,919 is prime.
        let split = heated { place("hot", $0 &* 7_919 % 1_000) }
        #expect(split.capacity.partitions.count == 2)
        #expect(split.capacity.partitions[1].storedKey.count > 12)
        let upper = (0..<1_000).count { split.capacity.partition(of: place("hot", $0)) == 1 }
        #expect(upper > 350 && upper < 650)
        #expect(split.capacity.partition(of: place("hot")) == 0)

        let whole = heated(seconds: 1_000, splitsCollections: false) {
            place("hot", $0 &* 7_919 % 1_000)
        }
        #expect(whole.capacity.partitions.count == 1)
        var asked = heated(seconds: 10, splitsCollections: false) { place("k\($0)") }
        asked.capacity.split(at: place("hot", 500), now: 20)
        #expect(asked.capacity.partitions.count == 2)
        #expect(asked.capacity.partition(of: place("hot", 1)) == 1)
        #expect(asked.capacity.partition(of: place("hot", 999)) == 1)
    }

    @Test("with a local index, collections stay whole and keys are still parted")
    func localIndex() {
        let traffic = heated(splitsCollections: false) { place("k\($0 % 7)", $0 &* 7_919 % 1_000) }
        #expect(traffic.capacity.partitions.count == 2)
        for key in 0..<7 {
            let partitions = Set(
                (0..<1_000).map { traffic.capacity.partition(of: place("k\(key)", $0)) })
            #expect(partitions.count == 1)
        }
    }

    @Test("heat that moves along a sort key isn't split", arguments: [1, -1])
    func moving(direction: Int) {
        let traffic = heated(seconds: 1_000) { place("log", 10_000_000 + direction * $0) }
        #expect(traffic.capacity.partitions.count == 1)
    }

    @Test("what a table isn't set to serve is no heat of its partitions", arguments: [1.0, 3.0])
    func refusedAtDoor(readsPerWrite: Double) {
        let kind = readsPerWrite > 1 ? CapacityKind.read : .write
        for setting in [
            ThroughputSetting.provisioned(read: 10, write: 10),
            .onDemand(warmRead: 2_900, warmWrite: 900, maxRead: 10, maxWrite: 10),
        ] {
            var traffic = Traffic(setting)
            let (rate, units) = (1_500 * readsPerWrite, 25 * readsPerWrite)
            traffic.run(kind, unitsPerSecond: rate, units: units, from: 0, to: 400) {
                place("k\($0)")
            }
            _ = traffic.capacity.splitIfDue(now: 400)
            #expect(traffic.capacity.partitions.count == 1)
            let reading = traffic.capacity.readings(now: 400).first
            let refused = kind == .read ? reading?.refusedReads : reading?.refusedWrites
            #expect(refused ?? 0 > 10_000)
        }
    }

    @Test("demand that is refused is heat, even where little is served")
    func refusedHeat() {
        var traffic = Traffic(.onDemand(warmRead: 1, warmWrite: 10, maxRead: nil, maxWrite: nil))
        traffic.run(unitsPerSecond: 1_500, units: 25, from: 0, to: 330) { place("k\($0)") }
        _ = traffic.capacity.splitIfDue(now: 330)
        #expect(traffic.admitted < 4_000)
        #expect(traffic.capacity.partitions.count == 2)
    }

    @Test("keys that come in turns are seen alike")
    func turns() {
        let traffic = heated { place("k\($0 % 2)") }
        #expect(traffic.capacity.partitions.count == 2)
        #expect(
            traffic.capacity.partition(of: place("k0"))
                != traffic.capacity.partition(of: place("k1")))
    }

    @Test("a partition of over ten gigabytes is cut at its middle")
    func bySize() {
        var traffic = Traffic(.onDemand(warmRead: 1, warmWrite: 2_000, maxRead: nil, maxWrite: nil))
        let splits = traffic.capacity.splitIfDue(now: 1) {
            $0 == 1 ? 10_000_000_001 : 10_000_000_000
        }
        #expect(splits.count == 1 && splits.first?.partition == 1)
        #expect(traffic.capacity.partitions.count == 3)
        let hashes = traffic.capacity.partitions.map(\.hash)
        #expect(hashes[2] - hashes[1] == 1 << 62)
        let all = traffic.capacity.splitIfDue(now: 2) { _ in .max }
        #expect(all.map(\.partition) == [0, 2, 4])
    }

    @Test("cuts are kept in order and lose no place", arguments: 0..<6)
    func conserved(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var traffic = Traffic(OnDemandTests.fresh)
        var replica = traffic.capacity
        for round in 0..<40 {
            let now = Double(round) * 60
            switch Int.random(in: 0..<3, using: &random) {
            case 0:
                let key = place("k\(Int.random(in: 0..<50, using: &random))", round)
                traffic.capacity.split(at: key, now: now)
                replica.split(at: key, now: now)
            case 1:
                let heavy = Int.random(in: 0..<8, using: &random)
                for split in traffic.capacity.splitIfDue(
                    now: now, byteCount: { $0 == heavy ? .max : nil })
                {
                    #expect(replica.partition(of: split.boundary) == split.partition)
                    replica.split(at: split.boundary, now: now)
                }
            default:
                traffic.run(unitsPerSecond: 9_000, units: 450, from: now, to: now + 60) {
                    place("k\($0 % 9)", $0 % 5)
                }
            }
            let partitions = traffic.capacity.partitions
            if partitions != replica.partitions {
                // Cuts that the run itself made.
                for boundary in partitions { replica.split(at: boundary, now: now) }
            }
            #expect(partitions == replica.partitions, "seed \(seed)")
            #expect(zip(partitions, partitions.dropFirst()).allSatisfy(<), "seed \(seed)")
            for (number, lower) in partitions.enumerated() {
                #expect(traffic.capacity.partition(of: lower) == number, "seed \(seed)")
            }
            #expect(traffic.capacity.readings(now: now).count == partitions.count)
        }
        #expect(traffic.capacity.partitions.count > 4)
    }

    @Test("partitions that are given are put in order and cover everything")
    func given() {
        let traffic = Traffic(
            setting, partitions: [place("b"), place("a"), place("b"), KeyPlace(storedKey: [])])
        #expect(traffic.capacity.partitions.count == 3)
        #expect(traffic.capacity.partition(of: KeyPlace(storedKey: [0])) == 0)
        #expect(traffic.capacity.partition(of: KeyPlace(storedKey: [0, 0, 0, 1])) == 0)
    }
}
