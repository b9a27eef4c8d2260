import ArgumentParser
import Terminal
import Wire

/// `basalt put TABLE ITEM`.
struct PutCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put", abstract: "Write items whole.",
        discussion: """
            The item is JSON, plain or DynamoDB's; or words like customer=42 total=9.5; or - for \
            the standard input, or @FILE: one item, an array of them, or one to a line. Many items \
            are quicker with 'basalt import'. Ends with 4 where the condition does not hold.
            """)

    /// So many items are on their way at once.
    private static let laneCount = 16

    @Argument(help: "The table's name.", completion: TableCompletion.names)
    var table: String
    @Argument(help: "The item.")
    var item: [String]
    @Option(
        name: .customLong("if"), parsing: .unconditional,
        help: ArgumentHelp(
            "Only if this holds of the item that is there, like attribute_not_exists(id).",
            valueName: "condition"))
    var condition: String?
    @Option(
        name: .customLong("return"),
        help: ArgumentHelp("Print what was there before: old.", valueName: "which"))
    var returned: ReturnedItem = .none
    @OptionGroup var expressions: ExpressionOptions
    @OptionGroup var output: OutputOptions
    @OptionGroup var endpoint: EndpointOptions

    func validate() throws {
        guard returned != .new else {
            throw ValidationError("--return of put is none or old: the item is written as it is")
        }
    }

    func run() async throws {
        let session = try await TableSession(endpoint)
        let schema = try await session.schema(of: table)
        let items = try items(schema)
        var writer = try expressions.writer(schema)
        let conditionText = try condition.map { text in
            try writer.text(try PlainWord.condition(text))
        }
        let request = PutRequest(
            session: session, table: table, condition: conditionText,
            returned: returned, expressions: writer)
        guard items.count > 1, returned == .none else {
            for item in items {
                if let old = try await request.put(item) {
                    ItemOutput.print(old, schema, output)
                }
            }
            return
        }
        try await put(items, schema, request)
    }

    /// Writes many items, several at once; those of one key in their order.
    private func put(
        _ items: [[(String, JSONValue)]], _ schema: TableSchema, _ request: PutRequest
    ) async throws {
        let names = Set(schema.key.all.map(\.name))
        var lanes = [[[(String, JSONValue)]]](repeating: [], count: Self.laneCount)
        for item in items {
            let key = item.filter { names.contains($0.0) }.sorted { $0.0 < $1.0 }
            let hash = JSONValue.object(key).encoded.hashValue
            lanes[Int(hash.magnitude % UInt(Self.laneCount))].append(item)
        }
        let progress = ProgressLine("writing", noun: "items", total: items.count)
        defer { progress.clear() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for lane in lanes where !lane.isEmpty {
                group.addTask {
                    for item in lane {
                        _ = try await request.put(item)
                        progress.advance(by: 1)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func items(_ schema: TableSchema) throws -> [[(String, JSONValue)]] {
        guard item.count == 1, let only = item.first else { return [try words(schema)] }
        let text: [UInt8]
        let name: String
        if only == "-" || only.hasPrefix("@") {
            name = only == "-" ? "standard input" : String(only.dropFirst())
            text = try JSONInput.text(of: only == "-" ? "-" : name)
        } else if only.hasPrefix("{") || only.hasPrefix("[") {
            name = "the item"
            text = Array(only.utf8)
            guard (try? JSONValue(parsing: text)) != nil else {
                throw ValidationError("the item is no JSON: \(only)")
            }
        } else {
            return [try words(schema)]
        }
        return try JSONInput.objects(text, name: name).map { try schema.item($0) }
    }

    private func words(_ schema: TableSchema) throws -> [(String, JSONValue)] {
        var members: [(String, JSONValue)] = []
        for word in item {
            let (name, text) = try PlainWord.assignment(word)
            guard !members.contains(where: { $0.0 == name }) else {
                throw ValidationError("\(name) is given twice")
            }
            members.append((name, try schema.attributeValue(PlainWord.value(text), for: name)))
        }
        return members
    }
}

/// A PutItem, all but its item.
private struct PutRequest: Sendable {
    let session: TableSession
    let table: String
    let condition: String?
    let returned: ReturnedItem
    let expressions: ExpressionWriter

    /// - Returns: what was there before, where it was asked for.
    func put(_ item: [(String, JSONValue)]) async throws -> [(String, JSONValue)]? {
        let answer = try await session.call(
            "PutItem",
            .object(
                present: [
                    ("TableName", .string(table)), ("Item", .object(item)),
                    ("ConditionExpression", condition.map { .string($0) }),
                    ("ReturnValues", returned == .none ? nil : returned.value),
                ] + expressions.members))
        return returned == .none ? nil : answer["Attributes"]?.members
    }
}
