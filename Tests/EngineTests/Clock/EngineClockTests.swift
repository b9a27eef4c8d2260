import Operations
import Synchronization
import Testing

@testable import Engine

/// A time that a test moves by hand.
private final class HandClock: Sendable {
    private let time = Mutex(1_000.0)

    var now: @Sendable () -> Timestamp { { self.time.withLock { $0 } } }

    func advance(_ seconds: Double) { time.withLock { $0 += seconds } }
}

/// Who woke, in order.
private final class Woken: Sendable {
    private let numbers = Mutex<[Int]>([])

    var all: [Int] { numbers.withLock { $0 } }

    func add(_ number: Int) { numbers.withLock { $0.append(number) } }
}

/// Waits until so many sleep: they lie down on threads of their own.
private func untilAsleep(_ count: Int, on clock: EngineClock) async {
    while clock.sleeperCount < count { await Task.yield() }
}

@Suite("Waiting by a clock that moves", .timeLimit(.minutes(1)))
struct EngineClockTests {
    @Test("a time that has passed is not waited for")
    func past() async throws {
        let clock = EngineClock(now: HandClock().now)
        try await clock.sleep(until: 1_000)
        try await clock.sleep(until: 0)
        try await clock.sleep(seconds: -5)
        try await clock.sleep(until: .nan)
        #expect(clock.sleeperCount == 0)
    }

    @Test("a move wakes whose time has come, and nobody else")
    func moved() async throws {
        let hand = HandClock()
        let clock = EngineClock(now: hand.now)
        let woken = Woken()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for hours in 1...3 {
                group.addTask {
                    try await clock.sleep(seconds: Double(hours) * 3_600)
                    woken.add(hours)
                }
            }
            await untilAsleep(3, on: clock)
            for hours in 1...3 {
                hand.advance(3_599)
                clock.didMove()
                #expect(woken.all.count == hours - 1)
                hand.advance(1)
                clock.didMove()
                _ = try await group.next()
                #expect(woken.all == Array(1...hours))
            }
        }
        #expect(clock.sleeperCount == 0)
    }

    @Test("a move between the look at the clock and lying down is not missed", arguments: 1...200)
    func race(_: Int) async throws {
        let hand = HandClock()
        let clock = EngineClock(now: hand.now)
        async let slept: Void = clock.sleep(until: 4_600)
        hand.advance(3_600)
        clock.didMove()
        try await slept
        #expect(clock.sleeperCount == 0)
    }

    @Test("who is cancelled sleeps no longer, before, while and after lying down")
    func cancelled() async throws {
        let clock = EngineClock(now: HandClock().now)
        for round in 0..<200 {
            let task = Task { try await clock.sleep(seconds: 3_600) }
            if round.isMultiple(of: 2) { await untilAsleep(1, on: clock) }
            task.cancel()
            await #expect(throws: CancellationError.self) { try await task.value }
            #expect(clock.sleeperCount == 0)
        }
    }

    @Test("a move and a cancellation at once end a sleep once", arguments: 1...200)
    func both(_: Int) async {
        let hand = HandClock()
        let clock = EngineClock(now: hand.now)
        let task = Task { try await clock.sleep(seconds: 60) }
        await untilAsleep(1, on: clock)
        async let cancellation: Void = task.cancel()
        hand.advance(60)
        clock.didMove()
        await cancellation
        _ = await task.result
        #expect(clock.sleeperCount == 0)
    }

    @Test("real time wakes, too, and not too early")
    func real() async throws {
        let clock = EngineClock(now: SystemClock.now)
        let start = clock.now()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for place in 0..<20 {
                group.addTask {
                    let time = start + Double(place) * 0.002
                    try await clock.sleep(until: time)
                    #expect(clock.now() >= time)
                }
            }
            try await group.waitForAll()
        }
        #expect(clock.sleeperCount == 0)
    }

    @Test("an engine's sleepers wake when its virtual clock is moved")
    func engine() async throws {
        var configuration = EngineConfiguration(now: TestTime(1_000_000).now)
        configuration.clock = VirtualClock(machine: TestTime(1_000_000).now)
        configuration.maintenanceInterval = .infinity
        let harness = try EngineHarness(configuration: configuration)
        defer { harness.engine.shutdown() }
        let clock = harness.engine.serviceClock
        let task = Task { try await clock.sleep(seconds: 86_400) }
        await untilAsleep(1, on: clock)
        _ = try await withCheckedContinuation { continuation in
            harness.engine.administer(.advanceClock(seconds: 86_400)) {
                continuation.resume(returning: $0)
            }
        }.get()
        try await task.value
        #expect(clock.now() >= 1_086_400)
    }
}
