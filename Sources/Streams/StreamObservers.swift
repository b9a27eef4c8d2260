internal import Synchronization

/// Who wants to know that streams have new records.
///
/// Costs the commit path one atomic read while there is nobody.
package final class StreamObservers: Sendable {
    package typealias Callback = @Sendable (_ shardIds: [String]) -> Void

    private struct Contents {
        var callbacks: [UInt32: [UInt64: Callback]] = [:]
        var nextID: UInt64 = 0
    }

    private let contents = Mutex(Contents())
    private let count = Atomic(0)

    /// Asked after a commit, while observers first register and then read: in one order of both,
    /// so that a record is either read or told.
    var isEmpty: Bool { count.load(ordering: .sequentiallyConsistent) == 0 }

    /// Adds an observer of the stream with a number.
    ///
    /// - Returns: what `remove` takes.
    package func add(_ stream: UInt32, _ callback: @escaping Callback) -> UInt64 {
        contents.withLock { contents in
            let id = contents.nextID
            contents.nextID += 1
            contents.callbacks[stream, default: [:]][id] = callback
            count.add(1, ordering: .sequentiallyConsistent)
            return id
        }
    }

    /// Ends an observation; a call that is under way may still come after it.
    package func remove(_ stream: UInt32, _ id: UInt64) {
        contents.withLock { contents in
            guard contents.callbacks[stream]?.removeValue(forKey: id) != nil else { return }
            if contents.callbacks[stream]?.isEmpty ?? false { contents.callbacks[stream] = nil }
            count.subtract(1, ordering: .sequentiallyConsistent)
        }
    }

    func notify(_ stream: UInt32, shardIds: [String]) {
        let callbacks = contents.withLock { $0.callbacks[stream].map { Array($0.values) } }
        for callback in callbacks ?? [] { callback(shardIds) }
    }
}
