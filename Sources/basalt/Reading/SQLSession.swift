import Client
import Operations
import Terminal
import Wire

/// Statements that are run one after another: they share a budget, and a prompt that knows names.
actor SQLSession {
    /// What a limit left: how much came, and where it goes on.
    struct Rest: Sendable {
        let told: String
        let place: StatementPlace
    }

    private let options: SQLCommand
    private let session: TableSession
    /// For what nobody waits long.
    private let hasty: TableSession
    private var explains: Bool
    /// Read units of the statements before.
    private var spentUnits = 0.0
    /// The statement whose limit left something, for `\n`.
    private var unfinished: (text: String, place: StatementPlace)?
    private var names = StatementCompletion()
    /// What is being obeyed.
    private var running: Task<Bool, any Error>?
    /// When names were last asked for.
    private var namesAt: ContinuousClock.Instant?

    init(_ options: SQLCommand) async throws {
        self.options = options
        session = try await TableSession(options.endpoint)
        hasty = try await TableSession(options.endpoint, retries: .never, timeout: 1)
        explains = options.explain
    }

    // MARK: The prompt

    private static let help = """
        A PartiQL statement and Enter runs it, Tab completes names. \\t lists tables, \\d TABLE \
        describes one, \\n goes on after --limit, \\x turns explanations on and off, \\q or Ctrl-D \
        ends.

        """

    /// Obeys; `interrupt()` gives up what is not done by then.
    ///
    /// - Returns: whether the conversation goes on.
    func obeyUnlessInterrupted(_ text: String) async throws -> Bool {
        let work = Task { try await obey(text) }
        running = work
        defer { running = nil }
        do {
            return try await work.value
        } catch {
            guard work.isCancelled else { throw error }
            Say.note("interrupted")
            return true
        }
    }

    func interrupt() { running?.cancel() }

    /// - Returns: whether the conversation goes on.
    private func obey(_ text: String) async throws -> Bool {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        switch words.first ?? "" {
        case "\\q", "quit", "exit": return false
        case "\\?", "help": Say.result(Self.help)
        case "\\t":
            Say.result(try await session.tableNames().map { $0 + "\n" }.joined())
        case "\\x":
            explains.toggle()
            Say.result("explanations are \(explains ? "on" : "off")\n")
        case "\\d":
            guard words.count == 2 else { throw CommandFailure("\\d is followed by a table") }
            Say.result(
                TableSummary.text(
                    try await session.description(of: words[1]), palette: Palette(for: 1)))
        case "\\n":
            guard let unfinished else { throw CommandFailure("nothing is left to go on with") }
            try await converse(unfinished.text, from: "\(unfinished.place)")
        default: try await converse(text, from: nil)
        }
        return true
    }

    private func converse(_ text: String, from place: String?) async throws {
        spentUnits = 0
        unfinished = nil
        guard let rest = try await run(text, from: place) else { return }
        unfinished = (text, rest.place)
        Say.note("\(rest.told): \\n goes on")
    }

    /// What the Tab key may write.
    func completion(before: String, after: String) async -> Completion {
        await learnNames(StatementCompletion.table(in: before + after))
        return names.completion(before: before, after: after)
    }

    /// Asks for the names of tables, and of a table's indexes and key; an endpoint that doesn't
    /// answer soon has none.
    private func learnNames(_ table: String?) async {
        let isFresh = namesAt.map { ContinuousClock.now - $0 < .seconds(30) } ?? false
        if !isFresh {
            names.tables = (try? await hasty.tableNames(limit: 1_000)) ?? []
            namesAt = .now
        }
        if let table, names.schemas[table] == nil, names.tables.contains(table) {
            names.schemas[table] = try? await hasty.schema(of: table)
        }
    }

    // MARK: Running

    /// Runs a statement and prints what it gives.
    ///
    /// - Returns: where it goes on, where the limit left something.
    func run(_ text: String, from start: String?) async throws -> Rest? {
        var values: [JSONValue] = []
        for parameter in options.parameters {
            values.append(try PlainJSON.attributeValue(PlainWord.value(parameter)))
        }
        let explains = explains || options.explainOnly
        let prices = try options.budget.pricing.list()
        let budget = options.budget.value(prices)
        var schema: TableSchema?
        var outline: StatementText.Outline?
        if explains || options.limit != nil || budget.isGiven {
            do {
                let table = try StatementText.outline(text, parameters: values, schema: nil)
                    .tableName
                schema = try await session.schema(of: table)
                outline = try StatementText.outline(text, parameters: values, schema: schema)
            } catch let fault as ValueFault where !options.explainOnly {
                // What this command can't read may be right to the endpoint.
                if explains { Say.note("no explanation: \(fault.description)") }
            }
        }
        var explanation: StatementExplanation?
        if explains, let outline, let schema {
            explanation = StatementExplanation(
                outline, schema: schema, isConsistent: options.consistent, prices: prices)
            Say.lines(explanation?.before() ?? [], to: options.explainOnly ? 1 : 2)
        }
        guard !options.explainOnly else { return nil }
        var reader = StatementReader(
            text, parameters: values, isConsistent: options.consistent, call: session.caller)
        reader.schema = schema
        reader.isFiltered = outline.map { $0.hasFilter && $0.filters } ?? true
        reader.limit = options.limit
        reader.budget = budget
        if let start { reader.start = StatementPlace(start) }
        return try await read(reader, explanation)
    }

    private func read(
        _ reader: StatementReader, _ explanation: StatementExplanation?
    ) async throws -> Rest? {
        var tally = ReadTally()
        tally.units = spentUnits
        if let why = reader.budget.reached(tally, schema: reader.schema) {
            throw CommandFailure(why, .budgetReached)
        }
        let keyNames = (reader.schema?.key.all ?? []).map(\.name)
        var printer = options.output.printer(keyNames: keyNames)
        var names = names.seenAttributes
        let ending: StatementReader.Ending
        do {
            ending = try await reader.read(&tally) { items, _ in
                for item in items.prefix(10) { names.formUnion(item.map(\.0)) }
                return printer.add(items)
            }
        } catch {
            if tally.printed > 0 { printer.finish() }
            throw error
        }
        self.names.seenAttributes = names
        if tally.printed > 0 || options.output.format == .json { printer.finish() }
        let units = tally.units - spentUnits
        spentUnits = tally.units
        if let explanation {
            Say.lines(
                explanation.after(units: units, pages: tally.pages, returned: tally.returned),
                to: 2)
        }
        switch ending {
        case .complete, .refused: return nil
        case .limit(let place):
            return Rest(
                told: "\(Quantity.count(tally.printed, of: "item")); more may follow",
                place: place)
        case .budget(let why, let place):
            throw CommandFailure(
                "\(why); go on with --start \(Shell.quoted("\(place)"))", .budgetReached)
        }
    }
}
