package import Wire

/// Resolves the functions of a template's values: `Ref`, `Fn::Sub` and so on.
///
/// Functions are resolved in two steps: `pruned` chooses between the branches of `Fn::If` and takes
/// away what `AWS::NoValue` stands for, which needs no resource; `value` gives the JSON.
package struct TemplateEvaluator {
    package var scope: TemplateScope
    /// What resources are known by: their id, or an attribute of theirs; nil where no resource may
    /// be named.
    package var resources: (any ResourceDirectory)?
    /// Exports of other stacks that were asked for.
    private(set) var imports: [String] = []

    package init(scope: TemplateScope, resources: (any ResourceDirectory)?) {
        self.scope = scope
        self.resources = resources
    }

    // MARK: Branches

    /// A node without conditions in it; nil where nothing is left of it.
    func pruned(_ node: TemplateNode) throws(TemplateError) -> TemplateNode? {
        if let (name, argument) = node.function {
            if name == "Ref", argument.string == "AWS::NoValue" { return nil }
            if name == "Fn::If" { return try pruned(branch(argument)) }
        }
        switch node.content {
        case .list(let elements):
            var kept: [TemplateNode] = []
            for element in elements {
                if let element = try pruned(element) { kept.append(element) }
            }
            return .list(kept, line: node.line)
        case .map(let members):
            var kept: [(key: String, value: TemplateNode)] = []
            for member in members {
                if let value = try pruned(member.value) { kept.append((member.key, value)) }
            }
            return TemplateNode(.map(kept), line: node.line)
        case .null, .bool, .number, .string: return node
        }
    }

    private func branch(_ argument: TemplateNode) throws(TemplateError) -> TemplateNode {
        guard let parts = argument.elements, parts.count == 3, let name = parts[0].string else {
            throw TemplateError(
                "Fn::If: expected a condition's name and two values", line: argument.line)
        }
        guard let value = scope.conditions[name] else {
            throw TemplateError("Fn::If: there is no condition \(name)", line: argument.line)
        }
        return value ? parts[1] : parts[2]
    }

    // MARK: Conditions

    /// Whether a node of the section Conditions is true.
    func conditionValue(_ name: String, line: Int?) throws(TemplateError) -> Bool {
        guard let value = scope.conditions[name] else {
            throw TemplateError("there is no condition \(name)", line: line)
        }
        return value
    }

    mutating func condition(_ node: TemplateNode) throws(TemplateError) -> Bool {
        guard let (name, argument) = node.function else {
            if case .bool(let value) = node.content { return value }
            throw TemplateError(
                "expected a condition: Fn::Equals, Fn::And, Fn::Or, Fn::Not or Condition",
                line: node.line)
        }
        switch name {
        case "Condition":
            guard let name = argument.string else {
                throw TemplateError("Condition: expected its name", line: node.line)
            }
            return try conditionValue(name, line: node.line)
        case "Fn::Equals":
            guard let parts = argument.elements, parts.count == 2 else {
                throw TemplateError("Fn::Equals: expected two values", line: node.line)
            }
            let left = try value(parts[0])
            let right = try value(parts[1])
            return left?.comparable == right?.comparable
        case "Fn::Not":
            guard let only = argument.elements?.first, argument.elements?.count == 1 else {
                throw TemplateError("Fn::Not: expected one condition", line: node.line)
            }
            return try !condition(only)
        case "Fn::And", "Fn::Or":
            guard let parts = argument.elements, (2...10).contains(parts.count) else {
                throw TemplateError("\(name): expected two to ten conditions", line: node.line)
            }
            var values: [Bool] = []
            for part in parts { values.append(try condition(part)) }
            return name == "Fn::And" ? !values.contains(false) : values.contains(true)
        default:
            throw TemplateError("\(name) is no condition", line: node.line)
        }
    }

    // MARK: Values

    /// A node's value; nil where it is `AWS::NoValue`.
    package mutating func value(_ node: TemplateNode) throws(TemplateError) -> JSONValue? {
        if let (name, argument) = node.function, !isPlainMember(name, argument) {
            return try call(name, argument, line: node.line)
        }
        switch node.content {
        case .null: return .null
        case .bool(let value): return .bool(value)
        case .number(let text): return .number(text)
        case .string(let text):
            noteDynamicReference(text)
            return .string(text)
        case .list(let elements):
            var values: [JSONValue] = []
            for element in elements {
                if let value = try value(element) { values.append(value) }
            }
            return .array(values)
        case .map(let members):
            var values: [(String, JSONValue)] = []
            for member in members {
                if let value = try value(member.value) { values.append((member.key, value)) }
            }
            return .object(values)
        }
    }

    /// `Condition` is also the name of a policy statement's part.
    private func isPlainMember(_ name: String, _ argument: TemplateNode) -> Bool {
        name == "Condition" && argument.string == nil
    }

    private mutating func noteDynamicReference(_ text: String) {
        guard text.utf8.count > 10, let start = text.firstRange(of: "{{resolve:") else { return }
        let rest = text[start.lowerBound...]
        let end = rest.firstRange(of: "}}")?.upperBound ?? rest.endIndex
        scope.note("\(rest[..<end]) isn't looked up; it is left as it is")
    }

    private mutating func call(
        _ name: String, _ argument: TemplateNode, line: Int?
    ) throws(TemplateError) -> JSONValue? {
        switch name {
        case "Ref": return try reference(argument, line: line)
        case "Condition":
            guard let name = argument.string else {
                throw TemplateError("Condition: expected its name", line: line)
            }
            return .bool(try conditionValue(name, line: line))
        case "Fn::If": return try value(branch(argument))
        case "Fn::Equals", "Fn::And", "Fn::Or", "Fn::Not":
            return .bool(try condition(.map([(name, argument)], line: line)))
        case "Fn::GetAtt": return try attribute(argument, line: line)
        case "Fn::Sub": return .string(try substituted(argument, line: line))
        case "Fn::Join": return .string(try joined(argument, line: line))
        case "Fn::Select": return try selected(argument, line: line)
        case "Fn::Split": return try split(argument, line: line)
        case "Fn::FindInMap": return try found(argument, line: line)
        case "Fn::Base64":
            return .string(Base64.encoded(Array(try text(argument, of: name).utf8)))
        case "Fn::GetAZs":
            let region = try text(argument, of: name)
            let place = region.isEmpty ? scope.place.region : region
            return .array(["a", "b", "c"].map { .string(place + $0) })
        case "Fn::Length":
            guard let count = try value(argument)?.elements?.count else {
                throw TemplateError("Fn::Length: expected a list", line: line)
            }
            return .number(String(count))
        case "Fn::ToJsonString":
            let encoded = try value(argument)?.encoded ?? []
            return .string(String(decoding: encoded, as: UTF8.self))
        case "Fn::ImportValue":
            let export = try text(argument, of: name)
            imports.append(export)
            return .string(export)
        default:
            throw TemplateError("\(name) isn't carried out", line: line)
        }
    }

    // MARK: Names

    private mutating func reference(
        _ argument: TemplateNode, line: Int?
    ) throws(TemplateError) -> JSONValue? {
        guard let name = argument.string else {
            throw TemplateError("Ref: expected a name", line: line)
        }
        return try named(name, line: line)
    }

    private func named(_ name: String, line: Int?) throws(TemplateError) -> JSONValue? {
        if name == "AWS::NoValue" { return nil }
        if let value = scope.pseudoParameter(name) ?? scope.parameters[name] { return value }
        if let value = try resources?.reference(name) { return value }
        throw TemplateError("there is no parameter or resource \(name)", line: line)
    }

    private mutating func attribute(
        _ argument: TemplateNode, line: Int?
    ) throws(TemplateError) -> JSONValue {
        let fault = TemplateError(
            "Fn::GetAtt: expected a resource and an attribute", line: line)
        if let text = argument.string {
            let parts = text.split(separator: ".", maxSplits: 1)
            guard parts.count == 2 else { throw fault }
            return try attribute(String(parts[0]), String(parts[1]), line: line)
        }
        guard let parts = argument.elements, parts.count >= 2, let name = parts[0].string else {
            throw fault
        }
        var attributes: [String] = []
        for part in parts.dropFirst() { attributes.append(try text(part, of: "Fn::GetAtt")) }
        return try attribute(name, attributes.joined(separator: "."), line: line)
    }

    private func attribute(
        _ name: String, _ attribute: String, line: Int?
    ) throws(TemplateError) -> JSONValue {
        do throws(TemplateError) {
            if let value = try resources?.attribute(attribute, of: name) { return value }
        } catch {
            throw TemplateError(error.message, line: line)
        }
        throw TemplateError("there is no resource \(name)", line: line)
    }
}

/// What is known of a template's resources while it is deployed.
package protocol ResourceDirectory: Sendable {
    /// What `Ref` gives; nil where there is no such resource.
    func reference(_ logicalID: String) throws(TemplateError) -> JSONValue?
    /// What `Fn::GetAtt` gives; nil where there is no such resource.
    ///
    /// - Throws: `TemplateError` where the resource has no such attribute.
    func attribute(_ name: String, of logicalID: String) throws(TemplateError) -> JSONValue?
}

extension JSONValue {
    /// As `Fn::Equals` compares: numbers and booleans by their text.
    fileprivate var comparable: JSONValue {
        switch self {
        case .number(let text): .string(text)
        case .bool(let value): .string(value ? "true" : "false")
        case .array(let elements): .array(elements.map(\.comparable))
        case .object(let members): .object(members.map { ($0.0, $0.1.comparable) })
        case .null, .string: self
        }
    }

    /// What stands for a value in a text: its own, without quotes.
    var plainText: String? {
        switch self {
        case .string(let text), .number(let text): text
        case .bool(let value): value ? "true" : "false"
        case .null, .array, .object: nil
        }
    }
}

extension TemplateEvaluator {
    // MARK: Texts and lists

    mutating func text(
        _ node: TemplateNode, of function: String
    ) throws(TemplateError) -> String {
        let value = try value(node)
        if case .array(let elements) = value {
            // A list's elements with commas between, as a CommaDelimitedList was given.
            let texts = elements.compactMap(\.plainText)
            if texts.count == elements.count { return texts.joined(separator: ",") }
        }
        guard let text = value?.plainText else {
            throw TemplateError("\(function): expected a text", line: node.line)
        }
        return text
    }

    private mutating func joined(
        _ argument: TemplateNode, line: Int?
    ) throws(TemplateError) -> String {
        guard let parts = argument.elements, parts.count == 2 else {
            throw TemplateError("Fn::Join: expected a delimiter and a list", line: line)
        }
        let delimiter = try text(parts[0], of: "Fn::Join")
        guard let elements = try value(parts[1])?.elements else {
            throw TemplateError("Fn::Join: expected a list", line: line)
        }
        var texts: [String] = []
        for element in elements {
            guard let text = element.plainText else {
                throw TemplateError("Fn::Join: expected a list of texts", line: line)
            }
            texts.append(text)
        }
        return texts.joined(separator: delimiter)
    }

    private mutating func selected(
        _ argument: TemplateNode, line: Int?
    ) throws(TemplateError) -> JSONValue {
        guard let parts = argument.elements, parts.count == 2,
            let index = Int(try text(parts[0], of: "Fn::Select")),
            let elements = try value(parts[1])?.elements
        else { throw TemplateError("Fn::Select: expected an index and a list", line: line) }
        guard elements.indices.contains(index) else {
            throw TemplateError(
                "Fn::Select: there is no element \(index) in a list of \(elements.count)",
                line: line)
        }
        return elements[index]
    }

    private mutating func split(
        _ argument: TemplateNode, line: Int?
    ) throws(TemplateError) -> JSONValue {
        guard let parts = argument.elements, parts.count == 2 else {
            throw TemplateError("Fn::Split: expected a delimiter and a text", line: line)
        }
        let delimiter = try text(parts[0], of: "Fn::Split")
        guard !delimiter.isEmpty else {
            throw TemplateError("Fn::Split: the delimiter is empty", line: line)
        }
        let source = try text(parts[1], of: "Fn::Split")
        return .array(
            source.split(
                separator: delimiter, omittingEmptySubsequences: false
            ).map { .string(String($0)) })
    }

    private mutating func found(
        _ argument: TemplateNode, line: Int?
    ) throws(TemplateError) -> JSONValue? {
        guard let parts = argument.elements, (3...4).contains(parts.count) else {
            throw TemplateError("Fn::FindInMap: expected a mapping and two keys", line: line)
        }
        var names: [String] = []
        for part in parts.prefix(3) { names.append(try text(part, of: "Fn::FindInMap")) }
        if let found = scope.mapping(names[0])?[names[1]]?[names[2]] {
            return try value(found)
        }
        if parts.count == 4, let standard = parts[3]["DefaultValue"] {
            return try value(standard)
        }
        throw TemplateError(
            "Fn::FindInMap: there is no \(names.joined(separator: "."))", line: line)
    }

    /// `Fn::Sub`: a text, or a text and a map of names of its own.
    private mutating func substituted(
        _ argument: TemplateNode, line: Int?
    ) throws(TemplateError) -> String {
        let template: String
        var names: [String: String] = [:]
        if let text = argument.string {
            template = text
        } else if let parts = argument.elements, let text = parts.first?.string,
            parts.count == 2, let members = parts[1].members
        {
            template = text
            for member in members {
                names[member.key] = try self.text(member.value, of: "Fn::Sub")
            }
        } else {
            throw TemplateError(
                "Fn::Sub: expected a text, or a text and a map", line: line)
        }
        noteDynamicReference(template)
        var result = ""
        for part in SubstitutionText.parts(of: template) {
            switch part {
            case .text(let text): result += text
            case .name(let name):
                if let own = names[name] {
                    result += own
                } else {
                    result += try substitution(of: name, line: line)
                }
            }
        }
        return result
    }

    private mutating func substitution(
        of name: String, line: Int?
    ) throws(TemplateError) -> String {
        let value: JSONValue?
        if let dot = name.firstIndex(of: "."), !name.hasPrefix("AWS::") {
            // `Function.Alias` and the like are references of SAM's.
            if let known = try resources?.reference(name) {
                value = known
            } else {
                let attribute = TemplateNode.list([
                    .string(String(name[..<dot])),
                    .string(String(name[name.index(after: dot)...])),
                ])
                value = try self.attribute(attribute, line: line)
            }
        } else {
            value = try named(name, line: line)
        }
        guard let value else { return "" }
        if case .array(let elements) = value {
            return elements.compactMap(\.plainText).joined(separator: ",")
        }
        guard let text = value.plainText else {
            throw TemplateError("Fn::Sub: ${\(name)} is no text", line: line)
        }
        return text
    }
}

/// The texts and names of a `Fn::Sub`.
enum SubstitutionText {
    enum Part: Equatable {
        case text(String)
        case name(String)
    }

    /// `a ${B} ${!c}` is the text `a `, the name `B` and the text ` ${c}`.
    static func parts(of template: String) -> [Part] {
        var parts: [Part] = []
        var text = ""
        var rest = Substring(template)
        while let start = rest.firstRange(of: "${") {
            text += rest[..<start.lowerBound]
            let inner = rest[start.upperBound...]
            guard let end = inner.firstIndex(of: "}") else {
                text += rest[start.lowerBound...]
                rest = ""
                break
            }
            let name = inner[..<end]
            if name.hasPrefix("!") {
                text += "${" + name.dropFirst() + "}"
            } else {
                if !text.isEmpty { parts.append(.text(text)) }
                text = ""
                let trimmed = name.drop { $0 == " " }
                let length = trimmed.lastIndex { $0 != " " }.map { trimmed[...$0] } ?? ""
                parts.append(.name(String(length)))
            }
            rest = inner[inner.index(after: end)...]
        }
        text += rest
        if !text.isEmpty { parts.append(.text(text)) }
        return parts
    }
}
