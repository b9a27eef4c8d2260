import ArgumentParser
import Terminal
import Wire

/// `basalt tables`: which tables there are.
struct TablesCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tables", abstract: "List tables.",
        discussion: "Item counts and sizes are as the service last counted them.")

    @Flag(name: .shortAndLong, help: "With status, items, size and billing.")
    var long = false
    @Option(
        help: ArgumentHelp(
            "With --long: table, json, jsonl or csv. (default: table)", valueName: "format"))
    var format: OutputFormat?
    @OptionGroup var endpoint: EndpointOptions

    func run() async throws {
        let session = try await TableSession(endpoint)
        let names = try await session.tableNames()
        guard long || format != nil else {
            Say.result(names.map { $0 + "\n" }.joined())
            return
        }
        var rows: [[(String, JSONValue)]] = []
        for name in names {
            let table = try await session.description(of: name)
            rows.append(Self.row(name, table))
        }
        if let format, format != .table {
            var printer = ItemPrinter(
                .init(format: format, columns: Self.columns)
            ) { Say.result($0) }
            _ = printer.add(rows)
            printer.finish()
            return
        }
        var table = TextTable([
            .init("table"), .init("status"), .init("items", .right), .init("size", .right),
            .init("indexes", .right), .init("billing"),
        ])
        for row in rows {
            let cells = row.map { PlainJSON.plain($0.1) }
            table.add([
                cells[0].string ?? "", cells[1].string ?? "",
                Quantity.count(cells[2].integer ?? 0), Quantity.bytes(cells[3].integer ?? 0),
                Quantity.count(cells[4].integer ?? 0), cells[5].string ?? "",
            ])
        }
        Say.result(
            table.text(width: TerminalScreen.columns(of: 1), palette: Palette(for: 1)))
    }

    private static let columns = ["table", "status", "items", "bytes", "indexes", "billing"]

    private static func row(_ name: String, _ table: JSONValue) -> [(String, JSONValue)] {
        func number(_ value: Int?) -> JSONValue { .object([("N", .string("\(value ?? 0)"))]) }
        func text(_ value: String) -> JSONValue { .object([("S", .string(value))]) }
        let indexes =
            (table["GlobalSecondaryIndexes"]?.elements?.count ?? 0)
            + (table["LocalSecondaryIndexes"]?.elements?.count ?? 0)
        return [
            ("table", text(name)), ("status", text(table["TableStatus"]?.string ?? "")),
            ("items", number(table["ItemCount"]?.integer)),
            ("bytes", number(table["TableSizeBytes"]?.integer)), ("indexes", number(indexes)),
            ("billing", text(TableSummary.billing(table))),
        ]
    }
}
