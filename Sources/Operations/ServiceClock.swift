/// The time that everything goes by, and waiting by it.
///
/// Where users can move the clock on, whoever waits for a time that it jumps over is woken.
package protocol ServiceClock: Sendable {
    /// Now, in seconds since 1970 with a fraction.
    func now() -> Timestamp
    /// Returns when the clock shows a time, at once where it has passed.
    ///
    /// - Throws: CancellationError when the task is cancelled first.
    func sleep(until time: Timestamp) async throws
}

extension ServiceClock {
    /// Returns when seconds of the clock have passed.
    ///
    /// - Throws: CancellationError when the task is cancelled first.
    package func sleep(seconds: Double) async throws {
        try await sleep(until: now() + max(0, seconds))
    }
}
