import ArgumentParser
import Operations
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
        help: ArgumentHelp("Read the table in so many parts, up to 64 at once.", valueName: "count")
    )
    var segments: Int?
    @OptionGroup var read: ReadOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var endpoint: EndpointOptions

    func validate() throws {
        guard let segments else { return }
        guard (1...Limits.scanSegmentsMax).contains(segments) else {
            throw ValidationError("--segments is from 1 to \(Limits.scanSegmentsMax)")
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

    /// In segments, some of them at once.
    private func scan(
        _ request: ReadRequest, segments: Int, _ session: TableSession
    ) async throws {
        let prices = try read.budget.pricing.list()
        let explanation = Explanation(request, prices: prices)
        if read.explain { Say.lines(explanation.before(limit: read.limit), to: 2) }
        var reader = SegmentReader(request, segments: segments, call: session.caller)
        reader.pageSize = read.pageSize
        reader.budget = read.budget.value(prices)
        var printer = output.printer(request)
        var tally = ReadTally()
        let stopped: String?
        let progress = ProgressLine(
            "scanning", noun: "items",
            total: request.itemCount > 0 ? request.itemCount : nil)
        defer { progress.clear() }
        var evaluated = 0
        do {
            stopped = try await reader.read(&tally) { items, tally in
                progress.clear()
                var items = items
                if let limit = read.limit { items = Array(items.prefix(limit - tally.printed)) }
                tally.printed += items.count
                guard printer.add(items) else { return false }
                progress.advance(
                    by: tally.evaluated - evaluated,
                    detail: "\(Quantity.units(tally.units)) units")
                evaluated = tally.evaluated
                return tally.printed < read.limit ?? Int.max
            }
        } catch {
            progress.clear()
            printer.finish()
            throw error
        }
        progress.clear()
        printer.finish()
        if read.explain { Say.lines(explanation.after(tally), to: 2) }
        if let limit = read.limit, tally.printed == limit {
            Say.note(
                "\(Quantity.count(limit, of: "item")); more may follow, but segments can't go on: "
                    + "leave out --segments for that")
        }
        if let stopped {
            throw CommandFailure(
                stopped + "; segments can't go on: leave out --segments for that", .budgetReached)
        }
    }
}
