import Items
import Operations
import Storage
import TestSupport
import Testing

@testable import Engine

/// Random writes, splits, rolls and restarts against a model, read by a consumer meanwhile: every
/// change of every item is seen exactly once, in order, with the right images.
@Suite struct StreamModelTests {
    private struct Change: Equatable, CustomStringConvertible {
        let old: ItemBytes?
        let new: ItemBytes?
        var description: String {
            "\(old?.attributes.description ?? "-") → \(new?.attributes.description ?? "-")"
        }
    }

    /// The table as it should be, and what should have been recorded.
    private struct Model {
        var items: [String: ItemBytes] = [:]
        var changes: [String: [Change]] = [:]

        mutating func set(_ name: String, _ new: ItemBytes?) {
            let old = items[name]
            guard old != new else { return }
            items[name] = new
            changes[name, default: []].append(Change(old: old, new: new))
        }
    }

    private static func name(_ key: ItemBytes) -> String {
        guard case .string(let pk)? = key.attributes["pk"],
            case .string(let sk)? = key.attributes["sk"]
        else { return "" }
        return "\(pk)/\(sk)"
    }

    private func randomItem(_ generator: inout SeededGenerator) -> ItemBytes {
        var item: [(key: String, value: AttributeValue)] = [
            ("pk", .string("p\(Int.random(in: 0..<16, using: &generator))")),
            ("sk", .string("s\(Int.random(in: 0..<3, using: &generator))")),
            ("n", .int(Int.random(in: 0..<4, using: &generator))),
        ]
        if Bool.random(using: &generator) { item.swapAt(0, 2) }
        return ItemBytes(item)
    }

    private func write(
        _ harness: EngineHarness, _ model: inout Model, _ generator: inout SeededGenerator
    ) async throws {
        let item = randomItem(&generator)
        let itemKey = item.filter { !$0.elementsEqual("n".utf8) }
        switch Int.random(in: 0..<8, using: &generator) {
        case 0..<3:
            _ = try await harness.put(item)
            model.set(Self.name(itemKey), item)
        case 3, 4:
            _ = try await harness.delete(itemKey)
            model.set(Self.name(itemKey), nil)
        case 5, 6:
            let value = Int.random(in: 0..<3, using: &generator)
            let outcome = try await harness.update(
                itemKey, "SET m = :m", values: [":m": .int(value)], returning: .allNew)
            model.set(Self.name(itemKey), outcome.write?.attributes)
        default:
            var writes: [String: ItemBytes?] = [:]
            var requests: [WriteRequest] = []
            for _ in 0..<8 {
                let item = randomItem(&generator)
                let itemKey = item.filter { !$0.elementsEqual("n".utf8) }
                guard writes[Self.name(itemKey)] == nil else { continue }
                let puts = Bool.random(using: &generator)
                writes[Self.name(itemKey)] = .some(puts ? item : nil)
                requests.append(puts ? .put(item) : .delete(itemKey))
            }
            var request = BatchWriteItemRequest()
            request.requestItems = [("tab", requests)]
            _ = try await harness.perform(.batchWriteItem(request))
            for (name, item) in writes { model.set(name, item) }
        }
    }

    @Test(arguments: 0..<8 as Range<UInt64>)
    func everyChangeIsSeenOnceInOrder(_ seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let store = try RocksStore.open(.inMemory)
        let time = TestTime(1_795_248_984)
        var harness = try EngineHarness(store: store, time: time)
        let arn = try await harness.makeStreamTable()
        var model = Model()
        var consumer = ModelConsumer(arn: arn)
        for _ in 0..<250 {
            try await write(harness, &model, &generator)
            switch Int.random(in: 0..<60, using: &generator) {
            case 0: _ = try await harness.splitPartition()
            case 1: _ = try await harness.splitPartition(0)
            case 2, 3:
                time.advance(by: Double.random(in: 0...3_600, using: &generator))
                await harness.catchUp()
            case 4:
                harness.engine.shutdown()
                harness = try EngineHarness(store: store, time: time)
            case 5..<20:
                try await consumer.poll(
                    harness, limit: Int.random(in: 1...20, using: &generator))
            default: break
            }
        }
        // As deep as the lineage may be, every round reads a generation to its end.
        var before = -1
        while consumer.seen.count != before {
            before = consumer.seen.count
            for _ in 0..<5 { try await consumer.poll(harness, limit: nil) }
        }
        var found: [String: [Change]] = [:]
        for record in consumer.seen {
            found[Self.name(record.keys), default: []].append(
                Change(old: record.oldImage, new: record.newImage))
        }
        #expect(consumer.faults == [], "seed \(seed)")
        #expect(Set(consumer.seen.map(\.sequenceNumber)).count == consumer.seen.count)
        #expect(found.keys.sorted() == model.changes.keys.sorted(), "seed \(seed)")
        for (name, changes) in model.changes {
            #expect(found[name] == changes, "seed \(seed), item \(name)")
        }
        try await checkLineage(harness, arn, seed)
    }

    /// Parents are closed, and all numbers of a child are higher than its parent's.
    private func checkLineage(
        _ harness: EngineHarness, _ arn: String, _ seed: UInt64
    ) async throws {
        let shards = try await harness.allShards(arn)
        let byID = Dictionary(uniqueKeysWithValues: shards.map { ($0.shardId, $0) })
        for shard in shards {
            guard let parentID = shard.parentShardId else { continue }
            let parent = try #require(byID[parentID], "seed \(seed)")
            let ending = try #require(parent.endingSequenceNumber, "seed \(seed)")
            #expect(ending < shard.startingSequenceNumber, "seed \(seed)")
        }
    }

    @Test(arguments: 0..<4 as Range<UInt64>)
    func latestMissesAndRepeatsNothingUnderConcurrentWrites(_ seed: UInt64) async throws {
        let harness = try EngineHarness(time: TestTime(1_795_248_984))
        let arn = try await harness.makeStreamTable { request in
            request.billingMode = nil
            request.provisionedThroughput = ProvisionedThroughput(
                readCapacityUnits: 5, writeCapacityUnits: 5)
        }
        let shard = try #require(try await harness.allShards(arn).first).shardId
        let writers = Task {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<6 {
                    group.addTask {
                        for index in 0..<150 {
                            _ = try await harness.put([
                                "pk": .string("w\(writer)"), "sk": .string("\(index)"),
                            ])
                        }
                    }
                }
                try await group.waitForAll()
            }
        }
        // From wherever a place is taken, what follows is a suffix of the whole, without a gap.
        var followed: [[String]] = []
        for _ in 0..<4 {
            var iterator = try await harness.iterator(arn, shard, .latest)
            var numbers: [String] = []
            for _ in 0..<30 {
                let page = try await harness.records(iterator, limit: 7)
                numbers += page.records.map(\.sequenceNumber)
                iterator = try #require(page.nextShardIterator)
            }
            followed.append(numbers)
        }
        try await writers.value
        let all = try await harness.allRecords(arn, shard, limit: 100).records
            .map(\.sequenceNumber)
        #expect(all.count == 900)
        #expect(all == all.sorted() && Set(all).count == 900)
        for numbers in followed where !numbers.isEmpty {
            let start = try #require(all.firstIndex(of: numbers[0]))
            #expect(Array(all[start..<(start + numbers.count)]) == numbers, "seed \(seed)")
        }
    }
}
