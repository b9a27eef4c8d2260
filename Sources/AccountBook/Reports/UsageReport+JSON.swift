internal import Metering
internal import Operations
package import Wire

extension JSONValue {
    /// A number that JSON can tell.
    static func number(_ value: Double) -> JSONValue {
        guard value.isFinite else { return .null }
        return .number(value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)")
    }

    static func number(_ value: UInt64) -> JSONValue { .number(String(value)) }
}

extension UsageReport {
    /// The body of the answer.
    package var json: JSONValue {
        let described = rows.map { row in
            JSONValue.object(
                present: row.names(query.dimension) + row.figures(query.dimension))
        }
        return .object(
            present: [
                ("since", .string(TimeText.iso8601(query.since))),
                ("until", .string(TimeText.iso8601(query.until))),
                ("by", .string(query.dimension.rawValue)),
                ("table", query.tableName.map { .string($0) }),
                ("rateSeconds", .number((ledger.hours * 3_600).rounded())),
                (
                    "prices",
                    .object([
                        ("region", .string(prices.region)), ("date", .string(prices.date)),
                    ])
                ),
                ("rows", .array(described)),
                (
                    "total",
                    .object(
                        present: total.figures(.table) + [
                            ("dollarsOf", total.cost.json),
                            ("dollarsPerMonthOf", total.monthly.json),
                        ])
                ),
                ("notes", .array(notes.map { .string($0) })),
                ("whatIf", whatIf?.json(query.whatIf)),
            ])
    }

    /// What of the figures is no plain count.
    private var notes: [String] {
        var texts: [String] = []
        switch query.dimension {
        case .key:
            texts.append("Keys are estimates from samples, and hold no more than the hottest.")
        case .operation, .partition, .caller:
            texts.append(
                "Rows have what requests cost; capacity and storage are in the total alone.")
        case .table, .index, .charge: break
        }
        if query.tableName != nil {
            texts.append("The free tier is the account's: it is not taken off one table's cost.")
        }
        return texts
    }
}

extension UsageCost {
    var json: JSONValue {
        .object(Self.charges.map { ($0.name, .number(self[keyPath: $0.part])) })
    }
}

extension UsageReport.Row {
    fileprivate func names(_ dimension: UsageDimension) -> [(String, JSONValue?)] {
        let showsIndex = dimension != .table
        return [
            ("table", .string(resource.tableName)),
            ("index", showsIndex ? resource.indexName.map { .string($0) } : nil),
            ("region", resource.region.isEmpty ? nil : .string(resource.region)),
            ("operation", operation.map { .string($0) }),
            ("partition", partition.map { .number(UInt64($0)) }),
            ("caller", caller.map { .string($0) }),
            ("key", key.map { .string($0) }),
            ("charge", charge.map { .string($0) }),
        ]
    }

    fileprivate func figures(_ dimension: UsageDimension) -> [(String, JSONValue?)] {
        let dollars: [(String, JSONValue?)] = [
            ("dollars", .number(cost.total)), ("dollarsPerMonth", .number(monthly.total)),
        ]
        if dimension == .charge { return dollars }
        let units: [(String, JSONValue?)] = [
            ("readUnits", .number(readUnits)), ("writeUnits", .number(writeUnits)),
        ]
        if dimension == .key { return units }
        return [("requests", .number(requests))] + units + [
            ("bytes", .number(bytes)), ("items", .number(items)),
            ("throttles", .number(throttles)), ("errors", .number(errors)),
        ] + dollars
    }
}

extension WhatIfReport {
    func json(_ settings: [WhatIf]) -> JSONValue {
        let described = rows.map { row in
            JSONValue.object(
                present: [
                    ("table", .string(row.resource.tableName)),
                    ("index", row.resource.indexName.map { .string($0) }),
                    ("dollarsPerMonth", .number(row.now.total)),
                    ("dollarsPerMonthThen", .number(row.then.total)),
                    ("then", row.then.json),
                    ("capacity", row.capacity?.json),
                ])
        }
        return .object([
            ("settings", .array(settings.map { .string($0.text) })),
            ("rows", .array(described)),
            ("dollarsPerMonth", .number(now)),
            ("dollarsPerMonthThen", .number(then)),
            ("assumptions", .array(assumptions.map { .string($0) })),
        ])
    }
}

extension WhatIfReport.CapacityNeed {
    var json: JSONValue {
        .object([
            ("fixedReadCapacityUnits", .number(fixedRead)),
            ("fixedWriteCapacityUnits", .number(fixedWrite)),
            ("fixedDollarsPerMonth", .number(fixedDollarsPerMonth)),
            ("autoscaledReadCapacityUnits", .number(scaledRead)),
            ("autoscaledWriteCapacityUnits", .number(scaledWrite)),
            ("autoscaledDollarsPerMonth", .number(scaledDollarsPerMonth)),
        ])
    }
}
