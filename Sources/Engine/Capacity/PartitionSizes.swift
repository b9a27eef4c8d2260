internal import Items
internal import Metering
internal import Storage
internal import Synchronization

/// About how much each partition of a table or global index holds, and where to cut what holds too
/// much.
///
/// Told from the counted size of the whole and from what the device keeps of each range, so that
/// writes have nothing to count. Items that are only in the write buffer belong to the whole alone.
struct PartitionSizes {
    /// What of one stored range is told apart: the items, or the entries of an index.
    private struct Part {
        let keyspace: Keyspace
        let id: UInt32
        /// DynamoDB bytes for each byte on the device.
        let scale: Double
    }

    /// Neither half may hold more than this share, or the cut helps too little.
    private static let halfShareMax = 0.8

    /// The partitions that it tells of, by their first places.
    let places: [KeyPlace]
    let byteCounts: [Int]
    /// Where to cut, by the first place of the partition; where none is told, no cut would help.
    private(set) var boundaries: [KeyPlace: KeyPlace] = [:]
    private let parts: [Part]
    private let store: any KeyValueStore

    /// nil where the whole is too small for any split, which saves looking closer.
    init?(
        of meter: Throttle.Meter, catalogue: Catalogue, store: any KeyValueStore,
        rules: CapacityRules
    ) {
        guard let resource = catalogue.resource(id: meter.resourceID) else { return nil }
        var wholes = [
            (
                resource.index == nil ? Keyspace.items : .indexes, meter.resourceID,
                (resource.index?.statistics ?? resource.table.statistics).value.byteCount
            )
        ]
        // The entries of local indexes lie with their items.
        if resource.index == nil {
            wholes += resource.table.localIndexes.map {
                (.indexes, $0.id, $0.statistics.value.byteCount)
            }
        }
        guard wholes.reduce(0, { $0 + $1.2 }) > rules.partitionBytesMax else { return nil }
        self.store = store
        parts = wholes.compactMap { keyspace, id, byteCount in
            let range = StoredKeys.range(id: id)
            let stored = store.approximateByteCount(
                keyspace, lower: range.lower, upper: range.upper)
            guard stored > 0 else { return nil }
            return Part(keyspace: keyspace, id: id, scale: Double(byteCount) / Double(stored))
        }
        let (places, splitsCollections) = meter.capacity.withLock {
            ($0.partitions, $0.splitsCollections)
        }
        self.places = places
        let ranges = places.indices.map { partition in
            (
                places[partition].storedKey,
                partition + 1 < places.count
                    ? places[partition + 1].storedKey
                    : StoredKeys.range(id: meter.resourceID).upper
            )
        }
        byteCounts = ranges.map { [parts] in Self.byteCount(parts, store, $0, $1) }
        for (partition, range) in ranges.enumerated()
        where byteCounts[partition] > rules.partitionBytesMax {
            boundaries[places[partition]] = boundary(
                range.0, range.1, splitsCollections: splitsCollections)
        }
    }

    private static func byteCount(
        _ parts: [Part], _ store: any KeyValueStore, _ lower: [UInt8], _ upper: [UInt8]
    ) -> Int {
        let whole = parts.reduce(0.0) { sum, part in
            let stored = store.approximateByteCount(
                part.keyspace, lower: StoredKeys.start(id: part.id) + lower.dropFirst(4),
                upper: upper.count > 4
                    ? StoredKeys.start(id: part.id) + upper.dropFirst(4)
                    : StoredKeys.range(id: part.id).upper)
            return sum + Double(stored) * part.scale
        }
        return Int(exactly: whole.rounded()) ?? .max
    }

    /// Where a range is to be cut: at the middle of its hashes, or where its middle byte lies if
    /// the middle would leave nearly all of it in one half; nil where no cut would help.
    private func boundary(
        _ lower: [UInt8], _ upper: [UInt8], splitsCollections: Bool
    ) -> KeyPlace? {
        guard let items = parts.first else { return nil }
        func stored(below key: [UInt8]) -> Double {
            Double(store.approximateByteCount(items.keyspace, lower: lower, upper: key))
        }
        let whole = stored(below: upper)
        func helps(_ key: [UInt8]) -> Bool {
            guard lower.lexicographicallyPrecedes(key), key.lexicographicallyPrecedes(upper)
            else { return false }
            let share = stored(below: key) / whole
            return max(share, 1 - share) <= Self.halfShareMax
        }
        let first = TablePartitions.hash(ofStoredKey: lower)
        let last = upper.count > 4 ? TablePartitions.hash(ofStoredKey: upper) : .max
        let middle = StoredKeys.start(
            id: items.id, hash: first + (max(first, last) - first) / 2)
        if helps(middle) { return KeyPlace(storedKey: middle) }
        let key = middleKey(lower, upper, half: whole / 2, stored: stored)
        guard let key else { return nil }
        let hash = TablePartitions.hash(ofStoredKey: key)
        // Before the hash that holds the middle byte, after it, or within it.
        for hash in [hash, hash &+ 1] {
            let cut = StoredKeys.start(id: items.id, hash: hash)
            if helps(cut) { return KeyPlace(storedKey: cut) }
        }
        return splitsCollections && helps(key) ? KeyPlace(storedKey: key) : nil
    }

    /// The first stored key at or after the middle byte of a range.
    private func middleKey(
        _ lower: [UInt8], _ upper: [UInt8], half: Double, stored: ([UInt8]) -> Double
    ) -> [UInt8]? {
        guard let items = parts.first else { return nil }
        // The greatest key with no more than half below it, byte after byte until it is near.
        var key = StoredKeys.start(id: items.id)
        while key.count < Self.keyBytesMax {
            var low = 0
            var high = 256
            while high - low > 1 {
                let middle = (low + high) / 2
                let probe = key + [UInt8(middle)]
                let isBelow = probe.lexicographicallyPrecedes(upper) && stored(probe) <= half
                if isBelow { low = middle } else { high = middle }
            }
            let isNear =
                low < 255 && stored(key + [UInt8(high)]) - stored(key + [UInt8(low)]) < half / 10
            key.append(UInt8(low))
            if isNear { break }
        }
        let start = max(KeyPlace(storedKey: key), KeyPlace(storedKey: lower)).storedKey
        do throws(StorageError) {
            let cursor = try store.cursor(items.keyspace, lower: start, upper: upper)
            try cursor.seek(nil)
            return cursor.isValid ? cursor.key : nil
        } catch {
            return nil
        }
    }

    /// How much of a key the middle is looked for in: id, hash, and some of a collection's keys.
    private static let keyBytesMax = 64
}
