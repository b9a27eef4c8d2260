package import Metering
package import Operations

/// The same traffic under other settings: what a month would cost.
package struct WhatIfReport: Sendable {
    package struct Row: Sendable {
        package var resource: MeteredResource
        package var now: UsageCost
        package var then: UsageCost
        /// What provisioned mode would need, where it is asked about.
        package var capacity: CapacityNeed?
    }

    /// The capacity that recorded traffic would have needed.
    package struct CapacityNeed: Sendable, Hashable {
        /// Enough for every minute's average.
        package var fixedRead = 1.0
        package var fixedWrite = 1.0
        /// What autoscaling at 70 % would have had on average.
        package var scaledRead = 1.0
        package var scaledWrite = 1.0
        package var fixedDollarsPerMonth = 0.0
        package var scaledDollarsPerMonth = 0.0
    }

    package var rows: [Row]
    package var assumptions: [String]
    /// Indexes that were named and have no recorded writes.
    package var now: Double { rows.reduce(0) { $0 + $1.now.total } }
    package var then: Double { rows.reduce(0) { $0 + $1.then.total } }

    /// The share of capacity that autoscaling aims to have used, and for how many minutes it waits
    /// before it takes capacity away.
    static let targetUtilization = 0.7
    static let scaleInMinutes: UInt32 = 15

    /// - Throws: a ValidationException where an index is named that isn't there.
    package init(
        _ ledger: UsageLedger, _ settings: [WhatIf], prices: PriceList
    ) throws(ServiceError) {
        let accounts = ledger.accounts.values.filter { $0.isLive }
            .sorted { UsageReport.order($0.resource, $1.resource) }
        for case .projection(_, let index) in settings
        where !accounts.contains(where: { $0.resource.indexName == index }) {
            throw .validation("what-if: there is no index \(index)")
        }
        rows = accounts.map { account in
            Row(
                account, ledger, settings, prices,
                local: accounts.filter {
                    $0.resource.kind == .localIndex
                        && $0.resource.tableName == account.resource.tableName
                        && $0.resource.region == account.resource.region
                })
        }
        assumptions = Self.assumptions(settings, hours: ledger.hours)
    }

    private static func assumptions(_ settings: [WhatIf], hours: Double) -> [String] {
        var texts = ["Estimate: the traffic of the span goes on for a month, at the same rate."]
        for setting in settings {
            switch setting {
            case .provisioned:
                texts.append(
                    "Provisioned: autoscaled at 70 % of each minute's average, kept for 15 "
                        + "minutes, without the delay of scaling out; fixed: the peak minute. "
                        + "Peaks within a minute are not seen.")
            case .onDemand:
                texts.append("On-demand: the units that were consumed, by request.")
            case .tableClass:
                texts.append("Table class: the same units and bytes, at the class's prices.")
            case .pointInTimeRecovery:
                texts.append(
                    "Point-in-time recovery: of all tables with their local indexes, by their "
                        + "size now.")
            case .backup:
                texts.append(
                    "Backup: one on-demand backup of each table with its local indexes, by their "
                        + "size now, kept for the month.")
            case .projection(let kind, let index):
                texts.append(
                    "\(index) as \(kind.rawValue): writes as they would have been, exactly; "
                        + "storage by the ratio of written entries; reads are left as they are, "
                        + "without what fetching other attributes from the table would cost.")
            }
        }
        return texts
    }
}

extension WhatIfReport.Row {
    fileprivate init(
        _ account: UsageLedger.Account, _ ledger: UsageLedger, _ settings: [WhatIf],
        _ prices: PriceList, local: [UsageLedger.Account]
    ) {
        resource = account.resource
        now = account.monthlyCost(prices, hours: ledger.hours)
        var changed = account
        var group = [account]
        if account.resource.kind == .table { group += local }
        for setting in settings {
            switch setting {
            case .tableClass(let tableClass): changed.resource.tableClass = tableClass
            case .projection(let kind, _):
                if setting.concerns(account.resource) { changed.project(kind) }
                group = group.map { account in
                    var account = account
                    if setting.concerns(account.resource) { account.project(kind) }
                    return account
                }
            case .pointInTimeRecovery: changed.resource.hasPointInTimeRecovery = true
            case .onDemand, .provisioned, .backup: break
            }
        }
        let months = PriceList.hoursPerMonth / ledger.hours
        var cost = changed.monthlyCost(prices, hours: ledger.hours)
        if settings.contains(.backup), account.resource.isBackedUp {
            cost.backups += prices.cost(ofBackupBytes: changed.storedBytes(prices))
        }
        if settings.contains(.onDemand) {
            cost.provisioned = 0
            cost.requests = prices.cost(
                ofReadUnits: changed.work.readUnits * months,
                writeUnits: changed.work.writeUnits * months,
                tableClass: changed.resource.tableClass)
        } else if settings.contains(.provisioned) {
            cost.requests = 0
            if account.resource.kind == .localIndex {
                cost.provisioned = 0
            } else {
                let need = WhatIfReport.CapacityNeed(
                    group.map(\.series), ledger, prices, changed.resource.tableClass)
                capacity = need
                cost.provisioned = need.scaledDollarsPerMonth
            }
        }
        then = cost
    }
}

extension WhatIf {
    fileprivate func concerns(_ resource: MeteredResource) -> Bool {
        if case .projection(_, let index) = self { resource.indexName == index } else { false }
    }
}

extension UsageLedger.Account {
    /// Puts what another projection would have cost in the place of what was written.
    fileprivate mutating func project(_ kind: WhatIf.ProjectedKind) {
        let written = work
        let bytes = kind == .keysOnly ? written.keysOnlyBytes : written.allBytes
        // Written bytes of this index alone: reads have none of their own under other projections.
        let share = written.writtenBytes > 0 ? Double(bytes) / Double(written.writtenBytes) : 1
        onDemand.project(kind)
        provisioned.project(kind)
        series = series.mapValues { counts in
            var counts = counts
            counts.project(kind)
            return counts
        }
        let estimate = Double(resource.byteCount) * share
        resource.byteCount = estimate < 9e18 ? Int(estimate) : resource.byteCount
    }
}

extension UsageCounts {
    fileprivate mutating func project(_ kind: WhatIf.ProjectedKind) {
        writeHalves = kind == .keysOnly ? keysOnlyHalves : allHalves
    }
}

extension WhatIfReport.CapacityNeed {
    /// - Parameter series: of a table with its local indexes, or of a global index.
    fileprivate init(
        _ series: [[UsageLedger.Slice: UsageCounts]], _ ledger: UsageLedger, _ prices: PriceList,
        _ tableClass: TableClass?
    ) {
        var sums: [UsageLedger.Slice: UsageCounts] = [:]
        for series in series {
            for (slice, counts) in series { sums[slice, default: UsageCounts()] += counts }
        }
        let slices = sums.sorted { $0.key.minute < $1.key.minute }
        let reads = Self.need(slices.map { ($0.key, $0.value.readUnits) }, ledger.hours)
        let writes = Self.need(slices.map { ($0.key, $0.value.writeUnits) }, ledger.hours)
        (fixedRead, scaledRead) = reads
        (fixedWrite, scaledWrite) = writes
        fixedDollarsPerMonth = prices.cost(
            ofReadCapacity: fixedRead, writeCapacity: fixedWrite, tableClass: tableClass)
        scaledDollarsPerMonth = prices.cost(
            ofReadCapacity: scaledRead, writeCapacity: scaledWrite, tableClass: tableClass)
    }

    /// The peak's capacity, and the average of what autoscaling would have had; at least 1 each.
    private static func need(
        _ slices: [(UsageLedger.Slice, Double)], _ hours: Double
    ) -> (fixed: Double, scaled: Double) {
        var fixed = 1.0
        // Units per second by minute, and what scaling keeps of the last minutes.
        var unitMinutes = 0.0
        var minutes = 0.0
        var kept: [(until: UInt32, units: Double)] = []
        var clock: UInt32 = slices.first?.0.minute ?? 0
        func scaled() -> Double { max(1, kept.map(\.units).max() ?? 1) }
        func advance(to minute: UInt32) {
            while clock < minute {
                kept.removeAll { $0.until <= clock }
                // Nothing changes until the next of these ends.
                let next = min(minute, kept.map(\.until).min() ?? minute)
                unitMinutes += scaled() * Double(next - clock)
                minutes += Double(next - clock)
                clock = next
            }
        }
        for (slice, units) in slices {
            let rate = units / (60 * Double(slice.length))
            fixed = max(fixed, rate.rounded(.up))
            advance(to: slice.minute)
            let capacity = max(1, (rate / WhatIfReport.targetUtilization).rounded(.up))
            let end = slice.minute &+ slice.length &+ WhatIfReport.scaleInMinutes
            kept.append((until: max(end, clock &+ 1), units: capacity))
        }
        let end = (slices.first?.0.minute ?? 0) &+ UInt32(min(hours * 60, 1e6).rounded(.up))
        advance(to: max(end, slices.last.map { $0.0.minute &+ $0.0.length } ?? 0))
        return (fixed, minutes > 0 ? unitMinutes / minutes : 1)
    }
}
