import Items
import Metering
import Operations
import Storage
import Testing

@testable import Engine

/// Partitions that split because of what they hold; the rule is lowered from gigabytes, the bytes
/// are real.
@Suite struct SizeSplitTests {
    private static let bytesMax = 200_000
    private static let note = String(repeating: "x", count: 4_000)

    private func harness(
        _ change: @escaping (inout CreateTableRequest) -> Void = { _ in }
    ) async throws -> ThrottleHarness {
        try await ThrottleHarness(read: 100, write: 1_000, mode: .observe) {
            $0.keySchema?.append(KeySchemaElement("sk", .range))
            $0.attributeDefinitions?.append(AttributeDefinition("sk", .string))
            change(&$0)
        } configure: {
            $0.capacityRules.partitionBytesMax = Self.bytesMax
        }
    }

    /// Writes items of 4 KB, and lets splits be made until none are.
    private func fill(
        _ throttled: ThrottleHarness, count: Int, _ key: (Int) -> (pk: String, sk: String)
    ) async throws {
        for number in 0..<count {
            let (pk, sk) = key(number)
            _ = try await throttled.harness.put([
                "pk": .string(pk), "sk": .string(sk), "weight": .int(number),
                "note": .string(Self.note),
            ])
        }
        let store = try #require(throttled.harness.store as? RocksStore)
        try store.flush()
        for _ in 0..<12 { await throttled.catchUp() }
    }

    /// How many of the items lie in each partition of the table or the index.
    private func itemCounts(
        _ engine: Engine, index: String? = nil, _ places: [(pk: String, sk: String)]
    ) throws -> [Int] {
        let id = try #require(engine.resources().first { $0.indexName == index }?.id)
        var counts = Array(repeating: 0, count: engine.partitionCount(id: id))
        for (pk, sk) in places {
            let place = KeyPlace(
                resourceID: id, partition: [ItemValue(.string(pk))],
                sort: [ItemValue(.string(sk))])
            counts[engine.partition(of: place)] += 1
        }
        return counts
    }

    private func openShardCount(_ throttled: ThrottleHarness) async throws -> Int {
        let arn = try await throttled.harness.describe().latestStreamArn
        var request = DescribeStreamRequest()
        request.streamArn = try #require(arn)
        guard
            case .streamDescription(let described) = try await throttled.harness.perform(
                .describeStream(request)
            ).response
        else { return 0 }
        return described.shards.filter { $0.endingSequenceNumber == nil }.count
    }

    @Test func whatHoldsTooMuchSplitsUntilNothingDoes() async throws {
        let throttled = try await harness {
            $0.streamSpecification = StreamSpecification(
                streamEnabled: true, streamViewType: .keysOnly)
        }
        let keys = (0..<300).map { (pk: "p\($0)", sk: "s") }
        try await fill(throttled, count: keys.count) { keys[$0] }
        let counts = try itemCounts(throttled.harness.engine, keys)
        #expect((8...12).contains(counts.count))
        #expect(counts.reduce(0, +) == keys.count)
        // A little more, by what the store's blocks blur.
        for count in counts { #expect(count * 4_050 < Self.bytesMax * 5 / 4) }
        let table = throttled.harness.engine.table(named: "tab", region: "us-east-1")
        #expect(table?.partitions.count == counts.count)
        #expect(try await openShardCount(throttled) == counts.count)
        #expect(try await throttled.harness.scanAll().count == keys.count)

        throttled.harness.engine.shutdown()
        var configuration = EngineConfiguration(now: throttled.time.now)
        configuration.throttling = .observe
        configuration.capacityRules.partitionBytesMax = Self.bytesMax
        let again = try EngineHarness(
            store: throttled.harness.store, configuration: configuration)
        defer { again.engine.shutdown() }
        await withCheckedContinuation { continuation in
            again.engine.maintenance.catchUp { continuation.resume() }
        }
        #expect(try itemCounts(again.engine, keys) == counts)
    }

    /// The middle of the hashes would leave all of it in one half, again and again.
    @Test func aLargeCollectionSplitsInsideItsSortRange() async throws {
        let throttled = try await harness()
        let keys = (1_000..<1_150).map { (pk: "large", sk: "s\($0)") }
        try await fill(throttled, count: keys.count) { keys[$0] }
        let counts = try itemCounts(throttled.harness.engine, keys)
        #expect((4...8).contains(counts.count))
        for count in counts { #expect(count > 0 && count * 4_050 < Self.bytesMax * 5 / 4) }
        let table = throttled.harness.engine.table(named: "tab", region: "us-east-1")
        #expect(table?.partitions.count == 1)
    }

    @Test func aLocalIndexKeepsALargeCollectionWhole() async throws {
        let throttled = try await harness {
            var index = LocalSecondaryIndex()
            index.indexName = "by-weight"
            index.keySchema = [KeySchemaElement("pk", .hash), KeySchemaElement("weight", .range)]
            index.projection = Projection(.all)
            $0.localSecondaryIndexes = [index]
            $0.attributeDefinitions?.append(AttributeDefinition("weight", .number))
        }
        let keys = (0..<120).map { (pk: "large", sk: "s\($0)") }
        try await fill(throttled, count: keys.count) { keys[$0] }
        let counts = try itemCounts(throttled.harness.engine, keys)
        #expect(counts == [keys.count])
        // Its entries count: half of what would be too much without them is too much.
        let others = (0..<32).map { (pk: "p\($0)", sk: "s") }
        try await fill(throttled, count: others.count) { others[$0] }
        #expect(try itemCounts(throttled.harness.engine, keys).contains(keys.count))
    }

    @Test func entriesOfALocalIndexCount() async throws {
        let throttled = try await harness {
            var index = LocalSecondaryIndex()
            index.indexName = "by-weight"
            index.keySchema = [KeySchemaElement("pk", .hash), KeySchemaElement("weight", .range)]
            index.projection = Projection(.all)
            $0.localSecondaryIndexes = [index]
            $0.attributeDefinitions?.append(AttributeDefinition("weight", .number))
        }
        // 130 KB of items, and as much of entries.
        let keys = (0..<32).map { (pk: "p\($0)", sk: "s") }
        try await fill(throttled, count: keys.count) { keys[$0] }
        #expect(try itemCounts(throttled.harness.engine, keys).count == 2)
    }

    @Test func aLargeIndexSplitsOnItsOwn() async throws {
        let throttled = try await harness {
            var index = GlobalSecondaryIndex()
            index.indexName = "by-weight"
            index.keySchema = [KeySchemaElement("sk", .hash), KeySchemaElement("weight", .range)]
            index.projection = Projection(.all)
            index.provisionedThroughput = ProvisionedThroughput(
                readCapacityUnits: 100, writeCapacityUnits: 1_000)
            $0.globalSecondaryIndexes = [index]
            $0.attributeDefinitions?.append(AttributeDefinition("weight", .number))
        }
        let keys = (0..<100).map { (pk: "p\($0)", sk: "one") }
        try await fill(throttled, count: keys.count) { keys[$0] }
        let engine = throttled.harness.engine
        #expect(try itemCounts(engine, keys).count >= 3)
        let id = try #require(engine.resources().first { $0.indexName == "by-weight" }?.id)
        #expect((3...5).contains(engine.partitionCount(id: id)))
    }
}
