/// A service that can be called, and how its requests look.
package enum Service: Sendable, Hashable, CaseIterable {
    case dynamodb
    case dynamodbStreams
    case lambda
    case logs
    case sqs
    case sns
    case s3
    case sts
    case iam
    /// Basalt's own paths under `/_basalt/`.
    case administration

    /// The service's name in the scope of signatures.
    var signingName: String {
        switch self {
        case .dynamodb, .dynamodbStreams, .administration: "dynamodb"
        case .lambda: "lambda"
        case .logs: "logs"
        case .sqs: "sqs"
        case .sns: "sns"
        case .s3: "s3"
        case .sts: "sts"
        case .iam: "iam"
        }
    }

    /// What X-Amz-Target begins with; nil for services whose requests are told otherwise.
    var targetPrefix: String? {
        switch self {
        case .dynamodb: "DynamoDB_20120810"
        case .dynamodbStreams: "DynamoDBStreams_20120810"
        case .logs: "Logs_20140328"
        case .sqs: "AmazonSQS"
        case .lambda, .sns, .s3, .sts, .iam, .administration: nil
        }
    }

    /// The Version of the services that take a form and answer XML.
    var queryVersion: String? {
        switch self {
        case .sns: "2010-03-31"
        case .sts: "2011-06-15"
        case .iam: "2010-05-08"
        default: nil
        }
    }

    var contentType: String {
        switch self {
        case .dynamodb, .dynamodbStreams, .sqs: "application/x-amz-json-1.0"
        case .logs: "application/x-amz-json-1.1"
        case .lambda, .administration: "application/json"
        case .sns, .sts, .iam: "application/x-www-form-urlencoded; charset=utf-8"
        case .s3: "application/octet-stream"
        }
    }
}
