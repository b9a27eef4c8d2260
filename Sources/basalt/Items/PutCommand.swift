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
        name: .customLong("return"),
        help: ArgumentHelp("Print what was there before: old.", valueName: "which"))
    var returned: ReturnedItem = .none
    @OptionGroup var write: WriteOptions
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
        let write = try ItemWrite("PutItem", self.write, returned, schema, session)
        guard items.count > 1, returned == .none else {
            for item in items { try await write.send([("Item", .object(item))]) }
            return
        }
        try await put(items, schema, write)
    }

    /// Writes many items, several at once; those of one key in their order.
    private func put(
        _ items: [[(String, JSONValue)]], _ schema: TableSchema, _ write: ItemWrite
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
                        try await write.send([("Item", .object(item))])
                        progress.advance(by: 1)
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    private func items(_ schema: TableSchema) throws -> [[(String, JSONValue)]] {
        guard item.count == 1, let only = item.first else {
            return [try KeyWords.members(item, schema)]
        }
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
            return [try KeyWords.members(item, schema)]
        }
        return try JSONInput.objects(text, name: name).map { try schema.item($0) }
    }
}
