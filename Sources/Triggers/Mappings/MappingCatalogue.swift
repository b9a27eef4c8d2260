internal import FoundationEssentials
internal import Functions
internal import Logging
internal import Operations
package import Storage
internal import Synchronization

/// The event source mappings: kept in the store, and each that is enabled being run.
///
/// A mapping's state is settled (Enabled or Disabled) or in transition. Who takes a mapping from a
/// settled state into a transition owns it until it is settled again; everybody else is refused
/// meanwhile. The store holds the state that a transition leads to, so that a restart ends there.
package final class MappingCatalogue: Sendable {
    private struct Entry {
        var mapping: EventSourceMapping
        var run: (any MappingRun)?
    }

    private struct State {
        var entries: [String: Entry] = [:]
        var transitions: [Int: Task<Void, Never>] = [:]
        var transitionNumber = 0
        /// Whether mappings are run: after `start`, before `stop`.
        var isRunning = false
    }

    private let clock: any ServiceClock
    private let records: RecordStore
    private let streams: any MappingRunner
    private let queues: any MappingRunner
    private let logger: Logger
    private let state: Mutex<State>

    /// Reads what the store has; nothing runs before `start`.
    package init(
        environment: TriggersEnvironment, store: any KeyValueStore, streams: any MappingRunner,
        queues: any MappingRunner
    ) throws {
        clock = environment.clock
        logger = environment.logger
        records = RecordStore(store, space: .mappings)
        self.streams = streams
        self.queues = queues
        var entries: [String: Entry] = [:]
        for (_, value) in try records.records() {
            let mapping = try JSONDecoder().decode(EventSourceMapping.self, from: Data(value))
            entries[mapping.uuid] = Entry(mapping: mapping)
        }
        state = Mutex(State(entries: entries))
    }

    // MARK: Life

    /// Runs what is enabled, and ends deletions that a crash broke off.
    package func start() {
        let (enabled, deleted) = state.withLock { state in
            state.isRunning = true
            var enabled: [EventSourceMapping] = []
            for (uuid, entry) in state.entries where entry.mapping.isEnabled && entry.run == nil {
                state.entries[uuid]?.mapping.state = .enabling
                enabled.append(entry.mapping)
            }
            return (enabled, state.entries.values.map(\.mapping).filter { $0.state == .deleting })
        }
        for mapping in enabled {
            begin(mapping)
            settle(mapping.uuid, .enabled, at: mapping.lastModified)
        }
        for mapping in deleted { transition { await $0.endDeletion(mapping.uuid) } }
    }

    /// Ends all runs, and waits for what goes on.
    package func stop() async {
        let (runs, transitions) = state.withLock { state in
            state.isRunning = false
            let runs = state.entries.values.compactMap(\.run)
            return (runs, Array(state.transitions.values))
        }
        await withTaskGroup { group in
            for run in runs { group.addTask { await run.stop() } }
        }
        for transition in transitions { await transition.value }
    }

    // MARK: Reading

    /// A mapping of a region; nil where there is none.
    func mapping(_ uuid: String, region: String) -> EventSourceMapping? {
        state.withLock { state in
            state.entries[uuid].flatMap { $0.mapping.region == region ? $0.mapping : nil }
        }
    }

    /// All mappings of a region, in the order of their UUIDs.
    func mappings(region: String) -> [EventSourceMapping] {
        state.withLock { state in
            state.entries.values.map(\.mapping).filter { $0.region == region }
        }.sorted { $0.uuid < $1.uuid }
    }

    /// All mappings with how they stand, in the order of their UUIDs.
    package func metrics() -> [(mapping: EventSourceMapping, metrics: MappingMetrics)] {
        let entries = state.withLock { Array($0.entries.values) }
        return entries.map { ($0.mapping, $0.run?.metrics ?? MappingMetrics()) }
            .sorted { $0.mapping.uuid < $1.mapping.uuid }
    }

    // MARK: Changing

    /// Keeps and runs a mapping; when this returns it has its place in its source.
    ///
    /// - Parameter mapping: in the state that it is to have, Enabled or Disabled.
    /// - Returns: the mapping as it is answered, Creating.
    /// - Throws: ResourceConflictException where its source and function have a mapping.
    func create(_ mapping: EventSourceMapping) async throws(ServiceError) -> EventSourceMapping {
        var creating = mapping
        creating.state = .creating
        let refusal = state.withLock { [creating] state -> ServiceError? in
            let other = state.entries.values.first {
                $0.mapping.eventSourceArn == mapping.eventSourceArn
                    && $0.mapping.functionArn == mapping.functionArn
                    && $0.mapping.state != .deleting
            }
            if let other { return Self.conflict(with: other.mapping) }
            state.entries[mapping.uuid] = Entry(mapping: creating)
            return nil
        }
        if let refusal { throw refusal }
        do throws(ServiceError) {
            try await (mapping.isQueue ? queues : streams).prepare(mapping)
            try await keep(mapping)
        } catch {
            _ = state.withLock { $0.entries.removeValue(forKey: mapping.uuid) }
            throw error
        }
        if mapping.isEnabled { begin(mapping) }
        settle(mapping.uuid, mapping.state, at: mapping.lastModified)
        return creating
    }

    /// Changes a mapping; its run, if any, goes on with the change once what is in flight is done.
    ///
    /// - Parameters:
    ///   - isEnabled: nil: as it is.
    ///   - change: called with the present mapping; what it throws changes nothing.
    /// - Returns: the mapping as it is answered, in transition.
    /// - Throws: ResourceNotFoundException, ResourceInUseException in a transition.
    func update(
        _ uuid: String, region: String, isEnabled: Bool?,
        _ change: @Sendable (EventSourceMapping) throws(ServiceError) -> EventSourceMapping
    ) async throws(ServiceError) -> EventSourceMapping {
        let now = clock.now()
        let result = state.withLock {
            state -> Result<(old: EventSourceMapping, target: EventSourceMapping), ServiceError> in
            guard let old = state.entries[uuid]?.mapping, old.region == region else {
                return .failure(Self.notFound)
            }
            guard old.state.isSettled else { return .failure(Self.inUse("update")) }
            do throws(ServiceError) {
                var target = try change(old)
                target.lastModified = now
                target.state = (isEnabled ?? old.isEnabled) ? .enabled : .disabled
                let transition: EventSourceMapping.State =
                    target.state == old.state
                    ? .updating : target.state == .enabled ? .enabling : .disabling
                state.entries[uuid]?.mapping = target
                state.entries[uuid]?.mapping.state = transition
                return .success((old, target))
            } catch {
                return .failure(error)
            }
        }
        let (old, target) = try result.get()
        do throws(ServiceError) {
            try await keep(target)
        } catch {
            state.withLock { $0.entries[uuid]?.mapping = old }
            throw error
        }
        let answer = mapping(uuid, region: region) ?? target
        transition { catalogue in
            await catalogue.endRun(uuid)
            if target.isEnabled { catalogue.begin(target) }
            catalogue.settle(uuid, target.state, at: catalogue.clock.now())
        }
        return answer
    }

    /// Deletes a mapping, once what is in flight is done.
    ///
    /// - Returns: the mapping as it is answered, Deleting.
    /// - Throws: ResourceNotFoundException, ResourceInUseException in a transition.
    func delete(_ uuid: String, region: String) async throws(ServiceError) -> EventSourceMapping {
        let now = clock.now()
        let result = state.withLock {
            state -> Result<(old: EventSourceMapping, deleting: EventSourceMapping), ServiceError>
            in
            guard let old = state.entries[uuid]?.mapping, old.region == region else {
                return .failure(Self.notFound)
            }
            guard old.state.isSettled else { return .failure(Self.inUse("delete")) }
            var deleting = old
            deleting.state = .deleting
            deleting.lastModified = now
            state.entries[uuid]?.mapping = deleting
            return .success((old, deleting))
        }
        let (old, deleting) = try result.get()
        do throws(ServiceError) {
            try await keep(deleting)
        } catch {
            state.withLock { $0.entries[uuid]?.mapping = old }
            throw error
        }
        transition { await $0.endDeletion(uuid) }
        return deleting
    }

    /// Changes the tags of a mapping; it is Updating for as long as that takes.
    ///
    /// - Throws: ResourceNotFoundException, ResourceInUseException in a transition.
    func setTags(
        _ uuid: String, region: String,
        _ change: @Sendable (inout [String: String]) throws(ServiceError) -> Void
    ) async throws(ServiceError) {
        let result = state.withLock { state -> Result<EventSourceMapping, ServiceError> in
            guard var mapping = state.entries[uuid]?.mapping, mapping.region == region else {
                return .failure(Self.notFound)
            }
            guard mapping.state.isSettled else { return .failure(Self.inUse("update")) }
            do throws(ServiceError) {
                try change(&mapping.tags)
            } catch {
                return .failure(error)
            }
            state.entries[uuid]?.mapping.state = .updating
            return .success(mapping)
        }
        let mapping = try result.get()
        do throws(ServiceError) {
            try await keep(mapping)
        } catch {
            settle(uuid, mapping.state, at: mapping.lastModified)
            throw error
        }
        state.withLock { $0.entries[uuid]?.mapping.tags = mapping.tags }
        settle(uuid, mapping.state, at: mapping.lastModified)
    }

    // MARK: Transitions

    private func transition(_ work: @escaping @Sendable (MappingCatalogue) async -> Void) {
        state.withLock { state in
            state.transitionNumber += 1
            let number = state.transitionNumber
            state.transitions[number] = Task {
                await work(self)
                self.state.withLock { _ = $0.transitions.removeValue(forKey: number) }
            }
        }
    }

    /// Runs a mapping that has no run, unless nothing is run now.
    private func begin(_ mapping: EventSourceMapping) {
        guard state.withLock({ $0.isRunning }) else { return }
        let run = (mapping.isQueue ? queues : streams).run(mapping, reports: self)
        let isKept = state.withLock { state in
            if state.isRunning { state.entries[mapping.uuid]?.run = run }
            return state.isRunning
        }
        if !isKept { transition { _ in await run.stop() } }
    }

    private func endRun(_ uuid: String) async {
        let run = state.withLock { state in
            let run = state.entries[uuid]?.run
            state.entries[uuid]?.run = nil
            return run
        }
        await run?.stop()
    }

    private func settle(_ uuid: String, _ target: EventSourceMapping.State, at time: Timestamp) {
        let missed = state.withLock { state -> EventSourceMapping? in
            guard var entry = state.entries[uuid] else { return nil }
            entry.mapping.state = target
            entry.mapping.lastModified = time
            let mapping = entry.mapping
            // `start` passed by while the mapping was in transition.
            let isMissed = state.isRunning && mapping.isEnabled && entry.run == nil
            if isMissed { entry.mapping.state = .enabling }
            state.entries[uuid] = entry
            return isMissed ? mapping : nil
        }
        guard let missed else { return }
        begin(missed)
        settle(uuid, target, at: time)
    }

    private func endDeletion(_ uuid: String) async {
        await endRun(uuid)
        guard let mapping = state.withLock({ $0.entries[uuid]?.mapping }) else { return }
        do {
            try await (mapping.isQueue ? queues : streams).forget(uuid)
            try await records.delete(uuid)
        } catch {
            // It stays Deleting; the next start tries again.
            logger.error(
                "an event source mapping could not be deleted",
                metadata: ["uuid": "\(uuid)", "error": "\(error)"])
            return
        }
        state.withLock { _ = $0.entries.removeValue(forKey: uuid) }
    }

    private func keep(_ mapping: EventSourceMapping) async throws(ServiceError) {
        do {
            try await records.put(mapping.uuid, Array(try JSONEncoder().encode(mapping)))
        } catch {
            throw ServiceError(
                "ServiceException", "The mapping could not be kept: \(error)", namespace: .rest,
                status: 500)
        }
    }

    // MARK: Refusals

    static let notFound = ServiceError(
        "ResourceNotFoundException", "The resource you requested does not exist.",
        namespace: .rest, status: 404)

    private static func inUse(_ verb: String) -> ServiceError {
        ServiceError(
            "ResourceInUseException",
            "Cannot \(verb) the event source mapping because it is in use.", namespace: .rest)
    }

    private static func conflict(with other: EventSourceMapping) -> ServiceError {
        let source = other.eventSourceArn
        let function = FunctionReference(other.functionArn)?.name ?? other.functionArn
        let rest = "already exists. Please update or delete the existing mapping with UUID "
        let told =
            other.isQueue
            ? "An event source mapping with SQS arn (\" \(source) \") and function "
                + "(\" \(function) \") "
            : "The event source arn (\" \(source) \") and function (\" \(function) \") provided "
                + "mapping "
        return ServiceError(
            "ResourceConflictException", told + rest + other.uuid, namespace: .rest, status: 409)
    }
}

extension MappingCatalogue: MappingReports {
    package func processed(_ uuid: String, result: String) {
        state.withLock { $0.entries[uuid]?.mapping.lastProcessingResult = result }
    }
}

extension EventSourceMapping.State {
    /// Whether it is neither on the way to another state nor to nothing.
    var isSettled: Bool { self == .enabled || self == .disabled }
}
