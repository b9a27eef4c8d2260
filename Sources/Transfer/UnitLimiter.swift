/// Spaces requests out so that they consume no more than so many units a second.
///
/// Each request reserves what it will probably consume before it is sent, and settles what it
/// really consumed; the next may begin when what was reserved is used up at the rate. There is no
/// burst: after a pause requests are no denser than ever.
actor UnitLimiter {
    /// nil: there is no limit.
    nonisolated let unitsPerSecond: Double?
    /// When the next request may begin, in the clock's seconds.
    private var nextStart = 0.0
    private let now: @Sendable () -> Double

    init(unitsPerSecond: Double?, now: @escaping @Sendable () -> Double = Seconds.monotonic) {
        self.unitsPerSecond = unitsPerSecond
        self.now = now
    }

    /// Waits until a request of so many units may begin.
    func admit(_ units: Double) async throws {
        let wait = reserve(units)
        if wait > 0 { try await Task.sleep(for: .seconds(wait)) }
    }

    /// The seconds to wait before a request of so many units, which count from now on.
    func reserve(_ units: Double) -> Double {
        guard let unitsPerSecond else { return 0 }
        let time = now()
        let start = max(nextStart, time)
        nextStart = start + units / unitsPerSecond
        return start - time
    }

    /// Tells what a request consumed beyond what was reserved for it; negative where it was less.
    func settle(_ difference: Double) {
        guard let unitsPerSecond else { return }
        nextStart += difference / unitsPerSecond
    }
}
