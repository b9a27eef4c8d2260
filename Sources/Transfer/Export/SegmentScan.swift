internal import Client
internal import Items
internal import Operations
internal import Wire

/// One segment of a parallel scan, or a query, page by page, within a limit of units.
struct SegmentScan: Sendable {
    let client: ServiceClient
    let table: String
    let index: String?
    let selection: ScanSelection
    let segment: Int
    let segmentCount: Int
    let limiter: UnitLimiter
    /// Where the next page begins, as DynamoDB JSON; nil: at the segment's begin.
    var startKey: JSONValue?
    private(set) var isAtEnd = false
    /// Units that a page took last: what the next will probably take.
    private var expectedUnits = 1.0
    private var unitsPerItem = 0.5

    init(
        client: ServiceClient, table: String, index: String? = nil,
        selection: ScanSelection = .everything, segment: Int, segmentCount: Int,
        limiter: UnitLimiter, startKey: JSONValue? = nil
    ) {
        self.client = client
        self.table = table
        self.index = index
        self.selection = selection
        self.segment = segment
        self.segmentCount = segmentCount
        self.limiter = limiter
        self.startKey = startKey
    }

    /// Whether pages are small, because little may be read in a second.
    var isRateLimited: Bool { limiter.unitsPerSecond != nil }

    /// The next page; `isAtEnd` tells whether it is the last.
    mutating func next() async throws -> PageAnswer {
        var limit: Int?
        if let rate = limiter.unitsPerSecond {
            // A page is about a second's share at most, so that reading is even.
            let share = max(1, rate / Double(segmentCount))
            let count = max(1, min(share / max(unitsPerItem, 0.01), 100_000))
            limit = Int(count)
            expectedUnits = min(expectedUnits, count * unitsPerItem)
        }
        try await limiter.admit(expectedUnits)
        var members: [(String, JSONValue?)] = [
            ("TableName", .string(table)), ("IndexName", index.map { .string($0) }),
            ("ReturnConsumedCapacity", .string("TOTAL")),
            ("Limit", limit.map { .number(String($0)) }), ("ExclusiveStartKey", startKey),
        ]
        if segmentCount > 1 {
            members.append(("Segment", .number(String(segment))))
            members.append(("TotalSegments", .number(String(segmentCount))))
        }
        members += selection.members
        let request = ServiceRequest(
            .dynamodb, headers: [("X-Amz-Target", "DynamoDB_20120810.\(selection.operation)")],
            body: JSONValue.object(present: members).encoded)
        let page = try PageAnswer(parsing: try await client.send(request).body)
        await limiter.settle(page.consumedUnits - expectedUnits)
        expectedUnits = max(page.consumedUnits, 0.5)
        if page.scannedCount > 0 {
            unitsPerItem = page.consumedUnits / Double(page.scannedCount)
        }
        startKey = try page.lastEvaluatedKey.map(Self.json)
        isAtEnd = startKey == nil
        return page
    }

    private static func json(_ key: ItemBytes) throws(ServiceError) -> JSONValue {
        var writer = JSONWriter()
        writer.item(key)
        return try JSONValue(parsing: writer.bytes)
    }
}
