internal import Items
internal import Logging
internal import Metering
internal import Operations
internal import Storage
internal import Synchronization

/// Splits partitions whose heat, size or throughput calls for it, raises the warm throughput of
/// on-demand tables that have grown, and stores what capacities must not forget.
///
/// A table's split at a hash is a change of its definition, so that its stream's shards follow. A
/// cut inside one partition key's sort range, and those of global indexes, stand in the stored
/// capacity alone: there is no shard for them.
final class CapacityChore: Chore {
    /// Seconds after which a capacity is stored anew that was used.
    private static let saveInterval = 10.0

    let name = "splitting partitions"
    private let store: any KeyValueStore
    private let catalogue: Catalogue
    private let throttle: Throttle
    private let commitPath: CommitPath
    private let logger: Logger
    private let lastSave = Mutex<Timestamp>(0)

    init(
        store: any KeyValueStore, catalogue: Catalogue, throttle: Throttle,
        commitPath: CommitPath, logger: Logger
    ) {
        self.store = store
        self.catalogue = catalogue
        self.throttle = throttle
        self.commitPath = commitPath
        self.logger = logger
    }

    func run(at now: Timestamp, completion: @escaping @Sendable () -> Void) {
        throttle.forgetDropped()
        var growths: [Growth] = []
        var changed: [Throttle.Meter] = []
        for meter in throttle.isOn ? throttle.knownMeters : [] {
            let splits = split(meter, now: now)
            if !splits.isEmpty { changed.append(meter) }
            guard let resource = catalogue.resource(id: meter.resourceID) else { continue }
            let growth = Growth(
                resource: resource,
                hashes: resource.index == nil ? splits.compactMap(\.boundary.cutHash) : [],
                warm: resource.outgrown(by: meter, now: now))
            if growth.warm != nil || !growth.hashes.isEmpty { growths.append(growth) }
        }
        let savesAll = lastSave.withLock { last in
            // A clock that was moved back on another machine must not stop it for long.
            guard abs(now - last) >= Self.saveInterval else { return false }
            last = now
            return true
        }
        if savesAll {
            changed += throttle.knownMeters.filter { meter in
                meter.isUnsaved.load(ordering: .relaxed)
                    && !changed.contains { $0 === meter }
            }
        }
        submit(growths, saving: changed, now: now, completion: completion)
    }

    /// Stores every capacity that was used since it was stored.
    func saveAll(now: Timestamp) {
        let used = throttle.knownMeters.filter { $0.isUnsaved.load(ordering: .relaxed) }
        submit([], saving: used, now: now) {}
    }

    private func split(_ meter: Throttle.Meter, now: Timestamp) -> [ResourceCapacity.Split] {
        // The device is asked before the lock is taken, for which requests wait.
        let sizes = PartitionSizes(
            of: meter, catalogue: catalogue, store: store, rules: throttle.rules)
        return meter.capacity.withLock { capacity in
            guard let sizes, sizes.places == capacity.partitions else {
                return capacity.splitIfDue(now: now)
            }
            return capacity.splitIfDue(now: now) { partition in
                sizes.byteCounts[partition]
            } sizeCut: {
                sizes.boundaries[$0]
            }
        }
    }

    private func submit(
        _ growths: [Growth], saving meters: [Throttle.Meter], now: Timestamp,
        completion: @escaping @Sendable () -> Void
    ) {
        guard !growths.isEmpty || !meters.isEmpty else { return completion() }
        for meter in meters { meter.isUnsaved.store(false, ordering: .relaxed) }
        commitPath.submit(
            WriteIntent(
                stage: { [catalogue] staging throws(ServiceError) in
                    for growth in growths { growth.stage(staging) }
                    for meter in meters {
                        let id = meter.resourceID
                        guard catalogue.resource(id: id)?.isThere(in: staging) == true else {
                            continue
                        }
                        staging.putCapacity(meter.capacity.withLock { $0.state(now: now) }, of: id)
                    }
                    return OperationOutcome(.empty)
                },
                completion: { [logger, name] result in
                    if case .failure(let error) = result {
                        for meter in meters { meter.isUnsaved.store(true, ordering: .relaxed) }
                        logger.error("\(name) failed", metadata: ["error": "\(error.message)"])
                    }
                    completion()
                }))
    }
}

extension KeyPlace {
    /// The hash at which a partition is cut; nil where the cut lies inside one partition key.
    fileprivate var cutHash: UInt64? {
        storedKey.count == 4 + PartitionHash.byteCount ? hash : nil
    }
}

extension Catalogue.Resource {
    /// The table as the commit path sees it; nil where it is another by now.
    fileprivate func current(_ staging: Staging) -> Table? {
        let current = staging.table(named: table.name, region: table.definition.region)
        return current?.id == table.id ? current : nil
    }

    /// Whether the table or index is still there.
    fileprivate func isThere(in staging: Staging) -> Bool {
        guard let current = current(staging) else { return false }
        return index.map { index in current.globalIndexes.contains { $0.id == index.id } } ?? true
    }

    /// The definition of a table that grows all the time isn't changed all the time.
    private static let growthMin = 1.01

    /// The warm throughput of an on-demand table or index whose traffic has raised it; nil where
    /// what its definition says is still true.
    fileprivate func outgrown(by meter: Throttle.Meter, now: Timestamp) -> WarmThroughput? {
        let (setting, read, write) = meter.capacity.withLock { capacity in
            (capacity.throughput, capacity.gauge(.read, now: now), capacity.gauge(.write, now: now))
        }
        guard case .onDemand(let warmRead, let warmWrite, _, _) = setting,
            read.unitsPerSecond > Self.growthMin * warmRead
                || write.unitsPerSecond > Self.growthMin * warmWrite
        else { return nil }
        func units(_ gauge: ResourceCapacity.Gauge, _ warm: Double) -> Int {
            Int(min(max(gauge.unitsPerSecond, warm), Double(Limits.tableCapacityUnitsMax)))
        }
        let grown = WarmThroughput(
            readUnitsPerSecond: units(read, warmRead), writeUnitsPerSecond: units(write, warmWrite))
        let isMore =
            Double(grown.readUnitsPerSecond ?? 0) > warmRead
            || Double(grown.writeUnitsPerSecond ?? 0) > warmWrite
        return isMore ? grown : nil
    }
}

/// What a table's definition takes over from its capacity, or from that of a global index.
private struct Growth {
    let resource: Catalogue.Resource
    /// Where the table's partitions are cut.
    let hashes: [UInt64]
    /// nil: it stays.
    let warm: WarmThroughput?

    func stage(_ staging: Staging) {
        guard let current = resource.current(staging) else { return }
        var definition = current.definition
        var partitions = current.partitions
        for hash in hashes where partitions.count < Limits.tablePartitionsMax {
            partitions.split(atHash: hash)
        }
        definition.partitions = partitions
        if let warm, definition.billingMode == .payPerRequest {
            definition.raise(to: warm, resource)
        }
        guard partitions != current.partitions || warm != nil else { return }
        staging.putTable(definition)
    }
}

extension TableDefinition {
    /// Raises the warm throughput of the table, or of one of its global indexes.
    fileprivate mutating func raise(to warm: WarmThroughput, _ resource: Catalogue.Resource) {
        guard let index = resource.index else {
            warmThroughput = .greatest(currentWarmThroughput, warm)
            return
        }
        guard let place = globalIndexes.firstIndex(where: { $0.id == index.id }) else { return }
        globalIndexes[place].index.warmThroughput = .greatest(
            currentWarmThroughput(of: globalIndexes[place]), warm)
    }
}
