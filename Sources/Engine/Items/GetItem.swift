internal import Expressions
internal import Items
internal import Metering
internal import Operations
internal import Storage

extension GetItemRequest {
    /// The checks that need no table, in the service's order.
    func prepare() throws(ServiceError) -> ProjectionPaths? {
        let expressions: [RequestExpressions.Parameter] = [
            ("ProjectionExpression", projectionExpression != nil)
        ]
        try RequestExpressions.checkMix(
            expressions: expressions, legacy: [("AttributesToGet", attributesToGet != nil)])
        var scope = try RequestExpressions.scope(attributes, expressions: expressions)
        if let valueFault { throw valueFault }
        try RequestExpressions.checkAttributesToGet(attributesToGet)
        return try ProjectionPaths.prepare(
            projectionExpression, attributesToGet: attributesToGet, scope: &scope)
    }
}

extension ProjectionPaths {
    /// The projection of a read in either form, once its placeholders all proved used.
    static func prepare(
        _ expression: String?, attributesToGet: [String]?, scope: inout ExpressionScope
    ) throws(ServiceError) -> ProjectionPaths? {
        do throws(ExpressionError) {
            var paths = attributesToGet.map { ProjectionPaths(attributesToGet: $0) }
            if let expression { paths = try ProjectionPaths.parse(expression, scope: &scope) }
            try scope.checkAllUsed()
            return paths
        } catch {
            throw .validation(error.message)
        }
    }
}

extension Engine {
    /// GetItem: inline where the block cache has the item, else on the storage pool.
    func getItem(
        _ request: GetItemRequest, context: RequestContext, completion: @escaping Completion
    ) {
        do throws(ServiceError) {
            let projection = try request.prepare()
            let table = try table(request.tableName, "GetItem", context)
            let key = try table.storedKey(ofKey: request.key)
            let item: ItemBytes?
            switch try storing({ () throws(StorageError) in try store.getCached(.items, key) }) {
            case .found(let bytes): item = ItemBytes(trusted: bytes)
            case .absent: item = nil
            case .unknown:
                return pool.run { [self] in
                    readItem(request, projection, key: key, of: table, completion: completion)
                }
            }
            let finish = try admitting(read: key, of: table, completion)
            finish(.success(request.answer(item, projection, storedKey: key)))
        } catch {
            completion(.failure(error))
        }
    }

    /// Reads an item from the store, which may wait for the device.
    private func readItem(
        _ request: GetItemRequest, _ projection: ProjectionPaths?, key: [UInt8], of table: Table,
        completion: @escaping Completion
    ) {
        do throws(ServiceError) {
            let finish = try admitting(read: key, of: table, completion)
            let item = try storing { () throws(StorageError) in
                try store.get(.items, key).map { ItemBytes(trusted: $0) }
            }
            finish(.success(request.answer(item, projection, storedKey: key)))
        } catch {
            completion(.failure(error))
        }
    }
}

extension GetItemRequest {
    fileprivate func answer(
        _ item: ItemBytes?, _ projection: ProjectionPaths?, storedKey: [UInt8]
    ) -> OperationOutcome {
        let units = RequestUnitRules.read(byteCount: item?.size ?? 0, consistent: consistentRead)
        let consumption = Consumption([
            TableConsumption(
                tableName: tableName, storedKey: storedKey, units: Units(read: units), item: item)
        ])
        let shown = item.map { projection?.apply(to: $0) ?? $0 }
        return OperationOutcome(
            .getItem(
                GetItemResponse(
                    item: shown,
                    consumedCapacity: consumption.report(returnConsumedCapacity)?.first)),
            consumption: consumption)
    }
}
