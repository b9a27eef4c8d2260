package import Logging
import Operations

/// What a server needs to know: where it listens, whom it believes and how patient it is.
package struct HTTPServerConfiguration: Sendable {
    /// The name or address to listen on.
    package var host: String
    /// The port to listen on; 0 takes a free one.
    package var port: Int
    /// The threads that read and answer.
    package var eventLoopCount: Int
    /// The access keys believed; empty believes every parseable signature.
    package var credentials: CredentialStore
    /// The region of requests whose credential scope names none.
    package var defaultRegion: String
    package var timeouts: HTTPTimeouts
    package var limits: HTTPLimits
    package var logger: Logger
    /// Now, in seconds since 1970: what signatures are dated against.
    package var now: @Sendable () -> Int

    package init(
        host: String = "127.0.0.1", port: Int = 8000, eventLoopCount: Int = 2,
        credentials: CredentialStore = CredentialStore(), defaultRegion: String = "us-east-1",
        timeouts: HTTPTimeouts = HTTPTimeouts(), limits: HTTPLimits = HTTPLimits(),
        logger: Logger = Logger(label: "basalt.http"), now: (@Sendable () -> Int)? = nil
    ) {
        self.host = host
        self.port = port
        self.eventLoopCount = eventLoopCount
        self.credentials = credentials
        self.defaultRegion = defaultRegion
        self.timeouts = timeouts
        self.limits = limits
        self.logger = logger
        self.now = now ?? SystemTime.seconds
    }
}

/// How long a client may take, in milliseconds.
///
/// No deadline runs while an operation does.
package struct HTTPTimeouts: Sendable {
    /// From the first byte of a request (or the accepted connection) to the end of its headers.
    package var headerMilliseconds = 10_000
    /// Between two pieces of a body, and for a client to take a piece of an answer.
    package var bodyIdleMilliseconds = 30_000
    /// Between an answer and the next request.
    package var keepAliveMilliseconds = 300_000
    /// How long a refused client's remaining bytes are read and dropped, so that it sees why.
    package var lingerMilliseconds = 5_000
    /// How long a stopping server waits for requests in flight.
    package var drainMilliseconds = 10_000

    package init() {}

    /// How often deadlines are looked at: a fourth of the shortest, at most a second.
    var checkIntervalMilliseconds: Int {
        let shortest = min(
            headerMilliseconds, bodyIdleMilliseconds, keepAliveMilliseconds, lingerMilliseconds)
        return max(10, min(1_000, shortest / 4))
    }
}

/// Bounds of requests and connections, in bytes.
package struct HTTPLimits: Sendable {
    /// Request line and headers together; beyond it 400.
    package var headerBytesMax = Limits.requestHeaderBytesMax
    /// A body, as sent and decompressed; beyond it 413.
    package var bodyBytesMax = Limits.requestBodyBytesMax
    /// The smallest answer that is compressed for a client that asks for it.
    package var compressionBytesMin = Limits.responseCompressionBytesMin
    /// What a connection may have received beyond the running operation before reading stops.
    package var backlogBytesMax = 65_536
    /// Answers gathered before they are handed to the socket, while more requests are at hand.
    package var flushBytesMin = 65_536

    package init() {}
}

/// Why a server cannot start.
package enum HTTPServerError: Error, Equatable, CustomStringConvertible {
    /// Another process listens there.
    case addressInUse(host: String, port: Int)
    /// The address cannot be bound for another reason.
    case cannotListen(host: String, port: Int, reason: String)
    /// `start` was called twice, or after `stop`.
    case alreadyStarted

    package var description: String {
        switch self {
        case .addressInUse(let host, let port):
            "port \(port) on \(host) is in use by another process"
        case .cannotListen(let host, let port, let reason):
            "cannot listen on \(host):\(port): \(reason)"
        case .alreadyStarted:
            "the server was started before"
        }
    }
}

/// The address a server listens on.
package struct BoundAddress: Sendable, Equatable {
    package var host: String
    package var port: Int

    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}
