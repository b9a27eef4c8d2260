import Items
import Operations
import TestSupport
import Testing

@testable import Engine

/// That observing tells what enforcing would do, and answers as if there were no limits.
@Suite struct ObservedThrottlingTests {
    private func harness(_ mode: ThrottlingMode) async throws -> ThrottleHarness {
        try await ThrottleHarness(read: 12, write: 12, mode: mode) {
            $0.globalSecondaryIndexes = ["owner", "place"].map { name in
                var index = GlobalSecondaryIndex()
                index.indexName = "by-\(name)"
                index.keySchema = [KeySchemaElement(name, .hash)]
                index.projection = Projection(.all)
                index.provisionedThroughput = ProvisionedThroughput(
                    readCapacityUnits: 5, writeCapacityUnits: name == "owner" ? 6 : 9)
                return index
            }
            $0.attributeDefinitions? += [
                AttributeDefinition("owner", .string), AttributeDefinition("place", .string),
            ]
        }
    }

    private func item(
        _ pk: String?, _ random: inout SeededGenerator
    ) -> ItemBytes {
        var attributes: [(key: String, value: AttributeValue)] = [
            ("pk", .string(pk ?? "p\(Int.random(in: 0..<5, using: &random))")),
            (
                "note",
                .string(String(repeating: "x", count: .random(in: 0..<2_000, using: &random)))
            ),
        ]
        for name in ["owner", "place"] where Bool.random(using: &random) {
            attributes.append((name, .string("o\(Int.random(in: 0..<3, using: &random))")))
        }
        return ItemBytes(attributes)
    }

    private func request(_ random: inout SeededGenerator) -> OperationRequest {
        let name = "p\(Int.random(in: 0..<5, using: &random))"
        switch Int.random(in: 0..<8, using: &random) {
        case 0:
            var request = BatchWriteItemRequest()
            request.requestItems = [
                ("tab", [.put(item("a", &random)), .put(item("b", &random)), .delete(key(name))])
            ]
            return .batchWriteItem(request)
        case 1:
            var request = TransactWriteItemsRequest()
            request.transactItems = [
                .put(item(nil, &random)), .check(key("q"), "attribute_not_exists(pk)"),
            ]
            return .transactWriteItems(request)
        case 2:
            var request = GetItemRequest()
            request.tableName = "tab"
            request.key = key(name)
            return .getItem(request)
        case 3:
            var request = ScanRequest()
            request.page.tableName = "tab"
            request.page.indexName =
                ["by-owner", "by-place", nil][Int.random(in: 0..<3, using: &random)]
            return .scan(request)
        case 4:
            var keys = KeysAndAttributes()
            keys.keys = [key("p1"), key("p2"), key("none")]
            var request = BatchGetItemRequest()
            request.requestItems = [("tab", keys)]
            return .batchGetItem(request)
        case 5:
            var request = DeleteItemRequest()
            request.tableName = "tab"
            request.key = key(name)
            return .deleteItem(request)
        default:
            var request = PutItemRequest()
            request.tableName = "tab"
            request.item = item(nil, &random)
            if Bool.random(using: &random) {
                request.condition.conditionExpression = "attribute_not_exists(pk)"
            }
            return .putItem(request)
        }
    }

    private func told(
        _ harness: ThrottleHarness, _ request: OperationRequest
    ) async -> (answer: String, throttles: [ThrottledWork]) {
        do throws(ServiceError) {
            let outcome = try await harness.harness.perform(request)
            return ("\(outcome.response)", outcome.consumption.throttles)
        } catch {
            return ("\(error.code): \(error.message)", error.consumption?.throttles ?? [])
        }
    }

    @Test(arguments: 0..<30 as Range<UInt64>)
    func whatIsObservedFirstIsWhatIsRefusedFirst(_ seed: UInt64) async throws {
        var random = SeededGenerator(seed: seed)
        let off = try await harness(.off)
        let observed = try await harness(.observe)
        let enforced = try await harness(.enforce)
        var isRefused = false
        for number in 0..<80 {
            let request = request(&random)
            let expected = await told(off, request)
            let seen = await told(observed, request)
            #expect(seen.answer == expected.answer, "seed \(seed), request \(number)")
            #expect(expected.throttles.isEmpty)
            if isRefused { continue }
            let enforcedAnswer = await told(enforced, request)
            #expect(
                seen.throttles == enforcedAnswer.throttles, "seed \(seed), request \(number)")
            isRefused = !enforcedAnswer.throttles.isEmpty
        }
        #expect(isRefused, "seed \(seed)")
    }
}
