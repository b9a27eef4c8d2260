internal import Wire

/// The filter criteria of a mapping on a stream: what a record's event JSON must match.
struct RecordFilter: Sendable {
    /// nil where there are no patterns.
    init?(_ patterns: [String]) {
        guard !patterns.isEmpty else { return nil }
    }

    func matches(_ json: [UInt8]) -> Bool { true }
}
