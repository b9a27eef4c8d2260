internal import Items
internal import Logging
internal import Metering
internal import Operations
internal import Storage
internal import Synchronization

/// Splits partitions whose heat, size or throughput calls for it, and stores what capacities must
/// not forget.
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
        var cuts: [UInt32: [UInt64]] = [:]
        var changed: [Throttle.Meter] = []
        for meter in throttle.isOn ? throttle.knownMeters : [] {
            let splits = split(meter, now: now)
            guard !splits.isEmpty else { continue }
            changed.append(meter)
            let hashes = splits.compactMap(\.boundary.cutHash)
            if !hashes.isEmpty, case .table? = catalogue.resource(id: meter.resourceID) {
                cuts[meter.resourceID] = hashes
            }
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
        submit(cuts, saving: changed, now: now, completion: completion)
    }

    /// Stores every capacity that was used since it was stored.
    func saveAll(now: Timestamp) {
        let used = throttle.knownMeters.filter { $0.isUnsaved.load(ordering: .relaxed) }
        submit([:], saving: used, now: now) {}
    }

    private func split(_ meter: Throttle.Meter, now: Timestamp) -> [ResourceCapacity.Split] {
        let sizes = PartitionSizes(of: meter.resourceID, catalogue: catalogue, store: store)
        return meter.capacity.withLock { capacity in
            let places = capacity.partitions
            return capacity.splitIfDue(now: now) { sizes?.byteCount(of: $0, places: places) }
        }
    }

    private func submit(
        _ cuts: [UInt32: [UInt64]], saving meters: [Throttle.Meter], now: Timestamp,
        completion: @escaping @Sendable () -> Void
    ) {
        guard !cuts.isEmpty || !meters.isEmpty else { return completion() }
        for meter in meters { meter.isUnsaved.store(false, ordering: .relaxed) }
        commitPath.submit(
            WriteIntent(
                stage: { [catalogue] staging throws(ServiceError) in
                    for (id, hashes) in cuts {
                        catalogue.resource(id: id)?.cut(at: hashes, staging)
                    }
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

    /// Splits partitions of the table at hashes.
    fileprivate func cut(at hashes: [UInt64], _ staging: Staging) {
        guard let current = current(staging) else { return }
        var partitions = current.partitions
        for hash in hashes where partitions.count < Limits.tablePartitionsMax {
            partitions.split(atHash: hash)
        }
        guard partitions != current.partitions else { return }
        var definition = current.definition
        definition.partitions = partitions
        staging.putTable(definition)
    }
}

/// About how much each partition of a table or index holds.
private struct PartitionSizes {
    private let keyspace: Keyspace
    private let store: any KeyValueStore
    /// DynamoDB bytes of all partitions, and their bytes on the device.
    private let whole: Double
    private let stored: Double
    private let id: UInt32

    /// nil where it is too small for any split, which saves looking closer.
    init?(of id: UInt32, catalogue: Catalogue, store: any KeyValueStore) {
        guard let resource = catalogue.resource(id: id) else { return nil }
        let byteCount = (resource.index?.statistics ?? resource.table.statistics).value.byteCount
        guard byteCount > CapacityRules.standard.partitionBytesMax else { return nil }
        keyspace = resource.index == nil ? .items : .indexes
        let range = StoredKeys.range(id: id)
        let stored = store.approximateByteCount(
            keyspace, lower: range.lower, upper: range.upper)
        guard stored > 0 else { return nil }
        self.stored = Double(stored)
        self.store = store
        self.id = id
        whole = Double(byteCount)
    }

    func byteCount(of partition: Int, places: [KeyPlace]) -> Int? {
        guard places.indices.contains(partition) else { return nil }
        let upper =
            partition + 1 < places.count
            ? places[partition + 1].storedKey : StoredKeys.range(id: id).upper
        let part = store.approximateByteCount(
            keyspace, lower: places[partition].storedKey, upper: upper)
        return Int(min(whole * Double(part) / stored, whole))
    }
}
