internal import Wire

/// How far an export is: what of its files counts, and where each segment goes on.
///
/// It is written after the files' bytes are on the disk, so what it tells of is there; what comes
/// after in a file is cut off when the export goes on.
struct ExportCheckpoint: Sendable, Equatable {
    struct Segment: Sendable, Equatable {
        /// Where its next page begins; nil: at its begin.
        var startKey: JSONValue?
        var isDone = false
    }

    struct File: Sendable, Equatable {
        var name: String
        var length = 0
        var items = 0
    }

    var settings: [(String, String)]
    var segments: [Segment]
    var files: [File]
    /// The service's name for an export to S3; empty for others.
    var exportID = ""
    var startTime = 0.0
    /// Names of attributes that were met, where CSV has a column for each.
    var columns: [String] = []
    var itemBytes = 0
    var units = 0.0

    static func == (left: ExportCheckpoint, right: ExportCheckpoint) -> Bool {
        left.json == right.json
    }

    var items: Int { files.reduce(0) { $0 + $1.items } }

    var json: JSONValue {
        .object([
            ("version", .number("1")),
            ("settings", .object(settings.map { ($0, .string($1)) })),
            (
                "segments",
                .array(
                    segments.map {
                        .object(present: [("done", .bool($0.isDone)), ("startKey", $0.startKey)])
                    })
            ),
            (
                "files",
                .array(
                    files.map {
                        .object([
                            ("name", .string($0.name)), ("length", .number(String($0.length))),
                            ("items", .number(String($0.items))),
                        ])
                    })
            ),
            ("exportId", .string(exportID)), ("startTime", .number(String(startTime))),
            ("columns", .array(columns.map { .string($0) })),
            ("itemBytes", .number(String(itemBytes))), ("units", .number(String(units))),
        ])
    }

    init(settings: [(String, String)], segments: Int, files: [String]) {
        self.settings = settings
        self.segments = Array(repeating: Segment(), count: segments)
        self.files = files.map { File(name: $0) }
    }

    /// - Throws: where the file is no checkpoint of an export.
    init(path: String) throws(TransferError) {
        let bytes = try FilePath.read(path)
        let fault = TransferError(
            "\(path): is no checkpoint of an export; remove it, or begin again with --force")
        guard let json = try? JSONValue(parsing: bytes), json["version"]?.integer == 1,
            let settings = json["settings"]?.members,
            let segments = json["segments"]?.elements, !segments.isEmpty,
            let files = json["files"]?.elements, !files.isEmpty
        else { throw fault }
        self.settings = settings.map { ($0, $1.string ?? "") }
        self.segments = segments.map {
            Segment(startKey: $0["startKey"], isDone: $0["done"]?.bool ?? false)
        }
        var read: [File] = []
        for file in files {
            guard let name = file["name"]?.string, let length = file["length"]?.integer,
                let items = file["items"]?.integer, length >= 0, items >= 0
            else { throw fault }
            read.append(File(name: name, length: length, items: items))
        }
        self.files = read
        exportID = json["exportId"]?.string ?? ""
        startTime = json["startTime"]?.double ?? 0
        columns = (json["columns"]?.elements ?? []).compactMap { $0.string }
        itemBytes = json["itemBytes"]?.integer ?? 0
        units = json["units"]?.double ?? 0
    }

    /// - Throws: where an export that goes on is not the one that was begun.
    func check(_ settings: [(String, String)], path: String) throws(TransferError) {
        for (name, value) in settings {
            let before = self.settings.first { $0.0 == name }?.1 ?? ""
            guard before != value else { continue }
            throw name == "table"
                ? TransferError(
                    "\(path): is of another table, or of one that was deleted since; begin again "
                        + "with --force")
                : TransferError(
                    "\(path): was begun with another \(name) ('\(before)'); give the same, or "
                        + "begin again with --force")
        }
    }
}
