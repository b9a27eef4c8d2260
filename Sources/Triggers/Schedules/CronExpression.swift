internal import Operations

/// The six fields of EventBridge's cron: minutes, hours, day of month, month, day of week, year.
///
/// `*`, lists, ranges, steps, names (JAN, MON); `?` in exactly one of the two fields of days; `L`
/// (last), `W` (the weekday nearest to) and `#` (the n-th in the month) there. SUN is 1.
package struct CronExpression: Sendable, Hashable {
    /// Which days of a month.
    private enum Days: Sendable, Hashable {
        case ofMonth([MonthDay])
        case ofWeek([WeekDay])
    }

    private enum MonthDay: Sendable, Hashable {
        case days(Set<Int>)
        case last
        case lastWeekday
        case nearestWeekday(Int)
    }

    private enum WeekDay: Sendable, Hashable {
        case days(Set<Int>)
        case last(Int)
        case nth(Int, of: Int)
    }

    private let minutes: [Int]
    private let hours: [Int]
    private let days: Days
    private let months: Set<Int>
    private let years: Set<Int>

    private static let yearsKnown = 1970...2199
    private static let monthNames = [
        "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
    ]
    private static let dayNames = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]

    /// - Parameter text: what stands within `cron(…)`.
    init?(_ text: Substring) {
        let fields = text.split(separator: " ")
        guard fields.count == 6,
            let minutes = Self.set(fields[0], 0...59), let hours = Self.set(fields[1], 0...23),
            let months = Self.set(fields[3], 1...12, names: Self.monthNames),
            let years = Self.set(fields[5], Self.yearsKnown)
        else { return nil }
        let days: Days
        switch (fields[2] == "?", fields[4] == "?") {
        case (false, true):
            guard let parts = Self.parts(fields[2], Self.monthDay) else { return nil }
            days = .ofMonth(parts)
        case (true, false):
            guard let parts = Self.parts(fields[4], Self.weekDay) else { return nil }
            days = .ofWeek(parts)
        default: return nil
        }
        self.minutes = minutes.sorted()
        self.hours = hours.sorted()
        self.days = days
        self.months = months
        self.years = years
    }

    // MARK: Reading

    private static func parts<Part>(
        _ text: Substring, _ read: (Substring) -> Part?
    ) -> [Part]? {
        var parts: [Part] = []
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let part = read(piece) else { return nil }
            parts.append(part)
        }
        return parts
    }

    private static func monthDay(_ text: Substring) -> MonthDay? {
        switch text {
        case "L": return .last
        case "LW", "WL": return .lastWeekday
        default:
            if text.last == "W" {
                return number(text.dropLast(), 1...31, []).map { .nearestWeekday($0) }
            }
            return set(text, 1...31).map { .days($0) }
        }
    }

    private static func weekDay(_ text: Substring) -> WeekDay? {
        if text == "L" { return .days([7]) }
        if let hash = text.firstIndex(of: "#") {
            guard let day = number(text[..<hash], 1...7, dayNames),
                let count = number(text[text.index(after: hash)...], 1...5, [])
            else { return nil }
            return .nth(count, of: day)
        }
        if text.last == "L", let day = number(text.dropLast(), 1...7, dayNames) {
            return .last(day)
        }
        return set(text, 1...7, names: dayNames).map { .days($0) }
    }

    /// The numbers of a list of numbers, ranges and steps.
    private static func set(
        _ text: Substring, _ range: ClosedRange<Int>, names: [String] = []
    ) -> Set<Int>? {
        var numbers: Set<Int> = []
        for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
            guard let part = sequence(piece, range, names) else { return nil }
            numbers.formUnion(part)
        }
        return numbers
    }

    /// The numbers of `5`, `5-9`, `*`, each perhaps with `/2`; a range of names may go round.
    private static func sequence(
        _ text: Substring, _ range: ClosedRange<Int>, _ names: [String]
    ) -> [Int]? {
        let halves = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        var step = 1
        if halves.count == 2 {
            guard let told = number(halves[1], 1...range.upperBound, []) else { return nil }
            step = told
        }
        if halves[0] == "*" {
            return Array(stride(from: range.lowerBound, through: range.upperBound, by: step))
        }
        let ends = halves[0].split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = number(ends[0], range, names) else { return nil }
        guard ends.count == 2 else {
            // `5/10` goes on from 5 to the end.
            let last = halves.count == 2 ? range.upperBound : first
            return Array(stride(from: first, through: last, by: step))
        }
        guard let last = number(ends[1], range, names) else { return nil }
        if first <= last { return Array(stride(from: first, through: last, by: step)) }
        guard !names.isEmpty else { return nil }
        let round = Array(first...range.upperBound) + Array(range.lowerBound...last)
        return stride(from: 0, to: round.count, by: step).map { round[$0] }
    }

    private static func number(
        _ text: Substring, _ range: ClosedRange<Int>, _ names: [String]
    ) -> Int? {
        if let index = names.firstIndex(of: text.uppercased()) {
            return range.lowerBound + index
        }
        guard !text.isEmpty, text.utf8.count <= 4,
            text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(text),
            range.contains(number)
        else { return nil }
        return number
    }

    // MARK: Times

    /// The first time after another; nil where there is none until the last year that cron knows.
    func next(after time: Timestamp) -> Timestamp? {
        let firstMinute = Int((time / 60).rounded(.down)) + 1
        var day = firstMinute.quotientRoundedDown(by: 1_440)
        var minuteOfDay = firstMinute - day * 1_440
        while true {
            let date = CivilDate(daysSince1970: day)
            guard date.year <= Self.yearsKnown.upperBound else { return nil }
            if !years.contains(date.year) || !months.contains(date.month) {
                day = Self.nextMonth(date).daysSince1970
                minuteOfDay = 0
                continue
            }
            if matches(date), let minute = minute(from: minuteOfDay) {
                return Double(day * 86_400 + minute * 60)
            }
            day += 1
            minuteOfDay = 0
        }
    }

    private func minute(from first: Int) -> Int? {
        for hour in hours where hour >= first / 60 {
            for minute in minutes where hour * 60 + minute >= first { return hour * 60 + minute }
        }
        return nil
    }

    private static func nextMonth(_ date: CivilDate) -> CivilDate {
        let (year, month) =
            date.month == 12 ? (date.year + 1, 1) : (date.year, date.month + 1)
        // Always a day; the fallback only goes on from the day after.
        return CivilDate(year: year, month: month, day: 1)
            ?? CivilDate(daysSince1970: date.daysSince1970 + 1)
    }

    private func matches(_ date: CivilDate) -> Bool {
        let lastDay = Self.nextMonth(date).daysSince1970 - 1
        let last = CivilDate(daysSince1970: lastDay).day
        switch days {
        case .ofMonth(let parts):
            return parts.contains { part in
                switch part {
                case .days(let days): days.contains(date.day)
                case .last: date.day == last
                case .lastWeekday: date.day == Self.weekday(nearest: last, to: date, last: last)
                case .nearestWeekday(let day):
                    day <= last && date.day == Self.weekday(nearest: day, to: date, last: last)
                }
            }
        case .ofWeek(let parts):
            let weekDay = Self.weekDay(date.daysSince1970)
            return parts.contains { part in
                switch part {
                case .days(let days): days.contains(weekDay)
                case .last(let day): weekDay == day && date.day > last - 7
                case .nth(let count, let day): weekDay == day && (date.day + 6) / 7 == count
                }
            }
        }
    }

    /// SUN is 1; 1 January 1970 was a Thursday.
    private static func weekDay(_ day: Int) -> Int {
        let sinceSunday = (day + 4) % 7
        return (sinceSunday < 0 ? sinceSunday + 7 : sinceSunday) + 1
    }

    /// The day from Monday to Friday that is nearest to a day, in the same month.
    private static func weekday(nearest day: Int, to date: CivilDate, last: Int) -> Int {
        switch weekDay(date.daysSince1970 - date.day + day) {
        case 7: day == 1 ? 3 : day - 1
        case 1: day == last ? day - 2 : day + 1
        default: day
        }
    }
}

extension Int {
    fileprivate func quotientRoundedDown(by divisor: Int) -> Int {
        let quotient = self / divisor
        return self % divisor < 0 ? quotient - 1 : quotient
    }
}
