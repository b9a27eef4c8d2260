internal import Items

/// The WHERE of a statement.
package struct StatementFilter: Sendable {
    let term: StatementTerm

    init(term: StatementTerm) { self.term = term }

    /// The conditions that must all hold.
    var conjuncts: [StatementTerm] {
        if case .all(let parts) = term { return parts }
        return [term]
    }

    /// The filter of conditions that must all hold; nil where there are none.
    init?(conjuncts: [StatementTerm]) {
        guard let first = conjuncts.first else { return nil }
        term = conjuncts.count == 1 ? first : .all(conjuncts)
    }

    /// The filter as a condition on items, checked with the service's messages.
    package func condition() throws(ExpressionError) -> Condition {
        var builder = StatementConditionBuilder()
        return try builder.condition(of: term)
    }

    /// A condition that holds for an item that is there and passes the filter.
    ///
    /// - Parameters:
    ///   - filter: nil passes every item.
    ///   - key: an attribute that every item has.
    package static func existing(
        _ filter: StatementFilter?, key: String
    ) throws(ExpressionError) -> Condition {
        let exists = StatementTerm.not(.isMissing(.path(DocumentPath(attribute: key))))
        return try StatementFilter(
            term: .all([exists] + (filter.map { [$0.term] } ?? []))
        ).condition()
    }

    /// A condition that holds where there is no item, or one that passes the filter.
    package static func absent(
        or filter: StatementFilter?, key: String
    ) throws(ExpressionError) -> Condition {
        let isAbsent = StatementTerm.isMissing(.path(DocumentPath(attribute: key)))
        return try StatementFilter(
            term: .any([isAbsent] + (filter.map { [$0.term] } ?? []))
        ).condition()
    }
}

/// Turns a term into a condition, by way of the binder that checks every condition.
struct StatementConditionBuilder {
    private var bound: [ConditionBinder.Bound] = []
    private var conditions: [ConditionSyntax] = []

    mutating func condition(of term: StatementTerm) throws(ExpressionError) -> Condition {
        let root = try add(term)
        var binder = ConditionBinder(bound: bound, conditions: conditions, root: root)
        try binder.checkBound()
        return binder.compile()
    }

    private mutating func append(_ condition: ConditionSyntax) -> Int {
        conditions.append(condition)
        return conditions.count - 1
    }

    private mutating func add(_ term: StatementTerm) throws(ExpressionError) -> Int {
        switch term {
        case .all(let parts):
            var nodes: [Int] = []
            for part in parts { nodes.append(try add(part)) }
            return append(.and(nodes))
        case .any(let parts):
            var nodes: [Int] = []
            for part in parts { nodes.append(try add(part)) }
            return append(.or(nodes))
        case .not(let part):
            return append(.not(try add(part)))
        case .comparison(let comparator, let left, let right):
            return append(.comparison(comparator, try operand(left), try operand(right)))
        case .between(let middle, let lower, let upper):
            return append(
                .between(
                    try operand(middle), lower: try operand(lower), upper: try operand(upper)))
        case .membership(let member, let candidates):
            guard candidates.count <= ExpressionLimits.inOperandCountMax else {
                throw ExpressionError(
                    "Too many operands for IN; number of operands: \(candidates.count)")
            }
            let value = try operand(member)
            var operands: [Int] = []
            for candidate in candidates { operands.append(try operand(candidate)) }
            return append(.membership(value, in: operands))
        case .isMissing(let inner):
            return append(.function(try function("attribute_not_exists", [inner])))
        case .isNull(let inner):
            return append(
                .function(
                    try function(
                        "attribute_type", [inner, .value(ItemValue(.string("NULL")))])))
        case .call(let name, let arguments) where name != "size":
            guard StatementFunctions.conditions.contains(name) else {
                throw ExpressionError(
                    "The function is not allowed to be used this way in an expression; "
                        + "function: \(name)")
            }
            return append(.function(try function(name, arguments)))
        default:
            throw ExpressionError("Expected a condition in WHERE clause")
        }
    }

    private mutating func append(_ operand: ConditionBinder.Bound) -> Int {
        bound.append(operand)
        return bound.count - 1
    }

    private mutating func function(
        _ name: String, _ arguments: [StatementTerm]
    ) throws(ExpressionError) -> Int {
        var operands: [Int] = []
        for argument in arguments { operands.append(try operand(argument)) }
        return append(.function(name: name, arguments: operands))
    }

    private mutating func operand(_ term: StatementTerm) throws(ExpressionError) -> Int {
        switch term {
        case .value(let value): return append(.value(value))
        case .path(let path): return append(.path(path))
        case .call(let name, let arguments):
            guard StatementFunctions.conditions.contains(name) else {
                throw ExpressionError(
                    "The function is not allowed to be used this way in an expression; "
                        + "function: \(name)")
            }
            return try function(name, arguments)
        default:
            throw ExpressionError("Unsupported operand in WHERE clause")
        }
    }
}
