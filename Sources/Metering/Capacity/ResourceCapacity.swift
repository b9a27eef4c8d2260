package import Items
package import Operations

/// The capacity of one table or global index over time: partitions, buckets, heat, splits.
///
/// A value without a clock or a lock: times come in, in seconds since any moment; where they go
/// back, time goes on from where it was. The engine holds one per table and index behind a lock;
/// the load tester runs recorded traffic through copies at other rates.
///
/// For each piece of work: ask `limit`; where it is nil, do the work and `charge` what it cost,
/// else tell `refused` (also where throttling is only observed and the work is done all the same:
/// charging it would make a debt that no real table has).
package struct ResourceCapacity: Sendable {
    /// A partition was cut in two.
    package struct Split: Sendable, Hashable {
        /// Its number, in the order of places, when it was cut: cuts follow one another.
        package var partition: Int
        /// Where its upper half begins: at a hash, or within one partition key's sort range.
        package var boundary: KeyPlace

        package init(partition: Int, boundary: KeyPlace) {
            self.partition = partition
            self.boundary = boundary
        }
    }

    /// What a partition has: its buckets, and how it is used.
    struct Partition: Sendable {
        var read: TokenBucket
        var write: TokenBucket
        var heat: PartitionHeat
        var refusedReads = 0
        var refusedWrites = 0

        init(rules: CapacityRules, now: Double) {
            let seconds = rules.ceilingSeconds
            read = TokenBucket(rate: rules.partitionReadUnits, seconds: seconds, now: now)
            write = TokenBucket(rate: rules.partitionWriteUnits, seconds: seconds, now: now)
            heat = PartitionHeat(now: now)
        }
    }

    package let resourceID: UInt32
    package private(set) var throughput: ThroughputSetting
    package let rules: CapacityRules
    package let splitsCollections: Bool
    var places: PartitionPlaces
    /// One for each of the places.
    var states: [Partition]
    var reads: Allowance
    var writes: Allowance
    private var dice: SampleDice
    private(set) var clock: SteadyTime

    /// - Parameters:
    ///   - partitions: the first place of each, ascending; empty: as many equal ranges of the hash
    ///     as the throughput asks for.
    ///   - splitsCollections: whether a partition may be cut inside one partition key's sort range:
    ///     not in a table that has a local index.
    package init(
        resourceID: UInt32, throughput: ThroughputSetting, partitions: [KeyPlace] = [],
        splitsCollections: Bool = true, rules: CapacityRules = .standard, now: Double
    ) {
        self.init(
            resourceID: resourceID, throughput: throughput, partitions: partitions, saved: nil,
            splitsCollections: splitsCollections, rules: rules, now: now)
    }

    /// Goes on from what an earlier run had: its partitions, peaks and unused throughput.
    package init(
        resourceID: UInt32, throughput: ThroughputSetting, state: State,
        splitsCollections: Bool = true, rules: CapacityRules = .standard, now: Double
    ) {
        self.init(
            resourceID: resourceID, throughput: throughput,
            partitions: state.partitions.map { KeyPlace(storedKey: $0) }, saved: state,
            splitsCollections: splitsCollections, rules: rules, now: now)
    }

    private init(
        resourceID: UInt32, throughput: ThroughputSetting, partitions: [KeyPlace], saved: State?,
        splitsCollections: Bool, rules: CapacityRules, now: Double
    ) {
        self.resourceID = resourceID
        self.throughput = throughput
        self.rules = rules
        self.splitsCollections = splitsCollections
        reads = Allowance(.read, throughput: throughput, saved: saved?.read, rules: rules, now: now)
        writes = Allowance(
            .write, throughput: throughput, saved: saved?.write, rules: rules, now: now)
        let count = rules.partitionCount(read: reads.unitsPerSecond, write: writes.unitsPerSecond)
        places =
            partitions.isEmpty
            ? PartitionPlaces(resourceID: resourceID, count: count)
            : PartitionPlaces(
                resourceID: resourceID,
                lowers: splitsCollections ? partitions : partitions.map(\.collectionRange))
        states = Array(repeating: Partition(rules: rules, now: now), count: places.count)
        dice = SampleDice(seed: UInt64(resourceID))
        clock = SteadyTime(now)
    }

    /// The first place of each partition, ascending.
    package var partitions: [KeyPlace] { places.lowers }

    /// Changes the throughput, from now on.
    ///
    /// More of it asks for more partitions, which `splitIfDue` makes.
    package mutating func set(_ throughput: ThroughputSetting, now: Double) {
        let now = moved(to: now)
        guard throughput != self.throughput else { return }
        self.throughput = throughput
        reads.set(throughput, rules: rules, now: now)
        writes.set(throughput, rules: rules, now: now)
    }

    /// The partition that a place falls in.
    package func partition(of place: KeyPlace) -> Int { places.partition(of: place) }

    /// The limit that work at a place meets; nil where it may go on.
    ///
    /// Of several that are met it is the first in this order: a maximum, the table's quota, what
    /// the table is provisioned with or entitled to, the partition.
    ///
    /// Work is let in while its buckets hold anything, since what it will cost is known only
    /// afterwards; `charge` may then overdraw them, which later work waits out.
    package mutating func limit(
        _ kind: CapacityKind, at place: KeyPlace, now: Double
    ) -> ThrottleLimit? {
        let now = moved(to: now)
        let partition = places.partition(of: place)
        switch kind {
        case .read:
            if let limit = reads.limit(rules: rules, now: now) { return limit }
            return states[partition].read.isOpen(now: now) ? nil : .keyRange
        case .write:
            if let limit = writes.limit(rules: rules, now: now) { return limit }
            return states[partition].write.isOpen(now: now) ? nil : .keyRange
        }
    }

    /// Takes what work cost from its buckets.
    package mutating func charge(
        _ kind: CapacityKind, units: Double, at place: KeyPlace, now: Double
    ) {
        guard units > 0, units.isFinite else { return }
        let now = moved(to: now)
        let partition = places.partition(of: place)
        switch kind {
        case .read:
            reads.charge(units, rules: rules, now: now)
            states[partition].read.spend(units, now: now)
        case .write:
            writes.charge(units, rules: rules, now: now)
            states[partition].write.spend(units, now: now)
        }
        states[partition].heat.add(
            kind, units: units, isServed: true, at: place, rules: rules, random: &dice, now: now)
    }

    /// Tells of refused work.
    ///
    /// Its demand is heat as well, unless it was more than the table is set to serve.
    ///
    /// - Parameter units: what it would have cost; nil: what others of its partition do.
    package mutating func refused(
        _ kind: CapacityKind, units: Double? = nil, at place: KeyPlace, now: Double
    ) {
        let now = moved(to: now)
        let partition = places.partition(of: place)
        switch kind {
        case .read:
            states[partition].refusedReads += 1
            if reads.refusesAtDoor(now: now) { return }
        case .write:
            states[partition].refusedWrites += 1
            if writes.refusesAtDoor(now: now) { return }
        }
        let known = units.flatMap { $0.isFinite ? max(0, $0) : nil }
        states[partition].heat.add(
            kind, units: known, isServed: false, at: place, rules: rules, random: &dice, now: now)
    }

    /// Never goes back.
    mutating func moved(to now: Double) -> Double { clock.move(to: now) }
}
