package import Metering
internal import Operations

/// US dollars, by what they are paid for.
package struct UsageCost: Sendable, Hashable {
    package var requests = 0.0
    package var provisioned = 0.0
    package var storage = 0.0
    package var pointInTimeRecovery = 0.0
    package var backups = 0.0
    package var streams = 0.0
    /// What the free tier takes off, from 0 down.
    package var allowance = 0.0

    package init() {}

    package var total: Double {
        requests + provisioned + storage + pointInTimeRecovery + backups + streams + allowance
    }

    /// Its parts, each under the name that answers have for it and in words.
    static let charges:
        [(name: String, text: String, part: any WritableKeyPath<UsageCost, Double> & Sendable)] =
            [
                ("requests", "requests", \.requests),
                ("provisioned", "provisioned capacity", \.provisioned),
                ("storage", "storage", \.storage),
                ("pointInTimeRecovery", "point-in-time recovery", \.pointInTimeRecovery),
                ("backups", "on-demand backups", \.backups),
                ("streams", "stream reads", \.streams),
                ("freeTier", "free tier", \.allowance),
            ]

    package static func += (left: inout UsageCost, right: UsageCost) {
        left.requests += right.requests
        left.provisioned += right.provisioned
        left.storage += right.storage
        left.pointInTimeRecovery += right.pointInTimeRecovery
        left.backups += right.backups
        left.streams += right.streams
        left.allowance += right.allowance
    }
}

extension UsageLedger.Account {
    /// What the span cost, of which nothing is free.
    package func cost(_ prices: PriceList) -> UsageCost {
        let tableClass = resource.tableClass
        var cost = UsageCost()
        cost.requests = prices.cost(
            ofReadUnits: onDemand.readUnits, writeUnits: onDemand.writeUnits,
            tableClass: tableClass)
        cost.provisioned = prices.cost(
            ofReadCapacity: Double(standing.readHalves),
            writeCapacity: Double(standing.writeHalves),
            hours: 1 / 3_600, tableClass: tableClass)
        cost.storage = prices.cost(
            ofStoredBytes: standing.byteSeconds(prices), hours: 1 / 3_600, tableClass: tableClass)
        cost.pointInTimeRecovery = prices.cost(
            ofContinuousBackupBytes: backedUp.byteSeconds(prices), hours: 1 / 3_600)
        cost.streams = prices.cost(ofStreamReads: Double(streamReads.billed))
        return cost
    }

    /// What a month costs where it goes on as in the span: requests at their rate, capacity and
    /// storage as they are now.
    ///
    /// - Parameter hours: the span's, by which rates are taken.
    package func monthlyCost(_ prices: PriceList, hours: Double) -> UsageCost {
        let tableClass = resource.tableClass
        let months = PriceList.hoursPerMonth / hours
        var cost = UsageCost()
        cost.streams = prices.cost(ofStreamReads: Double(streamReads.billed) * months)
        guard isLive else { return cost }
        switch resource.throughput {
        case .provisioned(let read, let write):
            guard resource.kind != .localIndex else { break }
            cost.provisioned = prices.cost(
                ofReadCapacity: read, writeCapacity: write, tableClass: tableClass)
        case .onDemand:
            let work = work
            cost.requests = prices.cost(
                ofReadUnits: work.readUnits * months, writeUnits: work.writeUnits * months,
                tableClass: tableClass)
        }
        cost.storage = prices.cost(
            ofStoredBytes: storedBytes(prices), tableClass: tableClass)
        if resource.hasPointInTimeRecovery, resource.isBackedUp {
            cost.pointInTimeRecovery = prices.cost(ofContinuousBackupBytes: storedBytes(prices))
        }
        return cost
    }

    func storedBytes(_ prices: PriceList) -> Double {
        prices.storedBytes(
            byteCount: resource.byteCount,
            indexEntryCount: resource.kind == .table ? 0 : resource.itemCount)
    }
}

extension UsageCounts {
    /// Billable bytes for seconds, of what stood.
    func byteSeconds(_ prices: PriceList) -> Double {
        Double(bytes) + Double(items) * Double(prices.indexEntryOverheadBytes)
    }
}

extension UsageLedger {
    /// What the free tier takes off the cost of all tables, in the span and in a month.
    func allowances(_ prices: PriceList) -> (span: Double, month: Double) {
        let spanHours = max(0, until - max(since, firstRecord ?? since)) / 3_600
        var byteSeconds: [TableClass: Double] = [:]
        var bytes: [TableClass: Double] = [:]
        var streamReads = 0.0
        for account in accounts.values {
            let tableClass = account.resource.tableClass ?? .standard
            byteSeconds[tableClass, default: 0] += account.standing.byteSeconds(prices)
            if account.isLive { bytes[tableClass, default: 0] += account.storedBytes(prices) }
            streamReads += Double(account.streamReads.billed)
        }
        var span = prices.streamReadAllowance(ofStreamReads: streamReads, hours: spanHours)
        var month = prices.streamReadAllowance(
            ofStreamReads: streamReads * PriceList.hoursPerMonth / hours)
        for (tableClass, amount) in byteSeconds where spanHours > 0 {
            span += prices.storageAllowance(
                ofStoredBytes: amount / (spanHours * 3_600), hours: spanHours,
                tableClass: tableClass)
        }
        for (tableClass, amount) in bytes {
            month += prices.storageAllowance(ofStoredBytes: amount, tableClass: tableClass)
        }
        return (span, month)
    }
}
