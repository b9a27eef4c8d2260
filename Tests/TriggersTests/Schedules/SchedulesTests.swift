import Engine
import Foundation
import Functions
import Logging
import Operations
import Storage
import Synchronization
import TestSupport
import Testing
import Triggers
import Wire

@Suite("Schedules")
struct SchedulesTests {
    @Test("A clock that jumps over due times runs each of them, in order, over all schedules")
    func jump() async throws {
        let world = try World()
        world.schedules.start()
        try await world.put("five", "rate(5 minutes)")
        try await world.put("hour", "cron(0 * * * ? *)", input: #"{"hello":[1]}"#)
        try await world.put("off", "rate(1 minute)", isEnabled: false)
        world.clock.advance(by: 3_600)
        let events = try await world.events(count: 13)
        let times = events.compactMap { $0["time"]?.string }
        #expect(times == (1...12).map { World.text(World.start + Double($0) * 300) })
        #expect(events.filter { $0["hello"] != nil }.count == 1)
        let event = try #require(events.first)
        #expect(event["version"]?.string == "0")
        #expect(event["detail-type"]?.string == "Scheduled Event")
        #expect(event["source"]?.string == "aws.events")
        #expect(event["account"]?.string == "000000000000")
        #expect(event["region"]?.string == "us-east-1")
        #expect(
            event["resources"]
                == .array([
                    .string("arn:aws:events:us-east-1:000000000000:rule/five")
                ]))
        #expect(event["detail"] == .object([]))
        #expect(event["id"]?.string?.count == 36)
        await world.schedules.stop()
    }

    @Test("A jump makes a bounded number of invocations, and the rhythm goes on after it")
    func longJump() async throws {
        let world = try World()
        world.schedules.start()
        try await world.put("often", "rate(1 minute)")
        world.clock.advance(by: 86_400 * 30)
        _ = try await world.events(count: Schedules.jumpCountMax)
        try await world.settle()
        world.clock.advance(by: 60)
        let events = try await world.events(count: Schedules.jumpCountMax + 1)
        #expect(
            events.last?["time"]?.string == World.text(World.start + 86_400 * 30 + 60))
        await world.schedules.stop()
    }

    @Test("Schedules survive a restart, keep their rhythm, and make up for nothing")
    func restart() async throws {
        let world = try World()
        world.schedules.start()
        try await world.put("hourly", "rate(1 hour)")
        await world.schedules.stop()
        world.clock.advance(by: 3_600 * 10 + 60)
        try world.reopen()
        world.schedules.start()
        let kept = try world.schedules.schedule(world.name("hourly"))
        #expect(kept.next == World.start + 3_600 * 11)
        try await world.settle()
        #expect(world.queue.taken.isEmpty)
        // Put again as it was: no other rhythm.
        try await world.put("hourly", "rate(1 hour)")
        world.clock.advance(by: 3_600)
        let events = try await world.events(count: 1)
        #expect(events.first?["time"]?.string == World.text(World.start + 3_600 * 11))
        await world.schedules.stop()
    }

    @Test("A deleted or disabled schedule, or one whose function is gone, hinders no other")
    func changes() async throws {
        let world = try World()
        world.schedules.start()
        try await world.put("deleted", "rate(1 minute)")
        try await world.put("disabled", "rate(1 minute)")
        try await world.put("lost", "rate(1 minute)", function: "missing")
        try await world.put("good", "rate(1 minute)", input: #""good""#)
        try await world.schedules.delete(world.name("deleted"))
        try await world.put("disabled", "rate(1 minute)", isEnabled: false)
        world.clock.advance(by: 150)
        _ = try await world.events(count: 2)
        try await world.settle()
        #expect(world.queue.taken == [.string("good"), .string("good")])
        await #expect(throws: ServiceError.self) {
            try await world.schedules.delete(world.name("deleted"))
        }
        await world.schedules.stop()
    }

    @Test("The API makes, tells, changes and deletes schedules, and refuses what is wrong")
    func api() async throws {
        let world = try World()
        let path = "/_basalt/schedules/s-1"
        let body = #"{"ScheduleExpression":"rate(5 minutes)","FunctionName":"f"}"#
        #expect(await world.call("PUT", path, body).0 == 201)
        #expect(await world.call("PUT", path, body).0 == 200)
        let (status, told) = await world.call("GET", path)
        #expect(status == 200)
        #expect(told["State"]?.string == "ENABLED")
        #expect(
            told["NextInvocation"]?.string == TimeText.iso8601(World.start + 300))
        let (_, all) = await world.call("GET", "/_basalt/schedules")
        #expect(all["Schedules"]?.elements?.count == 1)
        for wrong in [
            "", "[]", "{}", #"{"ScheduleExpression":"rate(5 minutes)"}"#,
            #"{"ScheduleExpression":"never","FunctionName":"f"}"#,
            #"{"ScheduleExpression":"rate(1 day)","FunctionName":"f","State":"ON"}"#,
            #"{"ScheduleExpression":"rate(1 day)","FunctionName":"f","Input":"{"}"#,
            #"{"ScheduleExpression":"rate(1 day)","FunctionName":"f","Inputs":"{}"}"#,
        ] {
            let (status, answer) = await world.call("PUT", path, wrong)
            #expect(status == 400, "\(wrong)")
            #expect(answer["message"]?.string != nil)
        }
        #expect(await world.call("PUT", "/_basalt/schedules/a%2Fb", body).0 == 400)
        #expect(await world.call("GET", path).1 == told)
        #expect(await world.call("DELETE", path).0 == 204)
        #expect(await world.call("DELETE", path).0 == 404)
        #expect(await world.call("GET", path).0 == 404)
    }
}

/// Schedules with a clock, a function named f, and a queue that keeps what it is given.
private final class World {
    /// On the hour.
    static let start: Timestamp = 1_790_002_800

    let store: RocksStore
    let clock: HandClock
    let queue = KeepingQueue()
    private(set) var schedules: Schedules

    init() throws {
        store = try RocksStore.open(
            StoreOptions(
                path: FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString,
                inMemory: true, durability: .none, cacheByteCount: 4 << 20))
        clock = HandClock(Self.start)
        schedules = try Self.open(store, clock, queue)
    }

    deinit { store.close() }

    static func text(_ time: Timestamp) -> String {
        String(TimeText.iso8601(time).prefix(19)) + "Z"
    }

    private static func open(
        _ store: RocksStore, _ clock: HandClock, _ queue: KeepingQueue
    ) throws -> Schedules {
        try Schedules(
            records: RecordStore(store, space: .schedules), accountID: "000000000000",
            clock: clock, functions: OneFunction(), events: queue, logger: Logger(label: "test"))
    }

    func reopen() throws { schedules = try Self.open(store, clock, queue) }

    func name(_ name: String) -> Schedule.Name {
        Schedule.Name(region: "us-east-1", name: name)
    }

    func put(
        _ name: String, _ expression: String, function: String = "f", input: String? = nil,
        isEnabled: Bool = true
    ) async throws {
        _ = try await schedules.put(
            self.name(name), expression: expression, functionName: function, input: input,
            isEnabled: isEnabled)
    }

    /// Waits until so many events were taken; they are all there are.
    func events(count: Int) async throws -> [JSONValue] {
        for _ in 0..<1_000 where queue.taken.count < count {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(queue.taken.count == count)
        return queue.taken
    }

    /// Waits until nothing is due any more, and what was taken last is with the queue.
    func settle() async throws {
        func isDue() -> Bool {
            schedules.schedules(region: "us-east-1").contains {
                ($0.next ?? .infinity) <= clock.now()
            }
        }
        for _ in 0..<1_000 where isDue() { try await Task.sleep(for: .milliseconds(10)) }
        #expect(!isDue())
        try await Task.sleep(for: .milliseconds(50))
    }

    func call(_ method: String, _ path: String, _ body: String = "") async -> (Int, JSONValue) {
        let api = SchedulesAPI(schedules)
        guard api.access(method: method, path: path[...]) != nil else { return (0, .null) }
        let request = RESTRequest(method: method, path: path, body: Array(body.utf8))
        let response = await withCheckedContinuation { continuation in
            api.handle(request) { continuation.resume(returning: $0) }
        }
        return (response.status, (try? JSONValue(parsing: response.body)) ?? .null)
    }
}

private final class KeepingQueue: EventQueue {
    private let payloads = Mutex<[JSONValue]>([])

    var taken: [JSONValue] { payloads.withLock { $0 } }

    func enqueue(_ invocation: Invocation) async throws(ServiceError) {
        let payload = try JSONValue(parsing: invocation.payload)
        payloads.withLock { $0.append(payload) }
    }
}

private struct OneFunction: FunctionDirectory {
    func resolve(
        _ name: String, qualifier: String?, region: String
    ) throws(ServiceError) -> ResolvedFunction {
        guard name == "f" else {
            throw ServiceError(
                "ResourceNotFoundException", "Function not found: \(name)", namespace: .rest,
                status: 404)
        }
        let arn = "arn:aws:lambda:\(region):000000000000:function:f"
        return ResolvedFunction(
            configuration: FunctionConfiguration(
                region: region, functionName: "f", role: "", codeSha256: "", codeSize: 0,
                lastModified: "", revisionId: ""),
            functionArn: arn, invokedArn: arn, codeDirectory: "")
    }
}
