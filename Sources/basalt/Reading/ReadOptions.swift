import ArgumentParser
import Metering
import Terminal
import Wire

/// What query and scan have in common: filters, columns, pages, budget, explanation.
struct ReadOptions: ParsableArguments {
    @OptionGroup var selection: SelectionOptions
    @Option(help: ArgumentHelp("Read this index.", valueName: "name"))
    var index: String?
    @Option(help: ArgumentHelp("Stop after so many items.", valueName: "count"))
    var limit: Int?
    @Option(help: ArgumentHelp("Items to look at in one request.", valueName: "count"))
    var pageSize: Int?
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Go on after this key, as the last call told it.", valueName: "key"))
    var start: String?
    @Flag(help: "Read what was written last, for twice the units.")
    var consistent = false
    @Flag(help: "Tell before which key serves it and what it may cost, and after what it did.")
    var explain = false
    @Flag(help: "Tell only what is known before; read nothing.")
    var explainOnly = false
    @OptionGroup var budget: BudgetOptions
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A whole ProjectionExpression.", valueName: "expression"))
    var projection: String?

    func validate() throws {
        for (name, value) in [("--limit", limit), ("--page-size", pageSize)] {
            if let value, value < 1 { throw ValidationError("\(name) is at least 1") }
        }
        guard selection.select == nil || projection == nil else {
            throw ValidationError("--select and --projection say the same: give one of them")
        }
    }

    /// What is asked for by these options and some words.
    func order(_ words: [String]) throws -> ReadOrder {
        var order = try selection.order()
        order.words = words
        order.selection = selection.select
        order.indexName = index
        order.isConsistent = consistent
        order.projection = projection
        return order
    }
}

/// Where reading stops by itself.
struct BudgetOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Stop when so many read units are used up.", valueName: "units"))
    var maxRcu: Double?
    @Option(help: ArgumentHelp("Stop when so many dollars are used up.", valueName: "dollars"))
    var maxCost: Double?
    @OptionGroup var pricing: PriceOptions

    func validate() throws {
        for (name, value) in [("--max-rcu", maxRcu), ("--max-cost", maxCost)] {
            if let value, !(value > 0) { throw ValidationError("\(name) is more than 0") }
        }
    }

    /// - Parameter prices: those of `pricing`.
    func value(_ prices: PriceList) -> ReadBudget {
        ReadBudget(unitsMax: maxRcu, costMax: maxCost, prices: prices)
    }
}

/// Runs a Query or Scan and prints its items.
struct ReadRun {
    let request: ReadRequest
    let options: ReadOptions
    let output: OutputOptions
    let session: TableSession
    /// The command's name, for telling how to go on.
    let verb: String

    /// Explains where that is asked for, and reads.
    func run() async throws {
        let prices = try options.budget.pricing.list()
        let explanation = Explanation(request, prices: prices)
        guard !options.explainOnly else {
            Say.lines(explanation.before(limit: options.limit), to: 1)
            return
        }
        if options.explain { Say.lines(explanation.before(limit: options.limit), to: 2) }
        var tally = ReadTally()
        let ending = try await read(&tally, prices)
        if options.explain { Say.lines(explanation.after(tally), to: 2) }
        switch ending {
        case .complete:
            guard tally.returned == 0, tally.evaluated > 0,
                let name = request.filterConditions.lazy.compactMap(\.bareName).first
            else { break }
            Say.note(
                "nothing fits: \(name) stands for the attribute of that name; the text is "
                    + "\"\(name)\", in quotes")
        case .refused: break
        case .limit(let key):
            Say.note(
                "\(Quantity.count(tally.printed, of: "item")); more may follow: go on with "
                    + "--start \(Shell.quoted(ReadRequest.token(key)))")
        case .budget(let why, let key):
            let next = key.map { "; go on with --start \(Shell.quoted(ReadRequest.token($0)))" }
            throw CommandFailure(why + (next ?? ""), .budgetReached)
        }
    }

    private func read(
        _ tally: inout ReadTally, _ prices: PriceList
    ) async throws -> PageReader.Ending {
        var reader = PageReader(request, call: session.caller)
        reader.limit = options.limit
        reader.pageSize = options.pageSize
        reader.budget = options.budget.value(prices)
        reader.startKey = try options.start.map { try request.startKey(token: $0) }
        var printer = output.printer(request)
        let progress = ProgressLine(verb == "scan" ? "scanning" : "reading", noun: "items")
        defer { progress.clear() }
        var evaluated = 0
        do {
            let ending = try await reader.read(&tally) { items, tally in
                progress.clear()
                guard printer.add(items) else { return false }
                progress.advance(
                    by: tally.evaluated - evaluated,
                    detail: "\(Quantity.units(tally.units)) units")
                evaluated = tally.evaluated
                return true
            }
            progress.clear()
            printer.finish()
            return ending
        } catch {
            // What was read is not lost with what couldn't be.
            progress.clear()
            printer.finish()
            throw error
        }
    }
}
