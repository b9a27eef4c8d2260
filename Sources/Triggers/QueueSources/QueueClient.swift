package import Client
package import Operations

/// Whoever reads queues for mappings.
package protocol QueueClient: Sendable {
    /// The queue with an ARN.
    func queue(arn: String) async throws(ServiceError) -> SQSClient.Queue
    /// The seconds for which a message that was received isn't shown to others; nil: not told.
    func visibilityTimeout(of queue: SQSClient.Queue) async throws(ServiceError) -> Int?
    /// Receives messages, waiting for the first up to some seconds.
    ///
    /// - Parameters:
    ///   - maximum: 1…10.
    ///   - waitSeconds: 0…20.
    func receive(
        from queue: SQSClient.Queue, maximum: Int, waitSeconds: Int
    ) async throws(ServiceError) -> [QueueMessage]
    /// Deletes messages that were received, however many.
    ///
    /// - Returns: how many could not be deleted.
    func delete(
        _ messages: [QueueMessage], from queue: SQSClient.Queue
    ) async throws(ServiceError) -> Int
    /// Shows messages that were received to others again, however many.
    func release(
        _ messages: [QueueMessage], to queue: SQSClient.Queue
    ) async throws(ServiceError)
}

/// The queues at the endpoint outside.
package struct OutsideQueues: QueueClient {
    private let outside: OutsideEndpoints

    package init(_ outside: OutsideEndpoints) { self.outside = outside }

    package func queue(arn: String) async throws(ServiceError) -> SQSClient.Queue {
        let region = ResourceARN(arn)?.region ?? ""
        return try await outside.queues(region: region).queue(arn: arn)
    }

    package func visibilityTimeout(
        of queue: SQSClient.Queue
    ) async throws(ServiceError) -> Int? {
        let attributes = try await outside.queues(region: queue.region).attributes(of: queue)
        return attributes["VisibilityTimeout"].flatMap { Int($0) }
    }

    package func receive(
        from queue: SQSClient.Queue, maximum: Int, waitSeconds: Int
    ) async throws(ServiceError) -> [QueueMessage] {
        // Whoever polls has patience of its own, and tells of failures.
        try await outside.queues(region: queue.region, retries: .never).receive(
            from: queue, maximum: maximum, waitSeconds: waitSeconds)
    }

    package func delete(
        _ messages: [QueueMessage], from queue: SQSClient.Queue
    ) async throws(ServiceError) -> Int {
        try await outside.queues(region: queue.region).delete(
            messages.map(\.receiptHandle), from: queue
        ).count
    }

    package func release(
        _ messages: [QueueMessage], to queue: SQSClient.Queue
    ) async throws(ServiceError) {
        _ = try await outside.queues(region: queue.region).changeVisibility(
            of: messages.map(\.receiptHandle), in: queue, to: 0)
    }
}
