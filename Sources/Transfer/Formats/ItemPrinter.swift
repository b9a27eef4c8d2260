internal import Items
internal import Wire

/// Prints items as the records of a format.
struct ItemPrinter: Sendable {
    let format: TransferFormat
    /// The columns of CSV, in UTF-8.
    let columns: [[UInt8]]

    init(_ format: TransferFormat, columns: [String] = []) {
        self.format = format
        self.columns = columns.map { Array($0.utf8) }
    }

    /// What stands before the first record.
    var heading: [UInt8] {
        guard format == .csv else { return [] }
        var bytes: [UInt8] = []
        for (index, column) in columns.enumerated() {
            if index > 0 { bytes.append(CSVRecord.comma) }
            CSVRecord.append(column, to: &bytes)
        }
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }

    /// Appends a record, its line end included.
    func append(_ item: ItemBytes, to output: inout [UInt8]) {
        switch format {
        case .jsonl:
            var writer = JSONWriter(appendingTo: [])
            writer.plainItem(item)
            output += writer.bytes
        case .dynamodbJSON, .s3Export:
            var writer = JSONWriter(appendingTo: [])
            writer.literal("{\"Item\":")
            writer.item(item)
            writer.endObject()
            output += writer.bytes
        case .csv:
            for (index, column) in columns.enumerated() {
                if index > 0 { output.append(CSVRecord.comma) }
                if let value = item.value(named: column) { Self.append(value, to: &output) }
            }
        }
        output.append(UInt8(ascii: "\n"))
    }

    private static func append(_ value: ItemValue, to output: inout [UInt8]) {
        switch value.tag {
        case .string: CSVRecord.append(value.scalar, to: &output)
        case .number: value.number?.appendText(to: &output)
        case .binary: CSVRecord.append(Base64.encoded(Array(value.scalar)).utf8, to: &output)
        case .boolFalse: output += "false".utf8
        case .boolTrue: output += "true".utf8
        case .null: output += "null".utf8
        case .list, .map:
            var writer = JSONWriter()
            writer.plainValue(value)
            CSVRecord.append(writer.bytes, to: &output)
        case .stringSet, .numberSet, .binarySet:
            var writer = JSONWriter()
            writer.plainSetMembers(value)
            CSVRecord.append(writer.bytes, to: &output)
        }
    }
}
