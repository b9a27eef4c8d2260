import Items

/// Where the partitions of a table or index begin: places that cut its key space, ascending.
struct PartitionPlaces: Sendable {
    private(set) var lowers: [KeyPlace]
    /// The hashes of the same, to be searched first.
    private var hashes: [UInt64]

    /// So many ranges of the hash, as equal as can be.
    init(resourceID: UInt32, count: Int) {
        let count = UInt64(max(1, count))
        // The width is rounded down; the last range takes what is left over.
        let width = UInt64.max / count
        hashes = (0..<count).map { $0 * width }
        lowers = hashes.map { KeyPlace(resourceID: resourceID, hash: $0) }
    }

    /// Partitions that begin at places; the first begins where the key space does.
    init(resourceID: UInt32, lowers: [KeyPlace]) {
        let first = KeyPlace(resourceID: resourceID, hash: 0)
        self.lowers = [first] + Set(lowers).filter { first < $0 }.sorted()
        hashes = self.lowers.map(\.hash)
    }

    var count: Int { lowers.count }

    /// The partition that a place falls in.
    func partition(of place: KeyPlace) -> Int {
        guard hashes.count > 1 else { return 0 }
        let hash = place.hash
        var low = 0
        var high = hashes.count
        while high - low > 1 {
            let middle = (low + high) / 2
            let isAbove =
                hashes[middle] < hash || (hashes[middle] == hash && lowers[middle] <= place)
            if isAbove { low = middle } else { high = middle }
        }
        return low
    }

    /// Cuts the partition that a place falls in; nil where it begins there already.
    mutating func split(at boundary: KeyPlace) -> Int? {
        let partition = partition(of: boundary)
        guard lowers[partition] < boundary else { return nil }
        lowers.insert(boundary, at: partition + 1)
        hashes.insert(boundary.hash, at: partition + 1)
        return partition
    }

    /// The hash in the middle of a partition's range; nil where there is but one.
    func middle(of partition: Int) -> UInt64? {
        let last = partition + 1 < count ? hashes[partition + 1] : .max
        let half = (last - hashes[partition]) / 2
        return half > 0 ? hashes[partition] + half : nil
    }

    /// The partition with the widest range of hashes, the first of several.
    var widest: Int {
        var widest = 0
        var width: UInt64 = 0
        for partition in hashes.indices {
            let last = partition + 1 < count ? hashes[partition + 1] : .max
            if last - hashes[partition] > width {
                widest = partition
                width = last - hashes[partition]
            }
        }
        return widest
    }
}

extension KeyPlace {
    /// How many bytes the id and the hash are.
    private static let rangeByteCount = 12

    /// Where keys of a hash begin.
    init(resourceID: UInt32, hash: UInt64) {
        var key: [UInt8] = []
        key.reserveCapacity(Self.rangeByteCount)
        for shift: UInt32 in [24, 16, 8, 0] {
            key.append(UInt8(truncatingIfNeeded: resourceID >> shift))
        }
        for shift in stride(from: UInt64(56), through: 0, by: -8) {
            key.append(UInt8(truncatingIfNeeded: hash >> shift))
        }
        self.init(storedKey: key)
    }

    /// Whether it is of one hash, not of a range of them.
    var tellsHash: Bool { storedKey.count >= Self.rangeByteCount }

    /// Where the keys that share its hash begin.
    var collectionRange: KeyPlace {
        storedKey.count <= Self.rangeByteCount
            ? self : KeyPlace(storedKey: Array(storedKey[..<Self.rangeByteCount]))
    }
}
