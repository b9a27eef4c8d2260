import CEpoll
import Glibc

/// One request to send, and what its answer must be.
struct PlannedRequest {
    var template: RequestTemplate
    var key: Int
    /// An answer's body of fewer bytes holds no item, so it counts as an error.
    var bodyBytesMin = 0
}

/// Sends requests over keep-alive connections, each waiting for its answer: a closed loop.
///
/// One thread and epoll; a request costs a copy of its template, a write and a read.
final class LoadDriver {
    /// What became of the requests of one run.
    struct Tally {
        var latencies = LatencyHistogram()
        var errorCount = 0
        /// The first answer that was an error, or what happened to the connection.
        var firstError: String?
    }

    private struct Connection {
        var socket: Int32 = -1
        var reader = AnswerReader()
        var output: [UInt8] = []
        var sentCount = 0
        var sentAt: UInt64 = 0
        var bodyBytesMin = 0
        var isBusy = false
    }

    /// Silence of all connections for this long ends the run.
    private static let silenceSecondsMax = 30

    private let endpoint: Endpoint
    private let poll: Int32
    private var connections: [Connection]
    private var invocation = 0
    private(set) var tally = Tally()

    init(endpoint: Endpoint, connectionCount: Int) throws(LoadError) {
        self.endpoint = endpoint
        poll = epoll_create1(0)
        connections = Array(repeating: Connection(), count: connectionCount)
        for index in connections.indices { try open(index) }
    }

    deinit {
        for connection in connections where connection.socket >= 0 { close(connection.socket) }
        close(poll)
    }

    /// Starts a new tally.
    func reset() {
        tally = Tally()
    }

    /// Sends what `plan` gives until it gives nil on every connection and all is answered, or
    /// until `isOver`, asked after each round of events; then requests may be left unanswered,
    /// for a later run to take their answers.
    func run(
        isOver: () -> Bool, plan: () -> PlannedRequest?
    ) throws(LoadError) {
        for index in connections.indices where !connections[index].isBusy {
            if let request = plan() { try start(request, on: index) }
        }
        var events = [epoll_event](repeating: epoll_event(), count: connections.count)
        var silentSeconds = 0
        while !isOver(), connections.contains(where: \.isBusy) {
            let ready = epoll_wait(poll, &events, Int32(events.count), 1_000)
            if ready < 0, errno != EINTR { throw LoadError.system("epoll_wait") }
            silentSeconds = ready > 0 ? 0 : silentSeconds + 1
            if silentSeconds >= Self.silenceSecondsMax {
                throw LoadError("no answer for \(Self.silenceSecondsMax) s")
            }
            for event in events.prefix(Int(max(ready, 0))) {
                let index = Int(event.data.u32)
                if connections[index].sentCount < connections[index].output.count {
                    try send(index)
                } else if try receive(index), let request = plan() {
                    try start(request, on: index)
                }
            }
            if tally.errorCount > 100 {
                throw LoadError("too many errors; the first: \(tally.firstError ?? "")")
            }
        }
    }

    private func open(_ index: Int) throws(LoadError) {
        guard let socket = endpoint.connect() else {
            throw LoadError("nobody listens at \(endpoint.host):\(endpoint.port)")
        }
        guard fcntl(socket, F_SETFL, O_NONBLOCK) == 0 else { throw LoadError.system("fcntl") }
        connections[index].socket = socket
        connections[index].reader.reset()
        try watch(index, EPOLLIN, EPOLL_CTL_ADD)
    }

    private func watch(
        _ index: Int, _ events: EPOLL_EVENTS, _ operation: Int32
    ) throws(LoadError) {
        var event = epoll_event()
        event.events = events.rawValue
        event.data.u32 = UInt32(index)
        guard epoll_ctl(poll, operation, connections[index].socket, &event) == 0 else {
            throw LoadError.system("epoll_ctl")
        }
    }

    private func start(_ request: PlannedRequest, on index: Int) throws(LoadError) {
        invocation += 1
        request.template.write(
            key: request.key, invocation: invocation, into: &connections[index].output)
        connections[index].sentCount = 0
        connections[index].bodyBytesMin = request.bodyBytesMin
        connections[index].isBusy = true
        connections[index].sentAt = monotonicNanoseconds()
        try send(index)
    }

    /// Writes what the socket takes; a full socket buffer is waited for.
    private func send(_ index: Int) throws(LoadError) {
        let sent = connections[index].sentCount
        let written = connections[index].output.withUnsafeBytes {
            Glibc.send(
                connections[index].socket, $0.baseAddress?.advanced(by: sent), $0.count - sent,
                Int32(MSG_NOSIGNAL))
        }
        if written < 0, errno != EAGAIN {
            try fail(index, "a request could not be sent")
            return
        }
        let total = sent + max(0, written)
        connections[index].sentCount = total
        let isWhole = total == connections[index].output.count
        if !isWhole {
            try watch(index, EPOLLOUT, EPOLL_CTL_MOD)
        } else if sent > 0 || written < 0 {
            try watch(index, EPOLLIN, EPOLL_CTL_MOD)
        }
    }

    /// Reads what has come; true where the connection is free for the next request.
    private func receive(_ index: Int) throws(LoadError) -> Bool {
        switch connections[index].reader.receive(from: connections[index].socket) {
        case .partial: return false
        case .closed where !connections[index].isBusy:
            try reopen(index)
            return false
        case .closed: try fail(index, "the connection was closed before an answer")
        case .failed: try fail(index, "the answer is no HTTP with a Content-Length")
        case .complete(let answer):
            let elapsed = monotonicNanoseconds() - connections[index].sentAt
            tally.latencies.record(nanoseconds: elapsed)
            if answer.status != 200 || answer.body.count < connections[index].bodyBytesMin {
                note("HTTP \(answer.status) \(String(decoding: answer.body, as: UTF8.self))")
            }
            if answer.closesConnection { try reopen(index) }
        }
        connections[index].isBusy = false
        return true
    }

    private func fail(_ index: Int, _ what: String) throws(LoadError) {
        note(what)
        try reopen(index)
        connections[index].sentCount = connections[index].output.count
        connections[index].isBusy = false
    }

    private func note(_ error: String) {
        tally.errorCount += 1
        if tally.firstError == nil { tally.firstError = error }
    }

    private func reopen(_ index: Int) throws(LoadError) {
        close(connections[index].socket)
        connections[index].socket = -1
        try open(index)
    }
}

extension LoadError {
    /// The failure of a system call, from `errno`.
    static func system(_ call: String) -> LoadError {
        LoadError("\(call): \(String(cString: strerror(errno)))")
    }
}
