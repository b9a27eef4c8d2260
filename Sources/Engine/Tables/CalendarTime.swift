import Operations

/// A moment of the Gregorian calendar in UTC, to the millisecond.
struct CalendarTime {
    let year: Int
    /// 1…12.
    let month: Int
    /// 1…31.
    let day: Int
    /// 0 is Sunday.
    let weekday: Int
    let hour: Int
    let minute: Int
    let second: Int
    let millisecond: Int

    private static let secondsPerDay = 86_400.0
    private static let weekdays = [
        "Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday",
    ]
    private static let months = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September",
        "October", "November", "December",
    ]

    /// A time of the years 1 to 9999; one outside counts as the nearest within.
    init(_ timestamp: Timestamp) {
        let finite = timestamp.isFinite ? timestamp : 0
        let seconds = min(max(finite, -62_135_596_800), 253_402_300_799)
        let total = Int((seconds * 1000).rounded())
        let (days, rest) = CalendarTime.dividingDown(total, by: 86_400_000)
        let date = CivilDate(daysSince1970: days)
        year = date.year
        month = date.month
        day = date.day
        weekday = CalendarTime.dividingDown(days + 4, by: 7).remainder
        hour = rest / 3_600_000
        minute = rest / 60_000 % 60
        second = rest / 1_000 % 60
        millisecond = rest % 1_000
    }

    /// The day since 1970 that a time falls in.
    static func day(of timestamp: Timestamp) -> Double {
        (timestamp / secondsPerDay).rounded(.down)
    }

    /// `2026-11-21T08:16:24.062`: the form of stream labels.
    var label: String {
        func padded(_ number: Int, _ digits: Int) -> String {
            let text = String(number)
            return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
        }
        return "\(padded(year, 4))-\(padded(month, 2))-\(padded(day, 2))T\(padded(hour, 2)):"
            + "\(padded(minute, 2)):\(padded(second, 2)).\(padded(millisecond, 3))"
    }

    /// `Saturday, November 21, 2026 8:16:24 AM UTC`: the form of times in error texts.
    var prose: String {
        let clock = (hour + 11) % 12 + 1
        let minutes = minute < 10 ? "0\(minute)" : "\(minute)"
        let seconds = second < 10 ? "0\(second)" : "\(second)"
        return "\(CalendarTime.weekdays[weekday]), \(CalendarTime.months[month - 1]) \(day), "
            + "\(year) \(clock):\(minutes):\(seconds) \(hour < 12 ? "AM" : "PM") UTC"
    }

    private static func dividingDown(
        _ value: Int, by divisor: Int
    ) -> (quotient: Int, remainder: Int) {
        let (quotient, remainder) = value.quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
