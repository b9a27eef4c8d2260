import ArgumentParser
import Terminal
import UnixSignals

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
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("Go on where the last call with --limit said.", valueName: "place"))
    var start: String?
    @Flag(help: "Read what was written last, for twice the units.")
    var consistent = false
    @Flag(help: "Tell before what it reads and may cost, and after what it did.")
    var explain = false
    @Flag(help: "Tell only what is known before; run nothing.")
    var explainOnly = false
    @OptionGroup var budget: BudgetOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var endpoint: EndpointOptions

    func validate() throws {
        if let limit, limit < 1 { throw ValidationError("--limit is at least 1") }
        guard start == nil || statement.map({ StatementText.statements($0).count == 1 }) ?? false
        else { throw ValidationError("--start goes on with one statement: give it beside --start") }
    }

    func run() async throws {
        let session = try await SQLSession(self)
        if statement == nil, TerminalScreen.isTerminal(0), TerminalScreen.isTerminal(1) {
            try await converse(session)
            return
        }
        let text = try statement ?? String(decoding: JSONInput.text(of: "-"), as: UTF8.self)
        for statement in StatementText.statements(text) {
            guard let rest = try await session.run(statement, from: start) else { continue }
            Say.note("\(rest.told): go on with --start \(Shell.quoted("\(rest.place)"))")
        }
    }

    /// Asks for statements until the person ends it.
    private func converse(_ session: SQLSession) async throws {
        let variables = ProcessEnvironment.variables
        let historyPath =
            variables["BASALT_HISTORY"] ?? variables["HOME"].map { "\($0)/.basalt_history" }
        let prompt = Prompt("sql> ", historyPath: historyPath.flatMap { $0.isEmpty ? nil : $0 })
        Say.result("\(endpoint.endpoint), \\? for help\n")
        // Ctrl-C gives up a statement, not the conversation.
        let interrupts = await UnixSignalsSequence(trapping: .sigint)
        let watch = Task { for await _ in interrupts { await session.interrupt() } }
        defer { watch.cancel() }
        while let line = await prompt.line(session.completion) {
            for text in StatementText.statements(line) {
                do {
                    guard try await session.obeyUnlessInterrupted(text) else { return }
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
}
