internal import Dispatch
internal import Synchronization

/// Small named records in the triggers keyspace: functions, mappings, checkpoints.
///
/// Each owner has a first byte of its own (`Space`), so that they never meet. Writes of many
/// callers share a commit, and so a sync of the device. Safe to use from any thread.
package final class RecordStore: Sendable {
    /// Whose records: the first byte of the key.
    ///
    /// A letter is never given to another owner.
    package enum Space: UInt8, Sendable, CaseIterable {
        /// Functions, their versions and aliases.
        case functions = 0x66  // f
        /// Event source mappings.
        case mappings = 0x6D  // m
        /// How far the mappings have come.
        case checkpoints = 0x63  // c
        /// Asynchronous invocations that wait.
        case events = 0x65  // e
        /// Log groups and what they hold.
        case logs = 0x6C  // l
        /// Policies of roles.
        case policies = 0x70  // p
        /// Schedules and when they last ran.
        case schedules = 0x73  // s
        /// What was deployed from templates.
        case deployments = 0x64  // d
    }

    private struct Write: Sendable {
        let changes: [(key: [UInt8], value: [UInt8]?)]
        let completion: @Sendable (Result<Void, StorageError>) -> Void
    }

    private struct Queue {
        var writes: [Write] = []
        var isRunning = false
    }

    private let store: any KeyValueStore
    private let space: Space
    private let queue = Mutex(Queue())
    private let thread: DispatchQueue

    package init(_ store: any KeyValueStore, space: Space) {
        self.store = store
        self.space = space
        thread = DispatchQueue(label: "basalt.records.\(space)")
    }

    // MARK: Reading

    /// A record; nil where there is none.
    ///
    /// May wait for the device.
    package func get(_ key: [UInt8]) throws(StorageError) -> [UInt8]? {
        try store.get(.triggers, full(key))
    }

    package func get(_ key: String) throws(StorageError) -> [UInt8]? { try get(Array(key.utf8)) }

    /// The records whose keys begin with a prefix, in the order of their keys, at most so many.
    ///
    /// Keys are told without the space's byte. May wait for the device.
    ///
    /// - Parameter after: only keys that come after this one.
    package func records(
        prefix: [UInt8] = [], after: [UInt8]? = nil, limit: Int = .max
    ) throws(StorageError) -> [(key: [UInt8], value: [UInt8])] {
        let lower = full(prefix)
        let cursor = try store.cursor(.triggers, lower: lower, upper: Self.successor(lower))
        try cursor.seek(after.map { full($0) + [0] })
        var found: [(key: [UInt8], value: [UInt8])] = []
        while cursor.isValid, found.count < limit {
            found.append((Array(cursor.key.dropFirst()), cursor.value))
            try cursor.next()
        }
        return found
    }

    package func records(
        prefix: String
    ) throws(StorageError) -> [(key: [UInt8], value: [UInt8])] {
        try records(prefix: Array(prefix.utf8))
    }

    /// The records of the keys `lower ..< upper`, from the first on or from the last on, at most so
    /// many and about so many bytes of values.
    ///
    /// Keys are told without the space's byte. May wait for the device.
    package func records(
        from lower: [UInt8], to upper: [UInt8], backward: Bool = false, limit: Int = .max,
        byteCountMax: Int = .max
    ) throws(StorageError) -> [(key: [UInt8], value: [UInt8])] {
        guard lower.lexicographicallyPrecedes(upper) else { return [] }
        let cursor = try store.cursor(.triggers, lower: full(lower), upper: full(upper))
        if backward { try cursor.seekBackward(nil) } else { try cursor.seek(nil) }
        var found: [(key: [UInt8], value: [UInt8])] = []
        var byteCount = 0
        while cursor.isValid, found.count < limit, byteCount < byteCountMax {
            let value = cursor.value
            byteCount += value.count
            found.append((Array(cursor.key.dropFirst()), value))
            if backward { try cursor.previous() } else { try cursor.next() }
        }
        return found
    }

    // MARK: Writing

    /// Puts (a value) and deletes (nil) records, all or none; returns when they are durable.
    package func write(_ changes: [(key: [UInt8], value: [UInt8]?)]) async throws(StorageError) {
        let result = await withCheckedContinuation { continuation in
            write(changes) { continuation.resume(returning: $0) }
        }
        try result.get()
    }

    package func put(_ key: String, _ value: [UInt8]) async throws(StorageError) {
        try await write([(Array(key.utf8), value)])
    }

    package func delete(_ key: String) async throws(StorageError) {
        try await write([(Array(key.utf8), nil)])
    }

    /// Puts (a value) and deletes (nil) records, all or none; the completion is called on another
    /// thread when they are durable.
    package func write(
        _ changes: [(key: [UInt8], value: [UInt8]?)],
        completion: @escaping @Sendable (Result<Void, StorageError>) -> Void
    ) {
        let write = Write(
            changes: changes.map { (full($0.key), $0.value) }, completion: completion)
        let starts = queue.withLock { queue in
            queue.writes.append(write)
            defer { queue.isRunning = true }
            return !queue.isRunning
        }
        if starts { thread.async { self.drain() } }
    }

    private func drain() {
        while true {
            let group = queue.withLock { queue -> [Write] in
                defer { queue.writes = [] }
                if queue.writes.isEmpty { queue.isRunning = false }
                return queue.writes
            }
            if group.isEmpty { return }
            let batch = store.makeBatch()
            for write in group {
                for change in write.changes {
                    if let value = change.value {
                        batch.put(.triggers, change.key, value)
                    } else {
                        batch.delete(.triggers, change.key)
                    }
                }
            }
            let result = Result { () throws(StorageError) in try store.commit(batch) }
            for write in group { write.completion(result) }
        }
    }

    // MARK: Keys

    private func full(_ key: [UInt8]) -> [UInt8] { [space.rawValue] + key }

    /// The first key after all that begin with a prefix; nil where there is none.
    private static func successor(_ prefix: [UInt8]) -> [UInt8]? {
        var key = prefix
        while let last = key.popLast() {
            if last < .max { return key + [last + 1] }
        }
        return nil
    }
}
