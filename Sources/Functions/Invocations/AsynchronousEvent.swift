internal import Operations
internal import Storage

/// An asynchronous invocation as it is kept until it is done, without its payload.
struct AsynchronousEvent: Sendable, Codable, Hashable {
    var requestID: String
    /// As it was invoked: with the version or alias that was named.
    var functionArn: String
    var region: String
    var clientContext: String?
    var traceID: String?
    /// When it was accepted.
    var acceptedAt: Timestamp
    /// When it is to be tried next.
    var due: Timestamp
    /// How often the function ran and failed.
    var failedAttempts = 0
    /// What it failed with last; the answer itself lies in a record beside.
    var lastFunctionError: String?
    var lastExecutedVersion: String?

    /// How often it was refused for want of capacity, or for a fault of ours, since the server
    /// started.
    var refusals = 0

    private enum CodingKeys: String, CodingKey {
        case requestID, functionArn, region, clientContext, traceID, acceptedAt, due
        case failedAttempts, lastFunctionError, lastExecutedVersion
    }

    /// Which events share a turn: those of a function, whatever version was named.
    var turn: String {
        let parts = functionArn.split(separator: ":", omittingEmptySubsequences: false)
        return parts.prefix(7).joined(separator: ":")
    }
}

/// The records of an event: what is known of it, its payload, and the function's last answer.
enum EventKey {
    static let states = UInt8(ascii: "s")

    static func state(_ id: UInt64) -> [UInt8] { key(states, id) }
    static func payload(_ id: UInt64) -> [UInt8] { key(UInt8(ascii: "p"), id) }
    static func response(_ id: UInt64) -> [UInt8] { key(UInt8(ascii: "r"), id) }

    /// The event whose state a key names; nil for any other key.
    static func id(ofState key: [UInt8]) -> UInt64? {
        guard key.count == 9, key[0] == states else { return nil }
        return key.dropFirst().reduce(0) { $0 << 8 | UInt64($1) }
    }

    private static func key(_ kind: UInt8, _ id: UInt64) -> [UInt8] {
        [kind] + stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: id >> $0) }
    }
}
