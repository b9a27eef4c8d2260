import Items
import Operations
import Testing

@testable import Engine

/// How much reads that go on at once may overdraw together (docs/capacity-model.md).
@Suite struct ConcurrentReadTests {
    private static let readers = 2

    /// A table of 4 read units whose pages cost 250.
    private func harness() async throws -> ThrottleHarness {
        let throttled = try await ThrottleHarness(read: 4, write: 10, mode: .off) { _ in
        } configure: {
            $0.readerCount = Self.readers
        }
        for number in 0..<10 {
            _ = try await throttled.harness.perform(
                .putItem(throttled.putting("p\(number)", byteCount: 100_000)))
        }
        try await throttled.set(.enforce)
        return throttled
    }

    private func served(_ throttled: ThrottleHarness, _ request: OperationRequest) async -> Int {
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<100 {
                group.addTask { await throttled.harness.error(of: request) == nil }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
    }

    @Test func noMorePagesAreLetInThanThereAreReaders() async throws {
        let throttled = try await harness()
        var scan = ScanRequest()
        scan.page.tableName = "tab"
        scan.page.consistentRead = true
        #expect((1...Self.readers).contains(await served(throttled, .scan(scan))))
        // Each is waited out: 250 units take more than a minute.
        throttled.time.advance(by: 55)
        #expect(await served(throttled, .scan(scan)) == 0)
        throttled.time.advance(by: 80)
        #expect(await served(throttled, .scan(scan)) > 0)
    }

    @Test func norStatements() async throws {
        let throttled = try await harness()
        let request = throttled.harness.executing("SELECT * FROM tab")
        #expect((1...Self.readers).contains(await served(throttled, request)))
    }

    @Test func norTransactions() async throws {
        let throttled = try await harness()
        var request = TransactGetItemsRequest()
        for number in 0..<10 {
            var get = TransactGetItem()
            get.tableName = "tab"
            get.key = key("p\(number)")
            request.transactItems.append(get)
        }
        #expect(
            (1...Self.readers).contains(await served(throttled, .transactGetItems(request))))
    }
}
