internal import Dispatch
internal import FoundationEssentials
package import Logging
package import Operations
package import Storage
internal import Synchronization

/// Runs events: keeps them durably, runs each at least once, tries again what failed, and tells
/// destinations and dead-letter queues what came of it.
///
/// An event that was accepted outlives the process. A function's failure is tried again after one
/// and two minutes, as often as MaximumRetryAttempts says; want of capacity and faults of ours
/// after 1 s, doubling up to 5 minutes, until the event is older than MaximumEventAgeInSeconds.
/// All waits go by the service's clock.
package final class AsynchronousInvocations: EventQueue {
    /// How many events are kept; more are refused.
    static let eventCountMax = 100_000
    /// How many run at once: about half of the processes that there may be, so that streams, queues
    /// and callers who wait find one.
    private static let runningMax = 16
    private static let runningPerFunctionMax = 8
    /// Seconds that events which run are given to end when the server stops.
    private static let stopSecondsMax = 2.0

    struct State {
        var events: [UInt64: AsynchronousEvent] = [:]
        var nextID: UInt64 = 0
        /// Events that are being written.
        var acceptingCount = 0
        var schedule = EventSchedule(
            runningMax: AsynchronousInvocations.runningMax,
            runningPerFunctionMax: AsynchronousInvocations.runningPerFunctionMax)
        var task: Task<Void, Never>?
        var isStopping = false
    }

    let clock: any ServiceClock
    let functions: any FunctionDirectory
    let invoker: any FunctionInvoker
    let destinations: any DestinationSender
    let logger: Logger
    let records: RecordStore
    let state: Mutex<State>
    /// Says that an event may have become due, or that a turn is free.
    private let signal: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation
    /// Reads from the device, away from the threads of tasks.
    private let reader = DispatchQueue(label: "basalt.events.read", attributes: .concurrent)

    /// Reads the events that an earlier process left; they run from `start` on.
    package init(
        records: RecordStore, clock: any ServiceClock, functions: any FunctionDirectory,
        invoker: any FunctionInvoker, destinations: any DestinationSender, logger: Logger
    ) throws(StorageError) {
        self.records = records
        self.clock = clock
        self.functions = functions
        self.invoker = invoker
        self.destinations = destinations
        self.logger = logger
        (signal, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        state = Mutex(try Self.load(records, logger: logger))
    }

    /// How many events are not done.
    package var eventCount: Int { state.withLock { $0.events.count } }

    /// How many of them wait for their time, or for a turn.
    package var waitingCount: Int {
        state.withLock { $0.events.count - $0.schedule.runningCount }
    }

    var isStopping: Bool { state.withLock { $0.isStopping } }

    private static func load(
        _ records: RecordStore, logger: Logger
    ) throws(StorageError) -> State {
        var state = State()
        var after: [UInt8]?
        while true {
            let page = try records.records(prefix: [EventKey.states], after: after, limit: 1_000)
            for record in page {
                guard let id = EventKey.id(ofState: record.key) else { continue }
                state.nextID = max(state.nextID, id &+ 1)
                guard let event = decoded(record.value) else {
                    // Left where it is: another release may know it.
                    logger.error("an event cannot be read and is passed over: \(id)")
                    continue
                }
                state.events[id] = event
                state.schedule.add(id, turn: event.turn, due: event.due)
            }
            guard page.count == 1_000, let last = page.last else { return state }
            after = last.key
        }
    }

    // MARK: Life

    /// Begins to run events.
    package func start() {
        state.withLock { state in
            guard state.task == nil, !state.isStopping else { return }
            state.task = Task { await self.run() }
        }
    }

    /// Runs no more events, and returns when none runs any longer, or soon: what has not ended by
    /// then is left as it was, and runs again after the next start.
    package func stop() async {
        let task = state.withLock { state in
            state.isStopping = true
            return state.task
        }
        wake.finish()
        guard let task else { return }
        let (ends, end) = AsyncStream<Void>.makeStream()
        // Handlers need not heed that they are cancelled; their processes are ended after this.
        let ended = Task {
            await task.value
            end.finish()
        }
        let tooLate = Task {
            try await Task.sleep(for: .seconds(Self.stopSecondsMax))
            task.cancel()
            end.finish()
        }
        for await _ in ends {}
        tooLate.cancel()
        ended.cancel()
    }

    private func run() async {
        await withDiscardingTaskGroup { group in
            var alarm: (time: Timestamp, task: Task<Void, Never>)?
            defer { alarm?.task.cancel() }
            wake.yield()
            for await _ in signal {
                while let id = takeNext() {
                    group.addTask {
                        await self.perform(id)
                        self.wake.yield()
                    }
                }
                let due = state.withLock { $0.schedule.nextDue }
                guard alarm?.time != due else { continue }
                alarm?.task.cancel()
                alarm = due.map { due in (due, Task { await self.wait(until: due) }) }
            }
        }
    }

    private func takeNext() -> UInt64? {
        let now = clock.now()
        return state.withLock { $0.isStopping ? nil : $0.schedule.next(now: now) }
    }

    private func wait(until due: Timestamp) async {
        do {
            try await clock.sleep(until: due)
        } catch {
            return
        }
        wake.yield()
    }

    // MARK: Accepting

    package func enqueue(_ invocation: Invocation) async throws(ServiceError) {
        let now = clock.now()
        let event = AsynchronousEvent(
            requestID: invocation.requestID, functionArn: invocation.function.invokedArn,
            region: invocation.function.configuration.region,
            clientContext: invocation.clientContext, traceID: invocation.traceID, acceptedAt: now,
            due: now)
        let id = state.withLock { state -> UInt64? in
            guard state.events.count + state.acceptingCount < Self.eventCountMax else {
                return nil
            }
            state.acceptingCount += 1
            defer { state.nextID &+= 1 }
            return state.nextID
        }
        guard let id else { throw Self.full }
        defer { state.withLock { $0.acceptingCount -= 1 } }
        do {
            try await records.write([
                (EventKey.state(id), try Self.encoded(event)),
                (EventKey.payload(id), invocation.payload),
            ])
        } catch {
            logger.error("an event cannot be kept: \(error)")
            throw ServiceError(
                "ServiceException", "The event could not be kept.", namespace: .rest, status: 500)
        }
        state.withLock { state in
            state.events[id] = event
            state.schedule.add(id, turn: event.turn, due: event.due)
        }
        wake.yield()
    }

    private static var full: ServiceError {
        var error = ServiceError(
            "TooManyRequestsException", "Rate Exceeded.", namespace: .rest, status: 429)
        error.reason = "CallerRateLimitExceeded"
        return error
    }

    // MARK: Records

    static func encoded(_ event: AsynchronousEvent) throws -> [UInt8] {
        Array(try JSONEncoder().encode(event))
    }

    private static func decoded(_ bytes: [UInt8]) -> AsynchronousEvent? {
        guard
            let event = try? JSONDecoder().decode(AsynchronousEvent.self, from: Data(bytes)),
            event.due.isFinite, event.acceptedAt.isFinite,
            (0...1_000_000).contains(event.failedAttempts)
        else { return nil }
        return event
    }

    /// A record of an event; nil where there is none.
    func read(_ key: [UInt8]) async throws(StorageError) -> [UInt8]? {
        let result = await withCheckedContinuation { continuation in
            reader.async { [records] in
                continuation.resume(
                    returning: Result { () throws(StorageError) in try records.get(key) })
            }
        }
        return try result.get()
    }
}
