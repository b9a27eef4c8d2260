internal import Expressions
internal import Items
internal import Operations

/// An INSERT, UPDATE, DELETE or EXISTS, checked as far as it can be without the current item.
struct StatementWrite: Sendable {
    enum Change: Sendable {
        case insert(ItemBytes)
        case update(Update)
        case delete
        /// EXISTS: the item is only tested.
        case none
    }

    /// Key, condition and returns; the condition says too whether an item must be there.
    let write: SingleItemWrite
    let change: Change
    /// The statement has RETURNING.
    let isReturning: Bool

    /// - Throws: what refuses the statement whatever the item is.
    init(
        _ statement: PartiQLStatement, _ request: Statement, table: Table,
        detail: ReturnConsumedCapacity
    ) throws(ServiceError) {
        var returns = WriteReturns()
        returns.returnConsumedCapacity = detail
        let storedKey: [UInt8]
        let condition: Condition?
        switch statement {
        case .insert(let insert):
            storedKey = try table.storedKey(ofItem: insert.item)
            try table.checkItem(insert.item, sizeFault: Table.itemSizeFault)
            condition = try Self.validating { () throws(ExpressionError) in
                try StatementFilter.absent(or: nil, key: table.partitionKey.name)
            }
            change = .insert(insert.item)
        case .update(let update):
            let (key, rest) = try Self.primaryKey(update.filter, of: table)
            storedKey = try table.storedKey(ofKey: key)
            try update.update.checkKeys(of: table)
            condition = try Self.validating { () throws(ExpressionError) in
                try StatementFilter.existing(rest, key: table.partitionKey.name)
            }
            returns.returnValues = update.returning?.returnValues ?? .none
            change = .update(update.update)
        case .delete(let delete):
            let (key, rest) = try Self.primaryKey(delete.filter, of: table)
            storedKey = try table.storedKey(ofKey: key)
            // Deleting what isn't there succeeds, whatever else the statement says.
            condition = try rest.map { rest throws(ServiceError) in
                try Self.validating { () throws(ExpressionError) in
                    try StatementFilter.absent(or: rest, key: table.partitionKey.name)
                }
            }
            returns.returnValues = delete.returning?.returnValues ?? .none
            change = .delete
        case .exists(let select), .select(let select):
            let (key, rest) = try Self.primaryKey(select.filter, of: table)
            storedKey = try table.storedKey(ofKey: key)
            condition = try Self.validating { () throws(ExpressionError) in
                try StatementFilter.existing(rest, key: table.partitionKey.name)
            }
            change = .none
        }
        isReturning = returns.returnValues != .none
        write = SingleItemWrite(
            tableName: statement.tableName, table: table, storedKey: storedKey,
            condition: PreparedCondition(
                condition: condition, returnsOldOnFailure: request.returnsOldOnFailure),
            returns: returns)
    }

    private static func primaryKey(
        _ filter: StatementFilter?, of table: Table
    ) throws(ServiceError) -> (key: ItemBytes, rest: StatementFilter?) {
        _ = try filter?.checkedCondition()
        guard let found = filter?.primaryKey(table.keyNames) else {
            throw StatementFaults.incompleteKey
        }
        return found
    }

    private static func validating<Result>(
        _ body: () throws(ExpressionError) -> Result
    ) throws(ServiceError) -> Result {
        try RequestExpressions.validating(body)
    }

    /// Stages the write on the commit path; the answer is that of a single-item write.
    func stage(_ staging: Staging) throws(ServiceError) -> OperationOutcome {
        let table = try write.currentTable(staging)
        switch change {
        case .insert(let item):
            if table !== write.table {
                try table.checkItem(item, sizeFault: Table.itemSizeFault)
            }
            let old: ItemBytes?
            do throws(ServiceError) {
                old = try write.checkedItem(staging)
            } catch {
                throw error.asDuplicateItem
            }
            return try write.finish(staging, table, old: old, new: item, attributes: nil)
        case .update(let update):
            guard let old = try write.checkedItem(staging) else {
                throw .conditionalCheckFailed(item: nil)
            }
            let outcome = try update.outcome(on: old, of: table)
            return try write.finish(
                staging, table, old: old, new: outcome.item,
                attributes: write.returns.returnValues.attributes(
                    old: old, new: outcome.item, outcome))
        case .delete:
            let old = try write.checkedItem(staging)
            return try write.finish(
                staging, table, old: old, new: nil, attributes: isReturning ? old : nil)
        case .none:
            throw StatementFaults.existsOutsideTransaction
        }
    }
}

extension ServiceError {
    /// A failed condition of an INSERT: the item is there already.
    var asDuplicateItem: ServiceError {
        guard code == "ConditionalCheckFailedException" else { return self }
        var error = StatementFaults.duplicateItem
        error.consumption = consumption
        return error
    }
}

extension StatementReturning {
    var returnValues: ReturnValues {
        switch self {
        case .allOld: .allOld
        case .allNew: .allNew
        case .modifiedOld: .updatedOld
        case .modifiedNew: .updatedNew
        }
    }
}
