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
