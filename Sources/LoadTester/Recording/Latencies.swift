internal import Histogram

/// Durations, to a thousandth of each, from a microsecond to an hour.
struct Latencies: Sendable {
    private static let microsecondsMax: UInt64 = 3_600_000_000
    private var histogram = Histogram<UInt64>(numberOfSignificantValueDigits: .three)

    mutating func record(from began: UInt64, to ended: UInt64) {
        let nanoseconds = ended > began ? ended - began : 0
        histogram.record(min((nanoseconds + 500) / 1_000, Self.microsecondsMax))
    }

    mutating func add(_ other: Latencies) { histogram.add(other.histogram) }

    var count: Int { Int(clamping: histogram.totalCount) }

    /// In milliseconds; 0 where nothing was recorded.
    func percentile(_ percentile: Double) -> Double {
        count == 0 ? 0 : Double(histogram.valueAtPercentile(percentile)) / 1_000
    }

    /// In milliseconds; 0 where nothing was recorded.
    var mean: Double { count == 0 ? 0 : histogram.mean / 1_000 }
    /// In milliseconds; 0 where nothing was recorded.
    var longest: Double { Double(histogram.maxRecorded) / 1_000 }
}

/// Sizes of items, to a hundredth of each.
struct ItemSizes: Sendable {
    private static let bytesMax: UInt64 = 1 << 30
    private var histogram = Histogram<UInt64>(numberOfSignificantValueDigits: .two)

    mutating func record(_ byteCount: Int) {
        guard byteCount > 0 else { return }
        histogram.record(min(UInt64(byteCount), Self.bytesMax))
    }

    mutating func add(_ other: ItemSizes) { histogram.add(other.histogram) }

    var count: Int { Int(clamping: histogram.totalCount) }
    var mean: Double { count == 0 ? 0 : histogram.mean }
    var largest: Int { Int(clamping: histogram.maxRecorded) }
    func percentile(_ percentile: Double) -> Int {
        count == 0 ? 0 : Int(clamping: histogram.valueAtPercentile(percentile))
    }
}

/// The latencies of one slot of time: rougher, since there are many slots.
struct SlotLatencies: Sendable {
    private static let microsecondsMax: UInt64 = 60_000_000
    private var histogram = Histogram<UInt32>(numberOfSignificantValueDigits: .one)

    mutating func record(from began: UInt64, to ended: UInt64) {
        let nanoseconds = ended > began ? ended - began : 0
        histogram.record(min((nanoseconds + 500) / 1_000, Self.microsecondsMax))
    }

    mutating func add(_ other: SlotLatencies) { histogram.add(other.histogram) }

    /// In milliseconds; 0 where nothing was recorded.
    func percentile(_ percentile: Double) -> Double {
        histogram.totalCount == 0 ? 0 : Double(histogram.valueAtPercentile(percentile)) / 1_000
    }
}
