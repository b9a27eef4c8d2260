package import Operations
package import Wire

/// A policy of a role or user, with the name that it goes by.
package struct NamedPolicy: Sendable {
    package var name: String
    /// As it was given: what GetRolePolicy tells.
    package var source: JSONValue
    package var document: PolicyDocument

    /// - Throws: what is wrong with the document.
    package init(name: String, source: JSONValue) throws(PolicyFault) {
        self.name = name
        self.source = source
        document = try PolicyDocument(source)
    }

    /// A managed policy that AWS keeps; one that isn't known here allows nothing.
    ///
    /// nil for what is no ARN of such a policy.
    package init?(managed arn: String) {
        guard let name = ManagedPolicies.name(arn: arn) else { return nil }
        let source = ManagedPolicies.document(arn: arn) ?? ManagedPolicies.allowingNothing
        try? self.init(name: name, source: source)
    }
}

/// A role that somebody described: whatever its policies do not allow is denied to it.
package struct Role: Sendable {
    package var name: String
    /// nil where nobody told it.
    package var arn: String?
    package var inlinePolicies: [NamedPolicy] = []
    /// ARNs of managed policies.
    package var attachedPolicies: [String] = []
    package var createdAt: Timestamp
    /// The trust policy, as it was given: kept and told.
    package var trustPolicy: JSONValue?
    package var path = "/"
    package var description: String?
    package var maxSessionDuration = 3_600
    package var tags: [Tag] = []

    package init(name: String, arn: String? = nil, createdAt: Timestamp) {
        self.name = name
        self.arn = arn
        self.createdAt = createdAt
    }

    /// Whether a text may be the name of a role: 1 to 64 of `[A-Za-z0-9_+=,.@-]`.
    package static func isName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count) && name.utf8.allSatisfy(isNameByte)
    }

    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "_+=,.@-".utf8.contains(byte)
        }
    }
}

extension Role {
    /// What the store keeps of it.
    var record: JSONValue {
        .object(present: [
            ("RoleName", .string(name)),
            ("RoleArn", arn.map { .string($0) }),
            (
                "Policies",
                .array(
                    inlinePolicies.map {
                        .object([("PolicyName", .string($0.name)), ("PolicyDocument", $0.source)])
                    })
            ),
            ("ManagedPolicyArns", .array(attachedPolicies.map { .string($0) })),
            ("CreateDate", .number("\(createdAt)")),
            ("AssumeRolePolicyDocument", trustPolicy),
            ("Path", .string(path)),
            ("Description", description.map { .string($0) }),
            ("MaxSessionDuration", .number("\(maxSessionDuration)")),
            (
                "Tags",
                .array(
                    tags.map { .object([("Key", .string($0.key)), ("Value", .string($0.value))]) })
            ),
        ])
    }

    /// Reads what `record` made.
    init(record: JSONValue) throws(PolicyFault) {
        guard let name = record["RoleName"]?.string else { throw .syntax }
        var createdAt = 0.0
        if case .number(let text)? = record["CreateDate"] { createdAt = Double(text) ?? 0 }
        self.init(name: name, arn: record["RoleArn"]?.string, createdAt: createdAt)
        for policy in record["Policies"]?.elements ?? [] {
            guard let name = policy["PolicyName"]?.string, let source = policy["PolicyDocument"]
            else { throw .syntax }
            inlinePolicies.append(try NamedPolicy(name: name, source: source))
        }
        attachedPolicies = (record["ManagedPolicyArns"]?.elements ?? []).compactMap(\.string)
        trustPolicy = record["AssumeRolePolicyDocument"]
        path = record["Path"]?.string ?? "/"
        description = record["Description"]?.string
        maxSessionDuration = record["MaxSessionDuration"]?.integer ?? 3_600
        for tag in record["Tags"]?.elements ?? [] {
            guard let key = tag["Key"]?.string, let value = tag["Value"]?.string else { continue }
            tags.append(Tag(key: key, value: value))
        }
    }
}
