import Dispatch
import Engine
import Items
import Operations
import Testing

/// What read transactions answer.
@Suite struct TransactGetTests {
    @Test func itemsInOrderAndNothingForTheMissing() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: nil)
        _ = try await harness.put(["pk": .string("a"), "n": .int(1), "m": .int(2)])
        _ = try await harness.put(["pk": .string("b"), "n": .int(3)])
        let outcome = try await harness.perform(gets([key("b"), key("no"), key("a")]))
        #expect(
            outcome.itemResponses?.responses == [
                ["pk": .string("b"), "n": .int(3)], nil,
                ["pk": .string("a"), "n": .int(1), "m": .int(2)],
            ])
        let projected = try await harness.perform(gets([key("a")], projection: "m, absent"))
        #expect(projected.itemResponses?.responses == [["m": .int(2)]])
    }

    @Test func itemsAreOfOneMoment() async throws {
        let store = try GatedStore()
        let harness = try EngineHarness(store: store)
        try await harness.makeTable(sortKey: nil)
        @Sendable func both(_ n: Int) -> OperationRequest {
            writes(["a", "b"].map { .put(["pk": .string($0), "n": .int(n)]) })
        }
        _ = try await harness.perform(both(1))
        // Between the reads of `a` and of `b`, both are written.
        let isWritten = DispatchSemaphore(value: 0)
        store.interruptAfterNextRead {
            harness.engine.handle(both(2), context: RequestContext()) { _ in isWritten.signal() }
            isWritten.wait()
        }
        let outcome = try await harness.perform(gets([key("a"), key("b")]))
        #expect(
            outcome.itemResponses?.responses.map { $0?.attributes["n"] } == [.int(1), .int(1)])
        let after = try await harness.perform(gets([key("a"), key("b")]))
        #expect(after.itemResponses?.responses.map { $0?.attributes["n"] } == [.int(2), .int(2)])
    }

    @Test func faults() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: nil)
        func message(_ request: OperationRequest) async -> String? {
            await harness.error(of: request)?.message
        }
        #expect(
            await message(gets([key("a"), key("a")]))
                == "Transaction request cannot include multiple operations on one item")
        let cancelled = await harness.error(of: gets([key("a"), key("a", "b")]))
        #expect(cancelled?.codes == ["None", "ValidationError"])
        #expect(
            cancelled?.cancellationReasons?.last?.message
                == "The provided key element does not match the schema")
        #expect(await message(gets([key("a")], table: "nowhere")) == "Requested resource not found")
        #expect(
            await message(gets([key("a")], projection: "a,,b"))?
                .hasPrefix("Invalid ProjectionExpression: Syntax error") == true)
        #expect(
            await message(gets((0..<101).map { key("p\($0)") }))?
                .hasSuffix("Member must have length less than or equal to 100") == true)
    }

    @Test func fourMegabytesAndNoMore() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: nil)
        for number in 0..<11 {
            let size = (number < 10 ? 400_000 : 194_304) - 4
            _ = try await harness.put([
                "pk": .string("\(UnicodeScalar(UInt8(97 + number)))"),
                "b": .string(String(repeating: "x", count: size)),
            ])
        }
        _ = try await harness.put(["pk": .string("z")])
        let keys = (0..<11).map { key("\(UnicodeScalar(UInt8(97 + $0)))") }
        let outcome = try await harness.perform(gets(keys, projection: "pk"))
        #expect(outcome.itemResponses?.responses.count == 11)
        let error = await harness.error(of: gets(keys + [key("z")], projection: "pk"))
        #expect(error?.code == "ValidationException")
        #expect(error?.message.contains("4 MB") == true)
    }
}
