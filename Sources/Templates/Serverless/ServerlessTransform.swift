internal import Wire

/// Writes SAM's resources out as CloudFormation's, as AWS::Serverless-2016-10-31 does.
///
/// Logical ids are SAM's (`FunctionRole`, `FunctionEvent`, `FunctionAliaslive`), but for versions
/// and layers, which have no hash at the end here.
struct ServerlessTransform {
    /// In their order; what a resource brings with it follows it.
    private(set) var resources: [Template.Resource] = []
    /// What isn't carried out, each told once.
    private(set) var skipped: [String] = []
    /// References of SAM's own: `Function.Alias` is the alias of Function.
    private(set) var synonyms: [String: String] = [:]
    private let globals: TemplateNode?
    private var evaluator: TemplateEvaluator

    private static let sections = [
        "AWS::Serverless::Function": "Function", "AWS::Serverless::SimpleTable": "SimpleTable",
        "AWS::Serverless::LayerVersion": "LayerVersion",
    ]

    /// - Parameter evaluator: knows parameters and pseudo parameters.
    init(
        _ resources: [Template.Resource], globals: TemplateNode?, evaluator: TemplateEvaluator
    ) throws(TemplateError) {
        self.globals = globals
        self.evaluator = evaluator
        for member in globals?.members ?? [] where !Self.sections.values.contains(member.key) {
            skipped.append("Globals.\(member.key)")
        }
        for resource in resources { try add(resource) }
    }

    private mutating func add(_ given: Template.Resource) throws(TemplateError) {
        var resource = given
        if let section = Self.sections[given.type], let standard = globals?[section] {
            resource.properties = Self.merged(standard, given.properties)
        }
        switch given.type {
        case "AWS::Serverless::Function":
            let function = try ServerlessFunction(resource, evaluator: evaluator)
            resources += function.resources
            skipped += function.skipped
            for (name, target) in function.synonyms { synonyms[name] = target }
        case "AWS::Serverless::SimpleTable": resources.append(Self.table(resource))
        case "AWS::Serverless::LayerVersion": resources.append(try layer(resource))
        default: resources.append(resource)
        }
    }

    /// A resource's properties over those of Globals: maps are merged, lists put together.
    private static func merged(_ standard: TemplateNode, _ own: TemplateNode) -> TemplateNode {
        if standard.function != nil || own.function != nil { return own }
        if let first = standard.elements, let second = own.elements {
            return .list(first + second, line: own.line)
        }
        guard let first = standard.members, let second = own.members else { return own }
        var result = TemplateNode(.map(first), line: own.line)
        for member in second {
            let value = standard[member.key].map { merged($0, member.value) } ?? member.value
            result = result.setting(member.key, value)
        }
        return result
    }

    /// SAM's tags, a map, as CloudFormation's list.
    static func tags(
        _ node: TemplateNode?, first: [(String, String)] = []
    ) throws(TemplateError) -> TemplateNode? {
        guard node?.elements == nil else { return node }
        var tags: [TemplateNode] = first.map {
            .map([("Key", .string($0.0)), ("Value", .string($0.1))])
        }
        if let node {
            guard let members = node.members else {
                throw TemplateError("Tags: expected a map", line: node.line)
            }
            tags += members.map { .map([("Key", .string($0.key)), ("Value", $0.value)]) }
        }
        return tags.isEmpty ? nil : .list(tags)
    }

    // MARK: Tables

    private static func table(_ given: Template.Resource) -> Template.Resource {
        let properties = given.properties
        let key = properties["PrimaryKey"]
        let name = key?["Name"] ?? .string("id")
        let types = ["String": "S", "Number": "N", "Binary": "B"]
        let type = key?["Type"].map { type in
            type.string.flatMap { types[$0] }.map { .string($0) } ?? type
        }
        var resource = given
        resource.type = "AWS::DynamoDB::Table"
        resource.properties = .map(
            [
                ("TableName", properties["TableName"]),
                (
                    "AttributeDefinitions",
                    .list([
                        .map([("AttributeName", name), ("AttributeType", type ?? .string("S"))])
                    ])
                ),
                (
                    "KeySchema",
                    .list([.map([("AttributeName", name), ("KeyType", .string("HASH"))])])
                ),
                ("ProvisionedThroughput", properties["ProvisionedThroughput"]),
                (
                    "BillingMode",
                    properties["ProvisionedThroughput"] == nil ? .string("PAY_PER_REQUEST") : nil
                ),
                (
                    "PointInTimeRecoverySpecification",
                    properties["PointInTimeRecoverySpecification"]
                ),
                ("SSESpecification", properties["SSESpecification"]),
                ("Tags", (try? tags(properties["Tags"])) ?? nil),
            ], line: properties.line)
        return resource
    }

    // MARK: Layers

    private func layer(_ given: Template.Resource) throws(TemplateError) -> Template.Resource {
        let properties = given.properties
        guard let content = properties["ContentUri"] else {
            throw TemplateError(
                "Resources.\(given.logicalID): expected a ContentUri", line: given.line)
        }
        var resource = given
        resource.type = "AWS::Lambda::LayerVersion"
        resource.deletionPolicy =
            properties["RetentionPolicy"]?.string == "Delete" ? "Delete" : "Retain"
        resource.properties = .map(
            [
                ("Content", try Self.code(content)),
                ("LayerName", properties["LayerName"] ?? .string(given.logicalID)),
                ("Description", properties["Description"]),
                ("CompatibleRuntimes", properties["CompatibleRuntimes"]),
                ("CompatibleArchitectures", properties["CompatibleArchitectures"]),
                ("LicenseInfo", properties["LicenseInfo"]),
            ], line: properties.line)
        return resource
    }

    /// Where code is, as CloudFormation tells it; a path here stays a text.
    static func code(_ location: TemplateNode) throws(TemplateError) -> TemplateNode {
        if let text = location.string {
            guard text.hasPrefix("s3://") else { return location }
            let parts = text.dropFirst(5).split(separator: "/", maxSplits: 1)
            guard parts.count == 2 else {
                throw TemplateError(
                    "expected s3://BUCKET/KEY, not '\(text)'", line: location.line)
            }
            // A version may follow: s3://bucket/key?versionId=…
            let key = parts[1].split(separator: "?versionId=", maxSplits: 1)
            return .map([
                ("S3Bucket", .string(String(parts[0]))),
                ("S3Key", key.first.map { .string(String($0)) }),
                ("S3ObjectVersion", key.count == 2 ? .string(String(key[1])) : nil),
            ])
        }
        if location.function != nil { return location }
        guard let bucket = location["Bucket"], let key = location["Key"] else {
            throw TemplateError(
                "expected a path, s3://BUCKET/KEY, or Bucket and Key", line: location.line)
        }
        return .map([
            ("S3Bucket", bucket), ("S3Key", key), ("S3ObjectVersion", location["Version"]),
        ])
    }
}
