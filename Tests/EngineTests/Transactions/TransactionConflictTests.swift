import Engine
import Items
import Operations
import Testing

/// What others meet while a transaction is in flight.
@Suite struct TransactionConflictTests {
    /// A table `tab` with an item `a`, and a transaction that writes `a` and checks `c`, held up.
    private func inFlight() async throws -> (EngineHarness, GatedStore, Pending) {
        let store = try GatedStore()
        let harness = try EngineHarness(store: store)
        try await harness.makeTable(sortKey: nil)
        _ = try await harness.put(["pk": .string("a"), "n": .int(1)])
        store.closeGate()
        let transaction = Pending(
            writes([
                .update(key("a"), "ADD n :n", values: [":n": .int(1)]),
                .check(key("c"), "attribute_not_exists(pk)"),
            ]), on: harness)
        return (harness, store, transaction)
    }

    @Test func aPlainWriteIsRefused() async throws {
        let (harness, store, transaction) = try await inFlight()
        for name in ["a", "c"] {
            var put = PutItemRequest()
            put.tableName = "tab"
            put.item = key(name)
            var update = UpdateItemRequest()
            update.tableName = "tab"
            update.key = key(name)
            var delete = DeleteItemRequest()
            delete.tableName = "tab"
            delete.key = key(name)
            for request: OperationRequest in [
                .putItem(put), .updateItem(update), .deleteItem(delete),
            ] {
                let error = await harness.error(of: request)
                #expect(error?.code == "TransactionConflictException")
                #expect(error?.message == "Transaction is ongoing for the item")
            }
        }
        #expect(!transaction.isAnswered)
        var put = PutItemRequest()
        put.tableName = "tab"
        put.item = key("b")
        let unrelated = Pending(.putItem(put), on: harness)
        store.openGate()
        _ = try await unrelated.outcome()
        _ = try await transaction.outcome()
        _ = try await harness.put(key("a"))
        #expect(try await harness.get(key("a")) == key("a"))
    }

    @Test func anotherTransactionIsCancelledAtThePositionsInConflict() async throws {
        let (harness, store, transaction) = try await inFlight()
        let error = await harness.error(
            of: writes([.put(key("b")), .put(key("a")), .put(key("c"))]))
        #expect(error?.code == "TransactionCanceledException")
        #expect(
            error?.message
                == "Transaction cancelled, please refer cancellation reasons for specific reasons "
                + "[None, TransactionConflict, TransactionConflict]")
        #expect(
            error?.cancellationReasons?[1]
                == CancellationReason(
                    code: "TransactionConflict", message: "Transaction is ongoing for the item"))
        // A refused transaction holds nothing.
        let free = Pending(writes([.put(key("b"))]), on: harness)
        store.openGate()
        _ = try await free.outcome()
        _ = try await transaction.outcome()
        _ = try await harness.perform(writes([.put(key("a")), .put(key("c"))]))
    }

    @Test func readsInTransactionsAreCancelledAndPlainReadsAreNot() async throws {
        let (harness, store, transaction) = try await inFlight()
        let error = await harness.error(of: gets([key("b"), key("a")]))
        #expect(error?.codes == ["None", "TransactionConflict"])
        #expect(
            try await harness.get(key("a")) == ["pk": .string("a"), "n": .int(1)])
        #expect(try await harness.scanAll().count == 1)
        let other = try await harness.perform(gets([key("b")]))
        #expect(other.itemResponses?.responses == [nil])
        store.openGate()
        _ = try await transaction.outcome()
        let after = try await harness.perform(gets([key("a")]))
        #expect(after.itemResponses?.responses == [["pk": .string("a"), "n": .int(2)]])
    }

    @Test func aBatchLeavesItUnprocessed() async throws {
        let (harness, store, transaction) = try await inFlight()
        var batch = BatchWriteItemRequest()
        batch.requestItems = [("tab", [.put(key("b")), .delete(key("a")), .put(key("c"))])]
        batch.returnConsumedCapacity = .total
        let pending = Pending(.batchWriteItem(batch), on: harness)
        store.openGate()
        let outcome = try await pending.outcome()
        guard case .batchWriteItem(let response) = outcome.response else {
            Issue.record("no answer of a batch")
            return
        }
        #expect(response.unprocessedItems.map(\.tableName) == ["tab"])
        let left = response.unprocessedItems.first?.writes ?? []
        #expect(left.count == 2)
        if case .delete(let deleted)? = left.first { #expect(deleted == key("a")) }
        if case .put(let put)? = left.last { #expect(put == key("c")) }
        #expect(outcome.consumption.tables.map(\.total.write) == [RequestUnits(1)])
        _ = try await transaction.outcome()
        #expect(try await harness.get(key("b")) != nil)
        #expect(try await harness.get(key("c")) == nil)
    }

    @Test func aCancelledTransactionLetsGo() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: nil)
        for _ in 0..<3 {
            let error = await harness.error(
                of: writes([.check(key("a"), "attribute_exists(pk)"), .put(key("b"))]))
            #expect(error?.codes == ["ConditionalCheckFailed", "None"])
        }
        _ = try await harness.put(key("a"))
        _ = try await harness.perform(
            writes([.check(key("a"), "attribute_exists(pk)"), .put(key("b"))]))
    }

    // MARK: On purpose

    /// What a fixed sequence of requests meets.
    private func sequence(rate: Double, seed: UInt64) async throws -> [String] {
        let harness = try EngineHarness(
            configuration: EngineConfiguration(
                provokedConflicts: try ProvokedConflicts(rate: rate, seed: seed)))
        try await harness.makeTable(sortKey: nil)
        var met: [String] = []
        for number in 0..<60 {
            let name = "p\(number)"
            var put = PutItemRequest()
            put.tableName = "tab"
            put.item = key(name)
            let requests: [OperationRequest] = [
                .putItem(put), writes([.put(key(name)), .put(key(name + "b"))]),
                gets([key(name), key("x"), key("y")]),
            ]
            let error = await harness.error(of: requests[number % 3])
            met.append(error.map { $0.code + $0.codes.joined(separator: ",") } ?? "-")
            if error?.code == "TransactionCanceledException" {
                #expect(error?.codes.count { $0 == "TransactionConflict" } == 1)
                #expect(number % 3 == 2 ? true : try await harness.get(key(name)) == nil)
            }
        }
        return met
    }

    @Test func provokedConflictsFollowTheSeed() async throws {
        let first = try await sequence(rate: 0.5, seed: 7)
        #expect(try await sequence(rate: 0.5, seed: 7) == first)
        #expect(try await sequence(rate: 0.5, seed: 8) != first)
        #expect((10...50).contains(first.count { $0 != "-" }))
        #expect(try await sequence(rate: 0, seed: 7).allSatisfy { $0 == "-" })
        #expect(try await sequence(rate: 1, seed: 7).allSatisfy { $0 != "-" })
    }

    @Test func provokingBeginsAndEnds() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: nil)
        _ = try await harness.put(key("a"))
        try harness.engine.provokeConflicts(rate: 1, seed: 3)
        await #expect(throws: ServiceError.self) { try await harness.put(key("a")) }
        var batch = BatchWriteItemRequest()
        batch.requestItems = [("tab", [.put(key("b"))])]
        guard
            case .batchWriteItem(let response) = try await harness.perform(.batchWriteItem(batch))
                .response
        else { return }
        #expect(response.unprocessedItems.count == 1)
        try harness.engine.provokeConflicts(rate: 0, seed: 3)
        _ = try await harness.put(key("a"))
        #expect(throws: ServiceError.self) {
            try harness.engine.provokeConflicts(rate: 1.5, seed: 0)
        }
        #expect(throws: ServiceError.self) {
            try harness.engine.provokeConflicts(rate: .nan, seed: 0)
        }
    }
}
