import Glibc
import Operations

/// The wall clock, and how HTTP and SigV4 write its times.
enum SystemTime {
    /// Whole seconds since 1970; the coarse clock, which costs a few nanoseconds.
    @Sendable static func seconds() -> Int {
        var time = timespec()
        guard clock_gettime(CLOCK_REALTIME_COARSE, &time) == 0 else { return 0 }
        return time.tv_sec
    }
}

/// A moment in UTC, split into calendar fields.
struct CalendarTime: Equatable {
    var year: Int
    var month: Int
    var day: Int
    var hour: Int
    var minute: Int
    var second: Int

    private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]
    private static let months = [
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
    ]

    /// The calendar fields of seconds since 1970 (0 … year 9999; clamped).
    init(seconds: Int) {
        let clamped = min(max(seconds, 0), 253_402_300_799)
        let (days, rest) = clamped.quotientAndRemainder(dividingBy: 86_400)
        hour = rest / 3_600
        minute = rest % 3_600 / 60
        second = rest % 60
        let date = CivilDate(daysSince1970: days)
        year = date.year
        month = date.month
        day = date.day
    }

    /// Reads `20260131T235959Z`; nil for anything else.
    init?(basicFormat text: some StringProtocol) {
        let bytes = Array(text.utf8)
        guard bytes.count == 16, bytes[8] == UInt8(ascii: "T"), bytes[15] == UInt8(ascii: "Z"),
            let date = Self.number(bytes[0..<8]), let time = Self.number(bytes[9..<15])
        else { return nil }
        self.init(
            year: date / 10_000, month: date / 100 % 100, day: date % 100,
            hour: time / 10_000, minute: time / 100 % 100, second: time % 100)
    }

    /// Reads `Sat, 31 Jan 2026 23:59:59 GMT`; nil for anything else.
    init?(httpDate text: some StringProtocol) {
        let fields = text.split(separator: " ")
        guard fields.count == 6, fields[5] == "GMT" || fields[5] == "UTC",
            let day = Int(fields[1]), let year = Int(fields[3]),
            let month = Self.months.firstIndex(of: String(fields[2]))
        else { return nil }
        let clock = fields[4].split(separator: ":")
        guard clock.count == 3, let hour = Int(clock[0]), let minute = Int(clock[1]),
            let second = Int(clock[2])
        else { return nil }
        self.init(
            year: year, month: month + 1, day: day, hour: hour, minute: minute, second: second)
    }

    private init?(year: Int, month: Int, day: Int, hour: Int, minute: Int, second: Int) {
        guard (1970...9999).contains(year), (1...12).contains(month), (1...31).contains(day),
            (0...23).contains(hour), (0...59).contains(minute), (0...60).contains(second)
        else { return nil }
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
    }

    /// Seconds since 1970.
    var seconds: Int {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear % 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        return days * 86_400 + hour * 3_600 + minute * 60 + second
    }

    /// `20260131T235959Z`.
    var basicFormat: String {
        basicDate + "T" + Self.padded(hour) + Self.padded(minute) + Self.padded(second) + "Z"
    }

    /// `20260131`.
    var basicDate: String {
        Self.padded(year, width: 4) + Self.padded(month) + Self.padded(day)
    }

    /// `Sat, 31 Jan 2026 23:59:59 GMT`.
    var httpDate: String {
        let weekday = Self.weekdays[max(0, seconds / 86_400) % 7]
        let clock = "\(Self.padded(hour)):\(Self.padded(minute)):\(Self.padded(second))"
        let name = Self.months[month - 1]
        return "\(weekday), \(Self.padded(day)) \(name) \(Self.padded(year, width: 4)) \(clock) GMT"
    }

    private static func padded(_ number: Int, width: Int = 2) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
        var result = 0
        for digit in digits {
            guard digit >= UInt8(ascii: "0"), digit <= UInt8(ascii: "9") else { return nil }
            result = result * 10 + Int(digit - UInt8(ascii: "0"))
        }
        return result
    }
}
