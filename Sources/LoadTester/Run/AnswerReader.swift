internal import Glibc
internal import NIOCore

/// Reads one HTTP answer after another from what a connection receives.
///
/// Each must tell its length: an answer in chunks is refused.
struct AnswerReader {
    struct Answer {
        var status: Int
        /// In `AnswerReader.buffer`, until the next `take`.
        var body: Range<Int>
        /// Whether the server closes the connection behind it.
        var closesConnection: Bool
    }

    enum Fault: Error {
        case noHTTP
    }

    /// A head longer than this is refused.
    private static let headBytesMax = 65_536

    private(set) var buffer = ByteBuffer()
    private var head: (status: Int, byteCount: Int, bodyCount: Int, closes: Bool)?

    /// Takes what has come in.
    mutating func append(_ part: inout ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = part
            // Nobody else holds the bytes, so that the channel may use its buffer again.
            part = ByteBuffer()
        } else {
            buffer.writeBuffer(&part)
        }
    }

    /// The next answer; nil where it isn't whole yet.
    mutating func next() throws(Fault) -> Answer? {
        if head == nil { head = try readHead() }
        guard let head else { return nil }
        guard buffer.readableBytes >= head.byteCount + head.bodyCount else { return nil }
        let start = buffer.readerIndex + head.byteCount
        return Answer(
            status: head.status, body: start..<(start + head.bodyCount),
            closesConnection: head.closes)
    }

    /// Calls with the bytes of a body that `next` gave, and forgets the answer.
    mutating func take<Result>(
        _ answer: Answer, _ body: (UnsafeRawBufferPointer) -> Result
    ) -> Result {
        let result = buffer.withUnsafeReadableBytes { bytes in
            let offset = answer.body.lowerBound - buffer.readerIndex
            return body(
                UnsafeRawBufferPointer(rebasing: bytes[offset..<(offset + answer.body.count)]))
        }
        buffer.moveReaderIndex(to: answer.body.upperBound)
        if buffer.readableBytes == 0 { buffer = ByteBuffer() }
        head = nil
        return result
    }

    private func readHead() throws(Fault) -> (
        status: Int, byteCount: Int, bodyCount: Int, closes: Bool
    )? {
        var fault: Fault?
        let head = buffer.withUnsafeReadableBytes {
            bytes -> (status: Int, byteCount: Int, bodyCount: Int, closes: Bool)? in
            guard let base = bytes.baseAddress, bytes.count > 12 else { return nil }
            guard bytes[0] == UInt8(ascii: "H"), bytes[4] == UInt8(ascii: "/"),
                let status = Self.number(bytes[9..<12])
            else {
                fault = .noHTTP
                return nil
            }
            var length: Int?
            var closes = bytes[7] == UInt8(ascii: "0")
            var line = 0
            while let found = memchr(base + line, 10, bytes.count - line) {
                let next = base.distance(to: UnsafeRawPointer(found)) + 1
                if next - line <= 2 {
                    if length == nil, status != 204, status != 304 { fault = .noHTTP }
                    return (status, next, length ?? 0, closes)
                }
                Self.readField(bytes[line..<max(line, next - 2)], &length, &closes)
                line = next
            }
            if bytes.count > Self.headBytesMax { fault = .noHTTP }
            return nil
        }
        if let fault { throw fault }
        return head
    }

    private static func readField(
        _ line: Slice<UnsafeRawBufferPointer>, _ length: inout Int?, _ closes: inout Bool
    ) {
        // Only two fields matter; their names' lengths tell most others apart.
        let mark = line.startIndex
        if line.count > 15, line[mark + 14] == UInt8(ascii: ":"),
            isEqual(line[mark..<(mark + 14)], "content-length")
        {
            length = number(line[(mark + 15)...].drop { $0 == 0x20 })
        } else if line.count > 11, line[mark + 10] == UInt8(ascii: ":"),
            isEqual(line[mark..<(mark + 10)], "connection")
        {
            closes = isEqual(line[(mark + 11)...].drop { $0 == 0x20 }, "close")
        }
    }

    /// Equality but for the case of letters; `text` is in lower case.
    private static func isEqual(
        _ bytes: Slice<UnsafeRawBufferPointer>, _ text: StaticString
    ) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount else { return false }
        for offset in 0..<bytes.count {
            let byte = bytes[bytes.startIndex + offset]
            let expected = text.utf8Start[offset]
            guard byte == expected || (byte | 0x20 == expected && expected >= 0x61) else {
                return false
            }
        }
        return true
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
