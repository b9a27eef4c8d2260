import Dispatch
import Engine
import Foundation
import Items
import Operations
import Storage
import Synchronization
import Workload

/// Whole operations in process, from a decoded request to its outcome, over a real store.
struct EngineBenchmarks {
    private static let keyCount = 10_000
    private static let concurrency = 64

    let directory: String

    func run(_ measurement: inout Measurement) throws {
        try run("memory", .inMemory, hasStream: false, &measurement)
        try run("memory", .inMemory, hasStream: true, &measurement)
        for hasStream in [false, true] {
            let path = hasStream ? "\(directory)-stream" : directory
            defer { try? FileManager.default.removeItem(atPath: path) }
            try run(
                "fsync", StoreOptions(path: path, durability: .fsync), hasStream: hasStream,
                &measurement)
        }
    }

    /// Measures a store; with a stream the writes only, since reads know nothing of it.
    private func run(
        _ label: String, _ options: StoreOptions, hasStream: Bool,
        _ measurement: inout Measurement
    ) throws {
        let target = hasStream ? "PutItem with a stream" : "PutItem"
        let putName = "engine \(target), \(label), \(Self.concurrency) at once"
        let getName = "engine GetItem, \(label)"
        let names = hasStream ? [putName] : [getName, putName]
        guard names.contains(where: measurement.wants) else { return }
        let store = try RocksStore.open(options)
        defer { store.close() }
        let engine = try Engine(store: store)
        defer { engine.shutdown() }
        try Self.do(
            try CodecBenchmarks.decode(
                "CreateTable",
                Array(
                    (hasStream ? BenchmarkTable.createTableWithStream : BenchmarkTable.createTable)
                        .utf8)),
            on: engine)
        var generator = SeededGenerator(seed: 1)
        // A put that changes nothing leaves no record: with a stream every key is put in two ways.
        let puts = try (0..<Self.keyCount * (hasStream ? 2 : 1)).map { number in
            let index = number % Self.keyCount
            return try CodecBenchmarks.decode(
                "PutItem", Array(BenchmarkTable.putItem(index, using: &generator).utf8))
        }
        let gets = try (0..<Self.keyCount).map { index in
            try CodecBenchmarks.decode("GetItem", Array(BenchmarkTable.getItem(index).utf8))
        }
        let preload = ClosedLoop(engine: engine, requests: puts)
        try preload.run(count: puts.count, concurrency: Self.concurrency)
        // A cached read is completed before `handle` returns: one at a time is the whole cost.
        for (name, requests, concurrency) in [
            (getName, gets, 1), (putName, puts, Self.concurrency),
        ] where names.contains(name) {
            let loop = ClosedLoop(engine: engine, requests: requests)
            try measurement.measure(
                name, batch: { count in try loop.run(count: count, concurrency: concurrency) })
        }
    }

    /// Does one request and waits.
    private static func `do`(_ request: OperationRequest, on engine: Engine) throws {
        try ClosedLoop(engine: engine, requests: [request]).run(count: 1, concurrency: 1)
    }
}

/// Keeps a number of requests under way until a count of them is done.
final class ClosedLoop: Sendable {
    private struct State {
        var failure: ServiceError?
        var missingCount = 0
    }

    private let engine: Engine
    private let requests: [OperationRequest]
    private let context = RequestContext()
    private let position = Atomic<Int>(0)
    private let remaining = Atomic<Int>(0)
    private let running = Atomic<Int>(0)
    private let finished = DispatchSemaphore(value: 0)
    private let state = Mutex(State())

    init(engine: Engine, requests: [OperationRequest]) {
        self.engine = engine
        self.requests = requests
    }

    /// Does `count` requests, in order and over and over.
    func run(count: Int, concurrency: Int) throws {
        remaining.store(count, ordering: .relaxed)
        running.store(concurrency, ordering: .relaxed)
        for _ in 0..<concurrency { lane() }
        finished.wait()
        let (failure, missingCount) = state.withLock { ($0.failure, $0.missingCount) }
        if let failure { throw failure }
        if missingCount > 0 { throw BenchmarkError("\(missingCount) items were not found") }
    }

    /// Does requests one after another; one that is not done at once goes on at its completion.
    private func lane() {
        while remaining.subtract(1, ordering: .relaxed).oldValue > 0 {
            let index = position.add(1, ordering: .relaxed).oldValue % requests.count
            // Whoever comes second, the completion or the return of `handle`, goes on.
            let turn = Turn()
            engine.handle(requests[index], context: context) { [self] result in
                check(result)
                if turn.isSecond() { lane() }
            }
            if !turn.isSecond() { return }
        }
        if running.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 {
            finished.signal()
        }
    }

    private func check(_ result: Result<OperationOutcome, ServiceError>) {
        switch result {
        case .success(let outcome):
            if case .getItem(let response) = outcome.response, response.item == nil {
                state.withLock { $0.missingCount += 1 }
            }
        case .failure(let error): state.withLock { $0.failure = error }
        }
    }
}

/// Tells the second of two callers.
private final class Turn: Sendable {
    private let isTaken = Atomic<Bool>(false)

    func isSecond() -> Bool {
        isTaken.exchange(true, ordering: .acquiringAndReleasing)
    }
}
