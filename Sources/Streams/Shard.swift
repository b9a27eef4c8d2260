/// A part of a stream: the changes of one range of the partition hash, in order.
package struct Shard: Sendable, Codable, Hashable {
    /// Its number in the stream; children have higher ones than their parents.
    package let number: UInt32
    package let id: String
    package let parentID: String?
    /// The first hash of its range, and the last.
    package let lowerHash: UInt64
    package let upperHash: UInt64
    /// Below the sequence numbers of all its records.
    package let startingSequence: UInt64
    package let openedAt: Double
    /// Above the sequence numbers of all its records; nil while it is open.
    package internal(set) var endingSequence: UInt64?

    /// The last record that was deleted; nil while none was.
    package internal(set) var trimmedSequence: UInt64?

    package var isOpen: Bool { endingSequence == nil }

    init(
        number: UInt32, parentID: String?, hashes: ClosedRange<UInt64>, startingSequence: UInt64,
        openedAt: Double
    ) {
        self.number = number
        id = Self.id(number: number, openedAt: openedAt)
        self.parentID = parentID
        lowerHash = hashes.lowerBound
        upperHash = hashes.upperBound
        self.startingSequence = startingSequence
        self.openedAt = openedAt
    }

    /// `shardId-`, the time of opening in 20 digits of milliseconds, and 8 hexadecimal digits,
    /// which tell shards of one moment apart.
    private static func id(number: UInt32, openedAt: Double) -> String {
        let time = String(max(0, Milliseconds.of(openedAt)))
        // Multiplying by an odd number is one-to-one.
        let mixed = String((number &+ 1) &* 0x9E37_79B1, radix: 16)
        return "shardId-" + String(repeating: "0", count: 20 - time.utf8.count) + time + "-"
            + String(repeating: "0", count: 8 - mixed.utf8.count) + mixed
    }
}

/// Times of day in whole milliseconds.
package enum Milliseconds {
    /// Seconds since 1970 as whole milliseconds; a time beyond the year 9999 counts as that.
    package static func of(_ seconds: Double) -> Int64 {
        guard seconds.isFinite else { return 0 }
        return Int64((min(max(seconds, 0), 253_402_300_799) * 1000).rounded(.down))
    }
}
