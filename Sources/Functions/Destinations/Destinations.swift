package import Client
package import Operations
internal import Synchronization
internal import Wire

/// Delivers documents to queues, topics, buckets, functions and local files.
///
/// A fault that may pass is tried again for a few seconds; what a failure means after that is the
/// caller's to decide.
package final class Destinations: DestinationSender {
    /// Queues that are remembered; more are found anew each time.
    private static let queueCountMax = 1_000

    private let outside: OutsideEndpoints
    private let functions: any FunctionDirectory
    private let retries: RetryPolicy
    private let files = LineFiles()
    private let events = Mutex<(any EventQueue)?>(nil)
    /// Queues by ARN, so that each is looked for once.
    private let queues = Mutex<[String: SQSClient.Queue]>([:])

    package init(
        outside: OutsideEndpoints, functions: any FunctionDirectory,
        retries: RetryPolicy = RetryPolicy(attemptsMax: 5, baseDelay: 0.2, delayMax: 2)
    ) {
        self.outside = outside
        self.functions = functions
        self.retries = retries
    }

    /// Says who takes what goes to functions; until then nothing can go there.
    package func setEvents(_ events: any EventQueue) {
        self.events.withLock { $0 = events }
    }

    package func send(
        _ document: [UInt8], to arn: String, objectKey: String,
        attributes: [(name: String, value: String)], region: String
    ) async throws(ServiceError) {
        if arn.hasPrefix(LocalFile.scheme) {
            return try await files.append(document, to: try LocalFile.path(arn))
        }
        guard let parts = ResourceARN(arn) else { throw Self.unknown(arn) }
        do throws(ServiceError) {
            switch parts.service {
            case "sqs": try await send(document, toQueue: arn, Self.attributes(attributes))
            case "sns":
                try await outside.topics(region: parts.region, retries: retries).publish(
                    Self.text(document), to: arn, attributes: Self.attributes(attributes))
            case "s3":
                try await outside.buckets(region: region, retries: retries).put(
                    document, bucket: parts.resource, key: objectKey,
                    contentType: "application/json")
            case "lambda": try await send(document, toFunction: arn, region: parts.region)
            default: throw Self.unknown(arn)
            }
        } catch {
            var error = error
            // Whoever reads it in a log wants to know where nothing arrived.
            if error.code == OutsideEndpoints.notConfigured {
                error.message += ": \(arn) cannot be reached"
            }
            throw error
        }
    }

    private func send(
        _ document: [UInt8], toQueue arn: String, _ attributes: [MessageAttribute]
    ) async throws(ServiceError) {
        let region = ResourceARN(arn)?.region ?? ""
        let client = try outside.queues(region: region, retries: retries)
        if let known = queues.withLock({ $0[arn] }) {
            do throws(ServiceError) {
                try await client.send(Self.text(document), to: known, attributes: attributes)
                return
            } catch {
                // A queue that was made anew may be elsewhere.
                guard error.code.contains("QueueDoesNotExist") || error.status == 404 else {
                    throw error
                }
                queues.withLock { $0[arn] = nil }
            }
        }
        let queue = try await client.queue(arn: arn)
        try await client.send(Self.text(document), to: queue, attributes: attributes)
        queues.withLock { queues in
            if queues.count >= Self.queueCountMax { queues.removeAll() }
            queues[arn] = queue
        }
    }

    private func send(
        _ document: [UInt8], toFunction arn: String, region: String
    ) async throws(ServiceError) {
        guard let events = events.withLock({ $0 }) else {
            throw ServiceError(
                "ServiceUnavailableException", "functions take no events yet", namespace: .rest,
                status: 503)
        }
        let function = try functions.resolve(arn, qualifier: nil, region: region)
        try await events.enqueue(
            Invocation(
                function: function, payload: document, requestID: RandomIdentifier.uuid()))
    }

    /// Attributes as SQS and SNS take them, which tell numbers from texts and want no empty value.
    ///
    /// Only a dead-letter queue's ErrorCode is a number.
    private static func attributes(
        _ attributes: [(name: String, value: String)]
    ) -> [MessageAttribute] {
        attributes.filter { !$0.value.isEmpty }.map { name, value in
            MessageAttribute(
                name: name, value: value, dataType: name == "ErrorCode" ? "Number" : "String")
        }
    }

    private static func text(_ document: [UInt8]) -> String {
        String(decoding: document, as: UTF8.self)
    }

    private static func unknown(_ arn: String) -> ServiceError {
        ServiceError(
            "InvalidParameterValueException",
            "'\(arn)' is no destination: expected the ARN of a queue, a topic, a bucket or a "
                + "function, or a URL like file:///tmp/failures.jsonl", namespace: .rest)
    }
}
