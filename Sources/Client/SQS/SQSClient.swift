package import Operations
internal import Wire

/// Calls queues: SQS itself, or what speaks its JSON protocol.
///
/// All requests go to the endpoint, and a queue is named by the URL that the server gave: the host
/// in it may be one that isn't reached from here, so nobody is asked there.
package struct SQSClient: Sendable {
    private let client: ServiceClient

    package init(_ client: ServiceClient) {
        self.client = client
    }

    /// A queue that was found.
    package struct Queue: Sendable, Hashable {
        package var url: String
        /// Where requests for it are signed for.
        package var region: String

        package init(url: String, region: String) {
            self.url = url
            self.region = region
        }
    }

    // MARK: Queues

    /// The queue with an ARN, in the region and the account that the ARN names.
    ///
    /// - Throws: `QueueDoesNotExist` where there is none; InvalidParameterValueException for what
    ///   is no queue's ARN.
    package func queue(arn: String) async throws(ServiceError) -> Queue {
        guard let parts = ResourceARN(arn), parts.service == "sqs" else {
            throw ServiceError(
                "InvalidParameterValueException", "'\(arn)' is no ARN of a queue",
                namespace: .rest)
        }
        return try await queue(
            name: parts.resource, accountID: parts.accountID, region: parts.region)
    }

    /// The queue with a name; nil: the account of the credentials.
    package func queue(
        name: String, accountID: String? = nil, region: String? = nil
    ) async throws(ServiceError) -> Queue {
        let region = region ?? client.region
        let answer = try await client.call(
            .sqs, "GetQueueUrl",
            .object(present: [
                ("QueueName", .string(name)),
                ("QueueOwnerAWSAccountId", accountID.map { .string($0) }),
            ]), region: region)
        return Queue(url: try Self.url(answer), region: region)
    }

    /// Makes a queue, or finds the one that there is with the same attributes.
    ///
    /// - Throws: `QueueNameExists` where there is one with others.
    package func createQueue(
        name: String, attributes: [String: String] = [:], tags: [String: String] = [:]
    ) async throws(ServiceError) -> Queue {
        let answer = try await client.call(
            .sqs, "CreateQueue",
            .object(present: [
                ("QueueName", .string(name)),
                ("Attributes", attributes.isEmpty ? nil : Self.object(attributes)),
                ("tags", tags.isEmpty ? nil : Self.object(tags)),
            ]))
        return Queue(url: try Self.url(answer), region: client.region)
    }

    package func deleteQueue(_ queue: Queue) async throws(ServiceError) {
        _ = try await call("DeleteQueue", queue)
    }

    /// All attributes of a queue: QueueArn, VisibilityTimeout and so on.
    package func attributes(of queue: Queue) async throws(ServiceError) -> [String: String] {
        let answer = try await call(
            "GetQueueAttributes", queue, [("AttributeNames", .array([.string("All")]))])
        return Self.texts(answer["Attributes"])
    }

    package func setAttributes(
        _ attributes: [String: String], of queue: Queue
    ) async throws(ServiceError) {
        _ = try await call(
            "SetQueueAttributes", queue, [("Attributes", Self.object(attributes))])
    }

    // MARK: Messages

    /// Takes messages, with all their attributes.
    ///
    /// - Parameters:
    ///   - maximum: 1…10.
    ///   - waitSeconds: how long to wait for the first, 0…20. A call waits that much longer for
    ///     its answer.
    ///   - visibilityTimeout: seconds until they are given to somebody else; nil: the queue's own.
    package func receive(
        from queue: Queue, maximum: Int = 10, waitSeconds: Int = 0, visibilityTimeout: Int? = nil
    ) async throws(ServiceError) -> [QueueMessage] {
        let all = JSONValue.array([.string("All")])
        var parameters: [(String, JSONValue)] = [
            ("MaxNumberOfMessages", .number("\(maximum)")),
            ("WaitTimeSeconds", .number("\(waitSeconds)")),
            // The older name is the only one that some servers know.
            ("AttributeNames", all), ("MessageSystemAttributeNames", all),
            ("MessageAttributeNames", all),
        ]
        if let visibilityTimeout {
            parameters.append(("VisibilityTimeout", .number("\(visibilityTimeout)")))
        }
        let answer = try await call(
            "ReceiveMessage", queue, parameters, timeout: Double(waitSeconds) + 30)
        guard let messages = answer["Messages"], !messages.isNull else { return [] }
        return (messages.elements ?? []).compactMap { QueueMessage($0) }
    }

    /// Sends a message.
    ///
    /// - Parameters:
    ///   - groupID: of queues that keep order; messages are told apart by their content then.
    /// - Returns: the message's id.
    @discardableResult
    package func send(
        _ body: String, to queue: Queue, attributes: [MessageAttribute] = [],
        groupID: String? = nil, deduplicationID: String? = nil
    ) async throws(ServiceError) -> String {
        let told = attributes.map { attribute in
            (
                attribute.name,
                JSONValue.object([
                    ("DataType", .string(attribute.dataType)),
                    ("StringValue", .string(attribute.value)),
                ])
            )
        }
        var parameters: [(String, JSONValue)] = [("MessageBody", .string(body))]
        if !told.isEmpty { parameters.append(("MessageAttributes", .object(told))) }
        if let groupID { parameters.append(("MessageGroupId", .string(groupID))) }
        if let deduplicationID {
            parameters.append(("MessageDeduplicationId", .string(deduplicationID)))
        }
        return try await call("SendMessage", queue, parameters)["MessageId"]?.string ?? ""
    }

    /// Deletes messages, ten to a request.
    ///
    /// - Returns: those that could not be deleted, with the reason.
    package func delete(
        _ receiptHandles: [String], from queue: Queue
    ) async throws(ServiceError) -> [BatchFailure] {
        try await batch("DeleteMessageBatch", receiptHandles, queue, [])
    }

    /// Sets when messages are given to somebody else: in so many seconds, 0 at once; ten to a
    /// request.
    ///
    /// - Returns: those that could not be changed, with the reason.
    package func changeVisibility(
        of receiptHandles: [String], in queue: Queue, to seconds: Int
    ) async throws(ServiceError) -> [BatchFailure] {
        try await batch(
            "ChangeMessageVisibilityBatch", receiptHandles, queue,
            [("VisibilityTimeout", .number("\(seconds)"))])
    }

    /// A message of a batch that was refused.
    package struct BatchFailure: Sendable, Hashable {
        package var receiptHandle: String
        package var code: String
        package var message: String

        package init(receiptHandle: String, code: String, message: String) {
            self.receiptHandle = receiptHandle
            self.code = code
            self.message = message
        }
    }

    private func batch(
        _ operation: String, _ handles: [String], _ queue: Queue,
        _ parameters: [(String, JSONValue)]
    ) async throws(ServiceError) -> [BatchFailure] {
        var failures: [BatchFailure] = []
        var start = 0
        while start < handles.count {
            let slice = Array(handles[start..<min(start + 10, handles.count)])
            let entries = slice.enumerated().map { number, handle in
                JSONValue.object(
                    [("Id", .string("\(number)")), ("ReceiptHandle", .string(handle))]
                        + parameters)
            }
            let answer = try await call(operation, queue, [("Entries", .array(entries))])
            for failed in answer["Failed"]?.elements ?? [] {
                guard let number = failed["Id"]?.string.flatMap({ Int($0) }),
                    slice.indices.contains(number)
                else { continue }
                failures.append(
                    BatchFailure(
                        receiptHandle: slice[number], code: failed["Code"]?.string ?? "",
                        message: failed["Message"]?.string ?? ""))
            }
            start += slice.count
        }
        return failures
    }

    // MARK: Calls

    private func call(
        _ operation: String, _ queue: Queue, _ parameters: [(String, JSONValue)] = [],
        timeout: Double = 30
    ) async throws(ServiceError) -> JSONValue {
        try await client.call(
            .sqs, operation, .object([("QueueUrl", .string(queue.url))] + parameters),
            region: queue.region, timeout: timeout)
    }

    private static func url(_ answer: JSONValue) throws(ServiceError) -> String {
        guard let url = answer["QueueUrl"]?.string else {
            throw ConnectionFault.unreadable("An answer without a QueueUrl")
        }
        return url
    }

    private static func object(_ texts: [String: String]) -> JSONValue {
        .object(texts.sorted { $0.key < $1.key }.map { ($0.key, .string($0.value)) })
    }

    private static func texts(_ object: JSONValue?) -> [String: String] {
        var texts: [String: String] = [:]
        for (name, value) in object?.members ?? [] {
            if let text = value.string { texts[name] = text }
        }
        return texts
    }
}
