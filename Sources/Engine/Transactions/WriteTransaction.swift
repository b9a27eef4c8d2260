internal import Items
internal import Metering
internal import Operations

/// A write transaction on the commit path: one intent over all its items.
struct WriteTransaction: Sendable {
    let actions: [TransactionAction]
    let returns: TransactionReturns
    /// The key of the request's token and what it asks; nil where it has none.
    let token: (key: [UInt8], fingerprint: [UInt8])?
    let now: @Sendable () -> Timestamp

    static let sizeFault = "The aggregate size of the items in the transaction exceeds 4 MB"

    var storedKeys: [[UInt8]] { actions.map(\.storedKey) }

    /// Evaluates every action, then stages all of them.
    ///
    /// - Throws: TransactionCanceledException with a reason per action, where any of them fails.
    func stage(_ staging: Staging) throws(ServiceError) -> OperationOutcome {
        let tables = try currentTables(staging)
        try admit(staging, tables) { staging, action, table, _ throws(ServiceError) in
            try staging.admitWrite(action.storedKey, of: table)
        }
        var olds: [ItemBytes?] = []
        olds.reserveCapacity(actions.count)
        for action in actions { olds.append(try staging.item(storedKey: action.storedKey)) }
        let changes = try evaluate(olds, tables)
        try admit(staging, tables) { staging, action, table, position throws(ServiceError) in
            try staging.admitEntries(
                action.storedKey, of: table, old: olds[position],
                new: changes[position].item(olds[position]))
        }
        return finish(staging, tables: tables, olds: olds, changes: changes)
    }

    /// Looks whether every action's table or indexes can take it.
    ///
    /// - Throws: TransactionCanceledException with the throttling reasons.
    private func admit(
        _ staging: Staging, _ tables: [Table],
        _ look: (Staging, TransactionAction, Table, Int) throws(ServiceError) -> Void
    ) throws(ServiceError) {
        // What the tables would have refused, were it not only observed, is not asked of indexes.
        guard staging.throttle != nil, !staging.isThrottled else { return }
        var refusals: [ServiceError?] = []
        for (position, action) in actions.enumerated() {
            do throws(ServiceError) {
                try look(staging, action, tables[position], position)
                refusals.append(nil)
            } catch {
                refusals.append(error)
            }
        }
        try ServiceError.throwThrottled(refusals)
    }

    /// What a repetition of a transaction that was done answers: it reads the items.
    func repetition(
        reading item: ([UInt8]) throws(ServiceError) -> ItemBytes?
    ) throws(ServiceError) -> OperationOutcome {
        var consumption = Consumption()
        for action in actions {
            let item = try item(action.storedKey)
            let units = RequestUnitRules.transactionalRead(byteCount: item?.size ?? 0)
            consumption.add(action.consumption(Units(read: units), of: item))
        }
        var response = TransactWriteItemsResponse()
        response.consumedCapacity = consumption.report(
            returns.returnConsumedCapacity, tellsReadWriteSplit: true)
        return OperationOutcome(.transactWriteItems(response), consumption: consumption)
    }

    /// The tables as the commit path sees them, one per action; they may have changed meanwhile.
    private func currentTables(_ staging: Staging) throws(ServiceError) -> [Table] {
        var tables: [Table] = []
        tables.reserveCapacity(actions.count)
        for action in actions {
            let known = action.table
            guard let current = staging.table(named: known.name, region: known.definition.region),
                current.id == known.id
            else { throw .tableNotFound }
            tables.append(current)
        }
        return tables
    }

    private func evaluate(
        _ olds: [ItemBytes?], _ tables: [Table]
    ) throws(ServiceError) -> [TransactionAction.Change] {
        var changes: [TransactionAction.Change] = []
        var reasons: [CancellationReason] = []
        var isCancelled = false
        var byteCount = 0
        for ((action, old), table) in zip(zip(actions, olds), tables) {
            switch action.evaluate(old, table) {
            case .success(let change):
                changes.append(change)
                reasons.append(.none)
                if case .put(let item) = change {
                    byteCount += item.size
                } else {
                    byteCount += old?.size ?? 0
                }
            case .failure(let failure):
                reasons.append(failure.reason)
                isCancelled = true
            }
        }
        var error: ServiceError
        if isCancelled {
            error = .transactionCanceled(reasons)
        } else if byteCount > Limits.transactionBytesMax {
            error = .validation(Self.sizeFault)
        } else {
            return changes
        }
        // A cancelled transaction has read its items and is charged as if it had written them.
        var consumption = Consumption()
        for (action, old) in zip(actions, olds) {
            let units = RequestUnitRules.transactionalWrite(
                oldByteCount: old?.size ?? 0, newByteCount: 0)
            consumption.add(action.consumption(Units(write: units), of: old))
        }
        error.consumption = consumption
        throw error
    }

    private func finish(
        _ staging: Staging, tables: [Table], olds: [ItemBytes?],
        changes: [TransactionAction.Change]
    ) -> OperationOutcome {
        var consumption = Consumption()
        var metrics: [(tableName: String, metrics: [ItemCollectionMetrics])] = []
        for (position, action) in actions.enumerated() {
            let old = olds[position]
            let new: ItemBytes?
            switch changes[position] {
            case .none:
                let units = RequestUnitRules.transactionalWrite(
                    oldByteCount: old?.size ?? 0, newByteCount: 0)
                consumption.add(action.consumption(Units(write: units), of: old))
                continue
            case .put(let item): new = item
            case .delete: new = nil
            }
            let table = tables[position]
            consumption.add(
                staging.write(
                    table, storedKey: action.storedKey, old: old, new: new,
                    requestedName: action.tableName, isTransactional: true))
            if returns.returnItemCollectionMetrics, let item = new ?? old,
                let told = staging.collectionMetrics(of: item, in: table)
            {
                metrics.add(told, tableName: action.tableName)
            }
        }
        if let token {
            staging.putTransactionToken(token.key, fingerprint: token.fingerprint, now: now())
        }
        var response = TransactWriteItemsResponse()
        if !metrics.isEmpty { response.itemCollectionMetrics = metrics }
        response.consumedCapacity = consumption.report(
            returns.returnConsumedCapacity, tellsReadWriteSplit: true)
        return OperationOutcome(.transactWriteItems(response), consumption: consumption)
    }
}

extension Consumption {
    /// Adds what was consumed in a table, under its name as requested.
    mutating func add(_ used: TableConsumption) {
        if let place = tables.firstIndex(where: { $0.tableName == used.tableName }) {
            tables[place].add(used)
        } else {
            tables.append(used)
        }
    }
}

extension [(tableName: String, metrics: [ItemCollectionMetrics])] {
    /// Adds a collection's metrics under its table's name, once for each collection.
    fileprivate mutating func add(_ told: ItemCollectionMetrics, tableName: String) {
        guard let place = firstIndex(where: { $0.tableName == tableName }) else {
            append((tableName, [told]))
            return
        }
        let isKnown = self[place].metrics.contains {
            $0.itemCollectionKey == told.itemCollectionKey
        }
        if !isKnown { self[place].metrics.append(told) }
    }
}
