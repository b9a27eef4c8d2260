import AccountBook
import Metering
import Operations
import Terminal
import Wire

/// What happened between two samples, as lines of a terminal.
struct TopFrame {
    fileprivate struct Row {
        var name: String
        var requests: Double
        var reads: Double
        var writes: Double
        var throttles: Double
        /// Which limit was met most often, in words.
        var limit: String
        var partitionCount: Int
        var hottest: Partition?
        var keys: [Key]
        var throttledKeys: [Key]
    }

    fileprivate struct Partition {
        var number: Int
        /// Of the units of the table or index.
        var share: Double
        /// Of what a partition serves.
        var load: Double
    }

    fileprivate struct Key {
        var text: String
        var share: Double
    }

    fileprivate let rows: [Row]
    private let time: Double

    init(before: TopSample, after: TopSample) {
        let elapsed = (after.time - before.time).components
        let seconds = max(0.001, Double(elapsed.seconds) + Double(elapsed.attoseconds) / 1e18)
        time = after.counts["time"]?.double ?? 0
        let resources = after.counts["resources"]?.elements ?? []
        let tellsRegion = Set(resources.compactMap { $0["region"]?.string }).count > 1
        var old: [String: JSONValue] = [:]
        for resource in before.counts["resources"]?.elements ?? [] {
            old[Self.name(resource, tellsRegion: true)] = resource
        }
        rows = resources.map { resource in
            Row(
                Self.name(resource, tellsRegion: tellsRegion), resource,
                old[Self.name(resource, tellsRegion: true)], seconds: seconds)
        }
    }

    private static func name(_ resource: JSONValue, tellsRegion: Bool) -> String {
        let table = resource["table"]?.string ?? ""
        let name = resource["index"]?.string.map { "\(table)/\($0)" } ?? table
        return tellsRegion ? "\(name) (\(resource["region"]?.string ?? ""))" : name
    }

    /// - Parameter height: the terminal's rows; nil: everything is told.
    func lines(width: Int?, height: Int?, palette: Palette) -> [String] {
        let reads = rows.reduce(0) { $0 + $1.reads }
        let writes = rows.reduce(0) { $0 + $1.writes }
        let throttles = rows.reduce(0) { $0 + $1.throttles }
        var lines = [
            "basalt top  \(TimeText.iso8601(time).prefix(19))  "
                + "read \(Quantity.units(reads))/s  write \(Quantity.units(writes))/s  "
                + palette.paint(
                    "throttles \(Quantity.units(throttles))/s", throttles > 0 ? .red : .dim) + "\n",
            "\n",
        ]
        let ordered = rows.sorted {
            $0.heat != $1.heat ? $0.heat > $1.heat : $0.name < $1.name
        }
        lines += Self.split(activity(ordered).text(width: width, palette: palette))
        for (title, keys) in [
            ("most throttled keys of the last minute", \Row.throttledKeys),
            ("hottest keys of the last minute, about", \Row.keys),
        ] {
            var table = TextTable([
                TextTable.Column(title), TextTable.Column("table/index"),
                TextTable.Column("share", .right),
            ])
            for row in ordered {
                for key in row[keyPath: keys].prefix(5) {
                    table.add([key.text, row.name, Quantity.percent(key.share)])
                }
            }
            guard !table.rows.isEmpty else { continue }
            lines.append("\n")
            lines += Self.split(table.text(width: width, palette: palette))
        }
        if let height { return Array(lines.prefix(max(1, height))) }
        return lines
    }

    private func activity(_ rows: [Row]) -> TextTable {
        let tellsLimit = rows.contains { !$0.limit.isEmpty }
        var columns = [
            TextTable.Column("table/index"), TextTable.Column("requests/s", .right),
            TextTable.Column("RU/s", .right), TextTable.Column("WU/s", .right),
            TextTable.Column("throttles/s", .right),
        ]
        if tellsLimit { columns.append(TextTable.Column("limit")) }
        columns += [
            TextTable.Column("partitions", .right), TextTable.Column("hottest", .right),
            TextTable.Column("of limit", .right),
        ]
        var table = TextTable(columns)
        for row in rows {
            var cells = [
                row.name, Quantity.units(row.requests.rounded()), Quantity.units(row.reads),
                Quantity.units(row.writes), Quantity.units(row.throttles),
            ]
            if tellsLimit { cells.append(row.limit) }
            cells += [
                Quantity.count(row.partitionCount),
                row.hottest.map { "\($0.number): \(Quantity.percent($0.share))" } ?? "",
                row.hottest.map { Quantity.percent($0.load) } ?? "",
            ]
            table.add(cells)
        }
        return table
    }

    private static func split(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: true).map { "\($0)\n" }
    }
}

extension TopFrame.Row {
    fileprivate init(
        _ name: String, _ resource: JSONValue, _ before: JSONValue?, seconds: Double
    ) {
        func rate(_ name: String) -> Double {
            max(0, (resource[name]?.double ?? 0) - (before?[name]?.double ?? 0)) / seconds
        }
        self.name = name
        requests = rate("requests")
        reads = rate("readUnits")
        writes = rate("writeUnits")
        let met = (resource["throttles"]?.members ?? []).map { limit, count in
            (limit, max(0, (count.double ?? 0) - (before?["throttles"]?[limit]?.double ?? 0)))
        }.filter { $0.1 > 0 }
        throttles = met.reduce(0) { $0 + $1.1 } / seconds
        limit = met.max { $0.1 < $1.1 }.map { Self.text(ofLimit: $0.0) } ?? ""
        partitionCount = resource["partitionCount"]?.integer ?? 1
        hottest = Self.hottest(resource, before, seconds: seconds)
        keys = Self.shares(resource["hotKeys"], ["readUnits", "writeUnits"])
        throttledKeys =
            throttles > 0 ? Self.shares(resource["throttledKeys"], ["reads", "writes"]) : []
    }

    /// What the table or index is sorted by: throttled work would be units if it could.
    fileprivate var heat: Double { reads + writes + throttles }

    /// A key with less of a table's work isn't hot.
    private static let shareMin = 0.01

    /// `writes: partition`, of `WriteKeyRangeThroughputExceeded`.
    private static func text(ofLimit name: String) -> String {
        let kind = CapacityKind.allCases.first { name.hasPrefix($0.rawValue) }
        let limit = kind.flatMap {
            ThrottleLimit(rawValue: String(name.dropFirst($0.rawValue.count)))
        }
        guard let kind, let limit else { return name }
        let words =
            switch limit {
            case .provisionedThroughput: "provisioned"
            case .account: "account quota"
            case .keyRange: "partition"
            case .maxOnDemand: "on-demand maximum"
            }
        return "\(kind == .read ? "reads" : "writes"): \(words)"
    }

    private static func hottest(
        _ resource: JSONValue, _ before: JSONValue?, seconds: Double
    ) -> TopFrame.Partition? {
        var old: [Int: JSONValue] = [:]
        for partition in before?["partitions"]?.elements ?? [] {
            old[partition["partition"]?.integer ?? 0] = partition
        }
        var all = 0.0
        var hottest: (number: Int, units: Double, load: Double)?
        for partition in resource["partitions"]?.elements ?? [] {
            let number = partition["partition"]?.integer ?? 0
            func rate(_ name: String) -> Double {
                max(0, (partition[name]?.double ?? 0) - (old[number]?[name]?.double ?? 0)) / seconds
            }
            let (reads, writes) = (rate("readUnits"), rate("writeUnits"))
            all += reads + writes
            let rules = CapacityRules.standard
            let load = max(reads / rules.partitionReadUnits, writes / rules.partitionWriteUnits)
            if load > hottest?.load ?? 0 { hottest = (number, reads + writes, load) }
        }
        return hottest.map {
            TopFrame.Partition(number: $0.number, share: $0.units / all, load: $0.load)
        }
    }

    private static func shares(_ keys: JSONValue?, _ names: [String]) -> [TopFrame.Key] {
        func weight(_ key: JSONValue) -> Double {
            names.reduce(0) { $0 + (key[$1]?.double ?? 0) }
        }
        let told = keys?.elements ?? []
        let all = told.reduce(0) { $0 + weight($1) }
        guard all > 0 else { return [] }
        return told.map { TopFrame.Key(text: $0["key"]?.string ?? "", share: weight($0) / all) }
            .filter { $0.text != KeyText.others && $0.share >= shareMin }
    }
}
