internal import Items
/// The partitions of a table: ranges that cut the space of the partition hash.
///
/// A hash here is the first 64 bits of the MD5 hash that stored keys carry. Partitions are numbered
/// in the order of their ranges. A table's partitions are split now and then, and never merged.
package struct TablePartitions: Sendable, Hashable {
    /// The first hash of each partition, ascending; the first is 0.
    package private(set) var lowerHashes: [UInt64]

    /// The whole space in so many ranges, as equal as can be; at least one.
    package init(count: Int) {
        let count = UInt64(max(1, count))
        // The width is rounded down; the last range takes what is left over.
        let width = UInt64.max / count
        lowerHashes = (0..<count).map { $0 * width }
    }

    /// Partitions that begin at hashes; nil where these don't ascend from 0.
    package init?(lowerHashes: [UInt64]) {
        guard lowerHashes.first == 0, zip(lowerHashes, lowerHashes.dropFirst()).allSatisfy(<) else {
            return nil
        }
        self.lowerHashes = lowerHashes
    }

    package var count: Int { lowerHashes.count }

    /// The range of a partition.
    package func hashes(of partition: Int) -> ClosedRange<UInt64> {
        let upper = partition + 1 < count ? lowerHashes[partition + 1] - 1 : .max
        return lowerHashes[partition]...upper
    }

    /// The partition that a hash falls in.
    package func partition(ofHash hash: UInt64) -> Int {
        var low = 0
        var high = lowerHashes.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if lowerHashes[middle] <= hash { low = middle } else { high = middle }
        }
        return low
    }

    /// The partition that a stored key of an item belongs to.
    package func partition(ofStoredKey key: [UInt8]) -> Int {
        lowerHashes.count == 1 ? 0 : partition(ofHash: Self.hash(ofStoredKey: key))
    }

    /// The first place of each partition of a table or index; empty where there is one.
    func starts(id: UInt32) -> [KeyPlace] {
        count == 1
            ? [] : lowerHashes.map { KeyPlace(storedKey: StoredKeys.start(id: id, hash: $0)) }
    }

    /// The partition hash in a stored key: after the table's id.
    static func hash(ofStoredKey key: [UInt8]) -> UInt64 {
        key.dropFirst(4).prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// The partition with the widest range, the first of several.
    package var widest: Int {
        var widest = 0
        var width: UInt64 = 0
        for partition in lowerHashes.indices {
            let hashes = hashes(of: partition)
            if hashes.upperBound - hashes.lowerBound > width {
                widest = partition
                width = hashes.upperBound - hashes.lowerBound
            }
        }
        return widest
    }

    /// Cuts a partition at its middle.
    ///
    /// - Returns: false where there is no such partition, or it is a single hash.
    package mutating func split(_ partition: Int) -> Bool {
        guard lowerHashes.indices.contains(partition) else { return false }
        let hashes = hashes(of: partition)
        let half = (hashes.upperBound - hashes.lowerBound) / 2
        guard hashes.upperBound > hashes.lowerBound else { return false }
        lowerHashes.insert(hashes.lowerBound + half + 1, at: partition + 1)
        return true
    }

    /// Cuts the partition that a hash falls in, where it doesn't begin there already.
    package mutating func split(atHash hash: UInt64) {
        let partition = partition(ofHash: hash)
        guard lowerHashes[partition] < hash else { return }
        lowerHashes.insert(hash, at: partition + 1)
    }

    /// Splits the widest partitions until there are at least so many.
    package mutating func grow(to count: Int) {
        while self.count < count, split(widest) {}
    }
}

extension TablePartitions: Codable {
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let partitions = TablePartitions(lowerHashes: try container.decode([UInt64].self))
        else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "partitions that don't cut the hash space")
        }
        self = partitions
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(lowerHashes)
    }
}
