package import Wire

/// An attribute of a key.
package struct KeyAttribute: Sendable, Hashable {
    package var name: String
    /// `S`, `N` or `B`.
    package var type: String

    package init(name: String, type: String) {
        self.name = name
        self.type = type
    }
}

/// The key of a table or index; global indexes have up to four attributes a role.
package struct KeySchema: Sendable, Hashable {
    package var hash: [KeyAttribute]
    package var range: [KeyAttribute]

    package init(hash: [KeyAttribute], range: [KeyAttribute] = []) {
        self.hash = hash
        self.range = range
    }

    package var all: [KeyAttribute] { hash + range }
    package func contains(_ name: String) -> Bool { all.contains { $0.name == name } }
}

/// A secondary index as DescribeTable tells it.
package struct IndexSchema: Sendable, Hashable {
    package var name: String
    package var isLocal: Bool
    package var key: KeySchema
    /// `ALL`, `KEYS_ONLY` or `INCLUDE`.
    package var projection: String
    package var nonKeyAttributes: [String]
    package var itemCount: Int
    package var byteCount: Int

    /// Whether entries hold an attribute, beside the keys of index and table.
    package func projects(_ name: String) -> Bool {
        projection == "ALL" || nonKeyAttributes.contains(name)
    }
}

/// What a table is, as far as words need it: keys, indexes, types, size.
package struct TableSchema: Sendable, Hashable {
    package var name: String
    package var key: KeySchema
    package var indexes: [IndexSchema]
    /// The types of all key attributes, of table and indexes.
    package var attributeTypes: [String: String]
    /// As of the service's last count, which may be hours old.
    package var itemCount: Int
    package var byteCount: Int
    package var isInfrequentAccess: Bool
    package var isProvisioned: Bool

    /// Reads the `Table` of DescribeTable; nil for what has no key.
    package init?(description table: JSONValue) {
        var types: [String: String] = [:]
        for definition in table["AttributeDefinitions"]?.elements ?? [] {
            if let name = definition["AttributeName"]?.string {
                types[name] = definition["AttributeType"]?.string ?? "S"
            }
        }
        let key = Self.key(table["KeySchema"], types)
        guard let name = table["TableName"]?.string, !key.hash.isEmpty else { return nil }
        self.name = name
        self.key = key
        attributeTypes = types
        itemCount = max(0, table["ItemCount"]?.integer ?? 0)
        byteCount = max(0, table["TableSizeBytes"]?.integer ?? 0)
        isInfrequentAccess =
            table["TableClassSummary"]?["TableClass"]?.string == "STANDARD_INFREQUENT_ACCESS"
        isProvisioned = table["BillingModeSummary"]?["BillingMode"]?.string != "PAY_PER_REQUEST"
        func indexes(_ member: String, isLocal: Bool) -> [IndexSchema] {
            (table[member]?.elements ?? []).map { index in
                IndexSchema(
                    name: index["IndexName"]?.string ?? "", isLocal: isLocal,
                    key: Self.key(index["KeySchema"], types),
                    projection: index["Projection"]?["ProjectionType"]?.string ?? "ALL",
                    nonKeyAttributes: (index["Projection"]?["NonKeyAttributes"]?.elements ?? [])
                        .compactMap(\.string),
                    itemCount: max(0, index["ItemCount"]?.integer ?? 0),
                    byteCount: max(0, index["IndexSizeBytes"]?.integer ?? 0))
            }
        }
        self.indexes =
            indexes("LocalSecondaryIndexes", isLocal: true)
            + indexes("GlobalSecondaryIndexes", isLocal: false)
    }

    private static func key(_ schema: JSONValue?, _ types: [String: String]) -> KeySchema {
        var key = KeySchema(hash: [])
        for element in schema?.elements ?? [] {
            guard let name = element["AttributeName"]?.string else { continue }
            let attribute = KeyAttribute(name: name, type: types[name] ?? "S")
            if element["KeyType"]?.string == "RANGE" {
                key.range.append(attribute)
            } else {
                key.hash.append(attribute)
            }
        }
        return key
    }

    package func index(named name: String) throws(ValueFault) -> IndexSchema {
        if let index = indexes.first(where: { $0.name == name }) { return index }
        let known = indexes.map(\.name).joined(separator: ", ")
        throw ValueFault(
            indexes.isEmpty
                ? "\(self.name) has no indexes"
                : "\(self.name) has no index \(name): it has \(known)")
    }

    // MARK: Values

    /// An attribute value of a plain one; a key attribute's in the type of the schema.
    package func attributeValue(
        _ plain: JSONValue, for name: String?
    ) throws(ValueFault) -> JSONValue {
        guard let name, let type = attributeTypes[name] else {
            return try PlainJSON.attributeValue(plain)
        }
        return try Self.attributeValue(plain, for: name, type: type)
    }

    private static func attributeValue(
        _ plain: JSONValue, for name: String, type: String
    ) throws(ValueFault) -> JSONValue {
        switch (type, plain) {
        case ("S", .string): return .object([("S", plain)])
        case ("S", .number(let text)): return .object([("S", .string(text))])
        case ("S", .bool(let flag)): return .object([("S", .string("\(flag)"))])
        case ("S", .null): return .object([("S", .string("null"))])
        case ("N", .number), ("N", .string):
            if case .string(let text) = plain {
                let parsed = try? JSONValue(parsing: Array(text.utf8))
                guard case .number? = parsed else {
                    throw ValueFault("\(name) is a number, '\(text)' is none")
                }
                return try PlainJSON.attributeValue(.number(text))
            }
            return try PlainJSON.attributeValue(plain)
        case ("B", .string(let text)):
            guard Base64.decoded(text) != nil else {
                throw ValueFault("\(name) is binary: give its base64, '\(text)' is none")
            }
            return .object([("B", plain)])
        default:
            let value = try PlainJSON.attributeValue(plain)
            guard value.members?.first?.0 == type else {
                let kind = ["S": "a string", "N": "a number", "B": "binary"][type] ?? type
                throw ValueFault("\(name) is a key attribute and must be \(kind)")
            }
            return value
        }
    }

    /// The item of an object in plain or DynamoDB JSON; key attributes in the schema's types.
    package func item(_ json: JSONValue) throws(ValueFault) -> [(String, JSONValue)] {
        guard let members = json.members else {
            throw ValueFault("an item is a JSON object like {\"\(key.hash[0].name)\": 1}")
        }
        if PlainJSON.isTyped(item: json) { return members }
        var item: [(String, JSONValue)] = []
        for (name, value) in members {
            item.append((name, try attributeValue(value, for: name)))
        }
        return item
    }
}
