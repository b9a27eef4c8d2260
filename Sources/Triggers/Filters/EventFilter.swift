package import Operations
package import Wire

/// The filter criteria of an event source mapping: an event passes when any pattern matches it.
///
/// Without patterns everything passes.
package struct EventFilter: Sendable {
    /// How many patterns a mapping may have.
    static let patternsMax = 5

    let patterns: [EventPattern]

    /// A filter that everything passes.
    package init() { patterns = [] }

    /// - Parameter patterns: JSON texts in the event-pattern language.
    /// - Throws: InvalidParameterValueException for what is no pattern, and for too many.
    package init(patterns: [String]) throws(ServiceError) {
        guard patterns.count <= Self.patternsMax else {
            throw Self.refusal(
                "Invalid request provided: The number of filters exceeds the limit of "
                    + "\(Self.patternsMax).")
        }
        var parsed: [EventPattern] = []
        for pattern in patterns {
            do throws(EventPattern.Fault) {
                parsed.append(try EventPattern(pattern))
            } catch {
                throw Self.refusal("Invalid filter pattern definition.")
            }
        }
        self.patterns = parsed
    }

    /// Whether everything passes.
    package var isEmpty: Bool { patterns.isEmpty }

    package func matches(_ event: JSONValue) -> Bool {
        patterns.isEmpty || patterns.contains { $0.matches(event) }
    }

    private static func refusal(_ message: String) -> ServiceError {
        ServiceError("InvalidParameterValueException", message, namespace: .rest)
    }
}
