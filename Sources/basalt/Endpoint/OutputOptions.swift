import ArgumentParser
import Terminal

extension OutputFormat: ExpressibleByArgument {}

/// How items are printed.
struct OutputOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            """
            table, json, dynamodb, jsonl or csv. (default: table for a terminal, jsonl else)
            """, valueName: "format"))
    var format: OutputFormat?

    /// What counts: as asked for, else by who reads.
    var effectiveFormat: OutputFormat {
        format ?? (TerminalScreen.isTerminal(1) ? .table : .jsonl)
    }

    /// A printer of a read's items to the standard output.
    func printer(_ request: ReadRequest) -> ItemPrinter {
        printer(
            columns: request.columns,
            keyNames: (request.index?.key.all ?? []).map(\.name)
                + request.schema.key.all.map(\.name).filter { name in
                    request.index?.key.contains(name) != true
                },
            hidden: request.hiddenAttributes)
    }

    func printer(
        columns: [String]? = nil, keyNames: [String] = [], hidden: Set<String> = []
    ) -> ItemPrinter {
        ItemPrinter(
            .init(
                format: effectiveFormat, columns: columns, keyNames: keyNames, hidden: hidden,
                width: TerminalScreen.columns(of: 1), palette: Palette(for: 1))
        ) { Say.result($0) }
    }
}
