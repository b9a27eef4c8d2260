import ArgumentParser
import Terminal
import Wire

/// What put, update and delete have in common.
struct WriteOptions: ParsableArguments {
    @Option(
        name: .customLong("if"), parsing: .unconditional,
        help: ArgumentHelp(
            "Only if this holds of the item that is there, like attribute_not_exists(id).",
            valueName: "condition"))
    var condition: String?
    @OptionGroup(title: ExpressionOptions.title) var expressions: ExpressionOptions
    @OptionGroup var output: OutputOptions
}

/// A write of an item, all but the item or key itself.
struct ItemWrite: Sendable {
    private let operation: String
    private let schema: TableSchema
    private let session: TableSession
    private let output: OutputOptions
    private let returned: ReturnedItem
    private let condition: String?
    /// Whoever writes more expressions tells it their names and values.
    var expressions: ExpressionWriter

    init(
        _ operation: String, _ options: WriteOptions, _ returned: ReturnedItem,
        _ schema: TableSchema, _ session: TableSession
    ) throws {
        self.operation = operation
        self.schema = schema
        self.session = session
        self.returned = returned
        output = options.output
        var writer = try options.expressions.writer(schema)
        condition = try options.condition.map { try writer.text(try PlainWord.condition($0)) }
        expressions = writer
    }

    /// Sends it, and prints the item that was asked for.
    func send(_ members: [(String, JSONValue)]) async throws {
        let answer = try await session.call(
            operation,
            .object(
                present: [("TableName", .string(schema.name))]
                    + members.map { ($0.0, $0.1 as JSONValue?) } + [
                        ("ConditionExpression", condition.map { .string($0) }),
                        ("ReturnValues", returned == .none ? nil : returned.value),
                    ] + expressions.members))
        if returned != .none, let item = answer["Attributes"]?.members {
            ItemOutput.print(item, schema, output)
        }
    }
}
