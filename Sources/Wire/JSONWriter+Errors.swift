internal import Operations

extension JSONWriter {
    /// An error's body: `{"__type":"…#Code","message":"…"}`, and the item if it shows one.
    mutating func error(_ error: ServiceError) {
        beginObject()
        name("__type")
        string(Self.prefix(error.namespace) + error.code)
        if !error.message.isEmpty {
            if Self.hasCapitalMessage(error.code) { name("Message") } else { name("message") }
            string(error.message)
        }
        if let item = error.item {
            name("Item")
            self.item(item)
        }
        endObject()
    }

    private static func prefix(_ namespace: ServiceError.Namespace) -> String {
        switch namespace {
        case .dynamodb: "com.amazonaws.dynamodb.v20120810#"
        case .coralService: "com.amazon.coral.service#"
        case .coralValidate: "com.amazon.coral.validate#"
        }
    }

    /// Whether the message's member begins with a capital: two errors of the generic layer.
    private static func hasCapitalMessage(_ code: String) -> Bool {
        code == "SerializationException" || code == "AccessDeniedException"
    }
}
