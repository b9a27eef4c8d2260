package import Items
package import Operations

extension CapacityReplay {
    /// What became of traffic.
    package struct Outcome: Sendable {
        /// Requests that were let in or refused.
        package var requests = 0.0
        package var refusedRequests = 0.0
        /// What was refused, most requests first.
        package var throttles: [Throttle] = []
        package var splits: [TimedSplit] = []
        /// Of each table and index that the traffic touched.
        package var usages: [Usage] = []

        /// The share of requests that were refused.
        package var refusedShare: Double { requests > 0 ? refusedRequests / requests : 0 }
    }

    /// Requests that met one limit of one partition.
    package struct Throttle: Sendable, Hashable {
        package var resourceID: UInt32
        package var kind: CapacityKind
        package var limit: ThrottleLimit
        /// Where the partition begins.
        package var partition: KeyPlace
        /// The place that was refused first, and when: seconds since the traffic began.
        package var place: KeyPlace
        package var first: Double
        package var last: Double
        /// How many were refused, and what they would have cost of this resource.
        package var requests: Double
        package var units: Double
        /// The requests of each second since the traffic began in which any were refused.
        package var requestsBySecond: [Int: Double]
    }

    /// A partition was split while the traffic ran.
    package struct TimedSplit: Sendable, Hashable {
        package var resourceID: UInt32
        package var time: Double
        package var split: ResourceCapacity.Split
    }

    /// What was asked of a table or index, and what it served.
    package struct Usage: Sendable, Hashable {
        package var resourceID: UInt32
        package var kind: CapacityKind
        package var askedUnits: Double
        package var servedUnits: Double
    }

    /// The rate at which throttling begins.
    package struct Threshold: Sendable, Hashable {
        /// How many times the traffic's own rate.
        package var factor: Double
        /// What is throttled first at that rate.
        package var first: Throttle
    }
}
