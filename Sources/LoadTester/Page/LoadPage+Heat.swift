internal import Terminal

extension LoadPage {
    var heat: Markup {
        let body = sideBySide { _, design in
            let origin = Double(design.timeline.firstSecond)
            let time = origin...(origin + max(longestSeconds, 1))
            return Markup.joined(design.resources.map { resource(of: $0, time: time) })
        }
        return section(
            "heat", "Heat",
            "DynamoDB cuts every table and every global index into partitions by a hash of the "
                + "partition key. Each partition serves at most 3,000 read units and 1,000 write "
                + "units a second, however much the table as a whole may. A row is a partition, "
                + "left to right is time; the number at the right is the row's peak. Red means "
                + "that requests would be refused.",
            HeatMap.legend + body)
    }

    private func resource(of resource: ResourceReport, time: ClosedRange<Double>) -> Markup {
        let kind = resource.kind.word
        let heading: Markup = """
            <h4>\(kind) <code>\(resource.name)</code> \
            <span class="note">key: \(resource.keyAttributes.joined(separator: ", "))</span></h4>

            """
        guard resource.heat.partitions.contains(where: { $0.share > 0 }) else {
            return heading + "<p>No work fell on it.</p>\n"
        }
        let map = HeatMap(
            heat: resource.heat, label: "Heat of the partitions of \(resource.name)", time: time)
        return heading + figure("\(caption(of: resource))", map.svg)
            + keys(resource.hottestKeys, of: resource, caption: "Hottest partition keys")
            + (hasTellingItems(resource)
                ? keys(resource.hottestItems, of: resource, caption: "Hottest items") : "")
    }

    private func caption(of resource: ResourceReport) -> String {
        let heat = resource.heat
        let peak = heat.peakShareOfCeiling
        let count = heat.partitions.count
        var text =
            count == 1
            ? "It has one partition" : "It begins with \(Quantity.count(count)) partitions"
        text += "; the hottest reached \(Quantity.percent(peak)) of its ceiling"
        if let imbalance = heat.imbalance, count > 1 {
            text += " and bore \(FigureText.factor(imbalance)) the work of the mean"
        }
        text += "."
        if resource.unplacedShare >= 0.05 {
            text +=
                " Where \(Quantity.percent(resource.unplacedShare)) of its work fell can't be told "
                + "from the requests; it is shown as spread evenly."
        }
        return text
    }

    /// Whether items tell more than partition keys do: one that bears a notable part of the work.
    private func hasTellingItems(_ resource: ResourceReport) -> Bool {
        (resource.hottestItems.first?.share ?? 0) >= 0.01
            && resource.hottestItems.first?.attributes.count
                != resource.hottestKeys.first?.attributes.count
    }

    private func keys(
        _ keys: [KeyReport], of resource: ResourceReport, caption: String
    ) -> Markup {
        guard let first = keys.first else { return "" }
        guard first.share >= 0.005 else {
            return """
                <p class="note">\(caption): none bears more than \
                \(Quantity.fixed(max(first.share * 100, 0.01), places: 2))% of the work.</p>

                """
        }
        let rows = keys.prefix(5).filter { $0.share >= 0.001 }.map { key -> [Markup] in
            let ceiling = max(
                key.readUnitsPerSecond / resource.heat.partitionReadUnitsMax,
                key.writeUnitsPerSecond / resource.heat.partitionWriteUnitsMax)
            return [
                "<code>\(FigureText.shortened(key.text, to: 64))</code>",
                """
                <span class="bar"><span style="width:\(max(100 * key.share, 1))%"></span>\
                </span> \(Quantity.percent(key.share))
                """,
                """
                \(FigureText.rate(key.readUnitsPerSecond)) / \
                \(FigureText.rate(key.writeUnitsPerSecond))
                """,
                "\(Quantity.percent(ceiling))",
            ]
        }
        return Markup.table(
            caption: caption,
            columns: ["Key", "Share of the work", "#Read / write units/s", "#Of a partition"],
            rows: rows)
    }
}

extension ResourceReport.Kind {
    var word: String {
        switch self {
        case .table: "Table"
        case .localIndex: "Local index"
        case .globalIndex: "Global index"
        }
    }
}
