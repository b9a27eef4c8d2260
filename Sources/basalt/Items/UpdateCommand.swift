import ArgumentParser
import Terminal
import Wire

/// `basalt update TABLE KEY… --set …`.
struct UpdateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "update", abstract: "Change attributes of one item, or make it.",
        discussion: """
            --set takes name=value, sums of names and values (total = total + 1) and the functions \
            if_not_exists and list_append. Ends with 4 where the condition does not hold.
            """)

    @Argument(help: "The table's name.", completion: TableCompletion.names)
    var table: String
    @Argument(help: "The key: NAME=VALUE of each key attribute.")
    var key: [String]
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Set an attribute; may be repeated.", valueName: "name=value"))
    var set: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Add to a number or a set; may be repeated.", valueName: "name=value"))
    var add: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Remove attributes, like a,b.c; may be repeated.", valueName: "paths"))
    var remove: [String] = []
    @Option(
        parsing: .unconditionalSingleValue,
        help: ArgumentHelp("Take members out of a set; may be repeated.", valueName: "name=value"))
    var delete: [String] = []
    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("A whole UpdateExpression instead.", valueName: "text"))
    var expression: String?
    @Option(
        name: .customLong("return"),
        help: ArgumentHelp("Print the item as it is then, or was: new, old.", valueName: "which"))
    var returned: ReturnedItem = .none
    @OptionGroup var write: WriteOptions
    @OptionGroup var endpoint: EndpointOptions

    private var words: UpdateWords {
        UpdateWords(set: set, add: add, remove: remove, delete: delete)
    }

    func validate() throws {
        guard words.isEmpty != (expression == nil) else {
            throw ValidationError(
                "expected --set, --add, --remove or --delete, or else --expression")
        }
    }

    func run() async throws {
        let session = try await TableSession(endpoint)
        let schema = try await session.schema(of: table)
        var write = try ItemWrite("UpdateItem", self.write, returned, schema, session)
        let update = try expression ?? words.expression(&write.expressions)
        try await write.send([
            ("Key", try KeyWords.key(key, schema)), ("UpdateExpression", .string(update)),
        ])
    }
}
