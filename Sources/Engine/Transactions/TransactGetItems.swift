internal import Expressions
internal import Items
internal import Metering
internal import Operations
internal import Storage

/// One read of a transaction, checked: a Get, or a SELECT of ExecuteTransaction.
struct TransactionGet: Sendable {
    let tableName: String
    let table: Table
    let storedKey: [UInt8]
    /// What is told of the item; nil tells nothing.
    let show: @Sendable (ItemBytes) -> ItemBytes?
}

extension Engine {
    /// TransactGetItems: all items as of one moment.
    func transactGetItems(
        _ request: TransactGetItemsRequest, context: RequestContext,
        completion: @escaping Completion
    ) {
        do throws(ServiceError) {
            runTransaction(
                gets: try prepare(request, context), detail: request.returnConsumedCapacity,
                completion: completion)
        } catch {
            completion(.failure(error))
        }
    }

    /// Reads items as of one moment; the outcome is `itemResponses`.
    ///
    /// Precondition: `TransactionRules.checkDistinct` passed.
    func runTransaction(
        gets: [TransactionGet], detail: ReturnConsumedCapacity, completion: @escaping Completion
    ) {
        let positions = conflicts.meetsRead(gets.map(\.storedKey))
        guard positions.isEmpty else {
            completion(.failure(.transactionConflict(at: positions, of: gets.count)))
            return
        }
        pool.run { [self] in
            do throws(ServiceError) {
                let throttles = try throttle.admit(reads: gets.map { ($0.storedKey, $0.table) })
                do throws(ServiceError) {
                    var outcome = try read(gets, detail: detail)
                    if throttle.isOn {
                        throttle.settle(&outcome.consumption, throttles: throttles)
                    }
                    completion(.success(outcome))
                } catch {
                    completion(.failure(throttle.settled(error, throttles: throttles)))
                }
            } catch {
                completion(.failure(error))
            }
        }
    }

    private func prepare(
        _ request: TransactGetItemsRequest, _ context: RequestContext
    ) throws(ServiceError) -> [TransactionGet] {
        try TransactionRules.checkCount(request.transactItems.count)
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
        var gets: [TransactionGet] = []
        var reasons = CancellationReasons(count: projections.count)
        for (position, get) in request.transactItems.enumerated() {
            let table = try table(get.tableName, "TransactGetItems", context)
            let storedKey = try reasons.gather(at: position) { () throws(ServiceError) in
                try table.storedKey(ofKey: get.key)
            }
            guard let storedKey else { continue }
            let projection = projections[position]
            gets.append(
                TransactionGet(tableName: get.tableName, table: table, storedKey: storedKey) {
                    item in
                    projection?.apply(to: item) ?? item
                })
        }
        try TransactionRules.checkDistinct(gets.map(\.storedKey))
        try reasons.throwIfAny()
        return gets
    }

    private func read(
        _ gets: [TransactionGet], detail: ReturnConsumedCapacity
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
                    tableName: get.tableName, storedKey: get.storedKey,
                    units: Units(read: RequestUnitRules.transactionalRead(byteCount: size)),
                    item: item))
            response.responses.append(item.flatMap(get.show))
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
