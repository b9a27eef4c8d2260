package import Items

/// A key attribute as a filter is matched to it.
package typealias StatementKey = (name: String, type: ScalarAttributeType)

/// The keys that a filter selects: what a SELECT reads instead of the whole table.
package struct SelectedKeys: Sendable {
    /// The values of the HASH attributes, each combination once, in the order of the statement.
    package var hashes: [[ItemValue]]
    /// Alternatives for the first RANGE attributes; one empty alternative where none is given.
    package var rangeEquals: [[ItemValue]]
    /// What the RANGE attribute after them must all satisfy.
    package var rangeComparisons: [RangeComparison]
    /// What the keys don't tell of the filter; nil where that is nothing.
    package var rest: StatementFilter?
}

extension StatementFilter {
    /// The most values of a partition key that one SELECT may name.
    package static let partitionKeysMax = 50
    /// The most key ranges that one SELECT is split into.
    private static let rangesMax = 100

    /// The keys that the filter selects; nil where it leaves a HASH attribute open.
    ///
    /// - Throws: where a key is compared with a value of another type, or is empty.
    package func selectedKeys(
        hash: [StatementKey], range: [StatementKey]
    ) throws(ExpressionError) -> SelectedKeys? {
        var rest = conjuncts
        var hashes: [[ItemValue]] = [[]]
        for key in hash {
            guard let values = Self.values(of: key.name, in: term) else { return nil }
            for value in values { try Self.check(value, of: key) }
            guard hashes.count * values.count <= Self.partitionKeysMax else {
                throw ExpressionError(
                    "Number of partition key values in WHERE clause exceeds the limit of "
                        + "\(Self.partitionKeysMax)")
            }
            hashes = hashes.flatMap { start in values.map { start + [$0] } }
            Self.removeEqualities(on: key.name, from: &rest, among: values)
        }
        var keys = SelectedKeys(
            hashes: hashes, rangeEquals: [[]], rangeComparisons: [], rest: nil)
        for key in range {
            if let values = Self.conjunctValues(of: key.name, in: rest),
                keys.rangeEquals.count * values.count * hashes.count <= Self.rangesMax
            {
                for value in values { try Self.check(value, of: key) }
                keys.rangeEquals = keys.rangeEquals.flatMap { start in values.map { start + [$0] } }
                Self.removeEqualities(on: key.name, from: &rest, among: values)
                continue
            }
            keys.rangeComparisons = try Self.takeComparisons(on: key, from: &rest)
            break
        }
        keys.rest = StatementFilter(conjuncts: rest)
        return keys
    }

    /// The key that the filter gives by equality on every key attribute, and what else it says;
    /// nil where it leaves a key attribute open.
    package func primaryKey(_ names: [String]) -> (key: ItemBytes, rest: StatementFilter?)? {
        var rest = conjuncts
        var encoder = ItemEncoder()
        encoder.beginItem()
        for name in names {
            var found: ItemValue?
            for (place, part) in rest.enumerated() {
                if let value = Self.equality(part, on: name) {
                    found = value
                    rest.remove(at: place)
                    break
                }
            }
            guard let found else { return nil }
            encoder.name(name.utf8)
            encoder.value(found)
        }
        return (encoder.finishItem(count: names.count), StatementFilter(conjuncts: rest))
    }

    /// The values of HASH attributes that the filter selects, each combination once, whatever
    /// their types; nil where it leaves one of the attributes open.
    package func partitionKeyValues(_ names: [String]) -> [[ItemValue]]? {
        var combinations: [[ItemValue]] = [[]]
        for name in names {
            guard let values = Self.values(of: name, in: term),
                combinations.count * values.count <= Self.partitionKeysMax
            else { return nil }
            combinations = combinations.flatMap { start in values.map { start + [$0] } }
        }
        return combinations
    }

    // MARK: Equality

    /// The values among which an attribute must be for a term to hold; nil where it may be any.
    private static func values(of name: String, in term: StatementTerm) -> [ItemValue]? {
        switch term {
        case .comparison, .membership:
            return equalities(term, on: name)
        case .all(let parts):
            var least: [ItemValue]?
            for part in parts {
                guard let values = values(of: name, in: part) else { continue }
                if values.count < least?.count ?? Int.max { least = values }
            }
            return least
        case .any(let parts):
            var all: [ItemValue] = []
            for part in parts {
                guard let values = values(of: name, in: part) else { return nil }
                all += values
            }
            return distinct(all)
        default:
            return nil
        }
    }

    /// The values that one of some conditions, which all must hold, allows an attribute.
    private static func conjunctValues(
        of name: String, in conjuncts: [StatementTerm]
    ) -> [ItemValue]? {
        for part in conjuncts {
            if let values = equalities(part, on: name) { return values }
        }
        return nil
    }

    /// The values of `name = value` or `name IN […]`; nil for any other term.
    private static func equalities(_ term: StatementTerm, on name: String) -> [ItemValue]? {
        if let value = equality(term, on: name) { return [value] }
        guard case .membership(let member, let candidates) = term, isAttribute(member, name) else {
            return nil
        }
        var values: [ItemValue] = []
        for candidate in candidates {
            guard case .value(let value) = candidate else { return nil }
            values.append(value)
        }
        return distinct(values)
    }

    private static func equality(_ term: StatementTerm, on name: String) -> ItemValue? {
        guard case .comparison(.equal, let left, let right) = term else { return nil }
        if isAttribute(left, name), case .value(let value) = right { return value }
        if isAttribute(right, name), case .value(let value) = left { return value }
        return nil
    }

    private static func isAttribute(_ term: StatementTerm, _ name: String) -> Bool {
        guard case .path(let path) = term else { return false }
        return path.elements.count == 1 && path.attribute == name
    }

    private static func distinct(_ values: [ItemValue]) -> [ItemValue] {
        var seen: Set<ArraySlice<UInt8>> = []
        return values.filter { seen.insert($0.encoded).inserted }
    }

    /// Removes the conditions that the chosen values fulfil by themselves.
    private static func removeEqualities(
        on name: String, from conjuncts: inout [StatementTerm], among values: [ItemValue]
    ) {
        let chosen = Set(values.map(\.encoded))
        conjuncts.removeAll { part in
            guard let allowed = equalities(part, on: name) else { return false }
            return chosen.isSubset(of: allowed.map(\.encoded))
        }
    }

    // MARK: Comparisons

    /// The comparisons of a sort key among conditions that must all hold, which are removed.
    private static func takeComparisons(
        on key: StatementKey, from conjuncts: inout [StatementTerm]
    ) throws(ExpressionError) -> [RangeComparison] {
        var comparisons: [RangeComparison] = []
        var rest: [StatementTerm] = []
        for part in conjuncts {
            guard let comparison = comparison(part, on: key.name) else {
                rest.append(part)
                continue
            }
            if case .beginsWith = comparison, key.type == .number {
                rest.append(part)
                continue
            }
            for value in comparison.values { try check(value, of: key) }
            comparisons.append(comparison)
        }
        conjuncts = rest
        return comparisons
    }

    private static func comparison(
        _ term: StatementTerm, on name: String
    ) -> RangeComparison? {
        switch term {
        case .comparison(let comparator, .path(let path), .value(let value)):
            return isAttribute(.path(path), name) ? range(comparator, value) : nil
        case .comparison(let comparator, .value(let value), .path(let path)):
            return isAttribute(.path(path), name) ? range(comparator.flipped, value) : nil
        case .between(let middle, .value(let lower), .value(let upper)):
            return isAttribute(middle, name) ? .between(lower, upper) : nil
        case .call("begins_with", let arguments):
            guard arguments.count == 2, isAttribute(arguments[0], name),
                case .value(let prefix) = arguments[1]
            else { return nil }
            return .beginsWith(prefix)
        default:
            return nil
        }
    }

    private static func range(
        _ comparator: Comparator, _ value: ItemValue
    ) -> RangeComparison? {
        switch comparator {
        case .equal, .notEqual: nil
        case .less: .less(value)
        case .lessOrEqual: .lessOrEqual(value)
        case .greater: .greater(value)
        case .greaterOrEqual: .greaterOrEqual(value)
        }
    }

    private static func check(
        _ value: ItemValue, of key: StatementKey
    ) throws(ExpressionError) {
        guard value.tag == key.type.tag else {
            throw ExpressionError(
                "One or more parameter values were invalid: "
                    + "Condition parameter type does not match schema type")
        }
        guard !value.scalar.isEmpty else {
            let type = key.type == .binary ? "binary" : "string"
            throw ExpressionError(
                "One or more parameter values are not valid. The AttributeValue for a key "
                    + "attribute cannot contain an empty \(type) value. Key: \(key.name)")
        }
    }
}
