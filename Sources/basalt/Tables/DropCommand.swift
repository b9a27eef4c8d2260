import ArgumentParser
import Terminal
import Wire

/// `basalt drop TABLE`.
struct DropCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "drop", abstract: "Delete a table with all its items.")

    @Argument(help: "The table's name.", completion: TableCompletion.names)
    var table: String
    @Flag(name: .shortAndLong, help: "Don't ask.")
    var yes = false
    @Flag(help: "Don't wait until it is gone.")
    var noWait = false
    @OptionGroup var endpoint: EndpointOptions

    func run() async throws {
        let session = try await TableSession(endpoint)
        if !yes {
            let schema = try await session.schema(of: table)
            let told =
                "\(table) on \(endpoint.endpoint): \(Quantity.count(schema.itemCount)) items, "
                + Quantity.bytes(schema.byteCount)
            guard TerminalScreen.isTerminal(0), TerminalScreen.isTerminal(2) else {
                throw CommandFailure(
                    "\(told): give --yes to delete it without being asked", .validationFailure)
            }
            TerminalScreen.write("Delete \(told)? [y/N] ", to: 2)
            let answer = readLine() ?? ""
            guard ["y", "yes"].contains(answer.lowercased()) else {
                throw CommandFailure("nothing was deleted")
            }
        }
        do {
            _ = try await session.call(
                "DeleteTable", .object([("TableName", .string(table))]))
        } catch let failure as CommandFailure
            where failure.message?.hasPrefix("ResourceNotFoundException") ?? false
        {
            throw CommandFailure(
                "there is no table \(table) on \(endpoint.endpoint): 'basalt tables' lists them")
        }
        if !noWait { try await TableWait.untilGone(table, session) }
    }
}
