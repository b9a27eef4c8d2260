internal import Expressions
internal import Items
internal import Operations

/// A SELECT, checked and bound to a table or index: which keys to walk and what to tell.
struct SelectPlan: Sendable {
    /// Stored keys `lower ..< upper`.
    struct Bounds: Sendable {
        var lower: [UInt8]
        var upper: [UInt8]?

        func contains(_ key: [UInt8]) -> Bool {
            !key.lexicographicallyPrecedes(lower)
                && (upper.map { key.lexicographicallyPrecedes($0) } ?? true)
        }

        mutating func formIntersection(_ other: Bounds) {
            if lower.lexicographicallyPrecedes(other.lower) { lower = other.lower }
            guard let end = other.upper else { return }
            if upper.map({ end.lexicographicallyPrecedes($0) }) ?? true { upper = end }
        }
    }

    /// What every range's walk has in common.
    var page: PagePlan
    /// In the order of the answer; they share no key.
    var ranges: [Bounds]
    /// The stored key of the one item, where the whole primary key is given.
    var itemKey: [UInt8]?
    /// nil for `*`.
    var projection: StatementProjection?
    /// Where to go on: the range, whose walk begins after `page.startKey`.
    var firstRange = 0
}

extension SelectPlan {
    /// Plans a statement as the service does: the whole key reads one item, equality on the
    /// partition key walks its items, anything else walks the whole table or index.
    init(
        _ statement: SelectStatement, table: Table, consistentRead: Bool, limit: Int?
    ) throws(ServiceError) {
        var parameters = PageParameters()
        parameters.tableName = statement.tableName
        parameters.indexName = statement.indexName
        parameters.consistentRead = consistentRead
        parameters.limit = limit
        if let name = statement.indexName, table.index(named: name) == nil {
            throw StatementFaults.unknownIndex
        }
        let index = try parameters.index(of: table)
        let hash = index?.hashKey ?? [table.partitionKey]
        let range = index?.rangeKey ?? (table.sortKey.map { [$0] } ?? [])
        // The whole condition is checked, though the keys may take parts of it.
        let whole = try statement.filter?.checkedCondition()
        let keys = try RequestExpressions.validating { () throws(ExpressionError) in
            try statement.filter?.selectedKeys(
                hash: hash.map { ($0.name, $0.type) }, range: range.map { ($0.name, $0.type) })
        }
        let id = PagePlan.storageID(table, index)
        let all = StoredKeys.range(id: id)
        page = PagePlan(table: table, lower: all.lower, upper: all.upper)
        page.index = index
        ranges = [Bounds(lower: all.lower, upper: all.upper)]
        projection = statement.projection
        var parsed = PageParameters.Parsed()
        parsed.filter = whole
        if let keys {
            parsed.filter = try keys.rest?.checkedCondition()
            let order = try SelectOrder(statement.order, hash: hash, range: range)
            page.isForward = order.isForward
            ranges = try order.ranges(of: keys, id: id)
            let isWholeKey = keys.rangeEquals.first?.count == range.count
            if index == nil, isWholeKey, ranges.count == 1 { itemKey = ranges[0].lower }
        } else if !statement.order.isEmpty {
            throw StatementFaults.orderWithoutPartitionKey
        }
        parsed.projectedAttributes = statement.projection?.topLevelAttributes
        try parameters.complete(&page, parsed: parsed)
    }

    /// Goes on after the last item of the page before.
    mutating func start(after key: ItemBytes) throws(ServiceError) {
        let storedKey: [UInt8]
        do throws(ServiceError) {
            storedKey = try StartKey.storedKey(key, table: page.table, index: page.index)
        } catch {
            throw StatementFaults.invalidNextToken
        }
        guard itemKey == nil, let range = ranges.firstIndex(where: { $0.contains(storedKey) })
        else { throw StatementFaults.invalidNextToken }
        firstRange = range
        page.startKey = storedKey
    }
}

extension StatementFilter {
    /// The condition; its faults are ValidationExceptions.
    func checkedCondition() throws(ServiceError) -> Condition {
        try RequestExpressions.validating { () throws(ExpressionError) in try condition() }
    }
}

/// ORDER BY, matched to a key schema.
struct SelectOrder {
    /// The direction of the sort key.
    private(set) var isForward = true
    /// Per HASH attribute that is ordered by: its place in the schema, and the direction.
    private var hash: [(place: Int, isDescending: Bool)] = []
    private var namesSortKey = false

    init(
        _ order: [SelectStatement.Order], hash: [KeyAttribute], range: [KeyAttribute]
    ) throws(ServiceError) {
        var directions: Set<Bool> = []
        for element in order {
            if let place = hash.firstIndex(where: { $0.name == element.attribute }) {
                self.hash.append((place, element.isDescending))
            } else if range.contains(where: { $0.name == element.attribute }) {
                directions.insert(element.isDescending)
            } else {
                throw .validation(
                    "Variable reference \(element.attribute) in ORDER BY clause must be part of "
                        + "the primary key")
            }
        }
        guard directions.count < 2 else {
            throw .validation("ORDER BY clause must have one direction for all sort key attributes")
        }
        namesSortKey = !directions.isEmpty
        isForward = directions.first != true
    }

    /// The ranges of the keys in the order asked for.
    func ranges(
        of keys: SelectedKeys, id: UInt32
    ) throws(ServiceError) -> [SelectPlan.Bounds] {
        if namesSortKey, hash.isEmpty, keys.hashes.count > 1 {
            throw .validation(
                "ORDER BY clause must begin with the partition key where the WHERE clause names "
                    + "several of them")
        }
        var result: [SelectPlan.Bounds] = []
        for values in keys.hashes.sorted(by: precedes) {
            var ranges: [SelectPlan.Bounds] = []
            for equals in keys.rangeEquals {
                ranges.append(Self.bounds(of: keys, hash: values, equals: equals, id: id))
            }
            ranges.sort {
                $0.lower.lexicographicallyPrecedes($1.lower) == isForward && $0.lower != $1.lower
            }
            result += ranges
        }
        return result
    }

    private func precedes(_ left: [ItemValue], _ right: [ItemValue]) -> Bool {
        for (place, isDescending) in hash where left[place].scalar != right[place].scalar {
            return left[place].scalar.lexicographicallyPrecedes(right[place].scalar)
                != isDescending
        }
        return false
    }

    private static func bounds(
        of keys: SelectedKeys, hash: [ItemValue], equals: [ItemValue], id: UInt32
    ) -> SelectPlan.Bounds {
        func bounds(_ comparison: RangeComparison?) -> SelectPlan.Bounds {
            let range = KeyRange(
                id: id,
                condition: ResolvedKeyCondition(
                    hash: hash, rangeEquals: equals, rangeComparison: comparison))
            return SelectPlan.Bounds(lower: range.lower, upper: range.upper)
        }
        var result = bounds(nil)
        for comparison in keys.rangeComparisons { result.formIntersection(bounds(comparison)) }
        return result
    }
}
