import CRocksDB

/// Changes gathered for one commit.
///
/// A batch made by a closed store takes nothing; its commit tells.
final class RocksBatch: WriteBatch {
    let database: RocksDatabase
    let handle: OpaquePointer
    private let isOpen: Bool

    init(_ database: RocksDatabase) {
        self.database = database
        handle = rocksdb_writebatch_create()
        isOpen = database.enter()
    }

    deinit {
        rocksdb_writebatch_destroy(handle)
        if isOpen { database.leave() }
    }

    func put(_ keyspace: Keyspace, _ key: [UInt8], _ value: [UInt8]) {
        guard isOpen else { return }
        let family = database.family(keyspace)
        key.withCharacters { keyBytes, keyCount in
            value.withCharacters { bytes, count in
                rocksdb_writebatch_put_cf(handle, family, keyBytes, keyCount, bytes, count)
            }
        }
    }

    func delete(_ keyspace: Keyspace, _ key: [UInt8]) {
        guard isOpen else { return }
        let family = database.family(keyspace)
        key.withCharacters { rocksdb_writebatch_delete_cf(handle, family, $0, $1) }
    }

    func deleteRange(_ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]) {
        // The database fails a commit whose range is upside down.
        guard isOpen, lower.lexicographicallyPrecedes(upper) else { return }
        let family = database.family(keyspace)
        lower.withCharacters { lowerBytes, lowerCount in
            upper.withCharacters { bytes, count in
                rocksdb_writebatch_delete_range_cf(
                    handle, family, lowerBytes, lowerCount, bytes, count)
            }
        }
    }

    var isEmpty: Bool { rocksdb_writebatch_count(handle) == 0 }

    func clear() { rocksdb_writebatch_clear(handle) }
}
