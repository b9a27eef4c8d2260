import NIOHTTP1
import Operations

/// The media type of a request body, as far as the service tells them apart.
enum RequestContentType {
    case json10
    case json11
    /// `application/json`: known to the generic layer, but not an operation's.
    case plainJSON
    case other
}

/// How a body is packed.
enum ContentCoding: Equatable {
    case identity
    case gzip
    case deflate
    case unsupported
}

/// A request's line and headers, read once for what the server needs of them.
struct RequestHead {
    /// The head as parsed: signatures need all of it.
    let raw: HTTPRequestHead
    var target = ""
    var authorization: String?
    var host: String?
    var contentType = RequestContentType.other
    var contentCoding = ContentCoding.identity
    var acceptEncoding: String?
    var contentLength: Int?
    var hasOrigin = false
    var expectsContinue = false
    var keepsAlive: Bool
    /// The size of request line and headers on the wire, in bytes.
    private(set) var byteCount: Int

    init(_ raw: HTTPRequestHead) {
        self.raw = raw
        keepsAlive = raw.isKeepAlive
        byteCount = raw.uri.utf8.count + raw.method.rawValue.utf8.count + 14
        for (name, value) in raw.headers {
            byteCount += name.utf8.count + value.utf8.count + 4
            note(name, value)
        }
    }

    private mutating func note(_ name: String, _ value: String) {
        switch name.utf8.count {
        case 4 where name.equalsIgnoringCase("host"):
            host = value
        case 6 where name.equalsIgnoringCase("origin"):
            hasOrigin = true
        case 6 where name.equalsIgnoringCase("expect"):
            expectsContinue =
                raw.version.minor > 0 && value.equalsIgnoringCase("100-continue")
        case 7 where name.equalsIgnoringCase("upgrade"):
            // The parser stops after a request that offers another protocol; we decline it by
            // answering in this one, and the connection cannot be used further.
            keepsAlive = false
        case 12 where name.equalsIgnoringCase("x-amz-target"):
            target = value
        case 12 where name.equalsIgnoringCase("content-type"):
            contentType = Self.contentType(value)
        case 13 where name.equalsIgnoringCase("authorization"):
            authorization = value
        case 14 where name.equalsIgnoringCase("content-length"):
            contentLength = Int(value)
        case 15 where name.equalsIgnoringCase("accept-encoding"):
            acceptEncoding = acceptEncoding.map { $0 + "," + value } ?? value
        case 16 where name.equalsIgnoringCase("content-encoding"):
            contentCoding =
                contentCoding == .identity ? Self.contentCoding(value) : .unsupported
        default:
            break
        }
    }

    /// The path: the part of the request target before `?`.
    var path: Substring {
        let end = raw.uri.utf8.firstIndex(of: UInt8(ascii: "?")) ?? raw.uri.endIndex
        return raw.uri[..<end]
    }

    /// The part of the request target after `?`; empty where there is none.
    var query: Substring {
        guard let mark = raw.uri.utf8.firstIndex(of: UInt8(ascii: "?")) else { return "" }
        return raw.uri[raw.uri.utf8.index(after: mark)...]
    }

    private static func contentType(_ value: String) -> RequestContentType {
        if value.equalsIgnoringCase("application/x-amz-json-1.0") { return .json10 }
        let type = trimmed(value.prefix { $0 != ";" })
        if type.equalsIgnoringCase("application/x-amz-json-1.0") { return .json10 }
        if type.equalsIgnoringCase("application/x-amz-json-1.1") { return .json11 }
        return type.equalsIgnoringCase("application/json") ? .plainJSON : .other
    }

    private static func contentCoding(_ value: String) -> ContentCoding {
        let name = trimmed(Substring(value))
        if name.isEmpty || name.equalsIgnoringCase("identity") { return .identity }
        if name.equalsIgnoringCase("gzip") || name.equalsIgnoringCase("x-gzip") { return .gzip }
        return name.equalsIgnoringCase("deflate") ? .deflate : .unsupported
    }

    /// A text without spaces and tabs at its ends.
    static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while text.first == " " || text.first == "\t" { text.removeFirst() }
        while text.last == " " || text.last == "\t" { text.removeLast() }
        return text
    }
}

extension StringProtocol {
    /// Whether this is a given lower-case ASCII text, in any case.
    func equalsIgnoringCase(_ lowercase: StaticString) -> Bool {
        guard utf8.count == lowercase.utf8CodeUnitCount else { return false }
        return lowercase.withUTF8Buffer { expected in
            var index = 0
            for byte in utf8 {
                let isUpper = byte &- UInt8(ascii: "A") < 26
                guard (isUpper ? byte | 0x20 : byte) == expected[index] else { return false }
                index += 1
            }
            return true
        }
    }
}
