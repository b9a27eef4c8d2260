internal import Dispatch
internal import Operations
internal import Synchronization

/// Runs the engine's chores: in the background, each at its interval, and on demand.
///
/// One run goes on at a time, chore after chore in their order, so a chore never meets itself.
/// Whoever asks while a run goes on gets a run of its own after it, since that run's time was read
/// before the question.
final class Maintenance: Sendable {
    private struct State {
        var isRunning = false
        var isStopped = false
        /// Who waits for a run of every chore that hasn't begun yet.
        var waiting: [@Sendable () -> Void] = []
        /// When each chore is next due, in nanoseconds of uptime; `UInt64.max`: never.
        var due: [UInt64] = []
        var timer: (any DispatchSourceTimer)?
    }

    /// The shortest interval of a chore, in seconds: what "at once" comes to.
    static let intervalMin = 0.1
    /// An interval that stands for never, in seconds: ten years.
    private static let intervalMax = 315_360_000.0

    private let chores: [any Chore]
    private let intervals: [UInt64]
    private let now: @Sendable () -> Timestamp
    private let thread = DispatchQueue(label: "basalt.maintenance")
    /// Entered while a run goes on.
    private let runs = DispatchGroup()
    private let state = Mutex(State())

    /// - Parameters:
    ///   - interval: real seconds between two runs of a chore that has no interval of its own;
    ///     infinity leaves it to `catchUp`.
    ///   - now: the time that chores are run at.
    init(chores: [any Chore], interval: Double, now: @escaping @Sendable () -> Timestamp) {
        self.chores = chores
        self.now = now
        intervals = chores.map { Self.nanoseconds($0.interval ?? interval) }
    }

    deinit {
        state.withLock { $0.timer?.cancel() }
    }

    /// Begins to run chores in the background.
    func start() {
        guard let shortest = intervals.min(), shortest < .max else { return }
        state.withLock { state in
            guard !state.isStopped, state.timer == nil else { return }
            state.due = intervals.map { Self.uptime(after: $0) }
            let timer = DispatchSource.makeTimerSource(queue: thread)
            timer.setEventHandler { [weak self] in self?.runDueChores() }
            let period = DispatchTimeInterval.nanoseconds(Int(clamping: shortest))
            timer.schedule(
                deadline: .now() + period, repeating: period, leeway: .milliseconds(10))
            timer.activate()
            state.timer = timer
        }
    }

    /// Ends the run that goes on and begins no more; returns when it has ended.
    func stop() {
        let waiting = state.withLock { state in
            state.isStopped = true
            state.timer?.cancel()
            state.timer = nil
            defer { state.waiting = [] }
            return state.waiting
        }
        for chore in chores { chore.stop() }
        runs.wait()
        for completion in waiting { completion() }
    }

    /// Runs every chore for the present time; the completion is called when all is done, or at
    /// once after `stop`.
    func catchUp(completion: @escaping @Sendable () -> Void) {
        enum Next { case start, wait, refuse }
        let next: Next = state.withLock { state in
            if state.isStopped { return .refuse }
            state.waiting.append(completion)
            if state.isRunning { return .wait }
            state.isRunning = true
            runs.enter()
            return .start
        }
        switch next {
        case .start: thread.async { self.runAll() }
        case .wait: break
        case .refuse: completion()
        }
    }

    // MARK: Runs

    /// Runs every chore for those who wait so far.
    private func runAll() {
        let waiting = state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
        run(chores.indices.map { $0 }) {
            for completion in waiting { completion() }
        }
    }

    private func runDueChores() {
        let present = DispatchTime.now().uptimeNanoseconds
        // A timer may come a little early: what is due within its leeway is due.
        let horizon = present + 20_000_000
        let due = state.withLock { state -> [Int] in
            guard !state.isStopped, !state.isRunning else { return [] }
            let due = state.due.indices.filter { state.due[$0] <= horizon }
            guard !due.isEmpty else { return [] }
            for index in due { state.due[index] = Self.uptime(after: intervals[index]) }
            state.isRunning = true
            runs.enter()
            return due
        }
        if !due.isEmpty { run(due) {} }
    }

    private func run(_ indices: [Int], completion: @escaping @Sendable () -> Void) {
        run(indices[...], at: now()) {
            completion()
            let goesOn = self.state.withLock { state in
                state.isRunning = !state.waiting.isEmpty
                return state.isRunning
            }
            if goesOn { self.thread.async { self.runAll() } } else { self.runs.leave() }
        }
    }

    private func run(
        _ indices: ArraySlice<Int>, at now: Timestamp, completion: @escaping @Sendable () -> Void
    ) {
        guard let first = indices.first, !state.withLock({ $0.isStopped }) else {
            completion()
            return
        }
        chores[first].run(at: now) {
            self.run(indices.dropFirst(), at: now, completion: completion)
        }
    }

    // MARK: Intervals

    private static func nanoseconds(_ seconds: Double) -> UInt64 {
        guard seconds < intervalMax else { return .max }
        return UInt64(max(seconds, intervalMin) * 1e9)
    }

    private static func uptime(after interval: UInt64) -> UInt64 {
        let (time, overflows) = DispatchTime.now().uptimeNanoseconds
            .addingReportingOverflow(interval)
        return overflows ? .max : time
    }
}
