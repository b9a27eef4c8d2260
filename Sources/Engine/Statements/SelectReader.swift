internal import Expressions
internal import Items
internal import Metering
internal import Operations
internal import Storage

/// What one page of a SELECT found.
struct SelectResult: Sendable {
    var rows: [ItemBytes] = []
    var lastEvaluatedKey: ItemBytes?
    var consumption: TableConsumption
    /// The limits that the page met, while throttling is only observed.
    var throttles: [ThrottledWork] = []

    /// What the page consumed, whole.
    var whole: Consumption {
        var whole = Consumption([consumption])
        whole.throttles = throttles
        return whole
    }
}

extension SelectPlan {
    /// Walks the ranges one after another until their end, the limit, or 1 MB evaluated.
    ///
    /// Each range is charged as a query of its own.
    func read(_ view: any ReadView) throws(StorageError) -> SelectResult {
        var result = SelectResult(consumption: TableConsumption(tableName: page.tableName))
        var limit = page.limit
        var bytesLeft = page.evaluatedBytesMax
        for place in ranges.indices.dropFirst(firstRange) {
            var plan = page
            plan.lower = ranges[place].lower
            plan.upper = ranges[place].upper
            if place > firstRange { plan.startKey = nil }
            plan.limit = limit
            plan.evaluatedBytesMax = bytesLeft
            var reader = PageReader(plan: plan, view: view)
            let outcome = try reader.read()
            for used in outcome.consumption.tables { result.consumption.add(used) }
            guard case .page(let found) = outcome.response else { continue }
            for item in found.items ?? [] { result.rows.append(row(of: item)) }
            limit = limit.map { $0 - found.scannedCount }
            bytesLeft -= reader.evaluatedBytes
            if let last = found.lastEvaluatedKey {
                result.lastEvaluatedKey = last
                break
            }
        }
        return result
    }

    /// The page of the first range.
    fileprivate var first: PagePlan {
        var plan = page
        guard ranges.indices.contains(firstRange) else { return plan }
        plan.lower = ranges[firstRange].lower
        plan.upper = ranges[firstRange].upper
        return plan
    }

    /// What the one item of a whole key gives.
    func read(item: ItemBytes?) -> SelectResult {
        let units = RequestUnitRules.read(
            byteCount: item?.size ?? 0, consistent: page.consistentRead)
        var result = SelectResult(
            consumption: TableConsumption(
                tableName: page.tableName, storedKey: itemKey ?? page.lower,
                units: Units(read: units), item: item))
        if let item, let row = rowIfPassing(item) { result.rows = [row] }
        return result
    }

    /// What is told of an item; nil where it doesn't pass the filter.
    func rowIfPassing(_ item: ItemBytes) -> ItemBytes? {
        page.filter?.evaluate(item) ?? true ? row(of: item) : nil
    }

    private func row(of item: ItemBytes) -> ItemBytes { projection?.apply(to: item) ?? item }
}

extension Engine {
    /// Reads a page of a SELECT: inline where memory has the one item, else on the storage pool.
    func readSelect(
        _ plan: SelectPlan,
        completion: @escaping @Sendable (Result<SelectResult, ServiceError>) -> Void
    ) {
        do throws(ServiceError) {
            if let key = plan.itemKey {
                switch try storing({ () throws(StorageError) in try store.getCached(.items, key) })
                {
                case .found(let bytes):
                    let item = ItemBytes(trusted: bytes)
                    return completion(.success(try admitting(plan) { plan.read(item: item) }))
                case .absent:
                    return completion(.success(try admitting(plan) { plan.read(item: nil) }))
                case .unknown:
                    break
                }
            }
        } catch {
            return completion(.failure(error))
        }
        pool.run { [self] in
            var plan = plan
            if plan.itemKey == nil {
                plan.page.partitionStarts = partitionStarts(
                    id: PagePlan.storageID(plan.page.table, plan.page.index))
            }
            do throws(ServiceError) {
                let found = try admitting(plan) { () throws(StorageError) in
                    try plan.readStored(store)
                }
                completion(.success(found))
            } catch {
                completion(.failure(error))
            }
        }
    }

    /// Reads unless it is throttled, and charges what was consumed.
    ///
    /// - Throws: the throttling error, where throttling is enforced.
    private func admitting(
        _ plan: SelectPlan, read: () throws(StorageError) -> SelectResult
    ) throws(ServiceError) -> SelectResult {
        guard throttle.isOn else { return try storing(read) }
        let first = plan.first
        let work = try throttle.admit(
            .read, at: plan.itemKey ?? first.firstPlace.storedKey, of: first.table,
            index: first.index)
        var found = try storing(read)
        if let work {
            found.throttles = [work]
        } else {
            throttle.charge(found.consumption)
        }
        return found
    }
}

extension SelectPlan {
    /// Reads the page from a store, which may wait for the device.
    func readStored(_ store: any KeyValueStore) throws(StorageError) -> SelectResult {
        if let itemKey {
            return read(item: try store.get(.items, itemKey).map { ItemBytes(trusted: $0) })
        }
        // A page that joins index and table needs both as of one moment.
        return try read(page.fetchesItems ? store.snapshot() : store)
    }
}
