import NIOCore
import NIOHTTP1
import Operations
import Wire

/// The APIs beside DynamoDB's: Lambda's by method and path, CloudWatch Logs' by X-Amz-Target.
extension ConnectionHandler {
    /// The most bytes that a request's body may have: a function's code may be larger than any
    /// request of DynamoDB.
    func bodyBytesMax(_ head: RequestHead) -> Int {
        let limit = loop.configuration.limits.bodyBytesMax
        guard !loop.restHandlers.isEmpty, head.raw.uri != "/" else { return limit }
        let path = head.path
        let method = head.raw.method.rawValue
        for handler in loop.restHandlers where handler.access(method: method, path: path) != nil {
            return max(limit, handler.bodyBytesMax(path: path))
        }
        return limit
    }

    /// Starts a request whose X-Amz-Target belongs to another service.
    ///
    /// - Returns: false where it belongs to none; nothing is answered then.
    func startTargetedREST(_ head: RequestHead, body: ByteBuffer?) -> Bool {
        // Almost every request is DynamoDB's: nobody needs to be asked.
        guard !head.target.utf8.starts(with: "DynamoDB".utf8),
            let handler = loop.restHandlers.first(where: { $0.owns(target: head.target) })
        else { return false }
        start(head, body: body, by: handler, access: .signed)
        return true
    }

    /// Starts a request whose method and path belong to another API.
    ///
    /// - Returns: false where they belong to none; nothing is answered then.
    func startREST(_ head: RequestHead, body: ByteBuffer?) -> Bool {
        let method = head.raw.method.rawValue
        for handler in loop.restHandlers {
            guard let access = handler.access(method: method, path: head.path) else { continue }
            start(head, body: body, by: handler, access: access)
            return true
        }
        return false
    }

    private func start(
        _ head: RequestHead, body: ByteBuffer?, by handler: any RESTHandler, access: RESTAccess
    ) {
        do throws(ServiceError) {
            let unpacked = try decompressed(body, coding: head.contentCoding)
            let scope = try scope(head, body: body, access: access)
            let request = RESTRequest(
                method: head.raw.method.rawValue, path: String(head.path),
                query: QueryParameters(head.query).pairs,
                headers: head.raw.headers.map { (name: $0.name, value: $0.value) },
                body: unpacked.map { Array($0.readableBytesView) } ?? [],
                context: RequestContext(
                    requestID: running?.requestID ?? "",
                    region: scope?.region ?? loop.configuration.defaultRegion,
                    accessKeyID: scope?.accessKeyID ?? "", host: head.host ?? loop.localAddress))
            perform(request, by: handler)
        } catch {
            answer(refusal(error, head))
        }
    }

    /// What the service's front answers, as the API at hand tells errors.
    private func refusal(_ error: ServiceError, _ head: RequestHead) -> RESTResponse {
        var error = error
        error.namespace = .coralService
        guard !isTargeted(head) else {
            return RESTResponse(
                status: error.status, contentType: "application/x-amz-json-1.1",
                body: JSONValue.object([
                    ("__type", .string(error.code)), ("message", .string(error.message)),
                ]).encoded)
        }
        switch error.code {
        case "MissingAuthenticationTokenException", "InvalidSignatureException",
            "UnrecognizedClientException", "IncompleteSignatureException":
            error.status = 403
        default: break
        }
        return RESTResponse(error)
    }

    /// Who asks; nil for somebody unnamed, who is heard where signatures are not verified.
    private func scope(
        _ head: RequestHead, body: ByteBuffer?, access: RESTAccess
    ) throws(ServiceError) -> CredentialScope? {
        guard access == .signed else { return nil }
        let isUnsigned = head.authorization == nil && !head.query.contains("X-Amz-Signature")
        if loop.configuration.credentials.isEmpty, isUnsigned { return nil }
        let service =
            if head.path.hasPrefix(AdministrationCodec.pathPrefix) {
                "dynamodb"
            } else {
                isTargeted(head) ? "logs" : "lambda"
            }
        return try authenticate(head, body: body, service: service)
    }

    private func isTargeted(_ head: RequestHead) -> Bool {
        head.path.isEmpty || head.path == "/"
    }

    private func perform(_ request: RESTRequest, by handler: any RESTHandler) {
        let completion = completion(of: RESTResponse.self) { $0.answer($1) }
        handler.handle(request, completion: completion)
    }

    /// Writes the answer of the running request, which then runs no more.
    private func answer(_ response: RESTResponse) {
        guard let request = takeRunning() else { return }
        let closes = closesAfter(request, lingers: false)
        var lines = HTTPHeaders()
        lines.add(name: "Content-Type", value: response.contentType)
        for header in response.headers { lines.add(name: header.name, value: header.value) }
        // A handler may have an id of its own: that of an invocation, which the function sees too.
        if !lines.contains(name: "x-amzn-RequestId") {
            lines.add(name: "x-amzn-RequestId", value: request.requestID)
        }
        var buffer = takeOutput()
        let status = HTTPResponseStatus(statusCode: response.status)
        buffer.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
        _ = loop.withServerAndDateLines { lines in buffer.writeBytes(lines) }
        for (name, value) in lines {
            buffer.writeString("\(name): \(Self.singleLine(value))\r\n")
        }
        if request.head?.hasOrigin ?? false {
            buffer.writeStaticString(ResponseHead.allowOriginLines)
        }
        let hasBody = request.head?.raw.method != .HEAD && response.status != 204
        if response.status != 204 {
            buffer.writeString("Content-Length: \(response.body.count)\r\n")
        }
        buffer.writeStaticString(
            closes ? "Connection: close\r\n\r\n" : "Connection: keep-alive\r\n\r\n")
        if hasBody { buffer.writeBytes(response.body) }
        output = buffer
        log(request, status: response.status, byteCount: response.body.count)
        if closes {
            closeAfterWrites(lingers: false)
        } else {
            setDeadlineForInput()
        }
    }

    /// A header's value without line ends, which would begin another header.
    private static func singleLine(_ value: String) -> String {
        guard value.utf8.contains(where: { $0 < 0x20 }) else { return value }
        return String(decoding: value.utf8.map { $0 < 0x20 ? 0x20 : $0 }, as: UTF8.self)
    }
}
