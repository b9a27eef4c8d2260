internal import Items
internal import Operations

/// How the work of one slot of time lay over the hash space of one table or index.
struct HeatSlot: SlotFigures {
    /// Into how many equal ranges the hash space is cut: many small numbers divide it, so that
    /// whole ranges make up each of 2, 3, 4, 5, 6, 8, 10 or 12 partitions.
    static let rangeCount = 240

    /// Half units in each range; empty while there were none.
    private(set) var readHalves: [UInt32] = []
    private(set) var writeHalves: [UInt32] = []
    /// All units of the slot, with those whose place isn't known.
    private(set) var units = Units()
    private(set) var readPlaces = PlaceSample()
    private(set) var writePlaces = PlaceSample()

    init() {}

    static func range(of hash: UInt64) -> Int {
        Int(hash.multipliedFullWidth(by: UInt64(rangeCount)).high)
    }

    /// The least hash of a range.
    static func hash(ofRange range: Int) -> UInt64 {
        let (quotient, remainder) = UInt64(rangeCount).dividingFullWidth(
            (high: UInt64(clamping: min(range, rangeCount - 1)), low: 0))
        return remainder == 0 ? quotient : quotient + 1
    }

    mutating func add(_ units: Units, at place: KeyPlace?, using random: inout SplitMix) {
        self.units += units
        guard let place else { return }
        let range = Self.range(of: place.hash)
        if units.read.halves > 0 {
            Self.add(units.read, in: range, to: &readHalves)
            readPlaces.offer(place, weight: UInt64(units.read.halves), using: &random)
        }
        if units.write.halves > 0 {
            Self.add(units.write, in: range, to: &writeHalves)
            writePlaces.offer(place, weight: UInt64(units.write.halves), using: &random)
        }
    }

    /// Half units in each range; what has no known place (a scan's) counts as spread evenly.
    func halves(_ kind: CapacityKind) -> [Double] {
        let placed = kind == .read ? readHalves : writeHalves
        let all = Double((kind == .read ? units.read : units.write).halves)
        guard all > 0 else { return [] }
        let known = placed.reduce(0) { $0 + Double($1) }
        let each = max(0, all - known) / Double(Self.rangeCount)
        if placed.isEmpty { return [Double](repeating: each, count: Self.rangeCount) }
        return placed.map { Double($0) + each }
    }

    mutating func add(_ other: HeatSlot) {
        units += other.units
        Self.add(other.readHalves, to: &readHalves)
        Self.add(other.writeHalves, to: &writeHalves)
        readPlaces.add(other.readPlaces)
        writePlaces.add(other.writePlaces)
    }

    private static func add(_ units: RequestUnits, in range: Int, to halves: inout [UInt32]) {
        if halves.isEmpty { halves = [UInt32](repeating: 0, count: rangeCount) }
        halves[range] = sum(halves[range], UInt32(clamping: units.halves))
    }

    private static func add(_ other: [UInt32], to halves: inout [UInt32]) {
        guard !other.isEmpty else { return }
        guard !halves.isEmpty else {
            halves = other
            return
        }
        for (range, count) in other.enumerated() { halves[range] = sum(halves[range], count) }
    }

    private static func sum(_ left: UInt32, _ right: UInt32) -> UInt32 {
        let (sum, overflow) = left.addingReportingOverflow(right)
        return overflow ? .max : sum
    }
}
