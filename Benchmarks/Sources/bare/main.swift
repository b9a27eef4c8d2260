// The yardstick: an HTTP/1.1 server on SwiftNIO that answers every request with the same 1 KB of
// JSON. What it costs is the floor for any server on SwiftNIO's own HTTP codec.

import NIOCore
import NIOHTTP1
import NIOPosix

/// Answers the end of each request with a fixed body.
final class FixedAnswer: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    /// 1 KB, with all that a driver reads out of answers: whatever it asks for, this answers it.
    private static let text =
        #"{"Table":{"TableStatus":"ACTIVE"},"ConsumedCapacity":{"TableName":"driver","#
        + #""CapacityUnits":2.0,"Table":{"CapacityUnits":1.0},"GlobalSecondaryIndexes":"#
        + #"{"by-kind":{"CapacityUnits":1.0}}},"Item":{"text":{"S":""#
        + String(repeating: "x", count: 813) + #""}}}"#
    private let body = ByteBuffer(string: text)

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        let head = HTTPResponseHead(
            version: .http1_1, status: .ok,
            headers: [
                "content-type": "application/x-amz-json-1.0",
                "content-length": String(body.readableBytes),
            ])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(body))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}

let port = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 8_090
let group = MultiThreadedEventLoopGroup(numberOfThreads: System.coreCount)
let server = try ServerBootstrap(group: group)
    .serverChannelOption(.backlog, value: 256)
    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.configureHTTPServerPipeline(
                withErrorHandling: true)
            try channel.pipeline.syncOperations.addHandler(FixedAnswer())
        }
    }
    .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
    .bind(host: "127.0.0.1", port: port)
    .wait()
print("bare: http://127.0.0.1:\(port)")
try server.closeFuture.wait()
