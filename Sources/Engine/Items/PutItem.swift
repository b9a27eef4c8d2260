internal import Items
internal import Operations

extension Engine {
    /// PutItem: replaces the whole item.
    func putItem(
        _ request: PutItemRequest, context: RequestContext, completion: @escaping Completion
    ) {
        let write: SingleItemWrite
        do throws(ServiceError) {
            let condition = try request.condition.prepareSingleReplacement(
                request.attributes, returns: request.returns, valueFault: request.valueFault,
                item: request.item)
            let table = try table(request.tableName, "PutItem", context)
            let storedKey = try table.storedKey(ofItem: request.item)
            try table.checkItem(request.item, sizeFault: Table.itemSizeFault)
            write = SingleItemWrite(
                tableName: request.tableName, table: table, storedKey: storedKey,
                condition: condition, returns: request.returns)
        } catch {
            completion(.failure(error))
            return
        }
        let item = request.item
        submit(completion, writing: write.storedKey) { staging throws(ServiceError) in
            let table = try write.currentTable(staging)
            if table !== write.table {
                try table.checkItem(item, sizeFault: Table.itemSizeFault)
            }
            let old = try write.checkedItem(staging)
            return try write.finish(
                staging, table, old: old, new: item,
                attributes: write.returns.returnValues == .allOld ? old : nil)
        }
    }
}
