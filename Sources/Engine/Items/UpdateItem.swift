internal import Expressions
internal import Items
internal import Operations

/// An UpdateItem's expressions, ready to be evaluated.
struct PreparedUpdate: Sendable {
    /// nil: the request changes nothing but may create the item.
    var update: Update?
    var condition: PreparedCondition
}

extension PreparedUpdate {
    /// The item after the update, and the update's outcome.
    ///
    /// Clearing alone (REMOVE, DELETE) makes no item: then there is none after it either.
    func result(
        on old: ItemBytes?, key: ItemBytes, of table: Table
    ) throws(ServiceError) -> (item: ItemBytes?, outcome: UpdateOutcome?) {
        guard let update else { return (old ?? key, nil) }
        let outcome = try update.outcome(on: old ?? key, of: table)
        if old == nil, update.onlyClears { return (nil, nil) }
        return (outcome.item, outcome)
    }
}

extension UpdateItemRequest {
    /// The checks that need no table, in the service's order.
    func prepare() throws(ServiceError) -> PreparedUpdate {
        let expressions: [RequestExpressions.Parameter] = [
            ("UpdateExpression", updateExpression != nil),
            ("ConditionExpression", condition.conditionExpression != nil),
        ]
        try RequestExpressions.checkMix(
            expressions: expressions,
            legacy: [
                ("AttributeUpdates", attributeUpdates != nil),
                ("Expected", condition.expected != nil),
                ("ConditionalOperator", condition.conditionalOperator != nil),
            ])
        var scope = try RequestExpressions.scope(attributes, expressions: expressions)
        if let valueFault { throw valueFault }
        var prepared = PreparedUpdate(condition: PreparedCondition())
        do throws(ExpressionError) {
            if let attributeUpdates {
                prepared.update = try Update.legacy(
                    attributeUpdates.map { attribute, update in
                        LegacyUpdate(
                            attribute: attribute, action: (update.action ?? .put).rawValue,
                            value: update.value)
                    })
            }
            if let updateExpression {
                prepared.update = try Update.parse(updateExpression, scope: &scope)
            }
        } catch {
            throw .validation(error.message)
        }
        prepared.condition = try condition.prepare(scope: &scope)
        try scope.checkUse()
        return prepared
    }
}

extension Engine {
    /// UpdateItem: changes attributes of an item, or makes it.
    func updateItem(
        _ request: UpdateItemRequest, context: RequestContext, completion: @escaping Completion
    ) {
        let prepared: PreparedUpdate
        let write: SingleItemWrite
        do throws(ServiceError) {
            do throws(ServiceError) {
                prepared = try request.prepare()
            } catch {
                throw error.asDetected
            }
            let table = try table(request.tableName, "UpdateItem", context)
            let storedKey = try table.storedKey(ofKey: request.key)
            try prepared.update?.checkKeys(of: table)
            try prepared.update?.checkIndexKeys(of: table)
            write = SingleItemWrite(
                tableName: request.tableName, table: table, storedKey: storedKey,
                condition: prepared.condition, returns: request.returns)
        } catch {
            completion(.failure(error))
            return
        }
        let key = request.key
        submit(completion, writing: write.storedKey) { staging throws(ServiceError) in
            let table = try write.currentTable(staging)
            let old = try write.checkedItem(staging)
            let (item, outcome) = try prepared.result(on: old, key: key, of: table)
            return try write.finish(
                staging, table, old: old, new: item,
                attributes: item.flatMap {
                    write.returns.returnValues.attributes(old: old, new: $0, outcome)
                })
        }
    }
}

extension Update {
    static let sizeFault = "Item size to update has exceeded the maximum allowed size"

    /// An update may not touch the table's key.
    func checkKeys(of table: Table) throws(ServiceError) {
        let keys = [table.partitionKey.name, table.sortKey?.name]
        for attribute in topLevelAttributes where keys.contains(attribute) {
            throw .validation(
                "One or more parameter values were invalid: Cannot update attribute \(attribute). "
                    + "This attribute is part of the key")
        }
    }

    /// A value of another type may not go to an index's key, whatever the item is.
    func checkIndexKeys(of table: Table) throws(ServiceError) {
        guard !table.localIndexes.isEmpty || !table.globalIndexes.isEmpty else { return }
        for (attribute, tag) in immediateTypes {
            for index in table.localIndexes { try index.checkType(tag, of: attribute) }
            for index in table.globalIndexes { try index.checkType(tag, of: attribute) }
        }
    }

    /// Applies the update and checks what came out.
    func outcome(on item: ItemBytes, of table: Table) throws(ServiceError) -> UpdateOutcome {
        let outcome: UpdateOutcome
        do throws(ExpressionError) {
            outcome = try apply(to: item)
        } catch {
            throw .validation(error.message)
        }
        try table.checkItem(outcome.item, sizeFault: Self.sizeFault, isUpdated: true)
        // The service's own gate: the update as it is logged must fit as well.
        let logged =
            outcome.item.size - table.key(of: outcome.item).size + 3
            + 19 * writingActionCount + 2 * clearingActionCount
        if logged > Limits.itemBytesMax { throw .validation(Self.sizeFault) }
        return outcome
    }
}

extension ReturnValues {
    /// The Attributes of an UpdateItem's answer; nil where there is nothing to tell.
    func attributes(old: ItemBytes?, new: ItemBytes, _ outcome: UpdateOutcome?) -> ItemBytes? {
        let told: ItemBytes?
        switch self {
        case .none: told = nil
        case .allOld: told = old
        case .allNew: told = new
        case .updatedOld: told = old == nil ? nil : outcome?.updatedOld
        case .updatedNew: told = outcome?.updatedNew
        }
        return told.flatMap { $0.isEmpty ? nil : $0 }
    }
}
