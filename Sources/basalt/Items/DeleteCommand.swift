import ArgumentParser
import Terminal

/// `basalt delete TABLE KEY…`.
struct DeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete", abstract: "Delete one item by its key.",
        discussion: "Ends with 4 where the condition does not hold.")

    @Argument(help: "The table's name.", completion: TableCompletion.names)
    var table: String
    @Argument(help: "The key: NAME=VALUE of each key attribute.")
    var key: [String]
    @Option(
        name: .customLong("return"),
        help: ArgumentHelp("Print what was there: old.", valueName: "which"))
    var returned: ReturnedItem = .none
    @OptionGroup var write: WriteOptions
    @OptionGroup var endpoint: EndpointOptions

    func validate() throws {
        guard returned != .new else {
            throw ValidationError("--return of delete is none or old: nothing is there afterwards")
        }
    }

    func run() async throws {
        let session = try await TableSession(endpoint)
        let schema = try await session.schema(of: table)
        let write = try ItemWrite("DeleteItem", self.write, returned, schema, session)
        try await write.send([("Key", try KeyWords.key(key, schema))])
    }
}
