internal import Wire

/// What a template's functions may refer to beside its resources: parameters, pseudo parameters,
/// mappings, conditions.
package struct TemplateScope: Sendable {
    /// Where and as what it is deployed.
    package struct Place: Sendable {
        package var accountID: String
        package var region: String
        package var stackName: String

        package init(accountID: String, region: String, stackName: String) {
            self.accountID = accountID
            self.region = region
            self.stackName = stackName
        }

        /// `aws`, `aws-cn` or `aws-us-gov`, as the region tells.
        package var partition: String {
            region.hasPrefix("cn-") ? "aws-cn" : region.hasPrefix("us-gov-") ? "aws-us-gov" : "aws"
        }

        /// `arn:aws:SERVICE:REGION:ACCOUNT:REST`.
        package func arn(_ service: String, _ rest: String) -> String {
            "arn:\(partition):\(service):\(region):\(accountID):\(rest)"
        }
    }

    package let place: Place
    /// Strings, or arrays of them for lists.
    private(set) var parameters: [String: JSONValue] = [:]
    private let mappings: [String: TemplateNode]
    private(set) var conditions: [String: Bool] = [:]
    /// What was left as it is, each told once.
    private(set) var notes: [String] = []

    /// - Parameter given: parameters' values from outside.
    /// - Throws: `TemplateError` for a value that is missing, unknown or not allowed, and for
    ///   conditions that cannot be told.
    package init(
        _ template: Template, given: [(name: String, value: String)], place: Place
    ) throws(TemplateError) {
        self.place = place
        mappings = template.mappings
        try set(template.parameters, given: given)
        var remaining = template.conditions
        for name in template.conditions.keys.sorted() {
            _ = try condition(name, &remaining, path: [], line: nil)
        }
    }

    /// The value of a pseudo parameter other than `AWS::NoValue`, nil where a name is none.
    func pseudoParameter(_ name: String) -> JSONValue? {
        switch name {
        case "AWS::AccountId": .string(place.accountID)
        case "AWS::Region": .string(place.region)
        case "AWS::Partition": .string(place.partition)
        case "AWS::StackName": .string(place.stackName)
        case "AWS::StackId":
            .string(place.arn("cloudformation", "stack/\(place.stackName)/basalt"))
        case "AWS::URLSuffix":
            .string(place.partition == "aws-cn" ? "amazonaws.com.cn" : "amazonaws.com")
        case "AWS::NotificationARNs": .array([])
        default: nil
        }
    }

    mutating func note(_ text: String) {
        if !notes.contains(text) { notes.append(text) }
    }

    func mapping(_ name: String) -> TemplateNode? { mappings[name] }

    // MARK: Conditions

    /// A condition's value; conditions that it names are told first.
    private mutating func condition(
        _ name: String, _ remaining: inout [String: TemplateNode], path: [String], line: Int?
    ) throws(TemplateError) -> Bool {
        if let known = conditions[name] { return known }
        guard !path.contains(name) else {
            throw TemplateError(
                "Conditions depend on each other: "
                    + (path.drop { $0 != name } + [name]).joined(separator: " → "), line: line)
        }
        guard let node = remaining[name] else {
            throw TemplateError("there is no condition \(name)", line: line)
        }
        for used in Self.conditions(usedBy: node) {
            _ = try condition(used, &remaining, path: path + [name], line: node.line)
        }
        var evaluator = TemplateEvaluator(scope: self, resources: nil)
        let value = try evaluator.condition(node)
        self = evaluator.scope
        conditions[name] = value
        remaining[name] = nil
        return value
    }

    /// The conditions that a node names.
    private static func conditions(usedBy node: TemplateNode) -> [String] {
        if let (name, argument) = node.function {
            if name == "Condition" { return [argument.string].compactMap { $0 } }
            if name == "Fn::If", let first = argument.elements?.first?.string {
                return [first] + conditions(usedBy: argument)
            }
        }
        return (node.elements ?? []).flatMap { conditions(usedBy: $0) }
            + (node.members ?? []).flatMap { conditions(usedBy: $0.value) }
    }

    // MARK: Parameters

    private mutating func set(
        _ definitions: [Template.Parameter], given: [(name: String, value: String)]
    ) throws(TemplateError) {
        var values: [String: String] = [:]
        for (name, value) in given {
            guard definitions.contains(where: { $0.name == name }) else {
                let known = definitions.map(\.name).joined(separator: ", ")
                throw TemplateError(
                    "the template has no parameter \(name); it has "
                        + (known.isEmpty ? "none" : known))
            }
            values[name] = value
        }
        for definition in definitions {
            let line = definition.definition.line
            var text = values[definition.name]
            if text == nil, let standard = definition.definition["Default"] {
                guard let plain = standard.text else {
                    throw TemplateError(
                        "Parameters.\(definition.name).Default: expected a plain value",
                        line: standard.line)
                }
                text = plain
            }
            guard let text else {
                throw TemplateError(
                    "the parameter \(definition.name) has no default: give "
                        + "--parameter \(definition.name)=VALUE", line: line)
            }
            try ParameterRules(definition).check(text)
            let isList =
                definition.type == "CommaDelimitedList" || definition.type.hasPrefix("List<")
            parameters[definition.name] =
                isList ? .array(Self.elements(of: text)) : .string(text)
            if definition.type.hasPrefix("AWS::SSM::Parameter::") {
                note(
                    "parameter \(definition.name): the SSM parameter '\(text)' isn't looked up; "
                        + "its name stands for its value")
            }
        }
    }

    private static func elements(of text: String) -> [JSONValue] {
        guard !text.isEmpty else { return [] }
        return text.split(separator: ",", omittingEmptySubsequences: false).map { part in
            var part = part
            while part.first == " " { part.removeFirst() }
            while part.last == " " { part.removeLast() }
            return .string(String(part))
        }
    }
}

/// What a parameter's value must be.
private struct ParameterRules {
    private let name: String
    private let type: String
    private let definition: TemplateNode

    init(_ parameter: Template.Parameter) {
        name = parameter.name
        type = parameter.type
        definition = parameter.definition
    }

    func check(_ text: String) throws(TemplateError) {
        if type == "Number", Double(text) == nil {
            throw fault(text, "a number")
        }
        if type == "List<Number>" {
            let isFine = text.split(separator: ",").allSatisfy {
                Double($0.filter { $0 != " " }) != nil
            }
            guard isFine else { throw fault(text, "numbers with commas between") }
        }
        if let allowed = definition["AllowedValues"]?.elements?.compactMap(\.text) {
            let values =
                type == "CommaDelimitedList"
                ? text.split(separator: ",").map { part in
                    String(part.drop { $0 == " " })
                } : [text]
            guard values.allSatisfy(allowed.contains) else {
                throw fault(text, "one of " + allowed.joined(separator: ", "))
            }
        }
        if let pattern = definition["AllowedPattern"]?.string {
            guard let expression = try? Regex(pattern) else {
                throw TemplateError(
                    "Parameters.\(name).AllowedPattern: '\(pattern)' is no regular expression",
                    line: definition.line)
            }
            guard (try? expression.wholeMatch(in: text)) ?? nil != nil else {
                throw fault(text, constraint ?? "what matches \(pattern)")
            }
        }
        try checkRange(text)
    }

    private func checkRange(_ text: String) throws(TemplateError) {
        func bound(_ key: String) -> Double? { definition[key]?.text.flatMap { Double($0) } }
        let count = Double(text.unicodeScalars.count)
        if let least = bound("MinLength"), type != "Number", count < least {
            throw fault(text, "at least \(Int(exactly: least) ?? 0) characters")
        }
        if let most = bound("MaxLength"), type != "Number", count > most {
            throw fault(text, "at most \(Int(exactly: most) ?? 0) characters")
        }
        guard type == "Number", let number = Double(text) else { return }
        if let least = bound("MinValue"), number < least {
            throw fault(text, "at least " + (definition["MinValue"]?.text ?? ""))
        }
        if let most = bound("MaxValue"), number > most {
            throw fault(text, "at most " + (definition["MaxValue"]?.text ?? ""))
        }
    }

    private var constraint: String? { definition["ConstraintDescription"]?.string }

    private func fault(_ text: String, _ expected: String) -> TemplateError {
        let told = definition["NoEcho"]?.text == "true" ? "the value given" : "'\(text)'"
        return TemplateError(
            "the parameter \(name): expected \(expected), not \(told)", line: definition.line)
    }
}
