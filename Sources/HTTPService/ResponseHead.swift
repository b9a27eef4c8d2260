import NIOCore
import NIOHTTP1
import Operations

/// What distinguishes an answer's head from any other.
struct ResponseHead {
    var status = 200
    var contentType: StaticString? = ResponseHead.json10
    var contentCoding = ContentCoding.identity
    var requestID: String
    var checksum: UInt32
    /// The body's length; nil where it comes in chunks.
    var contentLength: Int?
    /// Whether the connection closes after this answer.
    var closes: Bool
    /// Whether a browser of another origin asks.
    var allowsOrigin: Bool

    static let json10: StaticString = "application/x-amz-json-1.0"
    static let json11: StaticString = "application/x-amz-json-1.1"

    /// What a browser of another origin is told, with the service's list of headers.
    static let allowOriginLines: StaticString = """
        Access-Control-Allow-Origin: *\r\n\
        Access-Control-Expose-Headers: x-amzn-RequestId,x-amzn-ErrorType,\
        x-amzn-ErrorMessage,Date\r\n
        """

    /// The longest head that `write` makes, in bytes; a good deal above the real one.
    static let byteCountMax = 1_024

    /// Writes the head at the end of a buffer.
    ///
    /// - Parameter serverAndDate: the two header lines, each with its line end.
    func write(serverAndDate: [UInt8], into buffer: inout ByteBuffer) {
        buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: Self.byteCountMax) { space in
            var cursor = Cursor(space: space)
            cursor.append(Self.statusLine(status))
            cursor.append(serverAndDate)
            if let contentType {
                cursor.append("Content-Type: ")
                cursor.append(contentType)
                cursor.append("\r\n")
            }
            if let contentLength {
                cursor.append("Content-Length: ")
                cursor.append(decimal: contentLength)
            } else {
                cursor.append("Transfer-Encoding: chunked")
            }
            switch contentCoding {
            case .gzip: cursor.append("\r\nContent-Encoding: gzip")
            case .deflate: cursor.append("\r\nContent-Encoding: deflate")
            case .identity, .unsupported: break
            }
            cursor.append(
                closes ? "\r\nConnection: close\r\n" : "\r\nConnection: keep-alive\r\n")
            if allowsOrigin { cursor.append(Self.allowOriginLines) }
            cursor.append("x-amzn-RequestId: ")
            cursor.append(requestID)
            cursor.append("\r\nx-amz-crc32: ")
            cursor.append(decimal: Int(checksum))
            cursor.append("\r\n\r\n")
            return cursor.count
        }
    }

    private static func statusLine(_ status: Int) -> StaticString {
        switch status {
        case 200: "HTTP/1.1 200 OK\r\n"
        case 400: "HTTP/1.1 400 Bad Request\r\n"
        case 404: "HTTP/1.1 404 Not Found\r\n"
        case 408: "HTTP/1.1 408 Request Timeout\r\n"
        case 413: "HTTP/1.1 413 Request Entity Too Large\r\n"
        case 503: "HTTP/1.1 503 Service Unavailable\r\n"
        case 401..<500: "HTTP/1.1 400 Bad Request\r\n"
        default: "HTTP/1.1 500 Internal Server Error\r\n"
        }
    }
}

/// A place in memory to append to, which it never exceeds.
private struct Cursor {
    let space: UnsafeMutableRawBufferPointer
    var count = 0

    init(space: UnsafeMutableRawBufferPointer) {
        self.space = space
    }

    mutating func append(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count <= space.count - count else { return }
        UnsafeMutableRawBufferPointer(rebasing: space[count..<(count + bytes.count)])
            .copyMemory(from: bytes)
        count += bytes.count
    }

    mutating func append(_ text: StaticString) {
        text.withUTF8Buffer { append(UnsafeRawBufferPointer($0)) }
    }

    mutating func append(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { append($0) }
    }

    mutating func append(_ text: String) {
        var text = text
        text.withUTF8 { append(UnsafeRawBufferPointer($0)) }
    }

    mutating func append(decimal number: Int) {
        var divisor = 1
        while number / divisor >= 10 { divisor *= 10 }
        while divisor > 0, count < space.count {
            space[count] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / divisor % 10)
            count += 1
            divisor /= 10
        }
    }
}
