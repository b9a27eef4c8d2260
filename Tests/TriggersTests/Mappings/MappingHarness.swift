import Client
import Functions
import Logging
import Operations
import Storage
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Triggers

/// The mapping API over fakes of everything around: functions, streams, queues and their runners.
struct MappingHarness {
    let store: RocksStore
    let functions = FakeFunctions()
    let invoker = FakeInvoker()
    let clock = HandClock(1_763_752_442.125)
    let streams = FakeRunner()
    let queues = FakeRunner()
    let environment: TriggersEnvironment
    let catalogue: MappingCatalogue
    let api: MappingAPI

    static let stream =
        "arn:aws:dynamodb:us-east-1:000000000000:table/orders/stream/2026-11-21T19:00:00.000"
    static let queue = "arn:aws:sqs:us-east-1:000000000000:orders"
    static let account = "000000000000"

    /// - Parameter store: of an earlier harness, to start again over what it kept.
    init(store: RocksStore? = nil, client: any QueueClient = FakeQueue()) throws {
        self.store =
            try store ?? RocksStore.open(StoreOptions(path: "mappings", inMemory: true))
        environment = TriggersEnvironment(
            accountID: Self.account, clock: clock, operations: FakeStreams(),
            streams: FakeStreams(), functions: functions, invoker: invoker,
            events: FakeEvents(), destinations: FakeEvents(),
            outside: OutsideEndpoints(sqs: "http://127.0.0.1:1"), logger: Logger(label: "test"))
        catalogue = try MappingCatalogue(
            environment: environment, store: self.store, streams: streams, queues: queues)
        api = MappingAPI(catalogue, environment: environment, queueClient: client)
    }

    func call(
        _ method: String, _ path: String, _ body: String = "", region: String = "us-east-1"
    ) async throws -> (status: Int, json: JSONValue, errorType: String?) {
        let halves = path.split(separator: "?", maxSplits: 1)
        let query = (halves.count > 1 ? halves[1].split(separator: "&") : []).map { pair in
            let parts = pair.split(separator: "=", maxSplits: 1)
            return (
                name: PercentText.decoded(parts[0]),
                value: parts.count > 1 ? PercentText.decoded(parts[1]) : ""
            )
        }
        #expect(api.access(method: method, path: halves[0]) == .signed)
        let request = RESTRequest(
            method: method, path: String(halves[0]), query: query, body: Array(body.utf8),
            context: RequestContext(region: region))
        let response = await withCheckedContinuation { continuation in
            api.handle(request) { continuation.resume(returning: $0) }
        }
        let json = response.body.isEmpty ? .object([]) : try JSONValue(parsing: response.body)
        return (
            response.status, json,
            response.headers.first { $0.name == "x-amzn-ErrorType" }?.value
        )
    }

    static let path = "/2015-03-31/event-source-mappings"

    func create(
        _ members: String, source: String = Self.stream
    ) async throws -> (status: Int, json: JSONValue, errorType: String?) {
        try await call(
            "POST", Self.path,
            #"{"EventSourceArn":"\#(source)","FunctionName":"handler"\#(members)}"#)
    }

    /// Waits, without a clock, until something holds.
    static func eventually(
        _ what: String = "", _ condition: () async throws -> Bool,
        _ location: SourceLocation = #_sourceLocation
    ) async throws {
        for _ in 0..<2_000 {
            if try await condition() { return }
            try await Task.sleep(for: .milliseconds(5))
        }
        Issue.record("it never came to be: \(what)", sourceLocation: location)
    }
}

/// `handler`, with the alias `live`; others can be taken away and given back.
final class FakeFunctions: FunctionDirectory {
    private let missing = Mutex(false)
    private let timeout = Mutex(3)

    func remove() { missing.withLock { $0 = true } }
    func restore() { missing.withLock { $0 = false } }
    func setTimeout(_ seconds: Int) { timeout.withLock { $0 = seconds } }

    func resolve(
        _ name: String, qualifier: String?, region: String
    ) throws(ServiceError) -> ResolvedFunction {
        guard let reference = FunctionReference(name),
            ["handler", "other"].contains(reference.name),
            !missing.withLock({ $0 })
        else {
            throw ServiceError(
                "ResourceNotFoundException", "Function not found: \(name)", namespace: .rest,
                status: 404)
        }
        var configuration = FunctionConfiguration(
            region: region, functionName: reference.name,
            role: "arn:aws:iam::000000000000:role/r", codeSha256: "", codeSize: 1,
            lastModified: "", revisionId: "")
        configuration.timeout = timeout.withLock { $0 }
        let arn = "arn:aws:lambda:\(region):000000000000:function:\(reference.name)"
        return ResolvedFunction(
            configuration: configuration, functionArn: arn,
            invokedArn: reference.qualifier.map { "\(arn):\($0)" } ?? arn, codeDirectory: "/")
    }
}

/// Answers invocations by a script, and keeps their payloads.
final class FakeInvoker: FunctionInvoker {
    typealias Script = @Sendable (JSONValue) async throws -> InvocationResult

    private struct State {
        var payloads: [JSONValue] = []
        var script: Script = { _ in InvocationResult(payload: [], executedVersion: "$LATEST") }
        var runningCount = 0
        var runningCountMax = 0
    }

    private let state = Mutex(State())

    var payloads: [JSONValue] { state.withLock { $0.payloads } }
    var runningCountMax: Int { state.withLock { $0.runningCountMax } }

    func answer(_ script: @escaping Script) { state.withLock { $0.script = script } }

    func invoke(_ invocation: Invocation) async throws(ServiceError) -> InvocationResult {
        let payload = try JSONValue(parsing: invocation.payload)
        let script = state.withLock { state in
            state.payloads.append(payload)
            state.runningCount += 1
            state.runningCountMax = max(state.runningCountMax, state.runningCount)
            return state.script
        }
        defer { state.withLock { $0.runningCount -= 1 } }
        do {
            return try await script(payload)
        } catch let error as ServiceError {
            throw error
        } catch {
            throw ServiceError("ServiceException", "\(error)", namespace: .rest, status: 500)
        }
    }
}

/// The one stream that there is, to DescribeStream.
struct FakeStreams: OperationHandler, StreamObservation {
    func handle(
        _ request: OperationRequest, context: RequestContext,
        completion: @escaping @Sendable (Result<OperationOutcome, ServiceError>) -> Void
    ) {
        guard case .describeStream(let request) = request,
            request.streamArn == MappingHarness.stream
        else {
            completion(.failure(.resourceNotFound("Requested resource not found")))
            return
        }
        completion(.success(OperationOutcome(.streamDescription(StreamDescription()))))
    }

    func observeStream(
        _ streamArn: String, onRecords: @escaping @Sendable ([String]) -> Void
    ) -> StreamObserver { StreamObserver {} }

    func lastSequenceNumber() -> String { "0" }
}

struct FakeEvents: EventQueue, DestinationSender {
    func enqueue(_ invocation: Invocation) async throws(ServiceError) {}
    func send(
        _ document: [UInt8], to arn: String, objectKey: String,
        attributes: [(name: String, value: String)], region: String
    ) async throws(ServiceError) {}
}

/// A runner that only tells what it was asked; ends of runs can be held up.
final class FakeRunner: MappingRunner {
    struct State {
        var running: [EventSourceMapping] = []
        var startedCount = 0
        var forgotten: [String] = []
        var isHeld = false
    }

    let state = Mutex(State())

    var running: [EventSourceMapping] { state.withLock { $0.running } }
    func hold(_ isHeld: Bool) { state.withLock { $0.isHeld = isHeld } }

    func run(
        _ mapping: EventSourceMapping, reports: any MappingReports
    ) -> any MappingRun {
        state.withLock { state in
            state.running.append(mapping)
            state.startedCount += 1
        }
        return Run(runner: self, uuid: mapping.uuid)
    }

    func forget(_ uuid: String) async throws(ServiceError) {
        state.withLock { $0.forgotten.append(uuid) }
    }

    private struct Run: MappingRun {
        let runner: FakeRunner
        let uuid: String
        var metrics: MappingMetrics { MappingMetrics() }

        func stop() async {
            while runner.state.withLock({ $0.isHeld }) {
                try? await Task.sleep(for: .milliseconds(2))
            }
            runner.state.withLock { state in state.running.removeAll { $0.uuid == uuid } }
        }
    }
}
