/// One record of CSV, as RFC 4180 tells it.
enum CSVRecord {
    struct Cell: Equatable {
        var bytes: [UInt8]
        /// An empty cell in quotes is an empty text; one without is none.
        var isQuoted: Bool
    }

    /// The cells of a record.
    static func cells(_ record: [UInt8]) throws(TransferError) -> [Cell] {
        var cells: [Cell] = []
        var at = 0
        while true {
            var cell = Cell(bytes: [], isQuoted: false)
            if at < record.count, record[at] == quote {
                cell.isQuoted = true
                at = try quoted(record, from: at + 1, into: &cell.bytes)
                guard at == record.count || record[at] == comma else {
                    throw TransferError(
                        "cell \(cells.count + 1): after a closing quote a comma must come")
                }
            } else {
                let end = record[at...].firstIndex(of: comma) ?? record.count
                cell.bytes = Array(record[at..<end])
                guard !cell.bytes.contains(quote) else {
                    throw TransferError(
                        "cell \(cells.count + 1): a cell with a quote in it must stand in quotes")
                }
                at = end
            }
            cells.append(cell)
            if at == record.count { return cells }
            at += 1
        }
    }

    /// Reads up to the closing quote; answers where it goes on.
    private static func quoted(
        _ record: [UInt8], from start: Int, into bytes: inout [UInt8]
    ) throws(TransferError) -> Int {
        var at = start
        while at < record.count {
            if record[at] != quote {
                bytes.append(record[at])
            } else if at + 1 < record.count, record[at + 1] == quote {
                bytes.append(quote)
                at += 1
            } else {
                return at + 1
            }
            at += 1
        }
        throw TransferError("a quote is never closed")
    }

    /// Appends a cell, in quotes where it needs them.
    static func append(_ cell: some Collection<UInt8>, to output: inout [UInt8]) {
        let needsQuotes =
            cell.isEmpty
            || cell.contains {
                $0 == quote || $0 == comma || $0 == 0x0A || $0 == 0x0D
            } || cell.first == 0x20
        guard needsQuotes else {
            output.append(contentsOf: cell)
            return
        }
        output.append(quote)
        for byte in cell {
            if byte == quote { output.append(quote) }
            output.append(byte)
        }
        output.append(quote)
    }

    static let quote = UInt8(ascii: "\"")
    static let comma = UInt8(ascii: ",")
}
