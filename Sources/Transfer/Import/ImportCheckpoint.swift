internal import Wire

/// How far an import is: all records before a place have been acknowledged.
///
/// What comes after may have been written too; writing it again changes nothing.
struct ImportCheckpoint: Sendable, Equatable {
    /// The table, as `TransferTable.identity` tells it.
    var table: String
    /// The paths of the files, and their lengths.
    var files: [(path: String, length: Int?)]
    var place = ImportPlace()
    /// Where the unpacking of the place's file can begin; nil: at the file's begin.
    var entrance: ByteEntrance?
    var counts = TransferProgress.Counts()

    static func == (left: ImportCheckpoint, right: ImportCheckpoint) -> Bool {
        left.json == right.json
    }

    init(table: TransferTable, source: ImportSource) {
        self.table = table.identity
        files = source.files.map { ($0.path, FilePath.length($0.path)) }
    }

    /// All files' bytes; nil where nobody knows.
    var fileBytes: Int? {
        files.contains { $0.length == nil } ? nil : files.reduce(0) { $0 + ($1.length ?? 0) }
    }

    var json: JSONValue {
        .object(present: [
            ("version", .number("1")), ("table", .string(table)),
            (
                "files",
                .array(
                    files.map {
                        .object(present: [
                            ("path", .string($0.path)),
                            ("length", $0.length.map { .number(String($0)) }),
                        ])
                    })
            ),
            ("file", .number(String(place.file))), ("offset", .number(String(place.offset))),
            ("line", .number(String(place.line))),
            ("packed", entrance.map { .number(String($0.packed)) }),
            ("unpacked", entrance.map { .number(String($0.unpacked)) }),
            ("items", .number(String(counts.items))),
            ("itemBytes", .number(String(counts.itemBytes))),
            ("units", .number(String(counts.units))),
            ("skipped", .number(String(counts.skipped))),
        ])
    }

    /// Goes on from what a file tells.
    ///
    /// - Throws: where it tells of another table or other files.
    mutating func resume(from path: String) throws(TransferError) {
        let bytes = try FilePath.read(path)
        guard let json = try? JSONValue(parsing: bytes), json["version"]?.integer == 1,
            let file = json["file"]?.integer, let offset = json["offset"]?.integer,
            let line = json["line"]?.integer, file >= 0, offset >= 0, line >= 1
        else {
            throw TransferError(
                "\(path): is no checkpoint of an import; remove it, or begin again with --force")
        }
        guard json["table"]?.string == table else {
            throw TransferError(
                "\(path): is of another table, or of one that was deleted since; begin again "
                    + "with --force")
        }
        let before = json["files"]?.elements ?? []
        let isSame =
            before.count == files.count
            && zip(before, files).allSatisfy {
                $0["path"]?.string == $1.path && $0["length"]?.integer == $1.length
            }
        guard isSame else {
            throw TransferError(
                "\(path): the files are not those that the import began with; begin again "
                    + "with --force")
        }
        place = ImportPlace(file: file, offset: offset, line: line)
        if let packed = json["packed"]?.integer, let unpacked = json["unpacked"]?.integer,
            packed >= 0, (0...offset).contains(unpacked)
        {
            entrance = ByteEntrance(packed: packed, unpacked: unpacked)
        }
        counts.items = json["items"]?.integer ?? 0
        counts.itemBytes = json["itemBytes"]?.integer ?? 0
        counts.units = json["units"]?.double ?? 0
        counts.skipped = json["skipped"]?.integer ?? 0
    }
}
