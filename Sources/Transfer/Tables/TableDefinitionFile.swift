package import Wire

/// A table's definition beside its items, in the shape of CreateTable's parameters.
package enum TableDefinitionFile {
    /// What a definition's file is called that lies beside a file of items.
    package static func path(beside path: String) -> String {
        var name = path
        for suffix in [".gz", ".zst", ".jsonl", ".json", ".csv"] where name.hasSuffix(suffix) {
            name.removeLast(suffix.count)
        }
        return name + ".table.json"
    }

    /// CreateTable's parameters for a table that DescribeTable told of.
    package static func parameters(of table: JSONValue) -> JSONValue {
        let billing = table["BillingModeSummary"]?["BillingMode"]?.string
        let isOnDemand = billing == "PAY_PER_REQUEST"
        let tableClass = table["TableClassSummary"]?["TableClass"]
        var members: [(String, JSONValue?)] = [
            ("TableName", table["TableName"]),
            ("AttributeDefinitions", table["AttributeDefinitions"]),
            ("KeySchema", table["KeySchema"]),
            ("BillingMode", .string(isOnDemand ? "PAY_PER_REQUEST" : "PROVISIONED")),
            ("ProvisionedThroughput", isOnDemand ? nil : throughput(table)),
            (
                "LocalSecondaryIndexes",
                indexes(table["LocalSecondaryIndexes"], hasThroughput: false, hasWarmth: false)
            ),
            (
                "GlobalSecondaryIndexes",
                indexes(
                    table["GlobalSecondaryIndexes"], hasThroughput: !isOnDemand, hasWarmth: true)
            ),
            ("TableClass", tableClass),
            ("OnDemandThroughput", table["OnDemandThroughput"]),
            ("WarmThroughput", warmth(table)),
        ]
        if let stream = table["StreamSpecification"], stream["StreamEnabled"]?.bool == true {
            members.append(("StreamSpecification", stream))
        }
        if table["DeletionProtectionEnabled"]?.bool == true {
            members.append(("DeletionProtectionEnabled", .bool(true)))
        }
        if let encryption = table["SSEDescription"], encryption["Status"]?.string == "ENABLED" {
            members.append(
                (
                    "SSESpecification",
                    .object(present: [
                        ("Enabled", .bool(true)), ("SSEType", encryption["SSEType"]),
                        ("KMSMasterKeyId", encryption["KMSMasterKeyArn"]),
                    ])
                ))
        }
        return .object(present: members)
    }

    private static func throughput(_ described: JSONValue) -> JSONValue? {
        guard let told = described["ProvisionedThroughput"] else { return nil }
        return .object(present: [
            ("ReadCapacityUnits", told["ReadCapacityUnits"]),
            ("WriteCapacityUnits", told["WriteCapacityUnits"]),
        ])
    }

    /// What a table or index was warmed up to; nil where it has no more than every one has, because
    /// the service charges for what is asked for beyond that.
    private static func warmth(_ described: JSONValue) -> JSONValue? {
        guard let told = described["WarmThroughput"],
            let reads = told["ReadUnitsPerSecond"]?.integer,
            let writes = told["WriteUnitsPerSecond"]?.integer
        else { return nil }
        let bought = described["ProvisionedThroughput"]
        let isMore =
            reads > max(12_000, bought?["ReadCapacityUnits"]?.integer ?? 0)
            || writes > max(4_000, bought?["WriteCapacityUnits"]?.integer ?? 0)
        guard isMore else { return nil }
        return .object([
            ("ReadUnitsPerSecond", .number(String(reads))),
            ("WriteUnitsPerSecond", .number(String(writes))),
        ])
    }

    private static func indexes(
        _ described: JSONValue?, hasThroughput: Bool, hasWarmth: Bool
    ) -> JSONValue? {
        guard let elements = described?.elements, !elements.isEmpty else { return nil }
        return .array(
            elements.map { index in
                .object(present: [
                    ("IndexName", index["IndexName"]), ("KeySchema", index["KeySchema"]),
                    ("Projection", index["Projection"]),
                    ("ProvisionedThroughput", hasThroughput ? throughput(index) : nil),
                    ("OnDemandThroughput", index["OnDemandThroughput"]),
                    ("WarmThroughput", hasWarmth ? warmth(index) : nil),
                ])
            })
    }
}
