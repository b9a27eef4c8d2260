package import Items
package import Operations

/// The capacity of one table or global index over time: partitions, buckets, heat, splits.
///
/// A value without a clock or a lock: times come in, in seconds since any moment, and never go
/// back. The engine holds one per table and index behind a lock; the load tester runs recorded
/// traffic through copies at other rates.
package struct ResourceCapacity: Sendable {
    /// A partition was cut in two.
    package struct Split: Sendable, Hashable {
        /// Its number, in the order of places.
        package var partition: Int
        /// Where its upper half begins.
        package var boundary: KeyPlace

        package init(partition: Int, boundary: KeyPlace) {
            self.partition = partition
            self.boundary = boundary
        }
    }

    package let resourceID: UInt32
    package private(set) var throughput: ThroughputSetting
    /// The first place of each partition, ascending.
    package private(set) var partitions: [KeyPlace]
    package let rules: CapacityRules

    /// - Parameters:
    ///   - partitions: the first place of each, ascending; empty: as many equal ranges of the hash
    ///     as the throughput asks for.
    ///   - splitsCollections: whether a partition may be cut inside one partition key's sort range:
    ///     not in a table that has a local index.
    package init(
        resourceID: UInt32, throughput: ThroughputSetting, partitions: [KeyPlace] = [],
        splitsCollections: Bool = true, rules: CapacityRules = .standard, now: Double
    ) {
        self.resourceID = resourceID
        self.throughput = throughput
        self.partitions = partitions
        self.rules = rules
    }

    /// Changes the throughput, from now on.
    package mutating func set(_ throughput: ThroughputSetting, now: Double) {
        self.throughput = throughput
    }

    /// The partition that a place falls in.
    package func partition(of place: KeyPlace) -> Int { 0 }

    /// The limit that work at a place meets; nil where it may go on.
    ///
    /// Work is let in while its buckets hold anything, since what it will cost is known only
    /// afterwards; `charge` may then overdraw them, which later work waits out.
    package mutating func limit(
        _ kind: CapacityKind, at place: KeyPlace, now: Double
    ) -> ThrottleLimit? { nil }

    /// Takes what work cost from its buckets.
    package mutating func charge(
        _ kind: CapacityKind, units: Double, at place: KeyPlace, now: Double
    ) {}

    /// Tells of refused work, whose demand is heat as well.
    package mutating func refused(_ kind: CapacityKind, at place: KeyPlace, now: Double) {}

    /// Cuts the partitions whose heat or size has called for it, one cut each.
    ///
    /// - Parameter byteCount: about how much a partition holds; nil: unknown.
    package mutating func splitIfDue(
        now: Double, byteCount: (Int) -> Int? = { _ in nil }
    ) -> [Split] { [] }

    /// Cuts a partition where somebody else decided it, at a place inside of it.
    package mutating func split(at boundary: KeyPlace, now: Double) {}
}
