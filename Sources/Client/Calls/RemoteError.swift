internal import Operations
internal import Wire

/// What a service's refusal tells, whatever its protocol.
enum RemoteError {
    /// The error of an answer whose status is no success.
    static func read(_ response: ServiceResponse, service: Service) -> ServiceError {
        var code: String?
        var message: String?
        var reason: String?
        if response.body.first == UInt8(ascii: "<") {
            (code, message) = xml(response.body)
        } else if let json = try? JSONValue(parsing: response.body) {
            code = json["__type"]?.string ?? json["code"]?.string ?? json["Code"]?.string
            message =
                json["message"]?.string ?? json["Message"]?.string
                ?? json["errorMessage"]?.string
            reason = json["Reason"]?.string
        }
        code = response.header("x-amzn-ErrorType") ?? code
        let text = String(decoding: response.body.prefix(500), as: UTF8.self)
        var error = ServiceError(
            code.map(bare) ?? "\(response.status)",
            message ?? (text.isEmpty ? "\(response.status)" : text), namespace: .rest,
            status: response.status)
        error.reason = reason
        switch service {
        case .dynamodb, .dynamodbStreams: error.namespace = .dynamodb
        default: break
        }
        return error
    }

    /// The name alone of `com.amazonaws.sqs#QueueDoesNotExist` or `Name:http://…`.
    private static func bare(_ code: String) -> String {
        let name = code.prefix { $0 != ":" }
        return String(name.split(separator: "#").last ?? name)
    }

    /// The code and message of an error of S3, or of a service that answers XML.
    private static func xml(_ body: [UInt8]) -> (code: String?, message: String?) {
        guard let root = XMLElement(parsing: body) else { return (nil, nil) }
        let error =
            root.name == "Error" ? root : root["Error"] ?? root["Errors"]?["Error"]
        return (error?["Code"]?.text, error?["Message"]?.text)
    }
}
