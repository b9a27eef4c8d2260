internal import NIOCore
internal import NIOPosix

/// One connection of the driver: a request at a time.
///
/// A connection that is lost is opened again: at once where it had served, else after 100 ms.
final class LoadConnection: ChannelInboundHandler, DriverConnection,
    @unchecked Sendable  // confined to its loop
{
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private unowned let lane: DriverLane
    private var channel: (any Channel)?
    private var context: ChannelHandlerContext?
    private var reader = AnswerReader()
    private var request: PreparedRequest?
    private var output = ByteBuffer()
    private var isClosing = false
    /// Whether anything was answered since it was opened.
    private var hasAnswered = false
    private(set) var sent: UInt64 = 0
    var freeSince: UInt64 = 0

    init(lane: DriverLane) { self.lane = lane }

    // MARK: Life

    func open(_ target: LoadTarget, on loop: any EventLoop) -> EventLoopFuture<Void> {
        ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(.recvAllocator, value: AdaptiveRecvByteBufferAllocator())
            .connectTimeout(.seconds(5))
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(self)
                }
            }
            .connect(host: target.host, port: target.port)
            .map { self.channel = $0 }
    }

    func close() {
        isClosing = true
        channel?.close(promise: nil)
    }

    private func reopen() {
        guard !isClosing else { return }
        reader = AnswerReader()
        hasAnswered = false
        open(lane.target, on: lane.loop).whenComplete { result in
            switch result {
            case .success: self.lane.isFree(self)
            case .failure:
                self.lane.loop.scheduleTask(in: .milliseconds(100)) { self.reopen() }
            }
        }
    }

    var isBusy: Bool { request != nil }

    // MARK: Requests

    func send(_ request: PreparedRequest) {
        self.request = request
        output.clear()
        lane.write(request, into: &output)
        sent = lane.clock()
        guard let context else { return fail("ConnectionClosed") }
        context.writeAndFlush(wrapOutboundOut(output), promise: nil)
    }

    /// Ends the request without an answer, and the connection with it.
    func fail(_ code: String) {
        if let request {
            self.request = nil
            lane.ended(
                request, sent: sent, answered: lane.clock(), .failure(code: code))
        }
        if let channel, channel.isActive {
            channel.close(promise: nil)
        } else {
            self.channel = nil
            lane.loop.scheduleTask(in: .milliseconds(100)) { self.reopen() }
        }
    }

    // MARK: Channel

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }

    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        var part = unwrapInboundIn(data)
        reader.append(&part)
        do throws(AnswerReader.Fault) {
            guard let answer = try reader.next() else { return }
            guard let request else { return context.close(promise: nil) }
            self.request = nil
            hasAnswered = true
            let answered = lane.clock()
            let lane = lane
            let sent = sent
            reader.take(answer) { body in
                lane.ended(
                    request, sent: sent, answered: answered,
                    .answer(status: answer.status, body))
            }
            if answer.closesConnection {
                context.close(promise: nil)
            } else {
                lane.isFree(self)
            }
        } catch {
            fail("UnreadableAnswer")
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        self.context = nil
        channel = nil
        guard !isClosing else { return }
        if let request {
            self.request = nil
            lane.ended(
                request, sent: sent, answered: lane.clock(),
                .failure(code: "ConnectionClosed"))
        }
        lane.lost(self)
        // Whoever closes without an answer isn't asked at once again.
        if hasAnswered { return reopen() }
        lane.loop.scheduleTask(in: .milliseconds(100)) { self.reopen() }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        context.close(promise: nil)
    }
}
