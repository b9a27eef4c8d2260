package import Wire

/// Where a statement's items go on: after a NextToken, and after so many of what follows it.
///
/// As text, for `--start`: the token, or `3:` and the token where items are to be passed over.
package struct StatementPlace: Sendable, Hashable, CustomStringConvertible {
    package var token: String?
    package var skipped: Int

    package init(token: String? = nil, skipped: Int = 0) {
        self.token = token
        self.skipped = skipped
    }

    package init(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, let skipped = Int(parts[0]), skipped >= 0 else {
            self.init(token: text)
            return
        }
        self.init(token: parts[1].isEmpty ? nil : String(parts[1]), skipped: skipped)
    }

    package var description: String {
        let token = token ?? ""
        let needsCount = skipped > 0 || StatementPlace(token).token != token
        return needsCount ? "\(skipped):\(token)" : token
    }
}

/// Runs a PartiQL statement page by page, up to a limit of items and within a budget.
///
/// Limit is how many items a page looks at. What WHERE drops makes pages larger than what is left
/// to print; where such a page has more than that, reading goes on in the midst of it.
package struct StatementReader: Sendable {
    package enum Ending: Sendable, Hashable {
        case complete
        /// The limit was reached; more may follow from the place on.
        case limit(StatementPlace)
        /// The budget was reached: why, and where to go on.
        case budget(String, StatementPlace)
        /// Whoever took the items wants no more.
        case refused
    }

    private let members: [(String, JSONValue)]
    private let isRead: Bool
    private let isConsistent: Bool
    private let call: PageReader.Call
    /// The table's; nil where it isn't known.
    package var schema: TableSchema?
    /// Whether WHERE may drop items that were looked at.
    package var isFiltered = true
    package var limit: Int?
    package var budget = ReadBudget()
    package var start = StatementPlace()

    package init(
        _ text: String, parameters: [JSONValue], isConsistent: Bool,
        call: @escaping PageReader.Call
    ) {
        var members: [(String, JSONValue)] = [
            ("Statement", .string(text)), ("ReturnConsumedCapacity", .string("TOTAL")),
        ]
        if !parameters.isEmpty { members.append(("Parameters", .array(parameters))) }
        if isConsistent { members.append(("ConsistentRead", .bool(true))) }
        self.members = members
        self.isConsistent = isConsistent
        self.call = call
        isRead = text.prefix(6).lowercased() == "select"
    }

    /// Reads, and hands over each page's items.
    ///
    /// - Parameter take: gets items and what was consumed so far; answers whether to go on.
    package func read(
        _ tally: inout ReadTally,
        _ take: ([[(String, JSONValue)]], ReadTally) throws -> Bool
    ) async throws -> Ending {
        var place = start
        var evaluatedMax = limit.map { max(100, $0 <= Int.max / 10 ? $0 * 10 : $0) }
        while true {
            let remaining = limit.map { $0 - tally.printed }
            let wanted = isFiltered ? evaluatedMax : remaining
            evaluatedMax = evaluatedMax.map { $0 <= 1_000_000 ? $0 * 2 : $0 }
            let size = pageLimit(tally, wanted.map { max(1, $0).saturatingAdd(place.skipped) })
            let answer = try await page(after: place.token, limit: size)
            var items = (answer["Items"]?.elements ?? []).compactMap(\.members)
            let next = answer["NextToken"]?.string
            tally.pages += 1
            tally.returned += items.count
            tally.evaluated += next == nil ? items.count : max(items.count, size ?? 0)
            tally.units += ReadTally.units(answer["ConsumedCapacity"])

            let passed = min(place.skipped, items.count)
            items.removeFirst(passed)
            var cut: StatementPlace?
            if let remaining, items.count > remaining {
                items.removeLast(items.count - remaining)
                cut = StatementPlace(token: place.token, skipped: place.skipped + remaining)
            }
            place = StatementPlace(token: next, skipped: place.skipped - passed)
            tally.printed += items.count
            guard try take(items, tally) else { return .refused }
            if let cut { return .limit(cut) }
            guard next != nil else { return .complete }
            if let limit, tally.printed >= limit { return .limit(place) }
            if let why = budget.reached(tally, schema: schema) { return .budget(why, place) }
        }
    }

    private func pageLimit(_ tally: ReadTally, _ wanted: Int?) -> Int? {
        let count = schema?.itemCount ?? 0
        let average = count > 0 ? (schema?.byteCount ?? 0) / count : 0
        let affordable = budget.itemsMax(
            tally, schema: schema, averageSize: average, isConsistent: isConsistent)
        return [wanted, affordable].compactMap { $0 }.min().map { min($0, Int(Int32.max)) }
    }

    private func page(after token: String?, limit: Int?) async throws -> JSONValue {
        var members = members
        if let token { members.append(("NextToken", .string(token))) }
        if isRead, let limit { members.append(("Limit", .number("\(limit)"))) }
        return try await call("ExecuteStatement", .object(members))
    }
}

extension Int {
    fileprivate func saturatingAdd(_ other: Int) -> Int {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}
