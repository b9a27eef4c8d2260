import Synchronization
import Testing

@testable import Streams

@Suite("Observers of streams")
struct StreamObserversTests {
    @Test("each is told of its own stream until it ends")
    func told() {
        let observers = StreamObservers()
        let seen = Mutex<[String]>([])
        #expect(observers.isEmpty)
        observers.notify(1, shardIds: ["nobody"])
        let first = observers.add(1) { ids in seen.withLock { $0 += ids.map { "first \($0)" } } }
        let second = observers.add(1) { ids in seen.withLock { $0 += ids.map { "second \($0)" } } }
        let other = observers.add(2) { ids in seen.withLock { $0 += ids.map { "other \($0)" } } }
        observers.notify(1, shardIds: ["a", "b"])
        #expect(seen.withLock { $0.sorted() } == ["first a", "first b", "second a", "second b"])
        observers.remove(1, first)
        observers.remove(1, first)
        observers.remove(2, second)
        seen.withLock { $0 = [] }
        observers.notify(1, shardIds: ["c"])
        observers.notify(2, shardIds: ["d"])
        #expect(seen.withLock { $0 } == ["second c", "other d"])
        observers.remove(1, second)
        #expect(!observers.isEmpty)
        observers.remove(2, other)
        #expect(observers.isEmpty)
    }

    @Test("a callback may end its own observation and begin another")
    func reentrant() {
        let observers = StreamObservers()
        let ids = Mutex<[UInt64]>([])
        let calls = Atomic(0)
        let id = observers.add(7) { [observers] _ in
            calls.add(1, ordering: .relaxed)
            for id in ids.withLock({ $0 }) { observers.remove(7, id) }
            let next = observers.add(7) { _ in }
            ids.withLock { $0 = [next] }
        }
        ids.withLock { $0 = [id] }
        observers.notify(7, shardIds: ["a"])
        observers.notify(7, shardIds: ["b"])
        #expect(calls.load(ordering: .relaxed) == 1)
        #expect(!observers.isEmpty)
    }

    @Test("many come, go and are told at once")
    func concurrent() async {
        let observers = StreamObservers()
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<8 {
                group.addTask {
                    for round in 0..<200 {
                        let stream = UInt32(truncatingIfNeeded: (worker + round) % 3)
                        let flag = Flag()
                        let id = observers.add(stream) { _ in flag.raise() }
                        observers.notify(stream, shardIds: ["a"])
                        #expect(flag.isRaised)
                        observers.remove(stream, id)
                    }
                }
            }
        }
        #expect(observers.isEmpty)
    }
}

private final class Flag: Sendable {
    private let value = Atomic(false)

    var isRaised: Bool { value.load(ordering: .sequentiallyConsistent) }

    func raise() { value.store(true, ordering: .sequentiallyConsistent) }
}
