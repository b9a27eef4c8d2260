internal import Operations

/// One line of a statement's Condition: an operator, a key, and the values it is compared with.
struct PolicyCondition: Sendable, Hashable {
    var test: ConditionOperator
    /// In lower case: names of keys count in any case.
    var key: String
    /// One of them must match.
    var values: [PolicyPattern]

    /// Whether the condition holds for a request; nil where a variable in it has no value.
    func holds(_ request: PolicyValues) -> Bool? {
        let found = request.value(key)
        if test.comparison == .null {
            let isAbsent = found?.isEmpty ?? true
            return values.contains { ($0.text.lowercased() == "true") == isAbsent }
        }
        guard let found, !found.isEmpty else {
            if test.isIfExists { return true }
            switch test.quantifier {
            case .all: return true
            case .any: return false
            case .none: return test.isNegated
            }
        }
        var results: [Bool] = []
        for value in found {
            guard let matches = matches(value, request) else { return nil }
            results.append(matches != test.isNegated)
        }
        switch test.quantifier {
        case .all: return !results.contains(false)
        case .any: return results.contains(true)
        // Several values of a key and no quantifier: all of them must differ, or one be equal.
        case .none: return test.isNegated ? !results.contains(false) : results.contains(true)
        }
    }

    /// Whether a value of the request is among the policy's; nil where a variable has no value.
    private func matches(_ value: String, _ request: PolicyValues) -> Bool? {
        var isKnown = true
        for pattern in values {
            switch Self.matches(value, pattern, test.comparison, request) {
            case true?: return true
            case false?: continue
            case nil: isKnown = false
            }
        }
        return isKnown ? false : nil
    }

    private static func matches(
        _ value: String, _ pattern: PolicyPattern, _ comparison: ConditionOperator.Comparison,
        _ request: PolicyValues
    ) -> Bool? {
        if comparison == .stringLike { return pattern.matches(value, request) }
        if comparison == .arn { return pattern.matchesARN(value, request) }
        guard let expected = pattern.plainText(request) else { return nil }
        switch comparison {
        case .string, .binary:
            return value.utf8.elementsEqual(expected.utf8)
        case .stringIgnoringCase:
            return value.lowercased().utf8.elementsEqual(expected.lowercased().utf8)
        case .bool:
            return value.lowercased() == expected.lowercased()
        case .numeric(let order):
            guard let left = Double(value), let right = Double(expected) else { return false }
            return order.holds(left, right)
        case .date(let order):
            guard let left = time(value), let right = time(expected) else { return false }
            return order.holds(left, right)
        case .ipAddress:
            guard let address = NetworkRange(value), let range = NetworkRange(expected) else {
                return false
            }
            return range.contains(address)
        case .stringLike, .arn, .null:
            return false
        }
    }

    /// A date as policies write it: ISO 8601, or seconds since 1970.
    static func time(_ text: String) -> Double? {
        if let seconds = Double(text), seconds.isFinite { return seconds }
        return TimeText.timestamp(iso8601: text)
    }
}
