internal import Dispatch
internal import Logging
internal import Operations
internal import Storage
internal import Synchronization

/// Writes the checkpoints of all mappings, many in one commit.
///
/// What is noted is durable a little later: a commit for every batch would cost the stream's
/// writers more than the few records that are processed again after a crash.
final class CheckpointWriter: Sendable {
    /// How long checkpoints gather before they are written.
    private static let gathering = Duration.milliseconds(50)
    private static let pauseAfterFailure = Duration.seconds(1)

    private struct State {
        var noted: [String: [UInt8]] = [:]
        var isRunning = false
        var flushers: [CheckedContinuation<Void, Never>] = []
    }

    private let records: RecordStore
    private let logger: Logger
    private let state = Mutex(State())
    private let reader = DispatchQueue(label: "basalt.checkpoints", attributes: .concurrent)

    init(_ store: any KeyValueStore, logger: Logger) {
        records = RecordStore(store, space: .checkpoints)
        self.logger = logger
    }

    /// Notes a checkpoint, which replaces an earlier one of its key; it is written soon.
    func note(_ key: String, _ value: [UInt8]) {
        let starts = state.withLock { state in
            state.noted[key] = value
            defer { state.isRunning = true }
            return !state.isRunning
        }
        if starts { Task { await run() } }
    }

    /// Writes what was noted before, and returns when it is durable (or could not be written,
    /// which is logged and tried again later).
    func flush() async {
        await withCheckedContinuation { continuation in
            let isIdle = state.withLock { state in
                if !state.isRunning { return true }
                state.flushers.append(continuation)
                return false
            }
            if isIdle { continuation.resume() }
        }
    }

    private func run() async {
        while true {
            if state.withLock({ $0.flushers.isEmpty }) {
                try? await Task.sleep(for: Self.gathering, tolerance: .milliseconds(10))
            }
            let (group, flushers) = state.withLock { state in
                defer {
                    state.noted = [:]
                    state.flushers = []
                }
                if state.noted.isEmpty { state.isRunning = false }
                return (state.noted, state.flushers)
            }
            if group.isEmpty {
                for flusher in flushers { flusher.resume() }
                return
            }
            let hasWritten = await write(group)
            for flusher in flushers { flusher.resume() }
            if !hasWritten { try? await Task.sleep(for: Self.pauseAfterFailure) }
        }
    }

    private func write(_ group: [String: [UInt8]]) async -> Bool {
        do throws(StorageError) {
            try await records.write(group.map { (Array($0.key.utf8), $0.value) })
            return true
        } catch {
            logger.error(
                "checkpoints of event source mappings could not be written",
                metadata: ["error": "\(error)"])
            state.withLock { state in
                for (key, value) in group where state.noted[key] == nil {
                    state.noted[key] = value
                }
            }
            return false
        }
    }

    /// The stored values of a mapping, by what follows the mapping's prefix.
    func stored(_ uuid: String) async throws(ServiceError) -> [String: [UInt8]] {
        let prefix = CheckpointKeys.prefix(uuid)
        let result = await withCheckedContinuation { continuation in
            reader.async { [records] in
                continuation.resume(
                    returning: Result { () throws(StorageError) in
                        try records.records(prefix: prefix)
                    })
            }
        }
        switch result {
        case .success(let found):
            let count = prefix.utf8.count
            return Dictionary(
                found.map { (String(decoding: $0.key.dropFirst(count), as: UTF8.self), $0.value) },
                uniquingKeysWith: { $1 })
        case .failure(let error):
            throw .internalServerError("checkpoints could not be read: \(error)")
        }
    }

    /// Writes at once; nil deletes.
    func write(_ changes: [(key: String, value: [UInt8]?)]) async throws(ServiceError) {
        do throws(StorageError) {
            try await records.write(changes.map { (Array($0.key.utf8), $0.value) })
        } catch {
            throw .internalServerError("checkpoints could not be written: \(error)")
        }
    }
}
