import ArgumentParser
import Glibc
import Terminal

/// The `basalt` command: parses, runs, and tells every failure in one line.
@main
struct Basalt: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "basalt",
        abstract: "A DynamoDB-compatible storage engine and endpoint.",
        version: "0.1.0",
        subcommands: [
            Serve.self, DeployCommand.self, FunctionCommand.self, InvokeCommand.self,
            LogsCommand.self, ClockCommand.self, IAMCommand.self, LoadCommand.self,
            CompletionCommand.self,
        ],
        groupedSubcommands: [
            CommandGroup(
                name: "Tables and items:",
                subcommands: [
                    TablesCommand.self, DescribeCommand.self, CreateCommand.self,
                    DropCommand.self, GetCommand.self, PutCommand.self, UpdateCommand.self,
                    DeleteCommand.self, QueryCommand.self, ScanCommand.self, CountCommand.self,
                    SQLCommand.self,
                ]),
            CommandGroup(
                name: "Moving items:",
                subcommands: [
                    ExportCommand.self, ImportCommand.self, TruncateCommand.self,
                    TailCommand.self,
                ]),
            CommandGroup(
                name: "Usage and cost:", subcommands: [UsageCommand.self, TopCommand.self]),
        ])

    static func main() async {
        do {
            var command = try parseAsRoot()
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
        } catch {
            end(with: error)
        }
    }

    /// Help goes to the standard output; an error is one line and a code other than 0.
    private static func end(with error: any Error) -> Never {
        if let failure = error as? CommandFailure {
            if let message = failure.message { tell(message) }
            Glibc.exit(failure.code.rawValue)
        }
        if let fault = error as? ValueFault {
            tell(fault.description)
            Glibc.exit(ExitCode.validationFailure.rawValue)
        }
        let code = exitCode(for: error)
        guard !code.isSuccess else {
            Say.result(fullMessage(for: error) + "\n")
            Glibc.exit(code.rawValue)
        }
        let told = message(for: error)
        tell(told.hasPrefix("Missing expected") ? told + advice(for: error) : told)
        Glibc.exit(code.rawValue)
    }

    private static func tell(_ message: String) {
        Say.note(message.split(separator: "\n").joined(separator: " "))
    }

    /// Where the arguments of the command are told: the last line of the parser's whole message.
    private static func advice(for error: any Error) -> String {
        let line = fullMessage(for: error).split(separator: "\n").last ?? ""
        guard let see = line.firstRange(of: "See '"), let close = line.lastIndex(of: "'") else {
            return ""
        }
        return ": see \(line[see.lowerBound...close].dropFirst("See ".count))"
    }
}
