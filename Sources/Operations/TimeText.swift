/// How people write spans and points of time: `1h30m`, `2026-11-21T16:00:00Z`.
package enum TimeText {
    /// The latest time there is, in seconds since 1970: the end of the year 9999.
    package static let timestampMax: Timestamp = 253_402_300_799

    /// The seconds of `90`, `1.5`, `250ms`, `10s`, `1h30m`, `2d`; nil for anything else.
    ///
    /// Units are d, h, m, s and ms, each at most once and in that order.
    package static func seconds(ofSpan text: String) -> Double? {
        var rest = text[...]
        if let plain = takeNumber(&rest), rest.isEmpty { return plain }
        rest = text[...]
        var units: [(name: String, seconds: Double)] = [
            ("d", 86_400), ("h", 3_600), ("m", 60), ("s", 1), ("ms", 0.001),
        ]
        var sum = 0.0
        while !rest.isEmpty {
            guard let number = takeNumber(&rest) else { return nil }
            let name = rest.prefix { $0.isLetter }
            guard let unit = units.firstIndex(where: { $0.name == name }) else { return nil }
            sum += number * units[unit].seconds
            units.removeFirst(unit + 1)
            rest = rest.dropFirst(name.count)
        }
        return text.isEmpty ? nil : sum
    }

    /// Takes digits, with a point and digits where there are some.
    private static func takeNumber(_ text: inout Substring) -> Double? {
        func digits() -> Substring {
            let found = text.prefix { $0.isASCII && $0.isNumber }
            text = text.dropFirst(found.count)
            return found
        }
        var number = String(digits())
        guard !number.isEmpty, number.utf8.count <= 15 else { return nil }
        if text.first == "." {
            text = text.dropFirst()
            let fraction = digits()
            guard !fraction.isEmpty, fraction.utf8.count <= 15 else { return nil }
            number += ".\(fraction)"
        }
        return Double(number)
    }

    /// The time of an ISO 8601 text; nil for anything else.
    ///
    /// It is a date, or a date, `T`, hours, minutes, and perhaps seconds with a fraction, then `Z`
    /// or `+02:00`; without those it is UTC.
    package static func timestamp(iso8601 text: String) -> Timestamp? {
        let halves = text.split(separator: "T", maxSplits: 1, omittingEmptySubsequences: false)
        guard let day = numbers(halves[0], widths: [4, 2, 2], separator: "-"),
            let date = CivilDate(year: day[0], month: day[1], day: day[2])
        else { return nil }
        let midnight = Double(date.daysSince1970) * 86_400
        guard halves.count == 2 else { return midnight }
        var clock = halves[1]
        guard let offset = takeOffset(&clock) else { return nil }
        var fraction = 0.0
        if let point = clock.firstIndex(of: ".") {
            let digits = clock[clock.index(after: point)...]
            guard !digits.isEmpty, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
                digits.utf8.count <= 9, let value = Double("0.\(digits)")
            else { return nil }
            fraction = value
            clock = clock[..<point]
        }
        guard
            let time = numbers(clock, widths: [2, 2, 2], separator: ":")
                ?? (fraction == 0 ? numbers(clock, widths: [2, 2], separator: ":") : nil),
            time[0] < 24, time[1] < 60, time.count < 3 || time[2] < 60
        else { return nil }
        let seconds = time[0] * 3_600 + time[1] * 60 + (time.count == 3 ? time[2] : 0)
        return midnight + Double(seconds) + fraction - offset
    }

    /// Takes `Z` or `±hh:mm` off the end; answers the seconds that the clock is ahead of UTC.
    private static func takeOffset(_ clock: inout Substring) -> Double? {
        if clock.last == "Z" {
            clock = clock.dropLast()
            return 0
        }
        guard let sign = clock.lastIndex(where: { $0 == "+" || $0 == "-" }) else { return 0 }
        let digits = clock[clock.index(after: sign)...]
        guard let parts = numbers(digits, widths: [2, 2], separator: ":"), parts[0] < 24,
            parts[1] < 60
        else { return nil }
        let seconds = Double(parts[0] * 3_600 + parts[1] * 60)
        let isAhead = clock[sign] == "+"
        clock = clock[..<sign]
        return isAhead ? seconds : -seconds
    }

    private static func numbers(
        _ text: Substring, widths: [Int], separator: Character
    ) -> [Int]? {
        let parts = text.split(separator: separator, omittingEmptySubsequences: false)
        guard parts.count == widths.count else { return nil }
        var numbers: [Int] = []
        for (part, width) in zip(parts, widths) {
            guard part.utf8.count == width, part.allSatisfy({ $0.isASCII && $0.isNumber }),
                let number = Int(part)
            else { return nil }
            numbers.append(number)
        }
        return numbers
    }

    /// `2026-11-21T16:00:00.250Z`; a time outside the years 1 to 9999 counts as the nearest.
    package static func iso8601(_ timestamp: Timestamp) -> String {
        let bounded = timestamp.isFinite ? timestamp : 0
        let milliseconds = Int(
            (min(max(bounded, -62_135_596_800), timestampMax) * 1000).rounded(.down))
        var days = milliseconds / 86_400_000
        var rest = milliseconds % 86_400_000
        if rest < 0 {
            rest += 86_400_000
            days -= 1
        }
        let date = CivilDate(daysSince1970: days)
        func padded(_ number: Int, _ width: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        return "\(padded(date.year, 4))-\(padded(date.month))-\(padded(date.day))T"
            + "\(padded(rest / 3_600_000)):\(padded(rest / 60_000 % 60)):"
            + "\(padded(rest / 1_000 % 60)).\(padded(rest % 1_000, 3))Z"
    }
}
