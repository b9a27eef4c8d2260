import ArgumentParser
import Glibc
import Operations
import Terminal
import Wire

/// `basalt usage`: what was consumed, and what it costs.
struct UsageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "Tell what tables consumed, what it cost, and what it would cost otherwise.",
        discussion: """
            The server books every request. Dollars so far are those of the span; dollars per \
            month go on at the rate of the span, with capacity and storage as they are now.
            """)

    enum Dimension: String, ExpressibleByArgument, CaseIterable {
        case table, index, operation, partition, key, caller, charge
    }

    enum Format: String, ExpressibleByArgument, CaseIterable {
        case table, json, csv
    }

    @Argument(help: "Only this table.")
    var table: String?
    @Option(help: "How far back: 90m, 1h30m, 7d, or a time like 2026-11-21T10:00.")
    var since = "1h"
    @Option(help: "Until when, likewise. (default: now)")
    var until: String?
    @Option(help: "What rows tell apart.")
    var by = Dimension.table
    @Option(
        help: ArgumentHelp(
            """
            Price the same traffic otherwise: provisioned, on-demand, standard, standard-ia, \
            pitr, backup, projection=KEYS_ONLY:INDEX, projection=ALL:INDEX; joined by commas.
            """, valueName: "settings"))
    var whatIf: String?
    @Option(help: "JSON file of prices. (default: the server's)")
    var prices: String?
    @Option(help: "How to print it.")
    var format = Format.table
    @OptionGroup var server: EndpointOptions

    func run() async throws {
        var query = [("since", since), ("by", by.rawValue)]
        if let until { query.append(("until", until)) }
        if let table { query.append(("table", table)) }
        if let whatIf { query.append(("what-if", whatIf)) }
        let text = query.map { "\($0.0)=\(PercentText.encoded($0.1))" }.joined(separator: "&")
        var call = AdministrationCall(
            endpoint: server.endpoint, path: "/_basalt/usage?\(text)")
        if let prices {
            call.body = String(decoding: try PriceFile.read(prices).bytes, as: UTF8.self)
        }
        call.credentials = try await server.credentials()
        let answer = try await call.send()
        guard let usage = try? JSONValue(parsing: Array(answer.utf8)) else {
            throw ConfigurationError("the server's answer cannot be read")
        }
        let output =
            switch format {
            case .json: answer + "\n"
            case .csv: UsageTable(usage).csv
            case .table:
                UsageTable(usage).text(
                    width: TerminalScreen.columns(of: STDOUT_FILENO),
                    palette: Palette(for: STDOUT_FILENO))
            }
        TerminalScreen.write(output, to: STDOUT_FILENO)
    }
}
