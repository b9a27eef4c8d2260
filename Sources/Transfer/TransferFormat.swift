/// What a file of items looks like.
package enum TransferFormat: String, Sendable, Hashable, CaseIterable {
    /// A plain JSON object a line.
    case jsonl
    /// A DynamoDB JSON object a line.
    case dynamodbJSON = "dynamodb-json"
    case csv
    /// The directory that the service exports to S3: manifests and gzipped `{"Item": …}` lines.
    case s3Export = "s3-export"
}
