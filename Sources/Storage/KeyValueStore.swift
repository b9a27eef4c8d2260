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

/// What a store can fail with. None of these is a client's fault.
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
}

/// What a read that must not wait found.
package enum CachedRead: Sendable {
    case found([UInt8])
    case absent
    /// Only a read of the device can tell.
    case unknown
}

/// A consistent view to read from.
package protocol ReadView: AnyObject, Sendable {
    /// The value of a key; nil where there is none. May wait for the device.
    func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StorageError) -> [UInt8]?

    /// The value of a key if memory can tell; never waits for the device.
    func getCached(_ keyspace: Keyspace, _ key: [UInt8]) throws(StorageError) -> CachedRead

    /// A cursor over the keys `lower ..< upper` (nil: to the end of the keyspace).
    ///
    /// It stands nowhere until it is sought.
    func cursor(
        _ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]?
    ) throws(StorageError) -> any Cursor
}

/// Walks a range of keys in order, either way. For one thread at a time.
package protocol Cursor: AnyObject {
    /// To the first key at or after `key` (nil: the range's first).
    func seek(_ key: [UInt8]?) throws(StorageError)
    /// To the last key at or before `key` (nil: the range's last).
    func seekBackward(_ key: [UInt8]?) throws(StorageError)
    func next() throws(StorageError)
    func previous() throws(StorageError)
    /// Whether it stands on a key of its range.
    var isValid: Bool { get }
    /// A copy of the key it stands on. Precondition: `isValid`.
    var key: [UInt8] { get }
    /// A copy of the value it stands on. Precondition: `isValid`.
    var value: [UInt8] { get }
}

/// Changes that are committed together or not at all, applied in order.
package protocol WriteBatch: AnyObject {
    func put(_ keyspace: Keyspace, _ key: [UInt8], _ value: [UInt8])
    func delete(_ keyspace: Keyspace, _ key: [UInt8])
    /// Deletes the keys `lower ..< upper`.
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
    ///   throws, and nothing of the batch may be acknowledged.
    func commit(_ batch: any WriteBatch) throws(StorageError)
    /// A copy of the store, openable on its own, at a path that must not exist yet.
    func checkpoint(to path: String) throws(StorageError)
    /// About how many bytes the keys `lower ..< upper` take on the device.
    func approximateByteCount(_ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]) -> Int
    /// Why the store takes no writes; nil while it does.
    var fault: StorageError? { get }
    /// Syncs and closes. Nothing may be called afterwards; calling it twice is harmless.
    func close()
}
