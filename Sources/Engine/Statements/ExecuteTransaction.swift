internal import Expressions
internal import Items
internal import Operations

extension Engine {
    /// ExecuteTransaction: SELECTs of whole keys as of one moment, or writes and EXISTS of which
    /// all are done or none.
    func executeTransaction(
        _ request: ExecuteTransactionRequest, context: RequestContext,
        completion: @escaping Completion
    ) {
        do throws(ServiceError) {
            var parsed: [PartiQLStatement] = []
            for statement in request.statements { parsed.append(try statement.parse()) }
            if parsed.allSatisfy(\.isRead) {
                runTransaction(
                    gets: try transactionGets(parsed, context),
                    detail: request.returnConsumedCapacity, completion: completion)
                return
            }
            guard !parsed.contains(where: \.isRead) else { throw StatementFaults.mixedTransaction }
            var actions: [TransactionAction] = []
            for (statement, sent) in zip(parsed, request.statements) {
                let table = try table(statement.tableName, statement.actionName, context)
                let write = try StatementWrite(statement, sent, table: table, detail: .none)
                guard !write.isReturning else { throw StatementFaults.returningInTransaction }
                actions.append(write.action)
            }
            try TransactionRules.checkDistinct(actions.map(\.storedKey))
            let count = actions.count
            runTransaction(
                actions,
                token: request.clientRequestToken.map {
                    TransactionToken(token: $0, fingerprint: request.fingerprint)
                },
                returns: TransactionReturns(
                    returnConsumedCapacity: request.returnConsumedCapacity),
                context: context
            ) { completion($0.map { $0.asItemResponses(count: count) }) }
        } catch {
            completion(.failure(error))
        }
    }

    private func transactionGets(
        _ statements: [PartiQLStatement], _ context: RequestContext
    ) throws(ServiceError) -> [TransactionGet] {
        var gets: [TransactionGet] = []
        for case .select(let select) in statements {
            let table = try table(
                select.tableName, PartiQLStatement.select(select).actionName, context)
            let plan = try SelectPlan(select, table: table, consistentRead: true, limit: nil)
            guard let key = plan.itemKey else { throw StatementFaults.transactionReadsItems }
            gets.append(
                TransactionGet(tableName: select.tableName, table: table, storedKey: key) {
                    plan.rowIfPassing($0)
                })
        }
        try TransactionRules.checkDistinct(gets.map(\.storedKey))
        return gets
    }
}

extension StatementWrite {
    /// The statement as an action of a write transaction.
    var action: TransactionAction {
        let condition = write.condition
        let change = change
        let isInsert = if case .insert = change { true } else { false }
        let isCheck = if case .none = change { true } else { false }
        let known = write.table
        return TransactionAction(
            tableName: write.tableName, table: known, storedKey: write.storedKey,
            isConditionCheck: isCheck
        ) { current, latest in
            if let test = condition.condition, !test.evaluate(current) {
                return .failure(
                    isInsert
                        ? .duplicateItem
                        : .conditionalCheckFailed(
                            item: condition.returnsOldOnFailure ? current : nil))
            }
            do throws(ServiceError) {
                return .success(
                    try change.transactionChange(of: current, in: latest, known: known))
            } catch {
                return .failure(.validation(error.message))
            }
        }
    }
}

extension StatementWrite.Change {
    /// What the statement does to an item that its condition passed.
    fileprivate func transactionChange(
        of current: ItemBytes?, in latest: Table, known: Table
    ) throws(ServiceError) -> TransactionAction.Change {
        switch self {
        case .insert(let item):
            if latest !== known {
                try latest.checkItem(item, sizeFault: Table.itemSizeFault)
            }
            return .put(item)
        case .update(let update):
            guard let current else { return .none }
            return .put(try update.outcome(on: current, of: latest).item)
        case .delete:
            return .delete
        case .none:
            return .none
        }
    }
}

extension ActionFailure {
    /// An INSERT of an item that is there already.
    fileprivate static let duplicateItem = ActionFailure(
        CancellationReason(
            code: "DuplicateItem", message: StatementFaults.duplicateItem.message))
}

extension ExecuteTransactionRequest {
    /// What the request asks to be done; what it asks to be told is no part of it.
    fileprivate var fingerprint: [UInt8] {
        var fingerprint = RequestFingerprint()
        fingerprint.add("ExecuteTransaction")
        fingerprint.add(statements.count)
        for statement in statements {
            fingerprint.add(statement.text)
            fingerprint.add(statement.returnsOldOnFailure)
            fingerprint.add(statement.parameters?.count ?? 0)
            for parameter in statement.parameters ?? [] { fingerprint.add(parameter) }
        }
        return fingerprint.digest()
    }
}

extension OperationOutcome {
    /// The outcome of a write transaction as ExecuteTransaction tells it: no items.
    fileprivate func asItemResponses(count: Int) -> OperationOutcome {
        guard case .transactWriteItems(let written) = response else { return self }
        var told = ItemResponses()
        told.responses = Array(repeating: nil, count: count)
        told.consumedCapacity = written.consumedCapacity
        return OperationOutcome(.itemResponses(told), consumption: consumption)
    }
}
