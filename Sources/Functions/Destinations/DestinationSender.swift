package import Operations

/// Whoever delivers to where the outcome of invocations goes.
package protocol DestinationSender: Sendable {
    /// Delivers a JSON document.
    ///
    /// - Parameters:
    ///   - arn: of an SQS queue, an SNS topic, an S3 bucket or a function; or a `file:` URL of a
    ///     local file, which gets a line.
    ///   - objectKey: where in a bucket it goes.
    ///   - attributes: message attributes of a queue's message (a function's dead-letter queue).
    ///   - attributes: attributes of a queue's message (a function's dead-letter queue).
    func send(
        _ document: [UInt8], to arn: String, objectKey: String,
        attributes: [(name: String, value: String)], region: String
    ) async throws(ServiceError)
}
