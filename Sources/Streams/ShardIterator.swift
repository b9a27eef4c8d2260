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

/// Scrambled numbers: checksums and ids that look like no order.
package enum Mixing {
    /// One-to-one over 64 bits (the finalizer of SplitMix64).
    package static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value &+ 0x9E37_79B9_7F4A_7C15
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }

    /// A hash of byte strings, the same in every process.
    package static func hash(_ strings: [UInt8]...) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for string in strings {
            for byte in string { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
            hash = mix(hash)
        }
        return hash
    }

    /// 16 lower-case hexadecimal digits.
    package static func hexadecimal(_ value: UInt64) -> String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }
}
