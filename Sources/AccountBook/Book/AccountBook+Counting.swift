internal import Glibc
internal import Items
internal import Metering
internal import Operations

/// Counting one request: on whichever thread its work ended, before its answer goes out.
extension AccountBook {
    /// Who asked for what, from when on.
    struct Entry: Sendable {
        let request: BookedRequest
        let caller: LiveCaller
        let region: String
        /// In nanoseconds of uptime.
        let start: UInt64
    }

    static func uptime() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) &* 1_000_000_000 &+ UInt64(time.tv_nsec)
    }

    /// The stripe that this thread counts into.
    private var stripe: LiveStripe {
        let thread = UInt64(UInt(pthread_self())) >> 12
        let place = (thread &* 0x9E37_79B9_7F4A_7C15) >> 60
        return stripes[Int(place) % stripes.count]
    }

    func record(_ entry: Entry, _ result: Result<OperationOutcome, ServiceError>) {
        switch result {
        case .success(let outcome): record(entry, outcome)
        case .failure(let error): record(entry, error)
        }
    }

    private func record(_ entry: Entry, _ outcome: OperationOutcome) {
        let now = clock.now()
        let elapsed = Self.uptime() &- entry.start
        let consumption = outcome.consumption
        var named: UInt32 = 0
        if consumption.tables.isEmpty {
            if entry.request.operation.changesSettings { names.expire() }
            named = names.id(region: entry.region, table: entry.request.tableName)
        }
        let stripe = stripe
        let writer = Writer(
            book: self, stripe: stripe, entry: entry, minute: Self.minute(now),
            second: UInt64(max(0, min(now, 1e15))))
        stripe.count { state in
            let charged = writer.add(consumption, in: &state)
            let timed = LiveStripe.Timed(
                resource: charged ?? named, operation: entry.request.operation)
            if consumption.tables.isEmpty {
                writer.addBare(outcome.response, resource: named, timed, in: &state)
            }
            if case .page(let page) = outcome.response {
                state.returned[timed, default: UsageCounts()].items &+= UInt64(page.count)
            }
            state.latencies[timed, default: LatencyHistogram()].add(nanoseconds: elapsed)
        }
    }

    private func record(_ entry: Entry, _ error: ServiceError) {
        let now = clock.now()
        let consumption = error.consumption ?? Consumption()
        let place = consumption.throttles.first?.place
        let named = names.id(region: entry.region, table: entry.request.tableName)
        let stripe = stripe
        let writer = Writer(
            book: self, stripe: stripe, entry: entry, minute: Self.minute(now),
            second: UInt64(max(0, min(now, 1e15))))
        stripe.count { state in
            let charged = writer.add(consumption, in: &state)
            let resource = named != 0 ? named : charged ?? place?.resourceID ?? 0
            if charged == nil {
                writer.add(
                    UsageCounts(requests: 1, units: Units(), bytes: 0, items: 0),
                    resource: resource, kind: .onDemand, in: &state)
            }
            if consumption.throttles.isEmpty {
                writer.add(
                    UsageCounts(requests: 1, units: Units(), bytes: 0, items: 0),
                    resource: resource, kind: BookedKind(error), in: &state)
            }
        }
    }
}

/// Adds one request's counts to a stripe.
private struct Writer {
    let book: AccountBook
    let stripe: LiveStripe
    let entry: AccountBook.Entry
    let minute: UInt32
    let second: UInt64

    func add(
        _ counts: UsageCounts, resource: UInt32, partition: UInt32 = 0, kind: BookedKind,
        in state: inout LiveStripe.State
    ) {
        stripe.add(
            counts,
            to: LiveKey(
                minute: minute, resource: resource, partition: partition,
                operation: entry.request.operation.rawValue, kind: kind.number,
                caller: entry.caller), in: &state)
    }

    /// - Returns: the table or index that the first charge is of.
    func add(_ consumption: Consumption, in state: inout LiveStripe.State) -> UInt32? {
        var first: UInt32?
        for table in consumption.tables {
            let resource =
                table.isChargedByPlace
                ? add(table.charges, in: &state) : addByName(table, in: &state)
            first = first ?? resource
        }
        for work in consumption.throttles {
            add(
                UsageCounts(requests: 1, units: Units(), bytes: 0, items: 0),
                resource: work.place.resourceID,
                partition: UInt32(clamping: book.directory.partition(of: work.place)),
                kind: .throttled(work.kind, work.limit), in: &state)
            stripe.addThrottledKey(work, minute: minute, in: &state)
        }
        return first
    }

    private func add(_ charges: [Charge], in state: inout LiveStripe.State) -> UInt32? {
        var requests: UInt64 = 1
        for charge in charges {
            var counts = UsageCounts(
                requests: requests, units: charge.units, bytes: charge.byteCount,
                items: charge.itemCount)
            if let costs = charge.projections { counts.add(costs, of: charge) }
            requests = 0
            let resource = charge.place.resourceID
            add(
                counts, resource: resource,
                partition: UInt32(clamping: book.directory.partition(of: charge.place)),
                kind: .onDemand, in: &state)
            if let weight = stripe.sampleWeight(second: second, in: &state) {
                stripe.addHotKey(
                    charge.place, resource: resource, minute: minute,
                    readHalves: counts.readHalves &* weight,
                    writeHalves: counts.writeHalves &* weight, in: &state)
            }
        }
        return charges.first?.place.resourceID
    }

    /// Where the units have no places, or others: by the names of table and indexes.
    private func addByName(
        _ table: TableConsumption, in state: inout LiveStripe.State
    ) -> UInt32 {
        let id = book.names.id(region: entry.region, table: table.tableName)
        add(
            UsageCounts(requests: 1, units: table.table, bytes: 0, items: 0), resource: id,
            kind: .onDemand, in: &state)
        for (name, units) in table.localIndexes.merging(table.globalIndexes, uniquingKeysWith: +) {
            add(
                UsageCounts(requests: 0, units: units, bytes: 0, items: 0),
                resource: book.names.id(
                    region: entry.region, table: table.tableName, index: name),
                kind: .onDemand, in: &state)
        }
        return id
    }

    /// Counts a request that consumes nothing: of a stream, or of settings.
    func addBare(
        _ response: OperationResponse, resource: UInt32, _ timed: LiveStripe.Timed,
        in state: inout LiveStripe.State
    ) {
        var counts = UsageCounts(requests: 1, units: Units(), bytes: 0, items: 0)
        if case .records(let answer) = response {
            counts.items = UInt64(answer.records.count)
            state.returned[timed, default: UsageCounts()].items &+= counts.items
        }
        add(counts, resource: resource, kind: .onDemand, in: &state)
    }
}

extension TableConsumption {
    /// Whether its charges tell all of its units.
    fileprivate var isChargedByPlace: Bool {
        guard !charges.isEmpty else { return false }
        var sum = Units()
        for charge in charges { sum += charge.units }
        return sum == total
    }
}

extension Units {
    fileprivate static func + (left: Units, right: Units) -> Units {
        var sum = left
        sum += right
        return sum
    }
}

extension UsageCounts {
    fileprivate mutating func add(_ costs: ProjectionCosts, of charge: Charge) {
        keysOnlyHalves = UInt64(clamping: costs.keysOnly.halves)
        allHalves = UInt64(clamping: costs.all.halves)
        // An entry that was not written has no size to compare.
        guard !charge.units.isZero else { return }
        keysOnlyBytes = UInt64(clamping: costs.keysOnlyByteCount)
        allBytes = UInt64(clamping: costs.allByteCount)
        writtenBytes = UInt64(clamping: charge.byteCount)
    }
}
