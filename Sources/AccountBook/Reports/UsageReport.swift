package import Metering
package import Operations

/// The answer to a `UsageQuery`: rows, totals, dollars.
package struct UsageReport: Sendable {
    package struct Row: Sendable {
        package var resource: MeteredResource
        package var operation: String?
        package var partition: UInt32?
        package var key: String?
        package var caller: String?
        /// What is paid for, in words.
        package var charge: String?
        package var requests: UInt64 = 0
        package var readUnits = 0.0
        package var writeUnits = 0.0
        package var bytes: UInt64 = 0
        package var items: UInt64 = 0
        package var throttles: UInt64 = 0
        package var errors: UInt64 = 0
        package var cost = UsageCost()
        package var monthly = UsageCost()

        init(_ resource: MeteredResource) { self.resource = resource }
    }

    package var query: UsageQuery
    package var ledger: UsageLedger
    package var prices: PriceList
    package var rows: [Row]
    package var total: Row
    package var whatIf: WhatIfReport?

    /// - Throws: a ValidationException of what can't be answered.
    package init(
        _ query: UsageQuery, _ ledger: UsageLedger, prices: PriceList
    ) throws(ServiceError) {
        self.query = query
        self.ledger = ledger
        self.prices = prices
        let byIndex = ledger.accounts.values.sorted { Self.order($0.resource, $1.resource) }
            .map { Row($0, prices, hours: ledger.hours) }
        total = Row(.unknown(0))
        for row in byIndex { total.add(row) }
        if query.tableName == nil {
            let allowances = ledger.allowances(prices)
            total.cost.allowance = -allowances.span
            total.monthly.allowance = -allowances.month
        }
        switch query.dimension {
        case .index: rows = Self.joined(byIndex).filter { !$0.isIdle }
        case .table: rows = Self.tables(byIndex).filter { !$0.isIdle }
        case .key: rows = Self.keys(ledger)
        case .charge: rows = Self.charges(Self.joined(byIndex) + [total.allowanceAlone])
        case .operation, .partition, .caller: rows = Self.parts(ledger, prices)
        }
        if !query.whatIf.isEmpty {
            whatIf = try WhatIfReport(ledger, query.whatIf, prices: prices)
        }
    }

    static func order(_ left: MeteredResource, _ right: MeteredResource) -> Bool {
        (left.tableName, left.region, left.indexName ?? "", left.id)
            < (right.tableName, right.region, right.indexName ?? "", right.id)
    }

    /// Tables with their indexes; tables of one name that followed each other are one.
    private static func tables(_ rows: [Row]) -> [Row] {
        var tables: [Row] = []
        for row in rows {
            if let last = tables.last, last.resource.tableName == row.resource.tableName,
                last.resource.region == row.resource.region
            {
                tables[tables.count - 1].add(row)
            } else {
                var table = row
                table.resource.indexName = nil
                tables.append(table)
            }
        }
        return tables
    }

    /// Rows as they come, those that are told by the same names being one: tables and indexes of
    /// one name that followed each other.
    private static func joined(_ rows: [Row]) -> [Row] {
        var joined: [Row] = []
        var places: [String: Int] = [:]
        for row in rows {
            if let place = places[row.label] {
                joined[place].add(row)
            } else {
                places[row.label] = joined.count
                joined.append(row)
            }
        }
        return joined
    }

    /// What each table and index is paid for, and what the free tier takes off them all.
    private static func charges(_ rows: [Row]) -> [Row] {
        rows.flatMap { row in
            UsageCost.charges.compactMap { charge in
                let (cost, monthly) = (
                    row.cost[keyPath: charge.part], row.monthly[keyPath: charge.part]
                )
                guard cost != 0 || monthly != 0 else { return nil }
                var part = Row(row.resource)
                part.charge = charge.text
                part.cost[keyPath: charge.part] = cost
                part.monthly[keyPath: charge.part] = monthly
                return part
            }
        }
    }

    private static func parts(_ ledger: UsageLedger, _ prices: PriceList) -> [Row] {
        var rows: [Row] = []
        for (part, counts) in ledger.parts {
            guard let account = ledger.accounts[part.resource] else { continue }
            var row = Row(account.resource)
            if part.operation != .none { row.operation = part.operation.name }
            row.partition = part.partition
            row.caller = part.caller
            row.set(counts.work)
            row.throttles = counts.throttles
            row.errors = counts.errors
            let tableClass = account.resource.tableClass
            row.cost.requests = prices.cost(
                ofReadUnits: counts.onDemand.readUnits, writeUnits: counts.onDemand.writeUnits,
                tableClass: tableClass)
            row.cost.streams = prices.cost(ofStreamReads: Double(counts.streamReads.billed))
            let months = PriceList.hoursPerMonth / ledger.hours
            // As in `Account.monthlyCost`, so that parts sum up to the whole.
            if account.isLive, case .onDemand = account.resource.throughput {
                row.monthly.requests = prices.cost(
                    ofReadUnits: counts.work.readUnits * months,
                    writeUnits: counts.work.writeUnits * months, tableClass: tableClass)
            }
            row.monthly.streams = row.cost.streams * months
            rows.append(row)
        }
        return joined(rows).sorted { left, right in
            if left.units != right.units { return left.units > right.units }
            if left.requests != right.requests { return left.requests > right.requests }
            return left.label < right.label
        }
    }

    private static func keys(_ ledger: UsageLedger) -> [Row] {
        var rows: [Row] = []
        for (id, keys) in ledger.hotKeys {
            guard let account = ledger.accounts[id] else { continue }
            let attributes = ledger.keyAttributes(of: account.resource)
            for key in keys {
                var row = Row(account.resource)
                row.key = KeyText.text(of: key.place, attributes: attributes)
                row.readUnits = Double(key.readHalves) / 2
                row.writeUnits = Double(key.writeHalves) / 2
                rows.append(row)
            }
        }
        return joined(rows).sorted { left, right in
            let isOfOthers = (left.key == KeyText.others, right.key == KeyText.others)
            if isOfOthers.0 != isOfOthers.1 { return isOfOthers.1 }
            return left.units != right.units ? left.units > right.units : left.label < right.label
        }
    }
}

extension UsageLedger {
    /// The attributes that places of a table or index are made of.
    func keyAttributes(of resource: MeteredResource) -> [MeteredResource.KeyAttribute] {
        guard resource.kind != .table else { return resource.keyAttributes }
        // Of tables of one name, its own was the last made before it.
        let tables = accounts.values.map(\.resource).filter {
            $0.kind == .table && $0.tableName == resource.tableName
                && $0.region == resource.region && $0.id < resource.id
        }
        let keys = tables.max { $0.id < $1.id }?.keyAttributes ?? []
        return resource.keyAttributes
            + (resource.kind == .globalIndex ? keys : Array(keys.dropFirst()))
    }
}

extension UsageReport.Row {
    fileprivate init(_ account: UsageLedger.Account, _ prices: PriceList, hours: Double) {
        self.init(account.resource)
        set(account.work)
        throttles = account.throttles.values.reduce(0, UsageCounts.sum)
        errors = account.errors
        cost = account.cost(prices)
        monthly = account.monthlyCost(prices, hours: hours)
    }

    fileprivate mutating func set(_ counts: UsageCounts) {
        requests = counts.requests
        readUnits = counts.readUnits
        writeUnits = counts.writeUnits
        bytes = counts.bytes
        items = counts.items
    }

    fileprivate mutating func add(_ other: UsageReport.Row) {
        requests = UsageCounts.sum(requests, other.requests)
        readUnits += other.readUnits
        writeUnits += other.writeUnits
        bytes = UsageCounts.sum(bytes, other.bytes)
        items = UsageCounts.sum(items, other.items)
        throttles = UsageCounts.sum(throttles, other.throttles)
        errors = UsageCounts.sum(errors, other.errors)
        cost += other.cost
        monthly += other.monthly
    }

    var units: Double { readUnits + writeUnits }

    /// What the free tier takes off, which is no table's.
    fileprivate var allowanceAlone: UsageReport.Row {
        var row = UsageReport.Row(.unknown(0))
        row.cost.allowance = cost.allowance
        row.monthly.allowance = monthly.allowance
        return row
    }

    /// Whether there is nothing to tell of it.
    fileprivate var isIdle: Bool {
        requests == 0 && units == 0 && throttles == 0 && errors == 0
            && (resource.id == 0 || cost.total == 0 && monthly.total == 0)
    }

    fileprivate var label: String {
        [
            resource.tableName, resource.region, resource.indexName ?? "", operation ?? "",
            partition.map { String($0) } ?? "", caller ?? "", key ?? "",
        ].joined(separator: "\u{1}")
    }
}
