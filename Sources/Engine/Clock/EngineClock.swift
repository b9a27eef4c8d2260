package import Operations
internal import Synchronization

/// The engine's time, and waiting by it: a move of a virtual clock wakes whom it concerns.
package final class EngineClock: ServiceClock {
    /// Someone who sleeps, or is about to.
    private enum Sleeper {
        case lyingDown
        case asleep(until: Timestamp, CheckedContinuation<Void, any Error>)
        /// Was woken before it lay down.
        case woken
        /// Was cancelled before it lay down.
        case cancelled
    }

    private struct State {
        var sleepers: [UInt64: Sleeper] = [:]
        var nextID: UInt64 = 0
    }

    /// The longest sleep in one go, in seconds: the machine's clock may jump meanwhile.
    private static let napSecondsMax = 60.0

    private let time: @Sendable () -> Timestamp
    private let state = Mutex(State())

    package init(now: @escaping @Sendable () -> Timestamp) {
        time = now
    }

    package func now() -> Timestamp { time() }

    package func sleep(until time: Timestamp) async throws {
        while now() < time {
            let seconds = min(time - now(), Self.napSecondsMax)
            try await nap(seconds: max(seconds, 0.000_1), until: time)
        }
        try Task.checkCancellation()
    }

    /// Wakes those whose time has come; to be called after every move of the clock.
    func didMove() {
        let present = now()
        let due = state.withLock { state in
            state.sleepers.filter { sleeper in
                if case .asleep(let time, _) = sleeper.value { time <= present } else { false }
            }.keys
        }
        for id in due { wake(id) }
    }

    /// Sleeps for real seconds, or until the clock is moved to or past a time.
    private func nap(seconds: Double, until time: Timestamp) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            state.sleepers[state.nextID] = .lyingDown
            return state.nextID
        }
        let alarm = Task { [weak self] in
            try await Task.sleep(for: .seconds(seconds), tolerance: .zero)
            self?.wake(id)
        }
        defer {
            alarm.cancel()
            state.withLock { $0.sleepers[id] = nil }
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                lieDown(id, until: time, continuation)
            }
        } onCancel: {
            end(id, as: .cancelled, throwing: CancellationError())
        }
    }

    private func lieDown(
        _ id: UInt64, until time: Timestamp, _ continuation: CheckedContinuation<Void, any Error>
    ) {
        let early = state.withLock { state -> Result<Void, any Error>? in
            switch state.sleepers[id] {
            case .cancelled: return .failure(CancellationError())
            case .woken: return .success(())
            default:
                state.sleepers[id] = .asleep(until: time, continuation)
                return nil
            }
        }
        if let early {
            continuation.resume(with: early)
        } else if now() >= time {
            // The clock may have moved before the sleeper lay down.
            wake(id)
        }
    }

    private func wake(_ id: UInt64) { end(id, as: .woken, throwing: nil) }

    /// Ends a nap, be it that it has not begun.
    private func end(_ id: UInt64, as early: Sleeper, throwing error: (any Error)?) {
        let continuation = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            switch state.sleepers[id] {
            case .asleep(_, let continuation):
                state.sleepers[id] = nil
                return continuation
            case .lyingDown:
                state.sleepers[id] = early
                return nil
            case .woken, .cancelled, nil:
                return nil
            }
        }
        if let error {
            continuation?.resume(throwing: error)
        } else {
            continuation?.resume()
        }
    }

    /// How many sleep, or are about to.
    var sleeperCount: Int { state.withLock { $0.sleepers.count } }
}
