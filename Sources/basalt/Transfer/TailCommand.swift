import ArgumentParser
import Client
import Glibc
import Items
import Operations
import Terminal
import Transfer
import Wire

/// `basalt tail`: what changes in a table, as it changes.
struct TailCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tail",
        abstract: "Follow a table's stream: what changes, attribute by attribute.",
        discussion: """
            The table must have a stream; --enable gives it one with both images. Records of a key \
            come in order, whatever shards there are; none is missed or told twice.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case diff, jsonl }

    @Argument(help: "The table.")
    var table: String
    @Flag(help: "Begin with the oldest record that there is.")
    var fromStart = false
    @Option(help: "How far back, like 10m, 2h or 1d; or since when, like 2026-12-01T12:00:00Z.")
    var since: String?
    @Option(help: "diff or jsonl. (default: diff)")
    var format = Format.diff
    @Option(help: "End after so many records.")
    var count: Int?
    @Option(
        name: .customLong("where"), parsing: .unconditional,
        help: ArgumentHelp(
            "Only changes whose old or new image satisfies this, like 'total > 100'.",
            valueName: "condition"))
    var filterText: String?
    @Flag(help: "Switch the table's stream on first, where it has none.")
    var enable = false
    @OptionGroup var options: EndpointOptions

    func validate() throws {
        if let count, count < 1 { throw ValidationError("--count: expected a number from 1") }
        if fromStart, since != nil {
            throw ValidationError("--from-start and --since exclude each other")
        }
    }

    func run() async throws {
        let report = TransferReport(options: options, label: "")
        let client = try await options.client(retries: TransferReport.retries)
        let streams = try await options.streamsClient(retries: TransferReport.retries)
        do {
            let begin = try begin()
            let stream = try await stream(client, report)
            let printer = ChangePrinter(
                format: format, keyNames: stream.table.keyNames,
                palette: Palette(for: STDOUT_FILENO))
            let filter = try filterText.map { try ChangeFilter($0, table: stream.table) }
            let tail = StreamTail(client: streams, streamARN: stream.arn, begin: begin) {
                TerminalScreen.write("basalt: \($0)\n", to: STDERR_FILENO)
            }
            let most = count
            _ = try await Interruption.guarding {
                var told = 0
                try await tail.follow { change in
                    guard filter?.fits(change) ?? true else { return true }
                    guard printer.print(change) else { return false }
                    told += 1
                    return most.map { told < $0 } ?? true
                }
            }
        } catch {
            throw report.refusal(error, resume: nil)
        }
    }

    private func begin() throws(ConfigurationError) -> StreamTail.Begin {
        if fromStart { return .oldest }
        guard let since else { return .now }
        if let time = TimeText.timestamp(iso8601: since) { return .time(time) }
        guard let span = TimeText.seconds(ofSpan: since) else {
            throw ConfigurationError("--since: expected a span like 10m or a time, not '\(since)'")
        }
        return .time(Seconds.sinceEpoch() - span)
    }

    /// The table's stream, switched on where that was asked for.
    private func stream(
        _ client: ServiceClient, _ report: TransferReport
    ) async throws -> (arn: String, table: TransferTable) {
        var described = try await TransferTable.describe(table, client)
        func isOn(_ table: TransferTable) -> Bool {
            table.description["StreamSpecification"]?["StreamEnabled"]?.bool == true
        }
        if !isOn(described) {
            guard enable else {
                throw ConfigurationError(
                    "\(table) has no stream: --enable switches one on, with old and new images")
            }
            _ = try await client.call(
                .dynamodb, "UpdateTable",
                .object([
                    ("TableName", .string(table)),
                    (
                        "StreamSpecification",
                        .object([
                            ("StreamEnabled", .bool(true)),
                            ("StreamViewType", .string("NEW_AND_OLD_IMAGES")),
                        ])
                    ),
                ]))
            try await TableMaking.waitUntilActive(table, client)
            described = try await TransferTable.describe(table, client)
            report.tell("switched the stream of \(table) on")
        }
        guard let arn = described.description["LatestStreamArn"]?.string else {
            throw ConfigurationError("\(options.endpoint) tells no stream of \(table)")
        }
        let view = described.description["StreamSpecification"]?["StreamViewType"]?.string
        if format == .diff, view != "NEW_AND_OLD_IMAGES" {
            report.tell(
                "basalt: the stream has \(view ?? "no images"): without both images a difference "
                    + "cannot be told whole")
        }
        return (arn, described)
    }
}

/// Prints changes: as differences for people, or a JSON object a line.
struct ChangePrinter: Sendable {
    let format: TailCommand.Format
    let keyNames: [String]
    let palette: Palette

    /// - Returns: whether anybody still reads.
    func print(_ change: StreamChange) -> Bool {
        switch format {
        case .jsonl:
            TerminalScreen.write(change.line + [UInt8(ascii: "\n")], to: STDOUT_FILENO)
        case .diff: TerminalScreen.write(text(change), to: STDOUT_FILENO)
        }
    }

    private func text(_ change: StreamChange) -> String {
        let ink: Palette.Ink =
            switch change.kind {
            case .insert: .green
            case .modify: .yellow
            case .remove: .red
            }
        let key = keyNames.compactMap { name in
            change.keys.value(named: name).map { "\(name)=\(ItemDifference.text($0))" }
        }
        let time = TimeText.iso8601(change.time).prefix(19) + "Z"
        var lines = [
            palette.paint(String(time), .dim) + " " + palette.paint(change.kind.rawValue, ink) + " "
                + key.joined(separator: " ") + (change.isExpiry ? " (expired)" : "")
        ]
        let told = ItemDifference.changes(from: change.oldImage, to: change.newImage)
        for difference in told {
            switch difference {
            case .added(let path, let value):
                if change.kind != .modify, keyNames.contains(path) { continue }
                lines.append(palette.paint("  + \(path): \(value)", .green))
            case .removed(let path, let value):
                if change.kind != .modify, keyNames.contains(path) { continue }
                lines.append(palette.paint("  - \(path): \(value)", .red))
            case .changed(let path, let from, let to):
                lines.append(
                    "  ~ \(path): " + palette.paint(from, .red) + " -> " + palette.paint(to, .green)
                )
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
