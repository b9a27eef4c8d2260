import ArgumentParser
import Operations
import Terminal
import Wire

/// `basalt describe TABLE`.
struct DescribeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "describe", abstract: "Tell what a table is: keys, indexes, size, settings.")

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case text
        case json
    }

    @Argument(help: "The table's name.", completion: TableCompletion.names)
    var table: String
    @Option(help: ArgumentHelp("text, or json: DescribeTable's own answer.", valueName: "format"))
    var format: Format = .text
    @OptionGroup var endpoint: EndpointOptions

    func run() async throws {
        let session = try await TableSession(endpoint)
        let description = try await session.description(of: table)
        guard format == .text else {
            Say.result(JSONText.pretty(description) + "\n")
            return
        }
        // An endpoint that has no such operation has a table all the same.
        let expiry = try? await session.refusable(
            "DescribeTimeToLive", .object([("TableName", .string(table))]))
        Say.result(
            TableSummary.text(
                description, timeToLive: expiry?["TimeToLiveDescription"],
                palette: Palette(for: 1)))
    }
}
