import Operations
import Synchronization

/// A queue's mapping that is being processed.
///
/// Each poller gathers a batch, hands it to the function and waits for it, so that there are never
/// more invocations at once than pollers. When all are busy another begins, up to the bound; one
/// that finds nothing while others wait too ends.
final class QueueMappingRun: MappingRun {
    /// How many batches are processed at once where the mapping doesn't say.
    static let concurrencyMaxDefault = 10
    /// How long a stop waits for invocations that go on, in seconds of real time.
    static let stopSecondsMax = 20.0

    /// How many pollers there are, and how many of them wait for messages.
    struct Scale {
        let min: Int
        let max: Int
        private(set) var pollerCount: Int
        private(set) var idleCount: Int

        init(of mapping: EventSourceMapping) {
            max = Swift.max(
                1,
                mapping.maximumConcurrency ?? mapping.maximumPollers
                    ?? Swift.max(
                        QueueMappingRun.concurrencyMaxDefault, mapping.minimumPollers ?? 1))
            min = Swift.min(max, mapping.minimumPollers ?? 1)
            pollerCount = min
            idleCount = min
        }

        /// A poller has messages.
        ///
        /// - Returns: whether another one is to begin.
        mutating func becomeBusy() -> Bool {
            idleCount -= 1
            guard idleCount == 0, pollerCount < max else { return false }
            pollerCount += 1
            idleCount += 1
            return true
        }

        mutating func becomeIdle() { idleCount += 1 }

        /// A poller found nothing.
        ///
        /// - Returns: whether it is to end.
        mutating func retire() -> Bool {
            guard idleCount > 1, pollerCount > min else { return false }
            pollerCount -= 1
            idleCount -= 1
            return true
        }
    }

    private struct State {
        var scale: Scale
        var metrics = MappingMetrics()
    }

    private let state: Mutex<State>
    private let task: Mutex<Task<Void, Never>?>

    init(
        _ mapping: EventSourceMapping, environment: TriggersEnvironment,
        client: any QueueClient, reports: any MappingReports
    ) {
        let scale = Scale(of: mapping)
        state = Mutex(State(scale: scale))
        task = Mutex(nil)
        let (requests, growth) = AsyncStream.makeStream(of: Void.self)
        for _ in 0..<scale.pollerCount { growth.yield() }
        let poller = QueuePoller(
            mapping: mapping, environment: environment, client: client, reports: reports)
        let work = Task { [self] in
            // Ends when it is cancelled: pollers notice, and the requests for more end too.
            await withDiscardingTaskGroup { group in
                for await _ in requests {
                    group.addTask { await poller.poll(for: self, growth: growth) }
                }
            }
        }
        task.withLock { $0 = work }
    }

    func stop() async {
        guard let work = task.withLock({ $0 }) else { return }
        work.cancel()
        let timer = Task { try? await Task.sleep(for: .seconds(Self.stopSecondsMax)) }
        Task {
            await work.value
            timer.cancel()
        }
        await timer.value
    }

    var metrics: MappingMetrics { state.withLock { $0.metrics } }

    func count(_ change: (inout MappingMetrics) -> Void) {
        state.withLock { change(&$0.metrics) }
    }

    func becomeBusy() -> Bool { state.withLock { $0.scale.becomeBusy() } }
    func becomeIdle() { state.withLock { $0.scale.becomeIdle() } }
    func retire() -> Bool { state.withLock { $0.scale.retire() } }
}
