package import Wire

/// Reads a table in segments, some beside one another.
package struct SegmentReader: Sendable {
    /// So many segments are read at once; the others wait for their turn.
    package static let laneCount = 64

    private let request: ReadRequest
    private let call: PageReader.Call
    private let segments: Int
    package var pageSize: Int?
    package var budget = ReadBudget()

    package init(_ request: ReadRequest, segments: Int, call: @escaping PageReader.Call) {
        self.request = request
        self.segments = segments
        self.call = call
    }

    /// A page of a segment, and the key after which the next one begins.
    private struct Page: Sendable {
        var segment: Int
        var answer: JSONValue
    }

    /// Reads all segments; pages come as they arrive, one at a time.
    ///
    /// - Parameter take: answers whether to go on; what is on its way then is let go.
    /// - Returns: why reading stopped, where the budget was reached; what was on its way then was
    ///   still taken, since it is paid for.
    @discardableResult
    package func read(
        _ tally: inout ReadTally,
        _ take: (_ items: [[(String, JSONValue)]], _ tally: inout ReadTally) throws -> Bool
    ) async throws -> String? {
        let lanes = min(segments, Self.laneCount)
        return try await withThrowingTaskGroup(of: Page.self) { group in
            var next = lanes
            var stopped: String?
            for segment in 0..<lanes {
                let limit = pageLimit(tally, lanes)
                group.addTask { try await page(segment, after: nil, limit: limit) }
            }
            while let page = try await group.next() {
                tally.add(page: page.answer)
                let items = (page.answer["Items"]?.elements ?? []).compactMap(\.members)
                guard try take(items, &tally) else {
                    group.cancelAll()
                    break
                }
                let key = page.answer["LastEvaluatedKey"]
                let segment = key == nil ? next : page.segment
                if key == nil { next += 1 }
                guard segment < segments else { continue }
                stopped = stopped ?? budget.reached(tally, schema: request.schema)
                if stopped != nil { continue }
                let limit = pageLimit(tally, lanes)
                group.addTask { try await self.page(segment, after: key, limit: limit) }
            }
            return stopped
        }
    }

    /// What is left of the budget is for all lanes together.
    private func pageLimit(_ tally: ReadTally, _ lanes: Int) -> Int? {
        let share = request.itemsMax(budget, tally).map { max(1, $0 / lanes) }
        return [pageSize, share].compactMap { $0 }.min()
    }

    private func page(_ segment: Int, after key: JSONValue?, limit: Int?) async throws -> Page {
        var members = request.parameters
        members.append(("Segment", .number("\(segment)")))
        members.append(("TotalSegments", .number("\(segments)")))
        if let key { members.append(("ExclusiveStartKey", key)) }
        if let limit { members.append(("Limit", .number("\(max(1, limit))"))) }
        return Page(
            segment: segment, answer: try await call(request.operation, .object(members)))
    }
}
