internal import Items
internal import Logging
internal import Operations
internal import Storage
internal import Synchronization

/// Fills global indexes that were added to tables with items.
///
/// Each step is an exclusive intent on the commit path: it reads the next items after the index's
/// cursor, stages their entries, and moves the cursor in the same batch. Writes in between
/// maintain the index at and below the cursor and leave the rest to later steps, so every item is
/// counted and indexed exactly once, whenever the process dies. Other writes wait for one step at
/// most.
final class Backfill: Sendable {
    /// The most items, and bytes of items, of one step.
    static let stepItemsMax = 500
    static let stepBytesMax = 1_048_576

    private struct State {
        var commitPath: CommitPath?
        var running: Set<UInt32> = []
        var isStopped = false
    }

    private let store: any KeyValueStore
    private let logger: Logger
    private let state = Mutex(State())

    init(store: any KeyValueStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// Begins, and takes up what an earlier process left.
    func start(on commitPath: CommitPath, tables: [Table]) {
        state.withLock { $0.commitPath = commitPath }
        consider(tables)
    }

    func stop() {
        state.withLock {
            $0.isStopped = true
            $0.commitPath = nil
        }
    }

    /// Starts a backfill for each index of these tables that needs one and has none running.
    func consider(_ tables: [Table]) {
        for table in tables {
            for index in table.globalIndexes where index.state != .active {
                let starts = state.withLock { state in
                    !state.isStopped && state.running.insert(index.id).inserted
                }
                if starts { step(tableName: table.name, table.definition.region, index.id) }
            }
        }
    }

    private func step(tableName: String, _ region: String, _ indexID: UInt32) {
        guard let commitPath = state.withLock({ $0.commitPath }) else { return }
        let isFinished = Finished()
        commitPath.submit(
            WriteIntent(
                stage: { [store] staging throws(ServiceError) in
                    isFinished.set(
                        try Self.stage(
                            staging, store: store, tableName: tableName, region: region,
                            indexID: indexID))
                    return OperationOutcome(.empty)
                },
                completion: { [self] result in
                    if case .failure(let error) = result {
                        logger.error(
                            "backfill of an index stopped",
                            metadata: ["table": "\(tableName)", "error": "\(error.message)"])
                    } else if !isFinished.value {
                        step(tableName: tableName, region, indexID)
                        return
                    }
                    state.withLock { _ = $0.running.remove(indexID) }
                },
                isExclusive: true))
    }

    /// Stages one step; answers whether it was the last.
    private static func stage(
        _ staging: Staging, store: any KeyValueStore, tableName: String, region: String,
        indexID: UInt32
    ) throws(ServiceError) -> Bool {
        guard let table = staging.table(named: tableName, region: region),
            let index = table.globalIndexes.first(where: { $0.id == indexID }),
            case .backfilling(let cursor) = index.state
        else { return true }
        var definition = table.definition
        guard let place = definition.globalIndexes.firstIndex(where: { $0.id == indexID }) else {
            return true
        }
        var last: [UInt8]?
        var isLast = false
        do throws(StorageError) {
            let range = StoredKeys.range(id: table.id)
            let walk = try store.cursor(.items, lower: range.lower, upper: range.upper)
            try walk.seek(cursor)
            if let cursor, walk.isValid, walk.key == cursor { try walk.next() }
            var count = 0
            var byteCount = 0
            while walk.isValid, count < stepItemsMax, byteCount < stepBytesMax {
                let item = ItemBytes(trusted: walk.value)
                _ = staging.writeEntry(of: index, in: table, old: nil, new: item)
                last = walk.key
                count += 1
                byteCount += item.size
                try walk.next()
            }
            isLast = !walk.isValid
        } catch {
            throw ServiceError(storage: error)
        }
        definition.globalIndexes[place].state =
            isLast ? .active : .backfilling(cursor: last ?? cursor)
        staging.putTable(definition)
        return isLast
    }
}

/// A flag that the commit path sets and the completion reads.
private final class Finished: Sendable {
    private let flag = Mutex(false)
    var value: Bool { flag.withLock { $0 } }
    func set(_ value: Bool) { flag.withLock { $0 = value } }
}
