import Items
import Operations
import Testing

@testable import Engine

/// What every operation answers where a quota of the account, or a partition, is used up.
@Suite struct AccountQuotaTests {
    private static func operations(_ throttled: ThrottleHarness) -> [OperationRequest] {
        var update = UpdateItemRequest()
        update.tableName = "tab"
        update.key = key("a")
        var delete = DeleteItemRequest()
        delete.tableName = "tab"
        delete.key = key("a")
        var batch = BatchWriteItemRequest()
        batch.requestItems = [("tab", [.put(key("a")), .delete(key("b"))])]
        var keys = KeysAndAttributes()
        keys.keys = [key("a")]
        var gets = BatchGetItemRequest()
        gets.requestItems = [("tab", keys)]
        var query = QueryRequest()
        query.page.tableName = "tab"
        query.keyConditionExpression = "pk = :p"
        query.page.attributes.values = [":p": ItemValue(.string("a"))]
        var scan = ScanRequest()
        scan.page.tableName = "tab"
        return [
            .putItem(throttled.putting("a")), .updateItem(update), .deleteItem(delete),
            .batchWriteItem(batch), .batchGetItem(gets), .query(query), .scan(scan),
            throttled.getting("a"),
            throttled.harness.executing("INSERT INTO tab VALUE {'pk': 'c'}"),
            throttled.harness.executing("SELECT * FROM tab WHERE pk = 'a'"),
            throttled.harness.executing("SELECT * FROM tab"),
        ]
    }

    /// Uses up units spread over the hashes, as far as to leave a debt.
    private func exhaust(
        _ throttled: ThrottleHarness, units: Int, place: @escaping (Int) -> String
    ) throws {
        let engine = throttled.harness.engine
        let id = try #require(engine.table(named: "tab", region: "us-east-1")?.id)
        var used = TableConsumption(tableName: "tab")
        used.charges = (0..<400).map { number in
            Charge(
                place: KeyPlace(
                    resourceID: id, partition: [ItemValue(.string(place(number)))]),
                units: Units(
                    read: RequestUnits(units / 400), write: RequestUnits(units / 400)),
                byteCount: 0)
        }
        engine.throttle.charge(used)
    }

    private func check(
        _ throttled: ThrottleHarness, code: String, limit: ThrottleLimit,
        cancels: String = "ThrottlingError"
    ) async throws {
        for request in Self.operations(throttled) {
            let error = await throttled.harness.error(of: request)
            #expect(error?.code == code, "\(request)")
            let reason = try #require(error?.throttlingReasons?.first)
            #expect(reason == throttled.reason(reason.kind, limit), "\(request)")
        }
        let transactions: [OperationRequest] = [
            {
                var request = TransactWriteItemsRequest()
                request.transactItems = [.put(key("a"))]
                return .transactWriteItems(request)
            }(),
            {
                var get = TransactGetItem()
                get.tableName = "tab"
                get.key = key("a")
                var request = TransactGetItemsRequest()
                request.transactItems = [get]
                return .transactGetItems(request)
            }(),
        ]
        for request in transactions {
            let error = await throttled.harness.error(of: request)
            #expect(error?.cancellationReasons?.map(\.code) == [cancels])
        }
    }

    @Test func theQuotaOfATable() async throws {
        let throttled = try await ThrottleHarness {
            $0.warmThroughput = WarmThroughput(
                readUnitsPerSecond: 40_000, writeUnitsPerSecond: 40_000)
        }
        try exhaust(throttled, units: 40_000) { "p\($0)" }
        try await check(throttled, code: "RequestLimitExceeded", limit: .account)
    }

    @Test func theEntitlementOfATable() async throws {
        let throttled = try await ThrottleHarness()
        try exhaust(throttled, units: 12_000) { "p\($0)" }
        try await check(throttled, code: "ThrottlingException", limit: .keyRange)
    }

    @Test func thePartitionsOfAProvisionedTable() async throws {
        let throttled = try await ThrottleHarness(read: 40_000, write: 40_000)
        // The table has saved more than that up, its partitions haven't.
        throttled.time.advance(by: 300)
        try exhaust(throttled, units: 1_200_000) { "p\($0)" }
        try await check(
            throttled, code: "ProvisionedThroughputExceededException", limit: .keyRange,
            cancels: "ProvisionedThroughputExceeded")
    }
}
