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
        name: .customLong("if"), parsing: .unconditional,
        help: ArgumentHelp("Only if this holds of the item.", valueName: "condition"))
    var condition: String?
    @Option(
        name: .customLong("return"),
        help: ArgumentHelp("Print the item as it is then, or was: new, old.", valueName: "which"))
    var returned: ReturnedItem = .none
    @OptionGroup var expressions: ExpressionOptions
    @OptionGroup var output: OutputOptions
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
        var writer = try expressions.writer(schema)
        let update = try expression ?? words.expression(&writer)
        let conditionText = try condition.map { text in
            try writer.text(try PlainWord.condition(text))
        }
        let answer = try await session.call(
            "UpdateItem",
            .object(
                present: [
                    ("TableName", .string(table)), ("Key", try KeyWords.key(key, schema)),
                    ("UpdateExpression", .string(update)),
                    ("ConditionExpression", conditionText.map { .string($0) }),
                    ("ReturnValues", returned == .none ? nil : returned.value),
                ] + writer.members))
        if returned != .none, let item = answer["Attributes"]?.members {
            ItemOutput.print(item, schema, output)
        }
    }
}
