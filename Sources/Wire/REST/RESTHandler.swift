package import Operations

/// A request to an API that stands beside DynamoDB's on the same port: told by method and path
/// (Lambda), or by another service's X-Amz-Target (CloudWatch Logs).
package struct RESTRequest: Sendable {
    /// In capitals: GET, POST, PUT, DELETE, PATCH, HEAD.
    package var method: String
    /// As it was sent, percent escapes and all, without the query.
    package var path: String
    /// The query's names and values, decoded, in order.
    package var query: [(name: String, value: String)]
    package var headers: [(name: String, value: String)]
    /// Decompressed.
    package var body: [UInt8]
    package var context: RequestContext

    package init(
        method: String, path: String, query: [(name: String, value: String)] = [],
        headers: [(name: String, value: String)] = [], body: [UInt8] = [],
        context: RequestContext = RequestContext()
    ) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
        self.context = context
    }

    /// The first value of a header, whose name counts in any case.
    package func header(_ name: String) -> String? {
        let name = name.lowercased()
        return headers.first { $0.name.lowercased() == name }?.value
    }

    /// The first value of a name of the query.
    package func parameter(_ name: String) -> String? {
        query.first { $0.name == name }?.value
    }

    /// The path's segments, decoded: an ARN may stand in one, its colons and slashes escaped.
    package var segments: [String] {
        path.split(separator: "/").map { PercentText.decoded($0) }
    }
}

/// What is answered to a `RESTRequest`.
package struct RESTResponse: Sendable {
    package var status: Int
    package var contentType: String
    /// Beside those that every answer has.
    package var headers: [(name: String, value: String)]
    package var body: [UInt8]

    package init(
        status: Int = 200, contentType: String = "application/json",
        headers: [(name: String, value: String)] = [], body: [UInt8] = []
    ) {
        self.status = status
        self.contentType = contentType
        self.headers = headers
        self.body = body
    }

    /// A JSON body.
    package init(status: Int = 200, json: JSONValue) {
        self.init(status: status, body: json.encoded)
    }

    /// An error as REST APIs of the service tell it: the type in a header, the message in a body.
    ///
    ///     x-amzn-ErrorType: ResourceNotFoundException
    ///     {"Type":"User","Message":"Function not found: arn:aws:lambda:…"}
    package init(_ error: ServiceError) {
        let isServerFault = error.status >= 500
        var members: [(String, JSONValue)] = []
        // Errors of the front (signature, validation) have a message alone.
        if error.namespace != .coralService, error.namespace != .coralValidate {
            members.append(("Type", .string(isServerFault ? "Service" : "User")))
        }
        if let reason = error.reason { members.append(("Reason", .string(reason))) }
        members.append((Self.messageName(error), .string(error.message)))
        self.init(
            status: error.status, headers: [("x-amzn-ErrorType", error.code)],
            body: JSONValue.object(members).encoded)
    }

    /// Lambda's model spells the message of a few errors with a capital.
    private static func messageName(_ error: ServiceError) -> String {
        switch error.code {
        case "ResourceNotFoundException", "ServiceException", "CodeVerificationFailedException",
            "CodeSigningConfigNotFoundException", "InvalidCodeSignatureException",
            "PreconditionFailedException", "ProvisionedConcurrencyConfigNotFoundException",
            "InvalidRuntimeException", "KMSDisabledException", "AccessDeniedException":
            "Message"
        default: "message"
        }
    }
}

/// Whether a request must be signed where the server verifies signatures.
package enum RESTAccess: Sendable {
    case signed
    /// Open to everybody: what carries its own proof, a download link say.
    case open
}

/// Whoever answers an API beside DynamoDB's.
package protocol RESTHandler: Sendable {
    /// Whether requests with a method and path are its own; nil where they are not.
    func access(method: String, path: Substring) -> RESTAccess?
    /// Whether it answers `POST /` with an X-Amz-Target, `Logs_20140328.FilterLogEvents` say.
    func owns(target: String) -> Bool
    /// The most bytes that a body may have, for a path of its own.
    func bodyBytesMax(path: Substring) -> Int
    /// Answers a request. Never blocks the caller; the completion is called exactly once.
    func handle(
        _ request: RESTRequest, completion: @escaping @Sendable (RESTResponse) -> Void)
}

extension RESTHandler {
    package func owns(target: String) -> Bool { false }
    package func bodyBytesMax(path: Substring) -> Int { Limits.requestBodyBytesMax }
}

/// Percent escapes of paths and queries (RFC 3986).
package enum PercentText {
    /// Escapes resolved; a broken one stays as it is.
    package static func decoded(_ text: Substring) -> String {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "%"), index + 2 < bytes.count,
                let high = digit(bytes[index + 1]), let low = digit(bytes[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// Everything escaped but letters, digits and `-_.~`, and what is kept beside (`/` in a path).
    package static func encoded(_ text: String, keeping kept: String = "") -> String {
        var result: [UInt8] = []
        let digits = Array("0123456789ABCDEF".utf8)
        let alsoKept = Array(kept.utf8)
        for byte in text.utf8 {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"), UInt8(ascii: "_"),
                UInt8(ascii: "."), UInt8(ascii: "~"):
                result.append(byte)
            case let byte where alsoKept.contains(byte):
                result.append(byte)
            default:
                result += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
