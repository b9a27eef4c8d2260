import Engine
import Items
import Operations
import Testing

/// What single-item writes do and answer.
@Suite struct ItemWriteTests {
    @Test func updateMakesAnItemThatIsNotThere() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: nil)
        let outcome = try await harness.update(
            key("a"), "ADD n :one SET s = :s", values: [":one": .int(1), ":s": .string("x")],
            returning: .allNew)
        let expected: ItemBytes = ["pk": .string("a"), "n": .int(1), "s": .string("x")]
        #expect(outcome.write?.attributes == expected)
        #expect(try await harness.get(key("a")) == expected)
    }

    @Test func returnValuesOfAnUpdate() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: nil)
        _ = try await harness.put(["pk": .string("a"), "n": .int(1), "k": .string("keep")])
        func update(_ returning: ReturnValues) async throws -> ItemBytes? {
            try await harness.update(
                key("a"), "SET n = n + :one", values: [":one": .int(1)], returning: returning
            ).write?.attributes
        }
        #expect(try await update(.none) == nil)
        #expect(try await update(.updatedOld) == ["n": .int(2)])
        #expect(try await update(.updatedNew) == ["n": .int(4)])
        #expect(
            try await update(.allOld)
                == ["pk": .string("a"), "n": .int(4), "k": .string("keep")])
        #expect(
            try await update(.allNew)
                == ["pk": .string("a"), "n": .int(6), "k": .string("keep")])
    }

    @Test func anUpdateMayNotTouchTheKey() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: nil)
        var request = UpdateItemRequest()
        request.tableName = "tab"
        request.key = key("a")
        request.updateExpression = "SET pk = :v"
        request.attributes.values = [":v": ItemValue(.string("b"))]
        let error = await harness.error(of: .updateItem(request))
        #expect(
            error?.message
                == "One or more parameter values were invalid: Cannot update attribute pk. "
                + "This attribute is part of the key")
    }

    @Test func keysAreCheckedAgainstTheSchema() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable()
        var get = GetItemRequest()
        get.tableName = "tab"
        get.key = key("a")
        let missing = await harness.error(of: .getItem(get))
        #expect(missing?.message == "The provided key element does not match the schema")
        var put = PutItemRequest()
        put.tableName = "tab"
        put.item = ["pk": .string("a")]
        let noSortKey = await harness.error(of: .putItem(put))
        #expect(
            noSortKey?.message
                == "One or more parameter values were invalid: Missing the key sk in the item")
        put.item = ["pk": .int(1), "sk": .string("b")]
        let wrongType = await harness.error(of: .putItem(put))
        #expect(
            wrongType?.message
                == "One or more parameter values were invalid: Type mismatch for key pk "
                + "expected: S actual: N")
        put.item = key("", "b")
        let empty = await harness.error(of: .putItem(put))
        #expect(
            empty?.message
                == "One or more parameter values are not valid. The AttributeValue for a key "
                + "attribute cannot contain an empty string value. Key: pk")
        put.tableName = "nobody"
        let noTable = await harness.error(of: .putItem(put))
        #expect(noTable?.code == "ResourceNotFoundException")
        #expect(noTable?.message == "Requested resource not found")
    }

    @Test(arguments: [(2048, 1024, true), (2049, 1, false), (1, 1025, false)])
    func keyLengths(partition: Int, sort: Int, accepted: Bool) async throws {
        let harness = try EngineHarness()
        try await harness.makeTable()
        var request = PutItemRequest()
        request.tableName = "tab"
        request.item = key(
            String(repeating: "p", count: partition), String(repeating: "s", count: sort))
        let error = await harness.error(of: .putItem(request))
        #expect((error == nil) == accepted)
        #expect(error == nil || error?.code == "ValidationException")
    }

    @Test(arguments: [(409_600, true), (409_601, false)])
    func itemSize(size: Int, accepted: Bool) async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: nil)
        var request = PutItemRequest()
        request.tableName = "tab"
        request.item = [
            "pk": .string("a"), "b": .string(String(repeating: "x", count: size - 4)),
        ]
        #expect(request.item.size == size)
        let error = await harness.error(of: .putItem(request))
        #expect((error == nil) == accepted)
        if !accepted {
            #expect(error?.message == "Item size has exceeded the maximum allowed size")
        }
    }

    @Test func conditionsSeeTheWritesBeforeThem() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: nil)
        _ = try await harness.put(["pk": .string("a"), "n": .int(0)])
        // Fifty clients race to move the counter from each value to the next; one wins each step.
        let wins = await withTaskGroup(of: Int.self) { group in
            for _ in 0..<50 {
                group.addTask {
                    var won = 0
                    for step in 0..<10 {
                        let outcome = try? await harness.update(
                            key("a"), "SET n = :new",
                            values: [":new": .int(step + 1), ":old": .int(step)],
                            condition: "n = :old")
                        won += outcome == nil ? 0 : 1
                    }
                    return won
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wins == 10)
        #expect(try await harness.get(key("a"))?.value(named: "n")?.number == DecimalNumber(10))
        harness.engine.shutdown()
    }

    @Test func batchesAreCheckedWhole() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: nil)
        var request = BatchWriteItemRequest()
        request.requestItems = [("tab", [.put(key("a")), .delete(key("a"))])]
        let duplicate = await harness.error(of: .batchWriteItem(request))
        #expect(duplicate?.message == "Provided list of item keys contains duplicates")
        #expect(try await harness.get(key("a")) == nil)
        request.requestItems = [("tab", (0..<25).map { .put(key("p\($0)")) })]
        _ = try await harness.perform(.batchWriteItem(request))
        #expect(try await harness.describe().itemCount == 25)
        var read = BatchGetItemRequest()
        var keys = KeysAndAttributes()
        keys.keys = (0..<100).map { key("p\($0)") }
        read.requestItems = [("tab", keys)]
        let outcome = try await harness.perform(.batchGetItem(read))
        guard case .batchGetItem(let response) = outcome.response else { return }
        #expect(response.responses.first?.items.count == 25)
        #expect(outcome.consumption.tables.first?.table.read == RequestUnits(50))
        keys.keys.append(key("p100"))
        read.requestItems = [("tab", keys)]
        let tooMany = await harness.error(of: .batchGetItem(read))
        #expect(tooMany?.message == "Too many items requested for the BatchGetItem call")
    }

    /// The index is added while the batch is already on its way: it is refused all the same.
    @Test func aBatchIsCheckedByTheIndexesItMeets() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: nil)
        var index = GlobalSecondaryIndex()
        index.indexName = "owners"
        index.keySchema = [KeySchemaElement("owner", .hash)]
        index.projection = Projection(.all)
        var change = GlobalSecondaryIndexUpdate()
        change.create = index
        var update = UpdateTableRequest()
        update.tableName = "tab"
        update.attributeDefinitions = [
            AttributeDefinition("pk", .string), AttributeDefinition("owner", .string),
        ]
        update.globalSecondaryIndexUpdates = [change]
        harness.engine.handle(.updateTable(update), context: RequestContext()) { _ in }
        var batch = BatchWriteItemRequest()
        batch.requestItems = [("tab", [.put(["pk": .string("a"), "owner": .int(1)])])]
        let error = await harness.error(of: .batchWriteItem(batch))
        #expect(
            error?.message
                == "One or more parameter values were invalid: Type mismatch for Index Key owner "
                + "Expected: S Actual: N IndexName: owners")
        #expect(try await harness.get(key("a")) == nil)
        harness.engine.shutdown()
    }
}
