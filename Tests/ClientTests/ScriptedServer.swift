import Client
import NIOCore
import NIOHTTP1
import NIOPosix
import Synchronization

/// A server that answers as a test says, and keeps what it was asked.
final class ScriptedServer: Sendable {
    struct Asked: Sendable {
        var method: String
        var uri: String
        var headers: [(name: String, value: String)]
        var body: [UInt8]
        /// Which connection it came by, counted from 0.
        var connection: Int

        func header(_ name: String) -> String? {
            headers.first { $0.name.lowercased() == name.lowercased() }?.value
        }

        var text: String { String(decoding: body, as: UTF8.self) }
    }

    enum Answer: Sendable {
        case json(_ status: Int, _ text: String, headers: [(String, String)] = [])
        case bytes(_ count: Int)
        /// After seconds.
        case late(_ seconds: Double, _ text: String)
        /// The connection closes without an answer.
        case hangUp
        /// Nothing, ever.
        case silence
    }

    private struct State {
        var asked: [Asked] = []
        var connections = 0
    }

    private let state = Mutex(State())
    private let channel = Mutex<(any Channel)?>(nil)
    private let script: @Sendable (_ number: Int, Asked) -> Answer

    /// - Parameter script: the answer to each request, which are counted from 0.
    init(_ script: @escaping @Sendable (_ number: Int, Asked) -> Answer) async throws {
        self.script = script
        let channel = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let number = self.state.withLock { state in
                        state.connections += 1
                        return state.connections - 1
                    }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(
                        Connection(server: self, number: number))
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        self.channel.withLock { $0 = channel }
    }

    var endpoint: String {
        let port = channel.withLock { $0?.localAddress?.port } ?? 0
        return "http://127.0.0.1:\(port)"
    }

    var asked: [Asked] { state.withLock { $0.asked } }

    func stop() async {
        try? await channel.withLock { $0 }?.close()
    }

    private func answer(to asked: Asked) -> Answer {
        let number = state.withLock { state in
            state.asked.append(asked)
            return state.asked.count - 1
        }
        return script(number, asked)
    }

    private final class Connection: ChannelInboundHandler {
        typealias InboundIn = HTTPServerRequestPart
        typealias OutboundOut = HTTPServerResponsePart

        private let server: ScriptedServer
        private let number: Int
        private var head: HTTPRequestHead?
        private var body: [UInt8] = []

        init(server: ScriptedServer, number: Int) {
            self.server = server
            self.number = number
        }

        func channelRead(context: ChannelHandlerContext, data: NIOAny) {
            switch unwrapInboundIn(data) {
            case .head(let head):
                self.head = head
                body = []
            case .body(let piece): body += Array(piece.readableBytesView)
            case .end:
                guard let head else { return }
                let asked = Asked(
                    method: head.method.rawValue, uri: head.uri,
                    headers: head.headers.map { (name: $0.name, value: $0.value) }, body: body,
                    connection: number)
                perform(server.answer(to: asked), context: context)
            }
        }

        private func perform(_ answer: Answer, context: ChannelHandlerContext) {
            switch answer {
            case .json(let status, let text, let headers):
                write(status, Array(text.utf8), headers, context: context)
            case .bytes(let count):
                write(200, [UInt8](repeating: 7, count: count), [], context: context)
            case .late(let seconds, let text):
                let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
                let handler = NIOLoopBound(self, eventLoop: context.eventLoop)
                context.eventLoop.scheduleTask(in: .milliseconds(Int64(seconds * 1_000))) {
                    handler.value.write(200, Array(text.utf8), [], context: bound.value)
                }
            case .hangUp: context.close(promise: nil)
            case .silence: break
            }
        }

        private func write(
            _ status: Int, _ body: [UInt8], _ headers: [(String, String)],
            context: ChannelHandlerContext
        ) {
            var lines = HTTPHeaders(headers)
            lines.add(name: "Content-Length", value: "\(body.count)")
            let head = HTTPResponseHead(
                version: .http1_1, status: HTTPResponseStatus(statusCode: status), headers: lines)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            let buffer = context.channel.allocator.buffer(bytes: body)
            context.write(wrapOutboundOut(.body(.byteBuffer(buffer))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }
}

/// Runs a test against a scripted server.
func withServer(
    _ script: @escaping @Sendable (_ number: Int, ScriptedServer.Asked) -> ScriptedServer.Answer,
    _ body: (ScriptedServer) async throws -> Void
) async throws {
    let server = try await ScriptedServer(script)
    do {
        try await body(server)
    } catch {
        await server.stop()
        throw error
    }
    await server.stop()
}
