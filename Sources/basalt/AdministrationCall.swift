import HTTPService
import NIOCore
import NIOHTTP1
import NIOPosix

/// One request to a server's administrative endpoint.
struct AdministrationCall {
    private let host: String
    private let port: Int
    private let path: String
    /// JSON to change something with; nil only looks.
    var body: String?
    /// Access key and secret, where the server verifies signatures.
    var credentials: (accessKey: String, secretKey: String)?

    /// - Parameter endpoint: `http://host:port`.
    init(endpoint: String, path: String) throws(ConfigurationError) {
        let fault = ConfigurationError("'\(endpoint)' is no endpoint like http://127.0.0.1:8000")
        guard endpoint.hasPrefix("http://") else { throw fault }
        let authority = endpoint.dropFirst(7).prefix { $0 != "/" }
        let colon = authority.lastIndex(of: ":")
        let isPort = colon.map { !authority[$0...].contains("]") } ?? false
        if let colon, isPort {
            guard let number = Int(authority[authority.index(after: colon)...]),
                (1...65_535).contains(number)
            else { throw fault }
            port = number
            host = authority[..<colon].filter { $0 != "[" && $0 != "]" }
        } else {
            port = 80
            host = authority.filter { $0 != "[" && $0 != "]" }
        }
        guard !host.isEmpty else { throw fault }
        self.path = path
    }

    /// Sends it.
    ///
    /// - Returns: the answer's body.
    /// - Throws: `ConfigurationError` where nobody answers, or with what the server refuses.
    func send() async throws -> String {
        let channel: NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>
        do {
            channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .connectTimeout(.seconds(10))
                .connect(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        return try NIOAsyncChannel(wrappingChannelSynchronously: channel)
                    }
                }
        } catch {
            throw ConfigurationError("nobody answers on \(host):\(port)")
        }
        return try await channel.executeThenClose { inbound, outbound in
            try await write(to: outbound)
            var status = HTTPResponseStatus.ok
            var answer = ""
            for try await part in inbound {
                switch part {
                case .head(let head): status = head.status
                case .body(let piece): answer += String(buffer: piece)
                case .end:
                    guard status == .ok else { throw refusal(status, answer) }
                    return answer
                }
            }
            throw ConfigurationError("\(host):\(port) hung up before it answered")
        }
    }

    private func write(
        to outbound: NIOAsyncChannelOutboundWriter<HTTPClientRequestPart>
    ) async throws {
        let method = body == nil ? HTTPMethod.GET : .POST
        let bytes = Array((body ?? "").utf8)
        let authority = host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        var headers = HTTPHeaders([
            ("Host", authority), ("Content-Type", "application/json"),
            ("Content-Length", "\(bytes.count)"), ("Connection", "close"),
        ])
        if let credentials {
            let signer = RequestSigner(
                accessKey: credentials.accessKey, secretKey: credentials.secretKey,
                region: "us-east-1")
            for header in signer.headers(
                method: method.rawValue, path: path, host: authority, body: bytes)
            {
                headers.add(name: header.name, value: header.value)
            }
        }
        let head = HTTPRequestHead(
            version: .http1_1, method: method, uri: path, headers: headers)
        try await outbound.write(.head(head))
        if !bytes.isEmpty { try await outbound.write(.body(.byteBuffer(ByteBuffer(bytes: bytes)))) }
        try await outbound.write(.end(nil))
    }

    private func refusal(_ status: HTTPResponseStatus, _ answer: String) -> ConfigurationError {
        guard status != .notFound else {
            return ConfigurationError("\(host):\(port) has no \(path): it must be switched on")
        }
        return ConfigurationError("\(host):\(port) answered \(status.code): \(answer)")
    }
}
