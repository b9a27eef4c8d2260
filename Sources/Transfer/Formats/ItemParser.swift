internal import Items
internal import Wire

/// What a record asks for.
enum ItemChange: Sendable, Equatable {
    case put(ItemBytes)
    /// The item with this key goes away: a record of an incremental export.
    case delete(key: ItemBytes)
}

/// Reads the records of a format as items.
struct ItemParser: Sendable {
    let format: TransferFormat
    /// Of the attributes of keys.
    let keyTypes: [(name: [UInt8], type: ScalarAttributeType)]
    /// The columns of CSV, with their types.
    private let columns: [(name: [UInt8], type: ColumnType)]

    /// - Parameters:
    ///   - header: the first record of CSV.
    ///   - types: what the columns of CSV are that are no keys' and no strings.
    ///   - keyNames: columns that there must be.
    init(
        _ format: TransferFormat, keyTypes: [(name: [UInt8], type: ScalarAttributeType)],
        header: [UInt8] = [], types: [String: ColumnType] = [:], keyNames: [String] = []
    ) throws(TransferError) {
        self.format = format
        self.keyTypes = keyTypes
        guard format == .csv else {
            columns = []
            return
        }
        guard !header.isEmpty else {
            throw TransferError("CSV begins with a header: there is none")
        }
        var columns: [(name: [UInt8], type: ColumnType)] = []
        for cell in try CSVRecord.cells(header) {
            guard let name = String(validating: cell.bytes, as: UTF8.self), !name.isEmpty else {
                throw TransferError("the header has a column without a name")
            }
            guard !columns.contains(where: { $0.name == cell.bytes }) else {
                throw TransferError("the header has the column '\(name)' twice")
            }
            let keyType = keyTypes.first { $0.name == cell.bytes }?.type
            columns.append((cell.bytes, types[name] ?? keyType.map { ColumnType($0) } ?? .string))
        }
        for name in types.keys.sorted()
        where !columns.contains(where: { $0.name == Array(name.utf8) }) {
            throw TransferError("--types: there is no column '\(name)'")
        }
        for name in keyNames where !columns.contains(where: { $0.name == Array(name.utf8) }) {
            throw TransferError(
                "the header has no column '\(name)', which is in the table's key; commas separate "
                    + "columns")
        }
        self.columns = columns
    }

    /// - Throws: what is wrong with the record.
    func parse(_ record: [UInt8]) throws(TransferError) -> ItemChange {
        switch format {
        case .csv: return .put(try csv(record))
        case .jsonl:
            do throws(TextFault) {
                return .put(try ItemText.plain(record, types: keyTypes))
            } catch {
                throw TransferError(error.message)
            }
        case .dynamodbJSON, .s3Export:
            do throws(TextFault) {
                return try dynamodb(record)
            } catch {
                throw TransferError(error.message)
            }
        }
    }

    /// An item bare or as an export wraps it, or a change of an incremental export.
    private func dynamodb(_ record: [UInt8]) throws(TextFault) -> ItemChange {
        let fault: TextFault
        do throws(TextFault) {
            if let item = try ItemText.wrapped(record, names: ["Item"])?["Item"] {
                return .put(item)
            }
            let names = ["Metadata", "Keys", "OldImage", "NewImage"]
            if let change = try ItemText.wrapped(record, names: names), let key = change["Keys"] {
                return change["NewImage"].map { .put($0) } ?? .delete(key: key)
            }
            return .put(try ItemText.dynamodb(record))
        } catch {
            fault = error
        }
        // A bare item may have an attribute of the name that a wrapped one goes by.
        guard let item = try? ItemText.dynamodb(record) else { throw fault }
        return .put(item)
    }

    private func csv(_ record: [UInt8]) throws(TransferError) -> ItemBytes {
        let cells = try CSVRecord.cells(record)
        guard cells.count == columns.count else {
            throw TransferError("has \(cells.count) cells, the header \(columns.count)")
        }
        var encoder = ItemEncoder()
        encoder.beginItem()
        var count = 0
        for (cell, column) in zip(cells, columns) where cell.isQuoted || !cell.bytes.isEmpty {
            encoder.name(column.name)
            do throws(TransferError) {
                try column.type.encode(cell.bytes, into: &encoder)
            } catch {
                let name = String(decoding: column.name, as: UTF8.self)
                throw TransferError("column \(name): \(error.message)")
            }
            count += 1
        }
        return encoder.finishItem(count: count)
    }
}
