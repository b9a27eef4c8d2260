/// What is kept of one slot of time, and can be added up over several.
protocol SlotFigures: Sendable {
    init()
    mutating func add(_ other: Self)
}

/// Figures by slots of time, in bounded memory: in a long run slots get wider.
///
/// Slot n holds what fell within `secondsPerSlot` from n times that on, counted from the run's
/// beginning, so that slots of several threads line up.
struct TimeSlots<Figures: SlotFigures>: Sendable {
    /// The most slots that are kept; more than that, and each two become one.
    static var slotsMax: Int { 512 }
    private static var nanosecondsPerSecond: UInt64 { 1_000_000_000 }
    /// The widest a slot gets, as a power of two of seconds: wider than any run is long.
    private static var shiftMax: Int { 40 }

    private(set) var shift = 0
    /// The number of the first of `slots`.
    private(set) var first = 0
    private(set) var slots: [Figures] = []

    var secondsPerSlot: Int { 1 << shift }

    /// Changes the slot that a moment falls in, told in nanoseconds since the run began.
    mutating func update(at nanoseconds: UInt64, _ change: (inout Figures) -> Void) {
        let second = Int(nanoseconds / Self.nanosecondsPerSecond)
        makeRoom(for: second)
        change(&slots[(second >> shift) - first])
    }

    mutating func merge(_ other: TimeSlots) {
        guard !other.slots.isEmpty else { return }
        guard !slots.isEmpty else {
            self = other
            return
        }
        var other = other
        while shift < other.shift { coarsen() }
        while other.shift < shift { other.coarsen() }
        makeRoom(for: other.first << other.shift)
        makeRoom(for: (other.first + other.slots.count - 1) << other.shift)
        while other.shift < shift { other.coarsen() }
        for (offset, figures) in other.slots.enumerated() {
            slots[other.first + offset - first].add(figures)
        }
    }

    private mutating func makeRoom(for second: Int) {
        if slots.isEmpty {
            first = second >> shift
            slots.append(Figures())
            return
        }
        while shift < Self.shiftMax {
            let slot = second >> shift
            let span = max(first + slots.count - 1, slot) - min(first, slot) + 1
            if span <= Self.slotsMax { break }
            coarsen()
        }
        let slot = second >> shift
        if slot < first {
            slots.insert(contentsOf: (slot..<first).map { _ in Figures() }, at: 0)
            first = slot
        }
        while first + slots.count <= slot { slots.append(Figures()) }
    }

    /// Makes each two neighbours one.
    private mutating func coarsen() {
        var merged: [Figures] = []
        merged.reserveCapacity(slots.count / 2 + 1)
        var previous: Int?
        for (offset, figures) in slots.enumerated() {
            let slot = (first + offset) >> 1
            if slot == previous, !merged.isEmpty {
                merged[merged.count - 1].add(figures)
            } else {
                merged.append(figures)
                previous = slot
            }
        }
        slots = merged
        first >>= 1
        shift += 1
    }
}
