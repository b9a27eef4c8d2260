import Operations
import Wire

/// What a function tells with ReportBatchItemFailures.
enum BatchItemFailures {
    /// The messages that failed; nil: all did, or the answer isn't what it should be.
    ///
    /// Nothing at all, null, and a list that is empty or null mean that none failed.
    static func identifiers(of payload: [UInt8], among known: Set<String>) -> Set<String>? {
        if payload.allSatisfy({ $0 == 0x20 || (0x09...0x0D).contains($0) }) { return [] }
        guard let answer = try? JSONValue(parsing: payload) else { return nil }
        if answer.isNull { return [] }
        guard case .object(let members) = answer else { return nil }
        if members.isEmpty { return [] }
        guard let failures = answer["batchItemFailures"], !failures.isNull else { return [] }
        guard let elements = failures.elements else { return nil }
        var identifiers: Set<String> = []
        for element in elements {
            guard let identifier = element["itemIdentifier"]?.string, known.contains(identifier)
            else { return nil }
            identifiers.insert(identifier)
        }
        return identifiers
    }
}
