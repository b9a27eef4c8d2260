internal import Dispatch
internal import Synchronization

/// Threads for reads that may wait for the device: scans, queries, batches, uncached gets.
///
/// Work goes to the thread with the least of it; each does its work in order.
final class StoragePool: Sendable {
    private let threads: [DispatchQueue]
    private let waiting: Mutex<[Int]>

    init(threadCount: Int) {
        let count = max(1, threadCount)
        threads = (0..<count).map { DispatchQueue(label: "basalt.reads.\($0)") }
        waiting = Mutex(Array(repeating: 0, count: count))
    }

    /// Runs work off the caller's thread.
    func run(_ work: @escaping @Sendable () -> Void) {
        let chosen = waiting.withLock { waiting -> Int in
            var least = 0
            for index in waiting.indices where waiting[index] < waiting[least] { least = index }
            waiting[least] += 1
            return least
        }
        threads[chosen].async {
            work()
            self.waiting.withLock { $0[chosen] -= 1 }
        }
    }

    /// Returns when all work given so far is done.
    func close() {
        for thread in threads { thread.sync {} }
    }
}
