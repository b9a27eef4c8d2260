internal import Glibc

/// How many environments there may be, and for how long.
package struct EnvironmentLimits: Sendable {
    /// Invocations at once in a region: the account's limit.
    ///
    /// What functions reserve is theirs; the others share the rest.
    package var concurrency = 1000
    /// Processes at once, idle ones included.
    ///
    /// Callers beyond wait for one to become free.
    package var processes = max(32, 4 * Int(sysconf(Int32(_SC_NPROCESSORS_ONLN))))
    /// For how long an environment must have been idle to make room for another function that has
    /// some of its own, in milliseconds.
    package var replaceableMilliseconds = 1_000
    /// How long callers wait for a process to become free, in milliseconds; then they are
    /// throttled.
    package var waitMilliseconds = 30_000
    /// After which an idle environment ends, in milliseconds.
    package var idleMilliseconds = 600_000
    /// What an environment has to start in, in seconds, beside its function's timeout.
    package var initSeconds = 10
    /// By how much the server and its clients go before functions' processes, as `nice` counts.
    package var niceness: Int32 = 10
    package init() {}
}
