internal import Items
internal import Metering
internal import Operations

extension Engine {
    /// One put or delete of a batch, checked.
    private struct Write: Sendable {
        let storedKey: [UInt8]
        let request: WriteRequest

        /// The item to put; nil deletes.
        var item: ItemBytes? {
            if case .put(let item) = request { item } else { nil }
        }
    }

    private struct Part: Sendable {
        let tableName: String
        let table: Table
        var writes: [Write]
        /// What met a transaction in flight.
        var unprocessed: [WriteRequest] = []

        /// The table as the commit path sees it, by whose indexes the items are checked again
        /// where it has changed since the request came in.
        func currentTable(_ staging: Staging) throws(ServiceError) -> Table {
            guard
                let current = staging.table(
                    named: table.name, region: table.definition.region),
                current.id == table.id
            else { throw .tableNotFound }
            if current !== table {
                for case let item? in writes.map(\.item) {
                    try current.checkItem(item, sizeFault: Table.itemSizeFault)
                }
            }
            return current
        }

        /// Stages the writes that throttling lets pass, one by one.
        func stage(
            _ staging: Staging, _ table: Table, olds: [ItemBytes?], refusals: inout Refusals,
            tellsMetrics: Bool
        ) -> StagedPart {
            var staged = StagedPart(
                used: TableConsumption(tableName: tableName), unprocessed: unprocessed)
            for (write, old) in zip(writes, olds) {
                do throws(ServiceError) {
                    try staging.admitWrite(write.storedKey, of: table)
                    if !staging.isThrottled {
                        try staging.admitEntries(
                            write.storedKey, of: table, old: old, new: write.item)
                    }
                } catch {
                    refusals.add(error)
                    staged.unprocessed.append(write.request)
                    continue
                }
                let used = staging.write(
                    table, storedKey: write.storedKey, old: old, new: write.item,
                    requestedName: tableName)
                staged.used.add(used)
                staged.throttles += staging.settle(used)
                refusals.countServed()
                if tellsMetrics, let item = write.item ?? old,
                    let told = staging.collectionMetrics(of: item, in: table),
                    !staged.collections.contains(where: {
                        $0.itemCollectionKey == told.itemCollectionKey
                    })
                {
                    staged.collections.append(told)
                }
            }
            return staged
        }
    }

    /// What became of one table's part.
    private struct StagedPart {
        var used: TableConsumption
        var unprocessed: [WriteRequest]
        var throttles: [ThrottledWork] = []
        var collections: [ItemCollectionMetrics] = []
    }

    /// BatchWriteItem: all writes in one commit, each metered on its own.
    ///
    /// The service promises no atomicity across the batch. What meets a transaction in flight is
    /// left unprocessed, and nothing else is.
    func batchWriteItem(
        _ request: BatchWriteItemRequest, context: RequestContext,
        completion: @escaping Completion
    ) {
        var checked: [Part]
        do throws(ServiceError) {
            checked = try prepare(request, context)
        } catch {
            completion(.failure(error))
            return
        }
        if conflicts.arePossible { leaveConflicts(of: &checked) }
        let parts = checked
        let detail = request.returnConsumedCapacity
        let tellsMetrics = request.returnItemCollectionMetrics
        submit(completion) { staging throws(ServiceError) in
            var tables: [Table] = []
            for part in parts { tables.append(try part.currentTable(staging)) }
            var olds: [[ItemBytes?]] = []
            for part in parts {
                var items: [ItemBytes?] = []
                for write in part.writes {
                    items.append(try staging.item(storedKey: write.storedKey))
                }
                olds.append(items)
            }
            var response = BatchWriteItemResponse()
            var consumption = Consumption()
            var refusals = Refusals()
            var metrics: [(tableName: String, metrics: [ItemCollectionMetrics])] = []
            for ((part, table), old) in zip(zip(parts, tables), olds) {
                let done = part.stage(
                    staging, table, olds: old, refusals: &refusals, tellsMetrics: tellsMetrics)
                if !done.unprocessed.isEmpty {
                    response.unprocessedItems.append((part.tableName, done.unprocessed))
                }
                consumption.tables.append(done.used)
                consumption.throttles += done.throttles
                if !done.collections.isEmpty {
                    metrics.append((part.tableName, done.collections))
                }
            }
            consumption.throttles += try refusals.checked()
            if tellsMetrics, !metrics.isEmpty { response.itemCollectionMetrics = metrics }
            response.consumedCapacity = consumption.report(detail)
            return OperationOutcome(.batchWriteItem(response), consumption: consumption)
        }
    }

    /// Takes out what meets a transaction in flight.
    private func leaveConflicts(of parts: inout [Part]) {
        for place in parts.indices {
            var writes: [Write] = []
            for write in parts[place].writes {
                if conflicts.meetsWrite(storedKey: write.storedKey) {
                    parts[place].unprocessed.append(write.request)
                } else {
                    writes.append(write)
                }
            }
            parts[place].writes = writes
        }
    }

    private func prepare(
        _ request: BatchWriteItemRequest, _ context: RequestContext
    ) throws(ServiceError) -> [Part] {
        var count = 0
        for (_, writes) in request.requestItems {
            count += writes.count
            for case .malformed in writes {
                throw request.valueFault
                    ?? .validation(
                        "Supplied AttributeValue has more than one datatypes set, must contain "
                            + "exactly one of the supported datatypes")
            }
        }
        if let fault = request.valueFault { throw fault }
        for case .put(let item) in request.requestItems.lazy.flatMap(\.1)
        where item.size > Limits.itemBytesMax {
            throw .validation(Table.itemSizeFault)
        }
        guard count <= Limits.batchWriteItemsMax else {
            throw .validation("Too many items requested for the BatchWriteItem call")
        }
        var parts: [Part] = []
        for (tableName, requests) in request.requestItems {
            let table = try table(tableName, "BatchWriteItem", context)
            var writes: [Write] = []
            for request in requests {
                switch request {
                case .put(let item):
                    let storedKey = try table.storedKey(ofItem: item)
                    try table.checkItem(
                        item, sizeFault: Table.itemSizeFault)
                    writes.append(Write(storedKey: storedKey, request: request))
                case .delete(let key):
                    writes.append(
                        Write(storedKey: try table.storedKey(ofKey: key), request: request))
                case .malformed:
                    break
                }
            }
            guard Set(writes.map(\.storedKey)).count == writes.count else {
                throw .validation("Provided list of item keys contains duplicates")
            }
            parts.append(Part(tableName: tableName, table: table, writes: writes))
        }
        return parts
    }
}
