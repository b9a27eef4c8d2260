import TestSupport
import Client
import Engine
import Functions
import Items
import Logging
import Operations
import Storage
import Synchronization
import Triggers
import Wire

/// A store in memory, an engine on it, a function that the test plays, and mappings between them.
final class StreamMappingHarness: Sendable {
    let store: RocksStore
    let clock: VirtualClock
    let engine: Engine
    let function: PlayedFunction
    let destinations = PlayedDestinations()
    let reports = PlayedReports()
    let operations: CountedOperations
    let runner: StreamMappingRunner

    init(
        store: RocksStore? = nil, clock: VirtualClock = VirtualClock(),
        function: PlayedFunction = PlayedFunction(), stopPatience: Duration = .seconds(60)
    ) throws {
        let store = try store ?? RocksStore.open(.inMemory)
        self.store = store
        self.clock = clock
        self.function = function
        var configuration = EngineConfiguration()
        configuration.clock = clock
        let engine = try Engine(store: store, configuration: configuration)
        self.engine = engine
        operations = CountedOperations(engine)
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        runner = StreamMappingRunner(
            TriggersEnvironment(
                accountID: "000000000000", clock: engine.serviceClock, operations: operations,
                streams: engine, functions: function, invoker: function, events: function,
                destinations: destinations, outside: OutsideEndpoints(), logger: logger),
            store: store, stopPatience: stopPatience)
    }

    func perform(_ request: OperationRequest) async throws(ServiceError) -> OperationResponse {
        let result = await withCheckedContinuation { continuation in
            engine.handle(request, context: RequestContext()) {
                continuation.resume(returning: $0)
            }
        }
        return try result.get().response
    }

    /// Makes a table of the string key `pk` with a stream; its stream's ARN.
    func makeTable(_ name: String = "tab") async throws -> String {
        var request = CreateTableRequest()
        request.tableName = name
        request.billingMode = .payPerRequest
        request.keySchema = [KeySchemaElement("pk", .hash), KeySchemaElement("n", .range)]
        request.attributeDefinitions = [
            AttributeDefinition("pk", .string), AttributeDefinition("n", .number),
        ]
        request.streamSpecification = StreamSpecification(
            streamEnabled: true, streamViewType: .newAndOldImages)
        guard case .tableDescription(let table) = try await perform(.createTable(request)) else {
            return ""
        }
        return table.latestStreamArn ?? ""
    }

    func put(_ pk: String, _ n: Int, text: String = "", table: String = "tab") async throws {
        var request = PutItemRequest()
        request.tableName = table
        request.item = [
            "pk": .string(pk), "n": .number(DecimalNumber(n)), "text": .string(text),
        ]
        _ = try await perform(.putItem(request))
    }

    func administer(_ request: AdministrationRequest) async {
        await withCheckedContinuation { continuation in
            engine.administer(request) { _ in continuation.resume() }
        }
    }

    func advance(_ seconds: Double) async { await administer(.advanceClock(seconds: seconds)) }

    static func mapping(
        _ streamArn: String, edit: (inout EventSourceMapping) -> Void = { _ in }
    ) -> EventSourceMapping {
        var mapping = EventSourceMapping(
            uuid: "11111111-2222-3333-4444-555555555555", region: "us-east-1",
            eventSourceArn: streamArn,
            functionArn: "arn:aws:lambda:us-east-1:000000000000:function:orders", batchSize: 100,
            state: .enabled, lastModified: 0)
        mapping.startingPosition = .trimHorizon
        edit(&mapping)
        return mapping
    }

    func run(_ mapping: EventSourceMapping) -> any MappingRun {
        runner.run(mapping, reports: reports)
    }
}

/// The operations of an engine, and how often streams were read.
final class CountedOperations: OperationHandler {
    private let engine: Engine
    private let reads = Mutex(0)

    init(_ engine: Engine) { self.engine = engine }

    var readCount: Int { reads.withLock { $0 } }

    func handle(
        _ request: OperationRequest, context: RequestContext,
        completion: @escaping @Sendable (Result<OperationOutcome, ServiceError>) -> Void
    ) {
        if case .getRecords = request { reads.withLock { $0 += 1 } }
        engine.handle(request, context: context, completion: completion)
    }
}

/// What a record of an event says, as far as tests look at it.
struct SeenRecord: Sendable, Hashable {
    let pk: String
    let n: Int
    let sequenceNumber: String

    init?(_ record: JSONValue) {
        guard let keys = record["dynamodb"]?["Keys"], let pk = keys["pk"]?["S"]?.string,
            let text = keys["n"]?["N"]?.string, let n = Int(text),
            let sequenceNumber = record["dynamodb"]?["SequenceNumber"]?.string
        else { return nil }
        self.pk = pk
        self.n = n
        self.sequenceNumber = sequenceNumber
    }
}

/// One invocation that a played function saw.
struct SeenInvocation: Sendable {
    let event: JSONValue
    let records: [SeenRecord]

    init(_ payload: [UInt8]) {
        event = (try? JSONValue(parsing: payload)) ?? .null
        records = (event["Records"]?.elements ?? []).compactMap { SeenRecord($0) }
    }
}

/// A function whose handler is a closure of the test's.
final class PlayedFunction: FunctionInvoker, FunctionDirectory, EventQueue {
    typealias Handler =
        @Sendable (SeenInvocation) async throws(ServiceError) -> InvocationResult

    private let handler: Mutex<Handler>
    private let seen = Mutex<[SeenInvocation]>([])
    private let returned = Mutex<[SeenRecord]>([])
    private let running = Mutex<(now: Int, most: Int)>((0, 0))

    init(_ handler: @escaping Handler = { _ in .returned("null") }) {
        self.handler = Mutex(handler)
    }

    var invocations: [SeenInvocation] { seen.withLock { $0 } }
    var records: [SeenRecord] { invocations.flatMap(\.records) }
    /// The records of invocations that returned without an error.
    var processed: [SeenRecord] { returned.withLock { $0 } }
    var mostAtOnce: Int { running.withLock { $0.most } }

    func handle(_ handler: @escaping Handler) {
        self.handler.withLock { $0 = handler }
    }

    func invoke(_ invocation: Invocation) async throws(ServiceError) -> InvocationResult {
        let event = SeenInvocation(invocation.payload)
        running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
        seen.withLock { $0.append(event) }
        defer { running.withLock { $0.now -= 1 } }
        let handler = handler.withLock { $0 }
        let result = try await handler(event)
        if result.functionError == nil { returned.withLock { $0 += event.records } }
        return result
    }

    func resolve(
        _ name: String, qualifier: String?, region: String
    ) throws(ServiceError) -> ResolvedFunction {
        ResolvedFunction(
            configuration: FunctionConfiguration(
                region: region, functionName: "orders", role: "", codeSha256: "", codeSize: 0,
                lastModified: "", revisionId: ""),
            functionArn: name, invokedArn: name, codeDirectory: "")
    }

    func enqueue(_ invocation: Invocation) async throws(ServiceError) {}
}

extension InvocationResult {
    static func returned(_ json: String) -> InvocationResult {
        InvocationResult(payload: Array(json.utf8), executedVersion: "$LATEST")
    }

    static let failed = InvocationResult(
        functionError: "Unhandled", payload: Array(#"{"errorMessage":"no"}"#.utf8),
        executedVersion: "$LATEST")

    /// Tells these records as failed.
    static func failing(_ records: [SeenRecord]) -> InvocationResult {
        let items = records.map { #"{"itemIdentifier":"\#($0.sequenceNumber)"}"# }
        return returned(#"{"batchItemFailures":[\#(items.joined(separator: ","))]}"#)
    }
}

final class PlayedDestinations: DestinationSender {
    struct Delivery: Sendable {
        let document: JSONValue
        let arn: String
        let objectKey: String
    }

    private let delivered = Mutex<[Delivery]>([])
    private let refusals = Mutex(0)

    var deliveries: [Delivery] { delivered.withLock { $0 } }

    /// Refuses the next deliveries.
    func refuse(_ count: Int) { refusals.withLock { $0 = count } }

    func send(
        _ document: [UInt8], to arn: String, objectKey: String,
        attributes: [(name: String, value: String)], region: String
    ) async throws(ServiceError) {
        let isRefused = refusals.withLock { count in
            defer { count = max(0, count - 1) }
            return count > 0
        }
        if isRefused { throw .internalServerError("nobody there") }
        guard let value = try? JSONValue(parsing: document) else { return }
        delivered.withLock {
            $0.append(Delivery(document: value, arn: arn, objectKey: objectKey))
        }
    }
}

final class PlayedReports: MappingReports {
    private let told = Mutex<[String]>([])

    var results: [String] { told.withLock { $0 } }

    func processed(_ uuid: String, result: String) { told.withLock { $0.append(result) } }
}

/// Whether something becomes true within seconds.
func becomes(within seconds: Double = 60, _ condition: () -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(seconds)
    while ContinuousClock.now < end {
        if condition() { return true }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return condition()
}
