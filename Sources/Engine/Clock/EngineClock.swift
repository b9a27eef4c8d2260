package import Operations
internal import Synchronization

/// The engine's time, and waiting by it: a move of a virtual clock wakes whom it concerns.
package final class EngineClock: ServiceClock {
    /// Someone asleep.
    private struct Sleeper {
        let time: Timestamp
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var sleepers: [UInt64: Sleeper] = [:]
        /// Sleepers that were cancelled before they lay down.
        var cancelled: Set<UInt64> = []
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
            let due = state.sleepers.filter { $0.value.time <= present }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    /// Sleeps for real seconds, or until the clock is moved to or past a time.
    private func nap(seconds: Double, until time: Timestamp) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        let alarm = Task { [weak self] in
            try await Task.sleep(for: .seconds(seconds), tolerance: .zero)
            self?.wake(id)
        }
        defer {
            alarm.cancel()
            state.withLock { _ = $0.cancelled.remove(id) }
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let isCancelled = state.withLock { state in
                    if state.cancelled.remove(id) != nil { return true }
                    state.sleepers[id] = Sleeper(time: time, continuation: continuation)
                    return false
                }
                if isCancelled {
                    continuation.resume(throwing: CancellationError())
                } else if now() >= time {
                    // The clock may have moved before the sleeper lay down.
                    wake(id)
                }
            }
        } onCancel: {
            let sleeper = state.withLock { state in
                if let sleeper = state.sleepers.removeValue(forKey: id) { return Sleeper?(sleeper) }
                state.cancelled.insert(id)
                return nil
            }
            sleeper?.continuation.resume(throwing: CancellationError())
        }
    }

    private func wake(_ id: UInt64) {
        let sleeper = state.withLock { $0.sleepers.removeValue(forKey: id) }
        sleeper?.continuation.resume()
    }
}
