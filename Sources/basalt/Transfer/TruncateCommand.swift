import ArgumentParser
import Glibc
import Operations
import Terminal
import Transfer

/// `basalt truncate`: all items of a table go away.
struct TruncateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "truncate",
        abstract: "Delete all items of a table.",
        discussion: """
            Deletes item by item, which the table's stream tells and which costs a write each. \
            --recreate deletes the table and makes it anew instead, with the same definition and \
            settings: fast and free, but the table then has another id, another stream, and no \
            history.
            """)

    @Argument(help: "The table.")
    var table: String
    @Flag(help: "Don't ask.")
    var yes = false
    @Option(help: ArgumentHelp("Write units a second, at most.", valueName: "units"))
    var maxWcu: Double?
    @Option(help: "Parts of the table that are emptied at the same time.")
    var segments = 8
    @Flag(help: "Delete the table and make it anew.")
    var recreate = false
    @OptionGroup var pricing: PriceOptions
    @OptionGroup var options: EndpointOptions

    func validate() throws {
        guard (1...256).contains(segments) else {
            throw ValidationError("--segments: expected a number from 1 to 256")
        }
        if let maxWcu, !(maxWcu > 0) {
            throw ValidationError("--max-wcu: expected a number above 0")
        }
    }

    func run() async throws {
        let report = TransferReport(
            options: options, label: "emptying \(table)", prices: try pricing.list())
        let client = try await options.client(retries: TransferReport.retries)
        let described: TransferTable
        do {
            described = try await TransferTable.describe(table, client)
        } catch {
            throw report.refusal(error, resume: nil)
        }
        let truncation = Truncation(
            described, client: client, segments: segments, writeUnitsPerSecond: maxWcu,
            progress: report.progress)
        if recreate {
            do throws(TransferError) {
                try truncation.checkRecreation()
            } catch {
                throw report.refusal(error, resume: nil)
            }
            report.tell("basalt: \(truncation.lossesOfRecreation)")
        }
        try confirm(described)
        if recreate {
            try await report.run(resume: nil) { try await truncation.recreate() }
            report.tell("made \(table) anew, empty; its id and its stream are others now")
            return
        }
        let summary = try await report.run(resume: "run it again to go on") {
            try await truncation.deleteItems()
        }
        report.finish("deleted", summary, place: " from \(table)", units: .write)
    }

    /// Asks at a terminal; elsewhere --yes must be given.
    private func confirm(_ described: TransferTable) throws {
        if yes { return }
        guard TerminalScreen.isTerminal(STDIN_FILENO) else {
            throw ConfigurationError("truncate deletes all items of \(table): say --yes")
        }
        let count = described.itemCount.map { "about \(Quantity.count($0))" } ?? "all"
        TerminalScreen.write(
            "Delete \(count) items of \(table)? Type the table's name: ", to: STDERR_FILENO)
        guard readLine() == table else { throw ConfigurationError("nothing was deleted") }
    }
}
