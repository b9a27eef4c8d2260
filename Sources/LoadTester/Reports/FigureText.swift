internal import Terminal

/// Figures as reports write them.
enum FigureText {
    /// `0.42 ms`, `12.3 ms`, `1,240 ms`.
    static func milliseconds(_ value: Double) -> String {
        let places = value < 10 ? 2 : value < 100 ? 1 : 0
        return places == 0
            ? "\(Quantity.count(Int(min(value, 1e15).rounded()))) ms"
            : "\(Quantity.fixed(value, places: places)) ms"
    }

    /// `1.67 ×`, `12 ×`, `1,000 ×`.
    static func factor(_ value: Double) -> String {
        if value > 0, value < 0.005 { return "<0.01 ×" }
        if value < 10 { return "\(Quantity.fixed(value, places: 2)) ×" }
        if value < 100 { return "\(Quantity.fixed(value, places: 1)) ×" }
        return "\(Quantity.count(Int(min(value, 1e15).rounded()))) ×"
    }

    /// Units per second: `0.42`, `12.5`, `1,234`.
    static func rate(_ value: Double) -> String {
        if value > 0, value < 10 { return Quantity.fixed(value, places: 2) }
        if value < 100 { return Quantity.units(value) }
        return Quantity.count(Int(min(value, 1e15).rounded()))
    }

    /// Units per request: `0.5`, `1`, `2.37`.
    static func perRequest(_ value: Double) -> String {
        let text = Quantity.fixed(value, places: 2)
        if text.hasSuffix(".00") { return String(text.dropLast(3)) }
        return text.hasSuffix("0") ? String(text.dropLast()) : text
    }

    static func gigabytes(_ value: Double) -> String {
        value < 0.01
            ? "\(Quantity.fixed(value * 1024, places: 2)) MB"
            : "\(Quantity.fixed(value, places: 2)) GB"
    }

    /// A text of at most so many characters, its middle left out.
    static func shortened(_ text: String, to count: Int) -> String {
        guard text.count > count, count > 3 else { return text }
        let head = (count - 1) * 2 / 3
        return text.prefix(head) + "…" + text.suffix(count - 1 - head)
    }

    /// A number of a compared figure with its unit.
    static func value(_ value: Double?, unit: String) -> String {
        guard let value else { return "–" }
        return switch unit {
        case "ms": milliseconds(value)
        case "USD": Quantity.money(value)
        case "×": factor(value)
        case "%": Quantity.percent(value / 100)
        case "requests/s", "units/s": "\(rate(value))/s"
        case "": Quantity.count(Int(min(max(value, 0), 1e15).rounded()))
        default: rate(value)
        }
    }
}
