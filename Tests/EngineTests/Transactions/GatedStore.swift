import Dispatch
import Storage
import Synchronization

/// A store in memory whose commits wait while its gate is closed.
///
/// So a test holds a group of commits up for as long as it likes, without a clock. It can also do
/// something in the middle of a read of several items.
final class GatedStore: KeyValueStore {
    private let inner: RocksStore
    private let gate = DispatchQueue(label: "gate")
    private let interruption = Mutex<(@Sendable () -> Void)?>(nil)
    private let commitInterruption = Mutex<(@Sendable () -> Void)?>(nil)

    init() throws {
        inner = try RocksStore.open(.inMemory)
    }

    /// Does something once, after the next item is read from the store or a snapshot of it.
    func interruptAfterNextRead(_ body: @escaping @Sendable () -> Void) {
        interruption.withLock { $0 = body }
    }

    /// Does something once, when everything of the next commit is staged.
    func interruptBeforeNextCommit(_ body: @escaping @Sendable () -> Void) {
        commitInterruption.withLock { $0 = body }
    }

    fileprivate func interrupt(after keyspace: Keyspace) {
        guard keyspace == .items else { return }
        let body = interruption.withLock { interruption in
            defer { interruption = nil }
            return interruption
        }
        body?()
    }

    func closeGate() { gate.suspend() }
    func openGate() { gate.resume() }

    func commit(_ batch: any WriteBatch) throws(StorageError) {
        gate.sync {}
        let body = commitInterruption.withLock { interruption in
            defer { interruption = nil }
            return interruption
        }
        body?()
        try inner.commit(batch)
    }

    func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StorageError) -> [UInt8]? {
        defer { interrupt(after: keyspace) }
        return try inner.get(keyspace, key)
    }
    func getCached(_ keyspace: Keyspace, _ key: [UInt8]) throws(StorageError) -> CachedRead {
        try inner.getCached(keyspace, key)
    }
    func cursor(
        _ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]?
    ) throws(StorageError) -> any Cursor {
        try inner.cursor(keyspace, lower: lower, upper: upper)
    }
    func snapshot() -> any ReadView { Snapshot(store: self, inner: inner.snapshot()) }
    func makeBatch() -> any WriteBatch { inner.makeBatch() }
    func checkpoint(to path: String) throws(StorageError) { try inner.checkpoint(to: path) }
    func approximateByteCount(_ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]) -> Int {
        inner.approximateByteCount(keyspace, lower: lower, upper: upper)
    }
    var fault: StorageError? { inner.fault }
    func close() { inner.close() }
}

private final class Snapshot: ReadView {
    private let store: GatedStore
    private let inner: any ReadView

    init(store: GatedStore, inner: any ReadView) {
        self.store = store
        self.inner = inner
    }

    func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StorageError) -> [UInt8]? {
        defer { store.interrupt(after: keyspace) }
        return try inner.get(keyspace, key)
    }
    func getCached(_ keyspace: Keyspace, _ key: [UInt8]) throws(StorageError) -> CachedRead {
        try inner.getCached(keyspace, key)
    }
    func cursor(
        _ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]?
    ) throws(StorageError) -> any Cursor {
        try inner.cursor(keyspace, lower: lower, upper: upper)
    }
}
