internal import Items
internal import Logging
internal import Operations
internal import Storage
internal import Synchronization

/// Fills what was added to tables with items: global indexes, and the expiry index of a table's
/// time to live.
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
        /// Who waits for each index that is being filled.
        var running: [UInt32: [@Sendable () -> Void]] = [:]
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
        for table in tables where table.definition.lacksExpiryIndex {
            addExpiryIndex(to: table, on: commitPath)
        }
    }

    /// Gives an expiry index to a table whose time to live is from before there were any.
    private func addExpiryIndex(to table: Table, on commitPath: CommitPath) {
        commitPath.submit(
            WriteIntent(
                stage: { staging throws(ServiceError) in
                    let current = staging.table(
                        named: table.name, region: table.definition.region)
                    if var definition = current?.definition, definition.lacksExpiryIndex {
                        definition.expiryIndex = ExpiryIndexDefinition(
                            id: staging.makeStorageID(), state: .backfilling(cursor: nil))
                        staging.putTable(definition)
                    }
                    return OperationOutcome(.empty)
                },
                completion: { _ in }))
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
                fill(table, indexID: index.id)
            }
            if let index = table.expiryIndex, index.state != .active {
                fill(table, indexID: index.id)
            }
        }
    }

    /// Fills one index; the completion is called when it is full, or cannot be filled.
    func fill(
        _ table: Table, indexID: UInt32, completion: (@Sendable () -> Void)? = nil
    ) {
        enum Next { case start, wait, refuse }
        let next: Next = state.withLock { state in
            if state.isStopped { return .refuse }
            let isRunning = state.running[indexID] != nil
            state.running[indexID, default: []] += completion.map { [$0] } ?? []
            return isRunning ? .wait : .start
        }
        switch next {
        case .start: step(tableName: table.name, table.definition.region, indexID)
        case .wait: break
        case .refuse: completion?()
        }
    }

    private func end(_ indexID: UInt32) {
        let waiting = state.withLock { $0.running.removeValue(forKey: indexID) }
        for completion in waiting ?? [] { completion() }
    }

    private func step(tableName: String, _ region: String, _ indexID: UInt32) {
        guard let commitPath = state.withLock({ $0.commitPath }) else {
            end(indexID)
            return
        }
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
                    end(indexID)
                },
                isExclusive: true))
    }

    /// Stages one step; answers whether it was the last.
    private static func stage(
        _ staging: Staging, store: any KeyValueStore, tableName: String, region: String,
        indexID: UInt32
    ) throws(ServiceError) -> Bool {
        guard let table = staging.table(named: tableName, region: region),
            let target = Target(indexID, in: table)
        else { return true }
        var last: [UInt8]?
        var isLast = false
        do throws(StorageError) {
            let range = StoredKeys.range(id: table.id)
            let walk = try store.cursor(.items, lower: range.lower, upper: range.upper)
            let cursor = target.cursor
            try walk.seek(cursor)
            if let cursor, walk.isValid, walk.key == cursor { try walk.next() }
            var count = 0
            var byteCount = 0
            while walk.isValid, count < stepItemsMax, byteCount < stepBytesMax {
                let item = ItemBytes(trusted: walk.value)
                let key = walk.key
                target.stageEntry(of: item, storedKey: key, table, staging)
                last = key
                count += 1
                byteCount += item.size
                try walk.next()
            }
            isLast = !walk.isValid
        } catch {
            throw ServiceError(storage: error)
        }
        staging.putTable(
            target.definition(
                of: table, state: isLast ? .active : .backfilling(cursor: last ?? target.cursor)))
        return isLast
    }

    /// An index that is being filled.
    private enum Target {
        case global(SecondaryIndex, cursor: [UInt8]?)
        case expiry(ExpiryIndex, cursor: [UInt8]?)

        /// The index of a table with an id; nil where there is none that needs filling.
        init?(_ id: UInt32, in table: Table) {
            if let index = table.globalIndexes.first(where: { $0.id == id }),
                case .backfilling(let cursor) = index.state
            {
                self = .global(index, cursor: cursor)
            } else if let index = table.expiryIndex, index.id == id,
                case .backfilling(let cursor) = index.state
            {
                self = .expiry(index, cursor: cursor)
            } else {
                return nil
            }
        }

        var cursor: [UInt8]? {
            switch self {
            case .global(_, let cursor), .expiry(_, let cursor): cursor
            }
        }

        func stageEntry(
            of item: ItemBytes, storedKey: [UInt8], _ table: Table, _ staging: Staging
        ) {
            switch self {
            case .global(let index, _):
                // Nobody is charged for filling an index.
                var charges: [Charge] = []
                _ = staging.writeEntry(
                    of: index, in: table, old: nil, new: item, charges: &charges)
            case .expiry(let index, _):
                staging.writeExpiryEntry(of: index, storedKey: storedKey, old: nil, new: item)
            }
        }

        func definition(of table: Table, state: GlobalIndexDefinition.State) -> TableDefinition {
            var definition = table.definition
            switch self {
            case .global(let index, _):
                for place in definition.globalIndexes.indices
                where definition.globalIndexes[place].id == index.id {
                    definition.globalIndexes[place].state = state
                }
            case .expiry:
                definition.expiryIndex?.state = state
            }
            return definition
        }
    }
}

/// A flag that the commit path sets and the completion reads.
private final class Finished: Sendable {
    private let flag = Mutex(false)
    var value: Bool { flag.withLock { $0 } }
    func set(_ value: Bool) { flag.withLock { $0 = value } }
}
