import Engine
import Items
import Operations
import Testing

/// What write transactions do, and how they fail.
@Suite struct TransactWriteTests {
    private let cancelled =
        "Transaction cancelled, please refer cancellation reasons for specific reasons "

    private func table() async throws -> EngineHarness {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: nil)
        return harness
    }

    @Test func allFourActionsAcrossTables() async throws {
        let harness = try await table()
        try await harness.makeTable("other")
        _ = try await harness.put(["pk": .string("old"), "n": .int(1)])
        _ = try await harness.put(["pk": .string("gone")])
        _ = try await harness.put(key("a", "b"), table: "other")
        let outcome = try await harness.perform(
            writes([
                .put(["pk": .string("made"), "n": .int(5)], if: "attribute_not_exists(pk)"),
                .update(key("old"), "SET n = n + :one", values: [":one": .int(1)]),
                .update(key("fresh"), "ADD n :one", values: [":one": .int(1)]),
                .delete(key("gone"), if: "attribute_exists(pk)"),
                .check(key("a", "b"), "attribute_exists(pk)", table: "other"),
                .delete(key("never", "there"), table: "other"),
            ]))
        #expect(outcome.transaction != nil)
        #expect(try await harness.get(key("made")) == ["pk": .string("made"), "n": .int(5)])
        #expect(try await harness.get(key("old")) == ["pk": .string("old"), "n": .int(2)])
        #expect(try await harness.get(key("fresh")) == ["pk": .string("fresh"), "n": .int(1)])
        #expect(try await harness.get(key("gone")) == nil)
        #expect(try await harness.get(key("a", "b"), table: "other") == key("a", "b"))
    }

    @Test func oneFailedConditionLeavesEverythingAsItWas() async throws {
        let harness = try await table()
        let there: ItemBytes = ["pk": .string("there"), "n": .int(7)]
        _ = try await harness.put(there)
        let error = await harness.error(
            of: writes([
                .put(key("a")),
                .put(key("there"), if: "attribute_not_exists(pk)", showing: true),
                .update(key("there2"), "SET n = :v", values: [":v": .int(1)]),
                .check(key("nobody"), "attribute_exists(pk)", showing: true),
                .delete(key("b"), if: "n = :v", values: [":v": .int(1)]),
            ]))
        #expect(error?.code == "TransactionCanceledException")
        #expect(
            error?.message == cancelled
                + "[None, ConditionalCheckFailed, None, ConditionalCheckFailed, "
                + "ConditionalCheckFailed]")
        let failed = "The conditional request failed"
        #expect(
            error?.cancellationReasons == [
                .none,
                CancellationReason(
                    code: "ConditionalCheckFailed", message: failed, item: there),
                .none,
                CancellationReason(code: "ConditionalCheckFailed", message: failed),
                CancellationReason(code: "ConditionalCheckFailed", message: failed),
            ])
        #expect(try await harness.scanAll() == [there])
    }

    @Test func whatOnlyTheCurrentItemTellsCancels() async throws {
        let harness = try await tableWithOwners()
        _ = try await harness.put(["pk": .string("s"), "n": .string("text")])
        let big = String(repeating: "x", count: 300_000)
        _ = try await harness.put(["pk": .string("big"), "body": .string(big)])
        let error = await harness.error(
            of: writes([
                .update(key("s"), "SET n = n + :one", values: [":one": .int(1)]),
                .update(key("big"), "SET more = :m", values: [":m": .string(big)]),
                .put(key("fine")),
                .update(key("s2"), "SET m = absent + :one", values: [":one": .int(1)]),
                .update(key("s3"), "SET #o = :m", values: [":m": .int(1)], names: ["#o": "owner"]),
            ]))
        #expect(
            error?.codes == [
                "ValidationError", "ValidationError", "None", "ValidationError", "ValidationError",
            ])
        let messages = error?.cancellationReasons?.map(\.message)
        #expect(
            messages?[0] == "An operand in the update expression has an incorrect data type")
        #expect(messages?[1] == "Item size to update has exceeded the maximum allowed size")
        #expect(
            messages?[3]
                == "The provided expression refers to an attribute that does not exist in the item"
        )
        #expect(messages?[4]?.contains("Type mismatch for Index Key owner") == true)
        #expect(try await harness.scanAll().count == 2)
    }

    @Test func whatAnActionBreaksOfItsTablesSchemaCancels() async throws {
        let harness = try await tableWithOwners()
        let big = String(repeating: "x", count: 410_000)
        let error = await harness.error(
            of: writes([
                .put(key("fine")),
                .delete(key("a", "b")),
                .put(["n": .int(1)]),
                .update(key("a"), "SET pk = :v", values: [":v": .int(1)]),
                .put(["pk": .string("b"), "owner": .int(1)]),
                .put(["pk": .string("c"), "body": .string(big)]),
                .check(key("nothing"), "attribute_exists(pk)"),
            ]))
        #expect(error?.codes == ["None"] + Array(repeating: "ValidationError", count: 5) + ["None"])
        let invalid = "One or more parameter values were invalid: "
        #expect(
            error?.cancellationReasons?.map(\.message) == [
                nil, "The provided key element does not match the schema",
                invalid + "Missing the key pk in the item",
                invalid + "Cannot update attribute pk. This attribute is part of the key",
                invalid + "Type mismatch for Index Key owner Expected: S Actual: N "
                    + "IndexName: owners",
                "Item size has exceeded the maximum allowed size", nil,
            ])
        #expect(try await harness.scanAll().isEmpty)
    }

    @Test func faultsOfTheRequestRefuseItWhole() async throws {
        let harness = try await table()
        func message(_ items: [TransactWriteItem]) async -> String? {
            let error = await harness.error(of: writes(items))
            return error?.code == "ValidationException" ? error?.message : error?.code
        }
        let fine = TransactWriteItem.put(key("fine"))
        #expect(
            await message([fine, .check(key("a"), "pk = = :v", values: [":v": .int(1)])])?
                .hasPrefix("Invalid ConditionExpression: Syntax error") == true)
        #expect(
            await message([.delete(key("a", "b")), .delete(["pk": .string("")])])
                == "One or more parameter values are not valid. The AttributeValue for a key "
                + "attribute cannot contain an empty string value. Key: pk")
        #expect(
            await message([.delete(key("a", "b")), fine, fine])
                == "Transaction request cannot include multiple operations on one item")
        #expect(
            await message([fine, .update(key("a"), "SET")])?
                .hasPrefix("Invalid UpdateExpression: Syntax error") == true)
        #expect(
            await message([fine, .put(key("a"), values: [":v": .int(1)])])
                == "ExpressionAttributeValues can only be specified when using "
                + "expressions: ConditionExpression is null")
        #expect(
            await message([fine, .malformed])
                == "TransactItems can only contain one of Check, Put, Update or Delete")
        #expect(
            await message([fine, .put(key("a", "b"), table: "nowhere")])
                == "ResourceNotFoundException")
        #expect(
            await message([fine, .check(key("fine"), "attribute_exists(pk)")])
                == "Transaction request cannot include multiple operations on one item")
        #expect(try await harness.scanAll().isEmpty)
    }

    @Test func aTableThatIsNotThere() async throws {
        let harness = try await table()
        let error = await harness.error(of: writes([.put(key("a"), table: "nowhere")]))
        #expect(error?.code == "ResourceNotFoundException")
        #expect(error?.message == "Requested resource not found")
    }

    @Test func aHundredActionsAndNoMore() async throws {
        let harness = try await table()
        _ = try await harness.perform(writes((0..<100).map { .put(key("p\($0)")) }))
        #expect(try await harness.scanAll().count == 100)
        let error = await harness.error(of: writes((0..<101).map { .put(key("q\($0)")) }))
        #expect(error?.code == "ValidationException")
        #expect(
            error?.message.hasSuffix("Member must have length less than or equal to 100") == true)
        #expect(try await harness.scanAll().count == 100)
    }

    @Test func fourMegabytesAndNoMore() async throws {
        let harness = try await table()
        // pk (2) + "00" (2) + b (1) = 5 bytes beside the body.
        func put(_ number: Int, size: Int) -> TransactWriteItem {
            let name = "\(number / 10)\(number % 10)"
            return .put([
                "pk": .string(name), "b": .string(String(repeating: "x", count: size - 5)),
            ])
        }
        let ten = (0..<10).map { put($0, size: 400_000) }
        _ = try await harness.perform(writes(ten + [put(10, size: 194_304)]))
        let error = await harness.error(of: writes(ten + [put(11, size: 194_305)]))
        #expect(error?.code == "ValidationException")
        #expect(error?.message.contains("4 MB") == true)
        // An update's result counts, which only the current items tell.
        let updates = (0..<11).map {
            TransactWriteItem.update(
                key("0\($0)"), "SET n = :n", values: [":n": .int(1)])
        }
        _ = try await harness.perform(writes(Array(updates.prefix(10))))
        let checks = (0..<10).map {
            TransactWriteItem.check(key("0\($0)"), "n = :n", values: [":n": .int(1)])
        }
        let tooMuch = await harness.error(of: writes(checks + [put(11, size: 194_305)]))
        #expect(tooMuch?.code == "ValidationException")
        #expect(try await harness.get(key("11")) == nil)
    }

    @Test func metricsOfItemCollections() async throws {
        let harness = try EngineHarness()
        var local = LocalSecondaryIndex()
        local.indexName = "by-n"
        local.keySchema = [KeySchemaElement("pk", .hash), KeySchemaElement("n", .range)]
        local.projection = Projection(.all)
        try await harness.makeTable(
            localIndexes: [local], attributes: [AttributeDefinition("n", .number)])
        let outcome = try await harness.perform(
            writes([.put(key("a", "1")), .put(key("a", "2")), .put(key("b", "1"))]))
        let metrics = outcome.transaction?.itemCollectionMetrics
        #expect(metrics?.map(\.tableName) == ["tab"])
        #expect(metrics?.first?.metrics.map(\.itemCollectionKey) == [key("a"), key("b")])
    }
}
