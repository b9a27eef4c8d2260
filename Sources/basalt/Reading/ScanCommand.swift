import ArgumentParser
import Terminal

/// `basalt scan TABLE WORDS…`.
struct ScanCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "scan", abstract: "Read a whole table, and print the items that fit.",
        discussion: "Words are conditions as in query; a scan pays for all it reads.")

    @Argument(help: "The table's name.", completion: TableCompletion.names)
    var table: String
    @Argument(help: "Conditions.")
    var words: [String] = []
    @Option(
        help: ArgumentHelp("Read so many parts of the table at once.", valueName: "count"))
    var segments: Int?
    @OptionGroup var read: ReadOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var endpoint: EndpointOptions

    func validate() throws {
        guard let segments else { return }
        guard (1...1_000_000).contains(segments) else {
            throw ValidationError("--segments is from 1 to 1000000")
        }
        guard read.start == nil else {
            throw ValidationError("--start goes on with one walk: leave out --segments")
        }
    }

    func run() async throws {
        let session = try await TableSession(endpoint)
        let schema = try await session.schema(of: table)
        let request = try ReadRequest.scan(try read.order(words), schema: schema)
        guard let segments, segments > 1, !read.explainOnly else {
            try await ReadRun(
                request: request, options: read, output: output, session: session, verb: "scan"
            ).run()
            return
        }
        try await scan(request, segments: segments, session)
    }

    /// In segments; at most 64 of them at once.
    private func scan(
        _ request: ReadRequest, segments: Int, _ session: TableSession
    ) async throws {
        let prices = try read.pricing.list()
        let budget = read.budget(prices)
        let explanation = Explanation(request, prices: prices)
        if read.explain { Say.lines(explanation.before(limit: read.limit), to: 2) }
        var reader = SegmentReader(request, segments: segments, call: session.caller)
        reader.pageSize = read.pageSize
        var printer = output.printer(request)
        var tally = ReadTally()
        var stopped: String?
        let progress = ProgressLine(
            "scanning", noun: "items",
            total: request.itemCount > 0 ? request.itemCount : nil)
        defer { progress.clear() }
        var evaluated = 0
        do {
            try await reader.read(&tally) { items, tally in
                progress.clear()
                var items = items
                if let limit = read.limit { items = Array(items.prefix(limit - tally.printed)) }
                tally.printed += items.count
                guard printer.add(items) else { return false }
                progress.advance(
                    by: tally.evaluated - evaluated,
                    detail: "\(Quantity.units(tally.units)) units")
                evaluated = tally.evaluated
                stopped = budget.reached(tally, schema: schemaOf(request))
                return stopped == nil && tally.printed < read.limit ?? Int.max
            }
        } catch {
            progress.clear()
            printer.finish()
            throw error
        }
        progress.clear()
        printer.finish()
        if read.explain { Say.lines(explanation.after(tally), to: 2) }
        if let stopped {
            throw CommandFailure(
                stopped + "; segments can't go on: leave out --segments for that", .budgetReached)
        }
    }

    private func schemaOf(_ request: ReadRequest) -> TableSchema { request.schema }
}
