internal import Wire

/// Which key serves a query: that of the table or of an index, and the conditions on it.
package struct KeySelection: Sendable {
    /// nil: the table's own key.
    package var index: IndexSchema?
    package var key: KeySchema
    /// Conditions on the key: equality on its hash attributes, and what fits its range attributes.
    package var conditions: [WrittenCondition]
    /// What is left for the filter.
    package var rest: [WrittenCondition]

    /// Finds the key that conditions give.
    ///
    /// The named index; else the table where its whole hash key is given; else the index whose
    /// whole hash key is given and that uses most of the conditions.
    package static func choose(
        _ conjuncts: [WrittenCondition], schema: TableSchema, indexName: String?
    ) throws(ValueFault) -> KeySelection {
        if let indexName {
            let index = try schema.index(named: indexName)
            guard let selection = try of(conjuncts, key: index.key, index: index) else {
                throw ValueFault(
                    "index \(indexName) is asked by its key: add \(example(index.key))")
            }
            return selection
        }
        if let selection = try of(conjuncts, key: schema.key, index: nil) { return selection }
        var best: KeySelection?
        var lacking: String?
        for index in schema.indexes {
            guard let found = try of(conjuncts, key: index.key, index: index) else { continue }
            if let name = found.unprojected(schema) {
                lacking = "index \(index.name) does not hold \(name)"
                continue
            }
            if found.conditions.count > best?.conditions.count ?? 0 { best = found }
        }
        if let best { return best }
        if let lacking {
            throw ValueFault(
                "\(lacking), so it can't be filtered there: leave it out, or look at all items "
                    + "with 'basalt scan \(schema.name)'")
        }
        let keys =
            [example(schema.key)]
            + schema.indexes.filter { !$0.isLocal }
            .map { "\(example($0.key)) (index \($0.name))" }
        throw ValueFault(
            "a query gives a whole hash key: \(keys.joined(separator: ", or ")); "
                + "or look at all items with 'basalt scan \(schema.name)'")
    }

    /// An attribute that the filter looks at and the index doesn't hold: it would find nothing.
    func unprojected(_ schema: TableSchema, and others: [String] = []) -> String? {
        guard let index else { return nil }
        let names = Set(rest.flatMap(\.attributes)).union(others)
        return names.sorted().first {
            !index.projects($0) && !index.key.contains($0) && !schema.key.contains($0)
        }
    }

    /// `customer=…`, as a hint.
    private static func example(_ key: KeySchema) -> String {
        key.hash.map { "\($0.name)=…" }.joined(separator: " ")
    }

    /// The conditions on one key; nil where its hash attributes aren't all given.
    static func of(
        _ conjuncts: [WrittenCondition], key: KeySchema, index: IndexSchema?
    ) throws(ValueFault) -> KeySelection? {
        var rest = conjuncts
        var conditions: [WrittenCondition] = []
        for attribute in key.hash {
            guard let place = rest.firstIndex(where: { isEquality($0, on: attribute.name) })
            else { return nil }
            conditions.append(rest.remove(at: place))
        }
        for attribute in key.range {
            if let place = rest.firstIndex(where: { isEquality($0, on: attribute.name) }) {
                conditions.append(rest.remove(at: place))
                continue
            }
            if let range = try range(on: attribute.name, &rest) { conditions.append(range) }
            break
        }
        // A filter can't look at the key's attributes.
        for condition in rest {
            guard let name = condition.attributes.first(where: { key.contains($0) }) else {
                continue
            }
            throw ValueFault(
                "only one condition on the key attribute \(name) fits, of =, <, <=, >, >=, "
                    + "'\(name) between A and B' and 'begins_with(\(name), \"…\")'")
        }
        return KeySelection(index: index, key: key, conditions: conditions, rest: rest)
    }

    private static func isEquality(_ condition: WrittenCondition, on name: String) -> Bool {
        guard case .comparison(let left, "=", let right) = condition, left.attribute == name else {
            return false
        }
        return isValue(right)
    }

    static func isValue(_ operand: WrittenOperand) -> Bool {
        switch operand {
        case .literal, .placeholder: true
        case .path, .size: false
        }
    }

    /// Takes the range condition on an attribute out of the conditions; `>=` and `<=` make one.
    private static func range(
        on name: String, _ rest: inout [WrittenCondition]
    ) throws(ValueFault) -> WrittenCondition? {
        let places = rest.indices.filter { isRange(rest[$0], on: name) }
        guard let first = places.first else { return nil }
        let condition = rest[first]
        if places.count == 1 {
            rest.remove(at: first)
            return condition
        }
        guard places.count == 2, let second = places.last,
            case .comparison(let left, let one, let a) = condition,
            case .comparison(_, let other, let b) = rest[second],
            Set([one, other]) == [">=", "<="]
        else {
            throw ValueFault(
                "only one condition on the key attribute \(name) fits: write "
                    + "'\(name) between A and B', which includes both")
        }
        rest.remove(at: second)
        rest.remove(at: first)
        return .between(left, one == ">=" ? a : b, one == ">=" ? b : a)
    }

    private static func isRange(_ condition: WrittenCondition, on name: String) -> Bool {
        guard condition.attribute == name else { return false }
        switch condition {
        case .comparison(_, let operation, let right): return operation != "<>" && isValue(right)
        case .between(_, let low, let high): return isValue(low) && isValue(high)
        case .function("begins_with", let operands):
            return operands.count == 2 && isValue(operands[1])
        default: return false
        }
    }
}
