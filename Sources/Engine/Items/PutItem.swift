internal import Expressions
internal import Items
internal import Operations

extension PutItemRequest {
    /// The checks that need no table, in the service's order.
    func prepare() throws(ServiceError) -> PreparedCondition {
        let expressions = [("ConditionExpression", condition.conditionExpression != nil)]
        try RequestExpressions.checkMix(
            expressions: expressions,
            legacy: [
                ("Expected", condition.expected != nil),
                ("ConditionalOperator", condition.conditionalOperator != nil),
            ])
        var scope = try RequestExpressions.scope(attributes, expressions: expressions)
        if let valueFault { throw valueFault }
        try returns.checkOldOrNone()
        let prepared = try condition.prepare(scope: &scope)
        try scope.checkUse()
        return prepared
    }
}

extension WriteReturns {
    /// PutItem and DeleteItem can return the old item or nothing.
    func checkOldOrNone() throws(ServiceError) {
        guard returnValues == .none || returnValues == .allOld else {
            throw .validation("ReturnValues can only be ALL_OLD or NONE")
        }
    }
}

extension ExpressionScope {
    /// Every placeholder sent must have been used.
    func checkUse() throws(ServiceError) {
        do throws(ExpressionError) {
            try checkAllUsed()
        } catch {
            throw .validation(error.message)
        }
    }
}

extension Engine {
    /// PutItem: replaces the whole item.
    func putItem(
        _ request: PutItemRequest, context: RequestContext, completion: @escaping Completion
    ) {
        let write: SingleItemWrite
        do throws(ServiceError) {
            let condition = try request.prepare()
            let table = try table(request.tableName, "PutItem", context)
            let storedKey = try table.storedKey(ofItem: request.item)
            try table.checkItem(
                request.item, sizeFault: "Item size has exceeded the maximum allowed size")
            write = SingleItemWrite(
                tableName: request.tableName, table: table, storedKey: storedKey,
                condition: condition, returns: request.returns)
        } catch {
            completion(.failure(error))
            return
        }
        let item = request.item
        submit(completion) { staging throws(ServiceError) in
            let table = try write.currentTable(staging)
            if table !== write.table {
                try table.checkItem(
                    item, sizeFault: "Item size has exceeded the maximum allowed size")
            }
            let old = try write.checkedItem(staging)
            return write.finish(
                staging, table, old: old, new: item,
                attributes: write.returns.returnValues == .allOld ? old : nil)
        }
    }
}
