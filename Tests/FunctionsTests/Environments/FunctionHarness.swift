import Client
import Foundation
import Functions
import Logging
import Operations
import Synchronization
import Wire

/// Environments of a test's own, functions made of source text, and the log that they write.
final class FunctionHarness: Sendable {
    let directory: String
    let log = RecordingLog()
    let environments: Environments

    init(
        limits: EnvironmentLimits = EnvironmentLimits(),
        outside: OutsideEndpoints = OutsideEndpoints()
    ) throws {
        directory =
            FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
            .appendingPathComponent("basalt-functions-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true)
        environments = Environments(
            environment: FunctionsEnvironment(
                accountID: "000000000000", defaultRegion: "us-east-1", clock: RealTime(),
                directory: directory, endpoint: { "http://127.0.0.1:8000" }, outside: outside,
                logger: Logger(label: "test")),
            log: log, limits: limits)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: directory)
    }

    /// Runs a test and stops the environments after it.
    static func with(
        limits: EnvironmentLimits = EnvironmentLimits(),
        outside: OutsideEndpoints = OutsideEndpoints(),
        _ body: (FunctionHarness) async throws -> Void
    ) async throws {
        let harness = try FunctionHarness(limits: limits, outside: outside)
        do {
            try await body(harness)
        } catch {
            await harness.environments.stop()
            throw error
        }
        await harness.environments.stop()
    }

    /// Writes a file below the harness's directory, executable if wanted; returns its path.
    @discardableResult func write(
        _ path: String, _ content: String, mode: Int = 0o644
    ) throws -> String {
        let url = URL(fileURLWithPath: "\(directory)/\(path)")
        try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(content.utf8).write(to: url)
        try FileManager.default.setAttributes(
            [.posixPermissions: mode], ofItemAtPath: url.path)
        return url.path
    }

    /// A Python function of one file, `app.py`, whose handler is `handler`.
    func python(
        _ source: String, name: String = "orders",
        _ change: (inout FunctionConfiguration) -> Void = { _ in }
    ) throws -> ResolvedFunction {
        try write("\(name)/app.py", source)
        return function(name, runtime: "python3.11", handler: "app.handler", change)
    }

    /// A Node.js function of one file, whose handler is `handler`.
    func node(
        _ source: String, name: String = "orders", file: String = "index.js",
        handler: String = "index.handler",
        _ change: (inout FunctionConfiguration) -> Void = { _ in }
    ) throws -> ResolvedFunction {
        try write("\(name)/\(file)", source)
        return function(name, runtime: "nodejs20.x", handler: handler, change)
    }

    /// A function whose code lies in a directory of its name.
    func function(
        _ name: String, runtime: String?, handler: String?,
        _ change: (inout FunctionConfiguration) -> Void = { _ in }
    ) -> ResolvedFunction {
        var configuration = FunctionConfiguration(
            region: "us-east-1", functionName: name, role: "arn:aws:iam::000000000000:role/r",
            codeSha256: "", codeSize: 0, lastModified: "2026-11-21T18:50:42.000+0000",
            revisionId: UUID().uuidString)
        configuration.runtime = runtime
        configuration.handler = handler
        change(&configuration)
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:\(name)"
        return ResolvedFunction(
            configuration: configuration, functionArn: arn, invokedArn: arn,
            codeDirectory: configuration.developmentDirectory ?? "\(directory)/\(name)")
    }

    /// Invokes a function with a JSON event.
    func invoke(
        _ function: ResolvedFunction, _ event: String = "{}", requestID: String? = nil,
        wantsLogTail: Bool = false
    ) async throws -> InvocationResult {
        try await environments.invoke(
            Invocation(
                function: function, payload: Array(event.utf8),
                requestID: requestID ?? UUID().uuidString.lowercased(),
                wantsLogTail: wantsLogTail))
    }

    /// The answer of a function as JSON; the error object where it failed.
    func answer(
        _ function: ResolvedFunction, _ event: String = "{}", requestID: String? = nil
    ) async throws -> JSONValue {
        try JSONValue(parsing: try await invoke(function, event, requestID: requestID).payload)
    }
}

extension InvocationResult {
    var text: String { String(decoding: payload, as: UTF8.self) }
    var json: JSONValue? { try? JSONValue(parsing: payload) }
}

/// The system's time.
private struct RealTime: ServiceClock {
    func now() -> Timestamp { Date().timeIntervalSince1970 }
    func sleep(until time: Timestamp) async throws {
        try await Task.sleep(for: .seconds(max(0, time - now())))
    }
}

/// Keeps what is logged.
final class RecordingLog: FunctionLog {
    private let kept = Mutex<[(stream: String, message: String)]>([])

    func append(_ lines: [LogLine], group: String, stream: String, region: String) {
        kept.withLock { kept in
            for line in lines { kept.append((stream, line.message)) }
        }
    }

    var messages: [String] { kept.withLock { $0.map(\.message) } }
    var streams: Set<String> { kept.withLock { Set($0.map(\.stream)) } }

    /// The first message that begins with a text.
    func message(_ prefix: String) -> String? { messages.first { $0.hasPrefix(prefix) } }
    func count(_ prefix: String) -> Int { messages.count { $0.hasPrefix(prefix) } }
}

/// Whether a process lives: one that has ended and not been reaped doesn't.
func isAlive(_ process: Int) -> Bool {
    guard let status = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
        let bracket = status.lastIndex(of: ")")
    else { return false }
    return !status[bracket...].dropFirst(2).hasPrefix("Z")
}

/// Waits until something holds; false where it doesn't within ten seconds.
func eventually(_ condition: () -> Bool) async throws -> Bool {
    for _ in 0..<1000 {
        if condition() { return true }
        try await Task.sleep(for: .milliseconds(10))
    }
    return condition()
}
