internal import Items
internal import Wire

extension TransferFormat {
    /// By a file's name, compression apart; nil where only the content tells.
    package init?(fileName: String) {
        var name = fileName.lowercased()[...]
        for suffix in [".gz", ".zst"] where name.hasSuffix(suffix) {
            name = name.dropLast(suffix.count)
        }
        guard name.hasSuffix(".csv") else { return nil }
        self = .csv
    }

    /// Whether a name promises JSON of some kind, whatever the content looks like.
    static func isJSON(fileName: String) -> Bool {
        var name = fileName.lowercased()[...]
        for suffix in [".gz", ".zst"] where name.hasSuffix(suffix) {
            name = name.dropLast(suffix.count)
        }
        return [".jsonl", ".json", ".ndjson"].contains { name.hasSuffix($0) }
    }

    /// By a file's first record.
    init(firstRecord: [UInt8]) {
        let tree = try? JSONValue(parsing: firstRecord)
        guard let tree, let members = tree.members else {
            self = firstRecord.first { $0 > 0x20 } == UInt8(ascii: "{") ? .jsonl : .csv
            return
        }
        let isWrapped =
            members.count == 1 && members.first?.0 == "Item" && members.first?.1.members != nil
        let isChange = tree["Keys"] != nil && tree["Metadata"] != nil
        let isTyped = !members.isEmpty && members.allSatisfy { Self.isTyped($0.1) }
        self = isWrapped || isChange || isTyped ? .dynamodbJSON : .jsonl
    }

    private static func isTyped(_ value: JSONValue) -> Bool {
        guard let members = value.members, members.count == 1, let (name, _) = members.first else {
            return false
        }
        return ColumnType(rawValue: name) != nil
    }
}
