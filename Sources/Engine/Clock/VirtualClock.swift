package import Operations
internal import Synchronization

/// A clock that runs with the machine's and that a user can move on.
///
/// It never goes back, even where the machine's does. How far it is ahead is kept in the store, so
/// that a restart goes on from where it was; `Engine` reads and writes that.
package final class VirtualClock: Sendable {
    private struct State {
        var secondsAhead = 0.0
        /// The latest time that was told.
        var latest: Timestamp = -.greatestFiniteMagnitude
    }

    private let machine: @Sendable () -> Timestamp
    private let state = Mutex(State())

    /// - Parameter machine: the clock that it runs with.
    package init(machine: @escaping @Sendable () -> Timestamp = SystemClock.now) {
        self.machine = machine
    }

    /// Now, in seconds since 1970.
    package func now() -> Timestamp { reading.now }

    package var reading: ClockReading {
        state.withLock { state in
            state.latest = max(state.latest, machine() + state.secondsAhead)
            return ClockReading(now: state.latest, secondsAhead: state.secondsAhead)
        }
    }

    /// Goes on from where an earlier process left it.
    func restore(secondsAhead: Double) {
        state.withLock { $0.secondsAhead = secondsAhead }
    }

    /// A move of the clock, checked but not made.
    struct Move: Sendable {
        let time: Timestamp
        let secondsAhead: Double
    }

    /// The move that goes on by seconds.
    ///
    /// - Throws: ValidationException for a step back, or past the year 9999.
    func advance(bySeconds seconds: Double) throws(ServiceError) -> Move {
        guard seconds.isFinite, seconds >= 0 else {
            throw .validation("The clock can be advanced by 0 seconds or more, not by \(seconds)")
        }
        let present = reading
        return try Self.checked(
            Move(time: present.now + seconds, secondsAhead: present.secondsAhead + seconds))
    }

    /// The move to a time.
    ///
    /// - Throws: ValidationException for a time before the present one, or past the year 9999.
    func move(to time: Timestamp) throws(ServiceError) -> Move {
        let present = reading
        guard time >= present.now else {
            throw .validation(
                "The clock cannot go back: it shows \(TimeText.iso8601(present.now)), which is "
                    + "later than \(TimeText.iso8601(time))")
        }
        return try Self.checked(
            Move(time: time, secondsAhead: max(present.secondsAhead, time - machine())))
    }

    private static func checked(_ move: Move) throws(ServiceError) -> Move {
        guard move.time <= TimeText.timestampMax else {
            throw .validation("The clock cannot go past the year 9999")
        }
        return move
    }

    /// Makes a move.
    func make(_ move: Move) {
        state.withLock { state in
            state.secondsAhead = move.secondsAhead
            state.latest = max(state.latest, move.time)
        }
    }
}
