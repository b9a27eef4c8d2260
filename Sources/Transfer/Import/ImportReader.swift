internal import Items

/// A place in the files of an import.
struct ImportPlace: Sendable, Comparable {
    var file = 0
    /// In unpacked bytes.
    var offset = 0
    /// From 1.
    var line = 1

    static func < (left: ImportPlace, right: ImportPlace) -> Bool {
        left.file == right.file ? left.offset < right.offset : left.file < right.file
    }
}

/// Reads the records of all files, one after another.
final class ImportReader {
    /// A record as what it asks for, or what is wrong with it.
    struct Record {
        var change: Result<ItemChange, TransferError>
        var place: ImportPlace
        /// `orders.csv:17`.
        var name: String
    }

    private let source: ImportSource
    private let keyTypes: [(name: [UInt8], type: ScalarAttributeType)]
    private let columnTypes: [String: ColumnType]
    /// Columns that CSV must have: those of the key.
    private let keyNames: [String]
    /// Where the next record begins.
    private(set) var place: ImportPlace
    private var open: (splitter: RecordSplitter, bytes: ByteSource, parser: ItemParser)?
    /// Where the unpacking of the first file can begin.
    private var entrance: ByteEntrance?
    /// A first record that was read to see what format it has.
    private var pending: FileRecord?
    private var recordsInFile = 0
    private var packedBytesBefore = 0

    init(
        _ source: ImportSource, keyTypes: [(name: [UInt8], type: ScalarAttributeType)],
        columnTypes: [String: ColumnType], keyNames: [String] = [],
        from place: ImportPlace = ImportPlace(), by entrance: ByteEntrance? = nil
    ) {
        self.entrance = entrance
        self.keyNames = keyNames
        self.source = source
        self.keyTypes = keyTypes
        self.columnTypes = columnTypes
        self.place = place
    }

    /// Packed bytes read so far, of all files.
    var packedBytesRead: Int { packedBytesBefore + (open?.bytes.packedBytesRead ?? 0) }

    /// The next record; nil at the end of the last file.
    ///
    /// - Throws: where a file cannot be read, or isn't what its manifest tells.
    func next() throws(TransferError) -> Record? {
        while place.file < source.files.count {
            let file = source.files[place.file]
            let (splitter, _, parser) = try opened(file)
            var read = pending
            pending = nil
            if read == nil { read = try splitter.next() }
            guard let record = read else {
                try finish(file)
                continue
            }
            let start = ImportPlace(
                file: place.file, offset: record.range.lowerBound, line: record.line)
            (place.offset, place.line) = splitter.position
            if Self.isBlank(record) { continue }
            recordsInFile += 1
            let change: Result<ItemChange, TransferError>
            do throws(TransferError) {
                change = .success(try parser.parse(record.bytes))
            } catch {
                // Whole files of JSON are common, and their faults are hard to see.
                let isWhole = record.line == 1 && parser.format != .csv
                let hint = isWhole ? "; each line must be a JSON object of its own" : ""
                change = .failure(TransferError(error.message + hint))
            }
            let path = file.path == "-" ? "standard input" : file.path
            return Record(change: change, place: start, name: "\(path):\(record.line)")
        }
        return nil
    }

    private func opened(
        _ file: ImportSource.File
    ) throws(TransferError) -> (RecordSplitter, ByteSource, ItemParser) {
        if let open { return open }
        if let md5 = file.md5, try FileDigest.md5(file.path) != md5 {
            throw TransferError("\(file.path): its MD5 is not the one that the manifest tells")
        }
        let bytes = try ByteSource(file.path)
        var format = source.format ?? TransferFormat(fileName: file.path)
        let splitter = RecordSplitter(bytes, isCSV: format == .csv)
        var header: [UInt8] = []
        if format == nil {
            // Only CSV has records of several lines, and its first one that isn't JSON.
            let first = try Self.first(of: splitter)
            var told = TransferFormat(firstRecord: first?.bytes ?? [])
            if told == .csv, TransferFormat.isJSON(fileName: file.path) { told = .jsonl }
            format = told
            if told == .csv {
                splitter.goOnAsCSV()
                header = first?.bytes ?? []
            } else {
                pending = first
            }
        } else if format == .csv {
            header = try Self.first(of: splitter)?.bytes ?? []
        }
        if let first = pending, first.range.lowerBound < place.offset { pending = nil }
        if place.offset > splitter.position.offset {
            try splitter.skip(to: place.offset, line: place.line, by: entrance)
            recordsInFile = place.line - 1
        }
        entrance = nil
        do throws(TransferError) {
            let parser = try ItemParser(
                format ?? .jsonl, keyTypes: keyTypes, header: header, types: columnTypes,
                keyNames: keyNames)
            open = (splitter, bytes, parser)
            return (splitter, bytes, parser)
        } catch {
            throw TransferError("\(file.path):1: \(error.message)")
        }
    }

    /// The first record that isn't blank.
    private static func first(of splitter: RecordSplitter) throws(TransferError) -> FileRecord? {
        while let record = try splitter.next() {
            if !isBlank(record) { return record }
        }
        return nil
    }

    private static func isBlank(_ record: FileRecord) -> Bool {
        record.bytes.allSatisfy { $0 == 0x20 || $0 == 0x09 }
    }

    /// Where the unpacking of a place's file can begin, as near before the place as known.
    func entrance(before place: ImportPlace) -> ByteEntrance? {
        place.file == self.place.file ? open?.bytes.entrance(before: place.offset) : nil
    }

    private func finish(_ file: ImportSource.File) throws(TransferError) {
        if let count = file.itemCount, count != recordsInFile {
            throw TransferError(
                "\(file.path): has \(recordsInFile) items, the manifest tells of \(count)")
        }
        packedBytesBefore += open?.bytes.packedBytesRead ?? 0
        open = nil
        recordsInFile = 0
        place = ImportPlace(file: place.file + 1)
    }
}
