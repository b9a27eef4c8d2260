internal import Operations

extension Engine {
    /// DeleteItem: deleting what isn't there succeeds.
    func deleteItem(
        _ request: DeleteItemRequest, context: RequestContext, completion: @escaping Completion
    ) {
        let write: SingleItemWrite
        do throws(ServiceError) {
            let condition = try request.condition.prepareSingleReplacement(
                request.attributes, returns: request.returns, valueFault: request.valueFault)
            let table = try table(request.tableName, "DeleteItem", context)
            write = SingleItemWrite(
                tableName: request.tableName, table: table,
                storedKey: try table.storedKey(ofKey: request.key), condition: condition,
                returns: request.returns)
        } catch {
            completion(.failure(error))
            return
        }
        submit(completion, writing: write.storedKey) { staging throws(ServiceError) in
            let table = try write.currentTable(staging)
            let old = try write.checkedItem(staging)
            return try write.finish(
                staging, table, old: old, new: nil,
                attributes: write.returns.returnValues == .allOld ? old : nil)
        }
    }
}
