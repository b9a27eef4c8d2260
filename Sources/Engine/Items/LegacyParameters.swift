internal import Expressions
internal import Items
internal import Operations

/// Expected, KeyConditions, QueryFilter, ScanFilter and ConditionalOperator: the forms from before
/// expressions, checked in the service's words and turned into tests of the expression evaluator.
enum LegacyParameters {
    static let prefix = "One or more parameter values were invalid: "

    /// The tests of Expected.
    static func tests(
        _ expected: [(attribute: String, value: ExpectedAttributeValue)]
    ) throws(ServiceError) -> [LegacyTest] {
        var tests: [LegacyTest] = []
        for (attribute, expectation) in expected {
            tests.append(try test(attribute, expectation))
        }
        return tests
    }

    /// The tests of KeyConditions, QueryFilter or ScanFilter.
    static func tests(
        _ conditions: [(attribute: String, condition: AttributeCondition)]
    ) throws(ServiceError) -> [LegacyTest] {
        var tests: [LegacyTest] = []
        for (attribute, condition) in conditions {
            let test = LegacyTest(
                attribute: attribute, comparison: condition.comparisonOperator.rawValue,
                values: condition.values ?? [])
            try check(test)
            tests.append(test)
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

    private static func test(
        _ attribute: String, _ expected: ExpectedAttributeValue
    ) throws(ServiceError) -> LegacyTest {
        if expected.attributeValueList != nil, expected.value != nil {
            throw .validation(
                prefix + "Value and AttributeValueList cannot be used together for Attribute: "
                    + attribute)
        }
        guard let comparison = expected.comparisonOperator else {
            return try existenceTest(attribute, expected)
        }
        if expected.exists != nil {
            throw .validation(
                prefix + "Exists and ComparisonOperator cannot be used together for Attribute: "
                    + attribute)
        }
        if comparison != .null, comparison != .notNull, expected.attributeValueList == nil,
            expected.value == nil
        {
            throw .validation(
                prefix + "Value or AttributeValueList must be used with ComparisonOperator: "
                    + "\(comparison.rawValue) for Attribute: \(attribute)")
        }
        let test = LegacyTest(
            attribute: attribute, comparison: comparison.rawValue,
            values: expected.attributeValueList ?? expected.value.map { [$0] } ?? [])
        try check(test)
        return test
    }

    private static func existenceTest(
        _ attribute: String, _ expected: ExpectedAttributeValue
    ) throws(ServiceError) -> LegacyTest {
        if expected.attributeValueList != nil {
            throw .validation(
                prefix + "AttributeValueList can only be used with a ComparisonOperator for "
                    + "Attribute: \(attribute)")
        }
        if expected.exists == false {
            if expected.value != nil {
                throw .validation(
                    prefix + "Value cannot be used when Exists is false for Attribute: \(attribute)")
            }
            return LegacyTest(attribute: attribute, comparison: "NULL", values: [])
        }
        guard let value = expected.value else {
            let exists = expected.exists.map { "\($0)" } ?? "null"
            throw .validation(
                prefix + "Value must be provided when Exists is \(exists) for Attribute: "
                    + attribute)
        }
        return LegacyTest(attribute: attribute, comparison: "EQ", values: [value])
    }

    private static func check(_ test: LegacyTest) throws(ServiceError) {
        do throws(ExpressionError) {
            try Condition.checkLegacy(test)
        } catch {
            throw .validation(error.message)
        }
    }
}
