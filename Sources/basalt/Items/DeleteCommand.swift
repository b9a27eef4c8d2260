import ArgumentParser
import Terminal
import Wire

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
        name: .customLong("if"), parsing: .unconditional,
        help: ArgumentHelp("Only if this holds of the item.", valueName: "condition"))
    var condition: String?
    @Option(
        name: .customLong("return"),
        help: ArgumentHelp("Print what was there: old.", valueName: "which"))
    var returned: ReturnedItem = .none
    @OptionGroup var expressions: ExpressionOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var endpoint: EndpointOptions

    func validate() throws {
        guard returned != .new else {
            throw ValidationError("--return of delete is none or old: nothing is there afterwards")
        }
    }

    func run() async throws {
        let session = try await TableSession(endpoint)
        let schema = try await session.schema(of: table)
        var writer = try expressions.writer(schema)
        let conditionText = try condition.map { text in
            try writer.text(try PlainWord.condition(text))
        }
        let answer = try await session.call(
            "DeleteItem",
            .object(
                present: [
                    ("TableName", .string(table)), ("Key", try KeyWords.key(key, schema)),
                    ("ConditionExpression", conditionText.map { .string($0) }),
                    ("ReturnValues", returned == .none ? nil : returned.value),
                ] + writer.members))
        if returned != .none, let old = answer["Attributes"]?.members {
            ItemOutput.print(old, schema, output)
        }
    }
}
