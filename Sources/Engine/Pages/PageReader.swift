internal import Expressions
internal import Items
internal import Metering
internal import Operations
internal import Storage

/// Walks one page of a plan: until its end, its limit, or 1 MB of items evaluated.
struct PageReader {
    let plan: PagePlan
    let view: any ReadView

    private var items: [ItemBytes] = []
    private var count = 0
    private var scannedCount = 0
    /// The sizes of what was walked, before the filter.
    private(set) var evaluatedBytes = 0
    private var charges: PageCharges
    /// What fetching items from the table cost, item by item.
    private var fetches: TableConsumption

    init(plan: PagePlan, view: any ReadView) {
        self.plan = plan
        self.view = view
        charges = PageCharges(plan: plan)
        fetches = TableConsumption(tableName: plan.tableName)
    }

    /// Reads the page.
    mutating func read() throws(StorageError) -> OperationOutcome {
        let keyspace: Keyspace = plan.index == nil ? .items : .indexes
        let cursor = try view.cursor(keyspace, lower: plan.lower, upper: plan.upper)
        try position(cursor)
        var last: ItemBytes?
        while cursor.isValid {
            let stored = ItemBytes(trusted: cursor.value)
            scannedCount += 1
            evaluatedBytes += stored.size
            charges.add(byteCount: stored.size) { cursor.key }
            try evaluate(stored)
            if scannedCount == plan.limit || evaluatedBytes >= plan.evaluatedBytesMax {
                last = stored
                break
            }
            if plan.isForward { try cursor.next() } else { try cursor.previous() }
        }
        return outcome(last: last)
    }

    /// To the first key of the page: after the starting key, in the direction of the walk.
    private func position(_ cursor: any Cursor) throws(StorageError) {
        if plan.isForward {
            try cursor.seek(plan.startKey)
            if let start = plan.startKey, cursor.isValid, cursor.key == start { try cursor.next() }
        } else {
            try cursor.seekBackward(plan.startKey)
            if let start = plan.startKey, cursor.isValid, cursor.key == start {
                try cursor.previous()
            }
        }
    }

    private mutating func evaluate(_ stored: ItemBytes) throws(StorageError) {
        var item = stored
        if plan.fetchesItems {
            guard
                let partition = stored.value(named: plan.table.partitionKey.utf8)
            else { return }
            let key = StoredKeys.item(
                tableID: plan.table.id, partition: partition,
                sort: plan.table.sortKey.flatMap { stored.value(named: $0.utf8) })
            if let bytes = try view.get(.items, key) { item = ItemBytes(trusted: bytes) }
            let units = RequestUnitRules.read(
                byteCount: item.size, consistent: plan.consistentRead)
            fetches.add(
                TableConsumption(
                    tableName: plan.tableName, storedKey: key, units: Units(read: units),
                    item: item))
        }
        if let filter = plan.filter, !filter.evaluate(item) { return }
        count += 1
        if plan.countsOnly { return }
        items.append(plan.projection?.apply(to: item) ?? item)
    }

    private func outcome(last: ItemBytes?) -> OperationOutcome {
        var used = fetches
        let units = Units(
            read: RequestUnitRules.read(
                byteCount: evaluatedBytes, consistent: plan.consistentRead))
        if let index = plan.index {
            if index.kind == .local {
                used.localIndexes[index.name] = units
            } else {
                used.globalIndexes[index.name] = units
            }
        } else {
            used.table = units
        }
        used.charges += charges.charges(units.read)
        let consumption = Consumption([used])
        var response = PageResponse()
        response.items = plan.countsOnly ? nil : items
        response.count = count
        response.scannedCount = scannedCount
        response.lastEvaluatedKey = last.map {
            StartKey.key(of: $0, table: plan.table, index: plan.index)
        }
        response.consumedCapacity = consumption.report(plan.returnConsumedCapacity)?.first
        return OperationOutcome(.page(response), consumption: consumption)
    }
}

extension Engine {
    /// Reads a page on the storage pool, unless it is throttled when its turn comes.
    func readPage(_ plan: PagePlan, completion: @escaping Completion) {
        pool.run { [self] in
            var plan = plan
            plan.partitionStarts = partitionStarts(id: PagePlan.storageID(plan.table, plan.index))
            do throws(ServiceError) {
                let finish = try admitting(
                    read: plan.firstPlace.storedKey, of: plan.table, index: plan.index, completion)
                // A page that joins index and table needs both as of one moment.
                let view: any ReadView = plan.fetchesItems ? store.snapshot() : store
                var reader = PageReader(plan: plan, view: view)
                finish(.success(try storing { () throws(StorageError) in try reader.read() }))
            } catch {
                completion(.failure(error))
            }
        }
    }
}
