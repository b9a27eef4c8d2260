import Items
import Operations
import Synchronization
import Testing

@testable import Engine

/// What an observer was told.
private final class Told: Sendable {
    private let shards = Mutex<[String]>([])
    private let observer = Mutex<StreamObserver?>(nil)

    var all: [String] { shards.withLock { $0 } }

    func observe(_ engine: Engine, _ arn: String) {
        let observer = engine.observeStream(arn) { [weak self] ids in
            self?.shards.withLock { $0 += ids }
        }
        self.observer.withLock { $0 = observer }
    }

    func cancel() { observer.withLock { $0?.cancel() } }
    func letGo() { observer.withLock { $0 = nil } }

    /// Waits until it was told so often.
    func until(_ count: Int) async { while all.count < count { await Task.yield() } }
}

@Suite("Observing a stream", .timeLimit(.minutes(1)))
struct StreamObservationTests {
    private func put(_ harness: EngineHarness, _ key: String, table: String = "tab") async throws {
        var request = PutItemRequest()
        request.tableName = table
        request.item = ["pk": .string(key), "sk": .string("1")]
        _ = try await harness.perform(.putItem(request))
    }

    @Test("each write tells the open shard that has its record, until the observer ends")
    func told() async throws {
        let harness = try EngineHarness()
        defer { harness.engine.shutdown() }
        let arn = try await harness.makeStreamTable()
        try await harness.makeStreamTable("other")
        let told = Told()
        told.observe(harness.engine, arn)
        try await put(harness, "a", table: "other")
        try await put(harness, "a")
        await told.until(1)
        var request = DescribeStreamRequest()
        request.streamArn = arn
        guard
            case .streamDescription(let description) =
                try await harness.perform(.describeStream(request)).response
        else { return }
        #expect(description.shards.map(\.shardId).contains(told.all[0]))
        // The same item again changes nothing, so there is no record.
        try await put(harness, "a")
        try await put(harness, "b")
        await told.until(2)
        told.cancel()
        told.cancel()
        try await put(harness, "c")
        try await put(harness, "d")
        #expect(told.all.count == 2)
        told.letGo()
        let last = Told()
        last.observe(harness.engine, arn)
        last.letGo()
        try await put(harness, "e")
        try await put(harness, "f")
        #expect(last.all.isEmpty)
    }

    @Test("who begins to observe while a write is under way is told of it")
    func race() async throws {
        let store = try GatedStore()
        let harness = try EngineHarness(store: store)
        defer { harness.engine.shutdown() }
        let arn = try await harness.makeStreamTable()
        let told = Told()
        let engine = harness.engine
        store.interruptBeforeNextCommit { told.observe(engine, arn) }
        try await put(harness, "a")
        await told.until(1)
        #expect(told.all.count == 1)
    }

    @Test("a stream that isn't there is observed without harm")
    func absent() throws {
        let harness = try EngineHarness()
        defer { harness.engine.shutdown() }
        for arn in ["", "arn:aws:dynamodb:us-east-1:000000000000:table/t/stream/x"] {
            harness.engine.observeStream(arn) { _ in Issue.record("called") }.cancel()
        }
    }
}
