internal import Operations

/// The managed policies that AWS keeps: their ARNs, and what of them concerns the services at hand.
///
/// The one list of them: roles are checked by it, and templates find ARNs by name in it.
package enum ManagedPolicies {
    private struct Policy {
        /// What stands between `policy/` and the name.
        var path = ""
        /// Actions that it allows on everything; nil: what it allows is no matter here.
        var actions: [String]?
        /// Actions that it doesn't allow, all others being allowed.
        var exceptions: [String]?
    }

    private static let logs = [
        "logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents",
    ]
    private static let readStreams = [
        "dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator",
        "dynamodb:ListStreams",
    ]

    /// Written from the policies' published documents; services that are nowhere at hand are left
    /// out.
    private static let policies: [String: Policy] = [
        "AdministratorAccess": Policy(actions: ["*"]),
        "PowerUserAccess": Policy(exceptions: ["iam:*", "organizations:*", "account:*"]),
        "ReadOnlyAccess": Policy(actions: [
            "dynamodb:BatchGet*", "dynamodb:Describe*", "dynamodb:Get*", "dynamodb:List*",
            "dynamodb:PartiQLSelect", "dynamodb:Query", "dynamodb:Scan", "lambda:Get*",
            "lambda:List*", "logs:Describe*", "logs:FilterLogEvents", "logs:Get*", "s3:Get*",
            "s3:List*", "sns:Get*", "sns:List*", "sqs:Get*", "sqs:List*",
        ]),
        "AmazonDynamoDBFullAccess": Policy(actions: [
            "dynamodb:*", "lambda:CreateEventSourceMapping", "lambda:CreateFunction",
            "lambda:DeleteEventSourceMapping", "lambda:DeleteFunction",
            "lambda:GetFunctionConfiguration", "lambda:ListEventSourceMappings",
            "lambda:ListFunctions",
        ]),
        "AmazonDynamoDBFullAccess_v2": Policy(actions: [
            "dynamodb:*", "lambda:ListEventSourceMappings", "lambda:ListFunctions",
        ]),
        "AmazonDynamoDBFullAccesswithDataPipeline": Policy(actions: ["dynamodb:*"]),
        "AmazonDynamoDBReadOnlyAccess": Policy(actions: [
            "dynamodb:BatchGetItem", "dynamodb:Describe*", "dynamodb:GetAbacStatus",
            "dynamodb:GetItem", "dynamodb:GetResourcePolicy", "dynamodb:List*",
            "dynamodb:PartiQLSelect", "dynamodb:Query", "dynamodb:Scan",
            "lambda:GetFunctionConfiguration", "lambda:ListEventSourceMappings",
            "lambda:ListFunctions",
        ]),
        "AmazonS3FullAccess": Policy(actions: ["s3:*", "s3-object-lambda:*"]),
        "AmazonS3ReadOnlyAccess": Policy(actions: ["s3:Describe*", "s3:Get*", "s3:List*"]),
        "AmazonSQSFullAccess": Policy(actions: ["sqs:*"]),
        "AmazonSQSReadOnlyAccess": Policy(actions: [
            "sqs:GetQueueAttributes", "sqs:GetQueueUrl", "sqs:ListDeadLetterSourceQueues",
            "sqs:ListMessageMoveTasks", "sqs:ListQueues", "sqs:ListQueueTags",
        ]),
        "AmazonSNSFullAccess": Policy(actions: ["sns:*"]),
        "AmazonSNSReadOnlyAccess": Policy(actions: ["sns:Get*", "sns:List*"]),
        "AmazonEventBridgeFullAccess": Policy(actions: ["events:*", "scheduler:*"]),
        "AmazonSSMReadOnlyAccess": Policy(actions: ["ssm:Describe*", "ssm:Get*", "ssm:List*"]),
        "AWSLambdaExecute": Policy(actions: ["logs:*", "s3:GetObject", "s3:PutObject"]),
        "AWSLambda_FullAccess": Policy(actions: ["lambda:*", "logs:*"]),
        "AWSLambda_ReadOnlyAccess": Policy(actions: ["lambda:Get*", "lambda:List*"]),
        "AWSLambdaFullAccess": Policy(actions: [
            "dynamodb:*", "events:*", "lambda:*", "logs:*", "s3:*", "sns:*", "sqs:*",
        ]),
        "AWSLambdaInvocation-DynamoDB": Policy(actions: ["lambda:InvokeFunction"] + readStreams),
        "AWSXrayWriteOnlyAccess": Policy(),
        "AWSXRayDaemonWriteAccess": Policy(),
        "AWSXrayFullAccess": Policy(),
        "CloudWatchFullAccess": Policy(actions: ["cloudwatch:*", "logs:*"]),
        "CloudWatchFullAccessV2": Policy(actions: ["cloudwatch:*", "logs:*"]),
        "CloudWatchLogsFullAccess": Policy(actions: ["logs:*"]),
        "CloudWatchLambdaInsightsExecutionRolePolicy": Policy(actions: logs),
        "SecretsManagerReadWrite": Policy(actions: ["secretsmanager:*"]),
        "DatabaseAdministrator": Policy(path: "job-function/", actions: ["dynamodb:*", "logs:*"]),
        "ViewOnlyAccess": Policy(
            path: "job-function/",
            actions: [
                "dynamodb:DescribeBackup", "dynamodb:DescribeContinuousBackups",
                "dynamodb:DescribeGlobalTable", "dynamodb:DescribeLimits",
                "dynamodb:DescribeStream",
                "dynamodb:DescribeTable", "dynamodb:ListBackups", "dynamodb:ListGlobalTables",
                "dynamodb:ListStreams", "dynamodb:ListTables",
            ]),
        "AWSLambdaBasicExecutionRole": Policy(path: "service-role/", actions: logs),
        "AWSLambdaDynamoDBExecutionRole": Policy(
            path: "service-role/", actions: readStreams + logs),
        "AWSLambdaSQSQueueExecutionRole": Policy(
            path: "service-role/",
            actions: [
                "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes",
            ] + logs),
        "AWSLambdaKinesisExecutionRole": Policy(path: "service-role/", actions: logs),
        "AWSLambdaMSKExecutionRole": Policy(path: "service-role/", actions: logs),
        "AWSLambdaVPCAccessExecutionRole": Policy(path: "service-role/", actions: logs),
        "AWSLambdaENIManagementAccess": Policy(path: "service-role/"),
        "AWSLambdaRole": Policy(path: "service-role/", actions: ["lambda:InvokeFunction"]),
        "AmazonAPIGatewayPushToCloudWatchLogs": Policy(
            path: "service-role/", actions: ["logs:*"]),
    ]

    /// The ARN of a policy by its name; ARNs, and names of what isn't known, in the same form.
    package static func arn(of name: String) -> String {
        guard !name.hasPrefix("arn:") else { return name }
        return "arn:aws:iam::aws:policy/" + (policies[name]?.path ?? "") + name
    }

    /// The name of a policy that AWS keeps, known here or not; nil for any other ARN.
    package static func name(arn: String) -> String? { parts(arn)?.name }

    private static func parts(_ arn: String) -> (path: String, name: String)? {
        let prefix = "policy/"
        guard let arn = ResourceARN(arn), arn.service == "iam", arn.accountID == "aws",
            arn.resource.hasPrefix(prefix)
        else { return nil }
        let path = arn.resource.dropFirst(prefix.count)
        let start = path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex
        guard start < path.endIndex else { return nil }
        return (String(path[..<start]), String(path[start...]))
    }

    /// What a policy says, as a document; nil where it isn't known here.
    package static func document(arn: String) -> JSONValue? {
        guard let parts = parts(arn), let policy = policies[parts.name], policy.path == parts.path
        else { return nil }
        var statements: [JSONValue] = []
        for (key, actions) in [("Action", policy.actions), ("NotAction", policy.exceptions)] {
            guard let actions else { continue }
            statements.append(
                .object([
                    ("Effect", .string("Allow")), (key, .array(actions.map { .string($0) })),
                    ("Resource", .string("*")),
                ]))
        }
        return document(statements)
    }

    /// A document that allows nothing: what stands for a policy that isn't known.
    package static let allowingNothing = document([])

    private static func document(_ statements: [JSONValue]) -> JSONValue {
        .object([("Version", .string("2012-10-17")), ("Statement", .array(statements))])
    }
}
