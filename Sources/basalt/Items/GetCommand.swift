import ArgumentParser
import Terminal
import Wire

/// `basalt get TABLE KEY…`.
struct GetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Print one item by its key.",
        discussion: """
            The key is words like customer=42 date=2026-01-03, or JSON. Ends with 3 where there is \
            no such item.
            """)

    @Argument(help: "The table's name.", completion: TableCompletion.names)
    var table: String
    @Argument(help: "The key: NAME=VALUE of each key attribute.")
    var key: [String]
    @Option(help: ArgumentHelp("Only these attributes, like id,total.", valueName: "paths"))
    var select: String?
    @Flag(help: "Read what was written last, for twice the units.")
    var consistent = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var endpoint: EndpointOptions

    func run() async throws {
        let session = try await TableSession(endpoint)
        let schema = try await session.schema(of: table)
        var writer = ExpressionWriter(schema: schema)
        let paths = try select.map { try ReadRequest.paths($0) }
        let projection = paths.map { paths in
            paths.map { writer.text($0) }.joined(separator: ", ")
        }
        let answer = try await session.call(
            "GetItem",
            .object(
                present: [
                    ("TableName", .string(table)), ("Key", try KeyWords.key(key, schema)),
                    ("ConsistentRead", consistent ? .bool(true) : nil),
                    ("ProjectionExpression", projection.map { .string($0) }),
                ] + writer.members))
        guard let item = answer["Item"]?.members else {
            throw CommandFailure("\(table) has no such item", .nothingFound)
        }
        let columns = paths?.compactMap(\.root)
        ItemOutput.print(item, schema, output, columns: columns)
    }
}

/// Printing one item.
enum ItemOutput {
    static func print(
        _ item: [(String, JSONValue)], _ schema: TableSchema, _ output: OutputOptions,
        columns: [String]? = nil
    ) {
        let keyNames = schema.key.all.map(\.name)
        guard output.effectiveFormat != .table else {
            Say.result(
                ItemPrinter.card(
                    item, keyNames: columns ?? keyNames, palette: Palette(for: 1)))
            return
        }
        var printer = output.printer(columns: columns, keyNames: keyNames)
        _ = printer.add([item])
        printer.finish()
    }
}
