internal import Expressions
internal import Items
internal import Operations

extension Engine {
    /// TransactWriteItems: all of its actions or none.
    func transactWriteItems(
        _ request: TransactWriteItemsRequest, context: RequestContext,
        completion: @escaping Completion
    ) {
        let actions: [TransactionAction]
        do throws(ServiceError) {
            actions = try transactionActions(request, context)
        } catch {
            completion(.failure(error))
            return
        }
        let token = request.clientRequestToken.map {
            TransactionToken(token: $0, fingerprint: request.fingerprint)
        }
        let returns = TransactionReturns(
            returnConsumedCapacity: request.returnConsumedCapacity,
            returnItemCollectionMetrics: request.returnItemCollectionMetrics)
        runTransaction(
            actions, token: token, returns: returns, context: context, completion: completion)
    }

    /// The request's actions, after every check that needs no current item.
    ///
    /// What needs no table is checked for all actions before any table is looked up. What an action
    /// breaks of its table's schema cancels the transaction, once nothing refuses the request.
    private func transactionActions(
        _ request: TransactWriteItemsRequest, _ context: RequestContext
    ) throws(ServiceError) -> [TransactionAction] {
        try TransactionRules.checkCount(request.transactItems.count)
        var prepared: [PreparedAction] = []
        for item in request.transactItems { prepared.append(try item.prepare()) }
        var actions: [TransactionAction] = []
        var reasons = CancellationReasons(count: prepared.count)
        var byteCount = 0
        for (position, action) in prepared.enumerated() {
            let table = try table(action.tableName, "TransactWriteItems", context)
            byteCount += action.itemByteCount
            let checked = try reasons.gather(at: position) { () throws(ServiceError) in
                try action.action(on: table)
            }
            if let checked { actions.append(checked) }
        }
        // Two actions on one item is the graver fault.
        try TransactionRules.checkDistinct(actions.map(\.storedKey))
        guard byteCount <= Limits.transactionBytesMax else {
            throw .validation(WriteTransaction.sizeFault)
        }
        try reasons.throwIfAny()
        return actions
    }
}

/// One action, checked without its table.
private enum PreparedAction {
    case put(PutItemRequest, PreparedCondition)
    case update(UpdateItemRequest, PreparedUpdate)
    case delete(DeleteItemRequest, PreparedCondition)
    case conditionCheck(ConditionCheck, PreparedCondition)

    var tableName: String {
        switch self {
        case .put(let request, _): request.tableName
        case .update(let request, _): request.tableName
        case .delete(let request, _): request.tableName
        case .conditionCheck(let request, _): request.tableName
        }
    }

    /// The size of the item that the action brings with it.
    var itemByteCount: Int {
        if case .put(let request, _) = self { return request.item.size }
        return 0
    }

    func action(on table: Table) throws(ServiceError) -> TransactionAction {
        let storedKey: [UInt8]
        let evaluate: TransactionAction.Evaluation
        var isConditionCheck = false
        switch self {
        case .put(let request, let condition):
            let item = request.item
            storedKey = try table.storedKey(ofItem: item)
            try table.checkItem(item, sizeFault: Table.itemSizeFault)
            evaluate = { current, latest in
                condition.outcome(current) { () throws(ServiceError) in
                    if latest !== table {
                        try latest.checkItem(item, sizeFault: Table.itemSizeFault)
                    }
                    return .put(item)
                }
            }
        case .update(let request, let prepared):
            let key = request.key
            storedKey = try table.storedKey(ofKey: key)
            try prepared.update?.checkKeys(of: table)
            evaluate = { current, latest in
                prepared.condition.outcome(current) { () throws(ServiceError) in
                    try prepared.update?.checkIndexKeys(of: latest)
                    let (item, _) = try prepared.result(on: current, key: key, of: latest)
                    return item.map { .put($0) } ?? .delete
                }
            }
        case .delete(let request, let condition):
            storedKey = try table.storedKey(ofKey: request.key)
            evaluate = { current, _ in condition.outcome(current) { .delete } }
        case .conditionCheck(let request, let condition):
            storedKey = try table.storedKey(ofKey: request.key)
            isConditionCheck = true
            evaluate = { current, _ in condition.outcome(current) { .none } }
        }
        return TransactionAction(
            tableName: tableName, table: table, storedKey: storedKey,
            isConditionCheck: isConditionCheck, evaluate: evaluate)
    }
}

extension TransactWriteItem {
    /// The checks that need no table, in the service's order.
    fileprivate func prepare() throws(ServiceError) -> PreparedAction {
        switch self {
        case .put(let request):
            .put(
                request,
                try request.condition.prepareReplacement(
                    request.attributes, returns: request.returns, valueFault: request.valueFault))
        case .update(let request):
            .update(request, try request.prepare())
        case .delete(let request):
            .delete(
                request,
                try request.condition.prepareReplacement(
                    request.attributes, returns: request.returns, valueFault: request.valueFault))
        case .conditionCheck(let request):
            .conditionCheck(
                request,
                try request.condition.prepareReplacement(
                    request.attributes, returns: WriteReturns(), valueFault: request.valueFault))
        case .malformed:
            throw .validation("TransactItems can only contain one of Check, Put, Update or Delete")
        }
    }
}

extension PreparedCondition {
    /// What an action does if the condition holds; a fault of the change cancels its transaction.
    fileprivate func outcome(
        _ current: ItemBytes?, change: () throws(ServiceError) -> TransactionAction.Change
    ) -> Result<TransactionAction.Change, ActionFailure> {
        if let condition, !condition.evaluate(current) {
            return .failure(
                .conditionalCheckFailed(item: returnsOldOnFailure ? current : nil))
        }
        do throws(ServiceError) {
            return .success(try change())
        } catch {
            return .failure(.validation(error.message))
        }
    }
}

extension TransactWriteItemsRequest {
    /// What the request asks to be done; what it asks to be told is no part of it.
    fileprivate var fingerprint: [UInt8] {
        var fingerprint = RequestFingerprint()
        fingerprint.add(transactItems.count)
        for item in transactItems {
            switch item {
            case .put(let request):
                fingerprint.add("Put")
                fingerprint.add(request.tableName, request.item)
                fingerprint.add(request.condition, request.attributes)
            case .update(let request):
                fingerprint.add("Update")
                fingerprint.add(request.tableName, request.key)
                fingerprint.add(request.updateExpression)
                fingerprint.add(request.condition, request.attributes)
            case .delete(let request):
                fingerprint.add("Delete")
                fingerprint.add(request.tableName, request.key)
                fingerprint.add(request.condition, request.attributes)
            case .conditionCheck(let request):
                fingerprint.add("ConditionCheck")
                fingerprint.add(request.tableName, request.key)
                fingerprint.add(request.condition, request.attributes)
            case .malformed:
                fingerprint.add("")
            }
        }
        return fingerprint.digest()
    }
}

extension RequestFingerprint {
    fileprivate mutating func add(_ tableName: String, _ item: ItemBytes) {
        add(tableName)
        add(item)
    }

    fileprivate mutating func add(
        _ condition: WriteCondition, _ attributes: ExpressionAttributes
    ) {
        add(condition.conditionExpression)
        add(condition.returnsOldOnFailure)
        add(attributes.names)
        add(attributes.values)
    }
}
