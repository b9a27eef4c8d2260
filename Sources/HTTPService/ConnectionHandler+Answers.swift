import Logging
import NIOCore
import NIOHTTP1
import Operations
import Wire

/// The output's side of a connection: running requests and writing what they come to.
extension ConnectionHandler {
    /// Answers requests until one has to be waited for, or none is left.
    func runQueue() {
        // A request answered at once ends up here again; the loop below goes on for it.
        guard !isRunningQueue, let context else { return }
        isRunningQueue = true
        while running == nil, !isClosing, context.channel.isWritable,
            let request = nextRequest()
        {
            start(request)
            if let output, output.readableBytes >= loop.configuration.limits.flushBytesMin {
                flush()
            }
        }
        isRunningQueue = false
        guard !isClosing else { return }
        if running == nil {
            sendContinueIfDue()
            endIfDone()
        }
        flushUnlessReading()
        resumeReading()
    }

    private func start(_ request: ReadyRequest) {
        runningNumber += 1
        running = RunningRequest(
            number: runningNumber, head: request.head, requestID: loop.makeRequestID())
        deadline = .distantFuture
        if let refusal = request.refusal {
            answer(refusal, lingers: true)
            return
        }
        guard let head = request.head else { return }
        switch head.raw.method {
        case .POST where isRoot(head):
            if !loop.restHandlers.isEmpty, startTargetedREST(head, body: request.body) { break }
            startPost(head, body: request.body)
        case .GET where isRoot(head):
            let host = head.host ?? loop.localAddress
            answer(text: "healthy: \(host) ", contentType: "text/plain")
        case .GET where head.path == "/health":
            answer(text: #"{"status":"ok"}"#, contentType: "application/json")
        case .OPTIONS where head.hasOrigin:
            answerPreflight(head)
        case _ where startREST(head, body: request.body):
            break
        case let method where startAdministration(method, head, body: request.body):
            break
        default:
            answerNotFound()
        }
    }

    private func isRoot(_ head: RequestHead) -> Bool {
        head.raw.uri == "/" || head.path == "/" || head.path.isEmpty
    }

    private func startPost(_ head: RequestHead, body: ByteBuffer?) {
        switch head.contentType {
        case .json10, .json11:
            startOperation(head, body: body)
        case .plainJSON:
            answerPlainJSON(head, body: body)
        case .other:
            answerNotFound()
        }
    }

    /// The generic layer reads plain JSON, in which it knows no operation.
    private func answerPlainJSON(_ head: RequestHead, body: ByteBuffer?) {
        do throws(ServiceError) {
            let unpacked = try decompressed(body, coding: head.contentCoding)
            let isJSON = unpacked?.withUnsafeReadableBytes(WireCodec.isJSON) ?? false
            answer(
                text: isJSON
                    ? #"{"Output":{"__type":"com.amazon.coral.service#UnknownOperationException","#
                        + #""message":null},"Version":"1.0"}"#
                    : #"{"Output":{"__type":"com.amazon.coral.service#SerializationException","#
                        + #""Message":null},"Version":"1.0"}"#,
                status: isJSON ? 404 : 400, contentType: "application/json")
        } catch {
            answer(error)
        }
    }

    private func startOperation(_ head: RequestHead, body: ByteBuffer?) {
        let operation: OperationRequest
        let scope: CredentialScope
        do throws(ServiceError) {
            let unpacked = try decompressed(body, coding: head.contentCoding)
            // In the service's order: a body that isn't JSON (which is told without a message) and
            // an operation that isn't known come before the signature, everything else after it.
            let decoded = decode(head.target, unpacked)
            if case .failure(let error) = decoded,
                error.code == "UnknownOperationException"
                    || error.code == "SerializationException" && error.message.isEmpty
            {
                throw error
            }
            scope = try authenticate(head, body: body)
            operation = try decoded.get()
        } catch {
            answer(error)
            return
        }
        let context = RequestContext(
            requestID: running?.requestID ?? "", region: scope.region,
            accessKeyID: scope.accessKeyID, host: head.host ?? loop.localAddress)
        perform(operation, context: context)
    }

    private func perform(_ operation: OperationRequest, context: RequestContext) {
        let completion = completion(of: Result<OperationOutcome, ServiceError>.self) {
            $0.answer($1)
        }
        loop.handler.handle(operation, context: context, completion: completion)
    }

    private func answer(_ result: Result<OperationOutcome, ServiceError>) {
        switch result {
        case .success(let outcome):
            loop.withBodyScratch { body in
                WireCodec.encode(outcome.response, into: &body)
                body.withUnsafeBytes { answer($0) }
            }
        case .failure(let error):
            answer(error)
        }
    }

    /// What the running request's work is to call, once and on any thread, with its outcome: that
    /// is answered on the event loop, and the next request begun.
    func completion<Outcome: Sendable>(
        of: Outcome.Type, answering: @escaping @Sendable (ConnectionHandler, Outcome) -> Void
    ) -> @Sendable (Outcome) -> Void {
        loop.runningOperationCount += 1
        let eventLoop = loop.eventLoop
        let number = runningNumber
        let connection = NIOLoopBound(self, eventLoop: eventLoop)
        return { outcome in
            if eventLoop.inEventLoop {
                connection.value.complete(outcome, number: number, answering)
            } else {
                eventLoop.execute {
                    connection.value.complete(outcome, number: number, answering)
                }
            }
        }
    }

    private func complete<Outcome>(
        _ outcome: Outcome, number: UInt64, _ answering: (ConnectionHandler, Outcome) -> Void
    ) {
        guard running?.number == number else { return }
        loop.runningOperationCount -= 1
        answering(self, outcome)
        runQueue()
    }

    private func decode(
        _ target: String, _ body: ByteBuffer?
    ) -> Result<OperationRequest, ServiceError> {
        func decode(_ bytes: UnsafeRawBufferPointer) -> Result<OperationRequest, ServiceError> {
            do throws(ServiceError) {
                return .success(try WireCodec.decode(target: target, body: bytes))
            } catch {
                return .failure(error)
            }
        }
        guard let body else { return decode(UnsafeRawBufferPointer(start: nil, count: 0)) }
        return body.withUnsafeReadableBytes(decode)
    }

    func decompressed(
        _ body: ByteBuffer?, coding: ContentCoding
    ) throws(ServiceError) -> ByteBuffer? {
        guard coding != .identity, let body else { return body }
        guard coding != .unsupported else { throw .unreadableContentEncoding }
        let limit = loop.configuration.limits.bodyBytesMax
        do throws(InflateError) {
            return try RequestDecompressor.inflate(body, coding: coding, limit: limit)
        } catch {
            switch error {
            case .tooLarge: throw .bodyTooLarge(limit: limit)
            case .corrupt: throw .unreadableContentEncoding
            }
        }
    }

    /// Who asks; verified where the server has credentials to verify with.
    func authenticate(
        _ head: RequestHead, body: ByteBuffer?, service: String = "dynamodb"
    ) throws(ServiceError) -> CredentialScope {
        let verifies = !loop.configuration.credentials.isEmpty
        let signature = try Signature.read(head, requiresDate: verifies)
        let scope: CredentialScope
        if let lastScope, signature.credential == lastCredential {
            scope = lastScope
        } else {
            var parsed = try CredentialScope(signature.credential)
            if parsed.region.isEmpty, !verifies {
                parsed.region = loop.configuration.defaultRegion
            }
            scope = parsed
            lastCredential = String(signature.credential)
            lastScope = parsed
        }
        if verifies {
            try verifier.verify(
                signature, scope: scope, head: head, body: body, service: service)
        }
        return scope
    }

    // MARK: Answers

    func answer(
        _ error: ServiceError, contentType: StaticString? = nil, lingers: Bool = false
    ) {
        loop.withBodyScratch { body in
            WireCodec.encode(error, into: &body)
            body.withUnsafeBytes { bytes in
                answer(
                    bytes, status: error.status, contentType: contentType,
                    lingers: lingers || error.status == 413)
            }
        }
    }

    private func answer(text: String, status: Int = 200, contentType: StaticString) {
        var text = text
        text.withUTF8 { bytes in
            answer(UnsafeRawBufferPointer(bytes), status: status, contentType: contentType)
        }
    }

    private func answerNotFound() {
        answer(
            text: "<UnknownOperationException/>\n", status: 404, contentType: "application/xml")
    }

    /// Writes the answer of the running request, which then runs no more.
    ///
    /// - Parameter lingers: whether the connection ends with it, while the client may still send.
    func answer(
        _ body: UnsafeRawBufferPointer, status: Int = 200, contentType: StaticString? = nil,
        lingers: Bool = false
    ) {
        guard let request = takeRunning() else { return }
        let head = request.head
        let coding = preferredCoding(head, byteCount: body.count)
        if coding != .identity, let packed = loop.compressor.compress(body, coding: coding) {
            packed.withUnsafeBytes { bytes in
                write(bytes, coding, status, contentType, request, lingers)
            }
        } else {
            write(body, .identity, status, contentType, request, lingers)
        }
        if !closesAfter(request, lingers: lingers) {
            setDeadlineForInput()
        } else {
            closeAfterWrites(lingers: lingers)
        }
    }

    /// The running request, which then runs no more; nil where there is nobody to answer.
    func takeRunning() -> RunningRequest? {
        guard let request = running else { return nil }
        running = nil
        return context != nil && !isClosing ? request : nil
    }

    private func write(
        _ body: UnsafeRawBufferPointer, _ coding: ContentCoding, _ status: Int,
        _ contentType: StaticString?, _ request: RunningRequest, _ lingers: Bool
    ) {
        let isJSON11 = request.head?.contentType == .json11
        // A body that is too large is refused in front of the service proper, which shows.
        let hasBody = request.head?.raw.method != .HEAD
        let isChunked = status == 413 && hasBody && request.head?.raw.version == .http1_1
        let head = ResponseHead(
            status: status,
            contentType: contentType ?? (isJSON11 ? ResponseHead.json11 : ResponseHead.json10),
            contentCoding: coding, requestID: request.requestID,
            checksum: CRC32.checksum(body), contentLength: isChunked ? nil : body.count,
            closes: closesAfter(request, lingers: lingers),
            allowsOrigin: request.head?.hasOrigin ?? false)
        var buffer = takeOutput()
        buffer.reserveCapacity(minimumWritableBytes: ResponseHead.byteCountMax + body.count)
        loop.withServerAndDateLines { lines in head.write(serverAndDate: lines, into: &buffer) }
        if isChunked {
            buffer.writeString(String(body.count, radix: 16) + "\r\n")
            buffer.writeBytes(body)
            buffer.writeStaticString("\r\n0\r\n\r\n")
        } else if hasBody {
            buffer.writeBytes(body)
        }
        output = buffer
        log(request, status: status, byteCount: body.count)
    }

    func closesAfter(_ request: RunningRequest, lingers: Bool) -> Bool {
        if lingers || !(request.head?.keepsAlive ?? false) { return true }
        guard loop.isDraining || isInputClosed, queue.isEmpty else { return false }
        if case .body = input { return false }
        return true
    }

    private func preferredCoding(_ head: RequestHead?, byteCount: Int) -> ContentCoding {
        guard byteCount > loop.configuration.limits.compressionBytesMin,
            let acceptEncoding = head?.acceptEncoding
        else { return .identity }
        return ContentCoding.preferred(acceptEncoding)
    }

    private func answerPreflight(_ head: RequestHead) {
        guard let request = running else { return }
        running = nil
        let headers = head.raw.headers
        let closes = closesAfter(request, lingers: false)
        var buffer = takeOutput()
        buffer.writeStaticString("HTTP/1.1 200 OK\r\n")
        _ = loop.withServerAndDateLines { lines in buffer.writeBytes(lines) }
        buffer.writeStaticString(ResponseHead.allowOriginLines)
        if let allowed = headers.first(name: "access-control-request-headers") {
            buffer.writeString("Access-Control-Allow-Headers: \(allowed)\r\n")
        }
        let method = headers.first(name: "access-control-request-method") ?? "GET, POST, OPTIONS"
        buffer.writeString("Access-Control-Allow-Methods: \(method)\r\n")
        buffer.writeStaticString("Access-Control-Max-Age: 172800\r\nContent-Length: 0\r\n")
        buffer.writeStaticString(
            closes ? "Connection: close\r\n" : "Connection: keep-alive\r\n")
        buffer.writeString("x-amzn-RequestId: \(request.requestID)\r\nx-amz-crc32: 0\r\n\r\n")
        output = buffer
        log(request, status: 200, byteCount: 0)
        if closes {
            closeAfterWrites(lingers: false)
        } else {
            setDeadlineForInput()
        }
    }

    func log(_ request: RunningRequest, status: Int, byteCount: Int) {
        guard loop.logsAnswers else { return }
        loop.configuration.logger.debug(
            "answered",
            metadata: [
                "requestID": "\(request.requestID)", "status": "\(status)",
                "bytes": "\(byteCount)", "method": "\(request.head?.raw.method.rawValue ?? "-")",
                "target": "\(request.head?.target ?? "-")",
            ])
    }

    // MARK: Output

    func takeOutput() -> ByteBuffer {
        guard let buffer = output else { return loop.takeOutput() }
        // Out of the property while it grows, or its bytes would be copied.
        output = nil
        return buffer
    }

    func appendContinue() {
        var buffer = takeOutput()
        buffer.writeStaticString("HTTP/1.1 100 Continue\r\n\r\n")
        output = buffer
    }

    /// Hands the gathered answers to the socket.
    func flush() {
        guard let buffer = output, let context else { return }
        output = nil
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        loop.giveBackOutput(buffer)
    }

    /// Closes once everything written has reached the socket.
    ///
    /// - Parameter lingers: whether to wait for the client to finish sending first: closing at
    ///   once would reset the connection under its unread bytes, and it might not see the answer.
    func closeAfterWrites(lingers: Bool) {
        guard let context else { return }
        isClosing = true
        input = .ended
        queue.removeAll()
        let timeouts = loop.configuration.timeouts
        setDeadline(timeouts.bodyIdleMilliseconds)
        let buffer = output ?? ByteBuffer()
        output = nil
        let connection = NIOLoopBound(self, eventLoop: loop.eventLoop)
        let lingers = lingers && !isInputClosed
        context.writeAndFlush(wrapOutboundOut(buffer)).assumeIsolated().whenComplete { result in
            let connection = connection.value
            guard let context = connection.context else { return }
            guard lingers, case .success = result else {
                context.close(promise: nil)
                return
            }
            connection.setDeadline(timeouts.lingerMilliseconds)
            context.close(mode: .output, promise: nil)
            connection.resumeReading()
        }
    }
}
