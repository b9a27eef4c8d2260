internal import Items
internal import Logging
internal import Operations
internal import Storage
internal import Synchronization

/// Deletes what has expired, in tables with a time to live.
///
/// It reads the expiry index where items are due and deletes them through the commit path, some
/// at a time, so that other writes wait for one step at most. Each item is looked at again there:
/// only what is still expired goes. So a table without expired items costs one seek.
final class ExpirySweep: Chore {
    /// The most items of one step, and bytes of items.
    static let stepItemsMax = 200
    static let stepBytesMax = 1_048_576

    let name = "deleting expired items"
    let interval: Double?
    private let store: any KeyValueStore
    private let catalogue: Catalogue
    private let commitPath: CommitPath
    private let backfill: Backfill
    private let expiredItems: ExpiredItems
    private let logger: Logger
    private let state = Mutex(State())

    private struct State {
        /// When the last whole sweep was: what expired less than five years before it is due.
        ///
        /// A clock that jumps ten years passes every moment in between, as the service would have.
        var lastSweep: Timestamp?
        var isStopped = false
    }

    /// - Parameter interval: real seconds between two sweeps.
    init(
        store: any KeyValueStore, catalogue: Catalogue, commitPath: CommitPath,
        backfill: Backfill, expiredItems: ExpiredItems, interval: Double, logger: Logger
    ) {
        self.expiredItems = expiredItems
        self.store = store
        self.catalogue = catalogue
        self.commitPath = commitPath
        self.backfill = backfill
        self.interval = interval
        self.logger = logger
    }

    func stop() {
        state.withLock { $0.isStopped = true }
    }

    func run(at now: Timestamp, completion: @escaping @Sendable () -> Void) {
        let tables = catalogue.allTables.filter { $0.expiryIndex != nil }
        let last = state.withLock { $0.lastSweep }
        let earliest = min(last ?? now, now) - Limits.timeToLivePastSecondsMax
        sweep(tables[...], from: earliest, to: now) { [self] in
            state.withLock { if !$0.isStopped { $0.lastSweep = now } }
            completion()
        }
    }

    private func sweep(
        _ tables: ArraySlice<Table>, from earliest: Timestamp, to now: Timestamp,
        completion: @escaping @Sendable () -> Void
    ) {
        guard let table = tables.first, let index = table.expiryIndex,
            !state.withLock({ $0.isStopped })
        else {
            completion()
            return
        }
        let goOn: @Sendable () -> Void = { [self] in
            let range = index.range(from: earliest, to: now)
            let step = Step(table: table, index: index, lower: range.lower, upper: range.upper)
            run(step) {
                self.sweep(tables.dropFirst(), from: earliest, to: now, completion: completion)
            }
        }
        // What isn't in the index yet may be due too.
        if index.state == .active {
            goOn()
        } else {
            backfill.fill(table, indexID: index.id, completion: goOn)
        }
    }

    /// A part of the index that is still to be gone through.
    private struct Step {
        let table: Table
        let index: ExpiryIndex
        let lower: [UInt8]
        let upper: [UInt8]
    }

    private func run(_ step: Step, completion: @escaping @Sendable () -> Void) {
        let due: [[UInt8]]
        do throws(StorageError) {
            due = state.withLock({ $0.isStopped }) ? [] : try dueEntries(step)
        } catch {
            logger.error("\(name) failed", metadata: ["error": "\(error)"])
            completion()
            return
        }
        guard !due.isEmpty else {
            completion()
            return
        }
        let done = Mutex((entries: 0, items: 0))
        commitPath.submit(
            WriteIntent(
                stage: { staging throws(ServiceError) in
                    let counts = try Self.stage(staging, step, due)
                    done.withLock { $0 = counts }
                    return OperationOutcome(.empty)
                },
                completion: { [self] result in
                    if case .failure(let error) = result {
                        logger.error("\(name) failed", metadata: ["error": "\(error.message)"])
                        completion()
                        return
                    }
                    let counts = done.withLock { $0 }
                    expiredItems.add(counts.items, table: step.table.id)
                    let next = due[counts.entries - 1] + [0]
                    run(
                        Step(table: step.table, index: step.index, lower: next, upper: step.upper),
                        completion: completion)
                }))
    }

    /// The first entries of a step that are due.
    private func dueEntries(_ step: Step) throws(StorageError) -> [[UInt8]] {
        guard step.lower.lexicographicallyPrecedes(step.upper) else { return [] }
        let cursor = try store.cursor(.indexes, lower: step.lower, upper: step.upper)
        var keys: [[UInt8]] = []
        try cursor.seek(nil)
        while cursor.isValid, keys.count < Self.stepItemsMax {
            keys.append(cursor.key)
            try cursor.next()
        }
        return keys
    }

    /// Stages the end of the items of entries that are due, if they are still.
    ///
    /// - Returns: how many entries were gone through, at least one: the rest would hold up others;
    ///   and how many items went.
    private static func stage(
        _ staging: Staging, _ step: Step, _ due: [[UInt8]]
    ) throws(ServiceError) -> (entries: Int, items: Int) {
        guard
            let table = staging.table(
                named: step.table.name, region: step.table.definition.region),
            let index = table.expiryIndex, index.id == step.index.id
        else { return (due.count, 0) }
        // All reads come first: they can fail, and then nothing may have been staged.
        var expired: [(storedKey: [UInt8], item: ItemBytes)?] = []
        var byteCount = 0
        for entry in due where byteCount < stepBytesMax {
            guard let parsed = ExpiryIndex.parse(entryKey: entry),
                let item = try staging.item(storedKey: parsed.storedKey)
            else {
                expired.append(nil)
                continue
            }
            byteCount += item.size
            let isExpired = index.expiry(of: item) == parsed.expiry
            expired.append(isExpired ? (parsed.storedKey, item) : nil)
        }
        for (entry, found) in zip(due, expired) {
            if let found {
                _ = staging.write(
                    table, storedKey: found.storedKey, old: found.item, new: nil,
                    requestedName: table.name, origin: .timeToLive)
            } else {
                // Nothing stands behind it any more; a write in between has seen to that.
                staging.batch.delete(.indexes, entry)
            }
        }
        return (expired.count, expired.count { $0 != nil })
    }
}
