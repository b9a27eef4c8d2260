import Items
import Operations

/// How much of a partition's throughput is asked for, and where.
///
/// Demand, served or refused, is summed over windows: five make the time after which a partition
/// splits, and each must be hot. From the second hot window on, places are sampled, one for about
/// each so many units, in the order in which they came.
struct PartitionHeat: Sendable {
    static let windowsUntilDue = 5
    static let samplesMax = 128
    /// Fewer don't tell where to cut.
    static let samplesMin = 16

    /// Demand of one kind in the window under way.
    fileprivate struct Demand: Sendable {
        var units = 0.0
        var previousUnits = 0.0
        var served = 0.0
        var servedCount = 0.0
    }

    private var began: Double
    private var read = Demand()
    private var write = Demand()
    private var hotWindows = 0
    /// Where demand fell, oldest first; the next is taken after so much more demand.
    private var samples: [KeyPlace] = []
    private var sampleEvery = 0.0
    private var untilSample = 0.0

    init(now: Double) { began = now }

    /// Whether it has been hot for as long as a split takes.
    var isDue: Bool { hotWindows >= Self.windowsUntilDue }

    /// Counts demand; units that aren't known are what served ones cost on average.
    mutating func add(
        _ kind: CapacityKind, units: Double?, isServed: Bool, at place: KeyPlace,
        rules: CapacityRules, random: inout SampleDice, now: Double
    ) {
        advance(rules: rules, now: now)
        let counted: Double
        switch kind {
        case .read: counted = read.count(units, isServed: isServed)
        case .write: counted = write.count(units, isServed: isServed)
        }
        guard hotWindows > 0, place.tellsHash else { return }
        sample(place, share: counted / rules.partitionUnits(kind), random: &random)
    }

    /// Closes windows that are over.
    mutating func advance(rules: CapacityRules, now: Double) {
        let seconds = Self.windowSeconds(rules)
        let isIdle = hotWindows == 0 && read.units == 0 && write.units == 0
        if isIdle, read.previousUnits == 0, write.previousUnits == 0 { began = max(began, now) }
        guard now >= began + seconds else { return }
        let isHot =
            read.units >= rules.heatShare * rules.partitionReadUnits * seconds
            || write.units >= rules.heatShare * rules.partitionWriteUnits * seconds
        let windows = ((now - began) / seconds).rounded(.down)
        began += windows * seconds
        read.close(isNext: windows == 1)
        write.close(isNext: windows == 1)
        if isHot, windows == 1 {
            if hotWindows == 0 { sampleEvery = rules.heatShare * rules.heatSeconds / 1_024 }
            hotWindows += 1
        } else {
            cool()
        }
    }

    /// Begins to watch anew: the partition was cut, or can't be.
    mutating func cool() {
        hotWindows = 0
        samples.removeAll(keepingCapacity: true)
        untilSample = 0
    }

    /// Units asked for in a second, over the last window's time.
    func unitsPerSecond(_ kind: CapacityKind, rules: CapacityRules, now: Double) -> Double {
        let demand = kind == .read ? read : write
        let seconds = Self.windowSeconds(rules)
        let elapsed = max(0, now - began)
        if elapsed >= 2 * seconds { return 0 }
        if elapsed >= seconds {
            return demand.units * (2 * seconds - elapsed) / (seconds * seconds)
        }
        return (demand.previousUnits * (seconds - elapsed) / seconds + demand.units) / seconds
    }

    /// Where to cut so that both halves have about the same heat; nil where no cut would help.
    ///
    /// - Parameter splitsCollections: whether a cut may lie inside one partition key.
    func cut(splitsCollections: Bool, rules: CapacityRules) -> KeyPlace? {
        guard samples.count >= Self.samplesMin else { return nil }
        let sorted = samples.sorted()
        var best: (index: Int, distance: Int)?
        for index in sorted.indices.dropFirst() {
            let (below, above) = (sorted[index - 1], sorted[index])
            guard below.hash != above.hash || (splitsCollections && below != above) else {
                continue
            }
            let distance = abs(2 * index - sorted.count)
            if best.map({ distance < $0.distance }) ?? true { best = (index, distance) }
        }
        guard let best else { return nil }
        let hotterHalf = Double(max(best.index, sorted.count - best.index))
        guard hotterHalf <= rules.halfHeatShareMax * Double(sorted.count) else { return nil }
        let (below, above) = (sorted[best.index - 1], sorted[best.index])
        let boundary = below.hash == above.hash ? above : above.collectionRange
        return isMoving(across: boundary) ? nil : boundary
    }

    /// Whether the latest heat lies on another side of a boundary than the heat before.
    ///
    /// An ever-increasing sort key does so: each cut would leave all that comes in the upper half.
    private func isMoving(across boundary: KeyPlace) -> Bool {
        func shareAbove(_ places: ArraySlice<KeyPlace>) -> Double {
            let above = places.reduce(0) { $1 < boundary ? $0 : $0 + 1 }
            return Double(above) / Double(max(1, places.count))
        }
        let latest = samples.suffix(max(1, samples.count / 4))
        return abs(shareAbove(latest) - shareAbove(samples[...])) > 0.3
    }

    private mutating func sample(_ place: KeyPlace, share: Double, random: inout SampleDice) {
        untilSample -= min(share, Double(2 * Self.samplesMax) * sampleEvery)
        while untilSample <= 0 {
            if samples.count >= Self.samplesMax { thin() }
            if samples.capacity < Self.samplesMax { samples.reserveCapacity(Self.samplesMax) }
            samples.append(place)
            // Not after equal amounts: of keys that come in turns, only one would be seen.
            untilSample += sampleEvery * (0.5 + random.next())
        }
    }

    /// Keeps every other sample, and takes half as many from now on.
    private mutating func thin() {
        for index in 0..<(samples.count / 2) { samples[index] = samples[2 * index + 1] }
        samples.removeLast(samples.count - samples.count / 2)
        sampleEvery *= 2
    }

    private static func windowSeconds(_ rules: CapacityRules) -> Double {
        rules.heatSeconds / Double(windowsUntilDue)
    }
}

extension PartitionHeat.Demand {
    /// Counts demand and tells its units.
    fileprivate mutating func count(_ units: Double?, isServed: Bool) -> Double {
        let counted = units ?? (servedCount > 0 ? served / servedCount : 1)
        self.units += counted
        if isServed {
            served += counted
            servedCount += 1
        }
        return counted
    }

    /// Begins another window: the next, or one after a pause.
    fileprivate mutating func close(isNext: Bool) {
        previousUnits = isNext ? units : 0
        units = 0
        if !isNext {
            served = 0
            servedCount = 0
        }
    }
}

/// Random numbers from 0 to 1 that are the same in each run (SplitMix64).
struct SampleDice: Sendable {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> Double {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((mixed ^ (mixed >> 31)) >> 11) * 0x1p-53
    }
}
