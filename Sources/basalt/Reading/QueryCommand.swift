import ArgumentParser
import Terminal

/// `basalt query TABLE WORDS…`.
struct QueryCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "query", abstract: "Print the items of one hash key, in order.",
        discussion: """
            Words are conditions: customer=42 'date>=2026-01' 'begins_with(date, \"2026\")' \
            'total between 1 and 5'. Those on the key of the table (or of an index that they fit) \
            say what is read; the others filter it.
            """)

    @Argument(help: "The table's name.", completion: TableCompletion.names)
    var table: String
    @Argument(help: "Conditions.")
    var words: [String] = []
    @Flag(help: "In descending order.")
    var desc = false
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A whole KeyConditionExpression.", valueName: "expression"))
    var keyCondition: String?
    @OptionGroup var read: ReadOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var endpoint: EndpointOptions

    func run() async throws {
        let session = try await TableSession(endpoint)
        let schema = try await session.schema(of: table)
        var order = try read.order(words)
        order.isDescending = desc
        order.keyCondition = keyCondition
        let request = try ReadRequest.query(order, schema: schema)
        if let index = request.index, read.index == nil, !read.explain, !read.explainOnly {
            Say.note("reading index \(index.name), whose key the words give")
        }
        try await ReadRun(
            request: request, options: read, output: output, session: session, verb: "query"
        ).run()
    }
}
