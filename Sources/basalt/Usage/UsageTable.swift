import Operations
import Terminal
import Wire

/// The answer of the usage endpoint, for people and for CSV.
struct UsageTable {
    private struct Field {
        let name: String
        let title: String
        let isNumber: Bool
        let shown: @Sendable (JSONValue) -> String
    }

    private static let fields: [Field] = [
        Field(name: "table", title: "table", isNumber: false) { $0.string ?? "" },
        Field(name: "index", title: "index", isNumber: false) { $0.string ?? "" },
        Field(name: "region", title: "region", isNumber: false) { $0.string ?? "" },
        Field(name: "operation", title: "operation", isNumber: false) { $0.string ?? "" },
        Field(name: "partition", title: "partition", isNumber: true) { $0.digits },
        Field(name: "caller", title: "access key", isNumber: false) { $0.string ?? "" },
        Field(name: "key", title: "key", isNumber: false) { $0.string ?? "" },
        Field(name: "charge", title: "for", isNumber: false) { $0.string ?? "" },
        Field(name: "requests", title: "requests", isNumber: true) { count($0) },
        Field(name: "readUnits", title: "read units", isNumber: true) { units($0) },
        Field(name: "writeUnits", title: "write units", isNumber: true) { units($0) },
        Field(name: "bytes", title: "bytes", isNumber: true) { Quantity.bytes($0.integer ?? 0) },
        Field(name: "items", title: "items", isNumber: true) { count($0) },
        Field(name: "throttles", title: "throttles", isNumber: true) { count($0) },
        Field(name: "errors", title: "errors", isNumber: true) { count($0) },
        Field(name: "dollars", title: "so far", isNumber: true) { money($0) },
        Field(name: "dollarsPerMonth", title: "per month", isNumber: true) { money($0) },
    ]

    private let usage: JSONValue
    private let rows: [JSONValue]
    private let fields: [Field]

    init(_ usage: JSONValue) {
        self.usage = usage
        let rows = usage["rows"]?.elements ?? []
        self.rows = rows
        let regions = Set(rows.compactMap { $0["region"]?.string })
        let by = usage["by"]?.string ?? ""
        // Rows have either figures of work, or dollars, or both.
        let kept: Set<String>? =
            switch by {
            case "key": ["readUnits", "writeUnits"]
            case "charge": ["dollars", "dollarsPerMonth"]
            default: nil
            }
        fields = Self.fields.filter { field in
            switch field.name {
            case "table": true
            case "region": regions.count > 1
            case "index": rows.contains { $0["index"] != nil }
            case "operation", "partition", "caller", "key", "charge": by == field.name
            default: kept?.contains(field.name) ?? true
            }
        }
    }

    /// The table, what it is about above it and notes below it.
    func text(width: Int?, palette: Palette) -> String {
        var text = palette.paint(heading, .dim) + "\n"
        if rows.isEmpty {
            text += "Nothing was consumed in that time.\n"
        } else {
            var table = TextTable(
                fields.map { TextTable.Column($0.title, $0.isNumber ? .right : .left) })
            for row in rows {
                table.add(fields.map { field in row[field.name].map(field.shown) ?? "" })
            }
            if let total = usage["total"], usage["by"]?.string != "key" {
                table.add(
                    fields.map { field in
                        field.name == "table" ? "total" : total[field.name].map(field.shown) ?? ""
                    })
            }
            text += table.text(width: width, palette: palette)
        }
        text += costs
        if let whatIf = usage["whatIf"] {
            text += "\n" + self.text(of: whatIf, width: width, palette: palette)
        }
        for note in usage["notes"]?.elements ?? [] {
            text += palette.paint(note.string ?? "", .dim) + "\n"
        }
        return text
    }

    private var heading: String {
        let since = usage["since"]?.string?.prefix(16) ?? ""
        let until = usage["until"]?.string?.prefix(16) ?? ""
        let rate = Quantity.duration(usage["rateSeconds"]?.double ?? 0)
        return "\(since) to \(until) UTC; months at the rate of \(rate); "
            + "prices of \(usage["prices"]?["region"]?.string ?? ""), "
            + "\(usage["prices"]?["date"]?.string ?? "")"
    }

    /// What a month is paid for, where it is more than one thing.
    private var costs: String {
        let parts = (usage["total"]?["dollarsPerMonthOf"]?.members ?? []).filter {
            ($0.1.double ?? 0) != 0
        }
        guard parts.count > 1 else { return "" }
        let names = [
            "provisioned": "provisioned capacity", "backups": "on-demand backups",
            "pointInTimeRecovery": "point-in-time recovery", "streams": "stream reads",
            "freeTier": "free tier",
        ]
        let told = parts.map { name, value in
            "\(names[name] ?? name) \(Self.money(value))"
        }
        return "per month: \(told.joined(separator: ", "))\n"
    }

    private func text(of whatIf: JSONValue, width: Int?, palette: Palette) -> String {
        let settings = (whatIf["settings"]?.elements ?? []).compactMap(\.string)
        let rows = whatIf["rows"]?.elements ?? []
        let hasCapacity = rows.contains { $0["capacity"] != nil }
        var columns = [
            TextTable.Column("table"), TextTable.Column("index"),
            TextTable.Column("per month now", .right), TextTable.Column("then", .right),
        ]
        if hasCapacity {
            columns += [
                TextTable.Column("autoscaled RCU / WCU", .right),
                TextTable.Column("fixed RCU / WCU", .right),
                TextTable.Column("fixed capacity", .right),
            ]
        }
        var table = TextTable(columns)
        for row in rows {
            var cells = [
                row["table"]?.string ?? "", row["index"]?.string ?? "",
                Self.money(row["dollarsPerMonth"] ?? .null),
                Self.money(row["dollarsPerMonthThen"] ?? .null),
            ]
            if let capacity = row["capacity"] {
                func pair(_ prefix: String) -> String {
                    let read = capacity["\(prefix)ReadCapacityUnits"]?.double ?? 0
                    let write = capacity["\(prefix)WriteCapacityUnits"]?.double ?? 0
                    return "\(Quantity.units(read)) / \(Quantity.units(write))"
                }
                cells += [
                    pair("autoscaled"), pair("fixed"),
                    Self.money(capacity["fixedDollarsPerMonth"] ?? .null),
                ]
            }
            table.add(cells)
        }
        table.add([
            "total", "", Self.money(whatIf["dollarsPerMonth"] ?? .null),
            Self.money(whatIf["dollarsPerMonthThen"] ?? .null),
        ])
        var text = "what if \(settings.joined(separator: ", ")):\n"
        text += table.text(width: width, palette: palette)
        for assumption in whatIf["assumptions"]?.elements ?? [] {
            text += palette.paint(assumption.string ?? "", .dim) + "\n"
        }
        return text
    }

    /// Rows alone, numbers as they are.
    var csv: String {
        var lines = [fields.map(\.name).joined(separator: ",")]
        for row in rows {
            lines.append(
                fields.map { field in
                    guard let value = row[field.name] else { return "" }
                    return Self.csv(value.string ?? value.digits)
                }.joined(separator: ","))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func csv(_ text: String) -> String {
        guard text.contains(where: { ",\"\r\n".contains($0) }) else { return text }
        let parts = text.split(separator: "\"", omittingEmptySubsequences: false)
        return "\"\(parts.joined(separator: "\"\""))\""
    }

    @Sendable
    private static func count(_ value: JSONValue) -> String { Quantity.count(value.integer ?? 0) }
    @Sendable
    private static func units(_ value: JSONValue) -> String { Quantity.units(value.double ?? 0) }
    @Sendable
    private static func money(_ value: JSONValue) -> String { Quantity.money(value.double ?? 0) }
}

extension JSONValue {
    /// A number of either kind.
    var double: Double? {
        if case .number(let text) = self { Double(text) } else { nil }
    }

    /// A number as it was written.
    var digits: String {
        if case .number(let text) = self { text } else { "" }
    }
}
