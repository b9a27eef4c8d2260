package import Items

/// Request units, counted in halves so that sums are exact.
package struct RequestUnits: Sendable, Hashable, Comparable, AdditiveArithmetic {
    /// The count of half units.
    package var halves: Int

    package init(halves: Int) { self.halves = halves }
    package init(_ whole: Int) { self.halves = whole * 2 }

    package static let zero = RequestUnits(halves: 0)
    /// The value as the wire carries it.
    package var value: Double { Double(halves) / 2 }

    package static func + (left: RequestUnits, right: RequestUnits) -> RequestUnits {
        RequestUnits(halves: left.halves + right.halves)
    }
    package static func - (left: RequestUnits, right: RequestUnits) -> RequestUnits {
        RequestUnits(halves: left.halves - right.halves)
    }
    package static func < (left: RequestUnits, right: RequestUnits) -> Bool {
        left.halves < right.halves
    }
}

/// Read and write units of one table or index.
package struct Units: Sendable, Hashable {
    package var read: RequestUnits
    package var write: RequestUnits

    package init(read: RequestUnits = .zero, write: RequestUnits = .zero) {
        self.read = read
        self.write = write
    }

    package static func += (left: inout Units, right: Units) {
        left.read += right.read
        left.write += right.write
    }

    package var isZero: Bool { read == .zero && write == .zero }
}

/// What an operation consumed at one place of the key space of a table or index.
package struct Charge: Sendable, Hashable {
    /// The item's key; for a page, what the keys it walked in one partition begin with.
    package var place: KeyPlace
    package var units: Units
    /// DynamoDB sizes of what was read (before filter and projection) or of the larger image
    /// written.
    package var byteCount: Int
    /// How many items were read or written; a missing one counts as none.
    package var itemCount: Int
    /// What the write of an index's entry would have cost under other projections; nil for anything
    /// else.
    package var projections: ProjectionCosts?

    package init(
        place: KeyPlace, units: Units, byteCount: Int, itemCount: Int = 1,
        projections: ProjectionCosts? = nil
    ) {
        self.projections = projections
        self.place = place
        self.units = units
        self.byteCount = byteCount
        self.itemCount = itemCount
    }
}

/// What one write does to an index, were its projection KEYS_ONLY or ALL: write units, and the size
/// of the larger entry.
package struct ProjectionCosts: Sendable, Hashable {
    package var keysOnly: RequestUnits
    package var keysOnlyByteCount: Int
    package var all: RequestUnits
    package var allByteCount: Int

    package init(
        keysOnly: RequestUnits, keysOnlyByteCount: Int, all: RequestUnits, allByteCount: Int
    ) {
        self.keysOnly = keysOnly
        self.keysOnlyByteCount = keysOnlyByteCount
        self.all = all
        self.allByteCount = allByteCount
    }
}

/// What an operation consumed in one table: the one value that answers, throttle and account
/// book all read.
package struct TableConsumption: Sendable, Hashable {
    /// The table's name as the request gave it (a name or an ARN), echoed in ConsumedCapacity.
    package var tableName: String
    /// Units of the table itself, without its indexes.
    package var table: Units
    /// Units of each local secondary index that was touched.
    package var localIndexes: [String: Units]
    /// Units of each global secondary index that was touched.
    package var globalIndexes: [String: Units]
    /// The same units by place: their sums by table and index are those above.
    package var charges: [Charge]

    package init(
        tableName: String, table: Units = Units(), localIndexes: [String: Units] = [:],
        globalIndexes: [String: Units] = [:], charges: [Charge] = []
    ) {
        self.charges = charges
        self.tableName = tableName
        self.table = table
        self.localIndexes = localIndexes
        self.globalIndexes = globalIndexes
    }

    /// Table and indexes together.
    package var total: Units {
        var sum = table
        for units in localIndexes.values { sum += units }
        for units in globalIndexes.values { sum += units }
        return sum
    }

    /// Adds another consumption of the same table.
    package mutating func add(_ other: TableConsumption) {
        table += other.table
        charges += other.charges
        for (name, units) in other.localIndexes { localIndexes[name, default: Units()] += units }
        for (name, units) in other.globalIndexes { globalIndexes[name, default: Units()] += units }
    }
}

/// What an operation consumed, per table, in the request's order of tables.
package struct Consumption: Sendable, Hashable {
    package var tables: [TableConsumption]
    /// What was throttled, or would have been where throttling is only observed.
    package var throttles: [ThrottledWork] = []

    package init(_ tables: [TableConsumption] = []) { self.tables = tables }
}

/// The ReturnConsumedCapacity parameter.
package enum ReturnConsumedCapacity: String, Sendable {
    case indexes = "INDEXES"
    case total = "TOTAL"
    case none = "NONE"
}

/// The ConsumedCapacity of an answer: a consumption and how much of it to tell.
package struct ConsumedCapacity: Sendable {
    /// The consumption of one table.
    package var consumption: TableConsumption
    /// INDEXES adds the Table and index arms to the total.
    package var detail: ReturnConsumedCapacity
    /// Whether the Read/WriteCapacityUnits split is told (transactional calls only).
    ///
    /// A half of which nothing was consumed is not.
    package var tellsReadWriteSplit: Bool

    package init(
        consumption: TableConsumption, detail: ReturnConsumedCapacity,
        tellsReadWriteSplit: Bool = false
    ) {
        self.consumption = consumption
        self.detail = detail
        self.tellsReadWriteSplit = tellsReadWriteSplit
    }
}
