import Glibc

/// An HTTP answer, as far as the load driver looks at it.
struct Answer {
    var status: Int
    var body: ArraySlice<UInt8>
    /// Whether the server closes the connection behind it.
    var closesConnection: Bool
}

/// Reads one answer after another from a socket; each must have a Content-Length.
struct AnswerReader {
    enum Progress {
        case complete(Answer)
        case partial
        case closed
        /// What came is no answer that can be read.
        case failed
    }

    private struct Head {
        var status = 0
        var byteCount = 0
        var contentLength: Int?
        var closesConnection = false
    }

    private var buffer = [UInt8](repeating: 0, count: 16_384)
    private var filled = 0
    private var head: Head?

    /// Reads what has arrived.
    ///
    /// A complete answer must be let go before the next call, which takes its buffer.
    mutating func receive(from socket: Int32) -> Progress {
        if filled == buffer.count { buffer.append(contentsOf: buffer.map { _ in 0 }) }
        let start = filled
        let received = buffer.withUnsafeMutableBytes {
            read(socket, $0.baseAddress?.advanced(by: start), $0.count - start)
        }
        guard received > 0 else {
            let isInterrupted = received < 0 && (errno == EAGAIN || errno == EINTR)
            return isInterrupted ? .partial : .closed
        }
        filled += received
        if head == nil { head = parseHead() }
        guard let head else { return .partial }
        guard let length = head.contentLength else { return .failed }
        let end = head.byteCount + length
        guard filled >= end else { return .partial }
        // One request at a time: nothing may follow the answer.
        guard filled == end else { return .failed }
        self.head = nil
        filled = 0
        return .complete(
            Answer(
                status: head.status, body: buffer[head.byteCount..<end],
                closesConnection: head.closesConnection))
    }

    /// Forgets a half-read answer: the connection is another one.
    mutating func reset() {
        head = nil
        filled = 0
    }

    /// Reads the head once it is whole: up to an empty line.
    private func parseHead() -> Head? {
        buffer.withUnsafeBytes { bytes -> Head? in
            guard let base = bytes.baseAddress, filled > 12 else { return nil }
            var head = Head()
            head.status = Self.number(bytes[9..<12]) ?? 0
            head.closesConnection = bytes[7] == UInt8(ascii: "0")
            var line = 0
            while let found = memchr(base + line, 10, filled - line) {
                let next = base.distance(to: UnsafeRawPointer(found)) + 1
                if next - line <= 2 {
                    head.byteCount = next
                    return head
                }
                Self.readField(bytes[line..<(next - 2)], into: &head)
                line = next
            }
            return nil
        }
    }

    private static func readField(_ line: Slice<UnsafeRawBufferPointer>, into head: inout Head) {
        // Only two fields matter; their names' lengths tell most others apart.
        guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
        let name = line[line.startIndex..<colon]
        guard name.count == 14 || name.count == 10 else { return }
        let value = line[(colon + 1)...].drop { $0 == UInt8(ascii: " ") }
        if isEqual(name, "content-length") {
            head.contentLength = number(value)
        } else if isEqual(name, "connection") {
            if isEqual(value, "close") { head.closesConnection = true }
        }
    }

    /// Equality but for the case of letters; `text` is in lower case.
    private static func isEqual(
        _ bytes: Slice<UnsafeRawBufferPointer>, _ text: StaticString
    ) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        return text.withUTF8Buffer { text in
            zip(bytes, text).allSatisfy { $0 == $1 || $0 | 0x20 == $1 }
        }
    }

    private static func number(_ bytes: Slice<UnsafeRawBufferPointer>) -> Int? {
        var value = 0
        for byte in bytes {
            guard (48...57).contains(byte), value < 1 << 40 else { return nil }
            value = value * 10 + Int(byte - 48)
        }
        return bytes.isEmpty ? nil : value
    }
}
