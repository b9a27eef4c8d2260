internal import Expressions
internal import Items
internal import Operations

extension ReturnConsumedCapacity {
    /// Sent, other than by default.
    fileprivate var text: String? { self == .none ? nil : rawValue }
}

extension WriteCondition {
    /// The attributes that the condition names, in either form.
    fileprivate func add(to access: inout ItemAccess, _ attributes: ExpressionAttributes) {
        access.add(conditionExpression, .condition, attributes.names)
        access.attributes += (expected ?? []).map(\.attribute)
    }
}

extension GetItemRequest {
    var access: ItemAccess {
        var access = ItemAccess(tableName)
        access.keys = [key]
        access.attributes = attributesToGet ?? []
        access.add(projectionExpression, .projection, attributes.names)
        let isAll = attributesToGet == nil && projectionExpression == nil
        access.select = isAll ? "ALL_ATTRIBUTES" : "SPECIFIC_ATTRIBUTES"
        access.returnConsumedCapacity = returnConsumedCapacity.text
        return access
    }
}

extension PutItemRequest {
    var access: ItemAccess {
        var access = ItemAccess(tableName)
        access.keys = [item]
        condition.add(to: &access, attributes)
        access.returnValues = returns.returnValues.rawValue
        access.returnConsumedCapacity = returns.returnConsumedCapacity.text
        return access
    }
}

extension DeleteItemRequest {
    var access: ItemAccess {
        var access = ItemAccess(tableName)
        access.keys = [key]
        condition.add(to: &access, attributes)
        access.returnValues = returns.returnValues.rawValue
        access.returnConsumedCapacity = returns.returnConsumedCapacity.text
        return access
    }
}

extension UpdateItemRequest {
    var access: ItemAccess {
        var access = ItemAccess(tableName)
        access.keys = [key]
        condition.add(to: &access, attributes)
        access.add(updateExpression, .update, attributes.names)
        access.attributes += (attributeUpdates ?? []).map(\.attribute)
        access.returnValues = returns.returnValues.rawValue
        access.returnConsumedCapacity = returns.returnConsumedCapacity.text
        return access
    }
}

extension ConditionCheck {
    var access: ItemAccess {
        var access = ItemAccess(tableName)
        access.keys = [key]
        condition.add(to: &access, attributes)
        return access
    }
}

extension TransactGetItem {
    var access: ItemAccess {
        var access = ItemAccess(tableName)
        access.keys = [key]
        access.add(projectionExpression, .projection, names)
        access.select = projectionExpression == nil ? "ALL_ATTRIBUTES" : "SPECIFIC_ATTRIBUTES"
        return access
    }
}

extension KeysAndAttributes {
    func access(tableName: String, _ capacity: ReturnConsumedCapacity) -> ItemAccess {
        var access = ItemAccess(tableName)
        access.keys = keys
        access.attributes = attributesToGet ?? []
        access.add(projectionExpression, .projection, names)
        let isAll = attributesToGet == nil && projectionExpression == nil
        access.select = isAll ? "ALL_ATTRIBUTES" : "SPECIFIC_ATTRIBUTES"
        access.returnConsumedCapacity = capacity.text
        return access
    }
}

extension BatchWriteItemRequest {
    func access(_ tableName: String, _ writes: [WriteRequest]) -> ItemAccess {
        var access = ItemAccess(tableName)
        access.keys = writes.compactMap { write in
            switch write {
            case .put(let item): item
            case .delete(let key): key
            case .malformed: nil
            }
        }
        access.returnConsumedCapacity = returnConsumedCapacity.text
        return access
    }
}

extension PageParameters {
    fileprivate var access: ItemAccess {
        var access = ItemAccess(tableName, index: indexName)
        access.attributes = (attributesToGet ?? []) + (legacyFilter ?? []).map(\.attribute)
        access.add(projectionExpression, .projection, attributes.names)
        access.add(filterExpression, .filter, attributes.names)
        let isSpecific = attributesToGet != nil || projectionExpression != nil
        access.select =
            select?.rawValue
            ?? (isSpecific
                ? "SPECIFIC_ATTRIBUTES"
                : indexName == nil ? "ALL_ATTRIBUTES" : "ALL_PROJECTED_ATTRIBUTES")
        access.returnConsumedCapacity = returnConsumedCapacity.text
        return access
    }
}

extension QueryRequest {
    var access: ItemAccess {
        var access = page.access
        access.add(keyConditionExpression, .keyCondition, page.attributes.names)
        access.attributes += (keyConditions ?? []).map(\.attribute)
        access.partitionValues = { hash in
            let values = hash.map { name in equalValue(of: name) }
            return [values.compactMap { $0 }].filter { $0.count == hash.count }
        }
        return access
    }

    /// The value that a key condition demands of an attribute; nil where it leaves it open.
    private func equalValue(of attribute: String) -> ItemValue? {
        if let text = keyConditionExpression {
            var scope = ExpressionScope(
                names: page.attributes.names, values: page.attributes.values)
            return (try? KeyCondition.parse(text, scope: &scope))?.equalValue(of: attribute)
        }
        let condition = keyConditions?.first { $0.attribute == attribute }?.condition
        guard condition?.comparisonOperator == .equal else { return nil }
        return condition?.values?.first
    }
}

extension ScanRequest {
    var access: ItemAccess {
        var access = page.access
        access.fullTableScan = true
        return access
    }
}

extension PartiQLStatement {
    var access: ItemAccess {
        var access = ItemAccess(tableName)
        access.attributes = Array(namedAttributes)
        switch self {
        case .select(let statement), .exists(let statement):
            access.indexName = statement.indexName
            access.select =
                statement.projection == nil ? "ALL_ATTRIBUTES" : "SPECIFIC_ATTRIBUTES"
        case .insert(let statement):
            access.keys = [statement.item]
        case .update, .delete:
            break
        }
        let filter = filter
        access.partitionValues = { hash in
            filter?.partitionKeyValues(hash) ?? []
        }
        return access
    }

    var isSelect: Bool {
        switch self {
        case .select, .exists: true
        case .insert, .update, .delete: false
        }
    }
}
