package import Metering
internal import Operations

/// What `--explain` tells of a PartiQL statement.
package struct StatementExplanation: Sendable {
    private let outline: StatementText.Outline
    private let schema: TableSchema
    private let isConsistent: Bool
    private let prices: PriceList
    private static let pageBytes = 1 << 20

    package init(
        _ outline: StatementText.Outline, schema: TableSchema, isConsistent: Bool,
        prices: PriceList = .current
    ) {
        self.outline = outline
        self.schema = schema
        self.isConsistent = isConsistent
        self.prices = prices
    }

    private var index: IndexSchema? {
        schema.indexes.first { $0.name == outline.indexName }
    }
    private var source: String {
        index.map { "index \($0.name)" } ?? "table \(schema.name)"
    }

    private func cost(_ units: Double) -> String {
        Quantity.money(ReadTally.cost(units: units, schema: schema, prices: prices))
    }

    package func before() -> [String] {
        let priceLine = "prices: \(prices.region) of \(prices.date), on demand"
        guard outline.isRead else {
            return ["plan: one write of table \(schema.name), by its whole key", priceLine]
        }
        let count = index?.itemCount ?? schema.itemCount
        let size = index?.byteCount ?? schema.byteCount
        let average = count > 0 ? max(1, size / count) : 0
        var lines: [String] = []
        if outline.givesWholeKey {
            lines.append("plan: one item of \(source), by its whole key")
            lines.append("estimate: \(priced(average))")
        } else if outline.givesHashKey {
            lines.append("plan: query on \(source), by its hash key")
            lines.append(
                "estimate: how many items have this key isn't known: a page costs at most "
                    + priced(min(size, Self.pageBytes)))
        } else {
            lines.append("plan: scan of \(source): every item is read")
            let pages = max(1, (size + Self.pageBytes - 1) / Self.pageBytes)
            lines.append(
                "estimate: \(Quantity.count(count, of: "item")), \(Quantity.bytes(size)) as last "
                    + "counted: \(Quantity.count(pages, of: "page")), "
                    + priced(size))
        }
        if outline.filters, outline.hasFilter, !outline.givesWholeKey {
            lines.append("filter: WHERE has more than the key: it is looked at after reading")
        }
        return lines + [priceLine]
    }

    /// - Parameters:
    ///   - units: read units consumed, or write units of a write.
    ///   - returned: items that came.
    package func after(units: Double, pages: Int, returned: Int) -> [String] {
        guard outline.isRead else {
            return ["wrote: \(Quantity.units(units)) write units"]
        }
        var lines = [
            "read: returned \(Quantity.count(returned, of: "item")) in "
                + "\(Quantity.count(pages, of: "page")), "
                + "\(Quantity.units(units)) read units, \(cost(units))"
        ]
        let count = index?.itemCount ?? schema.itemCount
        let size = index?.byteCount ?? schema.byteCount
        if outline.filters, outline.hasFilter, count > 0, size > 0, !outline.givesWholeKey {
            // Statements tell no ScannedCount: by the items' average size.
            let average = Double(size) / Double(count)
            let unit = isConsistent ? 4096.0 : 8192.0
            let needed = min(units, Double(returned) * average / unit)
            if units - needed >= 0.5 {
                lines.append(
                    "filter: about \(Quantity.units(units - needed)) of these read units, "
                        + "\(cost(units - needed)), were for items that WHERE dropped")
            }
        }
        if !outline.givesHashKey {
            let names = schema.key.hash.map(\.name).joined(separator: " and ")
            let others = schema.indexes.filter { !$0.isLocal }.map { index in
                "\(index.key.hash.map(\.name).joined(separator: " and ")) "
                    + "(FROM \"\(schema.name)\".\"\(index.name)\")"
            }
            lines.append(
                "better: '=' on \(([names] + others).joined(separator: ", or on ")) reads "
                    + "only what has that key")
        }
        return lines
    }

    private func priced(_ bytes: Int) -> String {
        var units = 0.0
        let whole = RequestUnitRules.read(byteCount: Self.pageBytes, consistent: isConsistent)
        units += Double(bytes / Self.pageBytes) * whole.value
        let rest = bytes % Self.pageBytes
        if rest > 0 || bytes == 0 {
            units += RequestUnitRules.read(byteCount: rest, consistent: isConsistent).value
        }
        return "about \(Quantity.units(units)) read units, \(cost(units))"
    }
}
