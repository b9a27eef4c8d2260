package import Operations

/// Calls topics: SNS itself, or what speaks its protocol.
package struct SNSClient: Sendable {
    private let client: ServiceClient

    package init(_ client: ServiceClient) {
        self.client = client
    }

    /// Publishes a message, in the region that the topic's ARN names.
    ///
    /// - Returns: the message's id.
    @discardableResult
    package func publish(
        _ message: String, to topicArn: String, subject: String? = nil,
        attributes: [MessageAttribute] = []
    ) async throws(ServiceError) -> String {
        var form = [(name: "TopicArn", value: topicArn), (name: "Message", value: message)]
        if let subject { form.append((name: "Subject", value: subject)) }
        for (number, attribute) in attributes.enumerated() {
            let prefix = "MessageAttributes.entry.\(number + 1)"
            form += [
                (name: "\(prefix).Name", value: attribute.name),
                (name: "\(prefix).Value.DataType", value: attribute.dataType),
                (name: "\(prefix).Value.StringValue", value: attribute.value),
            ]
        }
        let answer = try await client.call(
            .sns, "Publish", form: form, region: ResourceARN(topicArn)?.region)
        return answer["PublishResult"]?["MessageId"]?.text ?? ""
    }

    /// Makes a topic, or finds the one that there is.
    ///
    /// - Returns: its ARN.
    package func createTopic(
        name: String, attributes: [String: String] = [:], tags: [String: String] = [:]
    ) async throws(ServiceError) -> String {
        var form = [(name: "Name", value: name)] + Self.entries(attributes)
        for (number, tag) in tags.sorted(by: { $0.key < $1.key }).enumerated() {
            form += [
                (name: "Tags.member.\(number + 1).Key", value: tag.key),
                (name: "Tags.member.\(number + 1).Value", value: tag.value),
            ]
        }
        let answer = try await client.call(.sns, "CreateTopic", form: form)
        guard let arn = answer["CreateTopicResult"]?["TopicArn"]?.text, !arn.isEmpty else {
            throw ConnectionFault.unreadable("An answer without a TopicArn")
        }
        return arn
    }

    package func deleteTopic(_ topicArn: String) async throws(ServiceError) {
        _ = try await client.call(
            .sns, "DeleteTopic", form: [("TopicArn", topicArn)],
            region: ResourceARN(topicArn)?.region)
    }

    /// Ends a subscription; one that isn't there is nobody's loss.
    package func unsubscribe(_ subscriptionArn: String) async throws(ServiceError) {
        _ = try await client.call(
            .sns, "Unsubscribe", form: [("SubscriptionArn", subscriptionArn)],
            region: ResourceARN(subscriptionArn)?.region)
    }

    /// Sends what is published to a subscriber.
    ///
    /// - Parameters:
    ///   - networkProtocol: `sqs`, `lambda`, `http` …
    ///   - endpoint: the subscriber; a queue's ARN.
    ///   - attributes: RawMessageDelivery, FilterPolicy …
    /// - Returns: the subscription's ARN.
    package func subscribe(
        _ endpoint: String, to topicArn: String, networkProtocol: String = "sqs",
        attributes: [String: String] = [:]
    ) async throws(ServiceError) -> String {
        let form = [
            (name: "TopicArn", value: topicArn), (name: "Protocol", value: networkProtocol),
            (name: "Endpoint", value: endpoint), (name: "ReturnSubscriptionArn", value: "true"),
        ]
        let answer = try await client.call(
            .sns, "Subscribe", form: form + Self.entries(attributes),
            region: ResourceARN(topicArn)?.region)
        return answer["SubscribeResult"]?["SubscriptionArn"]?.text ?? ""
    }

    /// The subscriptions of a topic, page after page.
    package func subscriptions(
        of topicArn: String
    ) async throws(ServiceError) -> [(arn: String, networkProtocol: String, endpoint: String)] {
        var found: [(arn: String, networkProtocol: String, endpoint: String)] = []
        var next: String?
        // A hundred to a page.
        for _ in 0..<1_000 {
            var form = [(name: "TopicArn", value: topicArn)]
            if let next { form.append((name: "NextToken", value: next)) }
            let answer = try await client.call(
                .sns, "ListSubscriptionsByTopic", form: form,
                region: ResourceARN(topicArn)?.region)
            let result = answer["ListSubscriptionsByTopicResult"]
            for member in result?["Subscriptions"]?.children(named: "member") ?? [] {
                found.append(
                    (
                        arn: member["SubscriptionArn"]?.text ?? "",
                        networkProtocol: member["Protocol"]?.text ?? "",
                        endpoint: member["Endpoint"]?.text ?? ""
                    ))
            }
            next = result?["NextToken"]?.text
            if next?.isEmpty ?? true { break }
        }
        return found
    }

    private static func entries(
        _ attributes: [String: String]
    ) -> [(name: String, value: String)] {
        attributes.sorted { $0.key < $1.key }.enumerated().flatMap { number, attribute in
            [
                (name: "Attributes.entry.\(number + 1).key", value: attribute.key),
                (name: "Attributes.entry.\(number + 1).value", value: attribute.value),
            ]
        }
    }
}
