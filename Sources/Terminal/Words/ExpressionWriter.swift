package import Wire

/// Writes conditions as DynamoDB's expressions: every name and value behind a placeholder, so that
/// reserved words, dots and types are no matter.
package struct ExpressionWriter: Sendable {
    /// `#n0` to names, and what `--names` gave.
    package private(set) var names: [(String, JSONValue)]
    /// `:v0` to attribute values, and what `--values` gave.
    package private(set) var values: [(String, JSONValue)]
    private let schema: TableSchema
    private var nameCount = 0
    private var valueCount = 0

    /// - Parameters:
    ///   - names: of `--names`: `{"#s": "status"}`.
    ///   - values: of `--values`: attribute values already.
    package init(
        schema: TableSchema, names: [(String, JSONValue)] = [], values: [(String, JSONValue)] = []
    ) {
        self.schema = schema
        self.names = names
        self.values = values
    }

    /// Several conditions, which must all hold.
    package mutating func conjunction(
        _ conditions: [WrittenCondition]
    ) throws(ValueFault) -> String {
        var parts: [String] = []
        for condition in conditions {
            let text = try text(condition)
            if case .any = condition, conditions.count > 1 {
                parts.append("(\(text))")
            } else {
                parts.append(text)
            }
        }
        return parts.joined(separator: " AND ")
    }

    package mutating func text(_ condition: WrittenCondition) throws(ValueFault) -> String {
        switch condition {
        case .all(let parts): return try conjunction(parts)
        case .any(let parts):
            var texts: [String] = []
            for part in parts { texts.append(try text(part)) }
            return texts.map { "(\($0))" }.joined(separator: " OR ")
        case .not(let part): return "NOT (\(try text(part)))"
        case .comparison(let left, let operation, let right):
            let leftText = try text(left, beside: right.attribute)
            return "\(leftText) \(operation) \(try text(right, beside: left.attribute))"
        case .between(let value, let low, let high):
            let valueText = try text(value, beside: nil)
            let lowText = try text(low, beside: value.attribute)
            return "\(valueText) BETWEEN \(lowText) AND \(try text(high, beside: value.attribute))"
        case .oneOf(let value, let list):
            let valueText = try text(value, beside: nil)
            var texts: [String] = []
            for element in list { texts.append(try text(element, beside: value.attribute)) }
            return "\(valueText) IN (\(texts.joined(separator: ", ")))"
        case .function(let name, let operands):
            var texts: [String] = []
            let typed = name == "begins_with" ? operands.first?.attribute : nil
            for (index, operand) in operands.enumerated() {
                texts.append(try text(operand, beside: index == 0 ? nil : typed))
            }
            return "\(name)(\(texts.joined(separator: ", ")))"
        }
    }

    /// - Parameter attribute: what a literal is compared with: a key attribute tells its type.
    package mutating func text(
        _ operand: WrittenOperand, beside attribute: String?
    ) throws(ValueFault) -> String {
        switch operand {
        case .path(let path): return text(path)
        case .size(let path): return "size(\(text(path)))"
        case .placeholder(let name): return name
        case .literal(let plain):
            return value(try schema.attributeValue(plain, for: attribute))
        }
    }

    package mutating func text(_ path: WrittenPath) -> String {
        var text = ""
        for step in path.steps {
            switch step {
            case .index(let index): text += "[\(index)]"
            case .placeholder(let placeholder):
                text += (text.isEmpty ? "" : ".") + placeholder
            case .name(let name): text += (text.isEmpty ? "" : ".") + placeholder(for: name)
            }
        }
        return text
    }

    /// The placeholder of an attribute value.
    package mutating func value(_ value: JSONValue) -> String {
        while true {
            let placeholder = ":v\(valueCount)"
            valueCount += 1
            if values.contains(where: { $0.0 == placeholder }) { continue }
            values.append((placeholder, value))
            return placeholder
        }
    }

    private mutating func placeholder(for name: String) -> String {
        let known = names.first { $0.0.hasPrefix("#n") && $0.1.string == name }
        if let known { return known.0 }
        while true {
            let placeholder = "#n\(nameCount)"
            nameCount += 1
            if names.contains(where: { $0.0 == placeholder }) { continue }
            names.append((placeholder, .string(name)))
            return placeholder
        }
    }

    /// The members of a request, where there are any.
    package var members: [(String, JSONValue?)] {
        [
            ("ExpressionAttributeNames", names.isEmpty ? nil : .object(names)),
            ("ExpressionAttributeValues", values.isEmpty ? nil : .object(values)),
        ]
    }
}
