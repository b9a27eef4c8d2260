import NIOCore
import NIOHTTP1
import Operations

/// One connection: requests in, answers out, in order and one operation at a time.
///
/// What arrives while an operation runs waits in a queue; past `backlogBytesMax` the socket is no
/// longer read, so that a client is slowed down by TCP itself. Answers are gathered in one buffer
/// and handed over when nothing more is at hand: one write for a lone request, one for a burst of
/// pipelined ones. This file is the input's side; `ConnectionHandler+Answers` is the output's.
final class ConnectionHandler: ChannelInboundHandler, ChannelOutboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// A request whose headers are here and whose body is coming.
    struct IncomingRequest {
        var head: RequestHead
        /// The most bytes that its body may have.
        var bodyBytesMax: Int
        var body: ByteBuffer?
        /// Whether the client waits for `100 Continue`, and those before it aren't answered yet.
        var isContinueOwed = false
    }

    /// A request that is complete, or refused without being complete.
    struct ReadyRequest {
        /// Nil where the headers couldn't be read.
        var head: RequestHead?
        var body: ByteBuffer?
        var refusal: ServiceError?

        /// What it takes of the backlog.
        var byteCount: Int { (head?.byteCount ?? 0) + (body?.readableBytes ?? 0) }
    }

    /// What the bytes that come next belong to.
    enum Input {
        case head
        case body(IncomingRequest)
        /// Nothing: the connection ends with what it has, and further bytes are dropped.
        case ended
    }

    /// The request that is being answered.
    struct RunningRequest {
        var number: UInt64
        var head: RequestHead?
        var requestID: String
    }

    static let headersTooLong = "The request line and headers are too long."

    let loop: LoopState
    private(set) var context: ChannelHandlerContext?
    /// When the client has had its time.
    var deadline: NIODeadline
    var input = Input.head
    var queue = CircularBuffer<ReadyRequest>(initialCapacity: 4)
    var running: RunningRequest?
    var runningNumber: UInt64 = 0
    /// Answers not yet handed to the channel.
    var output: ByteBuffer?
    /// Whether the last answer is out and only the close remains.
    var isClosing = false
    var isInputClosed = false
    var isRunningQueue = false
    var verifier: SignatureVerifier
    /// The last credential seen, and what it says: clients repeat themselves.
    var lastCredential = ""
    var lastScope: CredentialScope?

    private var isReading = false
    private var hasPartsThisRead = false
    private var isAwaitingRestOfHead = false
    private var isReadHeld = false
    private var queuedByteCount = 0

    init(loop: LoopState) {
        self.loop = loop
        deadline = .now() + .milliseconds(Int64(loop.configuration.timeouts.headerMilliseconds))
        verifier = SignatureVerifier(
            credentials: loop.configuration.credentials, now: loop.configuration.now)
    }

    // MARK: Life

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
        loop.add(self)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
        loop.remove(self)
    }

    func channelActive(context: ChannelHandlerContext) {
        if loop.isDraining { context.close(promise: nil) }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        input = .ended
        isClosing = true
        queue.removeAll()
        output = nil
        context.fireChannelInactive()
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if let event = event as? ChannelEvent, event == .inputClosed {
            isInputClosed = true
            input = .ended
            if isClosing {
                // The client has hung up after the last answer: nothing is left to wait for.
                closeAfterWrites(lingers: false)
            } else {
                endIfDone()
            }
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard let error = error as? HTTPParserError else {
            context.close(promise: nil)
            return
        }
        if case .ended = input { return }
        if error == .invalidEOFState {
            // The client hung up in the middle of a request.
            input = .ended
            return
        }
        refuse(
            .malformedRequest(
                error == .headerOverflow
                    ? Self.headersTooLong : "The request is not valid HTTP/1.1."))
    }

    /// Drops the connection at once.
    func abandon() {
        context?.close(promise: nil)
    }

    /// Closes a connection that has nothing more to answer and nothing to wait for.
    func endIfDone() {
        guard !isClosing, running == nil, queue.isEmpty else { return }
        switch input {
        case .head where loop.isDraining, .ended: closeAfterWrites(lingers: false)
        case .head, .body: break
        }
    }

    // MARK: Reading

    func read(context: ChannelHandlerContext) {
        if mustHoldReads(context) {
            isReadHeld = true
        } else {
            context.read()
        }
    }

    /// Whether enough is waiting: the client may go on once it shrinks.
    private func mustHoldReads(_ context: ChannelHandlerContext) -> Bool {
        guard !isClosing, running != nil || !queue.isEmpty else { return false }
        var waiting = queuedByteCount
        if case .body(let incoming) = input { waiting += incoming.body?.readableBytes ?? 0 }
        return waiting > loop.configuration.limits.backlogBytesMax || !context.channel.isWritable
    }

    /// Reads on where reading was held and needn't be any longer.
    func resumeReading() {
        guard isReadHeld, let context, !mustHoldReads(context) else { return }
        isReadHeld = false
        context.read()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        hasPartsThisRead = true
        switch unwrapInboundIn(data) {
        case .head(let head): receive(head)
        case .body(let part): receive(part)
        case .end: receiveEnd()
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        if !hasPartsThisRead, case .head = input, !isAwaitingRestOfHead, running == nil,
            queue.isEmpty, !isClosing
        {
            // Bytes came, yet no whole head: its time begins.
            isAwaitingRestOfHead = true
            setDeadline(loop.configuration.timeouts.headerMilliseconds)
        }
        isReading = false
        hasPartsThisRead = false
        flush()
        context.fireChannelReadComplete()
    }

    /// Hands the answers over, except amidst a read, whose end does it.
    func flushUnlessReading() {
        if !isReading { flush() }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        if context.channel.isWritable {
            if running == nil { setDeadlineForInput() }
            runQueue()
        } else {
            setDeadline(loop.configuration.timeouts.bodyIdleMilliseconds)
        }
        context.fireChannelWritabilityChanged()
    }

    private func receive(_ raw: HTTPRequestHead) {
        guard case .head = input else { return }
        isAwaitingRestOfHead = false
        let head = RequestHead(raw)
        let limits = loop.configuration.limits
        guard head.byteCount <= limits.headerBytesMax else {
            refuse(.malformedRequest(Self.headersTooLong))
            return
        }
        let bodyLimit = bodyBytesMax(head)
        if let length = head.contentLength, length > bodyLimit {
            refuse(.bodyTooLarge(limit: bodyLimit), head: head)
            return
        }
        var incoming = IncomingRequest(head: head, bodyBytesMax: bodyLimit)
        incoming.isContinueOwed = head.expectsContinue
        input = .body(incoming)
        setBodyDeadline()
        if head.expectsContinue { sendContinueIfDue() }
    }

    private func receive(_ part: ByteBuffer) {
        guard case .body(var incoming) = input else { return }
        let limit = incoming.bodyBytesMax
        guard (incoming.body?.readableBytes ?? 0) + part.readableBytes <= limit else {
            refuse(.bodyTooLarge(limit: limit), head: incoming.head)
            return
        }
        // Out of the enum while it grows, or the bytes would be copied.
        input = .head
        incoming.append(part)
        incoming.isContinueOwed = false
        input = .body(incoming)
        setBodyDeadline()
    }

    private func receiveEnd() {
        guard case .body(let incoming) = input else { return }
        input = incoming.head.keepsAlive ? .head : .ended
        enqueue(ReadyRequest(head: incoming.head, body: incoming.body))
    }

    /// Refuses what the client sends, in its turn, and ends the connection with it.
    private func refuse(_ error: ServiceError, head: RequestHead? = nil) {
        input = .ended
        enqueue(ReadyRequest(head: head, body: nil, refusal: error))
    }

    private func enqueue(_ request: ReadyRequest) {
        queuedByteCount += request.byteCount
        queue.append(request)
        runQueue()
    }

    /// The next request whose turn it is.
    func nextRequest() -> ReadyRequest? {
        guard let request = queue.popFirst() else { return nil }
        queuedByteCount -= request.byteCount
        return request
    }

    /// Tells a client that waits to send its body, once everything before it is answered.
    func sendContinueIfDue() {
        guard case .body(var incoming) = input, incoming.isContinueOwed, running == nil,
            queue.isEmpty
        else { return }
        incoming.isContinueOwed = false
        input = .body(incoming)
        appendContinue()
        flush()
    }

    // MARK: Deadlines

    func setDeadline(_ milliseconds: Int) {
        deadline = .now() + .milliseconds(Int64(milliseconds))
    }

    /// Gives the client its time for the next piece, unless it is waiting for us.
    private func setBodyDeadline() {
        guard running == nil, queue.isEmpty else { return }
        setDeadline(loop.configuration.timeouts.bodyIdleMilliseconds)
    }

    /// What the client may take for what is awaited of it now.
    func setDeadlineForInput() {
        let timeouts = loop.configuration.timeouts
        if isClosing { return }
        switch input {
        case .head:
            setDeadline(
                isAwaitingRestOfHead ? timeouts.headerMilliseconds : timeouts.keepAliveMilliseconds)
        case .body, .ended:
            setDeadline(timeouts.bodyIdleMilliseconds)
        }
    }

    /// The client took too long: it is told where it owes a request, and cut off.
    func deadlinePassed() {
        guard let context else { return }
        guard !isClosing, context.channel.isWritable, running == nil, queue.isEmpty else {
            context.close(promise: nil)
            return
        }
        switch input {
        case .head where isAwaitingRestOfHead:
            refuse(.requestTimeout)
        case .body(let incoming):
            refuse(.requestTimeout, head: incoming.head)
        case .head, .ended:
            context.close(promise: nil)
        }
    }
}

extension ConnectionHandler.IncomingRequest {
    /// Adds a piece of the body; the first is kept as it came, without a copy.
    mutating func append(_ part: ByteBuffer) {
        guard var whole = body else {
            body = part
            return
        }
        body = nil
        let expected = min(head.contentLength ?? 0, 1 << 20)
        if whole.capacity < expected {
            var larger = ByteBufferAllocator().buffer(capacity: expected)
            larger.writeImmutableBuffer(whole)
            whole = larger
        }
        whole.writeImmutableBuffer(part)
        body = whole
    }
}
