import CRocksDB
import Glibc

extension RocksStore {
    /// How much of a copy of a store in memory is written at a time.
    private static let copiedByteCount = 1 << 20

    /// A copy of the store, openable on its own.
    ///
    /// On one file system it costs little: finished tables are linked, not copied. It is made
    /// beside its path and renamed when it is whole, so nothing half-made ever has that name.
    ///
    /// - Throws: `.unreadable` where something is at the path or its parent is missing.
    package func checkpoint(to path: String) throws(StorageError) {
        guard database.enter() else { throw RocksDatabase.closed }
        defer { database.leave() }
        try checkPoison()
        guard !StoreDirectory.exists(path) else {
            throw .unreadable("cannot make a checkpoint at \(path): it exists already")
        }
        let suffix = UInt64.random(in: 0...UInt64.max)
        let unfinished = "\(path).partial-\(String(suffix, radix: 16))"
        do throws(StorageError) {
            if isInMemory {
                try copyAll(to: unfinished)
            } else {
                try linkAll(to: unfinished)
                try StoreDirectory.writeMarker(in: unfinished)
            }
            guard rename(unfinished, path) == 0 else {
                throw .io(
                    "cannot make a checkpoint at \(path): \(StoreDirectory.systemError())")
            }
            try StoreDirectory.sync(StoreDirectory.parent(of: path))
        } catch {
            StoreDirectory.removeFlatDirectory(unfinished)
            throw error
        }
    }

    private var isInMemory: Bool { options.inMemory }

    private func linkAll(to path: String) throws(StorageError) {
        var failure: UnsafeMutablePointer<CChar>?
        let checkpoint = rocksdb_checkpoint_object_create(database.handle, &failure)
        if let failure { throw RocksStatus.error(taking: failure) }
        defer { rocksdb_checkpoint_object_destroy(checkpoint) }
        // 0: the write buffers are flushed first, so that the copy needs no log.
        rocksdb_checkpoint_create(checkpoint, path, 0, &failure)
        if let failure { throw RocksStatus.error(taking: failure) }
    }

    /// A store in memory has no files to link: its keys are written to a store on disk.
    private func copyAll(to path: String) throws(StorageError) {
        let copy = try RocksStore.open(StoreOptions(path: path, durability: .os))
        defer { copy.close() }
        let view = snapshot()
        let batch = copy.makeBatch()
        for keyspace in Keyspace.allCases {
            let cursor = try view.cursor(keyspace, lower: [], upper: nil)
            var pending = 0
            try cursor.seek(nil)
            while cursor.isValid {
                let key = cursor.key
                let value = cursor.value
                batch.put(keyspace, key, value)
                pending += key.count + value.count
                if pending >= Self.copiedByteCount {
                    try copy.commit(batch)
                    batch.clear()
                    pending = 0
                }
                try cursor.next()
            }
            try copy.commit(batch)
            batch.clear()
        }
    }
}
