internal import Histogram
internal import NIOCore
internal import NIOPosix

/// One thread of the driver: its connections, and its share of the arrivals.
///
/// Open loop: a request goes out when it is due, or as soon after as a connection is free. Nothing
/// is queued: the walk of arrivals is simply not taken further, so that a stalled server costs no
/// memory. Everything runs on the lane's event loop.
final class DriverLane: @unchecked Sendable {  // confined to `loop` between start and finish
    let loop: any EventLoop
    private let plan: RunPlan
    private let recorder: any RunRecorder
    private let number: Int
    private var walk: ArrivalWalk
    private var next: Arrival?
    private var idle: [any DriverConnection] = []
    private var connections: [any DriverConnection] = []
    private var timer: Scheduled<Void>?
    private var origin: UInt64 = 0
    private var isOver = false
    private var finished: EventLoopPromise<Void>?

    /// How late requests went out though a connection was free, in nanoseconds.
    private(set) var lag = Histogram<UInt64>(
        highestTrackableValue: 60_000_000_000, numberOfSignificantValueDigits: .three)
    private(set) var sentCount = 0
    private(set) var unsentCount = 0
    private(set) var wasStopped = false

    init(plan: RunPlan, recorder: any RunRecorder, number: Int, loop: any EventLoop) {
        self.plan = plan
        self.recorder = recorder
        self.number = number
        self.loop = loop
        walk = plan.walk
        lag.autoResize = true
    }

    // MARK: Life

    /// Opens the connections.
    func connect(count: Int) async throws {
        for _ in 0..<count {
            let connection: any DriverConnection & Sendable =
                target.isEncrypted ? EncryptedConnection(lane: self) : LoadConnection(lane: self)
            try await connection.open(plan.target, on: loop).get()
            try await loop.submit {
                self.connections.append(connection)
                self.idle.append(connection)
            }.get()
        }
    }

    /// Sends from now on; the future succeeds when all is answered or given up.
    func start(origin: UInt64) -> EventLoopFuture<Void> {
        let promise = loop.makePromise(of: Void.self)
        loop.execute {
            self.finished = promise
            self.origin = origin
            for connection in self.idle { connection.freeSince = origin }
            self.advance()
            self.pump()
            self.watch()
        }
        return promise.futureResult
    }

    /// Sends nothing any more; what is under way may still be answered.
    func stop() {
        loop.execute {
            guard !self.isOver else { return }
            self.isOver = true
            self.wasStopped = true
            self.timer?.cancel()
            self.endIfDone()
        }
    }

    /// Looks, four times a second, whether the time is up and whether a request waits too long.
    private func watch() {
        guard finished != nil else { return }
        let now = clock()
        if now >= plan.endNanoseconds, plan.isClosedLoop { isOver = true }
        if now >= plan.giveUpNanoseconds, !isOver {
            countUnsent()
            isOver = true
        }
        for connection in connections where connection.waited(at: now) > plan.timeoutNanoseconds {
            connection.fail("RequestTimeout")
        }
        endIfDone()
        loop.scheduleTask(in: .milliseconds(250)) { self.watch() }
    }

    private func endIfDone() {
        guard let promise = finished, isOver || next == nil,
            connections.allSatisfy({ !$0.isBusy }) || clock() >= plan.giveUpNanoseconds
        else { return }
        finished = nil
        timer?.cancel()
        for connection in connections { connection.close() }
        promise.succeed(())
    }

    /// What was due and never sent.
    private func countUnsent() {
        while next != nil {
            unsentCount += 1
            advance()
        }
    }

    // MARK: Sending

    /// Nanoseconds since the run began.
    func clock() -> UInt64 {
        let now = NIODeadline.now().uptimeNanoseconds
        return now > origin ? now - origin : 0
    }

    /// Goes on to the lane's next arrival.
    private func advance() {
        while true {
            guard let arrival = walk.next() else {
                next = nil
                return
            }
            if arrival.number % plan.laneCount == number {
                next = arrival
                return
            }
            walk.passed(arrival)
        }
    }

    /// Sends what is due while connections are free.
    func pump() {
        while !isOver, let arrival = next {
            guard !idle.isEmpty else { return }
            let now = clock()
            if plan.isClosedLoop {
                if now >= plan.endNanoseconds {
                    isOver = true
                    break
                }
            } else if arrival.due > now {
                wake(at: arrival.due)
                return
            }
            send(arrival, on: idle.removeLast(), now: now)
        }
        endIfDone()
    }

    private func send(_ arrival: Arrival, on connection: any DriverConnection, now: UInt64) {
        var arrival = arrival
        if plan.isClosedLoop {
            arrival.due = now
            arrival.phase = plan.phase(at: now)
        }
        let request = plan.maker.request(arrival, added: walk.added)
        walk.passed(arrival)
        sentCount += 1
        connection.send(request)
        if !plan.isClosedLoop {
            let ready = max(arrival.due, connection.freeSince)
            lag.record(connection.sent > ready ? connection.sent - ready : 0)
        }
        advance()
    }

    private func wake(at due: UInt64) {
        timer?.cancel()
        let deadline = NIODeadline.uptimeNanoseconds(origin + due)
        timer = loop.scheduleTask(deadline: deadline) { self.pump() }
    }

    // MARK: Answers

    func write(_ request: PreparedRequest, into buffer: inout ByteBuffer) {
        plan.head.write(operation: request.operation, body: request.body, into: &buffer)
    }

    var target: LoadTarget { plan.target }

    /// A request was answered, or failed.
    func ended(
        _ request: PreparedRequest, sent: UInt64, answered: UInt64, _ ending: Ending
    ) {
        var completed = CompletedRequest(
            pattern: request.pattern, phase: request.phase, due: request.due, sent: sent,
            answered: answered, outcome: .success, consumed: [],
            itemByteCount: request.itemByteCount)
        switch ending {
        case .answer(let status, let body):
            plan.reading.read(status: status, body: body, of: request, into: &completed)
        case .failure(let code): completed.outcome = .failure(code: code, reasons: [])
        }
        recorder.record(completed)
    }

    /// A connection is gone, and free again only once it is open.
    func lost(_ connection: any DriverConnection) {
        idle.removeAll { $0 === connection }
    }

    func isFree(_ connection: any DriverConnection) {
        connection.freeSince = clock()
        idle.append(connection)
        pump()
    }
}
