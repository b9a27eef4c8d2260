internal import Synchronization

/// Keeps the invocations of many busy lanes from crowding out the stream's writers.
///
/// Records that come while a lane is busy go into one batch. So where many lanes are busy, each
/// stays busy a little longer than its function ran: the batches grow, and the machine does the
/// same work in fewer invocations. A lane alone is never held up, and no lane for longer than
/// `holdMax`; real time, since it is the machine that is spared.
final class InvocationPace: Sendable {
    /// Invocations a second that a core is to be burdened with, at most.
    private static let rateOfCore = 250.0
    /// Shorter than this nothing is held up: sleeping costs more than it saves.
    private static let holdMin = Duration.milliseconds(2)
    static let holdMax = Duration.milliseconds(50)

    private let coreCount: Int
    private let busyCount = Atomic(0)

    init(coreCount: Int) {
        self.coreCount = max(1, coreCount)
    }

    /// Runs an invocation, and returns when its lane may begin the next one.
    func run<Outcome>(_ invoke: () async -> Outcome) async -> Outcome {
        busyCount.add(1, ordering: .relaxed)
        defer { busyCount.subtract(1, ordering: .relaxed) }
        let start = ContinuousClock.now
        let outcome = await invoke()
        let rest = interval(busyCount.load(ordering: .relaxed)) - (ContinuousClock.now - start)
        if rest >= Self.holdMin { try? await Task.sleep(for: rest) }
        return outcome
    }

    /// How long a lane takes for an invocation at least, where so many are busy.
    func interval(_ busyCount: Int) -> Duration {
        min(.seconds(Double(busyCount) / (Self.rateOfCore * Double(coreCount))), Self.holdMax)
    }
}
