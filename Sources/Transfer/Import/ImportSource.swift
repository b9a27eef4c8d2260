internal import Operations
internal import Wire

/// The files that an import reads, in order.
struct ImportSource: Sendable, Equatable {
    struct File: Sendable, Equatable {
        var path: String
        /// What a manifest tells of it.
        var itemCount: Int?
        var md5: [UInt8]?
    }

    var files: [File]
    /// nil: told by each file's name and content.
    var format: TransferFormat?

    /// Finds out what a path names.
    ///
    /// - Throws: where there is nothing to import, or more than one export.
    init(_ path: String, format: TransferFormat?) throws(TransferError) {
        self.format = format == .s3Export ? nil : format
        guard path != "-" else {
            files = [File(path: "-")]
            return
        }
        guard FilePath.exists(path) else {
            throw TransferError("\(path): there is no such file or directory")
        }
        guard FilePath.isDirectory(path) else {
            files = [File(path: path)]
            return
        }
        if let export = try Self.exportDirectory(path) {
            files = try Self.manifestFiles(export)
            self.format = .dynamodbJSON
            return
        }
        guard format != .s3Export else {
            throw TransferError("\(path): has no manifest-summary.json, and no AWSDynamoDB/…")
        }
        guard !FilePath.exists(ExportPlan.checkpointPath(directory: path)) else {
            throw TransferError("\(path): is an export that was never finished")
        }
        let names = try FilePath.names(in: path).filter(Self.isData)
        guard !names.isEmpty else {
            throw TransferError(
                "\(path): has no files that end with .jsonl, .json, .csv, .gz or .zst")
        }
        files = names.map { File(path: FilePath.joined(path, $0)) }
    }

    private static func isData(_ name: String) -> Bool {
        if name.hasSuffix("table.json") { return false }
        var stem = name[...]
        for suffix in [".gz", ".zst"] where stem.hasSuffix(suffix) {
            stem = stem.dropLast(suffix.count)
        }
        return [".jsonl", ".json", ".ndjson", ".csv"].contains { stem.hasSuffix($0) }
            || stem.count != name.count
    }

    // MARK: The service's exports

    /// The directory with the manifests; nil where this is no export.
    private static func exportDirectory(_ path: String) throws(TransferError) -> String? {
        if FilePath.exists(FilePath.joined(path, "manifest-summary.json")) { return path }
        var above = FilePath.joined(path, "AWSDynamoDB")
        if !FilePath.isDirectory(above) {
            guard FilePath.name(path) == "AWSDynamoDB" else { return nil }
            above = path
        }
        var found: [String] = []
        var unfinished: [String] = []
        for name in try FilePath.names(in: above) {
            let export = FilePath.joined(above, name)
            if FilePath.exists(FilePath.joined(export, "manifest-summary.json")) {
                found.append(export)
            } else if FilePath.exists(FilePath.joined(export, "_started")) {
                unfinished.append(export)
            }
        }
        if let export = found.first, found.count == 1 { return export }
        if found.isEmpty, let export = unfinished.first {
            throw TransferError("\(export): is an export that was never finished")
        }
        guard found.isEmpty else {
            throw TransferError(
                "\(above): holds \(found.count) exports; name one, like \(found[found.count - 1])")
        }
        throw TransferError("\(above): holds no export")
    }

    private static func manifestFiles(_ export: String) throws(TransferError) -> [File] {
        let summary = try manifest(export, "manifest-summary")
        let told = try json(summary, FilePath.joined(export, "manifest-summary.json"))
        if let format = told["outputFormat"]?.string, format != "DYNAMODB_JSON" {
            throw TransferError("\(export): is in the format \(format); only DYNAMODB_JSON is read")
        }
        var files: [File] = []
        let path = FilePath.joined(export, "manifest-files.json")
        for line in try manifest(export, "manifest-files").split(separator: UInt8(ascii: "\n")) {
            let entry = try json(Array(line), path)
            guard let key = entry["dataFileS3Key"]?.string else {
                throw TransferError("\(path): a line has no dataFileS3Key")
            }
            // Keys are those of the bucket; the files lie beside the manifests.
            let file = FilePath.joined(export, "data/" + FilePath.name(key))
            guard FilePath.exists(file) else {
                throw TransferError("\(file): is missing, though the manifest names it")
            }
            files.append(
                File(
                    path: file, itemCount: entry["itemCount"]?.integer,
                    md5: entry["md5Checksum"]?.string.flatMap(Base64.decoded)))
        }
        let sum = files.reduce(0) { $0 + ($1.itemCount ?? 0) }
        if let count = told["itemCount"]?.integer, count != sum {
            throw TransferError(
                "\(path): its files have \(sum) items, the summary tells of \(count)")
        }
        return files
    }

    /// The bytes of a manifest, which must have the checksum that lies beside it, if one does.
    private static func manifest(_ export: String, _ name: String) throws(TransferError) -> [UInt8]
    {
        let path = FilePath.joined(export, name + ".json")
        let bytes = try FilePath.read(path)
        for suffix in [".md5", ".json.md5"] {
            let checksum = FilePath.joined(export, name + suffix)
            guard FilePath.exists(checksum) else { continue }
            let text = String(decoding: try FilePath.read(checksum), as: UTF8.self)
            let told = text.split(whereSeparator: \.isWhitespace).first.map(String.init) ?? ""
            let digest = FileDigest.md5(bytes)
            guard told == Base64.encoded(digest) || told == FileDigest.hexadecimal(digest) else {
                throw TransferError("\(path): its MD5 is not the one that \(checksum) tells")
            }
        }
        return bytes
    }

    private static func json(_ bytes: [UInt8], _ path: String) throws(TransferError) -> JSONValue {
        do throws(ServiceError) {
            return try JSONValue(parsing: bytes)
        } catch {
            throw TransferError("\(path): is no JSON")
        }
    }
}
