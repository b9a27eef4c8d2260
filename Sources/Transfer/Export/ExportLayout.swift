internal import Glibc
internal import Items
internal import Operations
internal import Wire

/// Where the parts of an export lie while it is under way, and when it is complete.
///
/// - A file `orders.jsonl` is `orders.jsonl.partial` until then, with `orders.jsonl.checkpoint`.
/// - A directory has `part-0000.jsonl.partial` and so on, and `.export.checkpoint`.
/// - The service's layout has its data in place from the begin: it is complete when it has its
///   manifests, the summary last.
final class ExportLayout {
    private let plan: ExportPlan
    private let settings: [(String, String)]
    private let spools: Bool
    /// A file for what goes to the standard output only when its columns are known.
    private var temporary: String?
    private(set) var exportID = ""

    init(_ plan: ExportPlan, table: TransferTable, spools: Bool) throws(TransferError) {
        self.plan = plan
        self.spools = spools
        settings = plan.settings(of: table)
        if spools, plan.target == .standardOutput {
            let directory = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
            temporary = FilePath.joined(directory, "basalt-export-\(RandomIdentifier.uuid())")
        }
        if spools, case .directory = plan.target {
            throw TransferError(
                "CSV in a directory needs its columns told: --select id,name,…")
        }
        if plan.format == .s3Export {
            guard case .directory = plan.target else {
                throw TransferError("s3-export makes a directory: name one")
            }
        }
    }

    /// Where what `checkpoint.files` names lies.
    var directory: String {
        switch plan.target {
        case .standardOutput: temporary.map(FilePath.directory) ?? "."
        case .file(let path): FilePath.directory(path)
        case .directory(let path): isS3 ? FilePath.joined(path, s3Prefix + "/data") : path
        }
    }

    var checkpointPath: String? { temporary.map { $0 + ".checkpoint" } ?? plan.checkpointPath }

    /// What the summary calls the output.
    var place: String {
        switch plan.target {
        case .standardOutput: "standard output"
        case .file(let path): path
        case .directory(let path): isS3 ? FilePath.joined(path, s3Prefix) : path
        }
    }

    /// Where the table's definition goes; nil where it has no place.
    var tablePath: String? {
        switch plan.target {
        case .standardOutput: nil
        case .file(let path): TableDefinitionFile.path(beside: path)
        case .directory(let path): FilePath.joined(path, "table.json")
        }
    }

    private var isS3: Bool { plan.format == .s3Export }
    private var s3Prefix: String { "AWSDynamoDB/\(exportID)" }

    /// Makes the directories, and answers how far the export is.
    func begin(segments: Int) throws(TransferError) -> ExportCheckpoint {
        if case .directory(let path) = plan.target { try FilePath.makeDirectory(path) }
        let checkpoint: ExportCheckpoint
        if let earlier = try resumed() {
            checkpoint = earlier
        } else {
            checkpoint = try started(segments: segments)
        }
        exportID = checkpoint.exportID
        if isS3 {
            try FilePath.makeDirectory(directory)
            if case .directory(let path) = plan.target {
                let marker = FilePath.joined(path, s3Prefix + "/_started")
                if !FilePath.exists(marker) { try FilePath.write([], to: marker) }
            }
        }
        return checkpoint
    }

    private func resumed() throws(TransferError) -> ExportCheckpoint? {
        guard temporary == nil, let path = plan.checkpointPath else { return nil }
        let isUnfinished = FilePath.exists(path)
        if plan.resumes {
            guard isUnfinished else {
                throw TransferError(
                    "\(place): there is no unfinished export to go on with; leave --resume out")
            }
            let checkpoint = try ExportCheckpoint(path: path)
            try checkpoint.check(settings, path: path)
            try takeNamesBack(checkpoint)
            return checkpoint
        }
        if plan.replaces { return nil }
        if isUnfinished {
            throw TransferError(
                "\(place): an unfinished export is there; --resume goes on with it, "
                    + "--force begins again")
        }
        if case .file(let file) = plan.target, FilePath.exists(file) {
            throw TransferError("\(file): is there already; --force takes its place")
        }
        if case .directory(let directory) = plan.target, !isS3 {
            let names = try FilePath.names(in: directory).filter { $0.hasPrefix("part-") }
            if let name = names.first {
                throw TransferError(
                    "\(FilePath.joined(directory, name)): is there already; --force takes its place"
                )
            }
        }
        return nil
    }

    /// An export that was broken off at its very end may have given files their names already.
    private func takeNamesBack(_ checkpoint: ExportCheckpoint) throws(TransferError) {
        if isS3 || spools { return }
        for file in checkpoint.files {
            let partial = FilePath.joined(directory, file.name)
            let final = String(partial.dropLast(".partial".count))
            if !FilePath.exists(partial), FilePath.exists(final) {
                try FilePath.rename(final, to: partial)
            }
        }
    }

    private func started(segments: Int) throws(TransferError) -> ExportCheckpoint {
        let names: [String]
        switch plan.target {
        case .standardOutput: names = [temporary.map(FilePath.name) ?? "-"]
        case .file(let path): names = [FilePath.name(path) + ".partial"]
        case .directory(let directory):
            if !isS3 {
                for name in try FilePath.names(in: directory) where name.hasPrefix("part-") {
                    FilePath.remove(FilePath.joined(directory, name))
                }
            }
            names = (0..<segments).map {
                isS3 ? Self.dataName() : Self.padded($0, 4, "part-") + suffix + ".partial"
            }
        }
        var checkpoint = ExportCheckpoint(settings: settings, segments: segments, files: names)
        checkpoint.startTime = Seconds.sinceEpoch()
        if isS3 {
            let milliseconds = Int(checkpoint.startTime * 1000)
            let random = String(RandomIdentifier.uuid().prefix(8))
            checkpoint.exportID = Self.padded(milliseconds, 14) + "-" + random
        }
        return checkpoint
    }

    private var suffix: String {
        let extensions: [TransferFormat: String] = [.jsonl: ".jsonl", .csv: ".csv"]
        return (extensions[plan.format] ?? ".json") + plan.compression.suffix
    }

    private static func dataName() -> String {
        RandomIdentifier.uuid().filter { $0 != "-" }.prefix(26) + ".json.gz"
    }

    private static func padded(_ number: Int, _ width: Int, _ prefix: String = "") -> String {
        let digits = String(number)
        return prefix + String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
    }

    // MARK: The end

    /// Turns the JSON that was kept into CSV with a column for each attribute that was met.
    func convertSpool(columns: [String], compression: Compression) throws(TransferError) {
        guard let spool = spoolPath else { return }
        let printer = ItemPrinter(.csv, columns: columns)
        let parser = try ItemParser(.dynamodbJSON, keyTypes: [])
        let output: FileDescriptor
        if case .file(let path) = plan.target {
            output = try .writing(path + ".converted")
        } else {
            output = .standardOutput
        }
        var piece = printer.heading
        let records = RecordSplitter(
            try ByteSource(spool, compression: Compression.none), isCSV: false)
        while let record = try records.next() {
            guard case .put(let item) = try parser.parse(record.bytes) else { continue }
            printer.append(item, to: &piece)
            if piece.count >= 1 << 18 {
                try output.write(try compression.packed(piece))
                piece = []
            }
        }
        if !piece.isEmpty { try output.write(try compression.packed(piece)) }
        if case .file(let path) = plan.target {
            try output.synchronize()
            try FilePath.rename(path + ".converted", to: path)
        }
    }

    private var spoolPath: String? {
        if let temporary { return temporary }
        if case .file(let path) = plan.target, spools { return path + ".partial" }
        return nil
    }

    /// Gives the files their names, and takes the checkpoint away.
    func finish(_ checkpoint: ExportCheckpoint, table: TransferTable) throws(TransferError) {
        switch plan.target {
        case .standardOutput: return
        case .file(let path):
            if !spools { try FilePath.rename(path + ".partial", to: path) }
        case .directory(let path):
            if isS3 {
                let manifest = S3Manifest(
                    directory: path, exportID: exportID, table: table, plan: plan)
                try manifest.write(checkpoint)
            } else {
                for file in checkpoint.files {
                    let name = String(file.name.dropLast(".partial".count))
                    try FilePath.rename(
                        FilePath.joined(path, file.name), to: FilePath.joined(path, name),
                        synchronizes: false)
                }
                try FilePath.synchronize(directory: path)
            }
        }
        if let path = plan.checkpointPath { FilePath.remove(path) }
        if spools, case .file(let path) = plan.target { FilePath.remove(path + ".partial") }
    }

    /// The bytes of the finished files.
    func outputBytes(_ checkpoint: ExportCheckpoint) throws(TransferError) -> Int {
        if case .file(let path) = plan.target {
            return try FileDescriptor.reading(path).length ?? 0
        }
        return checkpoint.files.reduce(0) { $0 + $1.length }
    }

    /// Takes away what nobody goes on with.
    func cleanUp() {
        guard let temporary else { return }
        FilePath.remove(temporary)
        FilePath.remove(temporary + ".checkpoint")
    }
}
