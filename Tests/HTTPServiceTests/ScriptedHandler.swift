import Dispatch
import HTTPService
import Logging
import Operations
import Synchronization

/// Answers DescribeTable as the table's name says, so that a test decides when and with what.
///
/// - `now-…`: at once, on the event loop, with the name.
/// - `later-MILLISECONDS-…`: that much later, from another thread.
/// - `held-…`: when the test releases it.
/// - `big-BYTES-…`: at once, with an answer of about that size.
/// - `missing-…`: with a ResourceNotFoundException.
final class ScriptedHandler: OperationHandler {
    typealias Completion = @Sendable (Result<OperationOutcome, ServiceError>) -> Void

    private let held = Mutex<[Completion]>([])
    private let contexts = Mutex<[RequestContext]>([])
    private let runningCounts = Mutex((now: 0, most: 0))

    /// The contexts of all requests so far.
    var seenContexts: [RequestContext] { contexts.withLock { $0 } }
    /// The most operations that ever ran at once.
    var mostAtOnce: Int { runningCounts.withLock { $0.most } }
    /// Operations that wait for `release`.
    var heldCount: Int { held.withLock { $0.count } }

    func handle(
        _ request: OperationRequest, context: RequestContext,
        completion: @escaping Completion
    ) {
        contexts.withLock { $0.append(context) }
        runningCounts.withLock { counts in
            counts.now += 1
            counts.most = max(counts.most, counts.now)
        }
        let finish: Completion = { [self] result in
            runningCounts.withLock { $0.now -= 1 }
            completion(result)
        }
        guard case .describeTable(let request) = request else {
            finish(.success(OperationOutcome(.empty)))
            return
        }
        let name = request.tableName
        let number = name.split(separator: "-").dropFirst().first.flatMap { Int($0) } ?? 0
        let answer = Self.answer(name)
        switch name.prefix(while: { $0 != "-" }) {
        case "later":
            DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(number)) {
                finish(answer)
            }
        case "held": held.withLock { $0.append { _ in finish(answer) } }
        case "big": finish(Self.answer(String(repeating: "abcdefgh", count: number / 8)))
        case "missing": finish(.failure(.tableNotFound))
        default: finish(answer)
        }
    }

    /// Answers what is held.
    func release() {
        let completions = held.withLock { held in
            defer { held = [] }
            return held
        }
        for completion in completions { completion(Self.answer("")) }
    }

    private static func answer(_ text: String) -> Result<OperationOutcome, ServiceError> {
        .success(
            OperationOutcome(.describeEndpoints(address: text, cachePeriodInMinutes: 1)))
    }
}

/// Runs a body against a server with a scripted handler, and stops it afterwards.
func withServer<Result: Sendable>(
    _ change: (inout HTTPServerConfiguration) -> Void = { _ in },
    _ body: (Int, ScriptedHandler) async throws -> Result
) async throws -> Result {
    var configuration = HTTPServerConfiguration(port: 0, eventLoopCount: 1)
    configuration.timeouts.drainMilliseconds = 1_000
    configuration.logger.logLevel = .critical
    change(&configuration)
    let handler = ScriptedHandler()
    let server = HTTPServer(handler: handler, configuration: configuration)
    let port = try await server.start().port
    do {
        let result = try await body(port, handler)
        handler.release()
        await server.stop()
        return result
    } catch {
        handler.release()
        await server.stop()
        throw error
    }
}
