package import Wire

/// Reads a Query or Scan page by page, up to a limit of items and within a budget.
package struct PageReader: Sendable {
    package enum Ending: Sendable, Hashable {
        /// All was read.
        case complete
        /// The limit was reached; more follow after the key.
        case limit(JSONValue)
        /// The budget was reached; why, and the key to go on after.
        case budget(String, JSONValue?)
        /// Whoever took the items wants no more.
        case refused
    }

    /// Sends one operation.
    package typealias Call =
        @Sendable (_ operation: String, _ parameters: JSONValue) async throws -> JSONValue

    private let request: ReadRequest
    private let call: Call
    package var limit: Int?
    package var pageSize: Int?
    package var budget = ReadBudget()
    package var startKey: JSONValue?

    package init(_ request: ReadRequest, call: @escaping Call) {
        self.request = request
        self.call = call
    }

    /// Reads, and hands over each page's items.
    ///
    /// - Parameter take: gets items and what was consumed so far; answers whether to go on.
    package func read(
        _ tally: inout ReadTally,
        _ take: ([[(String, JSONValue)]], ReadTally) throws -> Bool
    ) async throws -> Ending {
        var lastKey = startKey
        // With a filter it isn't known how many must be looked at: pages grow from small ones.
        var evaluatedMax = limit.map { max(100, $0 <= Int.max / 10 ? $0 * 10 : $0) }
        while true {
            let remaining = limit.map { $0 - tally.printed }
            let size = pageLimit(tally, remaining: remaining, evaluatedMax: evaluatedMax)
            evaluatedMax = evaluatedMax.map { $0 <= 1_000_000 ? $0 * 2 : $0 }
            let page = try await page(after: lastKey, limit: size)
            tally.add(page: page)
            lastKey = page["LastEvaluatedKey"]
            var items = (page["Items"]?.elements ?? []).compactMap(\.members)
            var cutKey: JSONValue?
            if let remaining, items.count > remaining {
                items.removeLast(items.count - remaining)
                cutKey = items.last.flatMap { request.startKey(after: $0) }
            }
            tally.printed += items.count
            guard try take(items, tally) else { return .refused }
            if let cutKey { return .limit(cutKey) }
            guard let lastKey else { return .complete }
            if let limit, tally.printed >= limit { return .limit(lastKey) }
            if let why = budget.reached(tally, schema: request.schema) {
                return .budget(why, lastKey)
            }
        }
    }

    private func pageLimit(_ tally: ReadTally, remaining: Int?, evaluatedMax: Int?) -> Int? {
        let wanted = request.hasFilter ? evaluatedMax : remaining
        return [pageSize, wanted, request.itemsMax(budget, tally)].compactMap { $0 }.min()
            .map { min($0, Int(Int32.max)) }
    }

    private func page(after key: JSONValue?, limit: Int?) async throws -> JSONValue {
        var members = request.parameters
        if let key { members.append(("ExclusiveStartKey", key)) }
        if let limit { members.append(("Limit", .number("\(max(1, limit))"))) }
        return try await call(request.operation, .object(members))
    }
}
