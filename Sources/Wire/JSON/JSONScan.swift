/// Finds the bytes that matter to JSON strings, eight at a time in one machine word.
enum JSONScan {
    private static let ones: UInt64 = 0x0101_0101_0101_0101
    private static let highs: UInt64 = 0x8080_8080_8080_8080

    /// A high bit in each byte at which reading a string must stop and look.
    ///
    /// Those are the quote, the backslash, control characters and bytes above 0x7F. Only the
    /// lowest bit set is exact: a borrow may mark a byte above a true hit.
    @inline(__always)
    static func stringStops(_ word: UInt64) -> UInt64 {
        (escapes(word) | word) & highs
    }

    /// A high bit in each byte that must be escaped in a string; likewise exact at the lowest.
    @inline(__always)
    static func escapeStops(_ word: UInt64) -> UInt64 {
        escapes(word) & highs
    }

    @inline(__always)
    private static func escapes(_ word: UInt64) -> UInt64 {
        let quotes = word ^ (ones &* UInt64(UInt8(ascii: "\"")))
        let backslashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
        return (word &- (ones &* 0x20)) & ~word
            | (quotes &- ones) & ~quotes
            | (backslashes &- ones) & ~backslashes
    }
}
