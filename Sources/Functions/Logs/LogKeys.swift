/// Where an event stands in its log group: by its time, then by when it came.
///
/// Sequences begin at 1, so that (time, 0) stands before all events of a time.
package struct LogPosition: Sendable, Hashable, Comparable {
    /// Milliseconds since 1970, from 0.
    package var timestamp: Int
    package var sequence: UInt64

    package init(timestamp: Int, sequence: UInt64 = 0) {
        self.timestamp = timestamp
        self.sequence = sequence
    }

    package static func < (left: LogPosition, right: LogPosition) -> Bool {
        (left.timestamp, left.sequence) < (right.timestamp, right.sequence)
    }

    /// The position after all events.
    package static let end = LogPosition(timestamp: .max, sequence: .max)

    /// 56 digits, in the order of the positions: what the service calls an event's id.
    package var text: String {
        func padded(_ digits: String, _ width: Int) -> String {
            String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        return padded(String(timestamp), 28) + padded(String(sequence), 28)
    }

    /// - Parameter text: what `text` gave; nil for anything else.
    package init?(text: Substring) {
        guard text.utf8.count == 56, text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let timestamp = Int(text.prefix(28)), let sequence = UInt64(text.suffix(28))
        else { return nil }
        self.init(timestamp: timestamp, sequence: sequence)
    }
}

/// The keys of logs in their space of the record store; `docs/storage-format.md` tells them.
enum LogKeys {
    static let groups = [UInt8(ascii: "g")]
    static let streams = [UInt8(ascii: "s")]
    static let purges = [UInt8(ascii: "x")]
    static let counters = [UInt8(ascii: "n")]

    static func group(_ id: UInt64) -> [UInt8] { groups + bytes(id) }

    static func stream(_ id: UInt64, group: UInt64) -> [UInt8] {
        streams + bytes(group) + bytes(id)
    }

    static func events(group: UInt64) -> [UInt8] { [UInt8(ascii: "e")] + bytes(group) }

    static func event(_ position: LogPosition, group: UInt64) -> [UInt8] {
        events(group: group) + bytes(UInt64(clamping: position.timestamp))
            + bytes(position.sequence)
    }

    /// The position in an event's key; nil for what is no such key.
    static func position(ofEvent key: [UInt8]) -> LogPosition? {
        guard key.count == 25 else { return nil }
        return LogPosition(
            timestamp: Int(clamping: number(key[9..<17])), sequence: number(key[17..<25]))
    }

    /// The mark that a deleted group's, or stream's, events are still to be removed.
    static func purge(group: UInt64, stream: UInt64?) -> [UInt8] {
        purges + bytes(group) + (stream.map(bytes) ?? [])
    }

    /// Eight bytes, the highest first.
    static func bytes(_ number: UInt64) -> [UInt8] {
        (0..<8).map { UInt8(truncatingIfNeeded: number >> (56 - 8 * UInt64($0))) }
    }

    static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// An event's record: its stream's id, when it came, its message.
struct LogEventRecord {
    var streamID: UInt64
    /// Milliseconds since 1970.
    var ingestionTime: Int
    var message: ArraySlice<UInt8>

    var encoded: [UInt8] {
        LogKeys.bytes(streamID) + LogKeys.bytes(UInt64(clamping: ingestionTime)) + message
    }

    init(streamID: UInt64, ingestionTime: Int, message: ArraySlice<UInt8>) {
        self.streamID = streamID
        self.ingestionTime = ingestionTime
        self.message = message
    }

    init?(_ bytes: [UInt8]) {
        guard bytes.count >= 16 else { return nil }
        streamID = LogKeys.number(bytes[0..<8])
        ingestionTime = Int(clamping: LogKeys.number(bytes[8..<16]))
        message = bytes[16...]
    }

    /// What CloudWatch Logs counts for an event, in bytes.
    static func byteCount(messageBytes: Int) -> Int { messageBytes + 26 }
}
