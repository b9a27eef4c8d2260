internal import Expressions
internal import Items
internal import Operations

/// The checks that every request with expressions or their legacy forms goes through.
enum RequestExpressions {
    /// A parameter, and whether it was sent.
    typealias Parameter = (name: String, isPresent: Bool)

    /// Refuses a request that mixes expressions with their legacy forms.
    ///
    /// - Parameters:
    ///   - expressions: the expression parameters, and whether each was sent.
    ///   - legacy: the legacy parameters, likewise.
    static func checkMix(
        expressions: [Parameter],
        legacy: [Parameter]
    ) throws(ServiceError) {
        guard expressions.contains(where: \.isPresent), legacy.contains(where: \.isPresent) else {
            return
        }
        func names(_ parameters: [Parameter]) -> String {
            parameters.filter(\.isPresent).map(\.name).joined(separator: ", ")
        }
        throw .validation(
            "Can not use both expression and non-expression parameters in the same request: "
                + "Non-expression parameters: {\(names(legacy))} "
                + "Expression parameters: {\(names(expressions))}")
    }

    /// Opens the scope of a request's placeholders, after checking the maps themselves.
    static func scope(
        _ attributes: ExpressionAttributes, expressions: [Parameter]
    ) throws(ServiceError) -> ExpressionScope {
        let scope = ExpressionScope(names: attributes.names, values: attributes.values)
        guard attributes.names != nil || attributes.values != nil else { return scope }
        try validating { () throws(ExpressionError) in
            try scope.checkMaps(
                expressionIsPresent: expressions.contains(where: \.isPresent),
                valueExpressions: expressions.compactMap { name, isPresent in
                    name == "ProjectionExpression" ? nil : (name, isPresent)
                })
        }
        return scope
    }

    /// Runs a step of the expression language; its faults are ValidationExceptions.
    static func validating<Result>(
        _ body: () throws(ExpressionError) -> Result
    ) throws(ServiceError) -> Result {
        do throws(ExpressionError) {
            return try body()
        } catch {
            throw .validation(error.message)
        }
    }

    /// Refuses an AttributesToGet that names an attribute twice.
    static func checkAttributesToGet(_ names: [String]?) throws(ServiceError) {
        guard let names, Set(names).count != names.count else { return }
        var seen: Set<String> = []
        for name in names where !seen.insert(name).inserted {
            throw .validation(
                "One or more parameter values were invalid: Duplicate value in attribute name: "
                    + name)
        }
    }
}

/// The condition of a single-item write, ready to be evaluated.
struct PreparedCondition: Sendable {
    var condition: Condition?
    var returnsOldOnFailure = false

    /// Whether the condition holds; throws ConditionalCheckFailedException where it doesn't.
    ///
    /// A failed condition is charged by the existing item's size.
    func check(
        _ current: ItemBytes?, failure: () -> Consumption
    ) throws(ServiceError) {
        guard let condition, !condition.evaluate(current) else { return }
        var error = ServiceError.conditionalCheckFailed(item: returnsOldOnFailure ? current : nil)
        error.consumption = failure()
        throw error
    }
}

extension WriteCondition {
    /// Checks the legacy form (Expected, ConditionalOperator) and parses either form.
    func prepare(scope: inout ExpressionScope) throws(ServiceError) -> PreparedCondition {
        var prepared = PreparedCondition(returnsOldOnFailure: returnsOldOnFailure)
        if let expected, !expected.isEmpty {
            prepared.condition = Condition.legacy(
                try LegacyParameters.tests(expected), joinedByOr: conditionalOperator == .or)
        }
        try LegacyParameters.checkOperator(conditionalOperator, conditionCount: expected?.count)
        if let conditionExpression {
            do throws(ExpressionError) {
                prepared.condition = try Condition.parse(
                    conditionExpression, as: .condition, scope: &scope)
            } catch {
                throw .validation(error.message)
            }
        }
        return prepared
    }
}

extension WriteCondition {
    /// The checks of PutItem and DeleteItem that need no table, in the service's order.
    ///
    /// - Parameter item: what PutItem is to store.
    func prepareReplacement(
        _ attributes: ExpressionAttributes, returns: WriteReturns, valueFault: ServiceError?,
        item: ItemBytes? = nil
    ) throws(ServiceError) -> PreparedCondition {
        let expressions: [RequestExpressions.Parameter] = [
            ("ConditionExpression", conditionExpression != nil)
        ]
        try RequestExpressions.checkMix(
            expressions: expressions,
            legacy: [
                ("Expected", expected != nil),
                ("ConditionalOperator", conditionalOperator != nil),
            ])
        var scope = try RequestExpressions.scope(attributes, expressions: expressions)
        if let valueFault { throw valueFault }
        try returns.checkOldOrNone()
        if let item, item.size > Limits.itemBytesMax { throw .validation(Table.itemSizeFault) }
        let prepared = try prepare(scope: &scope)
        try scope.checkUse()
        return prepared
    }
}

extension WriteCondition {
    /// The same of PutItem and DeleteItem, which tell faults as detected; transactions don't.
    ///
    /// - Parameter item: what PutItem is to store; its size is told bare.
    func prepareSingleReplacement(
        _ attributes: ExpressionAttributes, returns: WriteReturns, valueFault: ServiceError?,
        item: ItemBytes? = nil
    ) throws(ServiceError) -> PreparedCondition {
        do throws(ServiceError) {
            return try prepareReplacement(
                attributes, returns: returns, valueFault: valueFault, item: item)
        } catch {
            throw error.message == Table.itemSizeFault ? error : error.asDetected
        }
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
