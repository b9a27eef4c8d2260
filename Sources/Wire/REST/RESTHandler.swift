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

extension RESTHandler {
    /// Answers in a task, for handlers that wait; connections bound how many there are.
    package func respond(
        _ completion: @escaping @Sendable (RESTResponse) -> Void,
        _ answer: @escaping @Sendable () async throws(ServiceError) -> RESTResponse
    ) {
        Task {
            do throws(ServiceError) {
                completion(try await answer())
            } catch {
                completion(RESTResponse(error))
            }
        }
    }
}
