internal import Operations

/// Which asynchronous invocation runs next: those that are due, function after function, so that
/// the many events of one don't hold back the few of another.
struct EventSchedule {
    /// How many run at once.
    let runningMax: Int
    /// How many of one function run at once.
    let runningPerFunctionMax: Int

    /// The events of a function that are due, in the order of their turn.
    private struct Line {
        var events: [UInt64] = []
        /// The first of `events` that still stands in line.
        var head = 0
        var runningCount = 0

        var isEmpty: Bool { head == events.count }

        mutating func take() -> UInt64? {
            guard !isEmpty else { return nil }
            defer {
                head += 1
                if head == events.count || head == 1_024 {
                    events.removeFirst(head)
                    head = 0
                }
            }
            return events[head]
        }
    }

    private struct Waiting {
        var due: Timestamp
        var id: UInt64
        var turn: String
    }

    private var lines: [String: Line] = [:]
    /// The functions with events in line that may run one more, whose turn it is first.
    private var turns: [String] = []
    /// A heap: the one that is due first at its root.
    private var waiting: [Waiting] = []
    private(set) var runningCount = 0

    init(runningMax: Int, runningPerFunctionMax: Int) {
        self.runningMax = runningMax
        self.runningPerFunctionMax = runningPerFunctionMax
    }

    /// When the next event that waits is due.
    var nextDue: Timestamp? { waiting.first?.due }

    /// Lets an event wait for its time.
    mutating func add(_ id: UInt64, turn: String, due: Timestamp) {
        waiting.append(Waiting(due: due, id: id, turn: turn))
        var index = waiting.count - 1
        while index > 0, isBefore(index, (index - 1) / 2) {
            waiting.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    /// The next event to run, which counts as running from now on; nil where none is due, or as
    /// many run as may.
    mutating func next(now: Timestamp) -> UInt64? {
        while let first = waiting.first, first.due <= now {
            removeFirst()
            lines[first.turn, default: Line()].events.append(first.id)
            if lines[first.turn]?.events.count == (lines[first.turn]?.head ?? 0) + 1 {
                offerTurn(first.turn)
            }
        }
        guard runningCount < runningMax, !turns.isEmpty else { return nil }
        let turn = turns.removeFirst()
        guard let id = lines[turn]?.take() else { return nil }
        lines[turn]?.runningCount += 1
        runningCount += 1
        offerTurn(turn)
        return id
    }

    /// Tells that an event of a function runs no longer.
    mutating func didEnd(turn: String) {
        guard let line = lines[turn], line.runningCount > 0 else { return }
        let wasFull = line.runningCount == runningPerFunctionMax
        lines[turn]?.runningCount -= 1
        runningCount -= 1
        if line.isEmpty, line.runningCount == 1 {
            lines[turn] = nil
        } else if wasFull {
            offerTurn(turn)
        }
    }

    /// Queues a function up for a turn, where it has an event and may run it; it stands there once.
    private mutating func offerTurn(_ turn: String) {
        guard let line = lines[turn], !line.isEmpty, line.runningCount < runningPerFunctionMax
        else { return }
        turns.append(turn)
    }

    // MARK: Heap

    private func isBefore(_ left: Int, _ right: Int) -> Bool {
        (waiting[left].due, waiting[left].id) < (waiting[right].due, waiting[right].id)
    }

    private mutating func removeFirst() {
        waiting.swapAt(0, waiting.count - 1)
        waiting.removeLast()
        var index = 0
        while true {
            var least = index
            for child in [2 * index + 1, 2 * index + 2]
            where child < waiting.count && isBefore(child, least) {
                least = child
            }
            if least == index { return }
            waiting.swapAt(index, least)
            index = least
        }
    }
}
