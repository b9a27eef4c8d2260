/// A column family: a space of ordered keys of its own.
package enum Keyspace: Int, Sendable, CaseIterable {
    case catalogue
    case items
    case indexes
    case streams
    case triggers
    case usage

    /// The name in the store.
    package var name: String {
        switch self {
        case .catalogue: "catalogue"
        case .items: "items"
        case .indexes: "indexes"
        case .streams: "streams"
        case .triggers: "triggers"
        case .usage: "usage"
        }
    }
}

/// When a committed batch counts as kept.
package enum Durability: String, Sendable, CaseIterable {
    /// Synced to the device before commit returns.
    case fsync
    /// Handed to the operating system: survives a killed process, not a power cut.
    case os
    /// Kept nowhere: an in-memory store.
    case none
}

/// What a store can fail with.
///
/// None of these is a client's fault. The text is for the operator and names the path or file.
package enum StorageError: Error, Sendable, Equatable {
    /// Another process holds the store.
    case locked(String)
    /// The directory holds something that is not a Basalt store.
    case foreign(String)
    /// The store was written by a newer Basalt.
    case newerFormat(found: Int, supported: Int)
    /// No permission, or the path cannot be made or read.
    case unreadable(String)
    /// The device is full.
    case full(String)
    /// Bytes on disk disagree with their checksum; the text names the file.
    case corrupt(String)
    /// Any other failed read or write.
    case io(String)
    /// An earlier write or sync failed: the store takes no more writes until it is reopened.
    case poisoned(String)
    /// The store is sound, but whoever opened it must open it otherwise.
    case refused(String)
}

/// What a read that must not wait found.
package enum CachedRead: Sendable {
    case found([UInt8])
    case absent
    /// Only a read of the device can tell.
    case unknown
}

/// A consistent view to read from.
///
/// Safe to use from any thread.
package protocol ReadView: AnyObject, Sendable {
    /// The value of a key; nil where there is none. May wait for the device.
    func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StorageError) -> [UInt8]?

    /// The value of a key if memory can tell; never waits for the device.
    ///
    /// `.unknown` costs little; `get` then answers, and what it read is cached for the next time.
    func getCached(_ keyspace: Keyspace, _ key: [UInt8]) throws(StorageError) -> CachedRead

    /// A cursor over the keys `lower ..< upper` (nil: to the end of the keyspace).
    ///
    /// It stands nowhere until it is sought. A cursor of a snapshot sees the snapshot. A cursor of
    /// the store itself sees the commits before its making, or before its latest seek: what must
    /// be consistent across seeks needs a snapshot.
    func cursor(
        _ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]?
    ) throws(StorageError) -> any Cursor
}

/// Walks a range of keys in order, either way.
///
/// For one thread at a time.
package protocol Cursor: AnyObject {
    /// To the first key at or after `key` (nil: the range's first); never out of the range.
    func seek(_ key: [UInt8]?) throws(StorageError)
    /// To the last key at or before `key` (nil: the range's last); never out of the range.
    func seekBackward(_ key: [UInt8]?) throws(StorageError)
    /// To the next key; past the last one it stands nowhere. Does nothing where it stands nowhere.
    func next() throws(StorageError)
    /// To the key before; before the first one it stands nowhere.
    func previous() throws(StorageError)
    /// Whether it stands on a key of its range.
    var isValid: Bool { get }
    /// A copy of the key it stands on. Precondition: `isValid`.
    var key: [UInt8] { get }
    /// A copy of the value it stands on. Precondition: `isValid`.
    var value: [UInt8] { get }
}

/// Changes that are committed together or not at all, applied in order.
///
/// For one thread at a time, and for the store that made it.
package protocol WriteBatch: AnyObject {
    func put(_ keyspace: Keyspace, _ key: [UInt8], _ value: [UInt8])
    func delete(_ keyspace: Keyspace, _ key: [UInt8])
    /// Deletes the keys `lower ..< upper`; an empty range deletes nothing.
    func deleteRange(_ keyspace: Keyspace, lower: [UInt8], upper: [UInt8])
    var isEmpty: Bool { get }
    func clear()
}

/// An ordered store of bytes: the one thing under the engine.
///
/// Safe to use from any thread. Reads on the store itself see the latest commit.
package protocol KeyValueStore: ReadView {
    /// A view that later commits do not change.
    func snapshot() -> any ReadView
    func makeBatch() -> any WriteBatch
    /// Applies a batch atomically; returns when it is as durable as the store was opened to be.
    ///
    /// - Throws: after a failed write or sync the store is poisoned: this and every later commit
    ///   throws, and nothing of the batch may be acknowledged. Whether the failed batch is there
    ///   after reopening is unknown; that all or none of it is there is certain.
    func commit(_ batch: any WriteBatch) throws(StorageError)
    /// A copy of the store, openable on its own, at a path that must not exist yet.
    func checkpoint(to path: String) throws(StorageError)
    /// About how many bytes the keys `lower ..< upper` take on the device, compressed.
    ///
    /// Keys that are only in the write buffer and the log count as nothing.
    func approximateByteCount(_ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]) -> Int
    /// Why the store takes no writes; nil while it does.
    var fault: StorageError? { get }
    /// Syncs and closes; calling it twice is harmless. Later calls throw or do nothing.
    ///
    /// Snapshots, cursors and batches that are still held go on working and keep the store's
    /// lock until the last of them is gone.
    func close()
}
