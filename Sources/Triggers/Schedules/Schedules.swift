package import Functions
package import Logging
package import Operations
package import Storage
internal import Synchronization

/// The schedules: kept in the store, run by the service's clock.
///
/// What became due while no server ran is not made up for, as in EventBridge. Where the clock
/// jumps over times of a running server, each of them is run, in order, up to `jumpCountMax`.
package final class Schedules: Sendable {
    private struct State {
        var schedules: [Schedule.Name: Schedule] = [:]
        var loop: Task<Void, Never>?
        /// Waits for what is due next; a change ends the wait.
        var nap: Task<Void, Never>?
        var isChanged = false
    }

    /// How many invocations a jump of the clock may make.
    package static let jumpCountMax = 1_000

    private let records: RecordStore
    private let accountID: String
    private let clock: any ServiceClock
    private let functions: any FunctionDirectory
    private let events: any EventQueue
    private let logger: Logger
    private let state = Mutex(State())

    /// Reads the schedules of a store.
    package init(
        records: RecordStore, accountID: String, clock: any ServiceClock,
        functions: any FunctionDirectory, events: any EventQueue, logger: Logger
    ) throws(StorageError) {
        self.records = records
        self.accountID = accountID
        self.clock = clock
        self.functions = functions
        self.events = events
        self.logger = logger
        var schedules: [Schedule.Name: Schedule] = [:]
        for record in try records.records() {
            guard let schedule = Schedule(record: record.value) else {
                throw .corrupt("the record of a schedule")
            }
            schedules[schedule.name] = schedule
        }
        state.withLock { $0.schedules = schedules }
    }

    // MARK: Changes

    package func schedule(_ name: Schedule.Name) throws(ServiceError) -> Schedule {
        guard let schedule = state.withLock({ $0.schedules[name] }) else {
            throw Self.notFound(name)
        }
        return schedule
    }

    package func schedules(region: String) -> [Schedule] {
        state.withLock { $0.schedules.values.filter { $0.name.region == region } }
            .sorted { $0.name < $1.name }
    }

    /// Makes a schedule or changes it, durably.
    ///
    /// One that goes as before keeps its rhythm.
    ///
    /// - Returns: the schedule as it is kept, and whether it is a new one.
    package func put(
        _ name: Schedule.Name, expression text: String, functionName: String, input: String?,
        isEnabled: Bool
    ) async throws(ServiceError) -> (schedule: Schedule, isCreated: Bool) {
        let expression = try ScheduleExpression(text)
        let now = clock.now()
        let written = Written()
        let result = state.withLock { state -> (Schedule, Bool) in
            let old = state.schedules[name]
            var schedule = Schedule(
                name: name, expressionText: text, expression: expression,
                functionName: functionName, input: input, isEnabled: isEnabled, start: now)
            if let old, old.expression == expression, old.isEnabled == isEnabled {
                schedule.start = old.start
            }
            schedule.next =
                isEnabled ? expression.next(after: now, start: schedule.start) : nil
            state.schedules[name] = schedule
            // Within the lock, so that the store sees changes in the order that memory does.
            records.write([(schedule.key, schedule.record)]) { written.set($0) }
            return (schedule, old == nil)
        }
        wake()
        try await check(written)
        return result
    }

    package func delete(_ name: Schedule.Name) async throws(ServiceError) {
        let written = Written()
        let isThere = state.withLock { state in
            guard let old = state.schedules.removeValue(forKey: name) else { return false }
            records.write([(old.key, nil)]) { written.set($0) }
            return true
        }
        guard isThere else { throw Self.notFound(name) }
        wake()
        try await check(written)
    }

    private func check(_ written: Written) async throws(ServiceError) {
        if let fault = await written.fault() {
            logger.error("Schedules cannot be written: \(fault)")
            throw ServiceError(
                "ServiceException", "The schedule could not be written", namespace: .rest,
                status: 500)
        }
    }

    private static func notFound(_ name: Schedule.Name) -> ServiceError {
        ServiceError(
            "ResourceNotFoundException", "Schedule \(name.name) does not exist.",
            namespace: .rest, status: 404)
    }

    // MARK: Running

    /// Begins to run schedules, from now on.
    package func start() {
        let now = clock.now()
        state.withLock { state in
            guard state.loop == nil else { return }
            for (name, schedule) in state.schedules where schedule.isEnabled {
                state.schedules[name]?.next = schedule.expression.next(
                    after: now, start: schedule.start)
            }
            state.loop = Task { await self.run() }
        }
    }

    /// Ends it: nothing is invoked any more when this returns.
    package func stop() async {
        let loop = state.withLock { state in
            defer { state.loop = nil }
            state.nap?.cancel()
            return state.loop
        }
        loop?.cancel()
        await loop?.value
    }

    private func wake() {
        state.withLock { state in
            state.isChanged = true
            state.nap?.cancel()
        }
    }

    private func run() async {
        /// Invocations since something had to be waited for.
        var count = 0
        while !Task.isCancelled {
            let now = clock.now()
            guard let (schedule, time) = takeDue(now) else {
                count = 0
                await waitForDue()
                continue
            }
            count += 1
            if count > Self.jumpCountMax {
                skip(to: now)
            } else {
                await invoke(schedule, due: time)
            }
        }
    }

    /// Takes the first time that is due, of any schedule.
    private func takeDue(_ now: Timestamp) -> (Schedule, Timestamp)? {
        state.withLock { state in
            var first: (schedule: Schedule, time: Timestamp)?
            for schedule in state.schedules.values {
                guard let time = schedule.next, time <= now else { continue }
                if let first, (first.time, first.schedule.name) < (time, schedule.name) {
                    continue
                }
                first = (schedule, time)
            }
            guard let first else { return nil }
            state.schedules[first.schedule.name]?.next = first.schedule.expression.next(
                after: first.time, start: first.schedule.start)
            return first
        }
    }

    private func skip(to now: Timestamp) {
        logger.warning("The clock jumped over more than \(Self.jumpCountMax) scheduled times")
        state.withLock { state in
            for (name, schedule) in state.schedules {
                guard let next = schedule.next, next <= now else { continue }
                state.schedules[name]?.next = schedule.expression.next(
                    after: now, start: schedule.start)
            }
        }
    }

    private func waitForDue() async {
        let time = state.withLock { state in
            state.isChanged = false
            return state.schedules.values.compactMap(\.next).min()
        }
        let nap = Task { [clock] in
            do { try await clock.sleep(until: time ?? TimeText.timestampMax) } catch {}
        }
        state.withLock { state in
            // What changed since the time was looked up.
            if state.isChanged { nap.cancel() }
            state.nap = nap
        }
        await withTaskCancellationHandler {
            await nap.value
        } onCancel: {
            nap.cancel()
        }
        state.withLock { $0.nap = nil }
    }

    private func invoke(_ schedule: Schedule, due time: Timestamp) async {
        let id = RandomIdentifier.uuid()
        do throws(ServiceError) {
            let function = try functions.resolve(
                schedule.functionName, qualifier: nil, region: schedule.name.region)
            try await events.enqueue(
                Invocation(
                    function: function,
                    payload: schedule.payload(at: time, eventID: id, accountID: accountID),
                    requestID: RandomIdentifier.uuid()))
        } catch {
            logger.warning(
                "Schedule \(schedule.name.name) could not invoke \(schedule.functionName): \(error.message)"
            )
        }
    }
}

/// Whether a write came through, once it is known.
private final class Written: Sendable {
    private enum State {
        case open
        case waiting(CheckedContinuation<StorageError?, Never>)
        case done(StorageError?)
    }

    private let state = Mutex(State.open)

    func set(_ result: Result<Void, StorageError>) {
        var fault: StorageError?
        if case .failure(let error) = result { fault = error }
        let waiting = state.withLock { state -> CheckedContinuation<StorageError?, Never>? in
            defer { state = .done(fault) }
            if case .waiting(let continuation) = state { return continuation }
            return nil
        }
        waiting?.resume(returning: fault)
    }

    func fault() async -> StorageError? {
        await withCheckedContinuation { continuation in
            let known = state.withLock { state -> StorageError?? in
                if case .done(let fault) = state { return .some(fault) }
                state = .waiting(continuation)
                return nil
            }
            if let known { continuation.resume(returning: known) }
        }
    }
}
