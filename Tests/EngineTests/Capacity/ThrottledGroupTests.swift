import Engine
import Items
import Operations
import Testing

/// Throttling of batches, transactions, pages and statements.
@Suite struct ThrottledGroupTests {
    private func batch(_ names: [String]) -> OperationRequest {
        var request = BatchWriteItemRequest()
        request.requestItems = [("tab", names.map { .put(key($0)) })]
        return .batchWriteItem(request)
    }

    private func gets(_ names: [String]) -> OperationRequest {
        var keys = KeysAndAttributes()
        keys.keys = names.map { key($0) }
        keys.consistentRead = true
        var request = BatchGetItemRequest()
        request.requestItems = [("tab", keys)]
        return .batchGetItem(request)
    }

    @Test func whatABatchCannotWriteIsLeftUnprocessed() async throws {
        let throttled = try await ThrottleHarness(write: 3)
        let names = (0..<5).map { "p\($0)" }
        let outcome = try await throttled.harness.perform(batch(names))
        guard case .batchWriteItem(let response) = outcome.response else {
            Issue.record("another answer")
            return
        }
        let left = response.unprocessedItems.flatMap(\.writes).compactMap { write in
            if case .put(let item) = write { item } else { nil }
        }
        #expect(left == [key("p3"), key("p4")])
        #expect(outcome.consumption.throttles.count == 2)
        #expect(outcome.consumption.tables.first?.table.write == RequestUnits(3))
        #expect(try await throttled.harness.scanAll().count == 3)
        let error = await throttled.harness.error(of: batch(["p3", "p4"]))
        #expect(error?.code == "ProvisionedThroughputExceededException")
        #expect(error?.consumption?.throttles.count == 2)
    }

    @Test func whatABatchCannotReadIsLeftUnprocessed() async throws {
        let throttled = try await ThrottleHarness(read: 2, write: 10)
        let outcome = try await throttled.harness.perform(gets(["a", "b", "c"]))
        guard case .batchGetItem(let response) = outcome.response else {
            Issue.record("another answer")
            return
        }
        #expect(response.unprocessedKeys.flatMap(\.keys.keys) == [key("c")])
        #expect(outcome.consumption.throttles.count == 1)
        let error = await throttled.harness.error(of: gets(["c"]))
        #expect(error?.code == "ProvisionedThroughputExceededException")
    }

    @Test func aTransactionIsCancelledWithReasons() async throws {
        let throttled = try await ThrottleHarness(read: 2, write: 2)
        func transaction() -> OperationRequest {
            var request = TransactWriteItemsRequest()
            request.transactItems = [.put(key("a")), .put(key("b"))]
            return .transactWriteItems(request)
        }
        // It costs four, of which two are a debt.
        _ = try await throttled.harness.perform(transaction())
        throttled.time.advance(by: 1)
        let error = try #require(await throttled.harness.error(of: transaction()))
        #expect(error.code == "TransactionCanceledException")
        let codes = error.cancellationReasons?.map(\.code)
        #expect(codes == ["ProvisionedThroughputExceeded", "ProvisionedThroughputExceeded"])
        #expect(error.consumption?.throttles.count == 2)
        throttled.time.advance(by: 1)
        _ = try await throttled.harness.perform(transaction())

        var get = TransactGetItem()
        get.tableName = "tab"
        get.key = key("a")
        var request = TransactGetItemsRequest()
        request.transactItems = [get]
        // What came in during three seconds, at two units each.
        for _ in 0..<3 { _ = try await throttled.harness.perform(.transactGetItems(request)) }
        let refused = await throttled.harness.error(of: .transactGetItems(request))
        #expect(refused?.code == "TransactionCanceledException")
        #expect(refused?.cancellationReasons?.first?.code == "ProvisionedThroughputExceeded")
    }

    @Test func anOnDemandTransactionIsCancelledWithThrottlingError() async throws {
        let throttled = try await ThrottleHarness {
            $0.onDemandThroughput = OnDemandThroughput(maxWriteRequestUnits: 1)
        }
        var request = TransactWriteItemsRequest()
        request.transactItems = [.put(key("a")), .check(key("b"), "attribute_not_exists(pk)")]
        _ = try await throttled.harness.perform(.transactWriteItems(request))
        let error = await throttled.harness.error(of: .transactWriteItems(request))
        #expect(error?.cancellationReasons?.map(\.code) == ["ThrottlingError", "ThrottlingError"])
    }

    @Test func aRepetitionIsThrottledAsTheReadsThatItIs() async throws {
        let throttled = try await ThrottleHarness(read: 4, write: 100)
        var request = TransactWriteItemsRequest()
        request.transactItems = [.put(key("a"))]
        request.clientRequestToken = "again"
        for _ in 0..<3 { _ = try await throttled.harness.perform(.transactWriteItems(request)) }
        let error = await throttled.harness.error(of: .transactWriteItems(request))
        #expect(error?.cancellationReasons?.map(\.code) == ["ProvisionedThroughputExceeded"])
    }

    @Test func pagesAreChargedAndRefused() async throws {
        let throttled = try await ThrottleHarness(read: 4, write: 100)
        for number in 0..<10 {
            _ = try await throttled.harness.perform(
                .putItem(throttled.putting("p\(number)", byteCount: 4_000)))
        }
        var scan = ScanRequest()
        scan.page.tableName = "tab"
        // Ten blocks at half a unit: one more than there is, to be waited out.
        _ = try await throttled.harness.perform(.scan(scan))
        #expect(await throttled.harness.error(of: .scan(scan)) != nil)
        throttled.time.advance(by: 1)
        var query = QueryRequest()
        query.page.tableName = "tab"
        query.keyConditionExpression = "pk = :p"
        query.page.attributes.values = [":p": ItemValue(.string("p1"))]
        for _ in 0..<6 { _ = try await throttled.harness.perform(.query(query)) }
        #expect(
            await throttled.harness.error(of: .query(query))?.throttlingReasons
                == [throttled.reason(.read, .provisionedThroughput)])
    }

    @Test func statementsAreThrottled() async throws {
        let throttled = try await ThrottleHarness(read: 1, write: 1)
        _ = try await throttled.harness.execute("INSERT INTO tab VALUE {'pk': 'a'}")
        let code = "ProvisionedThroughputExceededException"
        #expect(
            await throttled.harness.error(
                of: throttled.harness.executing("INSERT INTO tab VALUE {'pk': 'b'}"))?.code == code)
        let select = "SELECT * FROM tab WHERE pk = 'a'"
        for _ in 0..<2 { _ = try await throttled.harness.execute(select) }
        #expect(
            await throttled.harness.error(of: throttled.harness.executing(select))?.code == code)
        #expect(
            await throttled.harness.error(
                of: throttled.harness.executing("SELECT * FROM tab"))?.code == code)
        var request = BatchExecuteStatementRequest()
        request.statements = [
            (Statement("INSERT INTO tab VALUE {'pk': 'b'}"), false),
            (Statement("INSERT INTO tab VALUE {'pk': 'c'}"), false),
        ]
        throttled.time.advance(by: 1)
        let outcome = try await throttled.harness.perform(.batchExecuteStatement(request))
        guard case .batchExecuteStatement(let response) = outcome.response else {
            Issue.record("another answer")
            return
        }
        #expect(
            response.responses.map { $0.error?.code } == [nil, "ProvisionedThroughputExceeded"])
        #expect(outcome.consumption.throttles.count == 1)
    }
}
