internal import Items
internal import Operations

/// How much a key was read and written, about, in half units.
package struct HotKey: Sendable, Hashable {
    /// Where it is: a key, or what the keys of a page begin with; empty: all keys not told apart.
    package var place: [UInt8]
    package var readHalves: UInt64
    package var writeHalves: UInt64

    package init(place: [UInt8], readHalves: UInt64, writeHalves: UInt64) {
        self.place = place
        self.readHalves = readHalves
        self.writeHalves = writeHalves
    }

    var weight: UInt64 { UsageCounts.sum(readHalves, writeHalves) }
    var isOfOthers: Bool { place.isEmpty }

    mutating func add(_ other: HotKey) {
        readHalves = UsageCounts.sum(readHalves, other.readHalves)
        writeHalves = UsageCounts.sum(writeHalves, other.writeHalves)
    }
}

/// The hottest keys of one table or index, about: the space-saving sketch.
///
/// It holds so many keys. One that it doesn't hold takes the place of the coldest and its weight
/// with it, so that a key of more than a 64th of the traffic is always among them. What is told of
/// a key is what was seen of it since it was last taken in, never more than it had.
struct HotKeySketch: Sendable {
    static let keysMax = 64

    private struct Entry {
        var key: HotKey
        /// The weight that counts, with what was taken over.
        var rank: UInt64
    }

    /// What was seen of keys that lost their places.
    private var others = HotKey(place: [], readHalves: 0, writeHalves: 0)
    private var places: [[UInt8]: Int] = [:]
    private var entries: [Entry] = []

    mutating func add(_ place: [UInt8], readHalves: UInt64, writeHalves: UInt64) {
        let weight = UsageCounts.sum(readHalves, writeHalves)
        guard weight > 0 else { return }
        if let index = places[place] {
            entries[index].rank = UsageCounts.sum(entries[index].rank, weight)
            entries[index].key.readHalves = UsageCounts.sum(
                entries[index].key.readHalves, readHalves)
            entries[index].key.writeHalves = UsageCounts.sum(
                entries[index].key.writeHalves, writeHalves)
            return
        }
        let key = HotKey(place: place, readHalves: readHalves, writeHalves: writeHalves)
        guard entries.count == Self.keysMax else {
            places[place] = entries.count
            entries.append(Entry(key: key, rank: weight))
            return
        }
        var coldest = 0
        for index in entries.indices where entries[index].rank < entries[coldest].rank {
            coldest = index
        }
        others.add(entries[coldest].key)
        places[entries[coldest].key.place] = nil
        places[place] = coldest
        entries[coldest] = Entry(
            key: key, rank: UsageCounts.sum(entries[coldest].rank, weight))
    }

    /// What was seen of each, the hottest first, then of all others.
    var keys: [HotKey] {
        HotKey.hottest(entries.map(\.key)) + (others.weight > 0 ? [others] : [])
    }
}

extension HotKey {
    /// How many are kept of a table or index and span.
    package static let keptMax = 32

    static func hottest(_ keys: [HotKey]) -> [HotKey] {
        keys.sorted {
            $0.weight != $1.weight
                ? $0.weight > $1.weight : $0.place.lexicographicallyPrecedes($1.place)
        }
    }

    /// Joins lists, adding up what they have in common; what the limit cuts off is of others.
    static func merged(_ lists: [[HotKey]], limit: Int = keptMax) -> [HotKey] {
        var sums: [[UInt8]: HotKey] = [:]
        for key in lists.joined() {
            guard var sum = sums[key.place] else {
                sums[key.place] = key
                continue
            }
            sum.add(key)
            sums[key.place] = sum
        }
        var others =
            sums.removeValue(forKey: []) ?? HotKey(place: [], readHalves: 0, writeHalves: 0)
        let ordered = hottest(Array(sums.values))
        for key in ordered.dropFirst(limit) { others.add(key) }
        return ordered.prefix(limit) + (others.weight > 0 ? [others] : [])
    }

    /// A list as bytes: of each u64 and u64 (big-endian), u16 length and place.
    static func encode(_ keys: [HotKey]) -> [UInt8] {
        var bytes: [UInt8] = []
        for key in keys {
            for value in [key.readHalves, key.writeHalves] {
                for shift in stride(from: UInt64(56), through: 0, by: -8) {
                    bytes.append(UInt8(truncatingIfNeeded: value >> shift))
                }
            }
            let place = key.place.prefix(Int(UInt16.max))
            bytes.append(UInt8(place.count >> 8))
            bytes.append(UInt8(place.count & 0xFF))
            bytes += place
        }
        return bytes
    }

    /// What of the bytes is a list.
    static func decode(_ bytes: [UInt8]) -> [HotKey] {
        var keys: [HotKey] = []
        var offset = 0
        func number(_ start: Int) -> UInt64 {
            bytes[start..<(start + 8)].reduce(0) { $0 << 8 | UInt64($1) }
        }
        while offset + 18 <= bytes.count {
            let count = Int(bytes[offset + 16]) << 8 | Int(bytes[offset + 17])
            guard offset + 18 + count <= bytes.count else { break }
            keys.append(
                HotKey(
                    place: Array(bytes[(offset + 18)..<(offset + 18 + count)]),
                    readHalves: number(offset), writeHalves: number(offset + 8)))
            offset += 18 + count
        }
        return keys
    }
}
