import Items
import Metering
import Operations
import Storage
import Testing

@testable import Engine

/// Partitions that heat splits, in tables and global indexes, and what a restart keeps of them.
@Suite struct SplitTests {
    /// Two partition keys in one partition of a table with ten.
    private func neighbours(_ throttled: ThrottleHarness) throws -> (String, String) {
        let engine = throttled.harness.engine
        let table = try #require(engine.table(named: "tab", region: "us-east-1"))
        func partition(_ pk: String) -> Int {
            engine.partition(
                of: KeyPlace(resourceID: table.id, partition: [ItemValue(.string(pk))]))
        }
        let first = "p0"
        let second = try #require(
            (1..<1_000).lazy.map { "p\($0)" }.first { partition($0) == partition(first) })
        return (first, second)
    }

    private func partition(_ throttled: ThrottleHarness, _ pk: String, sort: [String] = []) -> Int {
        let engine = throttled.harness.engine
        guard let table = engine.table(named: "tab", region: "us-east-1") else { return -1 }
        return engine.partition(
            of: KeyPlace(
                resourceID: table.id, partition: [ItemValue(.string(pk))],
                sort: sort.map { ItemValue(.string($0)) }))
    }

    private func count(_ throttled: ThrottleHarness, index: String? = nil) -> Int {
        let engine = throttled.harness.engine
        let resource = engine.resources().first { $0.indexName == index }
        return resource.map { engine.partitionCount(id: $0.id) } ?? 0
    }

    /// Charges nine hundred units a second, until heat has lasted long enough.
    private func heat(
        _ throttled: ThrottleHarness, index: String? = nil, _ key: (Int) -> [String]
    ) async throws {
        let engine = throttled.harness.engine
        let id = try #require(engine.resources().first { $0.indexName == index }?.id)
        for second in 0..<400 {
            for number in 0..<9 {
                let values = key(9 * second + number).map { ItemValue(.string($0)) }
                let place = KeyPlace(
                    resourceID: id, partition: [values[0]], sort: Array(values.dropFirst()))
                var used = TableConsumption(tableName: "tab")
                used.charges = [
                    Charge(
                        place: place, units: Units(write: RequestUnits(100)), byteCount: 102_400)
                ]
                engine.throttle.charge(used)
            }
            throttled.time.advance(by: 1)
            if second % 20 == 0 { await throttled.catchUp() }
        }
        await throttled.catchUp()
    }

    @Test func heatOfTwoKeysSplitsTheirPartition() async throws {
        let throttled = try await ThrottleHarness(read: 100, write: 10_000)
        let (first, second) = try neighbours(throttled)
        #expect(count(throttled) == 10)
        try await heat(throttled) { [$0 % 2 == 0 ? first : second] }
        #expect(count(throttled) == 11)
        #expect(partition(throttled, first) != partition(throttled, second))
        // The table's own definition, which its stream's shards follow, has the split too.
        let table = throttled.harness.engine.table(named: "tab", region: "us-east-1")
        #expect(table?.partitions.count == 11)
        // Now each has a partition's throughput for itself.
        throttled.time.advance(by: 10)
        for number in 0..<18 {
            let write = throttled.putting(number % 2 == 0 ? first : second, byteCount: 102_000)
            _ = try await throttled.harness.perform(.putItem(write))
        }
    }

    @Test func heatOfOneItemSplitsNothing() async throws {
        let throttled = try await ThrottleHarness(read: 100, write: 10_000)
        try await heat(throttled) { _ in ["hot"] }
        #expect(count(throttled) == 10)
    }

    @Test func heatWithinOneKeySplitsItsSortRangeAndStaysAfterARestart() async throws {
        let throttled = try await ThrottleHarness(read: 100, write: 10_000) {
            $0.keySchema?.append(KeySchemaElement("sk", .range))
            $0.attributeDefinitions?.append(AttributeDefinition("sk", .string))
        }
        for number in 10..<100 {
            _ = try await throttled.harness.put(key("hot", "s\(number)"))
        }
        try await heat(throttled) { ["hot", "s\(10 + $0 * 7 % 90)"] }
        #expect(count(throttled) == 11)
        #expect(
            partition(throttled, "hot", sort: ["s10"]) < partition(throttled, "hot", sort: ["s99"]))
        let table = throttled.harness.engine.table(named: "tab", region: "us-east-1")
        #expect(table?.partitions.count == 10)
        // A query of the key is charged to both of its partitions.
        var query = QueryRequest()
        query.page.tableName = "tab"
        query.keyConditionExpression = "pk = :p AND sk BETWEEN :a AND :z"
        let middle = (10..<99).first {
            partition(throttled, "hot", sort: ["s\($0 + 1)"])
                > partition(throttled, "hot", sort: ["s10"])
        }
        let edge = try #require(middle)
        query.page.attributes.values = [
            ":p": ItemValue(.string("hot")), ":a": ItemValue(.string("s\(edge)")),
            ":z": ItemValue(.string("s\(edge + 1)")),
        ]
        let used = try await throttled.harness.perform(.query(query)).consumption.tables[0]
        #expect(used.charges.map(\.itemCount) == [1, 1])
        let engine = throttled.harness.engine
        #expect(Set(used.charges.map { engine.partition(of: $0.place) }).count == 2)

        engine.shutdown()
        let again = try EngineHarness(
            store: throttled.harness.store,
            configuration: EngineConfiguration(now: throttled.time.now))
        let resource = try #require(again.engine.resources().first)
        #expect(again.engine.partitionCount(id: resource.id) == 11)
        again.engine.shutdown()
    }

    @Test func indexesSplitOnTheirOwn() async throws {
        let throttled = try await ThrottleHarness(read: 100, write: 40_000) {
            var index = GlobalSecondaryIndex()
            index.indexName = "owners"
            index.keySchema = [KeySchemaElement("owner", .hash)]
            index.projection = Projection(.all)
            index.provisionedThroughput = ProvisionedThroughput(
                readCapacityUnits: 100, writeCapacityUnits: 1_000)
            $0.globalSecondaryIndexes = [index]
            $0.attributeDefinitions?.append(AttributeDefinition("owner", .string))
        }
        #expect(count(throttled, index: "owners") == 1)
        try await heat(throttled, index: "owners") { ["o\($0 % 4)"] }
        #expect(count(throttled, index: "owners") >= 2)
        #expect(count(throttled) == 40)
        throttled.harness.engine.shutdown()
        let again = try EngineHarness(
            store: throttled.harness.store,
            configuration: EngineConfiguration(now: throttled.time.now))
        let resource = try #require(again.engine.resources().last)
        #expect(again.engine.partitionCount(id: resource.id) >= 2)
        // Nothing is kept of what was dropped.
        _ = try await again.perform(.deleteTable(TableRequest(tableName: "tab")))
        #expect(try again.store.get(.catalogue, StoredCapacity.key(resource.id)) == nil)
        #expect(again.engine.partitionCount(id: resource.id) == 0)
        again.engine.shutdown()
    }

    @Test func partitionsAreShown() async throws {
        let throttled = try await ThrottleHarness(write: 1)
        _ = try await throttled.put("p")
        _ = await throttled.putError("p")
        guard
            case .partitions(let resources, .enforce) = try await throttled.administer(
                .readPartitions(tableName: "tab", region: "us-east-1")),
            let shown = resources.first, let write = shown.partitions.first?.write
        else {
            Issue.record("nothing shown")
            return
        }
        #expect(resources.count == 1)
        #expect(shown.partitions.count == 1)
        #expect(shown.partitions.first?.lower == Array(repeating: 0, count: 8))
        #expect(shown.write == ResourcePartitions.Gauge(unitsPerSecond: 1, unitsLeft: 0))
        #expect(write.capacity == ResourcePartitions.Gauge(unitsPerSecond: 1_000, unitsLeft: 999))
        await #expect(throws: ServiceError.self) {
            _ = try await throttled.administer(
                .readPartitions(tableName: "none", region: "us-east-1"))
        }
    }
}
