internal import Operations

/// How a moment is written in keys and attributes.
enum TimeFormat: String, Sendable, CaseIterable {
    /// `2026-11-21T16:00:00.250Z`.
    case iso
    /// `2026-11`, `2026-11-21`, `2026-11-21T16`, `2026-11-21T16:00`, `2026-11-21T16:00:00`.
    case month, date, hour, minute, second
    /// Seconds since 1970, and milliseconds.
    case epoch, millis

    static let isoByteCount = 24

    var isNumber: Bool { self == .epoch || self == .millis }

    func text(_ milliseconds: Int) -> String {
        switch self {
        case .epoch: String(milliseconds / 1_000)
        case .millis: String(milliseconds)
        case .iso: Self.calendar(milliseconds, byteCount: Self.isoByteCount)
        case .month: Self.calendar(milliseconds, byteCount: 7)
        case .date: Self.calendar(milliseconds, byteCount: 10)
        case .hour: Self.calendar(milliseconds, byteCount: 13)
        case .minute: Self.calendar(milliseconds, byteCount: 16)
        case .second: Self.calendar(milliseconds, byteCount: 19)
        }
    }

    func value(_ milliseconds: Int) -> GeneratedValue {
        if self == .iso { return .instant(milliseconds) }
        return isNumber ? .number(text(milliseconds)) : .string(text(milliseconds))
    }

    /// The first bytes of the moment in ISO 8601; years before 1970 count as 1970.
    private static func calendar(_ milliseconds: Int, byteCount: Int) -> String {
        let bounded = min(max(milliseconds, 0), 253_402_300_799_999)
        let (days, rest) = bounded.quotientAndRemainder(dividingBy: 86_400_000)
        let date = CivilDate(daysSince1970: days)
        return String(unsafeUninitializedCapacity: isoByteCount) { buffer in
            var at = 0
            func put(_ number: Int, width: Int, then mark: UInt8) {
                var rest = number
                for offset in (0..<width).reversed() {
                    buffer[at + offset] = UInt8(truncatingIfNeeded: 0x30 + rest % 10)
                    rest /= 10
                }
                buffer[at + width] = mark
                at += width + 1
            }
            put(date.year, width: 4, then: UInt8(ascii: "-"))
            put(date.month, width: 2, then: UInt8(ascii: "-"))
            put(date.day, width: 2, then: UInt8(ascii: "T"))
            put(rest / 3_600_000, width: 2, then: UInt8(ascii: ":"))
            put(rest / 60_000 % 60, width: 2, then: UInt8(ascii: ":"))
            put(rest / 1_000 % 60, width: 2, then: UInt8(ascii: "."))
            put(rest % 1_000, width: 3, then: UInt8(ascii: "Z"))
            return byteCount
        }
    }
}
