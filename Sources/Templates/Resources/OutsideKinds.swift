internal import Client
internal import Operations
internal import Wire

/// AWS::SQS::Queue at the endpoint outside; its id is its URL.
struct QueueKind: ResourceKind {
    private static let attributeNames = [
        "VisibilityTimeout", "DelaySeconds", "MaximumMessageSize", "MessageRetentionPeriod",
        "ReceiveMessageWaitTimeSeconds", "RedrivePolicy", "RedriveAllowPolicy", "FifoQueue",
        "ContentBasedDeduplication", "DeduplicationScope", "FifoThroughputLimit",
        "KmsMasterKeyId", "KmsDataKeyReusePeriodSeconds", "SqsManagedSseEnabled",
    ]
    /// What an attribute is when the template has it no longer.
    private static let standards = [
        "VisibilityTimeout": "30", "DelaySeconds": "0", "MaximumMessageSize": "262144",
        "MessageRetentionPeriod": "345600", "ReceiveMessageWaitTimeSeconds": "0",
        "RedrivePolicy": "",
    ]

    /// What the service says where there is no such queue.
    private static let missing: Set<String> = [
        "QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue",
    ]

    private func queues(_ stack: StackView) throws(ServiceError) -> SQSClient {
        try stack.target.outside.queues(region: stack.place.region)
    }

    private func name(_ resource: ResolvedResource, _ stack: StackView) -> String {
        let isFifo = resource.text("FifoQueue") == "true"
        return stack.name(resource, "QueueName", limit: 80, suffix: isFifo ? ".fifo" : "")
    }

    func refusal(_ resource: ResolvedResource, _ stack: StackView) -> String? {
        stack.target.outside.sqs == nil ? "no --sqs-endpoint is given" : nil
    }

    func identify(_ resource: ResolvedResource, _ stack: StackView) async throws -> String? {
        let name = name(resource, stack)
        return try await stack.target.found(Self.missing) { () throws(ServiceError) in
            .string(try await queues(stack).queue(name: name).url)
        }?.string
    }

    func find(
        _ id: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> JSONValue? {
        let queue = SQSClient.Queue(url: id, region: stack.place.region)
        return try await stack.target.found(Self.missing) { () throws(ServiceError) in
            FunctionKind.object(try await queues(stack).attributes(of: queue))
        }
    }

    private static func attributes(_ resource: ResolvedResource) -> [String: String] {
        var attributes: [String: String] = [:]
        for name in attributeNames {
            guard let value = resource[name] else { continue }
            // A redrive policy is an object here and a text there.
            attributes[name] =
                value.plainText ?? String(decoding: value.encoded, as: UTF8.self)
        }
        return attributes
    }

    func create(_ resource: ResolvedResource, _ stack: StackView) async throws -> String {
        let tags = resource.tags()
        return try await queues(stack).createQueue(
            name: name(resource, stack), attributes: Self.attributes(resource), tags: tags
        ).url
    }

    func update(
        _ id: String, _ state: JSONValue, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String {
        var attributes = Self.attributes(resource).filter {
            $0.key != "FifoQueue" && state[$0.key]?.string != $0.value
        }
        let before = stack.record[resource.logicalID]?.properties
        for (name, standard) in Self.standards
        where before?[name] != nil && resource[name] == nil {
            attributes[name] = standard
        }
        if !attributes.isEmpty {
            try await queues(stack).setAttributes(
                attributes, of: SQSClient.Queue(url: id, region: stack.place.region))
        }
        return id
    }

    func delete(_ owned: OwnedResource, _ stack: StackView) async throws {
        let queue = SQSClient.Queue(url: owned.physicalID, region: stack.place.region)
        _ = try await stack.target.found(Self.missing) { () throws(ServiceError) in
            try await queues(stack).deleteQueue(queue)
            return .null
        }
    }

    func attributes(_ id: String, _ state: JSONValue, _ stack: StackView) -> [String: String] {
        let name = id.split(separator: "/").last.map(String.init) ?? id
        return [
            "Arn": state["QueueArn"]?.string ?? stack.place.arn("sqs", name), "QueueName": name,
            "QueueUrl": id,
        ]
    }
}

/// AWS::SNS::Topic at the endpoint outside, with the subscriptions written in it; its id is its
/// ARN.
struct TopicKind: ResourceKind {
    private func topics(_ stack: StackView) throws(ServiceError) -> SNSClient {
        try stack.target.outside.topics(region: stack.place.region)
    }

    func refusal(_ resource: ResolvedResource, _ stack: StackView) -> String? {
        stack.target.outside.sns == nil ? "no --sns-endpoint is given" : nil
    }

    func identify(_ resource: ResolvedResource, _ stack: StackView) async throws -> String? {
        stack.record[resource.logicalID]?.physicalID
    }

    func find(
        _ id: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> JSONValue? {
        let found = try await stack.target.found(["NotFound", "NotFoundException"]) {
            () throws(ServiceError) in
            _ = try await topics(stack).subscriptions(of: id)
            return .object([])
        }
        return found
    }

    func create(_ resource: ResolvedResource, _ stack: StackView) async throws -> String {
        let isFifo = resource.text("FifoTopic") == "true"
        let name = stack.name(resource, "TopicName", limit: 256, suffix: isFifo ? ".fifo" : "")
        var attributes: [String: String] = [:]
        for name in ["DisplayName", "FifoTopic", "ContentBasedDeduplication", "KmsMasterKeyId"] {
            attributes[name] = resource.text(name)
        }
        let arn = try await topics(stack).createTopic(
            name: name, attributes: attributes, tags: resource.tags())
        for subscription in resource["Subscription"]?.elements ?? [] {
            guard let kind = subscription["Protocol"]?.plainText,
                let endpoint = subscription["Endpoint"]?.plainText, kind != "lambda"
            else { continue }
            _ = try await topics(stack).subscribe(endpoint, to: arn, networkProtocol: kind)
        }
        return arn
    }

    /// Making a topic that is there finds it.
    func update(
        _ id: String, _ state: JSONValue, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String { try await create(resource, stack) }

    func delete(_ owned: OwnedResource, _ stack: StackView) async throws {
        try await topics(stack).deleteTopic(owned.physicalID)
    }

    func attributes(_ id: String, _ state: JSONValue, _ stack: StackView) -> [String: String] {
        let name = ResourceARN(id)?.resource ?? id
        return ["TopicArn": id, "Arn": id, "TopicName": name]
    }
}

/// AWS::SNS::Subscription at the endpoint outside; its id is its ARN.
struct SubscriptionKind: ResourceKind {
    private func topics(_ stack: StackView) throws(ServiceError) -> SNSClient {
        try stack.target.outside.topics(region: stack.place.region)
    }

    func refusal(_ resource: ResolvedResource, _ stack: StackView) -> String? {
        if stack.target.outside.sns == nil { return "no --sns-endpoint is given" }
        if resource.text("Protocol") == "lambda" {
            return "topics outside cannot call functions here; put a queue between"
        }
        for property in ["TopicArn", "Endpoint"] {
            if let reason = resource.text(property).flatMap({ stack.skipped[$0] }) {
                return "its \(property) isn't there (\(reason))"
            }
        }
        return nil
    }

    func identify(_ resource: ResolvedResource, _ stack: StackView) async throws -> String? {
        let topic = try resource.required("TopicArn")
        let endpoint = resource.text("Endpoint")
        let all = try await topics(stack).subscriptions(of: topic)
        return all.first {
            $0.endpoint == endpoint && $0.networkProtocol == resource.text("Protocol")
        }?.arn
    }

    func find(
        _ id: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> JSONValue? { .object([]) }

    func create(_ resource: ResolvedResource, _ stack: StackView) async throws -> String {
        var attributes: [String: String] = [:]
        for name in [
            "RawMessageDelivery", "FilterPolicy", "FilterPolicyScope", "RedrivePolicy",
            "DeliveryPolicy",
        ] {
            guard let value = resource[name] else { continue }
            attributes[name] =
                value.plainText ?? String(decoding: value.encoded, as: UTF8.self)
        }
        return try await topics(stack).subscribe(
            try resource.required("Endpoint"), to: try resource.required("TopicArn"),
            networkProtocol: try resource.required("Protocol"), attributes: attributes)
    }

    func update(
        _ id: String, _ state: JSONValue, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String { try await create(resource, stack) }

    /// It goes with its topic; alone, it is taken away.
    func delete(_ owned: OwnedResource, _ stack: StackView) async throws {
        try await topics(stack).unsubscribe(owned.physicalID)
    }

    func attributes(_ id: String, _ state: JSONValue, _ stack: StackView) -> [String: String] {
        ["Arn": id]
    }
}

/// AWS::S3::Bucket at the endpoint outside, with its notifications to queues and topics.
struct BucketKind: ResourceKind {
    private func buckets(_ stack: StackView) throws(ServiceError) -> S3Client {
        try stack.target.outside.buckets(region: stack.place.region)
    }

    func refusal(_ resource: ResolvedResource, _ stack: StackView) -> String? {
        stack.target.outside.s3 == nil ? "no --s3-endpoint is given" : nil
    }

    func identify(_ resource: ResolvedResource, _ stack: StackView) async throws -> String? {
        stack.name(resource, "BucketName", limit: 63, lowercased: true)
    }

    func find(
        _ id: String, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> JSONValue? {
        try await buckets(stack).hasBucket(id) ? .object([]) : nil
    }

    func create(_ resource: ResolvedResource, _ stack: StackView) async throws -> String {
        let name = stack.name(resource, "BucketName", limit: 63, lowercased: true)
        try await buckets(stack).createBucket(name)
        if let configuration = Self.notifications(resource, stack) {
            try await buckets(stack).putNotificationConfiguration(configuration, bucket: name)
        }
        return name
    }

    func update(
        _ id: String, _ state: JSONValue, _ resource: ResolvedResource, _ stack: StackView
    ) async throws -> String {
        let hadAny = stack.record[resource.logicalID]?.properties["NotificationConfiguration"]
        let configuration = Self.notifications(resource, stack)
        if configuration != nil || hadAny != nil {
            try await buckets(stack).putNotificationConfiguration(
                configuration ?? .object([]), bucket: id)
        }
        return id
    }

    /// The notifications as S3 takes them: a template has one event in each.
    private static func notifications(
        _ resource: ResolvedResource, _ stack: StackView
    ) -> JSONValue? {
        guard let given = resource["NotificationConfiguration"] else { return nil }
        var lists: [(String, JSONValue)] = []
        for (list, property, name) in [
            ("QueueConfigurations", "Queue", "QueueArn"),
            ("TopicConfigurations", "Topic", "TopicArn"),
        ] {
            let entries = (given[list]?.elements ?? []).compactMap { entry -> JSONValue? in
                guard let target = entry[property]?.string, stack.skipped[target] == nil else {
                    return nil
                }
                let rules = entry["Filter"]?["S3Key"]?["Rules"]
                return .object(present: [
                    (name, .string(target)), ("Events", entry["Event"].map { .array([$0]) }),
                    (
                        "Filter",
                        rules.map { .object([("Key", .object([("FilterRules", $0)]))]) }
                    ),
                ])
            }
            if !entries.isEmpty { lists.append((list, .array(entries))) }
        }
        return lists.isEmpty ? nil : .object(lists)
    }

    func delete(_ owned: OwnedResource, _ stack: StackView) async throws {
        _ = try await stack.target.found { () throws(ServiceError) in
            try await buckets(stack).deleteBucket(owned.physicalID)
            return .null
        }
    }

    func attributes(_ id: String, _ state: JSONValue, _ stack: StackView) -> [String: String] {
        [
            "Arn": "arn:\(stack.place.partition):s3:::\(id)",
            "DomainName": "\(id).s3.amazonaws.com",
            "RegionalDomainName": "\(id).s3.\(stack.place.region).amazonaws.com",
            "DualStackDomainName": "\(id).s3.dualstack.\(stack.place.region).amazonaws.com",
            "WebsiteURL": "http://\(id).s3-website-\(stack.place.region).amazonaws.com",
        ]
    }
}
