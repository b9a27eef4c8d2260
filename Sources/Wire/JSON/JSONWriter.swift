/// Appends JSON to bytes.
///
/// Commas take care of themselves: `name` and `element` put one unless an opening bracket stands
/// before. The caller keeps the rest of the grammar: each `name` or `element` followed by one
/// value, brackets closed in order.
package struct JSONWriter {
    /// What was written, after what was there.
    package var bytes: [UInt8]

    /// A writer that begins with nothing, or goes on after bytes that are there.
    package init(appendingTo bytes: consuming [UInt8] = []) {
        self.bytes = bytes
    }

    // MARK: Structure

    package mutating func beginObject() { bytes.append(UInt8(ascii: "{")) }
    package mutating func endObject() { bytes.append(UInt8(ascii: "}")) }
    package mutating func beginArray() { bytes.append(UInt8(ascii: "[")) }
    package mutating func endArray() { bytes.append(UInt8(ascii: "]")) }

    /// A member's name and colon, after the comma if one is due.
    ///
    /// The name must need no escapes.
    package mutating func name(_ name: StaticString) {
        comma(after: UInt8(ascii: "{"))
        bytes.append(UInt8(ascii: "\""))
        literal(name)
        literal("\":")
    }

    /// A member's name and colon, after the comma if one is due.
    package mutating func name(_ name: String) {
        comma(after: UInt8(ascii: "{"))
        string(name)
        bytes.append(UInt8(ascii: ":"))
    }

    /// The comma before an array's element, if one is due.
    package mutating func element() {
        comma(after: UInt8(ascii: "["))
    }

    private mutating func comma(after bracket: UInt8) {
        if let last = bytes.last, last != bracket { bytes.append(UInt8(ascii: ",")) }
    }

    // MARK: Values

    /// Text that is JSON already.
    @inline(__always)
    package mutating func literal(_ text: StaticString) {
        bytes.append(
            contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    package mutating func null() { literal("null") }

    package mutating func bool(_ value: Bool) {
        if value { literal("true") } else { literal("false") }
    }

    package mutating func integer(_ value: Int) {
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        var magnitude = value.magnitude
        var divisor: UInt = 1
        while magnitude / divisor >= 10 { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: magnitude / divisor))
            magnitude %= divisor
            divisor /= 10
        }
    }

    /// A double as Java prints it: `0.5`, `1.0`, `1.763712345678E9`.
    ///
    /// What JSON has no number for (infinities, NaN) is written as 0.0.
    package mutating func double(_ value: Double) {
        guard value.isFinite, value != 0 else {
            literal("0.0")
            return
        }
        if value < 0 { bytes.append(UInt8(ascii: "-")) }
        let (digits, exponent) = Self.shortestDecimal(value.magnitude)
        // The value is 0.digits × 10^exponent; Java changes to E below 10^-3 and from 10^7 on.
        switch exponent {
        case 1...7:
            for index in 0..<exponent { bytes.append(index < digits.count ? digits[index] : 0x30) }
            fraction(digits.dropFirst(exponent))
        case -2...0:
            literal("0.")
            for _ in exponent..<0 { bytes.append(0x30) }
            bytes.append(contentsOf: digits)
        default:
            bytes.append(digits.first ?? 0x30)
            fraction(digits.dropFirst())
            bytes.append(UInt8(ascii: "E"))
            integer(exponent - 1)
        }
    }

    private mutating func fraction(_ digits: ArraySlice<UInt8>) {
        bytes.append(UInt8(ascii: "."))
        if digits.isEmpty { bytes.append(0x30) } else { bytes.append(contentsOf: digits) }
    }

    /// The fewest digits that tell a positive double apart, and its exponent.
    private static func shortestDecimal(_ value: Double) -> (digits: [UInt8], exponent: Int) {
        var digits: [UInt8] = []
        var exponent = 0
        var pointAt: Int?
        var description = Array(value.description.utf8)[...]
        if let mark = description.firstIndex(of: UInt8(ascii: "e")) {
            let text = String(decoding: description[(mark + 1)...], as: UTF8.self)
            exponent = Int(text) ?? 0
            description = description[..<mark]
        }
        for byte in description {
            if byte == UInt8(ascii: ".") { pointAt = digits.count } else { digits.append(byte) }
        }
        exponent += pointAt ?? digits.count
        let zeros = digits.prefix { $0 == 0x30 }.count
        digits.removeFirst(zeros)
        exponent -= zeros
        while digits.count > 1, digits.last == 0x30 { digits.removeLast() }
        return (digits, exponent)
    }

    /// A string in quotes.
    package mutating func string(_ value: String) {
        var value = value
        value.withUTF8 { string(utf8: $0) }
    }

    /// A string in quotes, given in UTF-8.
    package mutating func string(utf8: UnsafeBufferPointer<UInt8>) {
        bytes.append(UInt8(ascii: "\""))
        escaped(utf8)
        bytes.append(UInt8(ascii: "\""))
    }

    /// A tree.
    package mutating func value(_ value: JSONValue) {
        switch value {
        case .null: null()
        case .bool(let flag): bool(flag)
        case .number(let text): bytes.append(contentsOf: text.utf8)
        case .string(let text): string(text)
        case .array(let elements):
            beginArray()
            for value in elements {
                element()
                self.value(value)
            }
            endArray()
        case .object(let members):
            beginObject()
            for (name, value) in members {
                self.name(name)
                self.value(value)
            }
            endObject()
        }
    }

    // MARK: Escapes

    /// The contents of a string: `"`, `\` and control characters escaped, all else as it is.
    @inline(__always)
    mutating func escaped(_ utf8: UnsafeBufferPointer<UInt8>) {
        let raw = UnsafeRawBufferPointer(utf8)
        var runStart = 0
        var index = 0
        while index < utf8.count {
            if index + 8 <= utf8.count {
                let word = UInt64(
                    littleEndian: raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
                let hits = JSONScan.escapeStops(word)
                if hits == 0 {
                    index += 8
                    continue
                }
                index += hits.trailingZeroBitCount >> 3
            } else if !Self.needsEscape(utf8[index]) {
                index += 1
                continue
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[runStart..<index]))
            escape(utf8[index])
            index += 1
            runStart = index
        }
        bytes.append(contentsOf: UnsafeBufferPointer(rebasing: utf8[runStart...]))
    }

    @inline(__always)
    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }

    private mutating func escape(_ byte: UInt8) {
        switch byte {
        case UInt8(ascii: "\""): literal("\\\"")
        case UInt8(ascii: "\\"): literal("\\\\")
        case 0x08: literal("\\b")
        case 0x09: literal("\\t")
        case 0x0A: literal("\\n")
        case 0x0C: literal("\\f")
        case 0x0D: literal("\\r")
        default:
            literal("\\u00")
            bytes.append(UInt8(ascii: "0") + byte >> 4)
            let low = byte & 0xF
            bytes.append(low < 10 ? UInt8(ascii: "0") + low : UInt8(ascii: "A") + low - 10)
        }
    }
}
