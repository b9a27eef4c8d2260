internal import Items
internal import Operations

/// Counts the keys that most of the work falls on, in bounded memory (the space-saving algorithm).
///
/// A key that bears more than one part in `countersMax` of all the weight is sure to be among the
/// counters, and no count is too high by more than that part.
struct HottestKeys: Sendable {
    struct Counter: Sendable {
        var identity: UInt64
        var place: KeyPlace
        /// What the counter may have counted for keys that it stood for before.
        var overcount: UInt64
        var units: Units
        var requestCount: Int
    }

    static let countersMax = 128

    private(set) var counters: [Counter] = []
    /// The weight of each counter: beside them, so that the least is found fast.
    private(set) var weights: [UInt64] = []
    private var positions: [UInt64: Int] = [:]

    /// How heavily units weigh on a partition: a write three times as much as a read.
    static func weight(of units: Units) -> UInt64 {
        UInt64(clamping: units.read.halves) &+ 3 &* UInt64(clamping: units.write.halves)
    }

    /// Counts one request's work at a key.
    ///
    /// - Parameter identity: what tells the key from others.
    mutating func count(_ units: Units, at place: KeyPlace, identity: UInt64) {
        let weight = Self.weight(of: units)
        if let position = positions[identity] {
            weights[position] &+= weight
            counters[position].units += units
            counters[position].requestCount += 1
        } else {
            insert(
                Counter(
                    identity: identity, place: place, overcount: 0, units: units, requestCount: 1),
                weight: weight)
        }
    }

    /// Adds another thread's counters.
    mutating func merge(_ other: HottestKeys) {
        for (counter, weight) in zip(other.counters, other.weights) {
            if let position = positions[counter.identity] {
                weights[position] &+= weight
                counters[position].units += counter.units
                counters[position].requestCount += counter.requestCount
                counters[position].overcount &+= counter.overcount
            } else {
                insert(counter, weight: weight)
            }
        }
    }

    /// The counters by what their keys surely bore, heaviest first.
    var heaviest: [Counter] {
        zip(counters, weights).sorted {
            ($0.1 &- $0.0.overcount, $1.0.identity) > ($1.1 &- $1.0.overcount, $0.0.identity)
        }.map(\.0)
    }

    private mutating func insert(_ counter: Counter, weight: UInt64) {
        if counters.count < Self.countersMax {
            positions[counter.identity] = counters.count
            counters.append(counter)
            weights.append(weight)
            return
        }
        var least = 0
        for position in 1..<weights.count where weights[position] < weights[least] {
            least = position
        }
        positions[counters[least].identity] = nil
        positions[counter.identity] = least
        counters[least] = counter
        counters[least].overcount &+= weights[least]
        weights[least] &+= weight
    }
}
