internal import Operations

/// Whether a payload is JSON, found without making a tree of it.
///
/// Payloads may be six megabytes and nested as deep as the handler likes.
struct PayloadCheck {
    private let bytes: [UInt8]
    private var offset = 0

    /// The deepest nesting, as the service's parser has it.
    private static let depthMax = 1_000

    /// What is wrong with a payload, in the words of the service's parser; nil where nothing is.
    static func fault(_ bytes: [UInt8]) -> String? {
        var check = PayloadCheck(bytes: bytes)
        return check.run()
    }

    static func error(_ fault: String) -> ServiceError {
        .lambda(
            "InvalidRequestContentException", "Could not parse request body into json: \(fault)")
    }

    private init(bytes: [UInt8]) { self.bytes = bytes }

    private enum Expected { case value, valueOrEnd, name, nameOrEnd, separator }

    private mutating func run() -> String? {
        // true: an object, false: an array.
        var open: [Bool] = []
        var expected = Expected.value
        while true {
            skipSpace()
            if expected == .separator, open.isEmpty {
                return offset == bytes.count ? nil : unexpectedToken()
            }
            guard offset < bytes.count else { return endOfInput() }
            let byte = bytes[offset]
            switch (expected, byte) {
            case (.separator, UInt8(ascii: ",")):
                offset += 1
                expected = open.last == true ? .name : .value
            case (.separator, UInt8(ascii: "}")) where open.last == true,
                (.nameOrEnd, UInt8(ascii: "}")),
                (.separator, UInt8(ascii: "]")) where open.last == false,
                (.valueOrEnd, UInt8(ascii: "]")):
                offset += 1
                open.removeLast()
                expected = .separator
            case (.name, UInt8(ascii: "\"")), (.nameOrEnd, UInt8(ascii: "\"")):
                if let fault = string() { return fault }
                skipSpace()
                guard offset < bytes.count else { return endOfInput() }
                guard bytes[offset] == UInt8(ascii: ":") else {
                    return unexpected("was expecting a colon to separate field name and value")
                }
                offset += 1
                expected = .value
            case (.name, _), (.nameOrEnd, _):
                return unexpected("was expecting double-quote to start field name")
            case (.separator, _):
                let container = open.last == true ? "Object" : "Array"
                return unexpected("was expecting comma to separate \(container) entries")
            case (_, UInt8(ascii: "{")), (_, UInt8(ascii: "[")):
                guard open.count < Self.depthMax else {
                    return "Document nesting depth (1001) exceeds the maximum allowed (1000)"
                }
                offset += 1
                open.append(byte == UInt8(ascii: "{"))
                expected = byte == UInt8(ascii: "{") ? .nameOrEnd : .valueOrEnd
            default:
                if let fault = scalar(byte) { return fault }
                expected = .separator
            }
        }
    }

    private mutating func skipSpace() {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0A, 0x0D: offset += 1
            default: return
            }
        }
    }

    private mutating func scalar(_ byte: UInt8) -> String? {
        switch byte {
        case UInt8(ascii: "\""): return string()
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return number()
        default:
            for word in ["true", "false", "null"] where bytes[offset...].starts(with: word.utf8) {
                let end = offset + word.utf8.count
                if end == bytes.count || !Self.isWord(bytes[end]) {
                    offset = end
                    return nil
                }
            }
            return unexpectedToken()
        }
    }

    private mutating func string() -> String? {
        let start = offset
        offset += 1
        while offset < bytes.count {
            switch bytes[offset] {
            case UInt8(ascii: "\""):
                offset += 1
                let isText =
                    String(validating: bytes[start..<offset], as: UTF8.self) != nil
                return isText ? nil : "Invalid UTF-8 start byte\(place(start))"
            case UInt8(ascii: "\\"):
                offset += 1
                guard offset < bytes.count else { return endOfInput() }
                if bytes[offset] == UInt8(ascii: "u") {
                    let digits = bytes[(offset + 1)...].prefix(4)
                    guard digits.count == 4, digits.allSatisfy(Self.isHexDigit) else {
                        return unexpected("expected a hex-digit for character escape sequence")
                    }
                    offset += 4
                } else if !"\"\\/bfnrt".utf8.contains(bytes[offset]) {
                    return "Unrecognized character escape\(place(offset + 1))"
                }
                offset += 1
            case 0..<0x20:
                return "Illegal unquoted character ((CTRL-CHAR, code \(bytes[offset]))): has to be "
                    + "escaped using backslash to be included in string value\(place(offset + 1))"
            default:
                offset += 1
            }
        }
        return "Unexpected end-of-input: was expecting closing quote for a string value"
            + place(offset + 1)
    }

    private mutating func number() -> String? {
        func digits() -> Int {
            var count = 0
            while offset + count < bytes.count, (0x30...0x39).contains(bytes[offset + count]) {
                count += 1
            }
            return count
        }
        if bytes[offset] == UInt8(ascii: "-") { offset += 1 }
        let whole = digits()
        guard whole > 0 else { return unexpected("expected digit (0-9)") }
        if whole > 1, bytes[offset] == UInt8(ascii: "0") {
            return "Invalid numeric value: Leading zeroes not allowed\(place(offset + 1))"
        }
        offset += whole
        if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
            offset += 1
            let count = digits()
            guard count > 0 else { return unexpected("Decimal point not followed by a digit") }
            offset += count
        }
        if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if offset < bytes.count, bytes[offset] == 0x2B || bytes[offset] == 0x2D { offset += 1 }
            let count = digits()
            guard count > 0 else { return unexpected("Exponent indicator not followed by a digit") }
            offset += count
        }
        return nil
    }

    // MARK: Words

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }

    private static func isWord(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
            || byte == UInt8(ascii: "_") || byte >= 0x80
    }

    private func endOfInput() -> String { "Unexpected end-of-input\(place(bytes.count + 1))" }

    private func unexpected(_ expectation: String) -> String {
        guard offset < bytes.count else { return endOfInput() }
        let byte = bytes[offset]
        let shown = (0x20...0x7E).contains(byte) ? String(UnicodeScalar(byte)) : "?"
        return
            "Unexpected character ('\(shown)' (code \(byte))): \(expectation)\(place(offset + 1))"
    }

    private func unexpectedToken() -> String {
        guard offset < bytes.count else { return endOfInput() }
        let word = bytes[offset...].prefix(while: Self.isWord).prefix(256)
        guard !word.isEmpty else {
            return unexpected(
                "expected a valid value (JSON String, Number, Array, Object or token 'null', "
                    + "'true' or 'false')")
        }
        return "Unrecognized token '\(String(decoding: word, as: UTF8.self))': was expecting (JSON "
            + "String, Number, Array, Object or token 'null', 'true' or 'false')"
            + place(offset + word.count + 1)
    }

    /// Where it is, from 1 on.
    private func place(_ column: Int) -> String {
        let before = bytes.prefix(max(0, column - 1))
        let line = before.count { $0 == 0x0A } + 1
        let start = before.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        let shown = String(decoding: bytes.prefix(500), as: UTF8.self)
        let more = bytes.count > 500 ? "[truncated \(bytes.count - 500) bytes]" : ""
        return "\n at [Source: (byte[])\"\(shown)\"\(more); line: \(line), column: "
            + "\(column - start)]"
    }
}
