/// A place in the key space of a table or index: where partitions are cut and where work falls.
///
/// Its bytes are those of a stored key: the u32 id of the table or index, the 8-byte partition
/// hash, then the ordered components of the partition key and the sort key (fewer for a range of
/// keys, whose place is what they all begin with). Places of one table or index sort as its
/// partitions do.
package struct KeyPlace: Sendable, Hashable, Comparable {
    package let storedKey: [UInt8]

    /// - Parameter storedKey: a stored key or the beginning of one.
    package init(storedKey: [UInt8]) { self.storedKey = storedKey }

    /// The place of a key.
    ///
    /// - Parameters:
    ///   - partition: the values of the HASH attributes: one, or in a global index up to four.
    ///   - sort: the values of the RANGE attributes, in their order; empty for a whole collection.
    package init(resourceID: UInt32, partition: [ItemValue], sort: [ItemValue] = []) {
        var key: [UInt8] = []
        key.reserveCapacity(64)
        for shift: UInt32 in [24, 16, 8, 0] {
            key.append(UInt8(truncatingIfNeeded: resourceID >> shift))
        }
        PartitionHash.append(partition, to: &key)
        for value in partition { OrderedKey.append(value, to: &key) }
        for value in sort { OrderedKey.append(value, to: &key) }
        storedKey = key
    }

    /// The storage id of the table or index; 0 where the bytes are too few.
    package var resourceID: UInt32 {
        guard storedKey.count >= 4 else { return 0 }
        return storedKey[..<4].reduce(0) { $0 << 8 | UInt32($1) }
    }

    /// The partition hash; bytes that are missing count as 0.
    package var hash: UInt64 {
        var hash: UInt64 = 0
        for offset in 4..<12 {
            hash = hash << 8 | (offset < storedKey.count ? UInt64(storedKey[offset]) : 0)
        }
        return hash
    }

    package static func < (left: KeyPlace, right: KeyPlace) -> Bool {
        left.storedKey.lexicographicallyPrecedes(right.storedKey)
    }
}
