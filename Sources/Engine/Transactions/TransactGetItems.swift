internal import Expressions
internal import Items
internal import Metering
internal import Operations
internal import Storage

extension Engine {
    /// One Get, checked.
    private struct Get: Sendable {
        let tableName: String
        let storedKey: [UInt8]
        let projection: ProjectionPaths?
    }

    /// TransactGetItems: all items as of one moment.
    func transactGetItems(
        _ request: TransactGetItemsRequest, context: RequestContext,
        completion: @escaping Completion
    ) {
        let gets: [Get]
        do throws(ServiceError) {
            gets = try prepare(request, context)
            let positions = conflicts.meetsRead(gets.map(\.storedKey))
            guard positions.isEmpty else {
                throw .transactionConflict(at: positions, of: gets.count)
            }
        } catch {
            completion(.failure(error))
            return
        }
        pool.run { [self] in
            do throws(ServiceError) {
                completion(.success(try read(gets, detail: request.returnConsumedCapacity)))
            } catch {
                completion(.failure(error))
            }
        }
    }

    private func prepare(
        _ request: TransactGetItemsRequest, _ context: RequestContext
    ) throws(ServiceError) -> [Get] {
        guard request.transactItems.count <= Limits.transactionActionsMax else {
            throw .constraints([
                "Value at 'transactItems' failed to satisfy constraint: Member must have length "
                    + "less than or equal to \(Limits.transactionActionsMax)"
            ])
        }
        var projections: [ProjectionPaths?] = []
        for get in request.transactItems {
            var attributes = ExpressionAttributes()
            attributes.names = get.names
            var scope = try RequestExpressions.scope(
                attributes,
                expressions: [("ProjectionExpression", get.projectionExpression != nil)])
            if let fault = get.valueFault { throw fault }
            projections.append(
                try ProjectionPaths.prepare(
                    get.projectionExpression, attributesToGet: nil, scope: &scope))
        }
        var gets: [Get] = []
        for (get, projection) in zip(request.transactItems, projections) {
            let table = try table(get.tableName, "TransactGetItems", context)
            gets.append(
                Get(
                    tableName: get.tableName, storedKey: try table.storedKey(ofKey: get.key),
                    projection: projection))
        }
        guard Set(gets.map(\.storedKey)).count == gets.count else {
            throw .validation(Self.multipleOperationsFault)
        }
        return gets
    }

    private func read(
        _ gets: [Get], detail: ReturnConsumedCapacity
    ) throws(ServiceError) -> OperationOutcome {
        var response = ItemResponses()
        var consumption = Consumption()
        var byteCount = 0
        let view = store.snapshot()
        for get in gets {
            let item = try storing { () throws(StorageError) in
                try view.get(.items, get.storedKey)
            }.map { ItemBytes(trusted: $0) }
            let size = item?.size ?? 0
            byteCount += size
            consumption.add(
                TableConsumption(
                    tableName: get.tableName,
                    table: Units(read: RequestUnitRules.transactionalRead(byteCount: size))))
            response.responses.append(item.map { get.projection?.apply(to: $0) ?? $0 })
        }
        guard byteCount <= Limits.transactionBytesMax else {
            var error = ServiceError.validation(
                "The aggregate size of the items in the transaction exceeded 4 MB")
            error.consumption = consumption
            throw error
        }
        response.consumedCapacity = consumption.report(detail, tellsReadWriteSplit: true)
        return OperationOutcome(.itemResponses(response), consumption: consumption)
    }
}
