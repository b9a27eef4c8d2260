internal import Wire

/// The service's own managed policies, as far as they say anything about DynamoDB and Lambda.
package enum ManagedPolicies {
    private static let prefix = "arn:aws:iam::aws:policy/"

    /// The actions that each policy allows on everything, by name with its path.
    private static let allowed: [String: [String]] = [
        "AdministratorAccess": ["*"],
        "PowerUserAccess": ["dynamodb:*", "lambda:*"],
        "ReadOnlyAccess": readingDynamoDB + ["lambda:Get*", "lambda:List*"],
        "AmazonDynamoDBFullAccess": [
            "dynamodb:*", "lambda:CreateFunction", "lambda:ListFunctions",
            "lambda:ListEventSourceMappings", "lambda:CreateEventSourceMapping",
            "lambda:DeleteEventSourceMapping", "lambda:GetFunctionConfiguration",
            "lambda:DeleteFunction",
        ],
        "AmazonDynamoDBFullAccess_v2": [
            "dynamodb:*", "lambda:ListEventSourceMappings", "lambda:ListFunctions",
        ],
        "AmazonDynamoDBReadOnlyAccess": readingDynamoDB + [
            "lambda:ListFunctions", "lambda:ListEventSourceMappings",
            "lambda:GetFunctionConfiguration",
        ],
        "AWSLambdaInvocation-DynamoDB": ["lambda:InvokeFunction"] + readingStreams,
        "AWSLambda_FullAccess": ["lambda:*"],
        "service-role/AWSLambdaDynamoDBExecutionRole": readingStreams,
        "service-role/AWSLambdaRole": ["lambda:InvokeFunction"],
        "service-role/AWSLambdaBasicExecutionRole": [],
        "service-role/AWSLambdaSQSQueueExecutionRole": [],
        "service-role/AWSLambdaVPCAccessExecutionRole": [],
    ]

    private static let readingDynamoDB = [
        "dynamodb:BatchGetItem", "dynamodb:Describe*", "dynamodb:List*", "dynamodb:GetAbacStatus",
        "dynamodb:GetItem", "dynamodb:GetResourcePolicy", "dynamodb:Query", "dynamodb:Scan",
        "dynamodb:PartiQLSelect",
    ]

    private static let readingStreams = [
        "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    ]

    /// Whether an ARN has the form of a managed policy of the service's own.
    package static func isOfService(_ arn: String) -> Bool {
        arn.hasPrefix(prefix) && arn.utf8.count > prefix.utf8.count
    }

    /// Whether it is known what a policy of the service's own allows of DynamoDB and Lambda.
    package static func isKnown(_ arn: String) -> Bool {
        allowed[String(arn.dropFirst(prefix.count))] != nil
    }

    /// A managed policy of the service's own; one that isn't known here allows nothing.
    ///
    /// - Returns: nil for what is no ARN of such a policy.
    package static func policy(arn: String) -> NamedPolicy? {
        guard isOfService(arn) else { return nil }
        let name = arn.dropFirst(prefix.count)
        let actions = allowed[String(name)] ?? []
        let statements: [JSONValue] =
            actions.isEmpty
            ? []
            : [
                .object([
                    ("Effect", .string("Allow")),
                    ("Action", .array(actions.map { .string($0) })),
                    ("Resource", .string("*")),
                ])
            ]
        let source = JSONValue.object([
            ("Version", .string("2012-10-17")), ("Statement", .array(statements)),
        ])
        return try? NamedPolicy(
            name: String(name.split(separator: "/").last ?? name), source: source)
    }
}
