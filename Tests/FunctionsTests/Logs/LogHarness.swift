import Foundation
import Functions
import Logging
import Operations
import Storage
import Synchronization
import TestSupport
import Wire

/// Logs in a store of a test's own, asked through their API.
final class LogHarness {
    static let startTime: Timestamp = 1_790_000_000
    static let region = "us-east-1"

    let store: RocksStore
    let clock = HandClock(startTime)
    private(set) var logs: LogStore
    private(set) var api: LogsAPI
    private let limits: LogLimits

    init(limits: LogLimits = LogLimits()) throws {
        store = try RocksStore.open(
            StoreOptions(
                path: FileManager.default.temporaryDirectory.path + "/" + UUID().uuidString,
                inMemory: true, durability: .none, cacheByteCount: 4 << 20))
        self.limits = limits
        logs = try Self.logs(store, clock, limits)
        api = LogsAPI(store: logs)
    }

    deinit { store.close() }

    private static func logs(
        _ store: RocksStore, _ clock: HandClock, _ limits: LogLimits
    ) throws -> LogStore {
        try LogStore(
            records: RecordStore(store, space: .logs), accountID: "000000000000", clock: clock,
            limits: limits, logger: Logger(label: "test"))
    }

    /// Ends the logs in an orderly way and opens the store's anew.
    func restart() async throws {
        await logs.stop()
        logs = try Self.logs(store, clock, limits)
        api = LogsAPI(store: logs)
    }

    /// Milliseconds now.
    var now: Int { Int(clock.now() * 1000) }

    /// Prints lines as a function does.
    func print(
        _ messages: [String], group: String = "/aws/lambda/f", stream: String = "s", at: Int? = nil
    ) {
        let time = Double(at ?? now) / 1000
        logs.append(
            messages.map { LogLine(timestamp: time, message: $0) }, group: group, stream: stream,
            region: Self.region)
    }

    func flush() async {
        await withCheckedContinuation { continuation in
            logs.flush { _ in continuation.resume() }
        }
    }

    /// Calls an operation; the answer's status and body.
    func call(_ operation: String, _ body: JSONValue) async -> (Int, JSONValue) {
        let request = RESTRequest(
            method: "POST", path: "/", headers: [("X-Amz-Target", "Logs_20140328.\(operation)")],
            body: body.encoded, context: RequestContext(region: Self.region))
        let response = await withCheckedContinuation { continuation in
            api.handle(request) { continuation.resume(returning: $0) }
        }
        let answer = try? JSONValue(parsing: response.body)
        return (response.status, answer ?? .null)
    }

    /// The messages of all pages of FilterLogEvents.
    func messages(
        _ parameters: [(String, JSONValue)] = [], group: String = "/aws/lambda/f"
    ) async -> [String] {
        var found: [String] = []
        var token: JSONValue?
        repeat {
            let body = JSONValue.object(
                present: [("logGroupName", .string(group)), ("nextToken", token)]
                    + parameters.map { ($0.0, JSONValue?($0.1)) })
            let (_, page) = await call("FilterLogEvents", body)
            found += page["events"]?.elements?.compactMap { $0["message"]?.string } ?? []
            token = page["nextToken"]
        } while token != nil
        return found
    }
}
