import Items
import Metering
import Operations
import Synchronization
import Testing

@testable import Engine

/// What becomes of capacities when clocks jump and tables change under load.
@Suite struct ThrottleOverTimeTests {
    private func served(_ throttled: ThrottleHarness, most: Int = 2_000) async -> Int {
        for number in 0..<most where await throttled.putError("p\(number)") != nil {
            return number
        }
        return most
    }

    private func update(
        _ throttled: ThrottleHarness, _ change: (inout UpdateTableRequest) -> Void
    ) async throws {
        var request = UpdateTableRequest()
        request.tableName = "tab"
        change(&request)
        _ = try await throttled.harness.perform(.updateTable(request))
    }

    @Test(arguments: [60, 86_400, 3_650 * 86_400] as [Double])
    func aClockThatIsSetBackStopsNothing(_ seconds: Double) async throws {
        let throttled = try await ThrottleHarness(write: 5)
        throttled.time.advance(by: 10)
        #expect(await served(throttled) == 55)
        throttled.time.advance(by: -seconds)
        #expect(await served(throttled) == 0)
        throttled.time.advance(by: 2)
        #expect(await served(throttled) == 10)
        // What is stored goes by the clock as it is now.
        throttled.time.advance(by: 4)
        throttled.harness.engine.shutdown()
        var configuration = EngineConfiguration(now: throttled.time.now)
        configuration.throttling = .enforce
        let again = try EngineHarness(
            store: throttled.harness.store, configuration: configuration)
        defer { again.engine.shutdown() }
        throttled.time.advance(by: 2)
        var count = 0
        while await again.error(of: .putItem(throttled.putting("p\(count)"))) == nil { count += 1 }
        #expect(count == 30)
    }

    @Test(arguments: [300, 86_400, 3_650 * 86_400] as [Double])
    func aJumpSavesUpNoMoreThanABurst(_ seconds: Double) async throws {
        let throttled = try await ThrottleHarness(write: 3)
        #expect(await served(throttled) == 3)
        throttled.time.advance(by: seconds)
        await throttled.catchUp()
        #expect(await served(throttled) == 900)
    }

    @Test func aTableThatIsMadeAgainOwesNothing() async throws {
        let throttled = try await ThrottleHarness(write: 1)
        _ = try await throttled.harness.perform(
            .putItem(throttled.putting("p", byteCount: 400_000)))
        #expect(await throttled.putError("p") != nil)
        let description = try await throttled.harness.describe()
        _ = try await throttled.harness.perform(.deleteTable(TableRequest(tableName: "tab")))
        var request = CreateTableRequest()
        request.tableName = "tab"
        request.keySchema = description.keySchema
        request.attributeDefinitions = [AttributeDefinition("pk", .string)]
        request.provisionedThroughput = ProvisionedThroughput(
            readCapacityUnits: 1, writeCapacityUnits: 1)
        _ = try await throttled.harness.perform(.createTable(request))
        #expect(await served(throttled) == 1)
        await throttled.catchUp()
        throttled.time.advance(by: 3)
        #expect(await served(throttled) == 3)
    }

    @Test func aLargeWriteOfASmallTableIsWaitedOut() async throws {
        let throttled = try await ThrottleHarness(read: 1, write: 1)
        _ = try await throttled.harness.perform(
            .putItem(throttled.putting("p", byteCount: 408_000)))
        throttled.time.advance(by: 398)
        #expect(await throttled.putError("p") != nil)
        // The debt outlives a restart.
        throttled.harness.engine.shutdown()
        var configuration = EngineConfiguration(now: throttled.time.now)
        configuration.throttling = .enforce
        let again = try EngineHarness(
            store: throttled.harness.store, configuration: configuration)
        defer { again.engine.shutdown() }
        #expect(await again.error(of: .putItem(throttled.putting("p"))) != nil)
        throttled.time.advance(by: 1)
        #expect(await again.error(of: .putItem(throttled.putting("p"))) == nil)
    }

    @Test func aMaximumOfOneUnitServesOneASecond() async throws {
        let throttled = try await ThrottleHarness {
            $0.onDemandThroughput = OnDemandThroughput(
                maxReadRequestUnits: 1, maxWriteRequestUnits: 1)
        }
        var count = 0
        for _ in 0..<20 {
            count += await served(throttled)
            throttled.time.advance(by: 1)
        }
        #expect(count == 20)
        // -1 takes it away.
        try await update(throttled) {
            $0.onDemandThroughput = OnDemandThroughput(
                maxReadRequestUnits: -1, maxWriteRequestUnits: -1)
        }
        #expect(await served(throttled, most: 500) == 500)
    }

    @Test func lessThroughputCountsAtOnce() async throws {
        let throttled = try await ThrottleHarness(read: 100, write: 100)
        throttled.time.advance(by: 1_000)
        try await update(throttled) {
            $0.provisionedThroughput = ProvisionedThroughput(
                readCapacityUnits: 1, writeCapacityUnits: 2)
        }
        // What was saved stays as far as the smaller bucket holds it.
        #expect(await served(throttled) == 600)
        throttled.time.advance(by: 5)
        #expect(await served(throttled) == 10)
    }

    @Test func aModeThatIsSwitchedTakesItsPeakAlong() async throws {
        let throttled = try await ThrottleHarness(read: 100, write: 20_000)
        try await update(throttled) { $0.billingMode = .payPerRequest }
        func entitlement() throws -> Double {
            let engine = throttled.harness.engine
            let id = try #require(engine.resources().first?.id)
            let meter = try #require(engine.throttle.meter(of: id))
            return meter.capacity.withLock {
                $0.gauge(.write, now: throttled.time.now()).unitsPerSecond
            }
        }
        #expect(try entitlement() == 20_000)
        try await update(throttled) {
            $0.billingMode = .provisioned
            $0.provisionedThroughput = ProvisionedThroughput(
                readCapacityUnits: 1, writeCapacityUnits: 7)
        }
        #expect(try entitlement() == 7)
        throttled.time.advance(by: 1)
        #expect(await served(throttled) <= 14)
        // The highest there was stays what counts.
        try await update(throttled) { $0.billingMode = .payPerRequest }
        #expect(try entitlement() == 20_000)
        await throttled.catchUp()
        #expect(
            throttled.harness.engine.table(named: "tab", region: "us-east-1")?.partitions.count
                == 20)
    }

    @Test func moreWarmThroughputIsMorePartitions() async throws {
        let throttled = try await ThrottleHarness(read: 100, write: 1_000) {
            var index = GlobalSecondaryIndex()
            index.indexName = "owners"
            index.keySchema = [KeySchemaElement("owner", .hash)]
            index.projection = Projection(.keysOnly)
            index.provisionedThroughput = ProvisionedThroughput(
                readCapacityUnits: 100, writeCapacityUnits: 1_000)
            $0.globalSecondaryIndexes = [index]
            $0.attributeDefinitions?.append(AttributeDefinition("owner", .string))
        }
        var warm = GlobalSecondaryIndexUpdate.Update()
        warm.indexName = "owners"
        warm.warmThroughput = WarmThroughput(
            readUnitsPerSecond: 12_000, writeUnitsPerSecond: 7_000)
        var change = GlobalSecondaryIndexUpdate()
        change.update = warm
        try await update(throttled) {
            $0.warmThroughput = WarmThroughput(
                readUnitsPerSecond: 12_000, writeUnitsPerSecond: 5_000)
            $0.globalSecondaryIndexUpdates = [change]
        }
        let engine = throttled.harness.engine
        #expect(engine.resources().map { engine.partitionCount(id: $0.id) } == [5, 7])
    }

    @Test func anIndexThatIsAddedUnderLoadHasACapacityOfItsOwn() async throws {
        let throttled = try await ThrottleHarness(read: 100, write: 100)
        throttled.time.advance(by: 1_000)
        for number in 0..<50 { _ = try await throttled.put("p\(number)", owner: "ann") }
        var index = GlobalSecondaryIndex()
        index.indexName = "owners"
        index.keySchema = [KeySchemaElement("owner", .hash)]
        index.projection = Projection(.keysOnly)
        index.provisionedThroughput = ProvisionedThroughput(
            readCapacityUnits: 1, writeCapacityUnits: 2)
        var change = GlobalSecondaryIndexUpdate()
        change.create = index
        try await update(throttled) {
            $0.attributeDefinitions = [
                AttributeDefinition("pk", .string), AttributeDefinition("owner", .string),
            ]
            $0.globalSecondaryIndexUpdates = [change]
        }
        while try await throttled.harness.describe().globalSecondaryIndexes?.first?.indexStatus
            != .active
        { await Task.yield() }
        // It has saved nothing up, and filling it cost nothing.
        for number in 50..<52 { _ = try await throttled.put("p\(number)", owner: "ann") }
        let error = await throttled.putError("p52", owner: "ann")
        #expect(
            error?.throttlingReasons?.first?.reason == "IndexWriteProvisionedThroughputExceeded")
        #expect(await throttled.putError("p52") == nil)
    }

    @Test func heatUnderALocalIndexSplitsNoSortRange() async throws {
        let throttled = try await ThrottleHarness(read: 100, write: 10_000) {
            var index = LocalSecondaryIndex()
            index.indexName = "by-weight"
            index.keySchema = [KeySchemaElement("pk", .hash), KeySchemaElement("weight", .range)]
            index.projection = Projection(.keysOnly)
            $0.localSecondaryIndexes = [index]
            $0.keySchema?.append(KeySchemaElement("sk", .range))
            $0.attributeDefinitions?.append(AttributeDefinition("sk", .string))
            $0.attributeDefinitions?.append(AttributeDefinition("weight", .number))
        }
        let engine = throttled.harness.engine
        let id = try #require(engine.resources().first?.id)
        for second in 0..<420 {
            var used = TableConsumption(tableName: "tab")
            used.charges = (0..<9).map { number in
                Charge(
                    place: KeyPlace(
                        resourceID: id, partition: [ItemValue(.string("hot"))],
                        sort: [ItemValue(.string("s\((9 * second + number) * 7 % 90)"))]),
                    units: Units(write: RequestUnits(100)), byteCount: 0)
            }
            engine.throttle.charge(used)
            throttled.time.advance(by: 1)
            if second % 20 == 0 { await throttled.catchUp() }
        }
        #expect(engine.partitionCount(id: id) == 10)
    }
}
