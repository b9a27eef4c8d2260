import ArgumentParser
import Client
import Glibc
import Operations
import Wire

/// `basalt logs`: what a function printed, and what it prints.
struct LogsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "logs",
        abstract: "Print a function's log, or any log group.",
        discussion: """
            NAME is a function's name, or a log group like /aws/lambda/orders. PATTERN is one of \
            CloudWatch Logs: ERROR, "two words", ?WARN ?ERROR, -debug, { $.level = "ERROR" }. \
            With --follow it begins ten minutes ago unless --since says otherwise.
            """)

    /// Seconds between two looks at what is new.
    private static let pollSeconds = 0.2
    /// How far back each look goes, in milliseconds: streams are written beside one another, and
    /// an event may come a little after a later one.
    private static let overlap = 10_000

    @Argument(help: "A function's name, or a log group.")
    var name: String
    @Flag(name: .shortAndLong, help: "Go on with what is printed from now on.")
    var follow = false
    @Option(help: "How far back, like 10m, 2h or 1d; or since when, like 2026-12-01T12:00:00Z.")
    var since: String?
    @Option(parsing: .unconditional, help: "Only messages that match.")
    var filter: String?
    @OptionGroup var server: EndpointOptions

    func run() async throws {
        let client = try await server.client()
        let start = try await startTime(client)
        let group = try await groupName(client)
        var reader = LogReader(client: client, group: group, filter: filter, from: start)
        let printer = LogPrinter(isColoured: LogPrinter.wantsColour)
        do throws(ServiceError) {
            try await print(&reader, printer)
        } catch {
            guard error.code == "ResourceNotFoundException" else { throw server.refusal(error) }
            guard follow else {
                throw ConfigurationError(
                    "\(name) has printed nothing yet: there is no log group \(group)")
            }
        }
        while follow, !printer.isClosed {
            try await Task.sleep(for: .seconds(Self.pollSeconds))
            reader.rewind(milliseconds: Self.overlap)
            do throws(ServiceError) {
                try await print(&reader, printer)
            } catch {
                // A function that is followed may print its first line yet.
                guard error.code == "ResourceNotFoundException" else {
                    throw server.refusal(error)
                }
            }
        }
    }

    private func print(
        _ reader: inout LogReader, _ printer: LogPrinter
    ) async throws(ServiceError) {
        while !printer.isClosed {
            let events = try await reader.nextPage()
            for event in events { printer.print(event) }
            if reader.isAtEnd { return }
        }
    }

    /// The group of a function is that of its configuration.
    private func groupName(_ client: ServiceClient) async throws(ConfigurationError) -> String {
        if name.hasPrefix("/") { return name }
        do throws(ServiceError) {
            let function = try await client.call(
                .lambda, method: "GET",
                path: "/2015-03-31/functions/\(PercentText.encoded(name))/configuration")
            return function["LoggingConfig"]?["LogGroup"]?.string ?? "/aws/lambda/\(name)"
        } catch {
            // Gone, its log may still be there.
            guard error.status == 404 else { throw server.refusal(error) }
            return "/aws/lambda/\(name)"
        }
    }

    /// Milliseconds since 1970, by the server's clock.
    private func startTime(_ client: ServiceClient) async throws(ConfigurationError) -> Int {
        guard let since = since ?? (follow ? "10m" : nil) else { return 0 }
        if let time = TimeText.timestamp(iso8601: since) { return milliseconds(time) }
        guard let span = TimeText.seconds(ofSpan: since) else {
            throw ConfigurationError("--since: expected a span like 10m or a time, not '\(since)'")
        }
        return milliseconds(try await now(client) - span)
    }

    private func milliseconds(_ time: Timestamp) -> Int {
        Int(min(max(time, 0), TimeText.timestampMax) * 1000)
    }

    /// The server's time: its own where it runs by a virtual clock, else the machine's.
    private func now(_ client: ServiceClient) async throws(ConfigurationError) -> Timestamp {
        do throws(ServiceError) {
            let clock = try await client.call(
                .administration, method: "GET", path: "/_basalt/clock")
            if case .number(let text)? = clock["now"], let now = Timestamp(text) { return now }
        } catch {
            guard (400..<500).contains(error.status), error.code != ConnectionFault.invalidEndpoint
            else { throw server.refusal(error) }
        }
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

/// Reads a log group from a time on, each event once.
private struct LogReader {
    let client: ServiceClient
    let group: String
    let filter: String?
    /// Milliseconds since 1970.
    private var start: Int
    private let first: Int
    private var token: JSONValue?
    /// The latest time that was read.
    private var latest = 0
    /// The ids of what was read, with their times, from `start` on.
    private var seen: [String: Int] = [:]
    private(set) var isAtEnd = false

    init(client: ServiceClient, group: String, filter: String?, from start: Int) {
        self.client = client
        self.group = group
        self.filter = filter
        self.start = start
        first = start
    }

    /// The events of the next page that were not read before.
    mutating func nextPage() async throws(ServiceError) -> [JSONValue] {
        let page = try await client.call(
            .logs, "FilterLogEvents",
            .object(present: [
                ("logGroupName", .string(group)), ("startTime", .number(String(start))),
                ("filterPattern", filter.map { .string($0) }), ("nextToken", token),
            ]))
        token = page["nextToken"]
        isAtEnd = token == nil
        var fresh: [JSONValue] = []
        for event in page["events"]?.elements ?? [] {
            guard let id = event["eventId"]?.string, let time = event["timestamp"]?.integer,
                seen.updateValue(time, forKey: id) == nil
            else { continue }
            latest = max(latest, time)
            fresh.append(event)
        }
        return fresh
    }

    /// Begins again, a little before the latest event that was read.
    mutating func rewind(milliseconds: Int) {
        token = nil
        isAtEnd = false
        start = max(first, latest - milliseconds)
        if seen.count > 1_000 { seen = seen.filter { $0.value >= start } }
    }
}

/// Prints events, a line each; colours only for a terminal.
private final class LogPrinter {
    private let isColoured: Bool
    /// Whether nobody reads any more.
    private(set) var isClosed = false

    init(isColoured: Bool) { self.isColoured = isColoured }

    static var wantsColour: Bool {
        isatty(STDOUT_FILENO) == 1 && getenv("NO_COLOR") == nil
    }

    func print(_ event: JSONValue) {
        var message = event["message"]?.string ?? ""
        while message.last?.isNewline ?? false { message.removeLast() }
        let time = TimeText.iso8601(Double(event["timestamp"]?.integer ?? 0) / 1000)
        guard isColoured else {
            write("\(time) \(message)\n")
            return
        }
        let isFrame = ["START ", "END ", "REPORT ", "INIT_"].contains { message.hasPrefix($0) }
        let isFault = ["ERROR", "Error", "Traceback", "Task timed out"].contains {
            message.contains($0)
        }
        let colour = isFault ? "\u{1B}[31m" : isFrame ? "\u{1B}[2m" : ""
        write("\u{1B}[2m\(time)\u{1B}[0m \(colour)\(message)\(colour.isEmpty ? "" : "\u{1B}[0m")\n")
    }

    private func write(_ text: String) {
        if !Say.result(text) { isClosed = true }
    }
}
