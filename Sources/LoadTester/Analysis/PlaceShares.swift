internal import Items
internal import Operations

/// Where the work of a table or index lies within each range of the hash space.
///
/// Items that bear much are known by their counters; the rest lies where sampled requests went.
/// Where these move along the sort keys of a partition key, as with times, what comes next will
/// all lie at their front, and is one place: no partition can be cut so that both halves get some
/// of it.
struct PlaceShares {
    private struct Sample {
        var place: KeyPlace
        /// The number of its slot.
        var slot: Int
        var weight: Double
    }

    /// Parts of 1 at places.
    private typealias Parts = [KeyPlace: Double]

    /// An item with this share of its range is told by its counter.
    private static let countedShare = 0.05
    /// Fewer samples don't tell whether they move.
    private static let samplesMin = 64
    /// The share of the later samples that lie beyond all earlier ones, to be a front.
    private static let frontShare = 0.25

    private let record: Recording.ResourceRecord
    private let resourceID: UInt32

    init(_ record: Recording.ResourceRecord, resourceID: UInt32) {
        self.record = record
        self.resourceID = resourceID
    }

    /// Places in ascending order, with their shares of what they are a part of.
    ///
    /// - Parameter walked: places that a Scan comes by.
    func atoms(walked: [KeyPlace]) -> [ReplayTraffic.Atom] {
        let even = (0..<HeatSlot.rangeCount).map {
            KeyPlace(
                at: (Double($0) + 0.5) / Double(HeatSlot.rangeCount), resourceID: resourceID)
        }
        var atoms = Self.equalAtoms(even, source: ReplayTraffic.evenSource)
        atoms += Self.equalAtoms(walked, source: ReplayTraffic.walkSource)
        let (reads, writes) = (parts(.read), parts(.write))
        for range in 0..<HeatSlot.rangeCount {
            let (reads, writes) = (reads[range] ?? [:], writes[range] ?? [:])
            for place in Set(reads.keys).union(writes.keys) {
                atoms.append(
                    ReplayTraffic.Atom(
                        place: place, source: range, readShare: reads[place] ?? 0,
                        writeShare: writes[place] ?? 0))
            }
        }
        return atoms.sorted { $0.place < $1.place }
    }

    private static func equalAtoms(_ places: [KeyPlace], source: Int) -> [ReplayTraffic.Atom] {
        let each = 1 / Double(max(1, places.count))
        return places.map {
            ReplayTraffic.Atom(place: $0, source: source, readShare: each, writeShare: each)
        }
    }

    /// By range: where its work of a kind lies.
    private func parts(_ kind: CapacityKind) -> [Int: Parts] {
        var sums = [Double](repeating: 0, count: HeatSlot.rangeCount)
        var samples: [Int: [Sample]] = [:]
        for (number, slot) in record.heat.slots.enumerated() {
            let placed = slot.placedHalves(kind)
            guard !placed.isEmpty else { continue }
            for (range, halves) in placed.enumerated() { sums[range] += Double(halves) }
            let places = slot.places(kind).places
            let weight = placed.reduce(0) { $0 + Double($1) } / Double(max(1, places.count))
            for place in places {
                samples[HeatSlot.range(of: place.hash), default: []].append(
                    Sample(place: place, slot: number, weight: weight))
            }
        }
        let counters = (record.items.counters.isEmpty ? record.collections : record.items).counters
        var counted: [Int: Parts] = [:]
        for counter in counters {
            let range = HeatSlot.range(of: counter.place.hash)
            let halves = kind == .read ? counter.units.read.halves : counter.units.write.halves
            guard Double(halves) >= Self.countedShare * sums[range], halves > 0 else { continue }
            counted[range, default: [:]][counter.place] = min(1, Double(halves) / sums[range])
        }
        var parts: [Int: Parts] = [:]
        for (range, sum) in sums.enumerated() where sum > 0 {
            parts[range] = Self.parts(
                counted: counted[range] ?? [:], samples: samples[range] ?? [],
                middle: KeyPlace(
                    at: (Double(range) + 0.5) / Double(HeatSlot.rangeCount),
                    resourceID: resourceID))
        }
        return parts
    }

    private static func parts(counted: Parts, samples: [Sample], middle: KeyPlace) -> Parts {
        let known = counted.values.reduce(0, +)
        let others = samples.filter { counted[$0.place] == nil }
        var spread: Parts = [:]
        for collection in Dictionary(grouping: others, by: \.place.hash).values {
            settle(
                collection.sorted { ($0.place, $0.slot) < ($1.place, $1.slot) }[...], in: &spread)
        }
        let total = spread.values.reduce(0, +)
        var parts = counted
        guard total > 0 else {
            if known < 0.999 { parts[middle, default: 0] += 1 - known }
            return parts
        }
        let rest = max(0, 1 - known)
        for (place, weight) in spread { parts[place, default: 0] += weight / total * rest }
        return parts
    }

    /// Lays samples of one partition key where work like theirs will come.
    ///
    /// - Parameter samples: ascending by place.
    private static func settle(_ samples: ArraySlice<Sample>, in parts: inout Parts) {
        guard samples.count >= samplesMin, let first = samples.first, let last = samples.last,
            first.place != last.place
        else {
            for sample in samples { parts[sample.place, default: 0] += sample.weight }
            return
        }
        let times = samples.map(\.slot).sorted()
        let half = times[times.count / 2]
        let (early, late) = (samples.filter { $0.slot < half }, samples.filter { $0.slot >= half })
        if let lowest = early.first?.place, let highest = early.last?.place {
            let ahead = late.filter { highest < $0.place }
            let behind = late.filter { $0.place < lowest }
            let rises = ahead.count >= behind.count
            let front = rises ? ahead : behind
            if Double(front.count) >= frontShare * Double(late.count) {
                let each = samples.reduce(0) { $0 + $1.weight } / Double(late.count)
                parts[rises ? last.place : first.place, default: 0] += each * Double(front.count)
                for sample in late
                where rises ? sample.place <= highest : sample.place >= lowest {
                    parts[sample.place, default: 0] += each
                }
                return
            }
        }
        let middle = samples.startIndex + samples.count / 2
        settle(samples[..<middle], in: &parts)
        settle(samples[middle...], in: &parts)
    }
}
