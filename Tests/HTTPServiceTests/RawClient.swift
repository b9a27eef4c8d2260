import Glibc

/// An HTTP response as it came over the socket.
struct RawResponse {
    var status: Int
    var headers: [(name: String, value: String)]
    var body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }

    /// The first value of a header, by its name in any case.
    func header(_ name: String) -> String? {
        headers.first { $0.name.lowercased() == name.lowercased() }?.value
    }
}

struct ClientError: Error, CustomStringConvertible {
    var description: String
}

/// A TCP connection that sends exactly the bytes it is given.
final class RawClient {
    private let descriptor: Int32
    private var received: [UInt8] = []

    /// - Parameter timeoutSeconds: how long a read waits before it fails.
    init(port: Int, timeoutSeconds: Int = 10) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var timeout = timeval(tv_sec: timeoutSeconds, tv_usec: 0)
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, size)
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &timeout, size)
        let status = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard status == 0 else { throw ClientError(description: "cannot connect: \(errno)") }
    }

    deinit { close(descriptor) }

    /// Sends bytes; false where the server has closed.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            sent += count
        }
        return true
    }

    @discardableResult
    func send(_ text: String) -> Bool { send(Array(text.utf8)) }

    /// Says that no more will be sent.
    func finishSending() { shutdown(descriptor, Int32(SHUT_WR)) }

    /// The next response; 100 Continue counts as one.
    func response() throws -> RawResponse {
        while true {
            if let end = headEnd() { return try response(headEnd: end) }
            guard try receive() else {
                throw ClientError(description: "closed before an answer was whole")
            }
        }
    }

    /// Whether the server closes without sending anything more.
    func isClosedByServer() throws -> Bool {
        guard received.isEmpty else { return false }
        return try !receive()
    }

    /// Everything until the server closes.
    func everything() throws -> [UInt8] {
        while try receive() {}
        return received
    }

    private func headEnd() -> Int? {
        guard received.count >= 4 else { return nil }
        return (3..<received.count).first { index in
            received[(index - 3)...index].elementsEqual([13, 10, 13, 10])
        }
    }

    private func response(headEnd: Int) throws -> RawResponse {
        let lines = String(decoding: received[..<(headEnd - 3)], as: UTF8.self)
            .split(separator: "\r\n")
        guard let first = lines.first, first.hasPrefix("HTTP/1.1 "),
            let status = Int(first.dropFirst(9).prefix(3))
        else { throw ClientError(description: "no status line: \(lines.first ?? "")") }
        let headers = lines.dropFirst().map { line in
            let name = line.prefix { $0 != ":" }
            return (name: String(name), value: String(line.dropFirst(name.count + 2)))
        }
        var response = RawResponse(status: status, headers: headers, body: [])
        if response.header("transfer-encoding") == "chunked" {
            received.removeSubrange(...headEnd)
            response.body = try chunks()
            return response
        }
        let length = response.header("content-length").flatMap { Int($0) } ?? 0
        while received.count < headEnd + 1 + length {
            guard try receive() else {
                throw ClientError(description: "closed in the middle of a body")
            }
        }
        response.body = Array(received[(headEnd + 1)..<(headEnd + 1 + length)])
        received.removeSubrange(...(headEnd + length))
        return response
    }

    /// Reads a body in chunks, without trailers.
    private func chunks() throws -> [UInt8] {
        var body: [UInt8] = []
        while true {
            let line = try bytes(until: [0x0D, 0x0A])
            guard let count = Int(String(decoding: line, as: UTF8.self), radix: 16) else {
                throw ClientError(description: "no size of a chunk: \(line)")
            }
            while received.count < count + 2 {
                guard try receive() else {
                    throw ClientError(description: "closed in the middle of a chunk")
                }
            }
            body += received[..<count]
            received.removeSubrange(..<(count + 2))
            if count == 0 { return body }
        }
    }

    /// Takes what comes before a mark, and the mark.
    private func bytes(until mark: [UInt8]) throws -> [UInt8] {
        while true {
            if let found = received.firstRange(of: mark) {
                defer { received.removeSubrange(..<found.upperBound) }
                return Array(received[..<found.lowerBound])
            }
            guard try receive() else { throw ClientError(description: "closed early") }
        }
    }

    /// Reads what is there; false at the end.
    private func receive() throws -> Bool {
        var buffer = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count < 0, errno == EAGAIN || errno == EWOULDBLOCK {
            throw ClientError(description: "no answer in time")
        }
        guard count > 0 else { return false }
        received += buffer[..<count]
        return true
    }
}

/// The text of requests.
enum RequestText {
    static let authorization =
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-central-1/dynamodb/aws4_request, "
        + "SignedHeaders=host;x-amz-date, Signature=00"

    /// A DescribeTable call; `headers` replace those of the same name, nil leaves one out.
    static func describeTable(
        _ name: String, headers: [String: String?] = [:], version: String = "1.1"
    ) -> String {
        let body = #"{"TableName":"\#(name)"}"#
        return post(body: body, headers: headers, version: version) + body
    }

    /// The head of a call of DescribeTable.
    static func post(
        body: String = "", headers: [String: String?] = [:], version: String = "1.1",
        path: String = "/"
    ) -> String {
        var all: [String: String?] = [
            "Host": "localhost:8000", "Content-Type": "application/x-amz-json-1.0",
            "X-Amz-Target": "DynamoDB_20120810.DescribeTable", "Authorization": authorization,
            "X-Amz-Date": "20260102T030405Z", "Content-Length": String(body.utf8.count),
        ]
        for (name, value) in headers { all[name] = .some(value) }
        let lines = all.sorted { $0.key < $1.key }.compactMap { name, value in
            value.map { "\(name): \($0)\r\n" }
        }
        return "POST \(path) HTTP/\(version)\r\n" + lines.joined() + "\r\n"
    }
}
