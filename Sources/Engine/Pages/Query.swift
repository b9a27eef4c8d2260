internal import Expressions
internal import Items
internal import Operations

extension QueryRequest {
    /// The checks that need no table, in the service's order, and the parsed expressions.
    fileprivate func parse() throws(ServiceError) -> (
        key: KeyCondition, parsed: PageParameters.Parsed
    ) {
        let expressions =
            page.expressionParameters
            + [("KeyConditionExpression", keyConditionExpression != nil)]
        var legacy = [
            ("AttributesToGet", page.attributesToGet != nil),
            ("QueryFilter", page.legacyFilter != nil),
            ("ConditionalOperator", page.conditionalOperator != nil),
        ]
        // KeyConditions may go with the other expressions, only not with its own new form.
        if keyConditionExpression != nil { legacy.append(("KeyConditions", keyConditions != nil)) }
        try RequestExpressions.checkMix(expressions: expressions, legacy: legacy)
        var scope = try RequestExpressions.scope(page.attributes, expressions: expressions)
        if let fault = page.valueFault { throw fault }
        try RequestExpressions.checkAttributesToGet(page.attributesToGet)
        try LegacyParameters.checkOperator(
            page.conditionalOperator, conditionCount: page.legacyFilter?.count)
        let parsed = try page.parse(scope: &scope)
        let key = try keyCondition(scope: &scope)
        try scope.checkUse()
        try page.checkSelect()
        return (key, parsed)
    }

    private func keyCondition(scope: inout ExpressionScope) throws(ServiceError) -> KeyCondition {
        do throws(ExpressionError) {
            if let keyConditionExpression {
                return try KeyCondition.parse(keyConditionExpression, scope: &scope)
            }
        } catch {
            throw .validation(error.message)
        }
        guard let keyConditions else {
            throw .validation(
                "Either the KeyConditions or KeyConditionExpression parameter must be specified "
                    + "in the request.")
        }
        let tests = try LegacyParameters.tests(keyConditions)
        return try RequestExpressions.validating { () throws(ExpressionError) in
            try KeyCondition.legacy(tests)
        }
    }

    /// The whole check against a table.
    fileprivate func plan(
        on table: Table, key: KeyCondition, parsed: PageParameters.Parsed
    ) throws(ServiceError) -> PagePlan {
        let index = try page.index(of: table)
        let hash = index?.hashKey ?? [table.partitionKey]
        let range = index?.rangeKey ?? (table.sortKey.map { [$0] } ?? [])
        let resolved = try RequestExpressions.validating { () throws(ExpressionError) in
            try key.resolve(
                hash: hash.map { ($0.name, $0.type) }, range: range.map { ($0.name, $0.type) })
        }
        for (value, attribute) in zip(resolved.hash, hash) {
            if value.tag != .number, value.scalar.isEmpty { throw KeyFaults.empty(attribute) }
        }
        try checkFilter(parsed.filter, keys: hash + range)
        let bounds = KeyRange(
            id: PagePlan.storageID(table, index), condition: resolved)
        var plan = PagePlan(table: table, lower: bounds.lower, upper: bounds.upper)
        plan.index = index
        plan.isForward = scanIndexForward
        try page.complete(&plan, parsed: parsed)
        if let start = page.exclusiveStartKey {
            let storedKey = try StartKey.storedKey(start, table: table, index: index)
            if index == nil, bounds.isSingleItem(keyCount: range.count) {
                throw .validation("The query can return at most one row and cannot be restarted")
            }
            guard bounds.contains(storedKey) else {
                throw .validation(
                    bounds.isOfPartition(storedKey)
                        ? "The provided starting key does not match the range key predicate"
                        : "The provided starting key is outside query boundaries based on "
                            + "provided conditions")
            }
            plan.startKey = storedKey
        }
        return plan
    }

    /// A filter may not name the keys that the key condition is for.
    private func checkFilter(_ filter: Condition?, keys: [KeyAttribute]) throws(ServiceError) {
        guard let filter else { return }
        for key in keys where filter.topLevelAttributes.contains(key.name) {
            if page.filterExpression != nil {
                throw .validation(
                    "Filter Expression can only contain non-primary key attributes: Primary key "
                        + "attribute: \(key.name)")
            }
            throw .validation(
                "QueryFilter can only contain non-primary key attributes: Primary key attribute: "
                    + key.name)
        }
    }
}

/// The stored keys that a key condition selects.
struct KeyRange {
    let lower: [UInt8]
    let upper: [UInt8]?
    /// The start of all keys with the partition key.
    private let partition: [UInt8]
    private let equalityCount: Int
    private let hasComparison: Bool

    init(id: UInt32, condition: ResolvedKeyCondition) {
        partition = StoredKeys.partition(id: id, hash: condition.hash)
        var prefix = partition
        for value in condition.rangeEquals { OrderedKey.append(value, to: &prefix) }
        equalityCount = condition.rangeEquals.count
        hasComparison = condition.rangeComparison != nil
        let end = OrderedKey.successor(of: prefix)
        func key(_ value: ItemValue) -> [UInt8] {
            var key = prefix
            OrderedKey.append(value, to: &key)
            return key
        }
        switch condition.rangeComparison {
        case nil:
            (lower, upper) = (prefix, end)
        case .less(let value):
            (lower, upper) = (prefix, key(value))
        case .lessOrEqual(let value):
            (lower, upper) = (prefix, OrderedKey.successor(of: key(value)))
        case .greater(let value):
            (lower, upper) = (OrderedKey.successor(of: key(value)) ?? prefix, end)
        case .greaterOrEqual(let value):
            (lower, upper) = (key(value), end)
        case .between(let low, let high):
            (lower, upper) = (key(low), OrderedKey.successor(of: key(high)))
        case .beginsWith(let value):
            var start = prefix
            OrderedKey.appendPrefix(value.scalar, to: &start)
            (lower, upper) = (start, OrderedKey.successor(of: start))
        }
    }

    /// Whether every key attribute is given by equality.
    func isSingleItem(keyCount: Int) -> Bool { !hasComparison && equalityCount == keyCount }

    func isOfPartition(_ key: [UInt8]) -> Bool { key.starts(with: partition) }

    func contains(_ key: [UInt8]) -> Bool {
        !key.lexicographicallyPrecedes(lower)
            && (upper.map { key.lexicographicallyPrecedes($0) } ?? true)
    }
}

extension Engine {
    /// Query: the items of one partition key, in the order of their sort key.
    func query(
        _ request: QueryRequest, context: RequestContext, completion: @escaping Completion
    ) {
        do throws(ServiceError) {
            let (key, parsed) = try request.parse()
            let table = try table(request.page.tableName, "Query", context)
            let plan = try request.plan(on: table, key: key, parsed: parsed)
            readPage(plan, completion: completion)
        } catch {
            completion(.failure(error))
        }
    }
}
