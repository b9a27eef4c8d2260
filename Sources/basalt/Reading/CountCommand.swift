import ArgumentParser
import Operations
import Terminal
import Wire

/// `basalt count TABLE WORDS…`.
struct CountCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "count", abstract: "Count items.",
        discussion: """
            Counting reads: a query where the words give a whole hash key, else a scan in parallel \
            segments. --estimate asks for the service's own last count, which costs nothing.
            """)

    @Argument(help: "The table's name.", completion: TableCompletion.names)
    var table: String
    @Argument(help: "Conditions.")
    var words: [String] = []
    @Option(
        name: .customLong("where"), parsing: .unconditional,
        help: ArgumentHelp("Only items for which this holds.", valueName: "condition"))
    var filterText: String?
    @Option(help: ArgumentHelp("Count in this index.", valueName: "name"))
    var index: String?
    @Option(
        help: ArgumentHelp("Parts of the table, up to 64 of them read at once.", valueName: "count")
    )
    var segments = 4
    @Flag(help: "Read what was written last, for twice the units.")
    var consistent = false
    @Flag(help: "The service's own last count, up to six hours old; nothing is read.")
    var estimate = false
    @Flag(help: "Tell what is read and what it costs.")
    var explain = false
    @OptionGroup var pricing: PriceOptions
    @OptionGroup var endpoint: EndpointOptions

    func validate() throws {
        guard (1...Limits.scanSegmentsMax).contains(segments) else {
            throw ValidationError("--segments is from 1 to \(Limits.scanSegmentsMax)")
        }
        guard !estimate || (words.isEmpty && filterText == nil) else {
            throw ValidationError("--estimate counts all items: leave out conditions")
        }
    }

    func run() async throws {
        let session = try await TableSession(endpoint)
        let schema = try await session.schema(of: table)
        if estimate {
            let count =
                try index.map { try schema.index(named: $0).itemCount } ?? schema.itemCount
            Say.result("\(count)\n")
            return
        }
        var order = ReadOrder()
        order.words = words
        order.filterText = filterText
        order.indexName = index
        order.isConsistent = consistent
        order.countsOnly = true
        let request = try request(order, schema)
        let explanation = Explanation(request, prices: try pricing.list())
        if explain { Say.lines(explanation.before(), to: 2) }
        let tally = try await tally(request, session)
        if explain { Say.lines(explanation.after(tally), to: 2) }
        Say.result("\(tally.returned)\n")
    }

    /// A query where the words give a key, else a scan.
    private func request(_ order: ReadOrder, _ schema: TableSchema) throws -> ReadRequest {
        if !words.isEmpty, let query = try? ReadRequest.query(order, schema: schema) {
            return query
        }
        return try ReadRequest.scan(order, schema: schema)
    }

    private func tally(
        _ request: ReadRequest, _ session: TableSession
    ) async throws -> ReadTally {
        var tally = ReadTally()
        let progress = ProgressLine(
            "counting", noun: "items",
            total: request.operation == "Scan" && request.itemCount > 0
                ? request.itemCount : nil)
        defer { progress.clear() }
        var evaluated = 0
        func tell(_ tally: ReadTally) -> Bool {
            progress.advance(
                by: tally.evaluated - evaluated, detail: "\(Quantity.units(tally.units)) units")
            evaluated = tally.evaluated
            return true
        }
        if request.operation == "Scan", segments > 1 {
            try await SegmentReader(request, segments: segments, call: session.caller)
                .read(&tally) { _, tally in tell(tally) }
        } else {
            _ = try await PageReader(request, call: session.caller)
                .read(&tally) { _, tally in tell(tally) }
        }
        return tally
    }
}
