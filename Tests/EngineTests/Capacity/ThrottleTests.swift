import Items
import Operations
import Testing

@testable import Engine

/// Throttling by the capacity model, at a time that stands still.
@Suite struct ThrottleTests {
    @Test func aProvisionedTableRefusesTheWriteAfterItsLast() async throws {
        let throttled = try await ThrottleHarness(write: 5)
        for number in 0..<5 { _ = try await throttled.put("p\(number)") }
        let error = try #require(await throttled.putError("p5"))
        #expect(error.code == "ProvisionedThroughputExceededException")
        #expect(error.status == 400)
        #expect(
            error.message
                == "The level of configured provisioned throughput for the table was exceeded. "
                + "Consider increasing your provisioning level with the UpdateTable API.")
        #expect(error.throttlingReasons == [throttled.reason(.write, .provisionedThroughput)])
        #expect(error.consumption?.throttles.map(\.limit) == [.provisionedThroughput])
        #expect(error.consumption?.tables.isEmpty == true)
        #expect(try await throttled.harness.get(key("p5")) == nil)
        throttled.time.advance(by: 1)
        for number in 5..<10 { _ = try await throttled.put("p\(number)") }
        #expect(await throttled.putError("p10") != nil)
    }

    @Test func unusedThroughputOfFiveMinutesIsABurst() async throws {
        let throttled = try await ThrottleHarness(read: 2, write: 2)
        throttled.time.advance(by: 3_600)
        for number in 0..<600 { _ = try await throttled.put("p\(number)") }
        #expect(await throttled.putError("p") != nil)
        for _ in 0..<600 { _ = try await throttled.get("p") }
        let error = await throttled.harness.error(of: throttled.getting("p"))
        #expect(error?.throttlingReasons == [throttled.reason(.read, .provisionedThroughput)])
    }

    @Test func aFailedConditionIsCharged() async throws {
        let throttled = try await ThrottleHarness(write: 2)
        var request = throttled.putting("p")
        request.condition.conditionExpression = "attribute_exists(pk)"
        for _ in 0..<2 {
            #expect(
                await throttled.harness.error(of: .putItem(request))?.code
                    == "ConditionalCheckFailedException")
        }
        #expect(
            await throttled.harness.error(of: .putItem(request))?.code
                == "ProvisionedThroughputExceededException")
    }

    @Test func aHotKeyOfAnOnDemandTableIsThrottled() async throws {
        let throttled = try await ThrottleHarness()
        for _ in 0..<1_000 { _ = try await throttled.put("hot") }
        let error = try #require(await throttled.putError("hot"))
        #expect(error.code == "ThrottlingException")
        #expect(error.message.hasPrefix("Throughput exceeds the current capacity of your table"))
        #expect(error.throttlingReasons == [throttled.reason(.write, .keyRange)])
        // Its other partitions are none the worse for it.
        let answers = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<40 { group.addTask { await throttled.putError("p\(number)") == nil } }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect((20..<40).contains(answers))
    }

    @Test func aMaximumOfOnDemandThroughputIsKept() async throws {
        let throttled = try await ThrottleHarness {
            $0.onDemandThroughput = OnDemandThroughput(maxWriteRequestUnits: 3)
        }
        for number in 0..<3 { _ = try await throttled.put("p\(number)") }
        let error = try #require(await throttled.putError("p"))
        #expect(error.code == "ThrottlingException")
        #expect(error.throttlingReasons == [throttled.reason(.write, .maxOnDemand)])
        #expect(
            error.message
                == "Throughput exceeds the maximum OnDemandThroughput configured on table or index")
    }

    @Test func anIndexThatCannotKeepUpHoldsBackItsTable() async throws {
        let throttled = try await ThrottleHarness(read: 10, write: 10) {
            var index = GlobalSecondaryIndex()
            index.indexName = "owners"
            index.keySchema = [KeySchemaElement("owner", .hash)]
            index.projection = Projection(.keysOnly)
            index.provisionedThroughput = ProvisionedThroughput(
                readCapacityUnits: 1, writeCapacityUnits: 1)
            $0.globalSecondaryIndexes = [index]
            $0.attributeDefinitions?.append(AttributeDefinition("owner", .string))
        }
        _ = try await throttled.put("a", owner: "ann")
        let error = try #require(await throttled.putError("b", owner: "bob"))
        #expect(error.code == "ProvisionedThroughputExceededException")
        #expect(error.message.contains("one or more global secondary indexes"))
        let arn = try await throttled.harness.describe().tableArn
        #expect(
            error.throttlingReasons == [
                ThrottlingReason(
                    isIndex: true, kind: .write, limit: .provisionedThroughput,
                    resource: "\(arn)/index/owners")
            ])
        #expect(try await throttled.harness.get(key("b")) == nil)
        // What leaves the index alone goes on, and the refused write cost the table nothing.
        for number in 0..<9 { _ = try await throttled.put("p\(number)") }
        #expect(
            await throttled.putError("p")?.throttlingReasons
                == [throttled.reason(.write, .provisionedThroughput)])
        var query = QueryRequest()
        query.page.tableName = "tab"
        query.page.indexName = "owners"
        query.keyConditionExpression = "#o = :o"
        query.page.attributes.names = ["#o": "owner"]
        query.page.attributes.values = [":o": ItemValue(.string("ann"))]
        for _ in 0..<2 { _ = try await throttled.harness.perform(.query(query)) }
        let refused = await throttled.harness.error(of: .query(query))
        #expect(
            refused?.throttlingReasons?.first?.reason == "IndexReadProvisionedThroughputExceeded")
    }

    @Test func writesOfLocalIndexesCountForTheTable() async throws {
        let throttled = try await ThrottleHarness(read: 5, write: 4) {
            var index = LocalSecondaryIndex()
            index.indexName = "by-weight"
            index.keySchema = [KeySchemaElement("pk", .hash), KeySchemaElement("weight", .range)]
            index.projection = Projection(.keysOnly)
            $0.localSecondaryIndexes = [index]
            $0.keySchema?.append(KeySchemaElement("sk", .range))
            $0.attributeDefinitions?.append(AttributeDefinition("sk", .string))
            $0.attributeDefinitions?.append(AttributeDefinition("weight", .number))
        }
        func item(_ number: Int) -> ItemBytes {
            ["pk": .string("p"), "sk": .string("s\(number)"), "weight": .int(number)]
        }
        for number in 0..<2 { _ = try await throttled.harness.put(item(number)) }
        await #expect(throws: ServiceError.self) { _ = try await throttled.harness.put(item(2)) }
    }

    @Test func observedThrottlingServesAndCounts() async throws {
        let throttled = try await ThrottleHarness(write: 2, mode: .observe)
        for number in 0..<2 {
            #expect(try await throttled.put("p\(number)").consumption.throttles.isEmpty)
        }
        for number in 2..<5 {
            let outcome = try await throttled.put("p\(number)")
            #expect(outcome.consumption.throttles.map(\.limit) == [.provisionedThroughput])
            #expect(outcome.consumption.tables.first?.table.write == RequestUnits(1))
        }
        #expect(try await throttled.harness.scanAll().count == 5)
        // What was served beyond the limit left no debt.
        throttled.time.advance(by: 1)
        #expect(try await throttled.put("p").consumption.throttles.isEmpty)
    }

    @Test func offRefusesNothing() async throws {
        let throttled = try await ThrottleHarness(read: 1, write: 1, mode: .off)
        for number in 0..<100 {
            #expect(try await throttled.put("p\(number)").consumption.throttles.isEmpty)
            #expect(try await throttled.get("p").consumption.throttles.isEmpty)
        }
    }

    @Test func theModeChangesWhileTheServerRuns() async throws {
        let throttled = try await ThrottleHarness(write: 1, mode: .off)
        for number in 0..<20 { _ = try await throttled.put("p\(number)") }
        try await throttled.set(.enforce)
        _ = try await throttled.put("p")
        #expect(await throttled.putError("p") != nil)
        try await throttled.set(.off)
        _ = try await throttled.put("p")
    }

    @Test func moreThroughputHelpsAtOnce() async throws {
        let throttled = try await ThrottleHarness(read: 1, write: 1)
        _ = try await throttled.put("p")
        #expect(await throttled.putError("p") != nil)
        var request = UpdateTableRequest()
        request.tableName = "tab"
        request.provisionedThroughput = ProvisionedThroughput(
            readCapacityUnits: 1, writeCapacityUnits: 50)
        _ = try await throttled.harness.perform(.updateTable(request))
        throttled.time.advance(by: 1)
        for _ in 0..<50 { _ = try await throttled.put("p") }
        #expect(await throttled.putError("p") != nil)
    }

    @Test func writesAtOnceAreCountedOneByOne() async throws {
        let throttled = try await ThrottleHarness(write: 50)
        let served = await withTaskGroup(of: Bool.self) { group in
            for number in 0..<300 {
                group.addTask { await throttled.putError("p\(number)") == nil }
            }
            return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(served == 50)
        #expect(try await throttled.harness.describe().itemCount == 50)
    }

    /// Charges writes that are spread over the hashes of a table.
    private func charge(_ throttled: ThrottleHarness, _ name: String, units: Int) throws {
        let engine = throttled.harness.engine
        let id = try #require(engine.table(named: name, region: "us-east-1")?.id)
        var used = TableConsumption(tableName: name)
        for number in 0..<200 {
            let place = KeyPlace(resourceID: id, partition: [ItemValue(.string("p\(number)"))])
            used.charges.append(
                Charge(
                    place: place, units: Units(write: RequestUnits(units / 200)), byteCount: 0))
        }
        engine.throttle.charge(used)
    }

    @Test func theQuotasOfTheAccountAreKept() async throws {
        let throttled = try await ThrottleHarness {
            $0.warmThroughput = WarmThroughput(
                readUnitsPerSecond: 12_000, writeUnitsPerSecond: 40_000)
        }
        try charge(throttled, "tab", units: 40_000)
        let error = try #require(await throttled.putError("p"))
        #expect(error.code == "RequestLimitExceeded")
        #expect(error.throttlingReasons == [throttled.reason(.write, .account)])
        // Over all tables: three of them use up what two could.
        throttled.time.advance(by: 10)
        for name in ["two", "three"] {
            var request = CreateTableRequest()
            request.tableName = name
            request.billingMode = .payPerRequest
            request.keySchema = [KeySchemaElement("pk", .hash)]
            request.attributeDefinitions = [AttributeDefinition("pk", .string)]
            request.warmThroughput = WarmThroughput(
                readUnitsPerSecond: 12_000, writeUnitsPerSecond: 40_000)
            _ = try await throttled.harness.perform(.createTable(request))
        }
        throttled.time.advance(by: 10)
        for name in ["tab", "two", "three"] { try charge(throttled, name, units: 28_000) }
        #expect(await throttled.putError("p")?.code == "RequestLimitExceeded")
    }

    @Test func trafficRaisesTheWarmThroughput() async throws {
        let throttled = try await ThrottleHarness()
        #expect(
            try await throttled.harness.describe().warmThroughput?.writeUnitsPerSecond == 4_000)
        for _ in 0..<130 {
            try charge(throttled, "tab", units: 4_000)
            throttled.time.advance(by: 1)
        }
        throttled.time.advance(by: 1_900)
        await throttled.catchUp()
        let warm = try await throttled.harness.describe().warmThroughput
        #expect((7_000...8_000).contains(warm?.writeUnitsPerSecond ?? 0))
        #expect(warm?.readUnitsPerSecond == 12_000)
        await throttled.catchUp()
        #expect(
            throttled.harness.engine.table(named: "tab", region: "us-east-1")?.partitions.count == 8
        )
    }
}
