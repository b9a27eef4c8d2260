/// Why a text or a result is not a DynamoDB number.
package enum NumberFault: Error, Sendable, Equatable {
    /// Not a decimal number at all; carries the text as it was sent.
    case notNumeric(String)
    /// More than 38 significant digits.
    case tooManyDigits
    /// Magnitude above 9.9999999999999999999999999999999999999E+125.
    case overflow
    /// Magnitude below 1E-130 and not zero.
    case underflow

    /// The service's words for this fault.
    package var message: String {
        switch self {
        case .notNumeric(let text):
            text.isEmpty
                ? "The parameter cannot be converted to a numeric value"
                : "The parameter cannot be converted to a numeric value: \(text)"
        case .tooManyDigits:
            "Attempting to store more than 38 significant digits in a Number"
        case .overflow:
            "Number overflow. Attempting to store a number with magnitude larger than supported range"
        case .underflow:
            "Number underflow. Attempting to store a number with magnitude smaller than supported range"
        }
    }
}

/// A DynamoDB number: an exact decimal of at most 38 significant digits.
///
/// The value is `±0.d₀d₁d₂… × 10^exponent`, the digits without leading or trailing zeros; zero has
/// no digits. Arithmetic is exact: a result that needs more than 38 digits is an error, never
/// rounded. The byte form, which sorts as the numbers do, is in `NumberEncoding.swift`.
package struct DecimalNumber: Sendable, Hashable, Comparable, CustomStringConvertible {
    /// The greatest count of significant digits.
    package static let digitsMax = 38

    package private(set) var isNegative: Bool
    /// Decimal digits, each 0…9, most significant first.
    package private(set) var digits: [UInt8]
    package private(set) var exponent: Int

    package static let zero = DecimalNumber(isNegative: false, digits: [], exponent: 0)

    /// A number from untrimmed digits; trims zeros, then checks digits and magnitude.
    package init(
        checking digits: [UInt8], isNegative: Bool, exponent: Int
    ) throws(NumberFault) {
        var first = 0
        while first < digits.count, digits[first] == 0 { first += 1 }
        var end = digits.count
        while end > first, digits[end - 1] == 0 { end -= 1 }
        guard first < end else {
            self = .zero
            return
        }
        let trimmedExponent = exponent - first
        if trimmedExponent > 126 { throw .overflow }
        if trimmedExponent < -129 { throw .underflow }
        if end - first > Self.digitsMax { throw .tooManyDigits }
        self.init(
            isNegative: isNegative, digits: Array(digits[first..<end]), exponent: trimmedExponent)
    }

    init(isNegative: Bool, digits: [UInt8], exponent: Int) {
        self.isNegative = isNegative
        self.digits = digits
        self.exponent = exponent
    }

    /// Parses a decimal text, as Java's BigDecimal reads it.
    package init(_ text: String) throws(NumberFault) {
        var text = text
        var parsed: ParsedDecimal?
        text.withUTF8 { parsed = ParsedDecimal(text: $0) }
        guard let parsed else { throw .notNumeric(text) }
        try self.init(
            checking: parsed.digits, isNegative: parsed.isNegative, exponent: parsed.exponent)
    }

    /// A number of an integer.
    package init(_ value: Int) {
        var digits: [UInt8] = []
        var magnitude = value.magnitude
        while magnitude > 0 {
            digits.append(UInt8(magnitude % 10))
            magnitude /= 10
        }
        let exponent = digits.count
        digits.reverse()
        while digits.last == 0 { digits.removeLast() }
        self.init(
            isNegative: value < 0, digits: digits, exponent: digits.isEmpty ? 0 : exponent)
    }

    package var negated: DecimalNumber {
        digits.isEmpty
            ? self : DecimalNumber(isNegative: !isNegative, digits: digits, exponent: exponent)
    }

    /// The exact sum.
    ///
    /// - Throws: a `NumberFault` where the sum has too many digits or is out of range.
    package func adding(_ other: DecimalNumber) throws(NumberFault) -> DecimalNumber {
        if digits.isEmpty { return other }
        if other.digits.isEmpty { return self }
        // Align both to one exponent and one least digit; the span is at most 38 + 255 digits.
        let top = max(exponent, other.exponent)
        let bottom = min(exponent - digits.count, other.exponent - other.digits.count)
        let width = top - bottom
        func aligned(_ number: DecimalNumber) -> [Int8] {
            var result = [Int8](repeating: 0, count: width)
            let offset = top - number.exponent
            for (index, digit) in number.digits.enumerated() {
                result[offset + index] = Int8(digit)
            }
            return result
        }
        let left = aligned(self)
        let right = aligned(other)
        if isNegative == other.isNegative {
            var sum = [UInt8](repeating: 0, count: width + 1)
            var carry: Int8 = 0
            for index in stride(from: width - 1, through: 0, by: -1) {
                let digit = left[index] + right[index] + carry
                carry = digit >= 10 ? 1 : 0
                sum[index + 1] = UInt8(digit % 10)
            }
            sum[0] = UInt8(carry)
            return try DecimalNumber(checking: sum, isNegative: isNegative, exponent: top + 1)
        }
        // Opposite signs: subtract the smaller magnitude from the larger.
        let leftIsLarger = !left.lexicographicallyPrecedes(right)
        let (large, small) = leftIsLarger ? (left, right) : (right, left)
        var difference = [UInt8](repeating: 0, count: width)
        var borrow: Int8 = 0
        for index in stride(from: width - 1, through: 0, by: -1) {
            var digit = large[index] - small[index] - borrow
            borrow = digit < 0 ? 1 : 0
            if digit < 0 { digit += 10 }
            difference[index] = UInt8(digit)
        }
        return try DecimalNumber(
            checking: difference, isNegative: leftIsLarger ? isNegative : other.isNegative,
            exponent: top)
    }

    /// The exact difference.
    package func subtracting(_ other: DecimalNumber) throws(NumberFault) -> DecimalNumber {
        try adding(other.negated)
    }

    package static func < (left: DecimalNumber, right: DecimalNumber) -> Bool {
        if left.sign != right.sign { return left.sign < right.sign }
        let (small, large) = left.isNegative ? (right, left) : (left, right)
        if small.exponent != large.exponent { return small.exponent < large.exponent }
        return small.digits.lexicographicallyPrecedes(large.digits)
    }

    private var sign: Int { digits.isEmpty ? 0 : isNegative ? -1 : 1 }

    /// The integer value, if this is a whole number that fits.
    package var integer: Int? { Int(description) }

    /// The service's canonical text: a plain decimal without exponent.
    package var description: String {
        var text: [UInt8] = []
        appendText(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Appends the canonical text in ASCII.
    package func appendText(to output: inout [UInt8]) {
        digits.withUnsafeBufferPointer {
            Self.appendText(
                isNegative: isNegative, digits: $0, exponent: exponent, to: &output)
        }
    }

    /// Appends the canonical text of `±0.digits × 10^exponent`, the digits trimmed.
    static func appendText(
        isNegative: Bool, digits: UnsafeBufferPointer<UInt8>, exponent: Int,
        to output: inout [UInt8]
    ) {
        let zero = UInt8(ascii: "0")
        guard !digits.isEmpty else {
            output.append(zero)
            return
        }
        if isNegative { output.append(UInt8(ascii: "-")) }
        if exponent <= 0 {
            output.append(zero)
            output.append(UInt8(ascii: "."))
            output.append(contentsOf: repeatElement(zero, count: -exponent))
        }
        for index in digits.indices {
            if index == exponent, index > 0 { output.append(UInt8(ascii: ".")) }
            output.append(zero + digits[index])
        }
        if exponent > digits.count {
            output.append(contentsOf: repeatElement(zero, count: exponent - digits.count))
        }
    }
}

/// The parts of a decimal text, before any limit is applied.
struct ParsedDecimal {
    var isNegative = false
    var digits: [UInt8] = []
    /// The value is `0.digits × 10^exponent`.
    var exponent = 0

    /// Reads `[+-] digits [. digits] [(e|E) [+-] digits]`; nil where the text is anything else.
    init?(text: UnsafeBufferPointer<UInt8>) {
        var index = 0
        let end = text.count
        guard index < end else { return nil }
        if text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
            isNegative = text[index] == UInt8(ascii: "-")
            index += 1
        }
        digits.reserveCapacity(min(end, 64))
        var sawDigit = false
        var leading = true
        var integerDigits = 0
        var sawPoint = false
        var skippedFraction = 0
        while index < end {
            let byte = text[index]
            if byte == UInt8(ascii: ".") {
                if sawPoint { return nil }
                sawPoint = true
            } else if byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") {
                sawDigit = true
                if leading, byte == UInt8(ascii: "0") {
                    if sawPoint { skippedFraction += 1 }
                } else {
                    leading = false
                    digits.append(byte - UInt8(ascii: "0"))
                    if !sawPoint { integerDigits += 1 }
                }
            } else {
                break
            }
            index += 1
        }
        guard sawDigit else { return nil }
        exponent = integerDigits > 0 ? integerDigits : -skippedFraction
        guard index < end else { return }
        guard text[index] | 0x20 == UInt8(ascii: "e") else { return nil }
        index += 1
        var exponentIsNegative = false
        if index < end, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+") {
            exponentIsNegative = text[index] == UInt8(ascii: "-")
            index += 1
        }
        guard index < end else { return nil }
        var value = 0
        while index < end {
            let byte = text[index]
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            // BigDecimal reads no exponent that does not fit 32 bits.
            if value > Int(Int32.max) { return nil }
            index += 1
        }
        exponent += exponentIsNegative ? -value : value
    }
}
