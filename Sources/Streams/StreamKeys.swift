/// The keys of the keyspace `streams` (docs/storage-format.md).
///
/// Stream ids are storage ids, which begin at 1; what is not a record lies under id 0.
enum StreamKeys {
    static let descriptorMark = UInt8(ascii: "d")
    static let shardMark = UInt8(ascii: "s")
    static let historyMark = UInt8(ascii: "h")
    static let positionMark = UInt8(ascii: "p")

    /// All that is not a record.
    static let metadata: (lower: [UInt8], upper: [UInt8]) = ([0, 0, 0, 0], [0, 0, 0, 1])

    /// The last sequence number given, when, and the last one trimmed.
    static let position: [UInt8] = [0, 0, 0, 0, positionMark]

    static func descriptor(_ stream: UInt32) -> [UInt8] {
        key(0, byteCount: 9, mark: descriptorMark) { append(stream, to: &$0) }
    }

    static func shard(_ stream: UInt32, _ shard: UInt32) -> [UInt8] {
        key(0, byteCount: 13, mark: shardMark) {
            append(stream, to: &$0)
            append(shard, to: &$0)
        }
    }

    static func history(_ sequence: UInt64) -> [UInt8] {
        key(0, byteCount: 13, mark: historyMark) { append(sequence, to: &$0) }
    }

    static func record(_ stream: UInt32, _ shard: UInt32, _ sequence: UInt64) -> [UInt8] {
        key(stream, byteCount: 16, mark: nil) {
            append(shard, to: &$0)
            append(sequence, to: &$0)
        }
    }

    /// The range of the records of a shard from one sequence number to before another.
    static func records(
        _ stream: UInt32, _ shard: UInt32, _ sequences: Range<UInt64>
    ) -> (lower: [UInt8], upper: [UInt8]) {
        (record(stream, shard, sequences.lowerBound), record(stream, shard, sequences.upperBound))
    }

    /// The sequence number of a record's key.
    static func sequence(ofRecord key: [UInt8]) -> UInt64 { integer(key.dropFirst(8)) }

    static func integer(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }

    static func append(_ value: some FixedWidthInteger & UnsignedInteger, to key: inout [UInt8]) {
        for shift in stride(from: value.bitWidth - 8, through: 0, by: -8) {
            key.append(UInt8(truncatingIfNeeded: value >> shift))
        }
    }

    private static func key(
        _ id: UInt32, byteCount: Int, mark: UInt8?, _ rest: (inout [UInt8]) -> Void
    ) -> [UInt8] {
        var key: [UInt8] = []
        key.reserveCapacity(byteCount)
        append(id, to: &key)
        if let mark { key.append(mark) }
        rest(&key)
        return key
    }
}
