package import Operations
internal import Wire

/// A managed policy that was made here (CreatePolicy).
package struct CustomerPolicy: Sendable {
    package var arn: String
    package var path: String
    package var policy: NamedPolicy
    package var createdAt: Timestamp
    package var updatedAt: Timestamp
    /// The number of its version: 1 for `v1`.
    package var version = 1
    package var description: String?
    package var tags: [Tag] = []

    package init(
        arn: String, path: String, policy: NamedPolicy, createdAt: Timestamp
    ) {
        self.arn = arn
        self.path = path
        self.policy = policy
        self.createdAt = createdAt
        updatedAt = createdAt
    }

    /// What the store keeps of it.
    var record: JSONValue {
        .object(present: [
            ("Arn", .string(arn)), ("Path", .string(path)),
            ("PolicyName", .string(policy.name)), ("PolicyDocument", policy.source),
            ("CreateDate", .number("\(createdAt)")), ("UpdateDate", .number("\(updatedAt)")),
            ("Version", .number("\(version)")),
            ("Description", description.map { .string($0) }),
            (
                "Tags",
                .array(
                    tags.map { .object([("Key", .string($0.key)), ("Value", .string($0.value))]) })
            ),
        ])
    }

    /// Reads what `record` made.
    init(record: JSONValue) throws(PolicyFault) {
        guard let arn = record["Arn"]?.string, let name = record["PolicyName"]?.string,
            let source = record["PolicyDocument"]
        else { throw .syntax }
        var times = (0.0, 0.0)
        if case .number(let text)? = record["CreateDate"] { times.0 = Double(text) ?? 0 }
        if case .number(let text)? = record["UpdateDate"] { times.1 = Double(text) ?? 0 }
        self.init(
            arn: arn, path: record["Path"]?.string ?? "/",
            policy: try NamedPolicy(name: name, source: source), createdAt: times.0)
        updatedAt = times.1
        version = record["Version"]?.integer ?? 1
        description = record["Description"]?.string
        for tag in record["Tags"]?.elements ?? [] {
            guard let key = tag["Key"]?.string, let value = tag["Value"]?.string else { continue }
            tags.append(Tag(key: key, value: value))
        }
    }
}
