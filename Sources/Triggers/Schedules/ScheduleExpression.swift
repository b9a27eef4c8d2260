package import Operations

/// When something is to happen, in EventBridge's words.
///
/// `rate(5 minutes)`, `cron(0 12 * * ? *)`, or `at(2026-12-01T12:00:00)`; times are UTC.
package enum ScheduleExpression: Sendable, Hashable {
    /// Every so many seconds.
    case rate(seconds: Int)
    case cron(CronExpression)
    /// Once.
    case at(Timestamp)

    /// Rates are bounded, in seconds: a hundred years.
    private static let secondsMax = 36_525 * 86_400

    /// - Throws: ValidationException for what is no such expression.
    package init(_ text: String) throws(ServiceError) {
        guard let expression = Self.parse(text) else {
            throw .validation("Parameter ScheduleExpression is not valid.")
        }
        self = expression
    }

    private static func parse(_ text: String) -> ScheduleExpression? {
        guard text.hasSuffix(")"), let open = text.firstIndex(of: "(") else { return nil }
        let inside = text[text.index(after: open)...].dropLast()
        switch text[..<open] {
        case "rate": return rate(inside)
        case "cron": return CronExpression(inside).map { .cron($0) }
        case "at":
            // A time alone, without a zone or a fraction.
            guard inside.utf8.count == 19, !inside.utf8.contains(UInt8(ascii: "Z")) else {
                return nil
            }
            return TimeText.timestamp(iso8601: String(inside)).map { .at($0) }
        default: return nil
        }
    }

    private static func rate(_ text: Substring) -> ScheduleExpression? {
        let words = text.split(separator: " ")
        guard words.count == 2, words[0].utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let count = Int(words[0]), count > 0
        else { return nil }
        let unit: Int
        switch words[1] {
        case "minutes": unit = 60
        case "hours": unit = 3_600
        case "days": unit = 86_400
        case "minute" where count == 1: unit = 60
        case "hour" where count == 1: unit = 3_600
        case "day" where count == 1: unit = 86_400
        default: return nil
        }
        let (seconds, overflow) = count.multipliedReportingOverflow(by: unit)
        guard !overflow, seconds <= secondsMax else { return nil }
        return .rate(seconds: seconds)
    }

    /// The first time after another; nil where there is none any more.
    ///
    /// - Parameter start: when it was set; rates count from it, and nothing happens before it.
    package func next(after time: Timestamp, start: Timestamp) -> Timestamp? {
        let time = min(max(time, start), TimeText.timestampMax)
        switch self {
        case .rate(let seconds):
            let rounds = ((time - start) / Double(seconds)).rounded(.down) + 1
            let next = start + rounds * Double(seconds)
            return next <= TimeText.timestampMax ? next : nil
        case .cron(let expression):
            return expression.next(after: time)
        case .at(let point):
            return point > time ? point : nil
        }
    }
}
