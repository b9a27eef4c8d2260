internal import Glibc

/// The machine's clocks: transfers go by real time.
package enum Seconds {
    /// Since 1970.
    package static func sinceEpoch() -> Double { read(CLOCK_REALTIME) }

    /// Of a clock that nobody sets.
    package static func monotonic() -> Double { read(CLOCK_MONOTONIC) }

    private static func read(_ clock: Int32) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
