internal import Items

/// The conditions of a Query on key attributes, not yet matched to a table's or index's keys.
package struct KeyCondition: Sendable {
    /// A condition on one attribute.
    enum Test: Sendable {
        case equal(ItemValue)
        case range(RangeComparison)

        var values: [ItemValue] {
            switch self {
            case .equal(let value): [value]
            case .range(let comparison): comparison.values
            }
        }
    }

    /// In the order of the request, each attribute once.
    let tests: [(attribute: String, test: Test)]

    /// Parses a KeyConditionExpression and checks it, with the service's messages.
    package static func parse(
        _ text: String, scope: inout ExpressionScope
    ) throws(ExpressionError) -> KeyCondition {
        let syntax = try SyntaxCache.syntax(of: text, kind: .keyCondition)
        var binder = ConditionBinder(syntax: syntax, scope: scope)
        defer { scope = binder.scope }
        try binder.check(.keyCondition)
        var reader = KeyConditionReader(syntax: syntax, bound: binder.bound)
        try reader.read(syntax.root)
        return KeyCondition(tests: reader.tests)
    }

    /// The conditions of the legacy KeyConditions.
    package static func legacy(_ tests: [LegacyTest]) throws(ExpressionError) -> KeyCondition {
        try LegacyTest.checkLegacy(tests)
        guard !tests.isEmpty else {
            throw ExpressionError("Conditions can be of length 1 or 2 only")
        }
        var result: [(attribute: String, test: Test)] = []
        for test in tests {
            guard let first = test.values.first, let last = test.values.last,
                let converted = Test(test.comparison, first, last)
            else {
                throw ExpressionError(
                    "Attempted conditional constraint is not an indexable operation")
            }
            result.append((test.attribute, converted))
        }
        return KeyCondition(tests: result)
    }

    static let notSupported = ExpressionError("Query key condition not supported")
}

extension KeyCondition.Test {
    /// The test of a legacy comparison; nil where no key can be searched by it.
    fileprivate init?(_ comparison: String, _ first: ItemValue, _ last: ItemValue) {
        switch comparison {
        case "EQ": self = .equal(first)
        case "LT": self = .range(.less(first))
        case "LE": self = .range(.lessOrEqual(first))
        case "GT": self = .range(.greater(first))
        case "GE": self = .range(.greaterOrEqual(first))
        case "BETWEEN": self = .range(.between(first, last))
        case "BEGINS_WITH": self = .range(.beginsWith(first))
        default: return nil
        }
    }
}

/// Reads the tests of a key condition out of a checked condition.
private struct KeyConditionReader {
    let syntax: ExpressionSyntax
    let bound: [ConditionBinder.Bound]
    private(set) var tests: [(attribute: String, test: KeyCondition.Test)] = []

    init(syntax: ExpressionSyntax, bound: [ConditionBinder.Bound]) {
        self.syntax = syntax
        self.bound = bound
    }

    mutating func read(_ index: Int) throws(ExpressionError) {
        switch syntax.conditions[index] {
        case .and(let parts):
            for part in parts { try read(part) }
        case .or: throw invalidOperator("OR")
        case .not: throw invalidOperator("NOT")
        case .membership: throw invalidOperator("IN")
        case .comparison(.notEqual, _, _): throw invalidOperator("<>")
        case .comparison(let comparator, let left, let right):
            let (attribute, values) = try operands([left, right])
            let isFlipped = if case .value = bound[left] { true } else { false }
            let test = test(isFlipped ? comparator.flipped : comparator, values[0])
            try add(attribute, test)
        case .between(let operand, let lower, let upper):
            try requireFirst(operand, of: "BETWEEN")
            let (attribute, values) = try operands([operand, lower, upper])
            try add(attribute, .range(.between(values[0], values[1])))
        case .function(let operand):
            guard case .function(let name, let arguments) = bound[operand],
                name == "begins_with"
            else { throw invalidOperator(functionName(operand)) }
            try requireFirst(arguments[0], of: name)
            let (attribute, values) = try operands(arguments)
            try add(attribute, .range(.beginsWith(values[0])))
        }
    }

    private func functionName(_ operand: Int) -> String {
        if case .function(let name, _) = bound[operand] { name } else { "" }
    }

    private func invalidOperator(_ name: String) -> ExpressionError {
        ExpressionError("Invalid operator used in KeyConditionExpression: \(name)")
    }

    private func invalidCondition(_ reason: String) -> ExpressionError {
        ExpressionKind.keyCondition.error(
            "Invalid condition in KeyConditionExpression: \(reason)")
    }

    private func test(_ comparator: Comparator, _ value: ItemValue) -> KeyCondition.Test {
        switch comparator {
        case .equal, .notEqual: .equal(value)
        case .less: .range(.less(value))
        case .lessOrEqual: .range(.lessOrEqual(value))
        case .greater: .range(.greater(value))
        case .greaterOrEqual: .range(.greaterOrEqual(value))
        }
    }

    private func requireFirst(_ operand: Int, of name: String) throws(ExpressionError) {
        if case .value = bound[operand] {
            throw invalidCondition(
                "\(name) operator must have the key attribute as its first operand")
        }
    }

    /// The one attribute among operands, and the values that are the others.
    private func operands(
        _ operands: [Int]
    ) throws(ExpressionError) -> (attribute: String, values: [ItemValue]) {
        var attribute: String?
        var values: [ItemValue] = []
        for operand in operands {
            switch bound[operand] {
            case .value(let value):
                values.append(value)
            case .path(let path):
                if attribute != nil {
                    throw invalidCondition("Multiple attribute names used in one condition")
                }
                if path.elements.count > 1 {
                    throw ExpressionError(
                        "KeyConditionExpressions cannot have conditions on nested attributes")
                }
                attribute = path.attribute
            case .function, .unresolved:
                throw ExpressionError("KeyConditionExpressions cannot contain nested operations")
            }
        }
        guard let attribute else {
            throw invalidCondition("No key attribute specified")
        }
        return (attribute, values)
    }

    private mutating func add(
        _ attribute: String, _ test: KeyCondition.Test
    ) throws(ExpressionError) {
        if tests.contains(where: { $0.attribute == attribute }) {
            throw ExpressionError(
                "KeyConditionExpressions must only contain one condition per key")
        }
        tests.append((attribute, test))
    }
}
