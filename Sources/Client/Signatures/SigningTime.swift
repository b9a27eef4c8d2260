internal import Glibc
internal import Operations

/// A moment as signatures write it.
package struct SigningTime: Sendable, Hashable {
    /// `20261121T235959Z`.
    package let basicFormat: String
    /// `20261121`.
    package let day: String

    /// - Parameter seconds: since 1970; clamped to the years 1970 to 9999.
    package init(seconds: Int) {
        let clamped = min(max(seconds, 0), 253_402_300_799)
        let (days, rest) = clamped.quotientAndRemainder(dividingBy: 86_400)
        let date = CivilDate(daysSince1970: days)
        func padded(_ number: Int, _ width: Int = 2) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        day = padded(date.year, 4) + padded(date.month) + padded(date.day)
        basicFormat =
            day + "T" + padded(rest / 3_600) + padded(rest / 60 % 60) + padded(rest % 60) + "Z"
    }

    /// Now, by the machine's clock: signatures go by real time, whatever the service's clock shows.
    package static var now: SigningTime { SigningTime(seconds: time(nil)) }
}
