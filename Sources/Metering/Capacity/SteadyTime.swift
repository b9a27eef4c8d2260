/// Time that never goes back, of a clock that may be set back.
///
/// Times come in from several threads, so one a little before the last counts as the last. One that
/// lies far before it tells that the clock was set back: time then goes on from where it was, or
/// nothing would come in until the clock is there again.
struct SteadyTime: Sendable {
    /// How far apart threads may be that read the clock and came in another order.
    static let reorderSeconds = 5.0

    private(set) var latest: Double
    /// How far it is ahead of the clock.
    private(set) var shift = 0.0

    init(_ now: Double) { latest = now }

    /// Moves on to the clock's time.
    mutating func move(to now: Double) -> Double {
        guard now.isFinite else { return latest }
        if now + shift < latest - Self.reorderSeconds { shift = latest - now }
        latest = max(latest, now + shift)
        return latest
    }

    /// What it would be at the clock's time, not before the latest.
    func time(at now: Double) -> Double { max(latest, now + shift) }
}
