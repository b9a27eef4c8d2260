import Items
import Operations
import Storage
import Testing

@testable import Engine

/// Streams as they come, change and go with their tables and with time.
@Suite struct StreamLifeTests {
    private let time = TestTime(1_795_248_984)

    @Test func aTableHasAShardForEachPartition() async throws {
        let harness = try EngineHarness(time: time)
        let arn = try await harness.makeStreamTable()
        let description = try await harness.describeStream(arn)
        #expect(description.streamArn == arn)
        #expect(arn.hasSuffix(":table/tab/stream/\(description.streamLabel)"))
        #expect(description.streamStatus == .enabled)
        #expect(description.streamViewType == .newAndOldImages)
        #expect(description.tableName == "tab")
        #expect(
            description.keySchema == [
                KeySchemaElement("pk", .hash), KeySchemaElement("sk", .range),
            ])
        #expect(description.creationRequestDateTime == 1_795_248_984)
        #expect(description.shards.count == 4)
        #expect(Set(description.shards.map(\.shardId)).count == 4)
        for shard in description.shards {
            #expect(shard.parentShardId == nil)
            #expect(shard.endingSequenceNumber == nil)
            #expect((28...65).contains(shard.shardId.utf8.count))
        }
        for index in 0..<100 {
            _ = try await harness.put(["pk": .string("p\(index)"), "sk": .string("s")])
        }
        for shard in description.shards {
            let count = try await harness.allRecords(arn, shard.shardId).records.count
            #expect((5...60).contains(count))
        }
        #expect(try await harness.allRecords(of: arn).count == 100)
    }

    @Test func shardsArePagedAndFiltered() async throws {
        let harness = try EngineHarness(time: time)
        let arn = try await harness.makeStreamTable()
        #expect(try await harness.splitPartition(0) == 5)
        let shards = try await harness.allShards(arn)
        #expect(shards.count == 6)
        #expect(try await harness.allShards(arn, limit: 1) == shards)
        #expect(try await harness.allShards(arn, limit: 4) == shards)
        let children = try await harness.describeStream(arn) {
            $0.shardFilterType = "CHILD_SHARDS"
            $0.shardFilterShardId = shards[0].shardId
        }
        #expect(children.shards == Array(shards[4...]))
        #expect(children.shards.map(\.parentShardId) == [shards[0].shardId, shards[0].shardId])
        for start in [shards[5].shardId, "shardId-00000001414576573621-f55eea83"] {
            let page = try await harness.describeStream(arn) { $0.exclusiveStartShardId = start }
            #expect(page.shards.isEmpty)
            #expect(page.lastEvaluatedShardId == nil)
        }
        let refused = await refusal { () throws(ServiceError) in
            _ = try await harness.describeStream(arn) { $0.limit = 101 }
        }
        #expect(refused?.code == "ValidationException")
    }

    @Test func streamsAreListedByRegion() async throws {
        let harness = try EngineHarness(time: time)
        var arns: [String] = []
        for name in ["abc", "abd", "xyz"] { arns.append(try await harness.makeStreamTable(name)) }
        let elsewhere = RequestContext(region: "eu-west-1")
        let foreign = try await harness.makeStreamTable("abc", context: elsewhere)
        #expect(foreign.hasPrefix("arn:aws:dynamodb:eu-west-1:"))
        #expect(try await harness.listStreams().streams.map(\.streamArn) == arns)
        #expect(try await harness.listStreams().lastEvaluatedStreamArn == nil)
        #expect(
            try await harness.listStreams(context: elsewhere).streams.map(\.streamArn) == [foreign])
        #expect(try await harness.listStreams(table: "abd").streams.map(\.streamArn) == [arns[1]])
        #expect(try await harness.listStreams(table: "nobody").streams.isEmpty)
        let page = try await harness.listStreams(limit: 2)
        #expect(page.streams.map(\.tableName) == ["abc", "abd"])
        #expect(page.lastEvaluatedStreamArn == arns[1])
        let rest = try await harness.listStreams(limit: 2, after: arns[1])
        #expect(rest.streams.map(\.streamArn) == [arns[2]])
        // The ARN tells the region, wherever it is asked for.
        #expect(try await harness.describeStream(foreign).streamArn == foreign)
        let refused = await refusal { () throws(ServiceError) in
            _ = try await harness.listStreams(limit: 101)
        }
        #expect(refused?.code == "ValidationException")
    }

    @Test func aDisabledStreamStaysReadableForADay() async throws {
        let harness = try EngineHarness(time: time)
        let arn = try await harness.makeStreamTable()
        _ = try await harness.put(["pk": .string("a"), "sk": .string("b")])
        try await harness.setStream(nil)
        _ = try await harness.put(["pk": .string("a"), "sk": .string("c")])
        let description = try await harness.describeStream(arn)
        #expect(description.streamStatus == .disabled)
        #expect(description.shards.allSatisfy { $0.endingSequenceNumber != nil })
        #expect(try await harness.allRecords(of: arn).count == 1)
        for shard in description.shards {
            #expect(try await harness.allRecords(arn, shard.shardId).isEnded)
        }
        #expect(try await harness.describe().latestStreamArn == arn)
        #expect(try await harness.describe().streamSpecification == nil)
        let again = try await harness.setStream(.keysOnly)
        #expect(again != arn)
        #expect(try await harness.listStreams().streams.map(\.streamArn) == [arn, again])
        _ = try await harness.put(["pk": .string("a"), "sk": .string("d")])
        #expect(try await harness.allRecords(of: arn).count == 1)
        #expect(try await harness.allRecords(of: again).count == 1)
        time.advance(by: 86_399)
        await harness.catchUp()
        #expect(try await harness.listStreams().streams.count == 2)
        time.advance(by: 1)
        // Gone at once, and from the store when the chores have run.
        for _ in 0..<2 {
            let gone = await refusal { () throws(ServiceError) in
                _ = try await harness.describeStream(arn)
            }
            #expect(gone?.message == "Requested resource not found: Stream: \(arn) not found")
            #expect(try await harness.listStreams().streams.map(\.streamArn) == [again])
            await harness.catchUp()
        }
    }

    @Test func aDeletedTablesStreamStaysReadableForADay() async throws {
        let harness = try EngineHarness(time: time)
        let arn = try await harness.makeStreamTable()
        _ = try await harness.put(["pk": .string("a"), "sk": .string("b")])
        _ = try await harness.perform(.deleteTable(TableRequest(tableName: "tab")))
        #expect(try await harness.describeStream(arn).streamStatus == .disabled)
        #expect(try await harness.allRecords(of: arn).count == 1)
        // A table made anew at the same moment has a stream of its own.
        let again = try await harness.makeStreamTable()
        #expect(again != arn)
        #expect(try await harness.describe().latestStreamArn == again)
        #expect(try await harness.allRecords(of: again).isEmpty)
        time.advance(by: 86_400)
        await harness.catchUp()
        #expect(try await harness.listStreams().streams.map(\.streamArn) == [again])
        #expect(try recordCount(harness.store) == 0)
    }

    @Test func theTablesRulesHold() async throws {
        let harness = try EngineHarness(time: time)
        try await harness.makeStreamTable()
        let twice = await refusal { () throws(ServiceError) in
            try await harness.setStream(.keysOnly)
        }
        #expect(twice == .validation("Table already has an enabled stream: TableName: tab"))
        try await harness.setStream(nil)
        let none = await refusal { () throws(ServiceError) in try await harness.setStream(nil) }
        #expect(none == .validation("Table already has a disabled stream: TableName: tab"))
    }

    @Test func everythingIsThereAfterReopening() async throws {
        let store = try RocksStore.open(.inMemory)
        var harness = try EngineHarness(store: store, time: time)
        let arn = try await harness.makeStreamTable()
        var expected: [[StreamRecord]] = []
        for round in 0..<4 {
            for index in 0..<10 {
                _ = try await harness.put([
                    "pk": .string("p\(index)"), "sk": .string("s"), "n": .int(round),
                ])
            }
            if round == 1 { _ = try await harness.splitPartition(1) }
            let shards = try await harness.allShards(arn)
            expected = []
            for shard in shards {
                expected.append(try await harness.allRecords(arn, shard.shardId).records)
            }
            harness.engine.shutdown()
            // The clock may have gone back meanwhile.
            time.advance(by: round == 2 ? -7_200 : 1)
            harness = try EngineHarness(store: store, time: time)
            #expect(try await harness.allShards(arn) == shards)
            var found: [[StreamRecord]] = []
            for shard in shards {
                found.append(try await harness.allRecords(arn, shard.shardId).records)
            }
            #expect(found.map { $0.map(\.eventID) } == expected.map { $0.map(\.eventID) })
        }
        let numbers = expected.joined().map(\.sequenceNumber)
        #expect(numbers.count == 40)
        #expect(Set(numbers).count == 40)
    }
}

/// How many stream records a store holds.
func recordCount(_ store: any KeyValueStore) throws -> Int {
    let cursor = try store.cursor(.streams, lower: [0, 0, 0, 1], upper: nil)
    try cursor.seek(nil)
    var count = 0
    while cursor.isValid {
        count += 1
        try cursor.next()
    }
    return count
}
