internal import Items
package import Metering
internal import Foundation
package import Logging
internal import Operations
package import Storage

/// The usage keyspace: records by minute, which grow coarser as they grow old.
///
/// docs/storage-format.md has the keys. For one thread at a time.
package struct UsageStore: Sendable {
    /// The first byte of keys that are no records.
    private enum Prefix {
        static let marker: UInt8 = 0x00
        static let hotKeys: UInt8 = 0x10
        static let resource: UInt8 = 0x20
    }

    /// Which chunks of the live file are in the store already.
    struct Marker: Sendable, Equatable {
        var storeNumber: UInt64
        /// All with lesser numbers are.
        var lowWater: UInt64
        var taken: [UInt64]

        var encoded: [UInt8] {
            var bytes: [UInt8] = []
            for value in [storeNumber, lowWater] + taken {
                for shift in stride(from: UInt64(56), through: 0, by: -8) {
                    bytes.append(UInt8(truncatingIfNeeded: value >> shift))
                }
            }
            return bytes
        }

        init(storeNumber: UInt64, lowWater: UInt64 = 1, taken: [UInt64] = []) {
            self.storeNumber = storeNumber
            self.lowWater = lowWater
            self.taken = taken
        }

        init?(encoded bytes: [UInt8]) {
            guard bytes.count >= 16, bytes.count % 8 == 0 else { return nil }
            let values = stride(from: 0, to: bytes.count, by: 8).map { offset in
                bytes[offset..<(offset + 8)].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            }
            self.init(storeNumber: values[0], lowWater: values[1], taken: Array(values[2...]))
        }

        func hasTaken(_ number: UInt64) -> Bool { number < lowWater || taken.contains(number) }
    }

    /// What a flush brings.
    struct Contents: Sendable {
        var counts: [UsageKey: UsageCounts] = [:]
        /// By minute and table or index.
        var hotKeys: [UInt64: [HotKey]] = [:]
        var resources: [MeteredResource] = []
    }

    /// How many records are made coarser in one commit.
    private static let condensedMax = 5_000

    private let store: any KeyValueStore

    private let logger: Logger

    package init(_ store: any KeyValueStore, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    // MARK: Marker

    /// What is in the store of the live file; a store that has no number gets one.
    func marker() throws(StorageError) -> Marker {
        if let bytes = try store.get(.usage, [Prefix.marker]) {
            if let marker = Marker(encoded: bytes) { return marker }
            logger.warning("the account book's marker is damaged: usage.live begins anew")
        }
        let marker = Marker(storeNumber: UInt64.random(in: 1 ... .max))
        let batch = store.makeBatch()
        batch.put(.usage, [Prefix.marker], marker.encoded)
        try store.commit(batch)
        return marker
    }

    // MARK: Writing

    /// Adds what was counted and notes where it came from, all or nothing.
    func add(_ contents: Contents, marker: Marker) throws(StorageError) {
        let batch = store.makeBatch()
        for (key, counts) in contents.counts {
            try put(key.encoded(.minute), adding: counts, in: batch)
        }
        for (place, keys) in contents.hotKeys {
            let key = Self.hotKey(
                .minute, minute: UInt32(truncatingIfNeeded: place >> 32),
                resource: UInt32(truncatingIfNeeded: place))
            let kept = try store.get(.usage, key).map(HotKey.decode) ?? []
            batch.put(.usage, key, HotKey.encode(HotKey.merged([kept, keys])))
        }
        for resource in contents.resources {
            var key = [Prefix.resource]
            UsageKey.append(resource.id, to: &key)
            if let bytes = StoredResource(resource).encoded { batch.put(.usage, key, bytes) }
        }
        batch.put(.usage, [Prefix.marker], marker.encoded)
        try store.commit(batch)
    }

    private func put(
        _ key: [UInt8], adding counts: UsageCounts, in batch: any WriteBatch
    ) throws(StorageError) {
        var sum = try store.get(.usage, key).flatMap { UsageCounts(encoded: $0) } ?? UsageCounts()
        sum += counts
        batch.put(.usage, key, sum.encoded)
    }

    /// Makes what is old coarser, and deletes what is older than 30 days.
    func condense(minute now: UInt32) throws(StorageError) {
        for grain in UsageGrain.allCases {
            let length = (grain.coarser ?? grain).length
            guard now > grain.ageMax else { continue }
            var cutoff = now - grain.ageMax
            cutoff -= cutoff % length
            while try condense(grain, before: cutoff) {}
            while try condenseHotKeys(grain, before: cutoff) {}
        }
    }

    /// - Returns: whether there may be more.
    private func condense(_ grain: UsageGrain, before cutoff: UInt32) throws(StorageError) -> Bool {
        let found = try old(prefix: [grain.rawValue], before: cutoff)
        guard !found.isEmpty else { return false }
        let batch = store.makeBatch()
        var sums: [[UInt8]: UsageCounts] = [:]
        for (key, value) in found {
            batch.delete(.usage, key)
            guard let coarser = grain.coarser, let about = UsageKey(encoded: key),
                let counts = UsageCounts(encoded: value)
            else { continue }
            sums[about.encoded(coarser), default: UsageCounts()] += counts
        }
        for (key, counts) in sums { try put(key, adding: counts, in: batch) }
        try store.commit(batch)
        return found.count == Self.condensedMax
    }

    private func condenseHotKeys(
        _ grain: UsageGrain, before cutoff: UInt32
    ) throws(StorageError) -> Bool {
        let found = try old(prefix: [Prefix.hotKeys, grain.rawValue], before: cutoff)
        guard !found.isEmpty else { return false }
        let batch = store.makeBatch()
        var lists: [[UInt8]: [[HotKey]]] = [:]
        for (key, value) in found where key.count == 10 {
            batch.delete(.usage, key)
            guard let coarser = grain.coarser else { continue }
            let target = Self.hotKey(
                coarser, minute: UsageKey.number(key, 2), resource: UsageKey.number(key, 6))
            lists[target, default: []].append(HotKey.decode(value))
        }
        for (key, added) in lists {
            let kept = try store.get(.usage, key).map(HotKey.decode) ?? []
            batch.put(.usage, key, HotKey.encode(HotKey.merged([kept] + added)))
        }
        try store.commit(batch)
        return found.count == Self.condensedMax
    }

    private func old(
        prefix: [UInt8], before cutoff: UInt32
    ) throws(StorageError) -> [(key: [UInt8], value: [UInt8])] {
        var upper = prefix
        UsageKey.append(cutoff, to: &upper)
        let cursor = try store.cursor(.usage, lower: prefix, upper: upper)
        try cursor.seek(nil)
        var found: [(key: [UInt8], value: [UInt8])] = []
        while cursor.isValid, found.count < Self.condensedMax {
            found.append((cursor.key, cursor.value))
            try cursor.next()
        }
        return found
    }

    // MARK: Reading

    /// All records that begin in some minutes, or whose span holds the first of them.
    package func records(
        from first: UInt32, to last: UInt32,
        body: (UsageGrain, UsageKey, UsageCounts) -> Void
    ) throws(StorageError) {
        guard first <= last else { return }
        for grain in UsageGrain.allCases {
            var lower = [grain.rawValue]
            UsageKey.append(first - first % grain.length, to: &lower)
            var upper = [grain.rawValue]
            UsageKey.append(last, to: &upper)
            upper = OrderedKey.successor(of: upper) ?? [grain.rawValue + 1]
            let cursor = try store.cursor(.usage, lower: lower, upper: upper)
            try cursor.seek(nil)
            while cursor.isValid {
                if let key = UsageKey(encoded: cursor.key),
                    let counts = UsageCounts(encoded: cursor.value)
                {
                    body(grain, key, counts)
                }
                try cursor.next()
            }
        }
    }

    /// The hottest keys of each table and index in some minutes.
    package func hotKeys(
        from first: UInt32, to last: UInt32
    ) throws(StorageError) -> [UInt32: [HotKey]] {
        guard first <= last else { return [:] }
        var lists: [UInt32: [[HotKey]]] = [:]
        for grain in UsageGrain.allCases {
            let lower = Self.hotKey(grain, minute: first - first % grain.length, resource: 0)
            let upper = Self.hotKey(grain, minute: last, resource: .max) + [0]
            let cursor = try store.cursor(.usage, lower: lower, upper: upper)
            try cursor.seek(nil)
            while cursor.isValid {
                let key = cursor.key
                if key.count == 10 {
                    lists[UsageKey.number(key, 6), default: []].append(
                        HotKey.decode(cursor.value))
                }
                try cursor.next()
            }
        }
        return lists.mapValues { HotKey.merged($0) }
    }

    /// Tables and indexes that were ever met, as they were when they were last.
    package func resources() throws(StorageError) -> [UInt32: MeteredResource] {
        let cursor = try store.cursor(
            .usage, lower: [Prefix.resource], upper: [Prefix.resource + 1])
        try cursor.seek(nil)
        var found: [UInt32: MeteredResource] = [:]
        while cursor.isValid {
            if let resource = StoredResource(encoded: cursor.value)?.resource {
                found[resource.id] = resource
            }
            try cursor.next()
        }
        return found
    }

    private static func hotKey(
        _ grain: UsageGrain, minute: UInt32, resource: UInt32
    ) -> [UInt8] {
        var key = [Prefix.hotKeys, grain.rawValue]
        UsageKey.append(minute - minute % grain.length, to: &key)
        UsageKey.append(resource, to: &key)
        return key
    }
}

/// What the store keeps of a table or index, so that its usage can be told when it is gone.
private struct StoredResource: Codable {
    struct Attribute: Codable {
        var name: String
        var type: String
    }

    var id: UInt32
    var kind: String
    var region: String
    var table: String
    var index: String?
    var tableClass: String?
    var key: [Attribute]

    init(_ resource: MeteredResource) {
        id = resource.id
        kind = resource.kind.rawValue
        region = resource.region
        table = resource.tableName
        index = resource.indexName
        tableClass = resource.tableClass?.rawValue
        key = resource.keyAttributes.map { Attribute(name: $0.name, type: $0.type.rawValue) }
    }

    init?(encoded bytes: [UInt8]) {
        guard let value = try? JSONDecoder().decode(Self.self, from: Data(bytes)) else {
            return nil
        }
        self = value
    }

    var encoded: [UInt8]? { (try? JSONEncoder().encode(self)).map { Array($0) } }

    var resource: MeteredResource? {
        guard let kind = MeteredResource.Kind(rawValue: kind) else { return nil }
        return MeteredResource(
            id: id, kind: kind, region: region, tableName: table, indexName: index,
            tableClass: tableClass.flatMap { TableClass(rawValue: $0) },
            throughput: .onDemand(warmRead: 0, warmWrite: 0, maxRead: nil, maxWrite: nil),
            keyAttributes: key.compactMap { attribute in
                ScalarAttributeType(rawValue: attribute.type).map {
                    MeteredResource.KeyAttribute(name: attribute.name, type: $0)
                }
            }, itemCount: 0, byteCount: 0)
    }
}
