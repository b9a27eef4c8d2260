package import Items

/// One test of the legacy conditions: Expected, QueryFilter, ScanFilter, KeyConditions.
package struct LegacyTest: Sendable {
    /// The literal name of an attribute at the top.
    package var attribute: String
    /// A wire name: EQ NE IN LE LT GE GT BETWEEN NOT_NULL NULL CONTAINS NOT_CONTAINS BEGINS_WITH.
    package var comparison: String
    /// AttributeValueList.
    package var values: [ItemValue]

    package init(attribute: String, comparison: String, values: [ItemValue]) {
        self.attribute = attribute
        self.comparison = comparison
        self.values = values
    }

    /// The test that an entry of Expected asks for, with the service's checks of its form.
    ///
    /// - Parameters:
    ///   - values: AttributeValueList; nil where it was not sent.
    package static func expected(
        attribute: String, value: ItemValue?, exists: Bool?, comparison: String?,
        values: [ItemValue]?
    ) throws(ExpressionError) -> LegacyTest {
        func invalid(_ reason: String) -> ExpressionError {
            ExpressionError(
                "One or more parameter values were invalid: \(reason) for Attribute: \(attribute)")
        }
        if value != nil, values != nil {
            throw invalid("Value and AttributeValueList cannot be used together")
        }
        if let comparison {
            if exists != nil {
                throw invalid("Exists and ComparisonOperator cannot be used together")
            }
            if comparison != "NULL", comparison != "NOT_NULL", value == nil, values == nil {
                throw invalid(
                    "Value or AttributeValueList must be used with "
                        + "ComparisonOperator: \(comparison)")
            }
            let test = LegacyTest(
                attribute: attribute, comparison: comparison,
                values: values ?? value.map { [$0] } ?? [])
            try checkLegacy([test])
            return test
        }
        if values != nil {
            throw invalid("AttributeValueList can only be used with a ComparisonOperator")
        }
        if exists == false {
            if value != nil { throw invalid("Value cannot be used when Exists is false") }
            return LegacyTest(attribute: attribute, comparison: "NULL", values: [])
        }
        guard let value else {
            throw invalid(
                "Value must be provided when Exists is \(exists.map(String.init) ?? "null")")
        }
        return LegacyTest(attribute: attribute, comparison: "EQ", values: [value])
    }

    /// Checks the counts and types of each test's values, with the service's messages.
    package static func checkLegacy(_ tests: [LegacyTest]) throws(ExpressionError) {
        for test in tests { try test.check() }
    }

    private func check() throws(ExpressionError) {
        func invalid(_ reason: String) -> ExpressionError {
            ExpressionError("One or more parameter values were invalid: \(reason)")
        }
        let count = values.count
        let isRightCount =
            switch comparison {
            case "NULL", "NOT_NULL": count == 0
            case "BETWEEN": count == 2
            case "IN": count >= 1
            default: count == 1
            }
        guard isRightCount else {
            throw invalid("Invalid number of argument(s) for the \(comparison) ComparisonOperator")
        }
        guard let first = values.first else { return }
        let type = first.tag.descriptor
        guard values.allSatisfy({ $0.tag.descriptor == type }) else {
            throw invalid("AttributeValues inside AttributeValueList must be of same type")
        }
        guard isAllowed(first.tag) else {
            throw invalid(
                "ComparisonOperator \(comparison) is not valid for \(type) AttributeValue type")
        }
        if comparison == "BETWEEN",
            values[1].scalar.lexicographicallyPrecedes(values[0].scalar)
        {
            throw ExpressionError(
                "The BETWEEN condition was provided a range where the lower bound "
                    + "is greater than the upper bound")
        }
    }

    private func isAllowed(_ tag: ValueTag) -> Bool {
        switch comparison {
        case "LE", "LT", "GE", "GT", "BETWEEN":
            tag == .string || tag == .number || tag == .binary
        case "BEGINS_WITH":
            tag == .string || tag == .binary
        case "IN", "CONTAINS", "NOT_CONTAINS":
            !tag.isContainer
        default:
            true
        }
    }
}

extension Condition {
    /// The condition of legacy tests that passed `checkLegacy`, joined by AND or by OR.
    ///
    /// No tests at all hold. A test with too few values never holds.
    package static func legacy(_ tests: [LegacyTest], joinedByOr: Bool) -> Condition {
        var condition = Condition()
        var parts: [Int] = []
        for test in tests { parts.append(condition.add(test)) }
        let links = condition.addLinks(parts)
        _ = condition.add(joinedByOr && !tests.isEmpty ? .any(links) : .all(links))
        return condition
    }

    private mutating func add(_ test: LegacyTest) -> Int {
        let path = add(DocumentPath(attribute: test.attribute))
        var values: [Int] = []
        for value in test.values { values.append(add(value)) }
        switch (test.comparison, values.count) {
        case ("NOT_NULL", _): return add(.exists(path))
        case ("NULL", _):
            let exists = add(.exists(path))
            return add(.not(exists))
        case ("IN", 1...):
            let links = addLinks(values)
            return add(.membership(path, in: links))
        case ("BETWEEN", 2...): return add(.between(path, lower: values[0], upper: values[1]))
        case ("BEGINS_WITH", 1...): return add(.beginsWith(path, values[0]))
        case ("CONTAINS", 1...): return add(.contains(path, values[0]))
        case ("NOT_CONTAINS", 1...):
            let contains = add(.contains(path, values[0]))
            return add(.not(contains))
        case (_, 1...):
            guard let comparator = Comparator(legacy: test.comparison) else { break }
            return add(.comparison(comparator, path, values[0]))
        default: break
        }
        return add(.any(0..<0))
    }
}

extension Comparator {
    init?(legacy name: String) {
        switch name {
        case "EQ": self = .equal
        case "NE": self = .notEqual
        case "LT": self = .less
        case "LE": self = .lessOrEqual
        case "GT": self = .greater
        case "GE": self = .greaterOrEqual
        default: return nil
        }
    }
}
