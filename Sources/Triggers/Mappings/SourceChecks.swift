import Client
import Functions
import Operations

/// What must be there for a mapping to be made: its function, and its stream or queue.
struct SourceChecks: Sendable {
    let environment: TriggersEnvironment
    let queues: any QueueClient

    /// - Throws: InvalidParameterValueException where there is no such function.
    func function(_ name: String, region: String) throws(ServiceError) -> ResolvedFunction {
        do throws(ServiceError) {
            return try environment.functions.resolve(name, qualifier: nil, region: region)
        } catch {
            guard error.code == "ResourceNotFoundException" else { throw error }
            throw MappingRules.refusal("Function does not exist")
        }
    }

    /// - Throws: InvalidParameterValueException where there is no such stream or queue, or where
    ///   the queue shows messages again before the function has had its time.
    func source(
        of mapping: EventSourceMapping, function: ResolvedFunction
    ) async throws(ServiceError) {
        if mapping.isQueue {
            try await queue(of: mapping, function: function)
        } else {
            try await stream(mapping.eventSourceArn, region: mapping.region)
        }
    }

    private func stream(_ arn: String, region: String) async throws(ServiceError) {
        var request = DescribeStreamRequest()
        request.streamArn = arn
        request.limit = 1
        let context = RequestContext(region: region)
        let result = await withCheckedContinuation { continuation in
            environment.operations.handle(.describeStream(request), context: context) {
                continuation.resume(returning: $0)
            }
        }
        if case .failure(let error) = result {
            if error.status >= 500 { throw error }
            throw MappingRules.refusal("Stream not found: \(arn)")
        }
    }

    private func queue(
        of mapping: EventSourceMapping, function: ResolvedFunction
    ) async throws(ServiceError) {
        guard environment.outside.sqs != nil else {
            throw MappingRules.refusal(
                "Queues are not served here: there is no SQS endpoint (--sqs-endpoint).")
        }
        let seconds: Int?
        do throws(ServiceError) {
            let queue = try await queues.queue(arn: mapping.eventSourceArn)
            seconds = try await queues.visibilityTimeout(of: queue)
        } catch {
            throw MappingRules.refusal(
                "Error occurred while ReceiveMessage. SQS Error Code: \(error.code). SQS Error "
                    + "Message: \(error.message)")
        }
        let timeout = function.configuration.timeout
        if let seconds, seconds < timeout {
            throw MappingRules.refusal(
                "Invalid request provided: Queue visibility timeout: \(seconds) seconds is less "
                    + "than Function timeout: \(timeout) seconds")
        }
    }
}
