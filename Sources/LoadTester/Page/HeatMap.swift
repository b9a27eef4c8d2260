internal import Terminal

/// The heat of partitions over time, as SVG: a row for each partition, a column for each slot.
struct HeatMap: Sendable {
    static let width = 560.0
    private static let (left, right, top, bottom) = (56.0, 46.0, 6.0, 30.0)
    private static let columnsMax = 112
    private static let rowsMax = 64

    /// From which share of a partition's ceiling each shade begins.
    static let shades: [(from: Double, name: String)] = [
        (0, "none"), (0.000_1, "to 5%"), (0.05, "to 10%"), (0.1, "to 20%"), (0.2, "to 40%"),
        (0.4, "to 60%"), (0.6, "to 80%"), (0.8, "to 100%"), (1, "100% and above"),
    ]

    private struct Row {
        var name: String
        var from: Double
        var to: Double
        /// Share of the ceiling in each column.
        var shares: [Double]
        var reads: [Double]
        var writes: [Double]
    }

    let heat: HeatReport
    let label: String
    /// Of the horizontal axis, in seconds of the run.
    let time: ClosedRange<Double>

    var svg: Markup {
        let rows = rows
        let rowHeight = min(20, max(4.5, 288 / Double(max(1, rows.count))))
        let height = Self.top + Self.bottom + rowHeight * Double(rows.count)
        var body: Markup = ""
        for (number, row) in rows.enumerated() {
            let y = Self.top + Double(number) * rowHeight
            body += cells(row, y: y, height: rowHeight)
            body += names(row, number: number, count: rows.count, y: y + rowHeight / 2 + 4)
        }
        let scale = PlotScale.seconds(from: time.lowerBound, to: time.upperBound)
        for tick in scale.ticks {
            let x = x(tick.value)
            body += """
                <path class="grid" d="M\(x) \(height - Self.bottom)v4"/>\
                <text class="tick" x="\(x)" y="\(height - Self.bottom + 18)">\(tick.label)</text>
                """
        }
        return """
            <svg viewBox="0 0 \(Self.width) \(height)" role="img" aria-label="\(label)">
            <rect class="h0" x="\(Self.left)" y="\(Self.top)" \
            width="\(Self.width - Self.left - Self.right)" \
            height="\(rowHeight * Double(rows.count))"/>\(body)</svg>

            """
    }

    static var legend: Markup {
        let entries = shades.enumerated().map { index, shade -> Markup in
            """
            <li><svg viewBox="0 0 18 12" class="swatch" aria-hidden="true"><rect class="h\(index)" \
            width="18" height="12"/></svg> \(shade.name)</li>
            """
        }
        return """
            <ul class="legend"><li>of a partition's ceiling:</li>\(Markup.joined(entries))</ul>

            """
    }

    private func x(_ second: Double) -> Double {
        let share = (second - time.lowerBound) / max(time.upperBound - time.lowerBound, 1)
        return Self.left + min(max(share, 0), 1) * (Self.width - Self.left - Self.right)
    }

    private var slotCount: Int { heat.partitions.first?.readUnitsPerSecond.count ?? 0 }
    /// How many slots make up a column.
    private var slotsPerColumn: Int {
        max(1, (slotCount + Self.columnsMax - 1) / Self.columnsMax)
    }

    /// The partitions' rows; of very many, neighbours share one, as hot as the hottest of them.
    private var rows: [Row] {
        let together = max(1, (heat.partitions.count + Self.rowsMax - 1) / Self.rowsMax)
        return stride(from: 0, to: heat.partitions.count, by: together).map { first in
            let last = min(first + together, heat.partitions.count) - 1
            let partitions = heat.partitions[first...last]
            let columns = stride(from: 0, to: slotCount, by: slotsPerColumn).map {
                $0..<min($0 + slotsPerColumn, slotCount)
            }
            func most(_ value: (HeatReport.Partition) -> [Double]) -> [Double] {
                columns.map { slots in
                    partitions.flatMap { value($0)[slots] }.max() ?? 0
                }
            }
            let (reads, writes) = (most(\.readUnitsPerSecond), most(\.writeUnitsPerSecond))
            return Row(
                name: first == last ? "\(first + 1)" : "\(first + 1)–\(last + 1)",
                from: heat.partitions[first].from, to: heat.partitions[last].to,
                shares: zip(reads, writes).map {
                    max($0 / heat.partitionReadUnitsMax, $1 / heat.partitionWriteUnitsMax)
                }, reads: reads, writes: writes)
        }
    }

    private static func shade(_ share: Double) -> Int {
        shades.lastIndex { share >= $0.from } ?? 0
    }

    /// A row's cells, neighbours of one shade as one.
    private func cells(_ row: Row, y: Double, height: Double) -> Markup {
        var cells: Markup = ""
        var first = 0
        while first < row.shares.count {
            let shade = Self.shade(row.shares[first])
            var end = first + 1
            while end < row.shares.count, Self.shade(row.shares[end]) == shade { end += 1 }
            if shade > 0 { cells += cell(row, first..<end, shade: shade, y: y, height: height) }
            first = end
        }
        return cells
    }

    private func cell(
        _ row: Row, _ columns: Range<Int>, shade: Int, y: Double, height: Double
    ) -> Markup {
        let seconds = Double(heat.secondsPerSlot * slotsPerColumn)
        let from = Double(heat.firstSecond) + Double(columns.lowerBound) * seconds
        let to = Double(heat.firstSecond) + Double(columns.upperBound) * seconds
        let peak = row.shares[columns].max() ?? 0
        let tip =
            "partition \(row.name), \(Int(from))–\(Int(to)) s: at most "
            + "\(Quantity.percent(peak)) of the ceiling, "
            + "\(FigureText.rate(row.reads[columns].max() ?? 0)) read and "
            + "\(FigureText.rate(row.writes[columns].max() ?? 0)) write units/s"
        return """
            <rect class="h\(shade)" x="\(x(from))" y="\(y)" width="\(max(x(to) - x(from), 0.8))" \
            height="\(height - (height > 8 ? 1 : 0.4))"><title>\(tip)</title></rect>
            """
    }

    private func names(_ row: Row, number: Int, count: Int, y: Double) -> Markup {
        let every = max(1, (count + 15) / 16)
        guard number % every == 0 || number == count - 1 && count - 1 - number % every > every / 2
        else { return "" }
        let peak = Quantity.percent((row.shares.max() ?? 0).rounded(toPercent: true))
        return """
            <text class="tick end" x="\(Self.left - 7)" y="\(y)">\(row.name)</text>\
            <text class="tick start" x="\(Self.width - Self.right + 6)" y="\(y)">\(peak)</text>
            """
    }
}

extension Double {
    /// A share without decimals of its percentage, where there is more than one percent.
    fileprivate func rounded(toPercent: Bool) -> Double {
        self >= 0.01 && toPercent ? (self * 100).rounded() / 100 : self
    }
}
