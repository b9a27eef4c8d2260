internal import Expressions
internal import Items
internal import Operations

/// Expected, KeyConditions, QueryFilter, ScanFilter and ConditionalOperator: the forms from before
/// expressions, handed to the expression evaluator as tests.
enum LegacyParameters {
    /// The tests of Expected.
    static func tests(
        _ expected: [(attribute: String, value: ExpectedAttributeValue)]
    ) throws(ServiceError) -> [LegacyTest] {
        try RequestExpressions.validating { () throws(ExpressionError) in
            var tests: [LegacyTest] = []
            for (attribute, expectation) in expected {
                tests.append(
                    try LegacyTest.expected(
                        attribute: attribute, value: expectation.value,
                        exists: expectation.exists,
                        comparison: expectation.comparisonOperator?.rawValue,
                        values: expectation.attributeValueList))
            }
            return tests
        }
    }

    /// The tests of KeyConditions, QueryFilter or ScanFilter.
    static func tests(
        _ conditions: [(attribute: String, condition: AttributeCondition)]
    ) throws(ServiceError) -> [LegacyTest] {
        let tests = conditions.map { attribute, condition in
            LegacyTest(
                attribute: attribute, comparison: condition.comparisonOperator.rawValue,
                values: condition.values ?? [])
        }
        try RequestExpressions.validating { () throws(ExpressionError) in
            try LegacyTest.checkLegacy(tests)
        }
        return tests
    }

    /// ConditionalOperator needs conditions to join.
    static func checkOperator(
        _ conditionalOperator: ConditionalOperator?, conditionCount: Int?
    ) throws(ServiceError) {
        guard conditionalOperator != nil else { return }
        guard let conditionCount, conditionCount > 0 else {
            throw .validation("ConditionalOperator cannot be used without Filter or Expected")
        }
        guard conditionCount > 1 else {
            throw .validation(
                "ConditionalOperator can only be used when Filter or Expected has two or more "
                    + "elements")
        }
    }
}
