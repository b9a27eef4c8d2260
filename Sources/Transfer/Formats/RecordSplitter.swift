internal import Glibc

/// One record of a file, and where it stands.
struct FileRecord: Sendable {
    var bytes: [UInt8]
    /// Of its first line, from 1.
    var line: Int
    /// Where it begins and what follows begins, in unpacked bytes.
    var range: Range<Int>
}

/// Cuts a stream of bytes into records: lines, or CSV records, whose quotes may hold line ends.
final class RecordSplitter {
    private let source: ByteSource
    private var isCSV: Bool
    private var buffer: [UInt8] = []
    /// Where in the buffer the next record begins.
    private var at = 0
    /// The offset of the buffer's first byte among all.
    private var bufferStart = 0
    private var line = 1
    private var isAtEnd = false

    /// The most bytes of one record: far more than the JSON of the largest item.
    static let recordBytesMax = 16 << 20

    init(_ source: ByteSource, isCSV: Bool) {
        self.source = source
        self.isCSV = isCSV
    }

    /// Reads on by CSV's rules: the first record told that it is CSV.
    func goOnAsCSV() { isCSV = true }

    /// Where the next record begins.
    var position: (offset: Int, line: Int) { (bufferStart + at, line) }

    /// Goes on from a place that `position` told, by an entrance of the source where one helps.
    func skip(to offset: Int, line: Int, by entrance: ByteEntrance? = nil) throws(TransferError) {
        if let entrance, entrance.unpacked > bufferStart + buffer.count,
            entrance.unpacked <= offset, try source.enter(entrance)
        {
            buffer = []
            bufferStart = entrance.unpacked
        }
        while bufferStart + buffer.count < offset {
            bufferStart += buffer.count
            guard let more = try source.next() else {
                throw TransferError("\(source.path): is shorter than when its import began")
            }
            buffer = more
        }
        at = offset - bufferStart
        self.line = line
    }

    /// The next record, without its line end; nil at the end.
    func next() throws(TransferError) -> FileRecord? {
        var searched = at
        var isQuoted = false
        while true {
            let end = buffer[searched...].withUnsafeBufferPointer {
                Self.recordEnd($0, isCSV: isCSV, isQuoted: &isQuoted)
            }
            if let end { return take(until: searched + end, lineEndCount: 1) }
            guard buffer.count - at <= Self.recordBytesMax else {
                throw TransferError("\(source.path):\(line): has more than 16 MB in one record")
            }
            searched = buffer.count - at
            if isAtEnd { break }
            bufferStart += at
            buffer.removeFirst(at)
            at = 0
            if let more = try source.next() { buffer += more } else { isAtEnd = true }
        }
        guard at < buffer.count else { return nil }
        if isQuoted {
            throw TransferError(
                "\(source.path):\(line): a quote that is opened here is never closed")
        }
        return take(until: buffer.count, lineEndCount: 0)
    }

    private func take(until end: Int, lineEndCount: Int) -> FileRecord {
        var textEnd = end
        if textEnd > at, buffer[textEnd - 1] == UInt8(ascii: "\r") { textEnd -= 1 }
        let next = end + lineEndCount
        var bytes = Array(buffer[at..<textEnd])
        // Some editors put a mark before the first record.
        if bufferStart + at == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        let record = FileRecord(
            bytes: bytes, line: line,
            range: (bufferStart + at)..<(bufferStart + next))
        line += lineEndCount
        if isCSV { for byte in record.bytes where byte == UInt8(ascii: "\n") { line += 1 } }
        at = next
        return record
    }

    /// Where the line feed is that ends a record.
    private static func recordEnd(
        _ bytes: UnsafeBufferPointer<UInt8>, isCSV: Bool, isQuoted: inout Bool
    ) -> Int? {
        guard let start = bytes.baseAddress else { return nil }
        guard isCSV else {
            return memchr(start, 0x0A, bytes.count).map {
                $0 - UnsafeMutableRawPointer(mutating: start)
            }
        }
        for (index, byte) in bytes.enumerated() {
            if byte == UInt8(ascii: "\"") {
                isQuoted.toggle()
            } else if byte == 0x0A, !isQuoted {
                return index
            }
        }
        return nil
    }
}
