package import Items
package import Operations

extension ResourceCapacity {
    /// How much of a limit is used.
    package struct Gauge: Sendable, Hashable, Codable {
        /// What may be used in a second.
        package var unitsPerSecond: Double
        /// What may be used at once now; below zero: to be waited out.
        package var unitsLeft: Double
    }

    /// A partition as it is now.
    package struct PartitionReading: Sendable, Hashable {
        /// Where it begins.
        package var place: KeyPlace
        /// Units asked for in a second, over the last minute, served or refused.
        package var readDemand: Double
        package var writeDemand: Double
        package var read: Gauge
        package var write: Gauge
        /// How many were refused since the partition was made.
        package var refusedReads: Int
        package var refusedWrites: Int
    }

    /// The throughput of the table or index as a whole: what is provisioned, or an on-demand one's
    /// entitlement (its maximum, where that is less).
    package func gauge(_ kind: CapacityKind, now: Double) -> Gauge {
        let now = clock.time(at: now)
        let allowance = kind == .read ? reads : writes
        var bucket = allowance.entitlement
        if let maximum = allowance.maximum, maximum.rate < bucket.rate { bucket = maximum }
        return Gauge(unitsPerSecond: bucket.rate, unitsLeft: bucket.level(at: now))
    }

    /// All partitions as they are now, in the order of places.
    package func readings(now: Double) -> [PartitionReading] {
        let now = clock.time(at: now)
        func gauge(_ bucket: TokenBucket) -> Gauge {
            Gauge(unitsPerSecond: bucket.rate, unitsLeft: bucket.level(at: now))
        }
        return zip(partitions, states).map { place, state in
            PartitionReading(
                place: place,
                readDemand: state.heat.unitsPerSecond(.read, rules: rules, now: now),
                writeDemand: state.heat.unitsPerSecond(.write, rules: rules, now: now),
                read: gauge(state.read), write: gauge(state.write),
                refusedReads: state.refusedReads, refusedWrites: state.refusedWrites)
        }
    }
}
