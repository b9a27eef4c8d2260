/// Counts of latencies in buckets of about 1 % width: fixed memory, constant time to record.
///
/// A bucket is the position of a value's highest bit and the 6 bits behind it.
struct LatencyHistogram {
    private static let precisionBits = 6
    private static let bucketCount = (64 - precisionBits + 1) << precisionBits

    private var counts = [Int](repeating: 0, count: bucketCount)
    /// The number of latencies recorded.
    private(set) var count = 0
    /// The longest latency recorded, exactly.
    private(set) var maximum: UInt64 = 0

    mutating func record(nanoseconds value: UInt64) {
        counts[Self.bucket(of: value)] += 1
        count += 1
        maximum = max(maximum, value)
    }

    /// The latency that a share of all stays within, in nanoseconds; 0 where there is none.
    func percentile(_ percent: Double) -> UInt64 {
        let rank = max(1, Int((percent / 100 * Double(count)).rounded(.up)))
        var seen = 0
        for (bucket, bucketCount) in counts.enumerated() where bucketCount > 0 {
            seen += bucketCount
            if seen >= rank { return min(Self.upperBound(of: bucket), maximum) }
        }
        return maximum
    }

    private static func bucket(of value: UInt64) -> Int {
        let shift = max(0, 64 - value.leadingZeroBitCount - precisionBits - 1)
        return shift << precisionBits + Int(value >> UInt64(shift))
    }

    private static func upperBound(of bucket: Int) -> UInt64 {
        let shift = max(0, (bucket >> precisionBits) - 1)
        let mantissa = UInt64(bucket - shift << precisionBits)
        return ((mantissa + 1) << UInt64(shift)) - 1
    }
}
