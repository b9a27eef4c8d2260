internal import Items
internal import Operations

/// The recorded work of one table or index: how much of it there was in each slot of time, and
/// where it lay.
///
/// How much lay in each range of the hash space is told for every ten seconds, exactly. Where it
/// lay within a range is told once for the whole run: by `PlaceShares`.
struct ReplayTraffic: Sendable {
    /// A part of the work that always lies at one place.
    struct Atom: Sendable {
        var place: KeyPlace
        var source: Int
        /// Of the work of the source.
        var readShare: Double
        var writeShare: Double

        func share(_ kind: CapacityKind) -> Double { kind == .read ? readShare : writeShare }
    }

    /// How the work of several slots was shared among sources: work whose place is known, by range
    /// of the hash space; then what walked from the beginning, then what lay nobody knows where.
    struct Shape: Sendable {
        var reads: [Double]
        var writes: [Double]
        /// How many requests tell it: of equal ones, as many as tell it as surely.
        var readCount: Double
        var writeCount: Double

        func shares(_ kind: CapacityKind) -> [Double] { kind == .read ? reads : writes }
        func requestCount(_ kind: CapacityKind) -> Double { kind == .read ? readCount : writeCount }
    }

    struct Slot: Sendable {
        var readRate: Double
        var writeRate: Double
        var shape: Int

        /// Units per second.
        func rate(_ kind: CapacityKind) -> Double { kind == .read ? readRate : writeRate }
    }

    static let walkSource = HeatSlot.rangeCount
    static let evenSource = HeatSlot.rangeCount + 1
    private static let sourceCount = HeatSlot.rangeCount + 2
    /// How long a shape is taken from.
    private static let shapeSeconds = 10

    var secondsPerSlot: Double
    var slots: [Slot]
    var shapes: [Shape]
    /// The shape of all measured slots together.
    var lasting: Shape
    /// Ascending by place.
    var atoms: [Atom]
    /// Which of the slots are measured, to be repeated for as long as it takes.
    var measured: Range<Int>

    /// - Parameters:
    ///   - measured: when the measured phases began and ended, in seconds of the run.
    ///   - walked: places that a Scan comes by.
    init(
        _ record: Recording.ResourceRecord, resourceID: UInt32, measured: Range<Double>,
        walked: [KeyPlace]
    ) {
        let heat = record.heat
        let seconds = Double(heat.secondsPerSlot)
        let slotsPerShape = max(1, Self.shapeSeconds / heat.secondsPerSlot)
        secondsPerSlot = seconds
        let slots = heat.slots.enumerated().map { number, slot in
            Slot(
                readRate: slot.units.read.value / seconds,
                writeRate: slot.units.write.value / seconds, shape: number / slotsPerShape)
        }
        self.slots = slots
        shapes = stride(from: 0, to: heat.slots.count, by: slotsPerShape).map { first in
            Shape(heat.slots[first..<min(first + slotsPerShape, heat.slots.count)])
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
        lasting = Shape(heat.slots[self.measured])
        atoms = PlaceShares(record, resourceID: resourceID).atoms(walked: walked)
    }

    /// Units per second in each slot.
    func rates(_ kind: CapacityKind) -> [Double] { slots.map { $0.rate(kind) } }

    /// The mean of the measured slots.
    func lastingRate(_ kind: CapacityKind) -> Double {
        measured.isEmpty
            ? 0 : slots[measured].reduce(0) { $0 + $1.rate(kind) } / Double(measured.count)
    }

    /// An atom's share of the work of a kind.
    func share(_ kind: CapacityKind, of atom: Atom, in shape: Shape) -> Double {
        let shares = shape.shares(kind)
        return shares.isEmpty ? 0 : shares[atom.source] * atom.share(kind)
    }
}

extension ReplayTraffic.Shape {
    fileprivate init(_ slots: ArraySlice<HeatSlot>) {
        func shares(_ kind: CapacityKind) -> [Double] {
            var sums = [Double](repeating: 0, count: HeatSlot.rangeCount + 2)
            for slot in slots {
                for (range, halves) in slot.placedHalves(kind).enumerated() {
                    sums[range] += Double(halves)
                }
                sums[ReplayTraffic.walkSource] += slot.walkedHalves(kind)
                sums[ReplayTraffic.evenSource] += slot.unplacedHalves(kind)
            }
            let total = sums.reduce(0, +)
            return total > 0 ? sums.map { $0 / total } : []
        }
        func count(_ kind: CapacityKind) -> Double {
            let squares = slots.reduce(0) { $0 + $1.squares(kind) }
            let all = slots.reduce(0.0) {
                $0 + Double((kind == .read ? $1.units.read : $1.units.write).halves)
            }
            return squares > 0 ? all * all / squares : 0
        }
        self.init(
            reads: shares(.read), writes: shares(.write), readCount: count(.read),
            writeCount: count(.write))
    }
}

extension KeyPlace {
    /// The place at a share of the hash space.
    init(at share: Double, resourceID: UInt32) {
        let hash = share >= 1 ? UInt64.max : UInt64(max(0, share) * 0x1p64)
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
