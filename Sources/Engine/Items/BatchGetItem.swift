internal import Expressions
internal import Items
internal import Metering
internal import Operations
internal import Storage

extension Engine {
    /// One table's part of a BatchGetItem, checked.
    private struct Part: Sendable {
        let tableName: String
        let table: Table
        let request: KeysAndAttributes
        let storedKeys: [[UInt8]]
        let projection: ProjectionPaths?
    }

    /// BatchGetItem: on the storage pool, for up to a hundred reads.
    func batchGetItem(
        _ request: BatchGetItemRequest, context: RequestContext, completion: @escaping Completion
    ) {
        let parts: [Part]
        do throws(ServiceError) {
            parts = try prepare(request, context)
        } catch {
            completion(.failure(error))
            return
        }
        pool.run { [self] in
            do throws(ServiceError) {
                completion(.success(try read(parts, detail: request.returnConsumedCapacity)))
            } catch {
                completion(.failure(error))
            }
        }
    }

    private func prepare(
        _ request: BatchGetItemRequest, _ context: RequestContext
    ) throws(ServiceError) -> [Part] {
        var keyCount = 0
        var projections: [ProjectionPaths?] = []
        for (_, part) in request.requestItems {
            let expressions: [RequestExpressions.Parameter] = [
                ("ProjectionExpression", part.projectionExpression != nil)
            ]
            try RequestExpressions.checkMix(
                expressions: expressions,
                legacy: [("AttributesToGet", part.attributesToGet != nil)])
            var attributes = ExpressionAttributes()
            attributes.names = part.names
            var scope = try RequestExpressions.scope(attributes, expressions: expressions)
            if let fault = request.valueFault { throw fault }
            try RequestExpressions.checkAttributesToGet(part.attributesToGet)
            keyCount += part.keys.count
            projections.append(
                try ProjectionPaths.prepare(
                    part.projectionExpression, attributesToGet: part.attributesToGet,
                    scope: &scope))
        }
        guard keyCount <= Limits.batchGetKeysMax else {
            throw .validation("Too many items requested for the BatchGetItem call")
        }
        do throws(ServiceError) {
            return try locate(request, projections, context)
        } catch {
            // A key that is given twice is told even where its table is at fault.
            for (_, part) in request.requestItems
            where Set(part.keys.map(\.bytes)).count < part.keys.count {
                throw Self.duplicateKeys
            }
            throw error
        }
    }

    private static let duplicateKeys = ServiceError.validation(
        "Provided list of item keys contains duplicates")

    /// The checks that need the tables.
    private func locate(
        _ request: BatchGetItemRequest, _ projections: [ProjectionPaths?],
        _ context: RequestContext
    ) throws(ServiceError) -> [Part] {
        var parts: [Part] = []
        for ((tableName, part), projection) in zip(request.requestItems, projections) {
            let table = try table(tableName, "BatchGetItem", context)
            var storedKeys: [[UInt8]] = []
            for key in part.keys { storedKeys.append(try table.storedKey(ofKey: key)) }
            guard Set(storedKeys).count == storedKeys.count else { throw Self.duplicateKeys }
            parts.append(
                Part(
                    tableName: tableName, table: table, request: part, storedKeys: storedKeys,
                    projection: projection))
        }
        return parts
    }

    private func read(
        _ parts: [Part], detail: ReturnConsumedCapacity
    ) throws(ServiceError) -> OperationOutcome {
        var response = BatchGetItemResponse()
        var consumption = Consumption()
        var byteCount = 0
        var refusals = Refusals()
        for part in parts {
            var used = TableConsumption(tableName: part.tableName)
            var items: [ItemBytes] = []
            var unprocessed = part.request
            unprocessed.keys = []
            for (key, storedKey) in zip(part.request.keys, part.storedKeys) {
                if byteCount >= Limits.batchGetResponseBytesMax {
                    unprocessed.keys.append(key)
                    continue
                }
                var met: ThrottledWork?
                if throttle.isOn {
                    do throws(ServiceError) {
                        met = try throttle.admit(.read, at: storedKey, of: part.table)
                    } catch {
                        refusals.add(error)
                        unprocessed.keys.append(key)
                        continue
                    }
                }
                let item = try storing { () throws(StorageError) in
                    try store.get(.items, storedKey)
                }.map { ItemBytes(trusted: $0) }
                if let item, byteCount + item.size > Limits.batchGetResponseBytesMax {
                    byteCount = Limits.batchGetResponseBytesMax
                    unprocessed.keys.append(key)
                    continue
                }
                byteCount += item?.size ?? 0
                let units = RequestUnitRules.read(
                    byteCount: item?.size ?? 0,
                    consistent: part.request.consistentRead ?? false)
                let done = TableConsumption(
                    tableName: part.tableName, storedKey: storedKey, units: Units(read: units),
                    item: item)
                used.add(done)
                if let met {
                    consumption.throttles.append(met)
                } else if throttle.isOn {
                    throttle.charge(done)
                }
                refusals.countServed()
                if let item { items.append(part.projection?.apply(to: item) ?? item) }
            }
            response.responses.append((part.tableName, items))
            if !unprocessed.keys.isEmpty {
                response.unprocessedKeys.append((part.tableName, unprocessed))
            }
            consumption.tables.append(used)
        }
        consumption.throttles += try refusals.checked()
        response.consumedCapacity = consumption.report(detail)
        return OperationOutcome(.batchGetItem(response), consumption: consumption)
    }
}
