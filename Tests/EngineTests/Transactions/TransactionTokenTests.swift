import Foundation
import Items
import Operations
import Storage
import Testing

@testable import Engine

/// ClientRequestToken: once for ten minutes, whatever happens in between.
@Suite struct TransactionTokenTests {
    private let time = TestTime(1_000_000)

    private var configuration: EngineConfiguration {
        var configuration = EngineConfiguration(now: time.now)
        configuration.maintenanceInterval = .infinity
        return configuration
    }

    private func increment(_ amount: Int = 1, token: String? = "token") -> OperationRequest {
        writes([.update(key("a"), "ADD n :n", values: [":n": .int(amount)])], token: token)
    }

    private func count(_ harness: EngineHarness) async throws -> AttributeValue? {
        try await harness.get(key("a"))?.attributes["n"]
    }

    private func table(_ store: (any KeyValueStore)? = nil) async throws -> EngineHarness {
        let harness = try EngineHarness(store: store, configuration: configuration)
        try await harness.makeTable(sortKey: nil)
        return harness
    }

    @Test func aRepetitionChangesNothing() async throws {
        let harness = try await table()
        for _ in 0..<3 { _ = try await harness.perform(increment()) }
        #expect(try await count(harness) == .int(1))
        _ = try await harness.perform(increment(token: "another"))
        _ = try await harness.perform(increment(token: nil))
        _ = try await harness.perform(increment(token: nil))
        #expect(try await count(harness) == .int(4))
    }

    @Test func otherParametersAreAMismatch() async throws {
        let harness = try await table()
        _ = try await harness.perform(increment())
        let error = await harness.error(of: increment(2))
        #expect(error?.code == "IdempotentParameterMismatchException")
        #expect(try await count(harness) == .int(1))
        _ = try await harness.perform(increment())
    }

    @Test func aTokenHoldsTenMinutesFromItsCompletion() async throws {
        let harness = try await table()
        _ = try await harness.perform(increment())
        time.advance(by: 599.999)
        _ = try await harness.perform(increment())
        #expect(try await count(harness) == .int(1))
        time.advance(by: 0.001)
        _ = try await harness.perform(increment(2))
        #expect(try await count(harness) == .int(3))
        // The token now stands for the other request, for ten minutes more.
        time.advance(by: 599)
        #expect(
            await harness.error(of: increment())?.code == "IdempotentParameterMismatchException")
    }

    @Test func aCancelledTransactionLeavesItsTokenUnused() async throws {
        let harness = try await table()
        let guarded = writes(
            [.put(["pk": .string("b")], if: "attribute_not_exists(pk)")], token: "t")
        _ = try await harness.put(["pk": .string("b")])
        #expect(await harness.error(of: guarded)?.codes == ["ConditionalCheckFailed"])
        _ = try await harness.delete(key("b"))
        _ = try await harness.perform(guarded)
        #expect(try await harness.get(key("b")) != nil)
    }

    @Test func tokensOfTwoRegionsAreTwoTokens() async throws {
        let harness = try await table()
        let west = RequestContext(region: "eu-west-1")
        var create = CreateTableRequest()
        create.tableName = "tab"
        create.billingMode = .payPerRequest
        create.keySchema = [KeySchemaElement("pk", .hash)]
        create.attributeDefinitions = [AttributeDefinition("pk", .string)]
        _ = try await harness.perform(.createTable(create), context: west)
        _ = try await harness.perform(increment())
        _ = try await harness.perform(increment(2), context: west)
        #expect(try await count(harness) == .int(1))
    }

    @Test func theOrderOfMembersIsNoDifference() async throws {
        let harness = try await table()
        func put(_ item: ItemBytes) -> OperationRequest { writes([.put(item)], token: "t") }
        _ = try await harness.perform(
            put([
                "pk": .string("a"), "set": .stringSet(["x", "y"]),
                "map": .map(["one": .int(1), "two": .list([.null, .bool(true)])]),
            ]))
        _ = try await harness.perform(
            put([
                "map": .map(["two": .list([.null, .bool(true)]), "one": .int(1)]),
                "set": .stringSet(["y", "x"]), "pk": .string("a"),
            ]))
        let error = await harness.error(
            of: put([
                "map": .map(["two": .list([.bool(true), .null]), "one": .int(1)]),
                "set": .stringSet(["y", "x"]), "pk": .string("a"),
            ]))
        #expect(error?.code == "IdempotentParameterMismatchException")
    }

    @Test func aTokenHoldsAcrossAReopening() async throws {
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("basalt-tokens-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        func open() throws -> RocksStore {
            try RocksStore.open(
                StoreOptions(path: path, durability: .os, cacheByteCount: 4 << 20))
        }
        var store = try open()
        var harness = try await table(store)
        _ = try await harness.perform(increment())
        harness.engine.shutdown()
        store.close()
        store = try open()
        harness = try EngineHarness(store: store, configuration: configuration)
        _ = try await harness.perform(increment())
        #expect(try await count(harness) == .int(1))
        #expect(
            await harness.error(of: increment(2))?.code == "IdempotentParameterMismatchException")
        time.advance(by: 600)
        _ = try await harness.perform(increment(2))
        #expect(try await count(harness) == .int(3))
        harness.engine.shutdown()
        store.close()
    }

    @Test func aTokenInFlightIsInProgress() async throws {
        let store = try GatedStore()
        let harness = try await table(store)
        store.closeGate()
        let first = Pending(increment(), on: harness)
        #expect(await harness.error(of: increment())?.code == "TransactionInProgressException")
        #expect(
            await harness.error(of: increment(2))?.code == "IdempotentParameterMismatchException")
        #expect(!first.isAnswered)
        store.openGate()
        _ = try await first.outcome()
        _ = try await harness.perform(increment())
        #expect(try await count(harness) == .int(1))
    }

    @Test func expiredTokensAreForgotten() async throws {
        let harness = try await table()
        let tokenCount = TransactionTokenExpiry.stepCountMax + 10
        for number in 0..<tokenCount {
            _ = try await harness.perform(increment(token: "token-\(number)"))
        }
        func keys() throws -> Int {
            let cursor = try harness.store.cursor(
                .catalogue, lower: [TransactionTokenRecord.mark], upper: nil)
            try cursor.seek(nil)
            var count = 0
            while cursor.isValid {
                count += 1
                try cursor.next()
            }
            return count
        }
        func catchUp() async {
            await withCheckedContinuation { continuation in
                harness.engine.maintenance.catchUp { continuation.resume() }
            }
        }
        await catchUp()
        #expect(try keys() == 2 * tokenCount)
        time.advance(by: 599)
        _ = try await harness.perform(increment(token: "later"))
        time.advance(by: 1)
        // Used anew after its end, and before it was forgotten.
        _ = try await harness.perform(increment(5, token: "token-0"))
        await catchUp()
        #expect(try keys() == 4)
        #expect(
            await harness.error(of: increment(token: "token-0"))?.code
                == "IdempotentParameterMismatchException")
        let before = try await count(harness)
        _ = try await harness.perform(increment(token: "later"))
        #expect(try await count(harness) == before)
        _ = try await harness.perform(increment(token: "token-1"))
        #expect(try await count(harness) != before)
    }
}
