internal import Operations

extension JSONWriter {
    /// An error's body: `{"__type":"…#Code","message":"…"}`, and what its shape has beside.
    mutating func error(_ error: ServiceError) {
        beginObject()
        name("__type")
        string(Self.prefix(error.namespace) + error.code)
        if let reasons = error.cancellationReasons {
            name("CancellationReasons")
            list(reasons) { writer, reason in writer.cancellationReason(reason) }
        }
        if !error.message.isEmpty {
            if Self.hasCapitalMessage(error.code) { name("Message") } else { name("message") }
            string(error.message)
        }
        member("Item", item: error.item)
        if let reasons = error.throttlingReasons {
            // The shape of one error spells it otherwise than those of the others.
            let isSmall = error.code == "ThrottlingException"
            if isSmall { name("throttlingReasons") } else { name("ThrottlingReasons") }
            list(reasons) { writer, reason in
                writer.beginObject()
                writer.member("reason", reason.reason)
                writer.member("resource", reason.resource)
                writer.endObject()
            }
        }
        endObject()
    }

    private static func prefix(_ namespace: ServiceError.Namespace) -> String {
        switch namespace {
        case .dynamodb: "com.amazonaws.dynamodb.v20120810#"
        case .coralService: "com.amazon.coral.service#"
        case .coralValidate: "com.amazon.coral.validate#"
        case .rest: ""
        }
    }

    /// Whether the message's member begins with a capital.
    ///
    /// So it is in two errors of the generic layer and in those of transactions.
    private static func hasCapitalMessage(_ code: String) -> Bool {
        switch code {
        case "SerializationException", "AccessDeniedException",
            "IdempotentParameterMismatchException", "TransactionCanceledException",
            "TransactionInProgressException":
            true
        default: false
        }
    }

    private mutating func cancellationReason(_ reason: CancellationReason) {
        beginObject()
        member("Code", reason.code)
        member("Item", item: reason.item)
        member("Message", reason.message)
        endObject()
    }
}
