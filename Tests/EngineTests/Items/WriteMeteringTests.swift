import Engine
import Items
import Operations
import Testing

/// Units of writes and reads, to the half unit, by the service's published rules.
@Suite struct WriteMeteringTests {
    private func item(_ bytes: Int, owner: String? = nil) -> ItemBytes {
        // pk (2) + "a" (1) + sk (2) + "b" (1) + body (4) = 10 bytes beside the body's value.
        var attributes: [(key: String, value: AttributeValue)] = [
            ("pk", .string("a")), ("sk", .string("b")),
        ]
        var overhead = 10
        if let owner {
            attributes.append(("owner", .string(owner)))
            overhead += 5 + owner.utf8.count
        }
        attributes.append(("body", .string(String(repeating: "x", count: bytes - overhead))))
        return ItemBytes(attributes)
    }

    private func owners(_ projection: Projection) -> GlobalSecondaryIndex {
        var index = GlobalSecondaryIndex()
        index.indexName = "owners"
        index.keySchema = [KeySchemaElement("owner", .hash)]
        index.projection = projection
        return index
    }

    @Test(arguments: [(1024, 2), (1025, 4), (10, 2), (409_600, 800)])
    func putIsChargedPerKilobyte(size: Int, halves: Int) async throws {
        let harness = try EngineHarness()
        try await harness.makeTable()
        let outcome = try await harness.put(item(size))
        #expect(outcome.consumption.tables.first?.total.write == RequestUnits(halves: halves))
    }

    @Test func overwritingIsChargedByTheLargerImage() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable()
        _ = try await harness.put(item(5000))
        let outcome = try await harness.put(item(100))
        #expect(outcome.consumption.tables.first?.total.write == RequestUnits(5))
        let deleted = try await harness.delete(key("a", "b"))
        #expect(deleted.consumption.tables.first?.total.write == RequestUnits(1))
        let absent = try await harness.delete(key("a", "b"))
        #expect(absent.consumption.tables.first?.total.write == RequestUnits(1))
    }

    @Test func theIndexLadder() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(
            globalIndexes: [owners(Projection(.keysOnly))],
            attributes: [AttributeDefinition("owner", .string)])
        func index(_ outcome: OperationOutcome) -> RequestUnits? {
            outcome.consumption.tables.first?.globalIndexes["owners"]?.write
        }
        #expect(index(try await harness.put(item(100))) == nil)
        // Appears, keeps its key with nothing projected changed, moves, disappears.
        #expect(index(try await harness.put(item(100, owner: "x"))) == RequestUnits(1))
        #expect(index(try await harness.put(item(200, owner: "x"))) == nil)
        #expect(index(try await harness.put(item(200, owner: "y"))) == RequestUnits(2))
        #expect(index(try await harness.put(item(200))) == RequestUnits(1))
    }

    @Test func aProjectedChangeIsChargedOnceByTheLargerImage() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(
            globalIndexes: [owners(Projection(.all))],
            attributes: [AttributeDefinition("owner", .string)])
        _ = try await harness.put(item(3000, owner: "x"))
        let outcome = try await harness.put(item(100, owner: "x"))
        let used = outcome.consumption.tables.first
        #expect(used?.globalIndexes["owners"]?.write == RequestUnits(3))
        #expect(used?.table.write == RequestUnits(3))
        #expect(used?.total.write == RequestUnits(6))
    }

    @Test func aFailedConditionIsChargedByTheItemThatIsThere() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable()
        _ = try await harness.put(item(2500))
        var request = PutItemRequest()
        request.tableName = "tab"
        request.item = item(100)
        request.condition.conditionExpression = "attribute_not_exists(pk)"
        request.condition.returnsOldOnFailure = true
        let error = await harness.error(of: .putItem(request))
        #expect(error?.code == "ConditionalCheckFailedException")
        #expect(error?.item == item(2500))
        #expect(error?.consumption?.tables.first?.table.write == RequestUnits(3))
        #expect(try await harness.get(key("a", "b")) == item(2500))
    }

    @Test(arguments: [(4096, true, 2), (4097, true, 4), (4096, false, 1), (4097, false, 2)])
    func readsAreChargedPerFourKilobytes(size: Int, consistent: Bool, halves: Int) async throws {
        let harness = try EngineHarness()
        try await harness.makeTable()
        _ = try await harness.put(item(size))
        var request = GetItemRequest()
        request.tableName = "tab"
        request.key = key("a", "b")
        request.consistentRead = consistent
        let outcome = try await harness.perform(.getItem(request))
        #expect(outcome.consumption.tables.first?.table.read == RequestUnits(halves: halves))
    }

    @Test func aMissingItemIsChargedTheLeast() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable()
        var request = GetItemRequest()
        request.tableName = "tab"
        request.key = key("nobody", "b")
        let eventual = try await harness.perform(.getItem(request))
        #expect(eventual.consumption.tables.first?.table.read == RequestUnits(halves: 1))
        request.consistentRead = true
        let strong = try await harness.perform(.getItem(request))
        #expect(strong.consumption.tables.first?.table.read == RequestUnits(1))
    }
}
