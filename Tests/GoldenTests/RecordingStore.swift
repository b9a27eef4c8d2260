import Storage
import Synchronization

/// One change of a batch.
enum RecordedChange: Sendable {
    case put(Keyspace, [UInt8], [UInt8])
    case delete(Keyspace, [UInt8])
    case deleteRange(Keyspace, lower: [UInt8], upper: [UInt8])
}

/// A store that remembers what is committed to the store under it.
final class RecordingStore: KeyValueStore {
    private let base: any KeyValueStore
    private let batches = Mutex<[[RecordedChange]]>([])

    init(_ base: any KeyValueStore) {
        self.base = base
    }

    /// The batches committed since the last call, in order.
    func takeBatches() -> [[RecordedChange]] {
        batches.withLock { batches in
            defer { batches = [] }
            return batches
        }
    }

    func makeBatch() -> any WriteBatch { RecordingBatch(base.makeBatch()) }

    func commit(_ batch: any WriteBatch) throws(StorageError) {
        guard let batch = batch as? RecordingBatch else {
            throw .io("the batch was made by another store")
        }
        try base.commit(batch.base)
        batches.withLock { $0.append(batch.changes) }
    }

    func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StorageError) -> [UInt8]? {
        try base.get(keyspace, key)
    }

    func getCached(_ keyspace: Keyspace, _ key: [UInt8]) throws(StorageError) -> CachedRead {
        try base.getCached(keyspace, key)
    }

    func cursor(
        _ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]?
    ) throws(StorageError) -> any Cursor {
        try base.cursor(keyspace, lower: lower, upper: upper)
    }

    func snapshot() -> any ReadView { base.snapshot() }
    func checkpoint(to path: String) throws(StorageError) { try base.checkpoint(to: path) }
    func approximateByteCount(_ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]) -> Int {
        base.approximateByteCount(keyspace, lower: lower, upper: upper)
    }
    var fault: StorageError? { base.fault }
    func close() { base.close() }
}

private final class RecordingBatch: WriteBatch {
    let base: any WriteBatch
    private(set) var changes: [RecordedChange] = []

    init(_ base: any WriteBatch) {
        self.base = base
    }

    func put(_ keyspace: Keyspace, _ key: [UInt8], _ value: [UInt8]) {
        base.put(keyspace, key, value)
        changes.append(.put(keyspace, key, value))
    }

    func delete(_ keyspace: Keyspace, _ key: [UInt8]) {
        base.delete(keyspace, key)
        changes.append(.delete(keyspace, key))
    }

    func deleteRange(_ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]) {
        base.deleteRange(keyspace, lower: lower, upper: upper)
        changes.append(.deleteRange(keyspace, lower: lower, upper: upper))
    }

    var isEmpty: Bool { base.isEmpty }

    func clear() {
        base.clear()
        changes = []
    }
}
