import Operations

/// What an operation consumed: `units: tab w 1, tab.byDate w 1`; nil where it was nothing.
enum UnitsText {
    static func line(_ consumption: Consumption) -> String? {
        var parts: [String] = []
        for table in consumption.tables {
            parts.append("\(table.tableName) \(text(table.table))")
            let indexes = table.localIndexes.merging(table.globalIndexes) { first, _ in first }
            for (name, units) in indexes.sorted(by: { $0.key < $1.key }) {
                parts.append("\(table.tableName).\(name) \(text(units))")
            }
        }
        return parts.isEmpty ? nil : "units: " + parts.joined(separator: ", ")
    }

    private static func text(_ units: Units) -> String {
        var parts: [String] = []
        if units.read != .zero { parts.append("r " + number(units.read)) }
        if units.write != .zero { parts.append("w " + number(units.write)) }
        return parts.isEmpty ? "0" : parts.joined(separator: " ")
    }

    private static func number(_ units: RequestUnits) -> String {
        units.halves % 2 == 0 ? String(units.halves / 2) : String(units.value)
    }
}
