internal import Wire

/// Who is told of a bucket's changes, as S3 takes it.
enum NotificationConfiguration {
    /// The element of a list of the JSON form, and what it calls its target in either.
    private static let kinds = [
        (list: "TopicConfigurations", element: "TopicConfiguration", arn: "TopicArn", to: "Topic"),
        (list: "QueueConfigurations", element: "QueueConfiguration", arn: "QueueArn", to: "Queue"),
        (
            list: "LambdaFunctionConfigurations", element: "CloudFunctionConfiguration",
            arn: "LambdaFunctionArn", to: "CloudFunction"
        ),
    ]

    /// The document of a configuration in JSON.
    static func xml(_ configuration: JSONValue, namespace: String) -> String {
        var text = "<NotificationConfiguration xmlns=\"\(namespace)\">"
        for kind in kinds {
            for entry in configuration[kind.list]?.elements ?? [] {
                text += "<\(kind.element)>"
                text += element("Id", entry["Id"]) + element(kind.to, entry[kind.arn])
                for event in entry["Events"]?.elements ?? [] { text += element("Event", event) }
                text += filter(entry["Filter"]) + "</\(kind.element)>"
            }
        }
        if configuration["EventBridgeConfiguration"] != nil {
            text += "<EventBridgeConfiguration></EventBridgeConfiguration>"
        }
        return text + "</NotificationConfiguration>"
    }

    private static func filter(_ filter: JSONValue?) -> String {
        guard let rules = filter?["Key"]?["FilterRules"]?.elements else { return "" }
        let told = rules.map { rule in
            "<FilterRule>\(element("Name", rule["Name"]))\(element("Value", rule["Value"]))"
                + "</FilterRule>"
        }
        return "<Filter><S3Key>\(told.joined())</S3Key></Filter>"
    }

    private static func element(_ name: String, _ value: JSONValue?) -> String {
        guard let text = value?.string else { return "" }
        return "<\(name)>\(XMLElement.escaped(text))</\(name)>"
    }
}
