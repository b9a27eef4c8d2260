import Dispatch
import Operations
import Synchronization
import Testing

@testable import Engine

/// Writes down its runs; it can be held up in the middle of one.
private final class NotedChore: Chore {
    let name: String
    let interval: Double?
    let runs = Mutex<[Timestamp]>([])
    private let held = Mutex<(@Sendable () -> Void)?>(nil)
    private let holds: Bool
    let hasStarted = DispatchSemaphore(value: 0)

    init(_ name: String, interval: Double? = nil, holds: Bool = false) {
        self.name = name
        self.interval = interval
        self.holds = holds
    }

    func run(at now: Timestamp, completion: @escaping @Sendable () -> Void) {
        runs.withLock { $0.append(now) }
        if holds { held.withLock { $0 = completion } } else { completion() }
        hasStarted.signal()
    }

    /// Lets the run that is held end.
    func release() {
        let completion = held.withLock { held in
            defer { held = nil }
            return held
        }
        completion?()
    }
}

@Suite struct MaintenanceTests {
    private let time = TestTime(1000)

    private func catchUp(_ maintenance: Maintenance) async {
        await withCheckedContinuation { continuation in
            maintenance.catchUp { continuation.resume() }
        }
    }

    @Test func catchingUpRunsEveryChoreInOrderForThePresentTime() async {
        let order = Mutex<[String]>([])
        let chores = ["first", "second", "third"].map { name in
            OrderedChore(name: name) { order.withLock { $0.append(name) } }
        }
        let maintenance = Maintenance(chores: chores, interval: .infinity, now: time.now)
        maintenance.start()
        await catchUp(maintenance)
        #expect(order.withLock { $0 } == ["first", "second", "third"])
        maintenance.stop()
    }

    @Test func whoAsksDuringARunGetsOneAfterIt() async {
        let chore = NotedChore("held", holds: true)
        let maintenance = Maintenance(chores: [chore], interval: .infinity, now: time.now)
        let done = Mutex<[Int]>([])
        maintenance.catchUp { done.withLock { $0.append(1) } }
        wait(chore.hasStarted)
        time.set(2000)
        maintenance.catchUp { done.withLock { $0.append(2) } }
        maintenance.catchUp { done.withLock { $0.append(3) } }
        chore.release()
        wait(chore.hasStarted)
        #expect(done.withLock { $0 } == [1])
        chore.release()
        #expect(done.withLock { $0 } == [1, 2, 3])
        #expect(chore.runs.withLock { $0 } == [1000, 2000])
        maintenance.stop()
    }

    @Test func choresRunByThemselvesAtTheirIntervals() {
        let often = NotedChore("often", interval: 0)
        let seldom = NotedChore("seldom")
        let maintenance = Maintenance(chores: [often, seldom], interval: 3600, now: time.now)
        maintenance.start()
        for _ in 0..<3 { wait(often.hasStarted) }
        maintenance.stop()
        #expect(seldom.runs.withLock { $0.isEmpty })
    }

    @Test func afterAStopNothingRunsAndNobodyWaits() async {
        let chore = NotedChore("chore")
        let maintenance = Maintenance(chores: [chore], interval: 3600, now: time.now)
        maintenance.start()
        maintenance.stop()
        maintenance.stop()
        await catchUp(maintenance)
        #expect(chore.runs.withLock { $0.isEmpty })
    }

    @Test func aStopWaitsForTheRunAndAnswersWhoWaitedForTheNext() async {
        let chore = NotedChore("held", holds: true)
        let maintenance = Maintenance(chores: [chore], interval: .infinity, now: time.now)
        let done = Mutex<[Int]>([])
        maintenance.catchUp { done.withLock { $0.append(1) } }
        wait(chore.hasStarted)
        maintenance.catchUp { done.withLock { $0.append(2) } }
        let hasStopped = DispatchSemaphore(value: 0)
        DispatchQueue(label: "stopper").async {
            maintenance.stop()
            hasStopped.signal()
        }
        #expect(hasStopped.wait(timeout: .now() + .milliseconds(20)) == .timedOut)
        chore.release()
        wait(hasStopped)
        #expect(done.withLock { $0.sorted() } == [1, 2])
        #expect(chore.runs.withLock { $0.count } == 1)
    }

    private func wait(_ semaphore: DispatchSemaphore) {
        #expect(semaphore.wait(timeout: .now() + .seconds(60)) == .success)
    }
}

private struct OrderedChore: Chore {
    let name: String
    let note: @Sendable () -> Void

    func run(at now: Timestamp, completion: @escaping @Sendable () -> Void) {
        note()
        completion()
    }
}
