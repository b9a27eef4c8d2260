import Glibc

/// The address of a server: an IPv4 address (or `localhost`) and a port.
struct Endpoint {
    let host: String
    let port: UInt16
    private let address: in_addr

    /// Reads `http://127.0.0.1:8000`.
    init(url: String) throws(LoadError) {
        let scheme = "http://"
        guard url.hasPrefix(scheme) else { throw LoadError("'\(url)' is no http:// URL") }
        let authority = url.dropFirst(scheme.count).prefix { $0 != "/" }
        let parts = authority.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2, let port = UInt16(parts[1]) else {
            throw LoadError("'\(url)' must be http://ADDRESS:PORT")
        }
        var address = in_addr()
        let host = parts[0] == "localhost" ? "127.0.0.1" : String(parts[0])
        guard inet_pton(AF_INET, host, &address) == 1 else {
            throw LoadError("'\(parts[0])' is no IPv4 address")
        }
        self.host = host
        self.port = port
        self.address = address
    }

    /// A connected socket; nil while nobody listens there.
    func connect() -> Int32? {
        let socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard socket >= 0 else { return nil }
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = port.bigEndian
        name.sin_addr = address
        let result = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0, !Self.isConnectedToItself(socket) else {
            close(socket)
            return nil
        }
        var on: Int32 = 1
        setsockopt(
            socket, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        return socket
    }

    /// Whether the kernel gave the near end the very port that nobody listens on.
    ///
    /// Then the socket is its own peer, and would take its request for an answer.
    private static func isConnectedToItself(_ socket: Int32) -> Bool {
        var near = sockaddr_in()
        var far = sockaddr_in()
        for (end, ask) in [(0, getsockname), (1, getpeername)] {
            var name = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            withUnsafeMutablePointer(to: &name) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    _ = ask(socket, $0, &size)
                }
            }
            if end == 0 { near = name } else { far = name }
        }
        return near.sin_port == far.sin_port && near.sin_addr.s_addr == far.sin_addr.s_addr
    }

    /// Asks once over a fresh connection; nil where there was no whole answer within 5 seconds.
    func ask(_ request: RequestTemplate) -> Answer? {
        guard let socket = connect() else { return nil }
        defer { close(socket) }
        var limit = timeval(tv_sec: 5, tv_usec: 0)
        setsockopt(
            socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        guard
            send(socket, request.bytes, request.bytes.count, Int32(MSG_NOSIGNAL))
                == request.bytes.count
        else { return nil }
        var reader = AnswerReader()
        while true {
            switch reader.receive(from: socket) {
            case .complete(let answer): return answer
            case .partial: continue
            case .closed, .failed: return nil
            }
        }
    }
}

/// Nanoseconds on the monotonic clock.
func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}
