import Operations
import Wire

/// A mapping's filter for messages, whose bodies are JSON where a pattern looks into them.
///
/// A pattern that looks into the body passes only bodies that are JSON; one that compares the whole
/// body only those that aren't; one that doesn't mention it passes either.
struct QueueFilter: Sendable {
    private let filter: EventFilter

    init(_ filter: EventFilter) { self.filter = filter }

    /// - Parameter record: with the body as a text.
    func passes(_ record: JSONValue) -> Bool {
        if filter.isEmpty { return true }
        guard case .object(let members) = record, let body = record["body"]?.string else {
            return false
        }
        var parsed: JSONValue?
        if let json = try? JSONValue(parsing: Array(body.utf8)) {
            switch json {
            case .object, .array: parsed = json
            case .null, .bool, .number, .string: break
            }
        }
        return filter.patterns.contains { pattern in
            guard pattern.mentions("body") else { return pattern.matches(record) }
            guard pattern.looksInto("body") else { return parsed == nil && pattern.matches(record) }
            guard let parsed else { return false }
            return pattern.matches(.object(members.map { $0.0 == "body" ? ("body", parsed) : $0 }))
        }
    }
}
