/// Reads the text of a JSON number as an integer, as the service does: the fraction is cut off.
enum WholeNumber {
    /// The integer; nil where it doesn't fit 64 bits, or where the text is no JSON number.
    static func parse(_ text: String) -> Int? {
        if let value = Int(text), text.utf8.first != UInt8(ascii: "+") { return value }
        let isNegative = text.utf8.first == UInt8(ascii: "-")
        let unsigned = text.dropFirst(isNegative ? 1 : 0)
        let parts = unsigned.split(omittingEmptySubsequences: false) { $0 == "e" || $0 == "E" }
        guard let mantissa = parts.first, parts.count <= 2 else { return nil }
        let halves = mantissa.split(separator: ".", omittingEmptySubsequences: false)
        guard let whole = halves.first, halves.count <= 2 else { return nil }
        let digits = whole + (halves.count == 2 ? halves[1] : "")
        guard !digits.isEmpty, digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else {
            return nil
        }
        let significant = digits.drop { $0 == "0" }
        if significant.isEmpty { return 0 }
        var exponent = 0
        if parts.count == 2 {
            guard let signOrDigit = parts[1].utf8.first else { return nil }
            // An exponent too long to read is either far too large or gives zero.
            guard let value = Int(parts[1]) else {
                return signOrDigit == UInt8(ascii: "-") ? 0 : nil
            }
            exponent = value
        }
        let leadingZeros = digits.utf8.count - significant.utf8.count
        let (shifted, overflow) = (whole.utf8.count - leadingZeros)
            .addingReportingOverflow(exponent)
        if overflow { return exponent < 0 ? 0 : nil }
        guard shifted > 0 else { return 0 }
        guard shifted <= 19 else { return nil }
        let kept = significant.prefix(shifted)
        let zeros = String(repeating: "0", count: shifted - kept.utf8.count)
        return Int((isNegative ? "-" : "") + kept + zeros)
    }
}
