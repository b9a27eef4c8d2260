package import Wire

/// The words of `basalt create` as CreateTable's parameters.
package struct CreateTableWords: Sendable {
    package var table: String
    /// `customer:S`, several joined by `+`.
    package var key: String
    /// `date:S`.
    package var sort: String?
    /// `by-status=status:S,date:S:KEYS_ONLY`.
    package var globalIndexes: [String] = []
    /// `by-total=total:N`.
    package var localIndexes: [String] = []
    /// `5,5`: read and write units; nil: on demand.
    package var provisioned: String?
    package var stream: String?
    package var tableClass: String?
    package var tags: [String] = []
    package var isProtected = false

    package init(table: String, key: String, sort: String? = nil) {
        self.table = table
        self.key = key
        self.sort = sort
    }

    /// The parameters.
    package func parameters() throws(ValueFault) -> JSONValue {
        var types = DeclaredTypes()
        let hash = try types.attributes(key)
        let range = sort == nil ? [] : try types.attributes(sort ?? "")
        guard hash.count == 1, range.count <= 1 else {
            throw ValueFault("a table's key has one attribute, and one to sort by")
        }
        let throughput = try throughput()
        var locals: [JSONValue] = []
        for word in localIndexes {
            let (name, definition, projection) = try Self.index(word, option: "--lsi")
            let attributes = try types.attributes(definition)
            guard attributes.count == 1 else {
                throw ValueFault("--lsi \(word): a local index is sorted by one attribute")
            }
            locals.append(Self.index(name, hash, attributes, projection, nil))
        }
        var globals: [JSONValue] = []
        for word in globalIndexes {
            let (name, definition, projection) = try Self.index(word, option: "--gsi")
            let roles = definition.split(separator: ",", omittingEmptySubsequences: false)
            guard roles.count <= 2 else {
                throw ValueFault(
                    "--gsi \(word): expected NAME=HASH[,SORT][:PROJECTION], "
                        + "several attributes of a role joined by +")
            }
            let hash = try types.attributes(String(roles[0]))
            let sort = roles.count > 1 ? try types.attributes(String(roles[1])) : []
            globals.append(Self.index(name, hash, sort, projection, throughput))
        }
        var tags: [JSONValue] = []
        for word in self.tags {
            let (name, value) = try PlainWord.assignment(word)
            tags.append(.object([("Key", .string(name)), ("Value", .string(value))]))
        }
        return .object(present: [
            ("TableName", .string(table)),
            ("AttributeDefinitions", .array(types.definitions)),
            ("KeySchema", Self.keySchema(hash, range)),
            ("LocalSecondaryIndexes", locals.isEmpty ? nil : .array(locals)),
            ("GlobalSecondaryIndexes", globals.isEmpty ? nil : .array(globals)),
            ("BillingMode", .string(throughput == nil ? "PAY_PER_REQUEST" : "PROVISIONED")),
            ("ProvisionedThroughput", throughput),
            (
                "StreamSpecification",
                stream.map {
                    .object([
                        ("StreamEnabled", .bool(true)),
                        ("StreamViewType", .string($0.uppercased())),
                    ])
                }
            ),
            ("TableClass", tableClass.map { .string($0.uppercased()) }),
            ("Tags", tags.isEmpty ? nil : .array(tags)),
            ("DeletionProtectionEnabled", isProtected ? .bool(true) : nil),
        ])
    }

    private func throughput() throws(ValueFault) -> JSONValue? {
        guard let provisioned else { return nil }
        let units = provisioned.split(separator: ",").map { Int($0) }
        guard units.count == 2, let read = units[0], let write = units[1] else {
            throw ValueFault("--provisioned is READ,WRITE like 5,5, not '\(provisioned)'")
        }
        return .object([
            ("ReadCapacityUnits", .number("\(read)")), ("WriteCapacityUnits", .number("\(write)")),
        ])
    }

    /// Name, key and projection of `NAME=KEY[:PROJECTION]`.
    private static func index(
        _ word: String, option: String
    ) throws(ValueFault) -> (name: String, key: String, projection: JSONValue) {
        let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
        guard parts.count == 2 else {
            throw ValueFault("\(option) is NAME=KEY[:PROJECTION], not '\(word)'")
        }
        var key = parts[1]
        var projection: [(String, JSONValue)] = [("ProjectionType", .string("ALL"))]
        if let colon = key.lastIndex(of: ":") {
            let last = String(key[key.index(after: colon)...])
            if last == "ALL" || last == "KEYS_ONLY" {
                projection = [("ProjectionType", .string(last))]
                key = String(key[..<colon])
            } else if last.hasPrefix("INCLUDE=") {
                let names = last.dropFirst("INCLUDE=".count).split(separator: "+")
                projection = [
                    ("ProjectionType", .string("INCLUDE")),
                    ("NonKeyAttributes", .array(names.map { .string(String($0)) })),
                ]
                key = String(key[..<colon])
            }
        }
        return (parts[0], key, .object(projection))
    }

    private static func index(
        _ name: String, _ hash: [String], _ range: [String], _ projection: JSONValue,
        _ throughput: JSONValue?
    ) -> JSONValue {
        .object(present: [
            ("IndexName", .string(name)), ("KeySchema", keySchema(hash, range)),
            ("Projection", projection), ("ProvisionedThroughput", throughput),
        ])
    }

    private static func keySchema(_ hash: [String], _ range: [String]) -> JSONValue {
        func elements(_ names: [String], _ role: String) -> [JSONValue] {
            names.map {
                .object([("AttributeName", .string($0)), ("KeyType", .string(role))])
            }
        }
        return .array(elements(hash, "HASH") + elements(range, "RANGE"))
    }
}

/// The types that words declare, in their order.
private struct DeclaredTypes {
    private var types: [(name: String, type: String)] = []

    var definitions: [JSONValue] {
        types.map {
            .object([("AttributeName", .string($0.name)), ("AttributeType", .string($0.type))])
        }
    }

    /// The names of `a:S+b:N`; a type may be left out where it was told, and is S otherwise.
    mutating func attributes(_ text: String) throws(ValueFault) -> [String] {
        var names: [String] = []
        for part in text.split(separator: "+", omittingEmptySubsequences: false) {
            let pieces = part.split(separator: ":", omittingEmptySubsequences: false)
            let name = String(pieces[0])
            let told = pieces.count > 1 ? String(pieces[1]).uppercased() : nil
            guard !name.isEmpty, pieces.count <= 2,
                told.map({ ["S", "N", "B"].contains($0) }) ?? true
            else { throw ValueFault("'\(part)' is no NAME:TYPE of type S, N or B") }
            if let place = types.firstIndex(where: { $0.name == name }) {
                guard told == nil || told == types[place].type else {
                    throw ValueFault(
                        "\(name) is declared as \(types[place].type) and as \(told ?? "")")
                }
            } else {
                types.append((name, told ?? "S"))
            }
            names.append(name)
        }
        return names
    }
}
