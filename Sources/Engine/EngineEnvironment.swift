package import Operations

/// What the engine takes from the world around it, so that tests can give it another.
package struct EngineEnvironment: Sendable {
    /// The account that every ARN names: twelve digits.
    package let accountID: String
    /// The time in seconds since 1970, with a fraction.
    package let now: @Sendable () -> Timestamp
    /// A fresh UUID in lower case: the TableId of a new table.
    package let makeTableID: @Sendable () -> String

    package init(
        accountID: String = "000000000000", now: @escaping @Sendable () -> Timestamp,
        makeTableID: @escaping @Sendable () -> String = EngineEnvironment.randomTableID
    ) {
        self.accountID = accountID
        self.now = now
        self.makeTableID = makeTableID
    }

    /// A random UUID (version 4) in lower case.
    @Sendable
    package static func randomTableID() -> String {
        var generator = SystemRandomNumberGenerator()
        let high = (generator.next() & 0xFFFF_FFFF_FFFF_0FFF) | 0x4000
        let low = (generator.next() & 0x3FFF_FFFF_FFFF_FFFF) | (1 << 63)
        func hex(_ value: UInt64, from shift: UInt64, digits: Int) -> String {
            let field = (value >> shift) & ((1 << (UInt64(digits) * 4)) - 1)
            let text = String(field, radix: 16)
            return String(repeating: "0", count: digits - text.utf8.count) + text
        }
        return [
            hex(high, from: 32, digits: 8), hex(high, from: 16, digits: 4),
            hex(high, from: 0, digits: 4), hex(low, from: 48, digits: 4),
            hex(low, from: 0, digits: 12),
        ].joined(separator: "-")
    }

    /// The time in whole milliseconds, as the service keeps the times of tables.
    var nowInMilliseconds: Timestamp { (now() * 1000).rounded() / 1000 }
}
