internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// The Runtime API of one environment: a port of its own on the loopback address.
enum RuntimeAPIServer {
    /// Begins to listen; requests reach the environment on the event loop given.
    static func start(
        on loop: any EventLoop, for environment: Environment
    ) async throws -> any Channel {
        try await ServerBootstrap(group: loop)
            .serverChannelOption(.backlog, value: 16)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandlers(
                        ByteToMessageHandler(HTTPRequestDecoder()),
                        RuntimeAPIConnection(environment: environment))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }
}

/// A connection of a function's process.
///
/// Lives on its environment's event loop. Answers go out at the end of what was read at once; that
/// of a request behind which the process has already asked for the next invocation goes out with
/// it, so that an invocation costs one read and one write.
final class RuntimeAPIConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = ByteBuffer

    private let environment: Environment
    private var context: ChannelHandlerContext?
    private var request: RuntimeAPIRequest?
    private var isKeptAlive = true
    /// While what was read is handled: then answers wait for its end.
    private var isReading = false
    private var hasUnsent = false

    init(environment: Environment) {
        self.environment = environment
    }

    func handlerAdded(context: ChannelHandlerContext) {
        self.context = context
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        self.context = nil
    }

    func channelActive(context: ChannelHandlerContext) {
        environment.opened(self)
    }

    func channelInactive(context: ChannelHandlerContext) {
        environment.closed(self)
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard error is HTTPParserError else { return context.close(promise: nil) }
        isKeptAlive = false
        answer(.unreadable)
    }

    func channelReadComplete(context: ChannelHandlerContext) {
        isReading = false
        if hasUnsent, !environment.isPolling(self) { send() }
        context.fireChannelReadComplete()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        isReading = true
        switch unwrapInboundIn(data) {
        case .head(let head):
            isKeptAlive = head.isKeepAlive
            request = RuntimeAPIRequest(
                call: RuntimeAPIRequest.call(method: head.method.rawValue, uri: head.uri),
                errorType: head.headers.first(name: "Lambda-Runtime-Function-Error-Type"))
        case .body(let buffer):
            guard var request, !request.isTooLarge else { return }
            self.request = nil
            if request.body.count + buffer.readableBytes > RuntimeAPIRequest.bodyByteCountMax {
                request.isTooLarge = true
                request.body = []
            } else {
                request.body.append(contentsOf: buffer.readableBytesView)
            }
            self.request = request
        case .end(let trailers):
            guard var request else { return }
            self.request = nil
            if let type = trailers?.first(name: "Lambda-Runtime-Function-Error-Type") {
                request.streamError = (
                    type, trailers?.first(name: "Lambda-Runtime-Function-Error-Body")
                )
            }
            environment.handle(request, from: self)
        }
    }

    /// Answers the request that waits.
    func answer(_ answer: RuntimeAPIAnswer) {
        guard let context else { return }
        let status = HTTPResponseStatus(statusCode: answer.status)
        var buffer = context.channel.allocator.buffer(capacity: 512 + answer.body.count)
        buffer.writeString("HTTP/1.1 \(status.code) \(status.reasonPhrase)\r\n")
        for (name, value) in answer.headers { buffer.writeString("\(name): \(value)\r\n") }
        if !isKeptAlive { buffer.writeString("Connection: close\r\n") }
        buffer.writeString("Content-Length: \(answer.body.count)\r\n\r\n")
        buffer.writeBytes(answer.body)
        guard isKeptAlive else {
            let promise = context.eventLoop.makePromise(of: Void.self)
            let channel = context.channel
            promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
            context.writeAndFlush(wrapOutboundOut(buffer), promise: promise)
            return
        }
        context.write(wrapOutboundOut(buffer), promise: nil)
        hasUnsent = true
        if !isReading { send() }
    }

    private func send() {
        hasUnsent = false
        context?.flush()
    }

    func close() {
        context?.close(promise: nil)
    }
}
