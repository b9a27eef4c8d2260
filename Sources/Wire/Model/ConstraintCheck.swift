internal import Operations

/// The second pass over a body: finds the constraints of the model that it breaks.
///
/// Violations are collected in the model's order of members, each member before what it contains,
/// up to `ConstraintText.violationsMax`. (The service's own order is that of hash maps.)
/// AttributeValues are not entered: what they may be is a semantic matter.
struct ConstraintCheck {
    let model: ServiceModel
    private(set) var violations: [String] = []

    init(model: ServiceModel) { self.model = model }

    /// Checks the members of a structure.
    ///
    /// - Parameter path: where it stands; empty for the input itself.
    mutating func structure(_ value: JSONValue, _ shape: ServiceModel.Shape, at path: String) {
        guard case .structure(let members) = shape.kind, shape.name != Self.attributeValue else {
            return
        }
        for member in members {
            let path = path.isEmpty ? member.pathName : path + "." + member.pathName
            let target = model.shapes[member.shape]
            guard let value = value[member.name], !value.isNull else {
                if member.isRequired || isWanted(member, in: shape, value) {
                    report("null", path, ConstraintText.notNull)
                }
                continue
            }
            if path == "tableName", target.pattern == nil { tableName(value) }
            for text in brokenConstraints(value, target) {
                report(told(value, target), path, text)
            }
            collection(value, target, at: path)
        }
    }

    /// Whether a table of ours needs a member that the public model leaves optional, for tables
    /// that are copies of others.
    private func isWanted(
        _ member: ServiceModel.Member, in shape: ServiceModel.Shape, _ value: JSONValue
    ) -> Bool {
        shape.name == "CreateTableInput" && value["GlobalTableSourceArn"] == nil
            && (member.name == "AttributeDefinitions" || member.name == "KeySchema")
    }

    /// Checks the entries and elements of a map or list, or the members of a structure.
    private mutating func collection(
        _ value: JSONValue, _ shape: ServiceModel.Shape, at path: String
    ) {
        guard violations.count < ConstraintText.violationsMax else { return }
        switch (shape.kind, value) {
        case (.structure, .object):
            structure(value, shape, at: path)
        case (.list(let index), .array(let elements)):
            let element = model.shapes[index]
            guard element.name != Self.attributeValue else { return }
            if elements.contains(where: { $0.isNull || isBroken($0, element) }) {
                report(told(value, shape), path, ConstraintText.elements(allConstraints(element)))
            }
            for (position, value) in elements.enumerated() {
                collection(value, element, at: "\(path).\(position + 1).member")
            }
        case (.map(let keyIndex, let valueIndex), .object(let entries)):
            let key = model.shapes[keyIndex]
            if entries.contains(where: { isBroken(.string($0.0), key) }) {
                report(told(value, shape), path, ConstraintText.keys(allConstraints(key)))
            }
            let target = model.shapes[valueIndex]
            guard target.name != Self.attributeValue else { return }
            if entries.contains(where: { $0.1.isNull || isBroken($0.1, target) }) {
                report(told(value, shape), path, ConstraintText.values(allConstraints(target)))
            }
            for (name, value) in entries {
                collection(value, target, at: "\(path).\(name).member")
            }
        default:
            return
        }
    }

    /// The pattern of a TableName that is a name rather than an ARN.
    private mutating func tableName(_ value: JSONValue) {
        guard case .string(let name) = value, !ResourceNameCheck.isARN(name),
            ConstraintPattern.matches(ConstraintText.tableNamePattern, name) == false
        else { return }
        report(
            "'\(name)'", "tableName", ConstraintText.pattern(ConstraintText.tableNamePattern))
    }

    private mutating func report(_ value: String?, _ path: String, _ text: String) {
        guard violations.count < ConstraintText.violationsMax else { return }
        violations.append(ConstraintText.violation(value: value, path: path, text: text))
    }

    // MARK: One value

    private static let attributeValue = "AttributeValue"

    private func isBroken(_ value: JSONValue, _ shape: ServiceModel.Shape) -> Bool {
        !value.isNull && shape.isConstrained && !brokenConstraints(value, shape).isEmpty
    }

    /// The texts of the constraints that a value breaks, what it contains apart.
    private func brokenConstraints(_ value: JSONValue, _ shape: ServiceModel.Shape) -> [String] {
        guard shape.isConstrained else { return [] }
        var texts: [String] = []
        var measure: Int?
        var isLength = true
        switch value {
        case .string(let string):
            if !shape.allowedValues.isEmpty, !shape.allowedValues.contains(string) {
                texts.append(ConstraintText.allowedValues(shape.allowedValues))
            }
            if let pattern = shape.pattern, ConstraintPattern.matches(pattern, string) == false {
                texts.append(ConstraintText.pattern(pattern))
            }
            if shape.bounds != ServiceModel.Bounds() { measure = string.utf16.count }
        case .array(let elements): measure = elements.count
        case .object(let entries): measure = entries.count
        case .number(let text):
            measure = WholeNumber.parse(text)
            isLength = false
        case .null, .bool: break
        }
        guard let measure else { return texts }
        if let max = shape.bounds.max, measure > max {
            texts.append(isLength ? ConstraintText.maxLength(max) : ConstraintText.maxValue(max))
        }
        if let min = shape.bounds.min, measure < min {
            texts.append(isLength ? ConstraintText.minLength(min) : ConstraintText.minValue(min))
        }
        return texts
    }

    /// All that a key, value or element must satisfy: told together where one of them is broken.
    private func allConstraints(_ shape: ServiceModel.Shape) -> [String] {
        var texts: [String] = []
        if let max = shape.bounds.max { texts.append(ConstraintText.maxLength(max)) }
        if let min = shape.bounds.min { texts.append(ConstraintText.minLength(min)) }
        if let pattern = shape.pattern { texts.append(ConstraintText.pattern(pattern)) }
        if !shape.allowedValues.isEmpty {
            texts.append(ConstraintText.allowedValues(shape.allowedValues))
        }
        return texts + [ConstraintText.notNull]
    }

    // MARK: Values as told

    /// A value in quotes; nil where it may not be told.
    private func told(_ value: JSONValue, _ shape: ServiceModel.Shape) -> String? {
        // An empty list of parameters shows nothing that could be sensitive.
        if case .list(let element) = shape.kind, case .array(let values) = value, values.isEmpty,
            model.shapes[element].name == Self.attributeValue
        {
            return "'[]'"
        }
        return isSensitive(shape) ? nil : "'" + javaText(value, shape) + "'"
    }

    /// Whether a shape may not be told: AttributeValue, a function's environment, or a list or map
    /// of what is so.
    private func isSensitive(_ shape: ServiceModel.Shape) -> Bool {
        switch shape.kind {
        case .list(let element): isSensitive(model.shapes[element])
        case .map(_, let value): isSensitive(model.shapes[value])
        default: shape.name == Self.attributeValue || shape.name == "EnvironmentVariableValue"
        }
    }

    /// A value as Java's `toString` gives it.
    private func javaText(_ value: JSONValue, _ shape: ServiceModel.Shape) -> String {
        if value.isNull { return "null" }
        if isSensitive(shape) { return ConstraintText.redacted }
        switch (shape.kind, value) {
        case (.structure(let members), _):
            let told = members.map { member in
                let part = value[member.name].map { javaText($0, model.shapes[member.shape]) }
                return member.pathName + "=" + (part ?? "null")
            }
            return shape.name + "(" + told.joined(separator: ", ") + ")"
        case (.list(let index), .array(let elements)):
            let told = elements.map { javaText($0, model.shapes[index]) }
            return "[" + told.joined(separator: ", ") + "]"
        case (.map(_, let index), .object(let entries)):
            let told = entries.map { $0.0 + "=" + javaText($0.1, model.shapes[index]) }
            return "{" + told.joined(separator: ", ") + "}"
        case (.integer, .number(let text)), (.long, .number(let text)):
            return WholeNumber.parse(text).map(String.init) ?? text
        case (_, .number(let text)), (_, .string(let text)):
            return text
        case (_, .bool(let flag)):
            return flag ? "true" : "false"
        default:
            return ""
        }
    }
}
