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
    /// What walked from the beginning of the table or index: a Scan's.
    private(set) var walked = Units()
    /// The sums of the squares of each request's half units.
    private(set) var readSquares = 0.0
    private(set) var writeSquares = 0.0
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

    /// - Parameter walks: whether work without a place began where the table or index does.
    mutating func add(
        _ units: Units, at place: KeyPlace?, walks: Bool = false, using random: inout SplitMix
    ) {
        self.units += units
        readSquares += Double(units.read.halves) * Double(units.read.halves)
        writeSquares += Double(units.write.halves) * Double(units.write.halves)
        guard let place else {
            if walks { walked += units }
            return
        }
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

    func squares(_ kind: CapacityKind) -> Double { kind == .read ? readSquares : writeSquares }

    func places(_ kind: CapacityKind) -> PlaceSample { kind == .read ? readPlaces : writePlaces }

    /// Half units whose place is known, in each range; empty where there are none.
    func placedHalves(_ kind: CapacityKind) -> [UInt32] { kind == .read ? readHalves : writeHalves }

    /// Half units that walked from the beginning.
    func walkedHalves(_ kind: CapacityKind) -> Double {
        Double((kind == .read ? walked.read : walked.write).halves)
    }

    /// Half units of which nobody knows where they fell.
    func unplacedHalves(_ kind: CapacityKind) -> Double {
        let all = Double((kind == .read ? units.read : units.write).halves)
        let known = placedHalves(kind).reduce(0) { $0 + Double($1) }
        return max(0, all - known - walkedHalves(kind))
    }

    /// Half units in each range.
    ///
    /// - Parameter walk: of a walk's units, the share of each range; units whose place nobody knows
    ///   are spread over all of them.
    func halves(_ kind: CapacityKind, walk: [Double]) -> [Double] {
        guard (kind == .read ? units.read : units.write).halves > 0 else { return [] }
        let placed = placedHalves(kind)
        let each = unplacedHalves(kind) / Double(Self.rangeCount)
        let walked = walkedHalves(kind)
        return (0..<Self.rangeCount).map { range in
            (placed.isEmpty ? 0 : Double(placed[range])) + each + walked * walk[range]
        }
    }

    mutating func add(_ other: HeatSlot) {
        units += other.units
        walked += other.walked
        readSquares += other.readSquares
        writeSquares += other.writeSquares
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
