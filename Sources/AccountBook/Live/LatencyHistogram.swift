/// How long requests took, in buckets.
package struct LatencyHistogram: Sendable, Hashable {
    /// The upper bounds of the buckets in milliseconds; the last bucket has none.
    package static let bounds: [Double] = [
        0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000,
    ]
    private static let boundsInNanoseconds = bounds.map { UInt64($0 * 1_000_000) }

    package private(set) var counts = [UInt64](repeating: 0, count: bounds.count + 1)
    package private(set) var nanoseconds: UInt64 = 0

    package init() {}

    package var count: UInt64 { counts.reduce(0, &+) }

    package mutating func add(nanoseconds value: UInt64) {
        var place = 0
        while place < Self.boundsInNanoseconds.count, value > Self.boundsInNanoseconds[place] {
            place += 1
        }
        counts[place] &+= 1
        nanoseconds &+= value
    }

    static func sum(_ left: LatencyHistogram, _ right: LatencyHistogram) -> LatencyHistogram {
        var sum = left
        sum += right
        return sum
    }

    package static func += (left: inout LatencyHistogram, right: LatencyHistogram) {
        for place in left.counts.indices { left.counts[place] &+= right.counts[place] }
        left.nanoseconds &+= right.nanoseconds
    }
}
