internal import Items
internal import Operations

/// The recorded work of one table or index, as it can be run again through the capacity model.
///
/// How much work there is changes with each slot of time; where it lies is told of several seconds
/// together, since few requests lie unevenly by chance, as the same work at a higher rate wouldn't.
struct ReplayTraffic: Sendable {
    struct Load: Sendable {
        var place: KeyPlace
        /// Of all the work of its kind.
        var share: Double
    }

    /// Where the work of several slots lay.
    struct Shape: Sendable {
        var reads: [Load]
        var writes: [Load]

        func loads(_ kind: CapacityKind) -> [Load] { kind == .read ? reads : writes }
    }

    struct Slot: Sendable {
        var readRate: Double
        var writeRate: Double
        var shape: Int

        /// Units per second.
        func rate(_ kind: CapacityKind) -> Double { kind == .read ? readRate : writeRate }
    }

    /// How long a shape is taken from.
    private static let shapeSeconds = 10
    /// How many sampled places a shape has.
    private static let placesMax = 160

    var secondsPerSlot: Double
    var slots: [Slot]
    var shapes: [Shape]
    /// Which of the slots are measured, to be repeated for as long as it takes.
    var measured: Range<Int>

    /// - Parameter measured: when the measured phases began and ended, in seconds of the run.
    init(_ heat: TimeSlots<HeatSlot>, resourceID: UInt32, measured: Range<Double>) {
        let seconds = Double(heat.secondsPerSlot)
        let slotsPerShape = max(1, Self.shapeSeconds / heat.secondsPerSlot)
        secondsPerSlot = seconds
        slots = heat.slots.enumerated().map { number, slot in
            Slot(
                readRate: slot.units.read.value / seconds,
                writeRate: slot.units.write.value / seconds, shape: number / slotsPerShape)
        }
        shapes = stride(from: 0, to: heat.slots.count, by: slotsPerShape).map { first in
            let slots = heat.slots[first..<min(first + slotsPerShape, heat.slots.count)]
            return Shape(
                reads: Self.loads(
                    slots.map { ($0.halves(.read), $0.readPlaces) }, resourceID: resourceID),
                writes: Self.loads(
                    slots.map { ($0.halves(.write), $0.writePlaces) }, resourceID: resourceID))
        }
        let whole = slots.indices.filter { index in
            let began = Double(heat.first + index) * seconds
            return began >= measured.lowerBound - 0.001
                && began + seconds <= measured.upperBound + 0.001
        }
        if let first = whole.first, let last = whole.last {
            self.measured = first..<(last + 1)
        } else {
            self.measured = slots.indices
        }
    }

    /// The slots in time: all of the workload once, then what was measured again and again.
    func slot(at step: Int) -> Slot? {
        guard !slots.isEmpty else { return nil }
        if step < measured.upperBound { return slots[step] }
        guard !measured.isEmpty else { return slots[step % slots.count] }
        return slots[measured.lowerBound + (step - measured.upperBound) % measured.count]
    }

    /// Units per second in each slot.
    func rates(_ kind: CapacityKind) -> [Double] { slots.map { $0.rate(kind) } }

    /// Where work lay: the sums over ranges of the hash space are those recorded, and within a
    /// range it lies where the sampled requests went.
    private static func loads(
        _ slots: [(halves: [Double], sample: PlaceSample)], resourceID: UInt32
    ) -> [Load] {
        var sums = [Double](repeating: 0, count: HeatSlot.rangeCount)
        for slot in slots {
            for (range, count) in slot.halves.enumerated() { sums[range] += count }
        }
        let total = sums.reduce(0, +)
        guard total > 0 else { return [] }
        let sampled = slots.flatMap(\.sample.places)
        let every = max(1, (sampled.count + placesMax - 1) / placesMax)
        var byRange: [Int: [KeyPlace: Int]] = [:]
        for place in stride(from: 0, to: sampled.count, by: every).map({ sampled[$0] }) {
            byRange[HeatSlot.range(of: place.hash), default: [:]][place, default: 0] += 1
        }
        var loads: [Load] = []
        for (range, sum) in sums.enumerated() where sum > 0 {
            let middle = KeyPlace(middleOf: range, of: HeatSlot.rangeCount, resourceID: resourceID)
            let places = byRange[range] ?? [middle: 1]
            let count = Double(places.values.reduce(0, +))
            for (place, times) in places.sorted(by: { $0.key < $1.key }) {
                loads.append(Load(place: place, share: sum / total * Double(times) / count))
            }
        }
        return loads
    }
}

extension KeyPlace {
    /// The place in the middle of one of equal parts of the hash space.
    fileprivate init(middleOf part: Int, of count: Int, resourceID: UInt32) {
        let width = UInt64.max / UInt64(max(1, count))
        let hash = UInt64(clamping: part) &* width &+ width / 2
        var bytes: [UInt8] = []
        for shift: UInt32 in [24, 16, 8, 0] {
            bytes.append(UInt8(truncatingIfNeeded: resourceID >> shift))
        }
        for shift: UInt64 in [56, 48, 40, 32, 24, 16, 8, 0] {
            bytes.append(UInt8(truncatingIfNeeded: hash >> shift))
        }
        self.init(storedKey: bytes)
    }
}
