package import Wire

/// A message as a queue gave it.
package struct QueueMessage: Sendable {
    package var messageID: String
    /// What deletes it.
    package var receiptHandle: String
    package var body: String
    package var md5OfBody: String
    /// SentTimestamp, ApproximateReceiveCount, SenderId and so on.
    package var attributes: [String: String]
    /// Values by name, with the members of SQS: StringValue, BinaryValue (Base64), DataType.
    package var messageAttributes: [(name: String, value: JSONValue)]
    package var md5OfMessageAttributes: String?

    package init(
        messageID: String, receiptHandle: String, body: String, md5OfBody: String = "",
        attributes: [String: String] = [:],
        messageAttributes: [(name: String, value: JSONValue)] = [],
        md5OfMessageAttributes: String? = nil
    ) {
        self.messageID = messageID
        self.receiptHandle = receiptHandle
        self.body = body
        self.md5OfBody = md5OfBody
        self.attributes = attributes
        self.messageAttributes = messageAttributes
        self.md5OfMessageAttributes = md5OfMessageAttributes
    }

    /// nil for what has no id, handle or body.
    init?(_ message: JSONValue) {
        guard let id = message["MessageId"]?.string,
            let handle = message["ReceiptHandle"]?.string, let body = message["Body"]?.string
        else { return nil }
        messageID = id
        receiptHandle = handle
        self.body = body
        md5OfBody = message["MD5OfBody"]?.string ?? ""
        attributes = [:]
        for (name, value) in message["Attributes"]?.members ?? [] {
            if let text = value.string { attributes[name] = text }
        }
        messageAttributes = (message["MessageAttributes"]?.members ?? []).map {
            (name: $0.0, value: $0.1)
        }
        md5OfMessageAttributes = message["MD5OfMessageAttributes"]?.string
    }
}

/// An attribute of a message of a queue or a topic.
package struct MessageAttribute: Sendable, Hashable {
    package var name: String
    package var value: String
    /// `String` or `Number`.
    package var dataType: String

    package init(name: String, value: String, dataType: String = "String") {
        self.name = name
        self.value = value
        self.dataType = dataType
    }
}
