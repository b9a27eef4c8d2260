internal import Operations

/// The UTF-8 of a JSON string (escapes resolved) or the text of a number, lent by a reader.
///
/// Valid as long as the reader and the body that it reads.
typealias JSONText = UnsafeBufferPointer<UInt8>

/// Why a JSON text cannot be read on.
enum JSONFault: Error {
    /// Not JSON.
    case syntax
    /// Bytes that are no UTF-8, or half a surrogate pair.
    case encoding
    /// More than `Limits.jsonDepthMax` levels.
    case depth
    /// JSON, but not of the type, range or shape that was asked for.
    case unexpected
}

/// What a JSON value begins as.
enum JSONKind {
    case null, bool, number, string, array, object
}

/// A single-pass pull reader over the bytes of a body.
///
/// Strict JSON (RFC 8259) in UTF-8: control characters in strings, leading zeros, trailing commas,
/// malformed UTF-8 and lone surrogates are faults. Each byte is read once, behind a comparison with
/// the end; nothing is recursive but `skipValue`, whose depth is bounded. Strings without escapes
/// are lent from the body; others from one buffer as large as the body (unescaping never grows).
struct JSONReader: ~Copyable {
    private let bytes: UnsafeRawBufferPointer
    private let end: Int
    private var offset = 0
    private var depth = 0
    private var unescaped: UnsafeMutableBufferPointer<UInt8>?
    private var unescapedCount = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        end = bytes.count
        // A byte order mark is skipped, as the service's parser does.
        if end >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { offset = 3 }
    }

    deinit { unescaped?.deallocate() }

    /// The count of bytes not yet read.
    var remainingCount: Int { end - offset }

    // MARK: Structure

    /// The kind of the value that comes next; reads nothing but space.
    @inline(__always)
    mutating func kind() throws(JSONFault) -> JSONKind {
        switch try peek() {
        case UInt8(ascii: "\""): return .string
        case UInt8(ascii: "{"): return .object
        case UInt8(ascii: "["): return .array
        case UInt8(ascii: "t"), UInt8(ascii: "f"): return .bool
        case UInt8(ascii: "n"): return .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return .number
        default: throw .syntax
        }
    }

    /// Reads the opening brace of an object.
    @inline(__always)
    mutating func beginObject() throws(JSONFault) {
        try open(UInt8(ascii: "{"))
    }

    /// Reads the next member's name and colon; nil (and the closing brace read) at the end.
    ///
    /// - Parameter isFirst: true before the first call for an object; kept by this function.
    @inline(__always)
    mutating func nextMember(_ isFirst: inout Bool) throws(JSONFault) -> JSONText? {
        guard try !close(UInt8(ascii: "}"), &isFirst) else { return nil }
        guard try peek() == UInt8(ascii: "\"") else { throw .syntax }
        let name = try string()
        guard try peek() == UInt8(ascii: ":") else { throw .syntax }
        offset += 1
        return name
    }

    /// Reads the opening bracket of an array.
    @inline(__always)
    mutating func beginArray() throws(JSONFault) {
        try open(UInt8(ascii: "["))
    }

    /// Whether another element comes; the closing bracket is read at the end.
    ///
    /// - Parameter isFirst: true before the first call for an array; kept by this function.
    @inline(__always)
    mutating func nextElement(_ isFirst: inout Bool) throws(JSONFault) -> Bool {
        try !close(UInt8(ascii: "]"), &isFirst)
    }

    /// Checks that nothing but space remains.
    mutating func finish() throws(JSONFault) {
        skipSpace()
        guard offset == end else { throw .syntax }
    }

    // MARK: Values

    /// Reads a null if one comes next.
    @inline(__always)
    mutating func isNull() throws(JSONFault) -> Bool {
        guard try peek() == UInt8(ascii: "n") else { return false }
        try word("null")
        return true
    }

    /// Reads `true` or `false`.
    mutating func bool() throws(JSONFault) -> Bool {
        switch try peek() {
        case UInt8(ascii: "t"):
            try word("true")
            return true
        case UInt8(ascii: "f"):
            try word("false")
            return false
        default:
            throw .unexpected
        }
    }

    /// Reads a number and gives its text.
    mutating func number() throws(JSONFault) -> JSONText {
        let first = try peek()
        let start = offset
        if first == UInt8(ascii: "-") { offset += 1 }
        guard offset < end, isDigit(bytes[offset]) else {
            throw first == UInt8(ascii: "-") ? .syntax : .unexpected
        }
        if bytes[offset] == UInt8(ascii: "0") {
            offset += 1
            if offset < end, isDigit(bytes[offset]) { throw .syntax }
        } else {
            skipDigits()
        }
        if offset < end, bytes[offset] == UInt8(ascii: ".") {
            offset += 1
            try digits()
        }
        if offset < end, bytes[offset] | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if offset < end,
                bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-")
            {
                offset += 1
            }
            try digits()
        }
        return text(start, offset)
    }

    /// Reads a string and gives its UTF-8, escapes resolved.
    @inline(__always)
    mutating func string() throws(JSONFault) -> JSONText {
        guard try peek() == UInt8(ascii: "\"") else { throw .unexpected }
        let start = offset + 1
        let stop = try plainRunEnd(from: start)
        guard bytes[stop] == UInt8(ascii: "\"") else {
            return try unescapedString(from: start, firstEscape: stop)
        }
        offset = stop + 1
        return text(start, stop)
    }

    /// Reads a value of any kind, checks it, and forgets it.
    mutating func skipValue() throws(JSONFault) {
        var isFirst = true
        switch try kind() {
        case .null: _ = try isNull()
        case .bool: _ = try bool()
        case .number: _ = try number()
        case .string: _ = try string()
        case .array:
            try beginArray()
            while try nextElement(&isFirst) { try skipValue() }
        case .object:
            try beginObject()
            while try nextMember(&isFirst) != nil { try skipValue() }
        }
    }

    // MARK: Bytes

    @inline(__always)
    private mutating func skipSpace() {
        while offset < end {
            let byte = bytes[offset]
            guard byte <= 0x20, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else {
                return
            }
            offset += 1
        }
    }

    /// The next byte that is no space; it stays unread.
    @inline(__always)
    private mutating func peek() throws(JSONFault) -> UInt8 {
        skipSpace()
        guard offset < end else { throw .syntax }
        return bytes[offset]
    }

    @inline(__always)
    private mutating func open(_ bracket: UInt8) throws(JSONFault) {
        guard try peek() == bracket else { throw .unexpected }
        guard depth < Limits.jsonDepthMax else { throw .depth }
        offset += 1
        depth += 1
    }

    /// Reads the closing bracket if it comes, or else the comma that is due.
    @inline(__always)
    private mutating func close(
        _ bracket: UInt8, _ isFirst: inout Bool
    ) throws(JSONFault) -> Bool {
        let byte = try peek()
        if byte == bracket {
            offset += 1
            depth -= 1
            return true
        }
        if isFirst {
            isFirst = false
        } else {
            guard byte == UInt8(ascii: ",") else { throw .syntax }
            offset += 1
            // After a comma a value must come, not the end.
            guard try peek() != bracket else { throw .syntax }
        }
        return false
    }

    private mutating func word(_ word: StaticString) throws(JSONFault) {
        let count = word.utf8CodeUnitCount
        guard end - offset >= count else { throw .syntax }
        for index in 0..<count where bytes[offset + index] != word.utf8Start[index] {
            throw .syntax
        }
        offset += count
    }

    @inline(__always)
    private func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") <= 9 }

    private mutating func skipDigits() {
        while offset < end, isDigit(bytes[offset]) { offset += 1 }
    }

    private mutating func digits() throws(JSONFault) {
        guard offset < end, isDigit(bytes[offset]) else { throw .syntax }
        skipDigits()
    }

    @inline(__always)
    private func text(_ start: Int, _ end: Int) -> JSONText {
        UnsafeRawBufferPointer(rebasing: bytes[start..<end]).assumingMemoryBound(to: UInt8.self)
    }

    // MARK: Strings

    /// The offset of the first quote or backslash from `start` on; what precedes it was checked.
    @inline(__always)
    private func plainRunEnd(from start: Int) throws(JSONFault) -> Int {
        var index = start
        while true {
            while index + 8 <= end {
                let word = UInt64(
                    littleEndian: bytes.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                let hits = JSONScan.stringStops(word)
                if hits != 0 {
                    index += hits.trailingZeroBitCount >> 3
                    break
                }
                index += 8
            }
            guard index < end else { throw .syntax }
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return index }
            if byte < 0x20 { throw .syntax }
            if byte < 0x80 {
                index += 1
            } else {
                index = try multibyteRunEnd(from: index)
            }
        }
    }

    /// The offset of the next ASCII byte; the UTF-8 sequences before it were checked.
    private func multibyteRunEnd(from start: Int) throws(JSONFault) -> Int {
        var index = start
        while index < end, bytes[index] >= 0x80 {
            let lead = bytes[index]
            let count: Int
            var second: ClosedRange<UInt8> = 0x80...0xBF
            switch lead {
            case 0xC2...0xDF: count = 2
            case 0xE0...0xEF:
                count = 3
                if lead == 0xE0 { second = 0xA0...0xBF }
                if lead == 0xED { second = 0x80...0x9F }
            case 0xF0...0xF4:
                count = 4
                if lead == 0xF0 { second = 0x90...0xBF }
                if lead == 0xF4 { second = 0x80...0x8F }
            default: throw .encoding
            }
            guard end - index >= count, second.contains(bytes[index + 1]) else { throw .encoding }
            if count > 2, bytes[index + 2] & 0xC0 != 0x80 { throw .encoding }
            if count > 3, bytes[index + 3] & 0xC0 != 0x80 { throw .encoding }
            index += count
        }
        return index
    }

    /// Reads on a string in which an escape was met, into the buffer for unescaped strings.
    private mutating func unescapedString(
        from start: Int, firstEscape: Int
    ) throws(JSONFault) -> JSONText {
        let target = unescaped ?? .allocate(capacity: end)
        unescaped = target
        let textStart = unescapedCount
        var runStart = start
        var stop = firstEscape
        while true {
            try keep(text(runStart, stop), in: target)
            if bytes[stop] == UInt8(ascii: "\"") { break }
            offset = stop + 1
            try escape(in: target)
            runStart = offset
            stop = try plainRunEnd(from: runStart)
        }
        offset = stop + 1
        return JSONText(rebasing: target[textStart..<unescapedCount])
    }

    private mutating func keep(
        _ run: JSONText, in target: UnsafeMutableBufferPointer<UInt8>
    ) throws(JSONFault) {
        guard target.count - unescapedCount >= run.count else { throw .syntax }
        _ = UnsafeMutableBufferPointer(rebasing: target[unescapedCount...]).update(from: run)
        unescapedCount += run.count
    }

    /// Reads what follows a backslash.
    private mutating func escape(
        in target: UnsafeMutableBufferPointer<UInt8>
    ) throws(JSONFault) {
        guard offset < end else { throw .syntax }
        let byte = bytes[offset]
        offset += 1
        let scalar: UInt32
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): scalar = UInt32(byte)
        case UInt8(ascii: "b"): scalar = 0x08
        case UInt8(ascii: "f"): scalar = 0x0C
        case UInt8(ascii: "n"): scalar = 0x0A
        case UInt8(ascii: "r"): scalar = 0x0D
        case UInt8(ascii: "t"): scalar = 0x09
        case UInt8(ascii: "u"): scalar = try escapedScalar()
        default: throw .syntax
        }
        guard let checked = Unicode.Scalar(scalar) else { throw .encoding }
        for unit in UTF8.encode(checked) ?? UTF8.encodedReplacementCharacter {
            guard unescapedCount < target.count else { throw .syntax }
            target[unescapedCount] = unit
            unescapedCount += 1
        }
    }

    /// Reads the hexadecimal digits of a `\u`, and its second half where it is a high surrogate.
    private mutating func escapedScalar() throws(JSONFault) -> UInt32 {
        let first = try hexadecimalUnit()
        guard first & 0xFC00 == 0xD800 else { return first }
        guard end - offset >= 2, bytes[offset] == UInt8(ascii: "\\"),
            bytes[offset + 1] == UInt8(ascii: "u")
        else { throw .encoding }
        offset += 2
        let second = try hexadecimalUnit()
        guard second & 0xFC00 == 0xDC00 else { throw .encoding }
        return 0x10000 + (first & 0x3FF) << 10 + second & 0x3FF
    }

    private mutating func hexadecimalUnit() throws(JSONFault) -> UInt32 {
        guard end - offset >= 4 else { throw .syntax }
        var unit: UInt32 = 0
        for index in offset..<(offset + 4) {
            let byte = bytes[index]
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            case UInt8(ascii: "A")...UInt8(ascii: "F"): digit = byte - UInt8(ascii: "A") + 10
            default: throw .syntax
            }
            unit = unit << 4 | UInt32(digit)
        }
        offset += 4
        return unit
    }
}
