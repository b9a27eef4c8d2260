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
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                        withPipeliningAssistance: false)
                    try channel.pipeline.syncOperations.addHandler(
                        RuntimeAPIConnection(environment: environment))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
    }
}

/// A connection of a function's process.
///
/// Lives on its environment's event loop.
final class RuntimeAPIConnection: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let environment: Environment
    private var context: ChannelHandlerContext?
    private var request: RuntimeAPIRequest?
    private var isKeptAlive = true

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
        context.close(promise: nil)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
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
        var headers = HTTPHeaders()
        headers.reserveCapacity(answer.headers.count + 2)
        for (name, value) in answer.headers { headers.add(name: name, value: value) }
        headers.add(name: "Content-Length", value: String(answer.body.count))
        if !isKeptAlive { headers.add(name: "Connection", value: "close") }
        let head = HTTPResponseHead(
            version: .http1_1, status: HTTPResponseStatus(statusCode: answer.status),
            headers: headers)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        if !answer.body.isEmpty {
            let buffer = context.channel.allocator.buffer(bytes: answer.body)
            context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
        }
        guard !isKeptAlive else {
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
            return
        }
        let promise = context.eventLoop.makePromise(of: Void.self)
        let channel = context.channel
        promise.futureResult.whenComplete { _ in channel.close(promise: nil) }
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func close() {
        context?.close(promise: nil)
    }
}
