internal import FoundationEssentials

/// A place in a shard, as GetShardIterator hands it out: `<stream's ARN>|1|<opaque>`.
package struct ShardIterator: Sendable, Hashable {
    package let streamArn: String
    package let shard: UInt32
    /// Reading goes on at the first record that has this sequence number or a higher one.
    package let sequence: UInt64
    /// When it was handed out, in milliseconds since 1970.
    package let issuedAt: Int64

    /// Version, shard, sequence number, time, checksum: a multiple of 3, so that Base64 has one
    /// text for them.
    private static let byteCount = 30
    private static let version: [UInt8] = [0, 1]

    package init(streamArn: String, shard: UInt32, sequence: UInt64, issuedAt: Int64) {
        self.streamArn = streamArn
        self.shard = shard
        self.sequence = sequence
        self.issuedAt = issuedAt
    }

    package var text: String {
        var bytes = Self.version
        bytes.reserveCapacity(Self.byteCount)
        StreamKeys.append(shard, to: &bytes)
        StreamKeys.append(sequence, to: &bytes)
        StreamKeys.append(UInt64(bitPattern: issuedAt), to: &bytes)
        StreamKeys.append(Mixing.hash(bytes, Array(streamArn.utf8)), to: &bytes)
        return streamArn + "|1|" + Data(bytes).base64EncodedString()
    }

    /// Reads a text; nil for one that was not handed out for this stream.
    package init?(text: String) {
        let parts = text.split(separator: "|", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[1] == "1", let data = Data(base64Encoded: String(parts[2]))
        else { return nil }
        let arn = String(parts[0])
        let bytes = [UInt8](data)
        guard bytes.count == Self.byteCount, bytes.starts(with: Self.version),
            StreamKeys.integer(bytes[22...])
                == Mixing.hash(Array(bytes[..<22]), Array(arn.utf8))
        else { return nil }
        streamArn = arn
        shard = UInt32(truncatingIfNeeded: StreamKeys.integer(bytes[2..<6]))
        sequence = StreamKeys.integer(bytes[6..<14])
        issuedAt = Int64(bitPattern: StreamKeys.integer(bytes[14..<22]))
    }
}
