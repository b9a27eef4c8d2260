internal import Synchronization

/// Notes for a single task, which sleeps until there are some.
///
/// Ringing never blocks; rings that come before the task looks are one.
final class Doorbell<Notes: Sendable>: Sendable {
    private struct Contents {
        var notes: Notes
        var hasRung = false
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

    /// The notes since it last returned, as soon as there are some.
    func wait() async -> Notes {
        await withCheckedContinuation { continuation in
            let isRinging = contents.withLock { contents in
                if !contents.hasRung { contents.waiter = continuation }
                return contents.hasRung
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
            }
            return contents.notes
        }
    }
}
