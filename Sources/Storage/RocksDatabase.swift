import CRocksDB
import Synchronization

/// The open database: the one owner of its C handle and of what is shared by all who use it.
///
/// Every use of the handle holds a share (`enter` … `leave`): the store itself one until it is
/// closed, each snapshot, cursor and batch one for its life, and each read one for its time. Who
/// gives back the last share frees the handle. So closing can neither pull the database from
/// under a read on another thread nor leak it.
final class RocksDatabase: Sendable {
    // The C handles are written once, here, and the database is documented as safe for use from
    // any thread; options objects are only read after they are made.
    nonisolated(unsafe) let handle: OpaquePointer
    nonisolated(unsafe) let readOptions: OpaquePointer
    nonisolated(unsafe) let cachedReadOptions: OpaquePointer
    nonisolated(unsafe) private let families: [OpaquePointer]
    nonisolated(unsafe) private let defaultFamily: OpaquePointer
    nonisolated(unsafe) private let environment: OpaquePointer?
    let isInMemory: Bool

    private let shares = Atomic<Int>(1)
    private let isClosed = Atomic<Bool>(false)
    private let isFreed = Atomic<Bool>(false)

    init(_ options: StoreOptions) throws(StorageError) {
        let path = options.inMemory ? "/basalt" : options.path
        let environment: OpaquePointer? = options.inMemory ? rocksdb_create_mem_env() : nil
        let opened: (handle: OpaquePointer, families: [OpaquePointer])
        do throws(StorageError) {
            let settings = try RocksOptions(options, environment: environment)
            opened = try Self.open(path, settings)
        } catch {
            if let environment { rocksdb_env_destroy(environment) }
            throw error
        }
        self.environment = environment
        isInMemory = options.inMemory
        handle = opened.handle
        defaultFamily = opened.families[0]
        families = Array(opened.families.dropFirst())
        readOptions = Self.makeReadOptions(snapshot: nil, cachedOnly: false)
        cachedReadOptions = Self.makeReadOptions(snapshot: nil, cachedOnly: !options.inMemory)
    }

    deinit {
        close()
    }

    /// The column family of a keyspace; only while holding a share.
    func family(_ keyspace: Keyspace) -> OpaquePointer { families[keyspace.rawValue] }

    /// Shares held beside the store's own: snapshots, cursors, batches, reads under way.
    var shareCount: Int {
        shares.load(ordering: .acquiring) - (isClosed.load(ordering: .acquiring) ? 0 : 1)
    }

    /// Takes a share; false where the store is closed, and then nothing was taken.
    func enter() -> Bool {
        shares.add(1, ordering: .acquiringAndReleasing)
        if isClosed.load(ordering: .acquiring) {
            leave()
            return false
        }
        return true
    }

    /// Gives a share back.
    func leave() {
        let rest = shares.subtract(1, ordering: .acquiringAndReleasing).newValue
        if rest == 0, !isFreed.exchange(true, ordering: .acquiringAndReleasing) { free() }
    }

    /// Gives back the store's own share, once.
    func close() {
        if isClosed.exchange(true, ordering: .acquiringAndReleasing) { return }
        leave()
    }

    /// The error of a use after closing.
    static var closed: StorageError { .io("the store is closed") }

    /// Reads a key as read options say; the caller holds a share.
    func get(
        _ keyspace: Keyspace, _ key: [UInt8], _ options: OpaquePointer
    ) throws(StorageError) -> [UInt8]? {
        switch try lookUp(keyspace, key, options) {
        case .found(let value): return value
        case .absent: return nil
        case .unknown: throw .io("a read that may wait did not")
        }
    }

    /// Reads a key as read options say, which may forbid to wait; the caller holds a share.
    func lookUp(
        _ keyspace: Keyspace, _ key: [UInt8], _ options: OpaquePointer
    ) throws(StorageError) -> CachedRead {
        var failure: UnsafeMutablePointer<CChar>?
        let pinned = key.withCharacters {
            rocksdb_get_pinned_cf(handle, options, family(keyspace), $0, $1, &failure)
        }
        if let failure {
            if RocksStatus.isIncomplete(failure) {
                rocksdb_free(failure)
                return .unknown
            }
            throw RocksStatus.error(taking: failure)
        }
        guard let pinned else { return .absent }
        defer { rocksdb_pinnableslice_destroy(pinned) }
        var count = 0
        let bytes = rocksdb_pinnableslice_value(pinned, &count)
        return .found(Array(lent: bytes, count: count))
    }

    /// Read options of a view: of a snapshot or of the latest commit, waiting or not.
    static func makeReadOptions(snapshot: OpaquePointer?, cachedOnly: Bool) -> OpaquePointer {
        let options: OpaquePointer = rocksdb_readoptions_create()
        rocksdb_readoptions_set_verify_checksums(options, 1)
        // Files that an iterator was the last to need are deleted off the reader's thread.
        rocksdb_readoptions_set_background_purge_on_iterator_cleanup(options, 1)
        if let snapshot { rocksdb_readoptions_set_snapshot(options, snapshot) }
        if cachedOnly {
            let blockCacheTier: Int32 = 1
            rocksdb_readoptions_set_read_tier(options, blockCacheTier)
        }
        return options
    }

    private static func open(
        _ path: String, _ settings: RocksOptions
    ) throws(StorageError) -> (handle: OpaquePointer, families: [OpaquePointer]) {
        let names = ["default"] + Keyspace.allCases.map(\.name)
        let nameArrays = names.map { Array($0.utf8CString) }
        let options: [OpaquePointer?] = [settings.database] + settings.families
        var handles = [OpaquePointer?](repeating: nil, count: names.count)
        var failure: UnsafeMutablePointer<CChar>?
        let handle = withPointers(nameArrays) { pointers in
            rocksdb_open_column_families(
                settings.database, path, Int32(names.count), pointers, options, &handles,
                &failure)
        }
        if let failure {
            let message = String(cString: failure)
            rocksdb_free(failure)
            throw RocksStatus.openingError(message, path: path)
        }
        let families = handles.compactMap { $0 }
        guard let handle, families.count == names.count else {
            throw .io("the store \(path) did not open")
        }
        return (handle, families)
    }

    /// Calls back with pointers to texts that live as long as the call.
    private static func withPointers<Result>(
        _ texts: [[CChar]], _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Result
    ) -> Result {
        var offsets: [Int] = []
        var joined: [CChar] = []
        for text in texts {
            offsets.append(joined.count)
            joined += text
        }
        return joined.withUnsafeBufferPointer { buffer in
            let pointers = offsets.map { offset in buffer.baseAddress.map { $0 + offset } }
            return pointers.withUnsafeBufferPointer { body($0.baseAddress) }
        }
    }

    private func free() {
        rocksdb_readoptions_destroy(readOptions)
        rocksdb_readoptions_destroy(cachedReadOptions)
        for family in families { rocksdb_column_family_handle_destroy(family) }
        rocksdb_column_family_handle_destroy(defaultFamily)
        rocksdb_close(handle)
        if let environment { rocksdb_env_destroy(environment) }
    }
}
