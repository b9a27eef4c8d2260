import Operations
import Wire

/// What a pattern asks of one value of an event, an array's element say.
enum EventRule: Sendable {
    case null
    case bool(Bool)
    case text(String)
    /// By value: 300 is 300.0.
    case number(EventNumber)
    case prefix(String)
    case suffix(String)
    case foldedText(FoldedText)
    case foldedPrefix(FoldedText)
    case foldedSuffix(FoldedText)
    case wildcard(WildcardText)
    /// Any value that none of the rules matches.
    case anythingBut([EventRule])
    case numeric(NumericRange)
    case network(NetworkRange)
    case present
    /// Asked of the whole event, not of a value.
    case absent(path: [String])

    /// Whether a value that is neither object nor array is as asked.
    func matches(_ value: JSONValue) -> Bool {
        switch (self, value) {
        case (.null, .null), (.present, _): true
        case (.bool(let asked), .bool(let value)): asked == value
        case (.number(let asked), .number(let text)): asked.isEqual(to: EventNumber(text))
        case (.numeric(let range), .number(let text)): range.contains(EventNumber(text))
        case (.anythingBut(let rules), _): !rules.contains { $0.matches(value) }
        case (_, .string(let text)): matches(text: text)
        default: false
        }
    }

    private func matches(text: String) -> Bool {
        switch self {
        case .text(let asked): text.utf8.elementsEqual(asked.utf8)
        case .prefix(let prefix): text.utf8.starts(with: prefix.utf8)
        case .suffix(let suffix): text.utf8.reversed().starts(with: suffix.utf8.reversed())
        case .foldedText(let asked): asked.isEqual(to: text)
        case .foldedPrefix(let asked): asked.begins(text)
        case .foldedSuffix(let asked): asked.ends(text)
        case .wildcard(let asked): asked.matches(text)
        case .network(let range): NetworkRange(text).map(range.contains) ?? false
        case .null, .bool, .number, .anythingBut, .numeric, .present, .absent: false
        }
    }
}

/// A number of a pattern or an event.
///
/// Within ±5,000,000,000 it counts by its value, as the service has it; beyond by its text alone.
struct EventNumber: Sendable {
    let text: String
    /// nil beyond the range.
    let value: Double?

    init(_ text: String) {
        self.text = text
        value = Double(text).flatMap { (-5e9...5e9).contains($0) ? $0 : nil }
    }

    func isEqual(to other: EventNumber) -> Bool {
        if let value, let other = other.value { return value == other }
        return text.utf8.elementsEqual(other.text.utf8)
    }
}

/// What `numeric` asks.
struct NumericRange: Sendable {
    var lower: (value: Double, isIncluded: Bool)?
    var upper: (value: Double, isIncluded: Bool)?

    init() {}

    init(equal value: Double) {
        lower = (value, true)
        upper = (value, true)
    }

    func contains(_ number: EventNumber) -> Bool {
        guard let value = number.value else { return false }
        if let lower, value < lower.value || (value == lower.value && !lower.isIncluded) {
            return false
        }
        if let upper, value > upper.value || (value == upper.value && !upper.isIncluded) {
            return false
        }
        return true
    }
}
