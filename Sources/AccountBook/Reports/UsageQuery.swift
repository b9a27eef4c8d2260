package import Operations

/// What is asked of the book.
package struct UsageQuery: Sendable {
    /// nil: all tables.
    package var tableName: String?
    package var since: Timestamp
    package var until: Timestamp
    package var dimension: UsageDimension
    /// Under what else the same traffic is to be priced; empty: nothing else.
    package var whatIf: [WhatIf]

    package init(
        tableName: String? = nil, since: Timestamp, until: Timestamp,
        dimension: UsageDimension = .table, whatIf: [WhatIf] = []
    ) {
        self.tableName = tableName
        self.since = since
        self.until = until
        self.dimension = dimension
        self.whatIf = whatIf
    }

    /// How far back usage is told where nobody says.
    package static let spanDefault = 3_600.0

    /// Reads the parameters `table`, `since`, `until`, `by` and `what-if`.
    ///
    /// - Parameter now: what spans are counted back from.
    /// - Throws: a ValidationException that names the parameter.
    package init(
        parameters: [(name: String, value: String)], now: Timestamp
    ) throws(ServiceError) {
        self.init(since: now - Self.spanDefault, until: now)
        for (name, value) in parameters {
            switch name {
            case "table":
                guard !value.isEmpty else { throw .validation("table must name a table") }
                tableName = value
            case "since": since = try Self.time(name, value, now: now)
            case "until": until = try Self.time(name, value, now: now)
            case "by":
                guard let value = UsageDimension(rawValue: value) else {
                    let known = UsageDimension.allCases.map(\.rawValue).joined(separator: ", ")
                    throw .validation("by must be one of \(known)")
                }
                dimension = value
            case "what-if": whatIf = try WhatIf.parse(value)
            default: throw .validation("there is no parameter \(name)")
            }
        }
        guard since < now else { throw .validation("since must lie before the present") }
        // What is to come has no usage, and would thin out the rate.
        until = min(until, now)
        guard since < until else { throw .validation("since must lie before until") }
    }

    private static func time(
        _ name: String, _ text: String, now: Timestamp
    ) throws(ServiceError) -> Timestamp {
        if let time = TimeText.timestamp(iso8601: text) { return time }
        guard let span = TimeText.seconds(ofSpan: text) else {
            throw .validation(
                "\(name) must be a span back from now like 90m, 1h30m or 7d, or a time like "
                    + "2026-11-21T10:00")
        }
        return now - span
    }
}

/// One thing that could be otherwise: `--what-if`.
package enum WhatIf: Sendable, Hashable {
    /// Which attributes an index holds.
    package enum ProjectedKind: String, Sendable, Hashable {
        case keysOnly = "KEYS_ONLY"
        case all = "ALL"
    }

    case onDemand
    case provisioned
    case tableClass(TableClass)
    case projection(ProjectedKind, index: String)
    /// Recovery to a point in time, of every table.
    case pointInTimeRecovery
    /// One on-demand backup of every table.
    case backup

    package var text: String {
        switch self {
        case .onDemand: "on-demand"
        case .provisioned: "provisioned"
        case .tableClass(let tableClass):
            tableClass == .standardInfrequentAccess ? "standard-ia" : "standard"
        case .projection(let kind, let index): "projection=\(kind.rawValue):\(index)"
        case .pointInTimeRecovery: "pitr"
        case .backup: "backup"
        }
    }

    /// Reads `provisioned,standard-ia,projection=KEYS_ONLY:by-date`.
    package static func parse(_ text: String) throws(ServiceError) -> [WhatIf] {
        var parts: [WhatIf] = []
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            switch part {
            case "on-demand": parts.append(.onDemand)
            case "provisioned": parts.append(.provisioned)
            case "standard": parts.append(.tableClass(.standard))
            case "standard-ia": parts.append(.tableClass(.standardInfrequentAccess))
            case "pitr": parts.append(.pointInTimeRecovery)
            case "backup": parts.append(.backup)
            default: parts.append(try projection(part))
            }
        }
        if parts.contains(.onDemand), parts.contains(.provisioned) {
            throw .validation("what-if can be provisioned or on-demand, not both")
        }
        if parts.contains(.tableClass(.standard)),
            parts.contains(.tableClass(.standardInfrequentAccess))
        {
            throw .validation("what-if can be standard or standard-ia, not both")
        }
        return parts
    }

    private static func projection(_ text: Substring) throws(ServiceError) -> WhatIf {
        let head = "projection="
        if text.hasPrefix(head) {
            let parts = text.dropFirst(head.count).split(
                separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2, !parts[1].isEmpty,
                let kind = ProjectedKind(rawValue: String(parts[0]))
            {
                return .projection(kind, index: String(parts[1]))
            }
        }
        throw .validation(
            "what-if must be of provisioned, on-demand, standard, standard-ia, pitr, backup, "
                + "projection=KEYS_ONLY:INDEX and projection=ALL:INDEX, joined by commas")
    }
}
