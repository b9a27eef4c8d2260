internal import Expressions
internal import Items
internal import Operations

extension DeleteItemRequest {
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

extension Engine {
    /// DeleteItem: deleting what isn't there succeeds.
    func deleteItem(
        _ request: DeleteItemRequest, context: RequestContext, completion: @escaping Completion
    ) {
        let write: SingleItemWrite
        do throws(ServiceError) {
            let condition = try request.prepare()
            let table = try table(request.tableName, "DeleteItem", context)
            write = SingleItemWrite(
                tableName: request.tableName, table: table,
                storedKey: try table.storedKey(ofKey: request.key), condition: condition,
                returns: request.returns)
        } catch {
            completion(.failure(error))
            return
        }
        submit(completion) { staging throws(ServiceError) in
            let table = try write.currentTable(staging)
            let old = try write.checkedItem(staging)
            return write.finish(
                staging, table, old: old, new: nil,
                attributes: write.returns.returnValues == .allOld ? old : nil)
        }
    }
}
