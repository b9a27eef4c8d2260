/// The canonical text of an encoded number, written straight from its bytes.
///
/// The byte form is told in `Items/NumberEncoding.swift`: a first byte that carries the exponent
/// (in hundreds), then base-100 digits. `DecimalNumber.appendText` gives the same text by way of a
/// number's digits; this saves it their array, in the answers of pages the most frequent cost.
enum NumberText {
    private static let zero = UInt8(ascii: "0")

    /// Appends the text; false (and nothing appended) where the bytes are no encoded number.
    static func append(
        _ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]
    ) -> Bool {
        guard let first = bytes.first else { return false }
        if bytes.count == 1 {
            guard first == 0x80 else { return false }
            output.append(zero)
            return true
        }
        let isNegative = first < 0x80
        var pairs = bytes[1...]
        if isNegative, pairs.last == 102 { pairs = pairs.dropLast() }
        guard !pairs.isEmpty else { return false }
        for byte in pairs where !(isNegative ? 2...101 : 1...100).contains(byte) { return false }
        let exponent = Int(Int8(bitPattern: isNegative ? ~first : first)) + 64
        if isNegative { output.append(UInt8(ascii: "-")) }
        append(pairs, isNegative: isNegative, exponent: exponent, to: &output)
        return true
    }

    /// Appends 0.pairs × 100^exponent.
    private static func append(
        _ pairs: Slice<UnsafeBufferPointer<UInt8>>, isNegative: Bool, exponent: Int,
        to output: inout [UInt8]
    ) {
        let start = output.count
        var integerPairs = exponent
        var mayTrimZero = false
        if exponent <= 0 {
            output.append(zero)
            output.append(UInt8(ascii: "."))
            for _ in 0..<(-2 * exponent) { output.append(zero) }
            mayTrimZero = true
        }
        for byte in pairs {
            if integerPairs == 0, exponent > 0 {
                output.append(UInt8(ascii: "."))
                mayTrimZero = true
            }
            integerPairs -= 1
            let pair = isNegative ? 101 - byte : byte - 1
            let (tens, ones) = pair.quotientAndRemainder(dividingBy: 10)
            if tens > 0 || output.count > start { output.append(zero + tens) }
            output.append(zero + ones)
        }
        if mayTrimZero {
            if output.last == zero { output.removeLast() }
        } else if integerPairs > 0 {
            for _ in 0..<(2 * integerPairs) { output.append(zero) }
        }
    }
}
