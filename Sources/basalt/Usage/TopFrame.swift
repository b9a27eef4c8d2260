import AccountBook
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
        var partitionCount: Int
        var hottest: (number: Int, share: Double)?
        var keys: [(key: String, share: Double)]
    }

    fileprivate let rows: [Row]
    private let time: Double

    init(before: JSONValue, after: JSONValue) {
        let start = before["time"]?.double ?? 0
        time = after["time"]?.double ?? 0
        let seconds = max(0.001, time - start)
        var old: [String: JSONValue] = [:]
        for resource in before["resources"]?.elements ?? [] { old[Self.name(resource)] = resource }
        rows = (after["resources"]?.elements ?? []).map { resource in
            Row(resource, old[Self.name(resource)], seconds: seconds)
        }
    }

    fileprivate static func name(_ resource: JSONValue) -> String {
        let table = resource["table"]?.string ?? ""
        return resource["index"]?.string.map { "\(table)/\($0)" } ?? table
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
            $0.reads + $0.writes != $1.reads + $1.writes
                ? $0.reads + $0.writes > $1.reads + $1.writes : $0.name < $1.name
        }
        var table = TextTable([
            TextTable.Column("table/index"), TextTable.Column("requests/s", .right),
            TextTable.Column("read units/s", .right), TextTable.Column("write units/s", .right),
            TextTable.Column("throttles/s", .right), TextTable.Column("partitions", .right),
            TextTable.Column("hottest partition", .right),
        ])
        for row in ordered {
            table.add([
                row.name, Quantity.units(row.requests.rounded()), Quantity.units(row.reads),
                Quantity.units(row.writes), Quantity.units(row.throttles),
                Quantity.count(row.partitionCount),
                row.hottest.map { "\($0.number): \(Quantity.percent($0.share))" } ?? "",
            ])
        }
        lines += Self.split(table.text(width: width, palette: palette))
        lines.append("\n")
        var keys = TextTable([
            TextTable.Column("hottest keys of the last minute, about"),
            TextTable.Column("table/index"), TextTable.Column("share", .right),
        ])
        for row in ordered {
            for key in row.keys.prefix(5) {
                keys.add([key.key, row.name, Quantity.percent(key.share)])
            }
        }
        if !keys.rows.isEmpty { lines += Self.split(keys.text(width: width, palette: palette)) }
        if let height { return Array(lines.prefix(max(1, height))) }
        return lines
    }

    private static func split(_ text: String) -> [String] {
        text.split(separator: "\n", omittingEmptySubsequences: true).map { "\($0)\n" }
    }
}

extension TopFrame.Row {
    fileprivate init(_ resource: JSONValue, _ before: JSONValue?, seconds: Double) {
        func rate(_ name: String) -> Double {
            max(0, (resource[name]?.double ?? 0) - (before?[name]?.double ?? 0)) / seconds
        }
        func sum(_ value: JSONValue?) -> Double {
            (value?.members ?? []).reduce(0) { $0 + ($1.1.double ?? 0) }
        }
        name = TopFrame.name(resource)
        requests = rate("requests")
        reads = rate("readUnits")
        writes = rate("writeUnits")
        throttles = max(0, sum(resource["throttles"]) - sum(before?["throttles"])) / seconds
        partitionCount = resource["partitionCount"]?.integer ?? 1
        var old: [Int: Double] = [:]
        for partition in before?["partitions"]?.elements ?? [] {
            old[partition["partition"]?.integer ?? 0] = Self.units(partition)
        }
        let used = (resource["partitions"]?.elements ?? []).map { partition in
            let number = partition["partition"]?.integer ?? 0
            return (number, max(0, Self.units(partition) - (old[number] ?? 0)))
        }
        let all = used.reduce(0) { $0 + $1.1 }
        hottest = used.max { $0.1 < $1.1 }.flatMap { all > 0 ? ($0.0, $0.1 / all) : nil }
        let told = resource["hotKeys"]?.elements ?? []
        let weight = told.reduce(0) { $0 + Self.units($1) }
        keys = told.map { ($0["key"]?.string ?? "", weight > 0 ? Self.units($0) / weight : 0) }
            .filter { $0.key != KeyText.others && $0.share >= Self.shareMin }
    }

    /// A key with less of a table's work isn't hot.
    private static let shareMin = 0.01

    private static func units(_ value: JSONValue) -> Double {
        (value["readUnits"]?.double ?? 0) + (value["writeUnits"]?.double ?? 0)
    }
}
