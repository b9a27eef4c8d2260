package import Client
package import Items
package import Operations
package import Wire

/// What a transfer must know of a table.
package struct TransferTable: Sendable {
    package let name: String
    /// DescribeTable's answer.
    package let description: JSONValue
    /// Names of the table's own key.
    package let keyNames: [String]
    /// Types of all attributes that are in a key of the table or an index.
    let keyTypes: [(name: [UInt8], type: ScalarAttributeType)]

    /// - Throws: where it is no description of a table.
    package init(description: JSONValue) throws(TransferError) {
        guard let name = description["TableName"]?.string,
            let schema = description["KeySchema"]?.elements
        else { throw TransferError("the answer to DescribeTable describes no table") }
        self.name = name
        self.description = description
        keyNames = schema.compactMap { $0["AttributeName"]?.string }
        keyTypes = (description["AttributeDefinitions"]?.elements ?? []).compactMap {
            guard let name = $0["AttributeName"]?.string,
                let type = $0["AttributeType"]?.string.flatMap(ScalarAttributeType.init(rawValue:))
            else { return nil }
            return (Array(name.utf8), type)
        }
    }

    /// - Throws: the service's refusal.
    package static func describe(_ name: String, _ client: ServiceClient) async throws
        -> TransferTable
    {
        let answer = try await client.call(
            .dynamodb, "DescribeTable", .object([("TableName", .string(name))]))
        return try TransferTable(description: answer["Table"] ?? .null)
    }

    /// What tells this table from one of the same name that came before or after it.
    var identity: String {
        let created = description["CreationDateTime"].map {
            String(decoding: $0.encoded, as: UTF8.self)
        }
        return description["TableId"]?.string ?? created ?? name
    }

    package var tableClass: TableClass? {
        description["TableClassSummary"]?["TableClass"]?.string.flatMap(TableClass.init(rawValue:))
    }

    var arn: String { description["TableArn"]?.string ?? name }

    /// As the service counted it some time ago.
    package var itemCount: Int? { description["ItemCount"]?.integer }

    /// Whether the table has an index of this name.
    func hasIndex(_ name: String) -> Bool {
        let indexes =
            (description["GlobalSecondaryIndexes"]?.elements ?? [])
            + (description["LocalSecondaryIndexes"]?.elements ?? [])
        return indexes.contains { $0["IndexName"]?.string == name }
    }

    /// The attributes of the key of an item; nil where one is missing.
    func key(of item: ItemBytes) -> ItemBytes? {
        let key = item.filter { name in
            keyNames.contains { name.elementsEqual($0.utf8) }
        }
        return key.count == keyNames.count ? key : nil
    }

    /// Bytes that are equal for equal keys.
    func identity(of item: ItemBytes) -> [UInt8] {
        var bytes: [UInt8] = []
        for name in keyNames {
            guard let value = item.value(named: name) else { continue }
            bytes.append(UInt8(truncatingIfNeeded: value.encoded.count))
            bytes.append(UInt8(truncatingIfNeeded: value.encoded.count >> 8))
            bytes += value.encoded
        }
        return bytes
    }

    /// What is wrong with an item or key that would be refused; nil where nothing shows.
    func fault(of item: ItemBytes) -> String? {
        for name in keyNames {
            guard let value = item.value(named: name) else {
                return "the key attribute '\(name)' is missing"
            }
            let type = keyTypes.first { $0.name.elementsEqual(name.utf8) }?.type
            if let type, value.tag != type.tag {
                return
                    "the key attribute '\(name)' is \(value.tag.descriptor), not \(type.rawValue)"
            }
            if value.tag != .number, value.scalar.isEmpty {
                return "the key attribute '\(name)' is empty"
            }
        }
        guard item.size <= Limits.itemBytesMax else {
            return "the item has \(item.size) bytes, more than \(Limits.itemBytesMax)"
        }
        return nil
    }
}
