import ArgumentParser
import Client
import Glibc
import LoadTester
import Metering
import Operations
import Terminal
import UnixSignals

/// `basalt load`: runs table designs under the traffic they describe.
struct LoadCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "load",
        abstract: "Run table designs under a described workload.",
        discussion: """
            A design is a file (docs/load/README.md tells the format) or the name of one that \
            comes with basalt (--list). Without --endpoint it runs on a server of its own, in \
            memory, which is gone afterwards. Several designs run one after another.
            """)

    @Argument(help: ArgumentHelp("Files, or names of shipped designs.", valueName: "design"))
    var designs: [String] = []
    @OptionGroup var server: EndpointOptions
    @Option(
        help: ArgumentHelp(
            "Requests per second in all; or times the file's (2x); or max.", valueName: "rate"))
    var rate: String?
    @Option(
        help: ArgumentHelp(
            "How long the phases take together, like 30s or 5m.", valueName: "span"))
    var duration: String?
    @Option(help: "Seed of all that is random.")
    var seed: UInt64?
    @Option(help: "Connections that send requests.")
    var clients: Int?
    @Option(help: "Threads of the driver.")
    var threads = 1
    @Option(
        help: ArgumentHelp(
            "Write the report as JSON (docs/load/report.schema.json); - is the output.",
            valueName: "file"))
    var json: String?
    @Option(help: ArgumentHelp("Write the report as one HTML file.", valueName: "file"))
    var html: String?
    @Option(
        help: ArgumentHelp(
            "Limits that set the exit code to 6 where they are missed: "
                + "'p99<10ms,usd_month<100,throttles=0'.",
            valueName: "terms"))
    var budget: String?
    @OptionGroup var pricing: PriceOptions
    @Flag(help: "Leave the tables there afterwards.")
    var keepTables = false
    @Flag(help: "Use tables that are there as they are, and leave them there.")
    var reuse = false
    @Flag(name: .customLong("init"), help: "Write an example design to a file, or to the output.")
    var writesExample = false
    @Flag(help: "Print the JSON Schema of design files.")
    var schema = false
    @Flag(help: "List the designs that come with basalt.")
    var list = false

    func validate() throws {
        if !(1...256).contains(threads) { throw ValidationError("--threads: from 1 to 256") }
        if let clients, !(1...10_000).contains(clients) {
            throw ValidationError("--clients: from 1 to 10000")
        }
        if writesExample || schema || list { return }
        if designs.isEmpty {
            throw ValidationError(
                "tell which design: a file (begin with 'basalt load --init FILE') or one of "
                    + ShippedDesigns.names.joined(separator: ", "))
        }
    }

    func run() async throws {
        if schema { return print(ShippedDesigns.schema) }
        if list { return try printList() }
        if writesExample { return try writeExample() }
        let overrides = try overrides()
        let files = try readDesigns(overrides)
        let budget = try readBudget(files)
        let prices = try pricing.list()
        let own =
            server.givenEndpoint == nil ? try LocalServer.start(["--throttling", "observe"]) : nil
        defer { own?.stop() }
        let target = try await target(own)
        let stop = LoadStop()
        let signals = Task {
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) {
                // The second time: an endpoint that doesn't answer may keep the first one waiting.
                if stop.isStopped { leave() }
                stop.stop()
            }
        }
        defer { signals.cancel() }
        var runs: [RunMeasurement] = []
        for file in files {
            if stop.isStopped { break }
            runs.append(try await run(file, target, prices, stop))
        }
        let report = LoadReport(runs, budget: budget)
        try write(report)
        let missed = (report.budget ?? []).filter { !$0.isMet }
        if !missed.isEmpty {
            let terms = missed.map { "\($0.term) in \($0.design) (\($0.text))" }
            throw CommandFailure("budget missed: " + terms.joined(separator: ", "), .budgetMissed)
        }
    }

    /// Ends the process at once, without a report.
    private func leave() -> Never {
        TerminalScreen.write(
            "basalt: stopped at once, without a report; tables that were made may be left\n",
            to: STDERR_FILENO)
        _exit(130)
    }

    // MARK: The report

    private func readBudget(_ files: [DesignFile]) throws -> Budget? {
        guard let text = budget else { return nil }
        do throws(BudgetFault) {
            let budget = try Budget(text)
            for file in files { try budget.check(file.design) }
            return budget
        } catch {
            throw ConfigurationError("--budget: \(error)")
        }
    }

    private func write(_ report: LoadReport) throws {
        if let html { try write(Array(LoadPage(report).html.utf8), to: html) }
        if let json, json != "-" { try write(report.json, to: json) }
        if json == "-" {
            TerminalScreen.write(report.json, to: STDOUT_FILENO)
            return
        }
        let text = TerminalReport(
            report, palette: Palette(for: STDOUT_FILENO),
            width: TerminalScreen.columns(of: STDOUT_FILENO))
        print(text.text)
    }

    private func write(_ bytes: [UInt8], to path: String) throws {
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ConfigurationError("\(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        guard TerminalScreen.write(bytes, to: descriptor) else {
            throw ConfigurationError("\(path): \(String(cString: strerror(errno)))")
        }
    }

    // MARK: Designs

    private func overrides() throws -> DesignOverrides {
        var overrides = DesignOverrides(seed: seed, clientCount: clients)
        if let rate {
            guard let value = DesignOverrides.Rate(rate) else {
                throw ConfigurationError("--rate: expected 500, 2x or max, not '\(rate)'")
            }
            overrides.rate = value
        }
        if let duration {
            guard let seconds = TimeText.seconds(ofSpan: duration), (0.1...86_400).contains(seconds)
            else { throw ConfigurationError("--duration: expected 30s or 5m, not '\(duration)'") }
            overrides.duration = seconds
        }
        return overrides
    }

    /// As many faults of one file are told.
    private static let faultCountMax = 50

    /// Reads all designs before any of them runs; faults are told a line each.
    private func readDesigns(_ overrides: DesignOverrides) throws -> [DesignFile] {
        var files: [DesignFile] = []
        var lines: [String] = []
        for name in designs {
            let text = try ShippedDesigns.text(name) ?? read(name)
            do throws(DesignFaults) {
                files.append(try DesignFile(reading: text, name: name, overrides: overrides))
            } catch {
                lines += error.lines.prefix(Self.faultCountMax)
                let rest = error.faults.count - Self.faultCountMax
                if rest > 0 { lines.append("\(name): and \(rest) more faults") }
            }
        }
        guard let last = lines.popLast() else { return files }
        for line in lines { TerminalScreen.write("basalt: \(line)\n", to: STDERR_FILENO) }
        throw ConfigurationError(last)
    }

    private func read(_ path: String) throws(ConfigurationError) -> String {
        do throws(ConfigurationError) {
            return try TextFile.read(path)
        } catch {
            guard !path.contains("/"), !path.contains(".") else { throw error }
            throw ConfigurationError(
                "there is no file '\(path)', and no shipped design of that name: those are "
                    + ShippedDesigns.names.joined(separator: ", "))
        }
    }

    private func printList() throws {
        for name in ShippedDesigns.names {
            guard let text = ShippedDesigns.text(name) else { continue }
            let file = try DesignFile(reading: text, name: name)
            print("\(name)\n    \(file.design.summary)")
        }
    }

    private func writeExample() throws {
        guard let path = designs.first else { return print(ShippedDesigns.example) }
        guard designs.count == 1 else { throw ConfigurationError("--init: name one file") }
        let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw ConfigurationError(
                errno == EEXIST
                    ? "\(path) is there already"
                    : "\(path): \(String(cString: strerror(errno)))")
        }
        defer { close(descriptor) }
        guard TerminalScreen.write(ShippedDesigns.example, to: descriptor) else {
            throw ConfigurationError("\(path): \(String(cString: strerror(errno)))")
        }
    }

    private func print(_ text: String) {
        TerminalScreen.write(text.hasSuffix("\n") ? text : text + "\n", to: STDOUT_FILENO)
    }

    // MARK: Running

    private func target(_ own: LocalServer?) async throws -> LoadTarget {
        let endpoint = own?.endpoint ?? server.endpoint
        var credentials: ServiceCredentials?
        if own == nil {
            let found = try await server.credentials()
            credentials = found == .any ? nil : found
        }
        guard
            let target = LoadTarget(
                endpoint: endpoint, region: server.region, credentials: credentials)
        else { throw ConfigurationError("'\(endpoint)' is no endpoint like http://127.0.0.1:8000") }
        return target
    }

    private func run(
        _ file: DesignFile, _ target: LoadTarget, _ prices: PriceList, _ stop: LoadStop
    ) async throws -> RunMeasurement {
        var test = LoadTest(file: file, target: target)
        test.laneCount = threads
        test.reusesTables = reuse
        test.keepsTables = keepTables
        let line = ProgressLine(
            "filling \(file.design.name)", noun: "items", total: file.workload.loadCount)
        var recorders: [RequestRecorder] = []
        let facts: RunFacts
        do throws(LoadFault) {
            facts = try await test.run(stop: stop) { _ in
                let recorder = RequestRecorder(design: file.design)
                recorders.append(recorder)
                return recorder
            } progress: { progress in
                switch progress {
                case .filled(let count): line.advance(by: count)
                case .running: line.clear()
                case .making, .dropping: break
                }
            }
        } catch {
            line.clear()
            throw ConfigurationError(error.description)
        }
        line.clear()
        return RunMeasurement(
            design: file.design, facts: facts,
            recording: RequestRecorder.merged(recorders, of: file.design), prices: prices)
    }
}
