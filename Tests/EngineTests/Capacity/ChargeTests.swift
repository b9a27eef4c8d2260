import Engine
import Items
import Metering
import Operations
import TestSupport
import Testing

/// Charges by place against the units by table and index, under random work.
@Suite struct ChargeTests {
    private static let table = "tab"

    private func makeTable(_ harness: EngineHarness) async throws {
        var local = LocalSecondaryIndex()
        local.indexName = "by-weight"
        local.keySchema = [KeySchemaElement("pk", .hash), KeySchemaElement("weight", .range)]
        local.projection = Projection(.keysOnly)
        var global = GlobalSecondaryIndex()
        global.indexName = "by-owner"
        global.keySchema = [KeySchemaElement("owner", .hash), KeySchemaElement("weight", .range)]
        global.projection = Projection(.include, nonKeyAttributes: ["note"])
        try await harness.makeTable(
            localIndexes: [local], globalIndexes: [global],
            attributes: [
                AttributeDefinition("weight", .number), AttributeDefinition("owner", .string),
            ])
    }

    private func randomKey(_ generator: inout SeededGenerator) -> (String, String) {
        (
            "p\(Int.random(in: 0..<12, using: &generator))",
            "s\(Int.random(in: 0..<8, using: &generator))"
        )
    }

    private func randomItem(_ generator: inout SeededGenerator) -> ItemBytes {
        let (pk, sk) = randomKey(&generator)
        var attributes: [(key: String, value: AttributeValue)] = [
            ("pk", .string(pk)), ("sk", .string(sk)),
        ]
        if Bool.random(using: &generator) {
            attributes.append(("weight", .int(Int.random(in: -50...50, using: &generator))))
        }
        if Bool.random(using: &generator) {
            attributes.append(("owner", .string("o\(Int.random(in: 0..<9, using: &generator))")))
        }
        let length = Int.random(in: 0...9_000, using: &generator)
        attributes.append(("note", .string(String(repeating: "x", count: length))))
        return ItemBytes(attributes)
    }

    private func randomWrite(_ generator: inout SeededGenerator) -> OperationRequest {
        let (pk, sk) = randomKey(&generator)
        switch Int.random(in: 0..<4, using: &generator) {
        case 0:
            var request = PutItemRequest()
            request.tableName = Self.table
            request.item = randomItem(&generator)
            if Bool.random(using: &generator) {
                request.condition.conditionExpression = "attribute_not_exists(pk)"
            }
            return .putItem(request)
        case 1:
            var request = DeleteItemRequest()
            request.tableName = Self.table
            request.key = key(pk, sk)
            return .deleteItem(request)
        case 2:
            var request = BatchWriteItemRequest()
            let item = randomItem(&generator)
            let other = key("q\(pk)", sk)
            request.requestItems = [(Self.table, [.put(item), .delete(other)])]
            return .batchWriteItem(request)
        default:
            var request = TransactWriteItemsRequest()
            let put = randomItem(&generator)
            request.transactItems = [
                .put(put), .delete(key("q\(pk)", sk)),
                .check(
                    key("r\(pk)", sk),
                    Bool.random(using: &generator)
                        ? "attribute_not_exists(pk)" : "attribute_exists(pk)"),
            ]
            // Few tokens, so that some are repeated; another request with one is an error.
            request.clientRequestToken =
                Bool.random(using: &generator)
                ? "token-\(Int.random(in: 0..<100, using: &generator))" : nil
            return .transactWriteItems(request)
        }
    }

    private func randomRead(_ generator: inout SeededGenerator) -> OperationRequest {
        let (pk, sk) = randomKey(&generator)
        switch Int.random(in: 0..<6, using: &generator) {
        case 0:
            var request = GetItemRequest()
            request.tableName = Self.table
            request.key = key(pk, sk)
            request.consistentRead = Bool.random(using: &generator)
            return .getItem(request)
        case 1:
            var keys = KeysAndAttributes()
            keys.keys = [key(pk, sk), key(pk, "other"), key("\(pk)1", sk)]
            var request = BatchGetItemRequest()
            request.requestItems = [(Self.table, keys)]
            return .batchGetItem(request)
        case 2:
            var get = TransactGetItem()
            get.tableName = Self.table
            get.key = key(pk, sk)
            var request = TransactGetItemsRequest()
            request.transactItems = [get]
            return .transactGetItems(request)
        case 3:
            var request = ScanRequest()
            request.page.tableName = Self.table
            request.page.indexName =
                [nil, "by-weight", "by-owner"][Int.random(in: 0..<3, using: &generator)]
            request.page.limit = Bool.random(using: &generator) ? 10 : nil
            return .scan(request)
        case 4:
            var request = QueryRequest()
            let isLocal = Bool.random(using: &generator)
            request.page.tableName = Self.table
            request.page.indexName = isLocal ? "by-weight" : nil
            request.page.projectionExpression = isLocal ? "note" : nil
            request.keyConditionExpression = "pk = :p"
            request.page.attributes.values = [":p": ItemValue(.string(pk))]
            request.scanIndexForward = Bool.random(using: &generator)
            return .query(request)
        default:
            var request = ExecuteStatementRequest()
            request.statement = Statement(
                "SELECT * FROM tab WHERE pk IN ('\(pk)', 'p1', 'p2')")
            return .executeStatement(request)
        }
    }

    /// Whether the charges of a consumption sum up to its units, and lie where they should.
    private func check(
        _ consumption: Consumption, _ harness: EngineHarness, _ what: OperationRequest
    ) {
        for used in consumption.tables {
            var sums: [UInt32: Units] = [:]
            for charge in used.charges {
                sums[charge.place.resourceID, default: Units()] += charge.units
                let count = harness.engine.partitionCount(id: charge.place.resourceID)
                #expect(count == 4)
                #expect((0..<count).contains(harness.engine.partition(of: charge.place)))
            }
            for resource in harness.engine.resources() {
                let told: Units
                switch resource.kind {
                case .table: told = used.table
                case .localIndex: told = used.localIndexes[resource.indexName ?? ""] ?? Units()
                case .globalIndex: told = used.globalIndexes[resource.indexName ?? ""] ?? Units()
                }
                #expect(sums.removeValue(forKey: resource.id) ?? Units() == told, "\(what)")
            }
            #expect(sums.isEmpty)
        }
    }

    @Test func chargesSumUpToTheUnits() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        let harness = try EngineHarness()
        try await makeTable(harness)
        var failures = 0
        for _ in 0..<1_500 {
            let request =
                Int.random(in: 0..<3, using: &generator) > 0
                ? randomWrite(&generator) : randomRead(&generator)
            do throws(ServiceError) {
                let outcome = try await harness.perform(request)
                #expect(!outcome.consumption.tables.isEmpty, "seed \(seed)")
                check(outcome.consumption, harness, request)
            } catch {
                failures += 1
                guard let consumption = error.consumption else { continue }
                #expect(!consumption.tables.allSatisfy { $0.charges.isEmpty }, "seed \(seed)")
                check(consumption, harness, request)
            }
        }
        #expect(failures > 50, "seed \(seed)")
        harness.engine.shutdown()
    }

    @Test func aScanIsChargedToEveryPartitionThatItWalks() async throws {
        let harness = try EngineHarness()
        try await makeTable(harness)
        for number in 0..<64 {
            _ = try await harness.put([
                "pk": .string("p\(number)"), "sk": .string("s"),
                "note": .string(String(repeating: "x", count: 4_000)),
            ])
        }
        var request = ScanRequest()
        request.page.tableName = Self.table
        request.page.consistentRead = true
        let used = try await harness.perform(.scan(request)).consumption.tables[0]
        #expect(used.charges.map { harness.engine.partition(of: $0.place) } == [0, 1, 2, 3])
        #expect(used.charges.reduce(0) { $0 + $1.itemCount } == 64)
        for charge in used.charges {
            let exact = Double(charge.byteCount) / 4_096
            #expect(abs(charge.units.read.value - exact) < 2.1)
        }
    }

    @Test func aMovedEntryIsChargedWhereItWasAndWhereItIs() async throws {
        let harness = try EngineHarness()
        try await makeTable(harness)
        func item(_ owner: String) -> ItemBytes {
            [
                "pk": .string("p"), "sk": .string("s"), "owner": .string(owner),
                "weight": .int(1),
            ]
        }
        _ = try await harness.put(item("ann"))
        let used = try await harness.put(item("bob")).consumption.tables[0]
        let index = try #require(harness.engine.resources().first { $0.indexName == "by-owner" })
        let places = used.charges.map(\.place).filter { $0.resourceID == index.id }
        #expect(
            places.map(\.hash)
                == ["ann", "bob"].map {
                    KeyPlace(resourceID: index.id, partition: [ItemValue(.string($0))]).hash
                })
        #expect(used.globalIndexes["by-owner"]?.write == RequestUnits(2))
    }
}
