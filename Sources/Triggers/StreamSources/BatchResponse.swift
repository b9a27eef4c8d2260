internal import Operations
internal import Wire

/// What a function's answer says of the records of its batch.
enum BatchResponse {
    /// The largest state that an invocation can be handed.
    private static let stateBytesMax = 6_000_000

    /// Reads the answer of a function that returned without an error.
    ///
    /// - Parameters:
    ///   - sequenceNumbers: of the batch's records, in order.
    ///   - hasWindow: whether `state` is read.
    static func outcome(
        _ payload: [UInt8], sequenceNumbers: [String], reportsFailures: Bool, hasWindow: Bool,
        _ invocation: FailedInvocation
    ) -> ShardMachine.Outcome {
        guard reportsFailures || hasWindow else { return .success(state: nil) }
        let malformed = ShardMachine.Outcome.failure(from: 0, state: nil, invocation)
        guard !payload.isEmpty else { return .success(state: nil) }
        guard let answer = try? JSONValue(parsing: payload) else { return malformed }
        if answer.isNull { return .success(state: nil) }
        guard answer.members != nil else { return malformed }
        var state: [UInt8]?
        if hasWindow, let value = answer["state"], !value.isNull {
            guard value.members != nil else { return malformed }
            let encoded = value.encoded
            guard encoded.count <= stateBytesMax else { return malformed }
            state = encoded
        }
        guard reportsFailures, let failures = answer["batchItemFailures"], !failures.isNull else {
            return .success(state: state)
        }
        guard let first = firstFailure(failures, sequenceNumbers) else { return malformed }
        if first == sequenceNumbers.count { return .success(state: state) }
        return .failure(from: first, state: state, invocation)
    }

    /// The index of the first record that failed, or the count of records where none did; nil
    /// for a list that isn't as it must be.
    private static func firstFailure(
        _ failures: JSONValue, _ sequenceNumbers: [String]
    ) -> Int? {
        guard let elements = failures.elements else { return nil }
        if elements.isEmpty { return sequenceNumbers.count }
        let places = Dictionary(
            sequenceNumbers.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        var first = sequenceNumbers.count
        for element in elements {
            guard let identifier = element["itemIdentifier"]?.string,
                let place = places[identifier]
            else { return nil }
            first = min(first, place)
        }
        return first
    }
}
