internal import Items
internal import Metering
internal import Operations
internal import Storage
internal import Synchronization

/// Whether tables and global indexes can take the work that comes, by the capacity model.
///
/// Asked before work and told of its charges afterwards. While the mode is `off` nobody asks, and
/// no capacity is kept except where partitions are remembered that were cut before.
final class Throttle: Sendable {
    /// The capacity of one table or global index, which a table's local indexes share.
    final class Meter: Sendable {
        let resourceID: UInt32
        let region: String
        let capacity: Mutex<ResourceCapacity>
        /// Whether anything happened since its state was last stored.
        let isUnsaved = Atomic<Bool>(false)

        init(_ capacity: ResourceCapacity, region: String) {
            resourceID = capacity.resourceID
            self.region = region
            self.capacity = Mutex(capacity)
        }

        /// The place in this capacity: the table's, for one in its local index.
        func place(_ place: KeyPlace) -> KeyPlace {
            guard place.resourceID != resourceID else { return place }
            return KeyPlace(
                storedKey: StoredKeys.start(id: resourceID) + place.storedKey.dropFirst(4))
        }

        /// The limit that work meets; nil where it may go on.
        ///
        /// Work that meets one is demand too.
        func limit(_ kind: CapacityKind, at place: KeyPlace, now: Timestamp) -> ThrottleLimit? {
            let place = self.place(place)
            return capacity.withLock { capacity in
                let limit = capacity.limit(kind, at: place, now: now)
                if limit != nil { capacity.refused(kind, at: place, now: now) }
                return limit
            }
        }

        func charge(_ kind: CapacityKind, _ units: RequestUnits, at place: KeyPlace, now: Timestamp)
        {
            guard units != .zero else { return }
            let place = self.place(place)
            capacity.withLock { $0.charge(kind, units: units.value, at: place, now: now) }
            isUnsaved.store(true, ordering: .relaxed)
        }

        func partition(of place: KeyPlace) -> Int {
            let place = self.place(place)
            return capacity.withLock { $0.partition(of: place) }
        }

        var partitionCount: Int { capacity.withLock { $0.partitions.count } }

        /// Whether the account's quota binds it.
        var isOnDemand: Bool {
            if case .onDemand = capacity.withLock({ $0.throughput }) { true } else { false }
        }
    }

    private let catalogue: Catalogue
    let rules: CapacityRules
    private let now: @Sendable () -> Timestamp
    private let modeNumber: Atomic<Int>
    /// By storage id of table or index; a local index's is its table's.
    private let meters = Mutex<[UInt32: Meter]>([:])
    private let hasMeters = Atomic<Bool>(false)
    /// By region.
    private let accounts = Mutex<[String: AccountCapacity]>([:])

    /// - Throws: where the store's capacities cannot be read.
    init(
        mode: ThrottlingMode, rules: CapacityRules, store: any KeyValueStore,
        catalogue: Catalogue, now: @escaping @Sendable () -> Timestamp
    ) throws(StorageError) {
        self.catalogue = catalogue
        self.rules = rules
        self.now = now
        modeNumber = Atomic(Self.number(of: mode))
        let states = try StoredCapacity.readAll(store)
        let present = now()
        let restored = states.reduce(into: [UInt32: Meter]()) { meters, entry in
            guard let resource = catalogue.resource(id: entry.key),
                resource.capacityID == entry.key
            else { return }
            let capacity = resource.capacity(
                state: entry.value, rules: rules, now: present)
            meters[entry.key] = Meter(capacity, of: resource)
        }
        for meter in restored.values {
            guard let table = catalogue.resource(id: meter.resourceID)?.table else { continue }
            meter.follow(table, now: present)
        }
        hasMeters.store(!restored.isEmpty, ordering: .relaxed)
        meters.withLock { $0 = restored }
    }

    // MARK: Mode

    var mode: ThrottlingMode {
        ThrottlingMode.allCases[modeNumber.load(ordering: .relaxed)]
    }

    func set(_ mode: ThrottlingMode) {
        modeNumber.store(Self.number(of: mode), ordering: .relaxed)
    }

    /// Whether limits are looked at.
    var isOn: Bool { modeNumber.load(ordering: .relaxed) != 0 }

    private static func number(of mode: ThrottlingMode) -> Int {
        ThrottlingMode.allCases.firstIndex(of: mode) ?? 0
    }

    // MARK: Work

    /// Looks whether work may go on.
    ///
    /// - Returns: the limit that it meets, while throttling is only observed.
    /// - Throws: the service's error, where throttling is enforced.
    func admit(
        _ kind: CapacityKind, at storedKey: [UInt8], of table: Table, index: SecondaryIndex? = nil
    ) throws(ServiceError) -> ThrottledWork? {
        guard let work = limit(kind, at: storedKey) else { return nil }
        guard mode == .enforce else { return work }
        throw .throttled(work, table: table, index: index)
    }

    /// The limit that work at a stored key meets; nil where it may go on.
    func limit(_ kind: CapacityKind, at storedKey: [UInt8]) -> ThrottledWork? {
        let place = KeyPlace(storedKey: storedKey)
        guard let meter = meter(of: place.resourceID) else { return nil }
        let now = now()
        var limit = meter.limit(kind, at: place, now: now)
        if limit == nil, meter.isOnDemand {
            limit = accounts.withLock { accounts in
                accounts[meter.region, default: AccountCapacity(rules: rules, now: now)]
                    .limit(kind, now: now)
            }
        }
        return limit.map { ThrottledWork(place: place, kind: kind, limit: $0) }
    }

    /// Takes what work cost from the capacities.
    func charge(_ consumption: TableConsumption) {
        let now = now()
        for charge in consumption.charges {
            guard let meter = meter(of: charge.place.resourceID) else { continue }
            meter.charge(.read, charge.units.read, at: charge.place, now: now)
            meter.charge(.write, charge.units.write, at: charge.place, now: now)
            guard meter.isOnDemand else { continue }
            accounts.withLock { accounts in
                var account = accounts[meter.region] ?? AccountCapacity(rules: rules, now: now)
                account.charge(.read, units: charge.units.read.value, now: now)
                account.charge(.write, units: charge.units.write.value, now: now)
                accounts[meter.region] = account
            }
        }
    }

    /// Charges work that met no limit; tells of the limits that it met.
    ///
    /// What went over a limit and was served all the same is not charged: the debt would be one
    /// that no real table can have.
    func settle(_ consumption: inout Consumption, throttles: [ThrottledWork]) {
        guard throttles.isEmpty else {
            consumption.throttles += throttles
            return
        }
        for used in consumption.tables { charge(used) }
    }

    /// An error whose consumption is charged.
    func settled(_ error: ServiceError, throttles: [ThrottledWork]) -> ServiceError {
        guard isOn, var consumption = error.consumption else { return error }
        settle(&consumption, throttles: throttles)
        var error = error
        error.consumption = consumption
        return error
    }

    /// Looks whether every item of a transaction may be read, each told by its key.
    ///
    /// - Returns: the limits that were met, while throttling is only observed.
    /// - Throws: TransactionCanceledException with the throttling reasons.
    func admit(
        reads: [(storedKey: [UInt8], table: Table)]
    ) throws(ServiceError) -> [ThrottledWork] {
        guard isOn else { return [] }
        var throttles: [ThrottledWork] = []
        var refusals: [ServiceError?] = []
        for (storedKey, table) in reads {
            do throws(ServiceError) {
                if let work = try admit(.read, at: storedKey, of: table) {
                    throttles.append(work)
                }
                refusals.append(nil)
            } catch {
                refusals.append(error)
            }
        }
        try ServiceError.throwThrottled(refusals)
        return throttles
    }

    // MARK: Meters

    /// The capacity of a table or index, made where it is first asked for; nil where there is no
    /// such table or index.
    func meter(of id: UInt32) -> Meter? {
        if let known = meters.withLock({ $0[id] }) { return known }
        guard let resource = catalogue.resource(id: id) else { return nil }
        // What went on while nothing was throttled is unknown: it counts as unused.
        return meter(of: id, resource, since: resource.table.definition.createdAt)
    }

    private func meter(
        of id: UInt32, _ resource: Catalogue.Resource, since start: Timestamp
    ) -> Meter {
        meters.withLock { meters in
            if let known = meters[id] { return known }
            let owner = resource.capacityID
            let meter =
                meters[owner]
                ?? Meter(resource.capacity(since: start, rules: rules), of: resource)
            meters[owner] = meter
            meters[id] = meter
            hasMeters.store(true, ordering: .relaxed)
            return meter
        }
    }

    /// The capacity of a table or index that has one; nil where nothing is kept.
    func knownMeter(of id: UInt32) -> Meter? {
        hasMeters.load(ordering: .relaxed) ? meters.withLock { $0[id] } : nil
    }

    /// Every capacity that is kept.
    var knownMeters: [Meter] {
        meters.withLock { meters in
            meters.compactMap { $0.key == $0.value.resourceID ? $0.value : nil }
        }
    }

    /// Follows tables that were made or changed.
    func tablesChanged(_ tables: [Table]) {
        guard isOn || hasMeters.load(ordering: .relaxed) else { return }
        let time = now()
        for table in tables {
            for (id, resource) in table.resources where resource.capacityID == id {
                // An index may be younger than its table.
                let start = resource.index == nil ? table.definition.createdAt : time
                let meter = isOn ? meter(of: id, resource, since: start) : knownMeter(of: id)
                guard let meter else { continue }
                meter.follow(table, now: time)
            }
        }
    }

    /// Forgets the capacities of what was dropped.
    func forgetDropped() {
        meters.withLock { meters in
            for id in meters.keys where catalogue.resource(id: id) == nil { meters[id] = nil }
        }
    }
}

extension Throttle.Meter {
    convenience init(_ capacity: ResourceCapacity, of resource: Catalogue.Resource) {
        self.init(capacity, region: resource.table.definition.region)
    }

    /// Takes over throughput and partitions of the table's definition, whose own or whose global
    /// index's capacity it is.
    func follow(_ table: Table, now: Timestamp) {
        let isTable = table.id == resourceID
        let warmCount = table.globalIndexes.first { $0.id == resourceID }?.partitionStarts.count
        let throughput = table.definition.throughputSetting(ofIndex: isTable ? nil : resourceID)
        capacity.withLock { capacity in
            if capacity.throughput != throughput { capacity.set(throughput, now: now) }
            guard isTable else {
                capacity.grow(to: warmCount ?? 0, now: now)
                return
            }
            let known = Set(capacity.partitions)
            for start in table.partitionStarts where !known.contains(start) {
                capacity.split(at: start, now: now)
            }
        }
    }
}

extension Catalogue.Resource {
    /// Whose capacity it uses: a local index its table's.
    var capacityID: UInt32 {
        if let index, index.kind == .global { index.id } else { table.id }
    }

    /// The capacity that a table or global index starts with.
    func capacity(since start: Timestamp, rules: CapacityRules) -> ResourceCapacity {
        let starts = globalIndex?.partitionStarts ?? table.partitionStarts
        return ResourceCapacity(
            resourceID: capacityID,
            throughput: table.definition.throughputSetting(ofIndex: globalIndex?.id),
            partitions: starts.isEmpty
                ? [KeyPlace(storedKey: StoredKeys.start(id: capacityID, hash: 0))] : starts,
            splitsCollections: splitsCollections, rules: rules, now: start)
    }

    /// The capacity that a table or global index had before a stop.
    func capacity(
        state: ResourceCapacity.State, rules: CapacityRules, now: Timestamp
    ) -> ResourceCapacity {
        ResourceCapacity(
            resourceID: capacityID,
            throughput: table.definition.throughputSetting(ofIndex: globalIndex?.id),
            state: state, splitsCollections: splitsCollections, rules: rules, now: now)
    }

    private var globalIndex: SecondaryIndex? { index?.kind == .global ? index : nil }

    /// Whether a partition may be cut inside one partition key: an LSI keeps collections whole.
    private var splitsCollections: Bool { globalIndex != nil || table.localIndexes.isEmpty }
}
