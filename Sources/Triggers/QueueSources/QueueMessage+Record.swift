import Client
import Wire

extension QueueMessage {
    /// The message as a record of the event that the function gets.
    func record(of eventSourceArn: String, region: String) -> JSONValue {
        let attributes = attributes.sorted { $0.key < $1.key }
        return .object(present: [
            ("messageId", .string(messageID)),
            ("receiptHandle", .string(receiptHandle)),
            ("body", .string(body)),
            ("attributes", .object(attributes.map { ($0.key, .string($0.value)) })),
            (
                "messageAttributes",
                .object(messageAttributes.map { ($0.name, Self.told($0.value)) })
            ),
            ("md5OfMessageAttributes", md5OfMessageAttributes.map { .string($0) }),
            ("md5OfBody", .string(md5OfBody)),
            ("eventSource", .string("aws:sqs")),
            ("eventSourceARN", .string(eventSourceArn)),
            ("awsRegion", .string(region)),
        ])
    }

    private static func told(_ attribute: JSONValue) -> JSONValue {
        .object(present: [
            ("stringValue", attribute["StringValue"]),
            ("binaryValue", attribute["BinaryValue"]),
            ("stringListValues", .array([])),
            ("binaryListValues", .array([])),
            ("dataType", attribute["DataType"]),
        ])
    }
}
