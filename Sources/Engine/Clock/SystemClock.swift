internal import Glibc
package import Operations

/// The machine's own clock.
package enum SystemClock {
    /// Now, in seconds since 1970 with a fraction.
    @Sendable
    package static func now() -> Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
