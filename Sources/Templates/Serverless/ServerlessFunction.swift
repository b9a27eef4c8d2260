internal import Wire

/// A serverless function written out: the function, its role, alias, triggers and what they need.
struct ServerlessFunction {
    private(set) var resources: [Template.Resource] = []
    private(set) var skipped: [String] = []
    private(set) var synonyms: [String: String] = [:]
    private let id: String
    private let line: Int?
    private let properties: TemplateNode
    private var evaluator: TemplateEvaluator
    private var policies: ServerlessPolicies
    /// The alias's logical id, where one is published automatically.
    private var alias: String?

    /// What a function keeps under its own name.
    private static let passed = [
        "FunctionName", "Handler", "Runtime", "Description", "MemorySize", "Timeout",
        "Environment", "Layers", "Architectures", "VpcConfig", "KmsKeyArn", "EphemeralStorage",
        "SnapStart", "PackageType", "ImageConfig", "FileSystemConfigs", "CodeSigningConfigArn",
        "RuntimeManagementConfig", "LoggingConfig", "RecursiveLoop",
        "ReservedConcurrentExecutions",
    ]
    /// What is written out below, or says something of the role alone.
    private static let known: Set<String> = [
        "CodeUri", "InlineCode", "ImageUri", "Role", "Policies", "Tags", "Tracing", "Events",
        "DeadLetterQueue", "EventInvokeConfig", "AutoPublishAlias", "AutoPublishCodeSha256",
        "AutoPublishAliasAllProperties", "VersionDescription", "AssumeRolePolicyDocument",
        "PermissionsBoundary", "RolePath", "PropagateTags", "VersionDeletionPolicy",
        "PublishToLatestPublished",
    ]

    init(_ given: Template.Resource, evaluator: TemplateEvaluator) throws(TemplateError) {
        id = given.logicalID
        line = given.line
        properties = given.properties
        self.evaluator = evaluator
        policies = try ServerlessPolicies(properties["Policies"], owner: "\(id)Role")
        for member in properties.members ?? [] {
            if !Self.known.contains(member.key), !Self.passed.contains(member.key) {
                skipped.append("\(id).\(member.key)")
            }
        }
        try addFunction(given)
        try addAlias()
        try addEventInvokeConfig()
        try addEvents()
        if properties["Role"] == nil { addRole() }
    }

    // MARK: The function

    private mutating func addFunction(_ given: Template.Resource) throws(TemplateError) {
        var members: [(String, TemplateNode?)] = [("Code", try code())]
        for name in Self.passed { members.append((name, properties[name])) }
        members.append(("Role", properties["Role"] ?? .attribute("\(id)Role", "Arn")))
        members.append(
            (
                "Tags",
                try ServerlessTransform.tags(
                    properties["Tags"], first: [("lambda:createdBy", "SAM")])
            ))
        if let tracing = properties["Tracing"] {
            members.append(("TracingConfig", .map([("Mode", tracing)])))
            if ["Active", "PassThrough"].contains(tracing.string) {
                policies.addManaged("AWSXrayWriteOnlyAccess")
            }
        }
        if properties["VpcConfig"] != nil {
            policies.addManaged("AWSLambdaVPCAccessExecutionRole")
        }
        if let queue = properties["DeadLetterQueue"] {
            guard let target = queue["TargetArn"], let type = queue["Type"]?.string,
                type == "SQS" || type == "SNS"
            else { throw fault("DeadLetterQueue: expected Type SQS or SNS, and TargetArn", queue) }
            members.append(("DeadLetterConfig", .map([("TargetArn", target)])))
            let action = type == "SQS" ? "sqs:SendMessage" : "sns:Publish"
            policies.addInline(
                "DeadLetterQueuePolicy",
                ServerlessPolicies.allowing(action, on: target, version: "2012-10-17"))
        }
        var function = given
        function.type = "AWS::Lambda::Function"
        function.properties = .map(members, line: properties.line)
        resources.append(function)
    }

    private func code() throws(TemplateError) -> TemplateNode {
        if properties["PackageType"]?.string == "Image" || properties["ImageUri"] != nil {
            return .map([("ImageUri", properties["ImageUri"] ?? .string(""))])
        }
        if let text = properties["InlineCode"] {
            guard properties["CodeUri"] == nil else {
                throw fault("only one of InlineCode and CodeUri can be set", text)
            }
            return .map([("ZipFile", text)])
        }
        guard let location = properties["CodeUri"] else {
            throw TemplateError(
                "Resources.\(id): expected a CodeUri or InlineCode", line: line)
        }
        return try ServerlessTransform.code(location)
    }

    private mutating func addRole() {
        policies.addManagedFirst("AWSLambdaBasicExecutionRole")
        add(
            "\(id)Role", "AWS::IAM::Role",
            [
                (
                    "AssumeRolePolicyDocument",
                    properties["AssumeRolePolicyDocument"]
                        ?? Self.trust("lambda.amazonaws.com")
                ),
                ("ManagedPolicyArns", .list(policies.managed)),
                ("Policies", policies.inline.isEmpty ? nil : .list(policies.inline)),
                ("PermissionsBoundary", properties["PermissionsBoundary"]),
                ("Path", properties["RolePath"]),
            ])
    }

    private static func trust(_ service: String) -> TemplateNode {
        .map([
            ("Version", .string("2012-10-17")),
            (
                "Statement",
                .list([
                    .map([
                        ("Action", .list([.string("sts:AssumeRole")])),
                        ("Effect", .string("Allow")),
                        ("Principal", .map([("Service", .list([.string(service)]))])),
                    ])
                ])
            ),
        ])
    }

    private mutating func add(
        _ name: String, _ type: String, _ members: [(String, TemplateNode?)],
        deletionPolicy: String? = nil, dependsOn: [String] = [], metadata: TemplateNode? = nil,
        at line: Int? = nil
    ) {
        resources.append(
            Template.Resource(
                logicalID: name, type: type, properties: .map(members), condition: nil,
                dependsOn: dependsOn, deletionPolicy: deletionPolicy, line: line ?? self.line,
                metadata: metadata))
    }

    private func fault(_ message: String, _ node: TemplateNode) -> TemplateError {
        TemplateError("Resources.\(id): \(message)", line: node.line ?? line)
    }

    // MARK: Alias

    private mutating func addAlias() throws(TemplateError) {
        guard let node = properties["AutoPublishAlias"] else { return }
        let name = try evaluator.text(node, of: "AutoPublishAlias")
        // As SAM makes a logical id of it.
        let letters = name.compactMap { character -> Character? in
            switch character {
            case "-": "D"
            case "_": "U"
            default:
                character.isASCII && (character.isLetter || character.isNumber) ? character : nil
            }
        }
        let version = "\(id)Version"
        let alias = "\(id)Alias\(String(letters))"
        add(
            version, "AWS::Lambda::Version",
            [
                ("FunctionName", .reference(id)),
                ("Description", properties["VersionDescription"]),
            ],
            deletionPolicy: properties["VersionDeletionPolicy"]?.string ?? "Retain",
            metadata: .map([("FollowsFunction", .string(id))]))
        add(
            alias, "AWS::Lambda::Alias",
            [
                ("Name", .string(name)), ("FunctionName", .reference(id)),
                ("FunctionVersion", .attribute(version, "Version")),
            ])
        synonyms["\(id).Version"] = version
        synonyms["\(id).Alias"] = alias
        self.alias = alias
    }

    /// What triggers call: the alias where there is one.
    private var target: TemplateNode { .reference(alias ?? id) }

    private var targetARN: TemplateNode { alias.map { .reference($0) } ?? .attribute(id, "Arn") }

    // MARK: Asynchronous invocations

    private mutating func addEventInvokeConfig() throws(TemplateError) {
        guard let config = properties["EventInvokeConfig"] else { return }
        let name = "\(id)EventInvokeConfig"
        var destinations: [(String, TemplateNode?)] = []
        for condition in ["OnSuccess", "OnFailure"] {
            guard let given = config["DestinationConfig"]?[condition] else { continue }
            destinations.append(
                (condition, .map([("Destination", try destination(given, name + condition))])))
        }
        var qualifier = TemplateNode.string("$LATEST")
        if let alias, let name = resources.first(where: { $0.logicalID == alias }) {
            qualifier = name.properties["Name"] ?? qualifier
        }
        add(
            name, "AWS::Lambda::EventInvokeConfig",
            [
                ("DestinationConfig", .map(destinations)),
                ("FunctionName", .reference(id)),
                ("MaximumEventAgeInSeconds", config["MaximumEventAgeInSeconds"]),
                ("MaximumRetryAttempts", config["MaximumRetryAttempts"]),
                ("Qualifier", qualifier),
            ], dependsOn: alias.map { [$0] } ?? [])
    }

    /// A destination's ARN; a queue or topic is made where only its type is given.
    private mutating func destination(
        _ given: TemplateNode, _ name: String
    ) throws(TemplateError) -> TemplateNode {
        let type = given["Type"]?.string ?? ""
        var destination = given["Destination"]
        if destination == nil {
            switch type {
            case "SQS":
                add("\(name)Queue", "AWS::SQS::Queue", [], at: given.line)
                destination = .attribute("\(name)Queue", "Arn")
            case "SNS":
                add("\(name)Topic", "AWS::SNS::Topic", [], at: given.line)
                destination = .reference("\(name)Topic")
            default:
                throw fault("EventInvokeConfig: expected a Destination", given)
            }
        }
        guard let destination else { return .string("") }
        let actions = [
            "SQS": "sqs:SendMessage", "SNS": "sns:Publish", "Lambda": "lambda:InvokeFunction",
            "EventBridge": "events:PutEvents", "S3Bucket": "s3:PutObject",
        ]
        if let action = actions[type] {
            policies.addInline(
                "\(name)\(type)Policy", ServerlessPolicies.allowing(action, on: destination))
        }
        return destination
    }

    // MARK: Events

    private mutating func addEvents() throws(TemplateError) {
        guard let events = properties["Events"] else { return }
        guard let members = events.members else { throw fault("Events: expected a map", events) }
        for (name, event) in members {
            guard let type = event["Type"]?.string else {
                throw fault("Events.\(name): expected a Type", event)
            }
            let given = event["Properties"] ?? .map([], line: event.line)
            switch type {
            case "DynamoDB":
                try addMapping(name, given, source: "Stream", position: true)
                policies.addManaged("AWSLambdaDynamoDBExecutionRole")
            case "SQS":
                try addMapping(name, given, source: "Queue", position: false)
                policies.addManaged("AWSLambdaSQSQueueExecutionRole")
            case "Schedule": try addRule(name, given)
            case "ScheduleV2": try addSchedule(name, given)
            default: skipped.append("\(id).Events.\(name) (\(type))")
            }
        }
    }

    private static let mappingProperties = [
        "StartingPosition", "StartingPositionTimestamp", "BatchSize", "Enabled",
        "MaximumBatchingWindowInSeconds", "MaximumRetryAttempts", "BisectBatchOnFunctionError",
        "MaximumRecordAgeInSeconds", "ParallelizationFactor", "TumblingWindowInSeconds",
        "FunctionResponseTypes", "FilterCriteria", "KmsKeyArn", "ScalingConfig",
        "ProvisionedPollerConfig", "MetricsConfig", "LoggingConfig",
    ]

    private mutating func addMapping(
        _ name: String, _ event: TemplateNode, source: String, position: Bool
    ) throws(TemplateError) {
        guard let arn = event[source] else {
            throw fault("Events.\(name): expected a \(source)", event)
        }
        if position, event["StartingPosition"] == nil {
            throw fault(
                "Events.\(name): expected a StartingPosition, LATEST or TRIM_HORIZON", event)
        }
        var members: [(String, TemplateNode?)] = [
            ("EventSourceArn", arn), ("FunctionName", target),
        ]
        for property in Self.mappingProperties { members.append((property, event[property])) }
        if let destinations = event["DestinationConfig"] {
            guard let failure = destinations["OnFailure"] else {
                throw fault("Events.\(name).DestinationConfig: expected OnFailure", destinations)
            }
            if let type = failure["Type"]?.string {
                let actions = [
                    "SQS": "sqs:SendMessage", "SNS": "sns:Publish", "S3": "s3:PutObject",
                ]
                guard let action = actions[type] else {
                    throw fault(
                        "Events.\(name).DestinationConfig: expected Type SQS, SNS or S3", failure)
                }
                if let destination = failure["Destination"] {
                    policies.addInlineOnce(
                        "\(id)\(name)\(type)Policy",
                        ServerlessPolicies.allowing(action, on: destination))
                }
            }
            members.append(
                ("DestinationConfig", .map([("OnFailure", failure.removing("Type"))])))
        }
        add("\(id)\(name)", "AWS::Lambda::EventSourceMapping", members, at: event.line)
    }

    private mutating func addRule(
        _ name: String, _ event: TemplateNode
    ) throws(TemplateError) {
        guard let expression = event["Schedule"] else {
            throw fault("Events.\(name): expected a Schedule", event)
        }
        if event["State"] != nil, event["Enabled"] != nil {
            throw fault("Events.\(name): State and Enabled cannot both be given", event)
        }
        var state = event["State"]
        if let enabled = event["Enabled"] {
            let isOn = try evaluator.value(enabled)?.plainText == "true"
            state = .string(isOn ? "ENABLED" : "DISABLED")
        }
        let rule = "\(id)\(name)"
        let call = TemplateNode.map([
            ("Arn", targetARN), ("Id", .string("\(rule)LambdaTarget")), ("Input", event["Input"]),
            ("RetryPolicy", event["RetryPolicy"]),
        ])
        add(
            rule, "AWS::Events::Rule",
            [
                ("ScheduleExpression", expression), ("State", state), ("Name", event["Name"]),
                ("Description", event["Description"]), ("Targets", .list([call])),
            ], at: event.line)
        add(
            "\(rule)Permission", "AWS::Lambda::Permission",
            [
                ("Action", .string("lambda:InvokeFunction")), ("FunctionName", target),
                ("Principal", .string("events.amazonaws.com")),
                ("SourceArn", .attribute(rule, "Arn")),
            ], at: event.line)
        if event["DeadLetterConfig"] != nil {
            skipped.append("\(id).Events.\(name).DeadLetterConfig")
        }
    }

    private mutating func addSchedule(
        _ name: String, _ event: TemplateNode
    ) throws(TemplateError) {
        guard let expression = event["ScheduleExpression"] else {
            throw fault("Events.\(name): expected a ScheduleExpression", event)
        }
        let schedule = "\(id)\(name)"
        let role = "\(schedule)Role"
        let omitsName = event["OmitName"]?.text == "true"
        let call = TemplateNode.map([
            ("Arn", targetARN), ("RoleArn", event["RoleArn"] ?? .attribute(role, "Arn")),
            ("Input", event["Input"]), ("RetryPolicy", event["RetryPolicy"]),
        ])
        var members: [(String, TemplateNode?)] = [
            ("ScheduleExpression", expression),
            (
                "FlexibleTimeWindow",
                event["FlexibleTimeWindow"] ?? .map([("Mode", .string("OFF"))])
            ),
            ("Name", event["Name"] ?? (omitsName ? nil : .string(schedule))),
        ]
        for property in [
            "State", "Description", "StartDate", "EndDate", "ScheduleExpressionTimezone",
            "GroupName", "KmsKeyArn",
        ] {
            members.append((property, event[property]))
        }
        members.append(("Target", call))
        add(schedule, "AWS::Scheduler::Schedule", members, at: event.line)
        if event["DeadLetterConfig"] != nil {
            skipped.append("\(id).Events.\(name).DeadLetterConfig")
        }
        guard event["RoleArn"] == nil else { return }
        let policy = ServerlessPolicies.inline(
            "\(schedule)LambdaPolicy",
            ServerlessPolicies.allowing("lambda:InvokeFunction", on: targetARN))
        add(
            role, "AWS::IAM::Role",
            [
                ("AssumeRolePolicyDocument", Self.trust("scheduler.amazonaws.com")),
                ("Policies", .list([policy])),
            ], at: event.line)
    }
}
