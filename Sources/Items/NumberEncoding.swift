// The byte form of a number, which sorts (as unsigned bytes) as the numbers do:
//
// - zero: the single byte 0x80.
// - positive: 0x80 + (e + 64), where the value is 0.p₀p₁… × 100^e in base-100 digits p and
//   −64 ≤ e ≤ 63; then each p + 1 (0x01…0x64). A longer mantissa sorts after its prefix.
// - negative: the complement of that first byte, then each 101 − p (0x02…0x65), then 0x66 where
//   fewer than 20 base-100 digits precede it, so that a longer mantissa sorts before its prefix.
//
// It is the form that the real service hashes (its item size rule and scan order betray it), so
// the partition of a number key is the service's own. At most 21 bytes.

extension DecimalNumber {
    /// The greatest length of the byte form.
    package static let encodedBytesMax = 21

    /// The order-preserving byte form.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        appendEncoded(to: &bytes)
        return bytes
    }

    /// Appends the order-preserving byte form.
    package func appendEncoded(to output: inout [UInt8]) {
        guard !digits.isEmpty else {
            output.append(0x80)
            return
        }
        let leadingZero = exponent & 1 != 0
        let base100Exponent = (exponent + (leadingZero ? 1 : 0)) >> 1
        let first = UInt8(truncatingIfNeeded: base100Exponent - 64)
        output.append(isNegative ? ~first : first)
        var pairs = 0
        func pair(_ tens: UInt8, _ ones: UInt8) {
            let value = tens * 10 + ones
            output.append(isNegative ? 101 - value : value + 1)
            pairs += 1
        }
        var index = 0
        if leadingZero {
            pair(0, digits[0])
            index = 1
        }
        while index < digits.count {
            pair(digits[index], index + 1 < digits.count ? digits[index + 1] : 0)
            index += 2
        }
        if isNegative, pairs < 20 { output.append(102) }
    }

    /// Reads the byte form; nil where the bytes are not one.
    package init?(encoded bytes: some RandomAccessCollection<UInt8>) {
        let number = Self.withContiguous(bytes) { buffer in
            Self.withDecoded(buffer) { isNegative, digits, exponent in
                DecimalNumber(
                    isNegative: isNegative, digits: Array(digits), exponent: exponent)
            }
        }
        guard let number else { return nil }
        self = number
    }

    /// Calls back with the trimmed parts of a byte form; nil where the bytes are not one.
    private static func withDecoded<Result>(
        _ bytes: UnsafeBufferPointer<UInt8>,
        _ body: (_ isNegative: Bool, _ digits: UnsafeBufferPointer<UInt8>, _ exponent: Int)
            -> Result
    ) -> Result? {
        guard let first = bytes.first, bytes.count <= encodedBytesMax else { return nil }
        if first == 0x80, bytes.count == 1 {
            return body(false, UnsafeBufferPointer(start: nil, count: 0), 0)
        }
        let isNegative = first < 0x80
        var end = bytes.count
        if isNegative, bytes[end - 1] == 102 { end -= 1 }
        guard end > 1 else { return nil }
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 2 * encodedBytesMax) {
            digits in
            var count = 0
            for index in 1..<end {
                let byte = bytes[index]
                let pair = isNegative ? 101 &- byte : byte &- 1
                guard pair < 100 else { return nil }
                digits.initializeElement(at: count, to: pair / 10)
                digits.initializeElement(at: count + 1, to: pair % 10)
                count += 2
            }
            var start = 0
            while start < count, digits[start] == 0 { start += 1 }
            while count > start, digits[count - 1] == 0 { count -= 1 }
            let base100Exponent = Int(Int8(bitPattern: isNegative ? ~first : first)) + 64
            let exponent = base100Exponent * 2 - start
            guard start < count, count - start <= digitsMax, exponent >= -129, exponent <= 126
            else { return nil }
            return body(
                isNegative, UnsafeBufferPointer(rebasing: digits[start..<count]), exponent)
        }
    }

    /// Calls back with the bytes side by side: where they lie, or else a copy.
    private static func withContiguous<Result>(
        _ bytes: some RandomAccessCollection<UInt8>,
        _ body: (UnsafeBufferPointer<UInt8>) -> Result?
    ) -> Result? {
        if let result = bytes.withContiguousStorageIfAvailable(body) { return result }
        return Array(bytes).withUnsafeBufferPointer(body)
    }

    /// Appends the byte form of a decimal text: the codec's way, without a `DecimalNumber` between.
    ///
    /// - Throws: the `NumberFault` of the text; nothing was appended then.
    package static func appendEncoded(
        text: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]
    ) throws(NumberFault) {
        if appendSmallInteger(text: text, to: &output) { return }
        guard let parsed = ParsedDecimal(text: text) else {
            throw .notNumeric(String(decoding: text, as: UTF8.self))
        }
        try DecimalNumber(
            checking: parsed.digits, isNegative: parsed.isNegative, exponent: parsed.exponent
        ).appendEncoded(to: &output)
    }

    /// The common case without allocation: a whole number of at most 18 plain digits.
    private static func appendSmallInteger(
        text: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]
    ) -> Bool {
        let isNegative = text.first == UInt8(ascii: "-")
        let start = isNegative ? 1 : 0
        guard text.count > start, text.count - start <= 18 else { return false }
        var value: UInt64 = 0
        for index in start..<text.count {
            let digit = text[index] &- UInt8(ascii: "0")
            guard digit <= 9 else { return false }
            value = value * 10 + UInt64(digit)
        }
        guard value > 0 else {
            output.append(0x80)
            return true
        }
        var pairCount = 0
        var scale: UInt64 = 1
        while pairCount == 0 || value / scale >= 100 {
            if pairCount > 0 { scale *= 100 }
            pairCount += 1
        }
        let first = UInt8(truncatingIfNeeded: pairCount - 64)
        output.append(isNegative ? ~first : first)
        var pairs = 0
        while value > 0 {
            let pair = UInt8(value / scale)
            value %= scale
            scale /= 100
            output.append(isNegative ? 101 - pair : pair + 1)
            pairs += 1
            if scale == 0 { break }
        }
        if isNegative { output.append(102) }
        return true
    }

    /// The whole part of an encoded number of at least 0 and below 10^18; nil for any other.
    package static func wholePart(encoded bytes: ArraySlice<UInt8>) -> UInt64? {
        guard let first = bytes.first, first >= 0x80 else { return nil }
        let pairCount = Int(first) - 0xC0
        guard pairCount <= 9 else { return nil }
        var value: UInt64 = 0
        var index = bytes.startIndex + 1
        for _ in 0..<max(0, pairCount) {
            let pair = index < bytes.endIndex ? bytes[index] &- 1 : 0
            value = value &* 100 &+ UInt64(pair)
            index += 1
        }
        return value
    }

    /// Appends the canonical text of an encoded number; false where the bytes are not one.
    package static func appendText(
        encoded bytes: ArraySlice<UInt8>, to output: inout [UInt8]
    ) -> Bool {
        let appended = bytes.withUnsafeBufferPointer { buffer in
            if appendSmallIntegerText(buffer, to: &output) { return true }
            let done: Void? = withDecoded(buffer) { isNegative, digits, exponent in
                appendText(
                    isNegative: isNegative, digits: digits, exponent: exponent, to: &output)
            }
            return done != nil
        }
        return appended
    }

    /// Appends the canonical text of an encoded number; false where the bytes are not one.
    package static func appendText(
        encoded bytes: some RandomAccessCollection<UInt8>, to output: inout [UInt8]
    ) -> Bool {
        appendText(encoded: Array(bytes)[...], to: &output)
    }

    /// The common case: a positive whole number of at most 18 digits, two digits at a time.
    private static func appendSmallIntegerText(
        _ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]
    ) -> Bool {
        guard let first = bytes.first, first > 0xC0 else { return false }
        let pairCount = Int(first) - 0xC0
        guard pairCount <= 9, bytes.count > 1, bytes.count - 1 <= pairCount else { return false }
        for index in 1..<bytes.count where bytes[index] &- 1 >= 100 { return false }
        let zero = UInt8(ascii: "0")
        let leading = bytes[1] - 1
        guard leading > 0 else { return false }
        if leading >= 10 { output.append(zero + leading / 10) }
        output.append(zero + leading % 10)
        for index in 1..<pairCount {
            let pair = index + 1 < bytes.count ? bytes[index + 1] - 1 : 0
            output.append(zero + pair / 10)
            output.append(zero + pair % 10)
        }
        return true
    }

    /// The size that the service counts for an encoded number.
    ///
    /// 1 + ⌈significant integer digits / 2⌉ + ⌈significant fraction digits / 2⌉, + 1 if negative,
    /// with the zeros at both ends trimmed (the facts of the service's item size).
    package static func itemSize(encoded bytes: some RandomAccessCollection<UInt8>) -> Int {
        guard let first = bytes.first, bytes.count > 1 else { return 1 }
        let isNegative = first < 0x80
        var pairs = bytes.dropFirst()
        if isNegative, pairs.last == 102 { pairs = pairs.dropLast() }
        guard let firstByte = pairs.first, let lastByte = pairs.last else { return 1 }
        func pair(_ byte: UInt8) -> UInt8 { isNegative ? 101 &- byte : byte &- 1 }
        let leadingZero = pair(firstByte) < 10 ? 1 : 0
        let trailingZero = pair(lastByte) % 10 == 0 ? 1 : 0
        let digits = pairs.count * 2 - leadingZero - trailingZero
        let exponent =
            (Int(Int8(bitPattern: isNegative ? ~first : first)) + 64) * 2 - leadingZero
        let integerDigits = min(max(exponent, 0), digits)
        let fractionDigits = digits - integerDigits
        return 1 + (integerDigits + 1) / 2 + (fractionDigits + 1) / 2 + (isNegative ? 1 : 0)
    }
}
