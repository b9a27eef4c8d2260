package import Operations

/// What is added up of usage: each a count that only grows within its record.
package struct UsageCounts: Sendable, Hashable {
    package var requests: UInt64 = 0
    package var readHalves: UInt64 = 0
    package var writeHalves: UInt64 = 0
    package var bytes: UInt64 = 0
    package var items: UInt64 = 0
    /// What the writes of an index would have cost, in half units, had it projected its keys alone
    /// or everything; and the sizes of the entries.
    package var keysOnlyHalves: UInt64 = 0
    package var keysOnlyBytes: UInt64 = 0
    package var allHalves: UInt64 = 0
    package var allBytes: UInt64 = 0
    /// The sizes of those same entries as they were written.
    package var writtenBytes: UInt64 = 0

    package init() {}

    package init(requests: UInt64, units: Units, bytes: Int, items: Int) {
        self.requests = requests
        readHalves = UInt64(clamping: units.read.halves)
        writeHalves = UInt64(clamping: units.write.halves)
        self.bytes = UInt64(clamping: bytes)
        self.items = UInt64(clamping: items)
    }

    /// How many numbers there are, and how many bytes they take.
    package static let fieldCount = 10
    package static let byteCount = fieldCount * 8

    package static let fields: [any WritableKeyPath<UsageCounts, UInt64> & Sendable] = [
        \.requests, \.readHalves, \.writeHalves, \.bytes, \.items, \.keysOnlyHalves,
        \.keysOnlyBytes, \.allHalves, \.allBytes, \.writtenBytes,
    ]

    package var readUnits: Double { Double(readHalves) / 2 }
    package var writeUnits: Double { Double(writeHalves) / 2 }

    /// Adds another, each count staying at its greatest number rather than beginning anew.
    package static func += (left: inout UsageCounts, right: UsageCounts) {
        left.requests = sum(left.requests, right.requests)
        left.readHalves = sum(left.readHalves, right.readHalves)
        left.writeHalves = sum(left.writeHalves, right.writeHalves)
        left.bytes = sum(left.bytes, right.bytes)
        left.items = sum(left.items, right.items)
        left.keysOnlyHalves = sum(left.keysOnlyHalves, right.keysOnlyHalves)
        left.keysOnlyBytes = sum(left.keysOnlyBytes, right.keysOnlyBytes)
        left.allHalves = sum(left.allHalves, right.allHalves)
        left.allBytes = sum(left.allBytes, right.allBytes)
        left.writtenBytes = sum(left.writtenBytes, right.writtenBytes)
    }

    static func sum(_ left: UsageCounts, _ right: UsageCounts) -> UsageCounts {
        var sum = left
        sum += right
        return sum
    }

    static func sum(_ left: UInt64, _ right: UInt64) -> UInt64 {
        let (sum, overflows) = left.addingReportingOverflow(right)
        return overflows ? .max : sum
    }

    // MARK: Bytes

    /// The numbers one after another, each 8 bytes, little-endian.
    package var encoded: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        for field in Self.fields {
            var value = self[keyPath: field]
            for _ in 0..<8 {
                bytes.append(UInt8(truncatingIfNeeded: value))
                value >>= 8
            }
        }
        return bytes
    }

    /// nil where the bytes are too few.
    package init?(encoded bytes: [UInt8]) {
        guard bytes.count >= Self.byteCount else { return nil }
        self.init()
        for (place, field) in Self.fields.enumerated() {
            self[keyPath: field] = bytes[(place * 8)..<(place * 8 + 8)].reversed().reduce(0) {
                $0 << 8 | UInt64($1)
            }
        }
    }
}
