import Logging
import NIOCore
import Operations
import Wire

/// What the connections of one event loop share: date, request ids, buffers, deadlines.
///
/// Unchecked Sendable: after `HTTPServer` has made it, only its event loop touches it.
final class LoopState: @unchecked Sendable {
    /// Arrays above this are dropped after an answer rather than kept for the next.
    private static let keptBytesMax = 1 << 21

    let eventLoop: any EventLoop
    let handler: any OperationHandler
    let configuration: HTTPServerConfiguration
    let administration: AdministrationAccess?
    /// The APIs beside DynamoDB's.
    let restHandlers: [any RESTHandler]
    /// Whether answers are logged: asked once, since it would cost each answer.
    let logsAnswers: Bool
    let compressor = ResponseCompressor()
    /// The host and port to name where a request has no Host header.
    var localAddress = ""
    /// Operations started whose completion hasn't come.
    var runningOperationCount = 0
    private(set) var isDraining = false

    private var connections: [ObjectIdentifier: ConnectionHandler] = [:]
    private var deadlineTask: RepeatedTask?
    private var drained: EventLoopPromise<Void>?
    private var random: UInt64
    private var dateSeconds = -1
    private var dateLines: [UInt8] = []
    private var bodyScratch: [UInt8] = []
    private var spareOutput: ByteBuffer?

    init(
        eventLoop: any EventLoop, handler: any OperationHandler,
        configuration: HTTPServerConfiguration, administration: AdministrationAccess? = nil,
        restHandlers: [any RESTHandler] = []
    ) {
        self.eventLoop = eventLoop
        self.handler = handler
        self.administration = administration
        self.restHandlers = restHandlers
        self.configuration = configuration
        logsAnswers = configuration.logger.logLevel <= .debug
        random = UInt64.random(in: .min ... .max)
    }

    // MARK: Connections and their deadlines

    func add(_ connection: ConnectionHandler) {
        connections[ObjectIdentifier(connection)] = connection
        guard deadlineTask == nil else { return }
        let interval = TimeAmount.milliseconds(
            Int64(configuration.timeouts.checkIntervalMilliseconds))
        deadlineTask = eventLoop.scheduleRepeatedTask(initialDelay: interval, delay: interval) {
            [weak self] _ in self?.checkDeadlines()
        }
    }

    func remove(_ connection: ConnectionHandler) {
        connections[ObjectIdentifier(connection)] = nil
        guard connections.isEmpty else { return }
        deadlineTask?.cancel()
        deadlineTask = nil
        drained?.succeed()
        drained = nil
    }

    private func checkDeadlines() {
        let now = NIODeadline.now()
        for connection in connections.values where connection.deadline <= now {
            connection.deadlinePassed()
        }
    }

    /// Lets every connection answer what it has and close.
    ///
    /// - Returns: a future that succeeds once the last connection is gone.
    func drain() -> EventLoopFuture<Void> {
        isDraining = true
        let promise = eventLoop.makePromise(of: Void.self)
        for connection in Array(connections.values) { connection.endIfDone() }
        if connections.isEmpty {
            promise.succeed()
        } else {
            drained = promise
        }
        return promise.futureResult
    }

    /// Cuts off whoever is still connected.
    func closeAll() {
        for connection in Array(connections.values) { connection.abandon() }
    }

    // MARK: What answers are made of

    /// The `Server` and `Date` lines, made anew once a second.
    func withServerAndDateLines<Result>(_ body: ([UInt8]) -> Result) -> Result {
        let now = SystemTime.seconds()
        if now != dateSeconds {
            dateSeconds = now
            let date = CalendarTime(seconds: now).httpDate
            dateLines = Array("Server: Server\r\nDate: \(date)\r\n".utf8)
        }
        return body(dateLines)
    }

    /// A new request id: 52 characters of 0-9, A-V.
    func makeRequestID() -> String {
        String(unsafeUninitializedCapacity: 52) { space in
            var bits: UInt64 = 0
            for index in 0..<52 {
                if index % 12 == 0 { bits = nextRandom() }
                let digit = UInt8(truncatingIfNeeded: bits & 31)
                space[index] = digit < 10 ? digit + UInt8(ascii: "0") : digit - 10 + 65
                bits >>= 5
            }
            return 52
        }
    }

    /// SplitMix64: ids need to differ, not to be secret.
    private func nextRandom() -> UInt64 {
        random &+= 0x9E37_79B9_7F4A_7C15
        var mixed = random
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// Lends an empty array to write a body into; it is used again afterwards.
    func withBodyScratch(_ body: (inout [UInt8]) -> Void) {
        var scratch: [UInt8] = []
        swap(&scratch, &bodyScratch)
        scratch.removeAll(keepingCapacity: true)
        body(&scratch)
        if scratch.capacity <= Self.keptBytesMax { swap(&scratch, &bodyScratch) }
    }

    /// An empty buffer to gather answers in.
    func takeOutput() -> ByteBuffer {
        guard var buffer = spareOutput else { return ByteBufferAllocator().buffer(capacity: 4_096) }
        spareOutput = nil
        // Cheap where the last write is done; new memory where the socket still holds it.
        buffer.clear()
        return buffer
    }

    /// Takes a buffer back once it was handed to the channel.
    func giveBackOutput(_ buffer: ByteBuffer) {
        if buffer.capacity <= 262_144 { spareOutput = buffer }
    }
}
