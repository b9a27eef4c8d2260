internal import Items
package import Metering
package import Operations

/// What the book holds of a span: the records, gathered by table and index.
package struct UsageLedger: Sendable {
    /// The usage of one table or index.
    package struct Account: Sendable {
        package var resource: MeteredResource
        /// Whether it is there still.
        package var isLive: Bool
        /// Work while it was paid by request, and by its capacity.
        package var onDemand = UsageCounts()
        package var provisioned = UsageCounts()
        /// What stood, in unit-seconds.
        package var standing = UsageCounts()
        /// What continuous backups held, in unit-seconds.
        package var backedUp = UsageCounts()
        package var streamReads = StreamReads()
        package var throttles: [ThrottleCount: UInt64] = [:]
        /// Requests that failed: by a fault of anybody's, a condition or a conflict.
        package var errors: UInt64 = 0
        /// Work by the first minute and length of the records that tell it.
        package var series: [Slice: UsageCounts] = [:]

        package var work: UsageCounts {
            var sum = onDemand
            sum += provisioned
            return sum
        }
    }

    package struct ThrottleCount: Sendable, Hashable {
        package var kind: CapacityKind
        package var limit: ThrottleLimit
    }

    /// GetRecords requests of a table's stream, of which those that were refused cost nothing.
    package struct StreamReads: Sendable, Hashable {
        package var asked: UInt64 = 0
        package var refused: UInt64 = 0
        package var billed: UInt64 { asked > refused ? asked - refused : 0 }

        mutating func add(_ counts: UsageCounts, _ key: UsageKey) {
            guard key.operation == .getRecords else { return }
            switch key.kind {
            case .onDemand, .provisioned: asked = UsageCounts.sum(asked, counts.requests)
            case .userError, .systemError, .throttled:
                refused = UsageCounts.sum(refused, counts.requests)
            default: break
            }
        }
    }

    package struct Slice: Sendable, Hashable {
        package var minute: UInt32
        package var length: UInt32
    }

    /// A part of an account, by what else usage is told apart by.
    package struct Part: Sendable, Hashable {
        package var resource: UInt32
        package var operation = BookedOperation.none
        package var partition: UInt32?
        package var caller: String?
    }

    package struct PartCounts: Sendable {
        package var work = UsageCounts()
        package var onDemand = UsageCounts()
        package var streamReads = StreamReads()
        package var throttles: UInt64 = 0
        package var errors: UInt64 = 0
    }

    package var since: Timestamp
    package var until: Timestamp
    /// When the first record of the span begins; nil where there is none.
    package var firstRecord: Timestamp?
    package var accounts: [UInt32: Account] = [:]
    package var parts: [Part: PartCounts] = [:]
    package var hotKeys: [UInt32: [HotKey]] = [:]

    /// The hours over which a rate is taken: from the first record of the span to its end.
    package var hours: Double {
        let start = max(since, firstRecord ?? since)
        return max(60, until - start) / 3_600
    }
}

extension AccountBook {
    /// Everything about a span, up to the present moment.
    ///
    /// On the book's own thread.
    func ledger(_ query: UsageQuery) throws -> UsageLedger {
        flush()
        var ledger = UsageLedger(since: query.since, until: query.until)
        let stored = try usage.resources()
        let first = Self.minute(query.since)
        // `until` itself is not part of the span, but the minute that it cuts is.
        let last = Self.minute(query.until.nextDown)
        let live = Dictionary(
            directory.resources().map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        if let name = query.tableName,
            !(Array(live.values) + stored.values).contains(where: { $0.tableName == name })
        {
            throw ServiceError.validation("The book knows no table \(name), and never did")
        }
        func account(_ id: UInt32) -> UsageLedger.Account? {
            let resource = live[id] ?? stored[id] ?? .unknown(id)
            guard query.tableName == nil || resource.tableName == query.tableName else {
                return nil
            }
            return UsageLedger.Account(resource: resource, isLive: live[id] != nil)
        }
        for id in live.keys { ledger.accounts[id] = account(id) }
        try usage.records(from: first, to: last) { grain, key, counts in
            guard var found = ledger.accounts[key.resource] ?? account(key.resource) else { return }
            let begin = Double(key.minute) * 60
            ledger.firstRecord = min(ledger.firstRecord ?? begin, begin)
            found.add(counts, key, grain)
            ledger.accounts[key.resource] = found
            ledger.add(counts, key, by: query.dimension)
        }
        if query.dimension == .key {
            ledger.hotKeys = try usage.hotKeys(from: first, to: last)
                .filter { ledger.accounts[$0.key] != nil }
        }
        return ledger
    }
}

extension UsageLedger.Account {
    fileprivate mutating func add(_ counts: UsageCounts, _ key: UsageKey, _ grain: UsageGrain) {
        switch key.kind {
        case .onDemand: onDemand += counts
        case .provisioned: provisioned += counts
        case .throttled(let kind, let limit):
            let limit = UsageLedger.ThrottleCount(kind: kind, limit: limit)
            throttles[limit] = UsageCounts.sum(throttles[limit] ?? 0, counts.requests)
        case .userError, .systemError, .failedCondition, .transactionConflict:
            errors = UsageCounts.sum(errors, counts.requests)
        case .standing: standing += counts
        case .continuousBackup: backedUp += counts
        }
        streamReads.add(counts, key)
        guard key.kind.isWork else { return }
        let slice = UsageLedger.Slice(minute: key.minute, length: grain.length)
        series[slice, default: UsageCounts()] += counts
    }
}

extension UsageLedger {
    fileprivate mutating func add(
        _ counts: UsageCounts, _ key: UsageKey, by dimension: UsageDimension
    ) {
        guard !key.kind.isStanding else { return }
        var part = Part(resource: key.resource)
        switch dimension {
        case .table, .index, .key, .charge: return
        case .operation: part.operation = key.operation
        case .partition: part.partition = key.partition
        case .caller: part.caller = key.caller
        }
        var sum = parts[part] ?? PartCounts()
        switch key.kind {
        case .onDemand, .provisioned:
            sum.work += counts
            if key.kind == .onDemand { sum.onDemand += counts }
        case .throttled: sum.throttles = UsageCounts.sum(sum.throttles, counts.requests)
        case .userError, .systemError, .failedCondition, .transactionConflict:
            sum.errors = UsageCounts.sum(sum.errors, counts.requests)
        case .standing, .continuousBackup: break
        }
        sum.streamReads.add(counts, key)
        parts[part] = sum
    }
}

extension MeteredResource {
    /// What stands for one that nobody knows any more; 0: for requests that name no table.
    static func unknown(_ id: UInt32) -> MeteredResource {
        MeteredResource(
            id: id, kind: .table, region: "", tableName: id == 0 ? "" : "(dropped \(id))",
            indexName: nil, tableClass: nil,
            throughput: .onDemand(warmRead: 0, warmWrite: 0, maxRead: nil, maxWrite: nil),
            keyAttributes: [], itemCount: 0, byteCount: 0)
    }
}
