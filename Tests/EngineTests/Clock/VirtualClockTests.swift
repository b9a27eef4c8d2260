import Operations
import Storage
import Testing

@testable import Engine

@Suite struct VirtualClockTests {
    private let machine = TestTime(1_000_000)

    private func makeEngine(
        _ store: RocksStore, clock: VirtualClock?
    ) throws -> Engine {
        var configuration = EngineConfiguration(now: machine.now)
        configuration.clock = clock
        configuration.maintenanceInterval = .infinity
        return try Engine(store: store, configuration: configuration)
    }

    private func administer(
        _ engine: Engine, _ request: AdministrationRequest
    ) async throws(ServiceError) -> ClockReading? {
        let result = await withCheckedContinuation { continuation in
            engine.administer(request) { continuation.resume(returning: $0) }
        }
        guard case .clock(let reading) = try result.get() else { return nil }
        return reading
    }

    private func refusal(
        _ engine: Engine, _ request: AdministrationRequest
    ) async -> ServiceError? {
        do throws(ServiceError) {
            _ = try await administer(engine, request)
            return nil
        } catch {
            return error
        }
    }

    @Test func itRunsWithTheMachineAndIsMovedOn() async throws {
        let clock = VirtualClock(machine: machine.now)
        let engine = try makeEngine(try RocksStore.open(.inMemory), clock: clock)
        #expect(engine.now == 1_000_000)
        machine.advance(by: 5)
        #expect(engine.now == 1_000_005)
        #expect(
            try await administer(engine, .advanceClock(seconds: 3600))
                == ClockReading(now: 1_003_605, secondsAhead: 3600))
        machine.advance(by: 5)
        #expect(engine.now == 1_003_610)
        #expect(
            try await administer(engine, .setClock(1_010_000.5))
                == ClockReading(now: 1_010_000.5, secondsAhead: 9_990.5))
        #expect(
            try await administer(engine, .readClock)
                == ClockReading(now: 1_010_000.5, secondsAhead: 9_990.5))
        engine.shutdown()
    }

    @Test func itNeverGoesBack() async throws {
        let clock = VirtualClock(machine: machine.now)
        let engine = try makeEngine(try RocksStore.open(.inMemory), clock: clock)
        #expect(engine.now == 1_000_000)
        machine.set(999_000)
        #expect(engine.now == 1_000_000)
        for request in [
            AdministrationRequest.setClock(999_999), .setClock(.nan), .setClock(-.infinity),
            .advanceClock(seconds: -1), .advanceClock(seconds: .nan),
        ] {
            #expect(await refusal(engine, request)?.code == "ValidationException")
        }
        for request in [
            AdministrationRequest.setClock(1e300), .advanceClock(seconds: 1e18),
            .advanceClock(seconds: .infinity),
        ] {
            #expect(await refusal(engine, request)?.code == "ValidationException")
        }
        #expect(clock.reading == ClockReading(now: 1_000_000, secondsAhead: 0))
        engine.shutdown()
    }

    @Test func movesAtOnceAddUp() async throws {
        let clock = VirtualClock(machine: machine.now)
        let engine = try makeEngine(try RocksStore.open(.inMemory), clock: clock)
        await withTaskGroup { group in
            for _ in 0..<50 {
                group.addTask { _ = await self.refusal(engine, .advanceClock(seconds: 60)) }
            }
        }
        #expect(clock.reading == ClockReading(now: 1_003_000, secondsAhead: 3000))
        engine.shutdown()
    }

    @Test func aStoreGoesOnFromWhereItsClockWas() async throws {
        let store = try RocksStore.open(.inMemory)
        let engine = try makeEngine(store, clock: VirtualClock(machine: machine.now))
        _ = try await administer(engine, .advanceClock(seconds: 90_061.25))
        engine.shutdown()
        machine.advance(by: 10)
        let message =
            "the store's clock was moved 1d1h1m2s ahead, and it cannot go back: open it with "
            + "a virtual clock (--virtual-clock)"
        #expect(throws: StorageError.refused(message)) { try makeEngine(store, clock: nil) }
        let clock = VirtualClock(machine: machine.now)
        let second = try makeEngine(store, clock: clock)
        #expect(clock.reading == ClockReading(now: 1_090_071.25, secondsAhead: 90_061.25))
        second.shutdown()
    }

    @Test func theMachinesClockCannotBeMoved() async throws {
        let engine = try makeEngine(try RocksStore.open(.inMemory), clock: nil)
        for request in [
            AdministrationRequest.readClock, .advanceClock(seconds: 1), .setClock(2_000_000),
        ] {
            #expect(await refusal(engine, request)?.code == "ValidationException")
        }
        engine.shutdown()
    }

    @Test func aMoveAfterTheStopFails() async throws {
        let clock = VirtualClock(machine: machine.now)
        let engine = try makeEngine(try RocksStore.open(.inMemory), clock: clock)
        engine.shutdown()
        #expect(await refusal(engine, .advanceClock(seconds: 60))?.status == 500)
        #expect(clock.reading.secondsAhead == 0)
    }
}
