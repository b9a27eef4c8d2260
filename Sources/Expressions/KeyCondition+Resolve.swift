package import Items

/// A comparison of the last sort key attribute that a Query names.
package enum RangeComparison: Sendable {
    case less(ItemValue)
    case lessOrEqual(ItemValue)
    case greater(ItemValue)
    case greaterOrEqual(ItemValue)
    /// Both bounds included.
    case between(ItemValue, ItemValue)
    case beginsWith(ItemValue)

    var values: [ItemValue] {
        switch self {
        case .less(let value), .lessOrEqual(let value), .greater(let value),
            .greaterOrEqual(let value), .beginsWith(let value):
            [value]
        case .between(let lower, let upper):
            [lower, upper]
        }
    }
}

/// A key condition matched to a key schema.
package struct ResolvedKeyCondition: Sendable {
    /// One value per HASH attribute, in the schema's order.
    package var hash: [ItemValue]
    /// Values of the first RANGE attributes, in the schema's order.
    package var rangeEquals: [ItemValue]
    /// The comparison of the RANGE attribute after them; nil where there is none.
    package var rangeComparison: RangeComparison?

    package init(
        hash: [ItemValue], rangeEquals: [ItemValue], rangeComparison: RangeComparison?
    ) {
        self.hash = hash
        self.rangeEquals = rangeEquals
        self.rangeComparison = rangeComparison
    }
}

extension KeyCondition {
    /// The attributes that have a condition, in the order of the request.
    package var attributes: [String] { tests.map(\.attribute) }

    /// Matches the conditions to a key schema.
    ///
    /// Equality on every HASH attribute; equality on the first RANGE attributes and at most one
    /// other comparison, on the last that is named.
    package func resolve(
        hash: [(name: String, type: ScalarAttributeType)],
        range: [(name: String, type: ScalarAttributeType)]
    ) throws(ExpressionError) -> ResolvedKeyCondition {
        let keyCount = hash.count + range.count
        guard tests.count <= keyCount else {
            throw ExpressionError(
                "The number of query conditions (\(tests.count)) exceeds the number of key "
                    + "attributes defined in the schema (\(keyCount))")
        }
        var hashValues: [ItemValue] = []
        for key in hash {
            guard let test = test(on: key.name) else {
                throw ExpressionError("Query condition missed key schema element: \(key.name)")
            }
            guard case .equal(let value) = test else { throw Self.notSupported }
            hashValues.append(value)
        }
        try checkRange(range, isKnown: { name in (hash + range).contains { $0.name == name } })
        var resolved = ResolvedKeyCondition(
            hash: hashValues, rangeEquals: [], rangeComparison: nil)
        for key in range {
            guard let test = test(on: key.name) else { break }
            switch test {
            case .equal(let value): resolved.rangeEquals.append(value)
            case .range(let comparison): resolved.rangeComparison = comparison
            }
        }
        for key in hash + range { try checkValues(of: key) }
        return resolved
    }

    private func test(on attribute: String) -> Test? {
        tests.first { $0.attribute == attribute }?.test
    }

    /// Checks that the conditions beside those on HASH are on the first RANGE attributes, and
    /// only the last of them is other than equality.
    private func checkRange(
        _ range: [(name: String, type: ScalarAttributeType)], isKnown: (String) -> Bool
    ) throws(ExpressionError) {
        let named = range.indices.filter { test(on: range[$0].name) != nil }
        if tests.contains(where: { !isKnown($0.attribute) }) {
            let missing = range.indices.first { !named.contains($0) }
            guard let missing else { throw Self.notSupported }
            throw ExpressionError(
                "Query condition missed key schema element: \(range[missing].name)")
        }
        for (position, index) in named.enumerated() {
            if position < index {
                throw ExpressionError(
                    "RANGE key attributes \(range[position].name) must have equality conditions "
                        + "specified in the query because a condition is present on key "
                        + "attribute \(range[index].name)")
            }
            if position < named.count - 1, case .range = test(on: range[index].name) {
                throw Self.notSupported
            }
        }
    }

    private func checkValues(
        of key: (name: String, type: ScalarAttributeType)
    ) throws(ExpressionError) {
        guard let test = test(on: key.name) else { return }
        for value in test.values where value.tag != key.type.tag {
            throw ExpressionError(
                "One or more parameter values were invalid: "
                    + "Condition parameter type does not match schema type")
        }
        if case .range(.beginsWith) = test, key.type == .number { throw Self.notSupported }
        for value in test.values where value.scalar.isEmpty {
            let type = key.type == .binary ? "binary" : "string"
            throw ExpressionError(
                "One or more parameter values are not valid. The AttributeValue for a key "
                    + "attribute cannot contain an empty \(type) value. Key: \(key.name)")
        }
    }
}
