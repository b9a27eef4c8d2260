internal import Crypto

/// Where a partition key falls in the hash space that a table's partitions divide.
///
/// MD5 of "Outliers" and the key's bytes (UTF-8, raw bytes, or the order-preserving number):
/// the order in which the real service scans. The first 64 of its 128 bits are kept; keys whose
/// 64 bits agree are told apart by the key bytes that follow in every stored key.
package enum PartitionHash {
    /// The bytes of the hash that a stored key carries.
    package static let byteCount = 8
    private static let salt: [UInt8] = Array("Outliers".utf8)

    /// Appends the hash of a partition key of one or (in a GSI) several attributes.
    package static func append(_ values: [ItemValue], to key: inout [UInt8]) {
        var hash = Insecure.MD5()
        hash.update(data: salt)
        for value in values {
            value.scalar.withUnsafeBytes { hash.update(bufferPointer: $0) }
        }
        var count = 0
        for byte in hash.finalize() {
            if count == byteCount { break }
            key.append(byte)
            count += 1
        }
    }

    /// The first key of the hash space that belongs to a segment of a parallel scan.
    ///
    /// Segment i of n starts at ⌈4096·i/n⌉ of the top 12 bits, as the service cuts them.
    package static func segmentStart(_ segment: Int, of total: Int) -> [UInt8]? {
        guard total > 0 else { return nil }
        let (product, overflow) = segment.multipliedReportingOverflow(by: 4096)
        guard !overflow else { return nil }
        let top = (product + total - 1) / total
        guard top < 4096 else { return nil }
        return [UInt8(top >> 4), UInt8((top & 0xF) << 4), 0, 0, 0, 0, 0, 0]
    }
}
