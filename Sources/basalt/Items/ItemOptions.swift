import ArgumentParser
import Terminal
import Wire

/// The names and values of raw expressions.
struct ExpressionOptions: ParsableArguments {
    /// The section of help in which raw expressions stand.
    static let title = "Raw expressions"

    @Option(
        help: ArgumentHelp(
            "Names of placeholders, like '{\"#s\":\"status\"}'.", valueName: "json"))
    var names: String?
    @Option(
        help: ArgumentHelp(
            "Values of placeholders, plain or DynamoDB JSON, like '{\":s\":\"open\"}'.",
            valueName: "json"))
    var values: String?

    /// A writer of expressions that knows them.
    func writer(_ schema: TableSchema) throws -> ExpressionWriter {
        let names = try JSONInput.option("--names", names)
        let members = names?.members ?? []
        guard names == nil || names?.members != nil, members.allSatisfy({ $0.1.string != nil })
        else { throw ValidationError("--names is JSON like {\"#s\": \"status\"}") }
        return ExpressionWriter(
            schema: schema, names: members,
            values: try ReadRequest.values(try JSONInput.option("--values", values)))
    }
}

/// Words that name a key or make an item.
enum KeyWords {
    /// The key of `customer=42 date=…`: all of the table's key attributes and nothing else.
    static func key(_ words: [String], _ schema: TableSchema) throws -> JSONValue {
        if words.count == 1, words[0].hasPrefix("{") {
            guard let json = try? JSONValue(parsing: Array(words[0].utf8)) else {
                throw ValidationError("the key is no JSON: \(words[0])")
            }
            return try key(try schema.item(json), schema)
        }
        return try key(try members(words, schema), schema)
    }

    /// The attributes of `customer=42 total=9.5`.
    static func members(
        _ words: [String], _ schema: TableSchema
    ) throws -> [(String, JSONValue)] {
        var members: [(String, JSONValue)] = []
        for word in words {
            let (name, text) = try PlainWord.attribute(word)
            guard !members.contains(where: { $0.0 == name }) else {
                throw ValidationError("\(name) is given twice")
            }
            members.append((name, try schema.attributeValue(PlainWord.value(text), for: name)))
        }
        return members
    }

    private static func key(
        _ members: [(String, JSONValue)], _ schema: TableSchema
    ) throws -> JSONValue {
        let names = schema.key.all.map(\.name)
        let isWhole =
            members.count == names.count
            && names.allSatisfy { name in members.contains { $0.0 == name } }
        guard isWhole else {
            let told = names.map { "\($0)=…" }.joined(separator: " ")
            throw ValidationError("items of \(schema.name) are named by their key: \(told)")
        }
        return .object(members)
    }
}

/// What a write may answer with.
enum ReturnedItem: String, ExpressibleByArgument, CaseIterable {
    case none
    case old
    case new

    /// The word of ReturnValues.
    var value: JSONValue {
        switch self {
        case .none: .string("NONE")
        case .old: .string("ALL_OLD")
        case .new: .string("ALL_NEW")
        }
    }
}
