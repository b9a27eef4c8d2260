package import Operations
internal import Synchronization

/// A clock that only a test moves.
package final class HandClock: ServiceClock {
    private struct State {
        var now: Timestamp
        var sleepers: [UInt64: (time: Timestamp, continuation: CheckedContinuation<Void, Never>)] =
            [:]
        var nextID: UInt64 = 0
    }

    private let state: Mutex<State>

    /// - Parameter now: where nothing is told, 22 November 2026, 00:00 UTC.
    package init(_ now: Timestamp = 1_795_276_800) { state = Mutex(State(now: now)) }

    package func now() -> Timestamp { state.withLock { $0.now } }

    /// How many wait for a time to come.
    package var sleeperCount: Int { state.withLock { $0.sleepers.count } }

    /// Moves on, and wakes whom that concerns.
    package func advance(by seconds: Double) {
        let due = state.withLock { state in
            state.now += seconds
            let due = state.sleepers.filter { $0.value.time <= state.now }
            for id in due.keys { state.sleepers[id] = nil }
            return due.values.map(\.continuation)
        }
        for continuation in due { continuation.resume() }
    }

    package func sleep(until time: Timestamp) async throws {
        let id = state.withLock { state in
            state.nextID += 1
            return state.nextID
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if Task.isCancelled || state.now >= time { return true }
                    state.sleepers[id] = (time, continuation)
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.sleepers.removeValue(forKey: id) }?.continuation.resume()
        }
        try Task.checkCancellation()
    }
}
