internal import Dispatch
internal import Operations
internal import Storage
internal import Streams
internal import Synchronization

/// One change on its way: a function of current state, and who waits for its answer.
struct WriteIntent: Sendable {
    /// Evaluates the change: throws before it stages anything, or stages all of it.
    let stage: @Sendable (Staging) throws(ServiceError) -> OperationOutcome
    /// Called once, after the group that holds the change is durable, or when it was refused.
    let completion: @Sendable (Result<OperationOutcome, ServiceError>) -> Void
    /// Whether it must read the store without other changes of its group in between (backfill).
    var isExclusive = false
}

/// Orders all writes: evaluates intents one by one and commits them in groups.
///
/// One thread evaluates; whatever has queued up meanwhile forms the next group, which shares one
/// batch, one WAL record and one sync. So a write is visible to the next intent at once, to
/// readers when its group is durable, and it is acknowledged after that. Serial evaluation needs
/// no locks on items and makes every conditional write linearizable; evaluation costs
/// microseconds while a sync costs tens of them, so one evaluator keeps a device busy.
/// The simpler scheme, a commit per request, spends a sync on each.
final class CommitPath: Sendable {
    /// The most intents of one group: bounds the memory and the wait of the first.
    static let groupCountMax = 512

    private struct Queue {
        var intents: [WriteIntent] = []
        var isRunning = false
        var isClosed = false
    }

    private let store: any KeyValueStore
    private let catalogue: Catalogue
    private let streams: StreamCatalogue
    private let throttle: Throttle
    private let now: @Sendable () -> Timestamp
    private let queue = Mutex(Queue())
    private let thread = DispatchQueue(label: "basalt.commit", qos: .userInitiated)
    /// Called with the tables that a group changed, after it committed.
    private let onTablesChanged: @Sendable ([Table]) -> Void

    init(
        store: any KeyValueStore, catalogue: Catalogue, streams: StreamCatalogue,
        throttle: Throttle, now: @escaping @Sendable () -> Timestamp,
        onTablesChanged: @escaping @Sendable ([Table]) -> Void
    ) {
        self.store = store
        self.catalogue = catalogue
        self.streams = streams
        self.throttle = throttle
        self.now = now
        self.onTablesChanged = onTablesChanged
    }

    func submit(_ intent: WriteIntent) {
        enum Next { case start, wait, refuse }
        let next: Next = queue.withLock { queue in
            if queue.isClosed { return .refuse }
            queue.intents.append(intent)
            if queue.isRunning { return .wait }
            queue.isRunning = true
            return .start
        }
        switch next {
        case .start: thread.async { self.drain() }
        case .wait: break
        case .refuse:
            intent.completion(.failure(.internalServerError("The server is shutting down")))
        }
    }

    /// Refuses new intents and returns when the queued ones are done.
    func close() {
        queue.withLock { $0.isClosed = true }
        thread.sync {}
    }

    private func drain() {
        while true {
            let group = queue.withLock { queue -> [WriteIntent] in
                let group = Self.takeGroup(from: &queue.intents)
                if group.isEmpty { queue.isRunning = false }
                return group
            }
            if group.isEmpty { return }
            commit(group)
        }
    }

    private static func takeGroup(from intents: inout [WriteIntent]) -> [WriteIntent] {
        guard let first = intents.first else { return [] }
        if first.isExclusive {
            intents.removeFirst()
            return [first]
        }
        let end = intents.firstIndex { $0.isExclusive } ?? intents.count
        if end == intents.count, end <= groupCountMax {
            let group = intents
            intents = []
            return group
        }
        let count = min(end, groupCountMax)
        let group = Array(intents[..<count])
        intents.removeFirst(count)
        return group
    }

    private func commit(_ group: [WriteIntent]) {
        if let fault = store.fault {
            let error = ServiceError(storage: fault)
            for intent in group { intent.completion(.failure(error)) }
            return
        }
        let staging = Staging(
            store: store, catalogue: catalogue, streams: streams, batch: store.makeBatch(),
            now: now, throttle: throttle.isOn ? throttle : nil)
        var results: [Result<OperationOutcome, ServiceError>] = []
        results.reserveCapacity(group.count)
        for intent in group {
            do throws(ServiceError) {
                results.append(.success(try intent.stage(staging)))
            } catch {
                results.append(.failure(error))
            }
        }
        do throws(StorageError) {
            try staging.commit()
        } catch {
            // Even a refused intent may have seen what was never written.
            let failure = ServiceError(storage: error)
            for intent in group { intent.completion(.failure(failure)) }
            return
        }
        let changed = staging.changedTables
        // Who was told of a table's throughput finds it served.
        if !changed.isEmpty { throttle.tablesChanged(changed) }
        for (intent, result) in zip(group, results) { intent.completion(result) }
        staging.notifyStreamObservers()
        if !changed.isEmpty { onTablesChanged(changed) }
    }
}

extension ServiceError {
    /// A storage failure as a client sees it: HTTP 500.
    init(storage error: StorageError) {
        let message: String
        switch error {
        case .corrupt(let text): message = "Stored data is damaged: \(text)"
        case .poisoned(let text):
            message = "The store takes no writes since an earlier failure: \(text)"
        default: message = error.description
        }
        self = .internalServerError(message)
    }
}
