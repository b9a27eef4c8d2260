internal import Synchronization

/// Notes for a single task, which sleeps until there are some.
///
/// Ringing never blocks; rings that come before the task looks are one.
final class Doorbell<Notes: Sendable>: Sendable {
    private struct Contents {
        var notes: Notes
        var hasRung = false
        /// Whether something was noted that only an attentive task wakes for.
        var hasMurmured = false
        /// Whether the task that sleeps is attentive.
        var isAttentive = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let blank: Notes
    private let contents: Mutex<Contents>

    init(_ blank: Notes) {
        self.blank = blank
        contents = Mutex(Contents(notes: blank))
    }

    func ring(_ change: (inout Notes) -> Void) {
        let waiter = contents.withLock { contents in
            change(&contents.notes)
            contents.hasRung = true
            defer { contents.waiter = nil }
            return contents.waiter
        }
        waiter?.resume()
    }

    /// Makes a note that wakes the task only if it is attentive; otherwise it finds it when
    /// something else wakes it.
    func murmur(_ change: (inout Notes) -> Void) {
        let waiter = contents.withLock { contents in
            change(&contents.notes)
            contents.hasMurmured = true
            guard contents.isAttentive else { return nil as CheckedContinuation<Void, Never>? }
            defer { contents.waiter = nil }
            return contents.waiter
        }
        waiter?.resume()
    }

    /// The notes since it last returned, as soon as there are some.
    ///
    /// - Parameter isAttentive: whether murmurs wake it as well.
    func wait(isAttentive: Bool = true) async -> Notes {
        await withCheckedContinuation { continuation in
            let isRinging = contents.withLock { contents in
                contents.isAttentive = isAttentive
                let isRinging = contents.hasRung || (isAttentive && contents.hasMurmured)
                if !isRinging { contents.waiter = continuation }
                return isRinging
            }
            if isRinging { continuation.resume() }
        }
        return take()
    }

    /// The notes since they were last taken, if there are any or not.
    func take() -> Notes {
        contents.withLock { contents in
            defer {
                contents.notes = blank
                contents.hasRung = false
                contents.hasMurmured = false
            }
            return contents.notes
        }
    }
}
