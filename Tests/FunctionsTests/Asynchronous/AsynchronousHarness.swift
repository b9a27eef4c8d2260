import Functions
import Logging
import Operations
import Storage
import Synchronization
import TestSupport
import Testing
import Wire

/// Functions that a test has set up.
final class ScriptedFunctions: FunctionDirectory {
    private let functions = Mutex<[String: ResolvedFunction]>([:])

    static func arn(_ name: String) -> String {
        "arn:aws:lambda:us-east-1:000000000000:function:\(name)"
    }

    /// Sets a function up, or changes it.
    func set(_ name: String, _ change: (inout ResolvedFunction) -> Void = { _ in }) {
        let arn = Self.arn(name)
        let configuration = FunctionConfiguration(
            region: "us-east-1", functionName: name, role: "r", codeSha256: "", codeSize: 0,
            lastModified: "", revisionId: "")
        functions.withLock { functions in
            var function =
                functions[arn]
                ?? ResolvedFunction(
                    configuration: configuration, functionArn: arn, invokedArn: arn,
                    codeDirectory: "")
            change(&function)
            functions[arn] = function
        }
    }

    func remove(_ name: String) {
        functions.withLock { $0[Self.arn(name)] = nil }
    }

    func resolve(
        _ name: String, qualifier: String?, region: String
    ) throws(ServiceError) -> ResolvedFunction {
        guard let function = functions.withLock({ $0[name] }) else {
            throw ServiceError(
                "ResourceNotFoundException", "Function not found: \(name)", namespace: .rest,
                status: 404)
        }
        return function
    }
}

/// Answers invocations as a test says, and keeps them.
final class ScriptedInvoker: FunctionInvoker {
    enum Answer: Sendable {
        case payload(String)
        case functionError(String)
        case refusal(ServiceError)
        /// Waits until the test lets it go on.
        case gate(fails: Bool)
    }

    private struct State {
        var invocations: [Invocation] = []
        var running = 0
        var mostRunning = 0
        var gates: [CheckedContinuation<Void, Never>] = []
        var isOpen = false
    }

    private let state = Mutex(State())
    private let script: @Sendable (_ number: Int, Invocation) -> Answer

    /// - Parameter script: the answer to each invocation, which are counted from 0.
    init(_ script: @escaping @Sendable (_ number: Int, Invocation) -> Answer) {
        self.script = script
    }

    var invocations: [Invocation] { state.withLock { $0.invocations } }
    var mostRunning: Int { state.withLock { $0.mostRunning } }
    var runningCount: Int { state.withLock { $0.running } }

    /// Lets all that wait go on, and all to come pass.
    func open() {
        let gates = state.withLock { state in
            state.isOpen = true
            defer { state.gates = [] }
            return state.gates
        }
        for gate in gates { gate.resume() }
    }

    func invoke(_ invocation: Invocation) async throws(ServiceError) -> InvocationResult {
        let number = state.withLock { state in
            state.invocations.append(invocation)
            state.running += 1
            state.mostRunning = max(state.mostRunning, state.running)
            return state.invocations.count - 1
        }
        defer { state.withLock { $0.running -= 1 } }
        switch script(number, invocation) {
        case .payload(let text):
            return InvocationResult(payload: Array(text.utf8), executedVersion: "$LATEST")
        case .functionError(let text):
            return InvocationResult(
                functionError: "Unhandled", payload: Array(text.utf8), executedVersion: "$LATEST")
        case .refusal(let error): throw error
        case .gate(let fails):
            await withCheckedContinuation { continuation in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.gates.append(continuation) }
                    return state.isOpen
                }
                if isOpen { continuation.resume() }
            }
            return InvocationResult(
                functionError: fails ? "Unhandled" : nil, payload: [], executedVersion: "$LATEST")
        }
    }
}

/// Keeps what is sent.
final class RecordingDestinations: DestinationSender {
    struct Sent: Sendable {
        var document: [UInt8]
        var arn: String
        var objectKey: String
        var attributes: [String: String]

        var json: JSONValue {
            get throws { try JSONValue(parsing: document) }
        }
    }

    private let state = Mutex<[Sent]>([])
    private let refusal: ServiceError?

    init(refusal: ServiceError? = nil) { self.refusal = refusal }

    var sent: [Sent] { state.withLock { $0 } }

    func send(
        _ document: [UInt8], to arn: String, objectKey: String,
        attributes: [(name: String, value: String)], region: String
    ) async throws(ServiceError) {
        let told = Dictionary(attributes.map { ($0.name, $0.value) }) { $1 }
        state.withLock {
            $0.append(
                Sent(document: document, arn: arn, objectKey: objectKey, attributes: told))
        }
        if let refusal { throw refusal }
    }
}

/// Asynchronous invocations on a store in memory, with everything around them scripted.
struct AsynchronousHarness {
    let store: RocksStore
    let clock = HandClock()
    let functions = ScriptedFunctions()
    let invoker: ScriptedInvoker
    let destinations: RecordingDestinations

    init(
        destinations: RecordingDestinations = RecordingDestinations(),
        _ script: @escaping @Sendable (_ number: Int, Invocation) -> ScriptedInvoker.Answer
    ) throws {
        store = try RocksStore.open(.inMemory)
        invoker = ScriptedInvoker(script)
        self.destinations = destinations
        functions.set("f")
    }

    var records: RecordStore { RecordStore(store, space: .events) }

    /// What a process would make of the store.
    func make(invoker other: ScriptedInvoker? = nil) throws -> AsynchronousInvocations {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return try AsynchronousInvocations(
            records: records, clock: clock, functions: functions, invoker: other ?? invoker,
            destinations: destinations, logger: logger)
    }

    /// Runs a test with a queue that is started, and stops it.
    func run(_ body: (AsynchronousInvocations) async throws -> Void) async throws {
        let queue = try make()
        queue.start()
        do {
            try await body(queue)
        } catch {
            invoker.open()
            await queue.stop()
            throw error
        }
        invoker.open()
        await queue.stop()
    }

    func invocation(
        _ name: String = "f", _ payload: String = #"{"a":1}"#, requestID: String = "request"
    ) throws -> Invocation {
        let function = try functions.resolve(
            ScriptedFunctions.arn(name), qualifier: nil, region: "us-east-1")
        return Invocation(
            function: function, payload: Array(payload.utf8), requestID: requestID,
            clientContext: "{}", traceID: "Root=1")
    }

    /// Returns once a condition holds; fails the test where it doesn't within seconds.
    func wait(
        _ comment: Comment, location: SourceLocation = #_sourceLocation,
        until condition: () throws -> Bool
    ) async throws {
        for _ in 0..<4_000 {
            if try condition() { return }
            try await Task.sleep(for: .milliseconds(2))
        }
        Issue.record(comment, sourceLocation: location)
        throw CancellationError()
    }

    /// Moves the clock once an event waits again.
    func advance(_ seconds: Double, _ queue: AsynchronousInvocations) async throws {
        try await wait("the event waits") { queue.waitingCount == queue.eventCount }
        clock.advance(by: seconds)
    }
}
