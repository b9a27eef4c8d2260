import Glibc
import Logging
import NIOCore
import NIOHTTP1
import NIOPosix
package import Operations
import ServiceLifecycle
import Synchronization
package import Wire

/// DynamoDB's protocol over HTTP/1.1: sockets in, an operation handler behind.
///
/// One server is started once and stopped once. Its event loops read, decode, answer; they never
/// wait for an operation.
package final class HTTPServer: Service {
    private struct Listening {
        var channel: any Channel
        var group: MultiThreadedEventLoopGroup
        var loops: [LoopState]
    }

    private enum State {
        case idle
        case starting
        case listening(Listening)
        case stopped
    }

    private let handler: any OperationHandler
    private let administration: AdministrationAccess?
    private let restHandlers: [any RESTHandler]
    private let configuration: HTTPServerConfiguration
    private let state = Mutex(State.idle)

    /// - Parameters:
    ///   - administration: what is reachable under `/_basalt/`; nil: nothing is.
    ///   - restHandlers: the APIs beside DynamoDB's; a request goes to the first that owns it.
    package init(
        handler: any OperationHandler, configuration: HTTPServerConfiguration,
        administration: AdministrationAccess? = nil, restHandlers: [any RESTHandler] = []
    ) {
        self.handler = handler
        self.restHandlers = restHandlers
        self.administration = administration
        self.configuration = configuration
    }

    /// Listens; requests are answered from now on.
    ///
    /// - Returns: the address, with the real port where 0 was asked for.
    package func start() async throws(HTTPServerError) -> BoundAddress {
        let mayStart = state.withLock { state in
            guard case .idle = state else { return false }
            state = .starting
            return true
        }
        guard mayStart else { throw .alreadyStarted }
        let group = MultiThreadedEventLoopGroup(
            numberOfThreads: max(1, configuration.eventLoopCount))
        let loops = group.makeIterator().map { loop in
            LoopState(
                eventLoop: loop, handler: handler, configuration: configuration,
                administration: administration, restHandlers: restHandlers)
        }
        do {
            let channel = try await Self.listen(on: group, loops: loops, configuration)
            state.withLock {
                $0 = .listening(Listening(channel: channel, group: group, loops: loops))
            }
            let address = channel.localAddress
            let bound = BoundAddress(
                host: address?.ipAddress ?? configuration.host,
                port: address?.port ?? configuration.port)
            for loop in loops {
                loop.eventLoop.execute { loop.localAddress = "\(bound.host):\(bound.port)" }
            }
            return bound
        } catch {
            state.withLock { $0 = .stopped }
            try? await group.shutdownGracefully()
            throw Self.explained(error, configuration)
        }
    }

    /// Listens if it doesn't yet, and serves until graceful shutdown or cancellation.
    package func run() async throws {
        let isIdle = state.withLock { state in
            if case .idle = state { true } else { false }
        }
        if isIdle { _ = try await start() }
        try? await gracefulShutdown()
        await stop()
    }

    /// Takes no more connections, answers the requests in flight and closes.
    ///
    /// Returns at the latest after the drain timeout; who isn't done by then is cut off.
    package func stop() async {
        let listening = state.withLock { state -> Listening? in
            guard case .listening(let listening) = state else { return nil }
            state = .stopped
            return listening
        }
        guard let listening else { return }
        try? await listening.channel.close()
        let timeout = TimeAmount.milliseconds(Int64(configuration.timeouts.drainMilliseconds))
        let drained = listening.loops.map { loop in
            loop.eventLoop.flatSubmit { loop.drain() }
        }
        let cutOff = listening.loops.map { loop in
            loop.eventLoop.scheduleTask(in: timeout) { loop.closeAll() }
        }
        for future in drained { try? await future.get() }
        for task in cutOff { task.cancel() }
        var running = 0
        for loop in listening.loops {
            running += (try? await loop.eventLoop.submit { loop.runningOperationCount }.get()) ?? 0
        }
        guard running == 0 else {
            // Their completions still need an event loop to come to, so the threads stay.
            configuration.logger.warning("\(running) operations were still running at the stop")
            return
        }
        try? await listening.group.shutdownGracefully()
    }

    private static func listen(
        on group: MultiThreadedEventLoopGroup, loops: [LoopState],
        _ configuration: HTTPServerConfiguration
    ) async throws -> any Channel {
        let states = Dictionary(
            uniqueKeysWithValues: loops.map { (ObjectIdentifier($0.eventLoop), $0) })
        return try await ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: 1_024)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let loop = states[ObjectIdentifier(channel.eventLoop)] else {
                        throw ChannelError.inappropriateOperationForState
                    }
                    try addHandlers(to: channel, loop: loop)
                }
            }
            .bind(host: configuration.host, port: configuration.port)
            .get()
    }

    private static func addHandlers(to channel: any Channel, loop: LoopState) throws {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = loop.configuration.limits.headerBytesMax
        limits.maxHeaderListSize = loop.configuration.limits.headerBytesMax
        let decoder = HTTPRequestDecoder(
            leftOverBytesStrategy: .dropBytes, informationalResponseStrategy: .drop,
            limitConfiguration: limits)
        let pipeline = channel.pipeline.syncOperations
        try pipeline.addHandler(ByteToMessageHandler(decoder))
        try pipeline.addHandler(ConnectionHandler(loop: loop))
    }

    private static func explained(
        _ error: any Error, _ configuration: HTTPServerConfiguration
    ) -> HTTPServerError {
        let host = configuration.host
        let port = configuration.port
        if let error = error as? IOError {
            if error.errnoCode == EADDRINUSE { return .addressInUse(host: host, port: port) }
            let reason = strerror(error.errnoCode).map { String(cString: $0) }
            return .cannotListen(
                host: host, port: port, reason: reason ?? "error \(error.errnoCode)")
        }
        let isUnknown = error is SocketAddressError.UnknownHost
        return .cannotListen(
            host: host, port: port, reason: isUnknown ? "no such host" : "\(error)")
    }
}
