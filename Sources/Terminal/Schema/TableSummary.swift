package import Wire

/// A table's description for people.
package enum TableSummary {
    /// `on demand`, `provisioned 5/5`.
    package static func billing(_ table: JSONValue) -> String {
        if table["BillingModeSummary"]?["BillingMode"]?.string == "PAY_PER_REQUEST" {
            return "on demand"
        }
        return "provisioned " + throughput(table["ProvisionedThroughput"])
    }

    private static func throughput(_ value: JSONValue?) -> String {
        "\(value?["ReadCapacityUnits"]?.integer ?? 0) RCU, "
            + "\(value?["WriteCapacityUnits"]?.integer ?? 0) WCU"
    }

    /// The summary's lines: what is set, and each index.
    ///
    /// - Parameter timeToLive: DescribeTimeToLive's description, where it was asked for.
    package static func text(
        _ table: JSONValue, timeToLive: JSONValue? = nil, palette: Palette = .plain
    ) -> String {
        var rows: [(String, String)] = [
            ("table", table["TableName"]?.string ?? ""),
            ("status", table["TableStatus"]?.string ?? ""),
            ("key", key(table["KeySchema"], table)),
            (
                "items",
                "\(Quantity.count(table["ItemCount"]?.integer ?? 0)), "
                    + Quantity.bytes(table["TableSizeBytes"]?.integer ?? 0)
            ),
            ("billing", billing(table) + onDemandMaximum(table["OnDemandThroughput"])),
        ]
        if table["TableClassSummary"]?["TableClass"]?.string == "STANDARD_INFREQUENT_ACCESS" {
            rows.append(("class", "standard, infrequent access"))
        }
        if let stream = table["StreamSpecification"], stream["StreamEnabled"]?.bool == true {
            rows.append(
                (
                    "stream",
                    (stream["StreamViewType"]?.string ?? "") + " "
                        + (table["LatestStreamArn"]?.string ?? "")
                ))
        }
        if let status = timeToLive?["TimeToLiveStatus"]?.string, status != "DISABLED" {
            let attribute = timeToLive?["AttributeName"]?.string ?? ""
            rows.append(("expiry", "\(attribute) (\(status))"))
        }
        if table["DeletionProtectionEnabled"]?.bool == true {
            rows.append(("protected", "from deletion"))
        }
        rows.append(("arn", table["TableArn"]?.string ?? ""))
        let widest = rows.map { $0.0.count }.max() ?? 0
        var text = rows.map { name, value in
            palette.paint(name, .bold) + String(repeating: " ", count: widest - name.count)
                + "  " + DisplayWidth.visible(value) + "\n"
        }.joined()
        let indexes = indexes(table)
        if !indexes.rows.isEmpty { text += "\n" + indexes.text(palette: palette) }
        return text
    }

    private static func onDemandMaximum(_ value: JSONValue?) -> String {
        let parts = [
            ("MaxReadRequestUnits", "reads"), ("MaxWriteRequestUnits", "writes"),
        ].compactMap { member, noun in
            value?[member]?.integer.flatMap { $0 > 0 ? "\(Quantity.count($0)) \(noun)/s" : nil }
        }
        return parts.isEmpty ? "" : ", at most " + parts.joined(separator: ", ")
    }

    private static func indexes(_ table: JSONValue) -> TextTable {
        var rows = TextTable([
            .init("index"), .init("kind"), .init("key"), .init("projects"),
            .init("items", .right), .init("size", .right), .init("status"),
        ])
        for (member, kind) in [
            ("LocalSecondaryIndexes", "local"), ("GlobalSecondaryIndexes", "global"),
        ] {
            for index in table[member]?.elements ?? [] {
                rows.add([
                    index["IndexName"]?.string ?? "", kind, key(index["KeySchema"], table),
                    projection(index["Projection"]),
                    Quantity.count(index["ItemCount"]?.integer ?? 0),
                    Quantity.bytes(index["IndexSizeBytes"]?.integer ?? 0),
                    index["IndexStatus"]?.string ?? "",
                ])
            }
        }
        return rows
    }

    private static func projection(_ projection: JSONValue?) -> String {
        let type = projection?["ProjectionType"]?.string ?? "ALL"
        guard type == "INCLUDE" else { return type }
        let names = (projection?["NonKeyAttributes"]?.elements ?? []).compactMap(\.string)
        return names.joined(separator: ", ")
    }

    /// `customer (S), sorted by date (S)`.
    private static func key(_ schema: JSONValue?, _ table: JSONValue) -> String {
        var hash: [String] = []
        var range: [String] = []
        for element in schema?.elements ?? [] {
            let name = element["AttributeName"]?.string ?? ""
            let type = (table["AttributeDefinitions"]?.elements ?? [])
                .first { $0["AttributeName"]?.string == name }?["AttributeType"]?.string
            let told = name + (type.map { " (\($0))" } ?? "")
            if element["KeyType"]?.string == "RANGE" {
                range.append(told)
            } else {
                hash.append(told)
            }
        }
        let sorted = range.isEmpty ? "" : ", sorted by " + range.joined(separator: " + ")
        return hash.joined(separator: " + ") + sorted
    }
}
