package import Metering
internal import Operations
package import Wire

/// What reading consumed so far, as the answers' ConsumedCapacity tells it.
package struct ReadTally: Sendable, Hashable {
    package var pages = 0
    /// Items that were looked at.
    package var evaluated = 0
    /// Items that passed the filter.
    package var returned = 0
    package var units = 0.0
    /// Items that were printed; fewer than returned where a limit cut a page.
    package var printed = 0

    package init() {}

    package mutating func add(page: JSONValue) {
        pages += 1
        evaluated += page["ScannedCount"]?.integer ?? 0
        returned += page["Count"]?.integer ?? 0
        units += Self.units(page["ConsumedCapacity"])
    }

    /// The units of a ConsumedCapacity.
    package static func units(_ capacity: JSONValue?) -> Double {
        guard case .number(let text)? = capacity?["CapacityUnits"] else { return 0 }
        return Double(text) ?? 0
    }

    /// What read units cost, in dollars, on demand.
    package static func cost(
        units: Double, schema: TableSchema?, prices: PriceList = .current
    ) -> Double {
        let tableClass: TableClass =
            schema?.isInfrequentAccess == true ? .standardInfrequentAccess : .standard
        return units * prices.prices(of: tableClass).perMillionReadRequestUnits / 1_000_000
    }
}

/// Where reading stops by itself: `--max-rcu` and `--max-cost`.
package struct ReadBudget: Sendable, Hashable {
    package var unitsMax: Double?
    package var costMax: Double?
    /// At which the cost is reckoned.
    package var prices: PriceList

    package init(
        unitsMax: Double? = nil, costMax: Double? = nil, prices: PriceList = .current
    ) {
        self.unitsMax = unitsMax
        self.costMax = costMax
        self.prices = prices
    }

    package var isGiven: Bool { unitsMax != nil || costMax != nil }

    /// How many items a page may look at without using up much more than what is left; nil: any.
    ///
    /// Items are taken to be as large as those that were looked at, and before any was as
    /// `averageSize` tells; where nobody knows, a small page finds out.
    package func itemsMax(
        _ tally: ReadTally, schema: TableSchema?, averageSize: Int, isConsistent: Bool
    ) -> Int? {
        let unitCost = ReadTally.cost(units: 1, schema: schema, prices: prices)
        let left = [
            unitsMax.map { $0 - tally.units },
            costMax.map { $0 / unitCost - tally.units },
        ].compactMap { $0 }.min()
        // An endpoint that tells no units has no budget to keep.
        guard let left, tally.evaluated == 0 || tally.units > 0 else { return nil }
        let bytesPerUnit = isConsistent ? 4096.0 : 8192.0
        let average =
            tally.evaluated > 0
            ? tally.units * bytesPerUnit / Double(tally.evaluated) : Double(averageSize)
        guard average > 0 else { return Self.firstPage }
        let count = left * bytesPerUnit / average
        return count.isFinite && count < 1e9 ? max(1, Int(count)) : nil
    }

    /// Items of a first page where nothing tells their size.
    private static let firstPage = 10

    /// Why no further page is read; nil while there is something left.
    package func reached(_ tally: ReadTally, schema: TableSchema?) -> String? {
        let cost = ReadTally.cost(units: tally.units, schema: schema, prices: prices)
        let consumed = "\(Quantity.units(tally.units)) read units (\(Quantity.money(cost)))"
        if let unitsMax, tally.units >= unitsMax {
            return "stopped by --max-rcu \(Quantity.units(unitsMax)) after \(consumed)"
        }
        if let costMax, cost >= costMax {
            return "stopped by --max-cost \(Quantity.money(costMax)) after \(consumed)"
        }
        return nil
    }
}
