internal import Wire

/// The policies of a serverless function: managed ones by name or ARN, SAM's templates, statements.
struct ServerlessPolicies {
    /// ARNs, or functions that give one.
    private(set) var managed: [TemplateNode] = []
    /// Maps of PolicyName and PolicyDocument.
    private(set) var inline: [TemplateNode] = []

    /// SAM's policy templates by name.
    private static let templates: JSONValue =
        (try? JSONValue(parsing: Array(PolicyTemplates.json.utf8))) ?? .object([])

    /// - Parameter owner: what the inline policies are named after, `FunctionRole`.
    init(_ node: TemplateNode?, owner: String) throws(TemplateError) {
        guard let node else { return }
        let isOne = node.elements == nil
        for (index, policy) in (isOne ? [node] : node.elements ?? []).enumerated() {
            try add(policy, name: "\(owner)Policy\(index)")
        }
    }

    private mutating func add(_ policy: TemplateNode, name: String) throws(TemplateError) {
        if let text = policy.string {
            managed.append(.string(ManagedPolicies.arn(of: text), line: policy.line))
        } else if policy.function != nil {
            managed.append(policy)
        } else if policy["Statement"] != nil {
            inline.append(Self.inline(name, policy))
        } else if let members = policy.members, members.count == 1, let only = members.first {
            inline.append(Self.inline(name, try Self.expanded(only.key, only.value)))
        } else {
            throw TemplateError(
                "Policies: expected a managed policy, a policy template or a Statement",
                line: policy.line)
        }
    }

    static func inline(_ name: String, _ document: TemplateNode) -> TemplateNode {
        .map([("PolicyName", .string(name)), ("PolicyDocument", document)], line: document.line)
    }

    /// A policy document of one statement that allows an action on a resource.
    static func allowing(
        _ action: String, on resource: TemplateNode, version: String? = nil
    ) -> TemplateNode {
        let statement = TemplateNode.map([
            ("Effect", .string("Allow")), ("Action", .string(action)), ("Resource", resource),
        ])
        return .map([
            ("Version", version.map { .string($0) }), ("Statement", .list([statement])),
        ])
    }

    mutating func addManaged(_ name: String) {
        let arn = ManagedPolicies.arn(of: name)
        guard !managed.contains(where: { $0.string == arn }) else { return }
        managed.append(.string(arn))
    }

    mutating func addManagedFirst(_ name: String) {
        let arn = ManagedPolicies.arn(of: name)
        managed.removeAll { $0.string == arn }
        managed.insert(.string(arn), at: 0)
    }

    /// Adds a policy unless there is one with the same document.
    mutating func addInlineOnce(_ name: String, _ document: TemplateNode) {
        let json = document.json
        guard !inline.contains(where: { $0["PolicyDocument"]?.json == json }) else { return }
        addInline(name, document)
    }

    mutating func addInline(_ name: String, _ document: TemplateNode) {
        inline.append(Self.inline(name, document))
    }

    /// A policy template's document, with its parameters in place.
    private static func expanded(
        _ name: String, _ given: TemplateNode
    ) throws(TemplateError) -> TemplateNode {
        guard let template = templates[name] else {
            throw TemplateError("Policies: SAM has no policy template \(name)", line: given.line)
        }
        let parameters = template["Parameters"]?.elements?.compactMap(\.string) ?? []
        for parameter in parameters where given[parameter] == nil {
            throw TemplateError("Policies: \(name) needs \(parameter)", line: given.line)
        }
        for member in given.members ?? [] where !parameters.contains(member.key) {
            throw TemplateError(
                "Policies: \(name) has no parameter \(member.key)", line: given.line)
        }
        guard let statement = template["Statement"] else {
            throw TemplateError("Policies: SAM has no policy template \(name)", line: given.line)
        }
        return .map([("Statement", replaced(TemplateNode(json: statement), by: given))])
    }

    /// A tree in which references to parameters are what was given for them.
    private static func replaced(
        _ node: TemplateNode, by given: TemplateNode
    ) -> TemplateNode {
        if let (name, argument) = node.function, name == "Ref", let parameter = argument.string,
            let value = given[parameter]
        {
            return value
        }
        switch node.content {
        case .list(let elements): return .list(elements.map { replaced($0, by: given) })
        case .map(let members):
            return TemplateNode(
                .map(members.map { (key: $0.key, value: replaced($0.value, by: given)) }))
        case .null, .bool, .number, .string: return node
        }
    }
}
