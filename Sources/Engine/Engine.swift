package import Logging
package import Metering
package import Operations
package import Storage
internal import Streams

/// What an engine needs to know beside its store.
package struct EngineConfiguration: Sendable {
    /// The account in every ARN: 12 digits.
    package var accountID: String
    package var logger: Logger
    /// Now, in seconds since 1970; where there is a `clock`, it tells instead.
    package var now: @Sendable () -> Timestamp
    /// A clock that users may move; nil: `now` cannot be moved.
    package var clock: VirtualClock?
    /// Threads for reads that may wait for the device.
    package var readerCount: Int
    /// Real seconds between two runs of what time makes due; infinity: only when asked to.
    package var maintenanceInterval = 2.0
    /// Real seconds between two looks for expired items; 0: as soon as they expire.
    package var timeToLiveInterval = 10.0
    /// Conflicts that transactions and writes meet on purpose; nil for none.
    package var provokedConflicts: ProvokedConflicts?
    /// What becomes of work over the limits of capacity.
    package var throttling = ThrottlingMode.off
    /// The numbers of the capacity model.
    package var capacityRules = CapacityRules.standard
    /// A fresh UUID in lower case: the TableId of a new table.
    package var makeTableID: @Sendable () -> String = EngineEnvironment.randomTableID

    package init(
        accountID: String = "000000000000", logger: Logger = Logger(label: "basalt.engine"),
        now: @escaping @Sendable () -> Timestamp = SystemClock.now, readerCount: Int = 4,
        provokedConflicts: ProvokedConflicts? = nil
    ) {
        self.accountID = accountID
        self.logger = logger
        self.now = now
        self.readerCount = readerCount
        self.provokedConflicts = provokedConflicts
    }
}

/// DynamoDB over a key-value store: every operation, without a socket.
///
/// Reads see the latest commit; writes go through the one commit path, which stages table,
/// indexes and statistics in one batch. Nothing here blocks the caller of `handle`.
package final class Engine: OperationHandler, Sendable {
    package typealias Completion =
        @Sendable (Result<OperationOutcome, ServiceError>) -> Void

    let store: any KeyValueStore
    let catalogue: Catalogue
    let streams: StreamCatalogue
    let commitPath: CommitPath
    let pool: StoragePool
    let conflicts: TransactionConflicts
    let transactionTokens: TransactionTokens
    let throttle: Throttle
    let environment: EngineEnvironment
    let logger: Logger
    let clock: VirtualClock?
    /// The time that everything goes by, for those who wait by it.
    package let serviceClock: EngineClock
    let maintenance: Maintenance
    let expiredItems = ExpiredItems()
    private let backfill: Backfill
    private let capacityChore: CapacityChore

    /// Opens the engine over a store and goes on with what a stop interrupted.
    ///
    /// - Throws: where the store's catalogue cannot be read, or its clock was moved and there is
    ///   no virtual clock to go on with.
    package init(
        store: any KeyValueStore, configuration: EngineConfiguration = EngineConfiguration()
    ) throws(StorageError) {
        self.store = store
        logger = configuration.logger
        let clock = configuration.clock
        try StoredClock.restore(from: store, to: clock)
        let now = clock.map { clock in { @Sendable in clock.now() } } ?? configuration.now
        self.clock = clock
        serviceClock = EngineClock(now: now)
        environment = EngineEnvironment(
            accountID: configuration.accountID, now: now, makeTableID: configuration.makeTableID)
        let catalogue = try Catalogue(store: store, accountID: configuration.accountID)
        let streams = try StreamCatalogue(store: store, now: now())
        let throttle = try Throttle(
            mode: configuration.throttling, rules: configuration.capacityRules, store: store,
            catalogue: catalogue, now: now)
        self.throttle = throttle
        let backfill = Backfill(store: store, logger: configuration.logger)
        self.catalogue = catalogue
        conflicts = TransactionConflicts(provoked: configuration.provokedConflicts)
        transactionTokens = TransactionTokens(store: store)
        self.streams = streams
        self.backfill = backfill
        pool = StoragePool(threadCount: configuration.readerCount)
        commitPath = CommitPath(
            store: store, catalogue: catalogue, streams: streams, throttle: throttle, now: now
        ) { backfill.consider($0) }
        let capacityChore = CapacityChore(
            store: store, catalogue: catalogue, throttle: throttle, commitPath: commitPath,
            logger: logger)
        self.capacityChore = capacityChore
        let chores: [any Chore] = [
            ExpirySweep(
                store: store, catalogue: catalogue, commitPath: commitPath, backfill: backfill,
                expiredItems: expiredItems, interval: configuration.timeToLiveInterval,
                logger: logger),
            TransactionTokenExpiry(store: store, commitPath: commitPath, logger: logger),
            StreamChore(
                store: store, catalogue: catalogue, streams: streams, commitPath: commitPath,
                logger: configuration.logger),
            capacityChore,
        ]
        maintenance = Maintenance(
            chores: chores, interval: configuration.maintenanceInterval, now: now)
        backfill.start(on: commitPath, tables: catalogue.allTables)
        maintenance.start()
    }

    /// Finishes the queued work and refuses more; the store may be closed afterwards.
    package func shutdown() {
        // The chore that goes on may wait for a backfill.
        backfill.stop()
        maintenance.stop()
        capacityChore.saveAll(now: environment.now())
        commitPath.close()
        pool.close()
    }

    package func handle(
        _ request: OperationRequest, context: RequestContext,
        completion: @escaping @Sendable (Result<OperationOutcome, ServiceError>) -> Void
    ) {
        switch request {
        case .getItem(let request): getItem(request, context: context, completion: completion)
        case .putItem(let request): putItem(request, context: context, completion: completion)
        case .updateItem(let request):
            updateItem(request, context: context, completion: completion)
        case .deleteItem(let request):
            deleteItem(request, context: context, completion: completion)
        case .batchGetItem(let request):
            batchGetItem(request, context: context, completion: completion)
        case .batchWriteItem(let request):
            batchWriteItem(request, context: context, completion: completion)
        case .query(let request): query(request, context: context, completion: completion)
        case .scan(let request): scan(request, context: context, completion: completion)
        case .transactWriteItems(let request):
            transactWriteItems(request, context: context, completion: completion)
        case .transactGetItems(let request):
            transactGetItems(request, context: context, completion: completion)
        case .executeStatement(let request):
            executeStatement(request, context: context, completion: completion)
        case .batchExecuteStatement(let request):
            batchExecuteStatement(request, context: context, completion: completion)
        case .executeTransaction(let request):
            executeTransaction(request, context: context, completion: completion)
        case .listStreams(let request):
            listStreams(request, context: context, completion: completion)
        case .describeStream(let request):
            describeStream(request, context: context, completion: completion)
        case .getShardIterator(let request):
            getShardIterator(request, context: context, completion: completion)
        case .getRecords(let request):
            getRecords(request, context: context, completion: completion)
        default: handleTables(request, context: context, completion: completion)
        }
    }

    /// The table with a name, as it is now; nil where there is none.
    package func table(named name: String, region: String) -> Table? {
        catalogue.table(named: name, region: region)
    }

    /// The table that a request of the data plane names, by name or ARN.
    func table(
        _ name: String, _ operation: String, _ context: RequestContext
    ) throws(ServiceError) -> Table {
        let location = try TableLocation(
            tableName: name, for: operation, context: context, environment: environment)
        guard let table = catalogue.table(named: location.name, region: location.region) else {
            throw .tableNotFound
        }
        return table
    }

    /// Puts a change on the commit path.
    func submit(
        _ completion: @escaping Completion,
        stage: @escaping @Sendable (Staging) throws(ServiceError) -> OperationOutcome
    ) {
        commitPath.submit(WriteIntent(stage: stage, completion: completion))
    }

    /// Puts the change of one item on the commit path, unless a transaction holds the item:
    /// TransactionConflictException.
    func submit(
        _ completion: @escaping Completion, writing storedKey: [UInt8],
        stage: @escaping @Sendable (Staging) throws(ServiceError) -> OperationOutcome
    ) {
        if conflicts.meetsWrite(storedKey: storedKey) {
            completion(.failure(.transactionConflict))
        } else if throttle.isOn {
            submit(completion) { staging throws(ServiceError) in try staging.metering(stage) }
        } else {
            submit(completion, stage: stage)
        }
    }

    /// Lets a read begin, unless it is throttled; what it consumes is charged when it completes.
    ///
    /// - Returns: the completion to call.
    /// - Throws: the throttling error, where throttling is enforced.
    func admitting(
        read storedKey: [UInt8], of table: Table, index: SecondaryIndex? = nil,
        _ completion: @escaping Completion
    ) throws(ServiceError) -> Completion {
        guard throttle.isOn else { return completion }
        let work = try throttle.admit(.read, at: storedKey, of: table, index: index)
        return { [throttle] result in
            completion(
                result.map { outcome in
                    var outcome = outcome
                    throttle.settle(&outcome.consumption, throttles: work.map { [$0] } ?? [])
                    return outcome
                })
        }
    }

    /// Runs a read of the store; its failures are HTTP 500.
    func storing<Result>(
        _ body: () throws(StorageError) -> Result
    ) throws(ServiceError) -> Result {
        do throws(StorageError) {
            return try body()
        } catch {
            throw ServiceError(storage: error)
        }
    }
}
