import CRocksDB

/// A view of the store as it was when the view was made.
///
/// It keeps superseded values from being reclaimed, so it should not be held for long.
final class RocksSnapshot: ReadView {
    /// What is freed with the view; nil where the store was closed already.
    private struct Handles {
        let snapshot: OpaquePointer
        let readOptions: OpaquePointer
        let cachedReadOptions: OpaquePointer
    }

    private let database: RocksDatabase
    // Written once; the database allows reads through one snapshot from any thread.
    nonisolated(unsafe) private let handles: Handles?

    init(_ database: RocksDatabase) {
        self.database = database
        guard database.enter(), let snapshot = rocksdb_create_snapshot(database.handle) else {
            handles = nil
            return
        }
        handles = Handles(
            snapshot: snapshot,
            readOptions: RocksDatabase.makeReadOptions(snapshot: snapshot, cachedOnly: false),
            cachedReadOptions: RocksDatabase.makeReadOptions(
                snapshot: snapshot, cachedOnly: !database.isInMemory))
    }

    deinit {
        guard let handles else { return }
        rocksdb_readoptions_destroy(handles.readOptions)
        rocksdb_readoptions_destroy(handles.cachedReadOptions)
        rocksdb_release_snapshot(database.handle, handles.snapshot)
        database.leave()
    }

    func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StorageError) -> [UInt8]? {
        guard let handles else { throw RocksDatabase.closed }
        return try database.get(keyspace, key, handles.readOptions)
    }

    func getCached(_ keyspace: Keyspace, _ key: [UInt8]) throws(StorageError) -> CachedRead {
        guard let handles else { throw RocksDatabase.closed }
        return try database.lookUp(keyspace, key, handles.cachedReadOptions)
    }

    func cursor(
        _ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]?
    ) throws(StorageError) -> any Cursor {
        guard let handles else { throw RocksDatabase.closed }
        return try RocksCursor(
            database, keyspace, lower: lower, upper: upper, snapshot: handles.snapshot, owner: self)
    }
}
