internal import Glibc

/// Reads what a run must know out of an answer's JSON, and skips all else without a tree.
///
/// It trusts the server to send JSON: on anything else it stops early, within the bytes.
struct AnswerScanner {
    private let bytes: UnsafeRawBufferPointer
    private var at = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    /// What was consumed in a table or an index.
    struct Consumed {
        var table: UnsafeRawBufferPointer
        var index: UnsafeRawBufferPointer?
        var units = 0.0
        var readUnits: Double?
        var writeUnits: Double?
    }

    struct Answer {
        var consumed: [Consumed] = []
        var count = 0
        var scannedCount = 0
        var itemByteCount = 0
        var hasUnprocessed = false
    }

    mutating func answer() -> Answer {
        var answer = Answer()
        forEachMember { name, scanner in
            switch name.count {
            case 4 where Self.isEqual(name, "Item"):
                answer.itemByteCount = scanner.attributesByteCount(depth: 0)
            case 5 where Self.isEqual(name, "Count"): answer.count = Int(scanner.number())
            case 12 where Self.isEqual(name, "ScannedCount"):
                answer.scannedCount = Int(scanner.number())
            case 15 where Self.isEqual(name, "UnprocessedKeys"),
                16 where Self.isEqual(name, "UnprocessedItems"):
                answer.hasUnprocessed = !scanner.isEmptyObject()
                scanner.skipValue()
            case 16 where Self.isEqual(name, "ConsumedCapacity"):
                if scanner.peek() == UInt8(ascii: "[") {
                    scanner.forEachElement { $0.consumption(into: &answer.consumed) }
                } else {
                    scanner.consumption(into: &answer.consumed)
                }
            default: scanner.skipValue()
            }
        }
        return answer
    }

    // MARK: Consumption

    private mutating func consumption(into consumed: inout [Consumed]) {
        let empty = UnsafeRawBufferPointer(start: nil, count: 0)
        var total = Consumed(table: empty)
        var table: Consumed?
        let first = consumed.count
        forEachMember { name, scanner in
            if Self.isEqual(name, "TableName") {
                total.table = scanner.string()
            } else if Self.isEqual(name, "Table") {
                table = scanner.arm()
            } else if Self.isEqual(name, "GlobalSecondaryIndexes")
                || Self.isEqual(name, "LocalSecondaryIndexes")
            {
                scanner.forEachMember { index, scanner in
                    var arm = scanner.arm()
                    arm.index = index
                    consumed.append(arm)
                }
            } else {
                scanner.units(name, into: &total)
            }
        }
        for place in first..<consumed.count { consumed[place].table = total.table }
        var own = table ?? total
        own.table = total.table
        consumed.insert(own, at: first)
    }

    private mutating func arm() -> Consumed {
        var arm = Consumed(table: UnsafeRawBufferPointer(start: nil, count: 0))
        forEachMember { name, scanner in scanner.units(name, into: &arm) }
        return arm
    }

    private mutating func units(_ name: UnsafeRawBufferPointer, into consumed: inout Consumed) {
        if Self.isEqual(name, "CapacityUnits") {
            consumed.units = number()
        } else if Self.isEqual(name, "ReadCapacityUnits") {
            consumed.readUnits = number()
        } else if Self.isEqual(name, "WriteCapacityUnits") {
            consumed.writeUnits = number()
        } else {
            skipValue()
        }
    }

    // MARK: Sizes

    /// The DynamoDB size of a map of attributes: names and values.
    private mutating func attributesByteCount(depth: Int) -> Int {
        var sum = 0
        forEachMember { name, scanner in
            sum += Self.textByteCount(name) + scanner.valueByteCount(depth: depth)
        }
        return sum
    }

    private mutating func valueByteCount(depth: Int) -> Int {
        var size = 0
        forEachMember { type, scanner in
            guard depth < 40 else { return scanner.skipValue() }
            size = scanner.byteCount(type, depth: depth)
        }
        return size
    }

    private mutating func byteCount(_ type: UnsafeRawBufferPointer, depth: Int) -> Int {
        switch (type.first ?? 0, type.count) {
        case (UInt8(ascii: "S"), 1): return Self.textByteCount(string())
        case (UInt8(ascii: "N"), 1):
            return GeneratedValue.number(String(decoding: string(), as: UTF8.self)).byteCount
        case (UInt8(ascii: "B"), 1): return Self.decodedByteCount(string())
        case (UInt8(ascii: "M"), 1):
            var count = 0
            var sum = 3
            forEachMember { name, scanner in
                count += 1
                sum += Self.textByteCount(name) + scanner.valueByteCount(depth: depth + 1)
            }
            return sum + count
        case (UInt8(ascii: "L"), 1):
            var sum = 3
            forEachElement { sum += 1 + $0.valueByteCount(depth: depth + 1) }
            return sum
        case (let first, 2):
            var sum = 0
            let scalar = UnsafeRawBufferPointer(rebasing: type[..<1])
            guard first != 0 else { return 0 }
            forEachElement { sum += $0.byteCount(scalar, depth: depth + 1) }
            return sum
        default:
            skipValue()
            return 1
        }
    }

    /// UTF-8 bytes of a JSON string's contents, escapes resolved.
    private static func textByteCount(_ text: UnsafeRawBufferPointer) -> Int {
        guard memchr(text, 0x5C) else { return text.count }
        var count = 0
        var at = 0
        while at < text.count {
            count += 1
            guard text[at] == 0x5C else {
                at += 1
                continue
            }
            guard at + 1 < text.count, text[at + 1] == UInt8(ascii: "u"), at + 6 <= text.count
            else {
                at += 2
                continue
            }
            let digits = String(decoding: text[(at + 2)..<(at + 6)], as: UTF8.self)
            let unit = UInt32(digits, radix: 16) ?? 0
            // Half of a surrogate pair counts for two of the four bytes.
            let isSurrogate = unit & 0xF800 == 0xD800
            count += isSurrogate ? 1 : unit < 0x80 ? 0 : unit < 0x800 ? 1 : 2
            at += 6
        }
        return count
    }

    private static func memchr(_ text: UnsafeRawBufferPointer, _ byte: Int32) -> Bool {
        text.baseAddress.map { Glibc.memchr($0, byte, text.count) != nil } ?? false
    }

    private static func decodedByteCount(_ text: UnsafeRawBufferPointer) -> Int {
        let padding = text.suffix(2).filter { $0 == UInt8(ascii: "=") }.count
        return text.count / 4 * 3 - padding
    }

    // MARK: JSON

    private mutating func peek() -> UInt8 {
        while at < bytes.count, bytes[at] <= 0x20 { at += 1 }
        return at < bytes.count ? bytes[at] : 0
    }

    private mutating func isEmptyObject() -> Bool {
        guard peek() == UInt8(ascii: "{") else { return true }
        var ahead = self
        ahead.at += 1
        return ahead.peek() == UInt8(ascii: "}")
    }

    /// Calls back with each member's name (as written); the callback reads the value.
    private mutating func forEachMember(
        _ body: (UnsafeRawBufferPointer, inout AnswerScanner) -> Void
    ) {
        guard peek() == UInt8(ascii: "{") else { return skipValue() }
        at += 1
        while true {
            switch peek() {
            case UInt8(ascii: "\""):
                let name = string()
                guard peek() == UInt8(ascii: ":") else { return stop() }
                at += 1
                let before = at
                body(name, &self)
                if at == before { return stop() }
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "}"):
                at += 1
                return
            default: return stop()
            }
        }
    }

    private mutating func forEachElement(_ body: (inout AnswerScanner) -> Void) {
        guard peek() == UInt8(ascii: "[") else { return skipValue() }
        at += 1
        while true {
            switch peek() {
            case UInt8(ascii: ","): at += 1
            case UInt8(ascii: "]"):
                at += 1
                return
            case 0: return stop()
            default:
                let before = at
                body(&self)
                if at == before { return stop() }
            }
        }
    }

    private mutating func stop() { at = bytes.count }

    /// A string's contents as written; empty where none comes.
    private mutating func string() -> UnsafeRawBufferPointer {
        guard peek() == UInt8(ascii: "\"") else {
            skipValue()
            return UnsafeRawBufferPointer(start: nil, count: 0)
        }
        let start = at + 1
        let end = stringEnd(from: start)
        at = min(end + 1, bytes.count)
        return UnsafeRawBufferPointer(rebasing: bytes[start..<end])
    }

    /// Where the closing quote is; the end where there is none.
    private func stringEnd(from start: Int) -> Int {
        guard let base = bytes.baseAddress else { return start }
        var from = start
        while from < bytes.count,
            let found = Glibc.memchr(base + from, 0x22, bytes.count - from)
        {
            let quote = base.distance(to: UnsafeRawPointer(found))
            var backslashes = 0
            while quote - backslashes > start, bytes[quote - backslashes - 1] == 0x5C {
                backslashes += 1
            }
            if backslashes % 2 == 0 { return quote }
            from = quote + 1
        }
        return bytes.count
    }

    private mutating func number() -> Double {
        _ = peek()
        let start = at
        var value = 0.0
        var scale = 0.0
        while at < bytes.count {
            let byte = bytes[at]
            if byte &- 0x30 <= 9 {
                value = value * 10 + Double(byte &- 0x30)
                scale *= 10
            } else if byte == UInt8(ascii: ".") {
                scale = 1
            } else {
                break
            }
            at += 1
        }
        if at < bytes.count, "eE+-".utf8.contains(bytes[at]) {
            while at < bytes.count, !",}] \n".utf8.contains(bytes[at]) { at += 1 }
            return Double(String(decoding: bytes[start..<at], as: UTF8.self)) ?? 0
        }
        if at == start { skipValue() }
        return scale > 1 ? value / scale : value
    }

    private mutating func skipValue() {
        var depth = 0
        while true {
            switch peek() {
            case 0: return stop()
            case UInt8(ascii: "\""): at = min(stringEnd(from: at + 1) + 1, bytes.count)
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                at += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                if depth == 0 { return }
                depth -= 1
                at += 1
            case UInt8(ascii: ","), UInt8(ascii: ":"):
                if depth == 0 { return }
                at += 1
                continue
            default: skipWord()
            }
            if depth == 0 { return }
        }
    }

    private mutating func skipWord() {
        at += 1
        while at < bytes.count {
            switch bytes[at] {
            case UInt8(ascii: ","), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: ":"),
                0...0x20:
                return
            default: at += 1
            }
        }
    }

    private static func isEqual(_ bytes: UnsafeRawBufferPointer, _ text: StaticString) -> Bool {
        guard bytes.count == text.utf8CodeUnitCount, let base = bytes.baseAddress else {
            return false
        }
        return memcmp(base, text.utf8Start, bytes.count) == 0
    }
}
