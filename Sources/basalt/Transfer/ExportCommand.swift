import ArgumentParser
import Operations
import Terminal
import Transfer

/// `basalt export`: a table's items as files.
struct ExportCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Copy a table's items to a file, a directory or the standard output.",
        discussion: """
            Formats: jsonl (plain JSON lines), dynamodb-json, csv, s3-export (the service's own \
            layout, in a directory). Told by --format, else by the file's name; .gz and .zst \
            compress. An export that was broken off goes on with --resume.
            """)

    @Argument(help: "The table.")
    var table: String
    @Argument(help: "A file, a directory (with a slash at its end), or - for the standard output.")
    var target: String = "-"
    @Option(help: "jsonl, dynamodb-json, csv or s3-export. (default: by the name, else jsonl)")
    var format: TransferFormat?
    @Option(help: "gzip, zstd or none. (default: by the name, else none)")
    var compress: Compression?
    @Option(help: "Read this index instead of the table.")
    var index: String?
    @OptionGroup var selection: SelectionOptions
    @Option(help: "Parts of the table that are read at the same time.")
    var segments = 4
    @Option(help: ArgumentHelp("Read units a second, at most.", valueName: "units"))
    var maxRcu: Double?
    @Flag(help: "Go on with an export that was broken off.")
    var resume = false
    @Flag(help: "Take the place of what is there.")
    var force = false
    @Flag(help: "Write the table's definition beside the items, for import --create.")
    var withTable = false
    @OptionGroup var pricing: PriceOptions
    @OptionGroup var options: EndpointOptions

    func validate() throws {
        guard (1...Limits.scanSegmentsMax).contains(segments), segments <= 1_000 else {
            throw ValidationError("--segments: expected a number from 1 to 1000")
        }
        if let maxRcu, !(maxRcu > 0) {
            throw ValidationError("--max-rcu: expected a number above 0")
        }
    }

    func run() async throws {
        let report = TransferReport(
            options: options, label: "exporting \(table)", prices: try pricing.list())
        let client = try await options.client(retries: TransferReport.retries)
        var chosen = try plan()
        do {
            let described = try await TransferTable.describe(table, client)
            chosen.selection = try selection.selection(of: described, index: index, byKey: true)
        } catch {
            throw report.refusal(error, resume: nil)
        }
        let plan = chosen
        let summary = try await report.run(
            resume: TransferReport.resumption(plan.checkpointPath)
        ) { [progress = report.progress] in
            try await Export(plan, client: client, progress: progress).run()
        }
        let place = target == "-" ? "" : " to \(summary.place)"
        report.finish("exported", summary, place: place, units: .read)
    }

    private func plan() throws -> ExportPlan {
        var plan = ExportPlan(table: table, target: .standardOutput)
        let isDirectory =
            target.hasSuffix("/") || format == .s3Export && target != "-"
            || target != "-" && FilePath.isDirectory(target)
        if target != "-" {
            guard isDirectory || FilePath.isFileOrNothing(target) else {
                throw ConfigurationError(
                    "\(target): is no regular file: write to - and redirect that")
            }
            let path =
                target.count > 1 && target.hasSuffix("/") ? String(target.dropLast()) : target
            plan.target = isDirectory ? .directory(path) : .file(path)
        }
        plan.format = format ?? Self.format(of: target)
        plan.compression = compress ?? (isDirectory ? .none : Compression(fileName: target))
        if plan.format == .s3Export {
            guard compress == nil || compress == .gzip else {
                throw ConfigurationError("s3-export is always gzip")
            }
            guard selection.select == nil, index == nil else {
                throw ConfigurationError(
                    "s3-export is of whole items: leave --select and --index out")
            }
            plan.compression = .gzip
        }
        plan.index = index
        plan.segments = segments
        plan.readUnitsPerSecond = maxRcu
        plan.resumes = resume
        plan.replaces = force
        plan.withTable = withTable
        guard !withTable || target != "-" else {
            throw ConfigurationError("--with-table needs a file or a directory")
        }
        guard !resume || target != "-" else {
            throw ConfigurationError("what goes to the standard output cannot be resumed")
        }
        return plan
    }

    private static func format(of name: String) -> TransferFormat {
        if let format = TransferFormat(fileName: name) { return format }
        let stem =
            name.hasSuffix(".gz") || name.hasSuffix(".zst")
            ? String(name.prefix(upTo: name.lastIndex(of: ".") ?? name.endIndex)) : name
        return stem.hasSuffix(".json") ? .dynamodbJSON : .jsonl
    }
}

extension TransferFormat: ExpressibleByArgument {}
extension Compression: ExpressibleByArgument {}
