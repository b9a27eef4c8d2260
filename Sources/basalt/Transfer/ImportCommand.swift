import ArgumentParser
import Operations
import Synchronization
import Terminal
import Transfer

/// `basalt import`: items of files into a table.
struct ImportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "import",
        abstract: "Write the items of a file, a directory or the standard input to a table.",
        discussion: """
            Reads plain JSON lines, DynamoDB JSON lines, CSV and the service's exports to S3, \
            plain or compressed by gzip or zstd; which, it sees by name and content. Items take \
            the place of those with the same key. An import that was broken off goes on with \
            --resume.
            """)

    /// Bad records that are told one by one; the rest is only counted.
    private static let toldMax = 20

    @Argument(help: "The table.")
    var table: String
    @Argument(help: "A file, a directory, or - for the standard input.")
    var source: String = "-"
    @Option(help: "jsonl, dynamodb-json, csv or s3-export. (default: by name and content)")
    var format: TransferFormat?
    @Option(
        help: ArgumentHelp(
            "Types of CSV's columns, S where nothing is told: price:N,tags:SS.",
            valueName: "types"))
    var types: String?
    @Option(help: "Requests under way at the same time.")
    var writers = 8
    @Option(help: ArgumentHelp("Write units a second, at most.", valueName: "units"))
    var maxWcu: Double?
    @Flag(help: "Go on with an import that was broken off.")
    var resume = false
    @Flag(help: "Begin again where an unfinished import is.")
    var force = false
    @Flag(help: "Leave out records that are no items, and count them.")
    var skipBad = false
    @Flag(help: "Make the table first, from the definition beside the items.")
    var create = false
    @Option(
        help: ArgumentHelp("CreateTable's parameters in JSON, for --create.", valueName: "file"))
    var definition: String?
    @OptionGroup var pricing: PriceOptions
    @OptionGroup var options: EndpointOptions

    func validate() throws {
        guard (1...256).contains(writers) else {
            throw ValidationError("--writers: expected a number from 1 to 256")
        }
        if let maxWcu, !(maxWcu > 0) {
            throw ValidationError("--max-wcu: expected a number above 0")
        }
    }

    func run() async throws {
        var plan = ImportPlan(table: table, source: source)
        plan.format = format
        do throws(TransferError) {
            plan.columnTypes = try types.map(ColumnType.parse) ?? [:]
        } catch {
            throw ConfigurationError(error.message)
        }
        plan.writers = writers
        plan.writeUnitsPerSecond = maxWcu
        plan.resumes = resume
        plan.beginsAgain = force
        plan.skipsBad = skipBad
        plan.createsTable = create || definition != nil
        plan.definitionPath = definition
        let report = TransferReport(
            options: options, label: "importing to \(table)", prices: try pricing.list())
        let client = try await options.client(retries: TransferReport.retries)
        let fixed = plan
        let told = ToldFaults(max: Self.toldMax)
        let summary = try await report.run(
            resume: TransferReport.resumption(fixed.checkpointPath)
        ) { [progress = report.progress] in
            try await Import(fixed, client: client, progress: progress, onBad: told.tell).run()
        }
        report.finish("imported", summary, place: " to \(table)", units: .write)
    }
}

/// Tells the first few bad records.
private final class ToldFaults: Sendable {
    private let count = Mutex(0)
    private let max: Int

    init(max: Int) { self.max = max }

    @Sendable func tell(_ fault: String) {
        let number = count.withLock { count in
            count += 1
            return count
        }
        if number <= max { TerminalScreen.write("basalt: left out \(fault)\n", to: 2) }
        if number == max + 1 {
            TerminalScreen.write("basalt: further bad records are only counted\n", to: 2)
        }
    }
}
