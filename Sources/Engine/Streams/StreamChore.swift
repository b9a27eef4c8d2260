internal import Logging
internal import Operations
internal import Storage
internal import Streams
internal import Synchronization

/// Rolls shards, deletes what is past retention, and removes streams that were off for a day.
///
/// What is past retention can't be read from that moment on; deleting it may wait.
final class StreamChore: Chore {
    let name = "streams"

    /// Records are deleted in steps of at least so many seconds of them: a deletion of a range
    /// costs every later read of its shard a little.
    private static let trimSecondsMin = 600.0

    /// One commit's worth of work.
    private enum Task: Sendable {
        case setUp(Table)
        case roll(StreamName, at: Timestamp)
        case trim(StreamName, through: UInt64)
        case remove(StreamName)
        case markTrimmed(through: UInt64)
    }

    private struct State {
        var isStopped = false
        /// When records were last deleted, by the clock that may be virtual.
        var trimmedAt: Timestamp = 0
    }

    private let store: any KeyValueStore
    private let catalogue: Catalogue
    private let streams: StreamCatalogue
    private let commitPath: CommitPath
    private let logger: Logger
    private let state = Mutex(State())

    init(
        store: any KeyValueStore, catalogue: Catalogue, streams: StreamCatalogue,
        commitPath: CommitPath, logger: Logger
    ) {
        self.store = store
        self.catalogue = catalogue
        self.streams = streams
        self.commitPath = commitPath
        self.logger = logger
    }

    func stop() { state.withLock { $0.isStopped = true } }

    func run(at now: Timestamp, completion: @escaping @Sendable () -> Void) {
        let horizon = streams.sequence(at: now - Limits.streamRetentionSeconds)
        let trims = state.withLock { state in
            guard now - state.trimmedAt >= Self.trimSecondsMin || now < state.trimmedAt else {
                return false
            }
            state.trimmedAt = now
            return true
        }
        var tasks: [Task] = []
        for table in catalogue.allTables where table.needsStreamSetup {
            tasks.append(.setUp(table))
        }
        for stream in streams.allStreams {
            if stream.isGone(at: now, retentionSeconds: Limits.streamRetentionSeconds) {
                tasks.append(.remove(stream.name))
                continue
            }
            if stream.shards.contains(where: { $0.isDue(at: now) }) {
                tasks.append(.roll(stream.name, at: now))
            }
            if trims || stream.shards.contains(where: { $0.isTrimmed(through: horizon) }) {
                tasks.append(.trim(stream.name, through: horizon))
            }
        }
        let trimsAny = tasks.contains { if case .trim = $0 { true } else { false } }
        if trimsAny, horizon > streams.trimmedSequence {
            tasks.append(.markTrimmed(through: horizon))
        }
        run(tasks[...], completion: completion)
    }

    /// Commits one task after another, so that other writes get their turn in between.
    private func run(_ tasks: ArraySlice<Task>, completion: @escaping @Sendable () -> Void) {
        guard let task = tasks.first, !state.withLock({ $0.isStopped }) else {
            completion()
            return
        }
        let store = store
        commitPath.submit(
            WriteIntent(
                stage: { staging throws(ServiceError) in
                    switch task {
                    case .setUp(let table): staging.setUpStream(of: table)
                    case .roll(let name, let now): staging.rollShards(of: name, at: now)
                    case .trim(let name, let sequence):
                        try staging.trim(name, through: sequence, store: store)
                    case .remove(let name): staging.streamWriter.remove(name)
                    case .markTrimmed(let sequence):
                        staging.streamWriter.markTrimmed(through: sequence)
                    }
                    return OperationOutcome(.empty)
                },
                completion: { [self] result in
                    if case .failure(let error) = result {
                        logger.error(
                            "the upkeep of a stream failed",
                            metadata: ["error": "\(error.message)"])
                    }
                    run(tasks.dropFirst(), completion: completion)
                }))
    }
}

extension Shard {
    /// Whether an open shard has been open for its time.
    func isDue(at now: Timestamp) -> Bool {
        isOpen && openedAt + Limits.shardRollSeconds <= now
    }
}

extension Table {
    /// Whether the table asks for a stream that no commit has set up: an older store's.
    var needsStreamSetup: Bool { definition.streamView != nil && stream == nil }
}

extension Staging {
    /// Sets up the stream of a table that an older store only described.
    fileprivate func setUpStream(of table: Table) {
        guard let current = self.table(named: table.name, region: table.definition.region),
            current.id == table.id, current.needsStreamSetup
        else { return }
        putTable(current.definition)
    }

    /// Replaces the shards of a stream that have been open for their time.
    fileprivate func rollShards(of name: StreamName, at now: Timestamp) {
        guard let table = table(named: name.tableName, region: name.region),
            let open = table.definition.stream, open.label == name.label
        else { return }
        var definition = table.definition
        definition.stream?.shards = streamWriter.reshape(
            name, lowerHashes: table.partitions.lowerHashes, isDue: { $0.isDue(at: now) })
        putTable(definition)
    }

    /// Deletes a stream's records up to a sequence number, and the shards that ended before.
    fileprivate func trim(
        _ name: StreamName, through sequence: UInt64, store: any KeyValueStore
    ) throws(ServiceError) {
        guard let stream = streamWriter.stream(name) else { return }
        var last: [UInt32: UInt64] = [:]
        do throws(StorageError) {
            for shard in stream.shards where shard.startingSequence <= sequence {
                last[shard.number] = try ShardReader.lastRecord(
                    store, stream: stream.id, shard: shard.number, through: sequence)
            }
        } catch {
            throw ServiceError(storage: error)
        }
        streamWriter.trim(name, through: sequence) { last[$0.number] }
    }
}
