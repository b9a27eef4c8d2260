import CRocksDB

/// A cursor over a range of one keyspace.
///
/// Where all keys of the range share the 12 bytes that the filters know (a query within one
/// partition key), the iterator is told to use them, and skips tables that have no such key. It may
/// then only be sought by keys with those bytes. A seek from beyond them, backwards from an upper
/// bound in the next prefix, replaces it by one that uses no filter.
final class RocksCursor: Cursor {
    private let database: RocksDatabase
    private let keyspace: Keyspace
    private let lower: [UInt8]
    private let upper: [UInt8]?
    private let snapshot: OpaquePointer?
    /// Keeps the snapshot alive.
    private let owner: RocksSnapshot?

    /// The bounds' bytes, at an address that the iterator may keep.
    private let bounds: UnsafeMutableBufferPointer<CChar>
    private let options: OpaquePointer
    private var iterator: OpaquePointer
    private var usesPrefix: Bool

    private(set) var isValid = false

    init(
        _ database: RocksDatabase, _ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]?,
        snapshot: OpaquePointer?, owner: RocksSnapshot?
    ) throws(StorageError) {
        guard database.enter() else { throw RocksDatabase.closed }
        self.database = database
        self.keyspace = keyspace
        self.lower = lower
        self.upper = upper
        self.snapshot = snapshot
        self.owner = owner
        usesPrefix = keyspace.hasPrefix && Self.sharePrefix(lower, upper)
        bounds = .allocate(capacity: lower.count + (upper?.count ?? 0))
        _ = bounds.initialize(
            fromContentsOf: (lower + (upper ?? [])).map { CChar(bitPattern: $0) })
        options = RocksDatabase.makeReadOptions(snapshot: snapshot, cachedOnly: false)
        if !lower.isEmpty {
            rocksdb_readoptions_set_iterate_lower_bound(options, bounds.baseAddress, lower.count)
        }
        if let upper {
            rocksdb_readoptions_set_iterate_upper_bound(
                options, bounds.baseAddress.map { $0 + lower.count }, upper.count)
        }
        rocksdb_readoptions_set_total_order_seek(options, usesPrefix ? 0 : 1)
        iterator = rocksdb_create_iterator_cf(database.handle, options, database.family(keyspace))
    }

    deinit {
        rocksdb_iter_destroy(iterator)
        rocksdb_readoptions_destroy(options)
        bounds.deallocate()
        database.leave()
    }

    func seek(_ key: [UInt8]?) throws(StorageError) {
        isValid = false
        guard !isEmptyRange else { return }
        if let upper, let key, !key.lexicographicallyPrecedes(upper) { return }
        let target = key.map { $0.lexicographicallyPrecedes(lower) ? lower : $0 } ?? lower
        target.withCharacters { rocksdb_iter_seek(iterator, $0, $1) }
        try settle()
    }

    func seekBackward(_ key: [UInt8]?) throws(StorageError) {
        isValid = false
        guard !isEmptyRange else { return }
        if let key, key.lexicographicallyPrecedes(lower) { return }
        var target = key
        if let upper, let key, !key.lexicographicallyPrecedes(upper) { target = nil }
        if usesPrefix, !(target ?? upper ?? []).starts(with: lower.prefix(Self.prefixByteCount)) {
            leavePrefix()
        }
        if let target {
            target.withCharacters { rocksdb_iter_seek_for_prev(iterator, $0, $1) }
        } else {
            rocksdb_iter_seek_to_last(iterator)
        }
        try settle()
    }

    func next() throws(StorageError) {
        guard isValid else { return }
        rocksdb_iter_next(iterator)
        try settle()
    }

    func previous() throws(StorageError) {
        guard isValid else { return }
        rocksdb_iter_prev(iterator)
        try settle()
    }

    var key: [UInt8] {
        guard isValid else { return [] }
        var count = 0
        let bytes = rocksdb_iter_key(iterator, &count)
        return Array(lent: bytes, count: count)
    }

    var value: [UInt8] {
        guard isValid else { return [] }
        var count = 0
        let bytes = rocksdb_iter_value(iterator, &count)
        return Array(lent: bytes, count: count)
    }

    private static let prefixByteCount = RocksOptions.prefixByteCount

    private var isEmptyRange: Bool {
        guard let upper else { return false }
        return !lower.lexicographicallyPrecedes(upper)
    }

    /// Whether every key of `lower ..< upper` begins with the first 12 bytes of `lower`.
    private static func sharePrefix(_ lower: [UInt8], _ upper: [UInt8]?) -> Bool {
        guard let upper, lower.count >= prefixByteCount else { return false }
        let prefix = lower[..<prefixByteCount]
        if upper.starts(with: prefix) { return true }
        // The least bytes above all that begin with the prefix: its last byte below 0xFF, raised.
        guard let last = prefix.lastIndex(where: { $0 < 0xFF }) else { return false }
        var successor = Array(prefix[...last])
        successor[last] += 1
        return !successor.lexicographicallyPrecedes(upper)
    }

    private func leavePrefix() {
        usesPrefix = false
        rocksdb_iter_destroy(iterator)
        rocksdb_readoptions_set_total_order_seek(options, 1)
        iterator = rocksdb_create_iterator_cf(database.handle, options, database.family(keyspace))
    }

    /// After a move: notes whether it stands on a key, and why if an error ended it.
    private func settle() throws(StorageError) {
        isValid = rocksdb_iter_valid(iterator) != 0
        if isValid { return }
        var failure: UnsafeMutablePointer<CChar>?
        rocksdb_iter_get_error(iterator, &failure)
        if let failure { throw RocksStatus.error(taking: failure) }
    }
}
