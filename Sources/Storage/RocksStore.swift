import CRocksDB
import Synchronization

/// The embedded store: RocksDB in a directory of its own, or in memory.
///
/// Reads take no lock. A commit that fails poisons the store: its log may end in half a record, so
/// nothing may be written behind it. Reads go on; reopening recovers what was acknowledged.
package final class RocksStore: KeyValueStore {
    package let options: StoreOptions

    let database: RocksDatabase
    // Made once and only read.
    nonisolated(unsafe) private let writeOptions: OpaquePointer
    private let poison = Mutex<StorageError?>(nil)
    /// Background errors that a probe has found harmless (the database recovered by itself).
    private let harmlessErrorCount = Atomic<UInt64>(0)

    /// Opens the store of a directory, which is made if it is missing or empty.
    ///
    /// - Throws: `.locked`, `.foreign`, `.newerFormat`, `.unreadable`, `.corrupt`, `.full`, `.io`.
    package static func open(_ options: StoreOptions) throws(StorageError) -> RocksStore {
        if options.inMemory { return RocksStore(options, try RocksDatabase(options)) }
        try StoreDirectory.prepare(options.path)
        do throws(StorageError) {
            return RocksStore(options, try RocksDatabase(options))
        } catch {
            guard case .corrupt = error, try TornLog.cut(in: options.path) else { throw error }
            return RocksStore(options, try RocksDatabase(options))
        }
    }

    private init(_ options: StoreOptions, _ database: RocksDatabase) {
        self.options = options
        self.database = database
        writeOptions = rocksdb_writeoptions_create()
        if options.inMemory {
            rocksdb_writeoptions_disable_WAL(writeOptions, 1)
        } else if options.durability == .fsync {
            rocksdb_writeoptions_set_sync(writeOptions, 1)
        }
    }

    deinit {
        close()
        rocksdb_writeoptions_destroy(writeOptions)
    }

    // MARK: Reading

    package func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StorageError) -> [UInt8]? {
        guard database.enter() else { throw RocksDatabase.closed }
        defer { database.leave() }
        return try database.get(keyspace, key, database.readOptions)
    }

    package func getCached(
        _ keyspace: Keyspace, _ key: [UInt8]
    ) throws(StorageError) -> CachedRead {
        guard database.enter() else { throw RocksDatabase.closed }
        defer { database.leave() }
        return try database.lookUp(keyspace, key, database.cachedReadOptions)
    }

    package func cursor(
        _ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]?
    ) throws(StorageError) -> any Cursor {
        try RocksCursor(
            database, keyspace, lower: lower, upper: upper, snapshot: nil, owner: nil)
    }

    package func snapshot() -> any ReadView { RocksSnapshot(database) }

    package func approximateByteCount(
        _ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]
    ) -> Int {
        guard lower.lexicographicallyPrecedes(upper), database.enter() else { return 0 }
        defer { database.leave() }
        var size: UInt64 = 0
        var failure: UnsafeMutablePointer<CChar>?
        lower.withCharacters { lowerBytes, lowerCount in
            upper.withCharacters { upperBytes, upperCount in
                var lowerPointer = lowerBytes
                var upperPointer = upperBytes
                var lowerLength = lowerCount
                var upperLength = upperCount
                rocksdb_approximate_sizes_cf(
                    database.handle, database.family(keyspace), 1, &lowerPointer, &lowerLength,
                    &upperPointer, &upperLength, &size, &failure)
            }
        }
        if let failure {
            rocksdb_free(failure)
            return 0
        }
        return Int(clamping: size)
    }

    // MARK: Writing

    package func makeBatch() -> any WriteBatch { RocksBatch(database) }

    package func commit(_ batch: any WriteBatch) throws(StorageError) {
        guard let batch = batch as? RocksBatch, batch.database === database else {
            throw .io("the batch was made by another store")
        }
        guard database.enter() else { throw RocksDatabase.closed }
        defer { database.leave() }
        try checkPoison()
        if !batch.isEmpty { try write(batch.handle) }
    }

    package var fault: StorageError? {
        if let reason = poison.withLock({ $0 }) { return reason }
        guard database.enter() else { return nil }
        defer { database.leave() }
        var count: UInt64 = 0
        guard rocksdb_property_int(database.handle, "rocksdb.background-errors", &count) == 0,
            count > harmlessErrorCount.load(ordering: .relaxed)
        else { return nil }
        // A flush or compaction failed. An empty write tells whether the database goes on.
        let probe: OpaquePointer = rocksdb_writebatch_create()
        defer { rocksdb_writebatch_destroy(probe) }
        do throws(StorageError) {
            try write(probe)
        } catch {
            return error
        }
        harmlessErrorCount.store(count, ordering: .relaxed)
        return nil
    }

    /// Writes what the buffers hold into tables; for tests, and before measuring sizes.
    package func flush() throws(StorageError) {
        guard database.enter() else { throw RocksDatabase.closed }
        defer { database.leave() }
        try checkPoison()
        let options: OpaquePointer = rocksdb_flushoptions_create()
        defer { rocksdb_flushoptions_destroy(options) }
        rocksdb_flushoptions_set_wait(options, 1)
        for keyspace in Keyspace.allCases {
            var failure: UnsafeMutablePointer<CChar>?
            rocksdb_flush_cf(database.handle, options, database.family(keyspace), &failure)
            if let failure { throw RocksStatus.error(taking: failure) }
        }
    }

    /// Rewrites a keyspace into its last level, without what was overwritten or deleted.
    package func compact(_ keyspace: Keyspace) throws(StorageError) {
        guard database.enter() else { throw RocksDatabase.closed }
        defer { database.leave() }
        try checkPoison()
        rocksdb_compact_range_cf(database.handle, database.family(keyspace), nil, 0, nil, 0)
    }

    /// Snapshots, cursors and batches that are alive, and reads under way: 0 at rest.
    package var liveHandleCount: Int { database.shareCount }

    package func close() {
        if !options.inMemory, database.enter() {
            // The database must not be asked to sync a log whose writing failed: it aborts.
            if poison.withLock({ $0 == nil }) {
                var failure: UnsafeMutablePointer<CChar>?
                rocksdb_flush_wal(database.handle, 1, &failure)
                if let failure { rocksdb_free(failure) }
            }
            database.leave()
        }
        database.close()
    }

    /// Throws where an earlier write failed: nothing may touch the log any more.
    func checkPoison() throws(StorageError) {
        if let reason = poison.withLock({ $0 }) { throw .poisoned(reason.description) }
    }

    private func write(_ batch: OpaquePointer) throws(StorageError) {
        var failure: UnsafeMutablePointer<CChar>?
        rocksdb_write(database.handle, writeOptions, batch, &failure)
        guard let failure else { return }
        let error = RocksStatus.error(taking: failure)
        poison.withLock { reason in
            if reason == nil { reason = error }
        }
        throw error
    }
}
