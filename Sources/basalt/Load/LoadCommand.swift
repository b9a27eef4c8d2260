import ArgumentParser
import Client
import Glibc
import LoadTester
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
        let own =
            server.givenEndpoint == nil ? try LocalServer.start(["--throttling", "observe"]) : nil
        defer { own?.stop() }
        let target = try await target(own)
        let stop = LoadStop()
        let signals = Task {
            for await _ in await UnixSignalsSequence(trapping: .sigint, .sigterm) { stop.stop() }
        }
        defer { signals.cancel() }
        for file in files {
            if stop.isStopped { break }
            try await run(file, target, stop)
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

    /// Reads all designs before any of them runs; faults are told a line each.
    private func readDesigns(_ overrides: DesignOverrides) throws -> [DesignFile] {
        var files: [DesignFile] = []
        var lines: [String] = []
        for name in designs {
            let text = try ShippedDesigns.text(name) ?? read(name)
            do throws(DesignFaults) {
                files.append(try DesignFile(reading: text, name: name, overrides: overrides))
            } catch {
                lines += error.lines
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

    private func run(_ file: DesignFile, _ target: LoadTarget, _ stop: LoadStop) async throws {
        var test = LoadTest(file: file, target: target)
        test.laneCount = threads
        test.reusesTables = reuse
        test.keepsTables = keepTables
        let line = ProgressLine(
            "filling \(file.design.name)", noun: "items", total: file.workload.loadCount)
        var recorders: [CountingRecorder] = []
        let facts: RunFacts
        do throws(LoadFault) {
            facts = try await test.run(stop: stop) { _ in
                let recorder = CountingRecorder(design: file.design)
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
        tell(file.design, facts, CountingRecorder.sum(recorders))
    }

    private func tell(_ design: Design, _ facts: RunFacts, _ tallies: [CountingRecorder.Tally]) {
        print("\(design.name): \(facts.sentCount) requests, \(facts.unsentCount) not sent")
        for (pattern, tally) in zip(design.patterns, tallies) {
            let mean = tally.latencySum / UInt64(max(tally.requestCount, 1))
            print(
                "  \(pattern.name): \(tally.requestCount) requests, mean \(mean / 1_000) us, "
                    + "\(tally.readUnits) RU, \(tally.writeUnits) WU"
                    + tally.failures.sorted { $0.key < $1.key }
                    .map { ", \($0.value) \($0.key)" }.joined())
        }
        print(
            "  driver: lag p50 \(facts.lagP50 / 1_000) us, p99 \(facts.lagP99 / 1_000) us, "
                + "max \(facts.lagMax / 1_000) us, \(facts.driverCPUSeconds) CPU seconds")
    }
}
