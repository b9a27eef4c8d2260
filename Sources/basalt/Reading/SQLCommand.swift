import ArgumentParser
import Glibc
import Terminal
import Wire

/// `basalt sql [STATEMENT]`.
struct SQLCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sql", abstract: "Run PartiQL statements.",
        discussion: """
            Without a statement a terminal gets a prompt with editing and history (in \
            ~/.basalt_history, or where BASALT_HISTORY says); else statements are read from the \
            standard input, apart by semicolons.
            """)

    @Argument(help: "The statement.")
    var statement: String?
    @Option(
        name: [.customShort("p"), .customLong("param")],
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("The value of a ?, in order; may be repeated.", valueName: "value"))
    var parameters: [String] = []
    @Option(help: ArgumentHelp("Stop after so many items.", valueName: "count"))
    var limit: Int?
    @Flag(help: "Read what was written last, for twice the units.")
    var consistent = false
    @Flag(help: "Tell before what it reads and may cost, and after what it did.")
    var explain = false
    @Flag(help: "Tell only what is known before; run nothing.")
    var explainOnly = false
    @Option(
        help: ArgumentHelp("Stop between pages after so many units.", valueName: "units"))
    var maxRcu: Double?
    @Option(help: ArgumentHelp("Stop between pages after so many dollars.", valueName: "dollars"))
    var maxCost: Double?
    @OptionGroup var pricing: PriceOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var endpoint: EndpointOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit is at least 1") }
        for (name, value) in [("--max-rcu", maxRcu), ("--max-cost", maxCost)] {
            if let value, !(value > 0) { throw ValidationError("\(name) is more than 0") }
        }
    }

    func run() async throws {
        let session = try await TableSession(endpoint)
        if let statement {
            for text in StatementText.statements(statement) { try await run(text, session) }
        } else if TerminalScreen.isTerminal(0), TerminalScreen.isTerminal(1) {
            try await converse(session)
        } else {
            let text = String(decoding: try JSONInput.text(of: "-"), as: UTF8.self)
            for statement in StatementText.statements(text) { try await run(statement, session) }
        }
    }

    // MARK: The prompt

    private static let help = """
        A PartiQL statement and Enter runs it. \\t lists tables, \\d TABLE describes one, \
        \\x turns explanations on and off, \\q or Ctrl-D ends.

        """

    private func converse(_ session: TableSession) async throws {
        let prompt = Prompt("sql> ", historyPath: Self.historyPath)
        Say.result("\(endpoint.endpoint), \\? for help\n")
        var command = self
        while let line = prompt.line() {
            for text in StatementText.statements(line) {
                do {
                    guard try await command.obey(text, session) else { return }
                } catch let failure as CommandFailure {
                    if let message = failure.message { Say.note(message) }
                } catch let fault as ValueFault {
                    Say.note(fault.description)
                } catch let fault as ValidationError {
                    Say.note(fault.message)
                }
            }
        }
    }

    /// - Returns: whether the conversation goes on.
    private mutating func obey(_ text: String, _ session: TableSession) async throws -> Bool {
        let words = text.split(whereSeparator: \.isWhitespace).map(String.init)
        switch words.first ?? "" {
        case "\\q", "quit", "exit": return false
        case "\\?", "help": Say.result(Self.help)
        case "\\t":
            Say.result(try await session.tableNames().map { $0 + "\n" }.joined())
        case "\\x":
            explain.toggle()
            Say.result("explanations are \(explain ? "on" : "off")\n")
        case "\\d":
            guard words.count == 2 else { throw CommandFailure("\\d is followed by a table") }
            Say.result(
                TableSummary.text(
                    try await session.description(of: words[1]), palette: Palette(for: 1)))
        default: try await run(text, session)
        }
        return true
    }

    private static var historyPath: String? {
        let variables = ProcessEnvironment.variables
        if let path = variables["BASALT_HISTORY"] { return path.isEmpty ? nil : path }
        return variables["HOME"].map { "\($0)/.basalt_history" }
    }

    // MARK: Running

    private func run(_ text: String, _ session: TableSession) async throws {
        var values: [JSONValue] = []
        for parameter in parameters {
            values.append(try PlainJSON.attributeValue(PlainWord.value(parameter)))
        }
        var explanation: StatementExplanation?
        if explain || explainOnly {
            do {
                explanation = try await self.explanation(of: text, values, session)
            } catch let fault as ValueFault where !explainOnly {
                // What this command can't read may be right to the endpoint.
                Say.note("no explanation: \(fault.description)")
            }
        }
        guard !explainOnly else {
            Say.lines(explanation?.before() ?? [], to: 1)
            return
        }
        if let explanation { Say.lines(explanation.before(), to: 2) }
        try await execute(text, values, session, explanation)
    }

    private func execute(
        _ text: String, _ values: [JSONValue], _ session: TableSession,
        _ explanation: StatementExplanation?
    ) async throws {
        var printer = output.printer()
        var token: JSONValue?
        var tally = ReadTally()
        let budget = ReadBudget(
            unitsMax: maxRcu, costMax: maxCost, prices: try pricing.list())
        repeat {
            let answer = try await session.call(
                "ExecuteStatement",
                .object(present: [
                    ("Statement", .string(text)),
                    ("Parameters", values.isEmpty ? nil : .array(values)),
                    ("ConsistentRead", consistent ? .bool(true) : nil), ("NextToken", token),
                    ("ReturnConsumedCapacity", .string("TOTAL")),
                ]))
            var items = (answer["Items"]?.elements ?? []).compactMap(\.members)
            if let limit { items = Array(items.prefix(limit - tally.printed)) }
            tally.pages += 1
            tally.units += ReadTally.units(answer["ConsumedCapacity"])
            tally.printed += items.count
            guard printer.add(items) else { return }
            token = answer["NextToken"]
            if token != nil, tally.printed >= limit ?? Int.max {
                Say.note("\(Quantity.count(tally.printed, of: "item")); more may follow")
                break
            }
            if token != nil, let why = budget.reached(tally, schema: nil) {
                printer.finish()
                throw CommandFailure(why, .budgetReached)
            }
        } while token != nil
        if tally.printed > 0 || output.format == .json { printer.finish() }
        if let explanation {
            Say.lines(
                explanation.after(
                    units: tally.units, pages: tally.pages, returned: tally.printed), to: 2)
        }
    }

    private func explanation(
        of text: String, _ values: [JSONValue], _ session: TableSession
    ) async throws -> StatementExplanation {
        let first = try StatementText.outline(text, parameters: values, schema: nil)
        let schema = try await session.schema(of: first.tableName)
        let outline = try StatementText.outline(text, parameters: values, schema: schema)
        return StatementExplanation(
            outline, schema: schema, isConsistent: consistent, prices: try pricing.list())
    }
}
