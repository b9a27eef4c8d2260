/// Numbers as people read them.
package enum Quantity {
    /// `1,234,567`.
    package static func count(_ value: Int) -> String {
        let digits = String(value.magnitude)
        var text = ""
        for (index, digit) in digits.enumerated() {
            if index > 0, (digits.count - index) % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (value < 0 ? "-" : "") + text
    }

    /// `1 item`, `2,000 items`.
    package static func count(_ value: Int, of noun: String) -> String {
        "\(count(value)) \(noun)\(value == 1 ? "" : "s")"
    }

    /// `512 B`, `3.4 KB`, `1.2 MB`: by 1,024, as DynamoDB counts.
    package static func bytes(_ value: Int) -> String {
        guard value.magnitude >= 1024 else { return "\(value) B" }
        var size = Double(value)
        var unit = 0
        let units = ["B", "KB", "MB", "GB", "TB", "PB", "EB"]
        while abs(size) >= 1023.95, unit < units.count - 1 {
            size /= 1024
            unit += 1
        }
        return "\(fixed(size, places: 1)) \(units[unit])"
    }

    /// Request units: `12`, `128.5`.
    package static func units(_ value: Double) -> String {
        let text = fixed(value, places: 1)
        return text.hasSuffix(".0") ? grouped(String(text.dropLast(2))) : grouped(text)
    }

    /// US dollars: `$12.30`, below one with the digits that matter: `$0.000016`.
    package static func money(_ dollars: Double) -> String {
        guard dollars.isFinite else { return "$?" }
        let sign = dollars < 0 ? "-" : ""
        let value = abs(dollars)
        if value == 0 { return "$0" }
        if value >= 0.995 { return sign + "$" + grouped(fixed(value, places: 2)) }
        var places = 2
        var scaled = value * 100
        while scaled < 99.95, places < 12 {
            scaled *= 10
            places += 1
        }
        var text = fixed(value, places: places)
        while text.hasSuffix("0"), text.split(separator: ".").last?.count ?? 0 > 2 {
            text.removeLast()
        }
        // Less than can be told is nothing, without a sign.
        guard text.contains(where: { $0 != "0" && $0 != "." }) else { return "$0" }
        return sign + "$" + text
    }

    /// `850 ms`, `3.2 s`, `4 min 10 s`, `2 h 5 min`.
    package static func duration(_ seconds: Double) -> String {
        guard seconds.isFinite, seconds >= 0, seconds < 1e12 else { return "?" }
        if seconds < 0.9995 { return "\(fixed(seconds * 1000, places: 0)) ms" }
        if seconds < 59.95 { return "\(fixed(seconds, places: 1)) s" }
        let whole = Int(seconds.rounded())
        if whole < 3600 { return "\(whole / 60) min \(whole % 60) s" }
        if whole < 172_800 { return "\(whole / 3600) h \(whole % 3600 / 60) min" }
        return "\(whole / 86_400) d \(whole % 86_400 / 3600) h"
    }

    /// `1,250/s`, `3.5/s`.
    package static func rate(_ perSecond: Double) -> String {
        guard perSecond.isFinite, perSecond < 1e15 else { return "?/s" }
        return (perSecond < 100 ? units(perSecond) : count(Int(perSecond.rounded()))) + "/s"
    }

    /// A share as `12.5%`; only all of it is `100%`.
    package static func percent(_ share: Double) -> String {
        var text = fixed(share * 100, places: 1)
        if share < 1, text == "100.0" {
            text = share < 0.9999 ? fixed(share * 100, places: 2) : "99.99"
        }
        return (text.hasSuffix(".0") ? String(text.dropLast(2)) : text) + "%"
    }

    /// A number with so many decimals, rounded half away from zero.
    package static func fixed(_ value: Double, places: Int) -> String {
        guard value.isFinite else { return value.isNaN ? "?" : value < 0 ? "-∞" : "∞" }
        let places = min(max(places, 0), 15)
        var scale = 1.0
        for _ in 0..<places { scale *= 10 }
        let scaled = (abs(value) * scale).rounded()
        guard scaled < 9e18 else { return value.description }
        let digits = String(UInt64(scaled))
        let sign = value < 0 && scaled > 0 ? "-" : ""
        guard places > 0 else { return sign + digits }
        let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
        return sign + padded.dropLast(places) + "." + padded.suffix(places)
    }

    /// Thousands of the whole part apart.
    private static func grouped(_ text: String) -> String {
        let parts = text.split(separator: ".", maxSplits: 1)
        guard let first = parts.first, let whole = Int(first) else { return text }
        let sign = whole == 0 && first.hasPrefix("-") ? "-" : ""
        return sign + count(whole) + (parts.count > 1 ? "." + parts[1] : "")
    }
}
