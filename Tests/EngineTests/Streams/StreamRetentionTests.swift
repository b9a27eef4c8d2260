import Foundation
import Items
import Operations
import Storage
import Streams
import Testing

@testable import Engine

/// Rolling and trimming, by a clock that the test moves.
@Suite struct StreamRetentionTests {
    private let time = TestTime(1_795_248_984)

    private func onePartition(_ request: inout CreateTableRequest) {
        request.billingMode = nil
        request.provisionedThroughput = ProvisionedThroughput(
            readCapacityUnits: 5, writeCapacityUnits: 5)
    }

    @Test func anOpenShardIsRolledAfterFourHours() async throws {
        let harness = try EngineHarness(time: time)
        let arn = try await harness.makeStreamTable(edit: onePartition)
        let first = try #require(try await harness.allShards(arn).first)
        _ = try await harness.put(["pk": .string("a"), "sk": .string("1")])
        let iterator = try await harness.iterator(arn, first.shardId, .latest)
        time.advance(by: 14_399)
        await harness.catchUp()
        #expect(try await harness.allShards(arn) == [first])
        let waiting = try await harness.iterator(arn, first.shardId, .latest)
        time.advance(by: 1)
        await harness.catchUp()
        _ = try await harness.put(["pk": .string("a"), "sk": .string("2")])
        let shards = try await harness.allShards(arn)
        #expect(shards.count == 2)
        let (closed, child) = (shards[0], shards[1])
        #expect(closed.shardId == first.shardId)
        #expect(child.parentShardId == first.shardId)
        let ending = try #require(closed.endingSequenceNumber)
        #expect(ending < child.startingSequenceNumber)
        #expect(child.endingSequenceNumber == nil)
        let before = try await harness.allRecords(arn, closed.shardId)
        let after = try await harness.allRecords(arn, child.shardId)
        #expect(before.isEnded && !after.isEnded)
        #expect(before.records.count == 1 && after.records.count == 1)
        #expect(before.records.allSatisfy { $0.sequenceNumber < ending })
        #expect(after.records.allSatisfy { $0.sequenceNumber > child.startingSequenceNumber })
        // A consumer that waited at the end learns that the shard is closed.
        let page = try await harness.records(waiting)
        #expect(page.records.isEmpty && page.nextShardIterator == nil)
        let expired = await refusal { () throws(ServiceError) in
            _ = try await harness.records(iterator)
        }
        #expect(expired?.code == "ExpiredIteratorException")
        // At and after the end there is nothing; past it is no place.
        let end = try await harness.iterator(arn, closed.shardId, .afterSequenceNumber, ending)
        #expect(try await harness.records(end).nextShardIterator == nil)
        let past = await refusal { () throws(ServiceError) in
            _ = try await harness.iterator(
                arn, closed.shardId, .atSequenceNumber, after.records[0].sequenceNumber)
        }
        #expect(past == .validation("Invalid SequenceNumber"))
        for _ in 0..<20 {
            time.advance(by: 14_400)
            await harness.catchUp()
        }
        // A day has six rolls; what ended before it is gone.
        #expect((6...8).contains(try await harness.allShards(arn).count))
    }

    @Test func aDayOldIsNeitherReadNorKept() async throws {
        let harness = try EngineHarness(time: time)
        let arn = try await harness.makeStreamTable(edit: onePartition)
        for index in 0..<3 {
            _ = try await harness.put(["pk": .string("a"), "sk": .string("\(index)")])
            time.advance(by: 3_600)
        }
        let shard = try #require(try await harness.allShards(arn).first).shardId
        let numbers = try await harness.allRecords(arn, shard).records.map(\.sequenceNumber)
        #expect(numbers.count == 3)
        time.advance(by: 72_000 + 3_599)
        #expect(try await harness.allRecords(arn, shard).records.count == 3)
        let horizon = try await harness.iterator(arn, shard)
        time.advance(by: 1)
        // Before and after the chores have deleted it.
        for _ in 0..<2 {
            #expect(
                try await harness.allRecords(arn, shard).records.map(\.sequenceNumber)
                    == Array(numbers[1...]))
            let trimmed = await refusal { () throws(ServiceError) in
                _ = try await harness.iterator(arn, shard, .atSequenceNumber, numbers[0])
            }
            #expect(trimmed?.code == "TrimmedDataAccessException")
            let iterator = await refusal { () throws(ServiceError) in
                _ = try await harness.records(horizon)
            }
            #expect(iterator?.code == "TrimmedDataAccessException")
            let next = try await harness.iterator(
                arn, shard, .afterSequenceNumber, numbers[0])
            #expect(
                try await harness.records(next).records.map(\.sequenceNumber)
                    == Array(numbers[1...]))
            await harness.catchUp()
        }
        #expect(try recordCount(harness.store) == 2)
        time.advance(by: 86_400)
        await harness.catchUp()
        #expect(try recordCount(harness.store) == 0)
        #expect(try await harness.allRecords(of: arn).isEmpty)
        // The open shard is there for what comes.
        _ = try await harness.put(["pk": .string("a"), "sk": .string("z")])
        #expect(try await harness.allRecords(of: arn).count == 1)
    }

    @Test func aPlaceThatLostNothingStaysGood() async throws {
        let harness = try EngineHarness(time: time)
        let quiet = try await harness.makeStreamTable("quiet", edit: onePartition)
        let busy = try await harness.makeStreamTable("busy", edit: onePartition)
        for step in 0..<3 {
            _ = try await harness.put(
                ["pk": .string("a"), "sk": .string("\(step)")], table: "busy")
            time.advance(by: 300)
        }
        time.advance(by: 85_499)
        let shard = try #require(try await harness.allShards(quiet).first).shardId
        let place = try await harness.iterator(quiet, shard)
        _ = try await harness.put(["pk": .string("a"), "sk": .string("1")], table: "quiet")
        time.advance(by: 600)
        // The horizon has passed the place, but nothing of this shard.
        #expect(try await harness.records(place).records.count == 1)
        #expect(try await harness.allRecords(of: busy).count == 1)
        await harness.catchUp()
        #expect(try await harness.records(place).records.count == 1)
    }

    @Test func closedShardsPastRetentionDisappear() async throws {
        let harness = try EngineHarness(time: time)
        let arn = try await harness.makeStreamTable()
        _ = try await harness.put(["pk": .string("a"), "sk": .string("1")])
        time.advance(by: 14_400)
        await harness.catchUp()
        let shards = try await harness.allShards(arn)
        #expect(shards.count == 8)
        time.advance(by: 86_399)
        #expect(try await harness.allShards(arn).count == 8)
        time.advance(by: 1)
        let left = try await harness.allShards(arn)
        #expect(left == Array(shards[4...]))
        let gone = await refusal { () throws(ServiceError) in
            _ = try await harness.iterator(arn, shards[0].shardId)
        }
        #expect(gone?.code == "ResourceNotFoundException")
        // The children still tell their parents, though these are gone.
        #expect(left.map(\.parentShardId) == shards[..<4].map { $0.shardId })
    }

    @Test func retentionGoesOnAfterReopening() async throws {
        let store = try RocksStore.open(.inMemory)
        var harness = try EngineHarness(store: store, time: time)
        let arn = try await harness.makeStreamTable(edit: onePartition)
        _ = try await harness.put(["pk": .string("a"), "sk": .string("1")])
        time.advance(by: 7_200)
        _ = try await harness.put(["pk": .string("a"), "sk": .string("2")])
        harness.engine.shutdown()
        time.advance(by: 79_200)
        harness = try EngineHarness(store: store, time: time)
        #expect(try await harness.allRecords(of: arn).count == 1)
        await harness.catchUp()
        #expect(try recordCount(store) == 1)
        harness.engine.shutdown()
        // A clock that is put back brings nothing back, and what it dates goes in its turn.
        time.advance(by: -36_000)
        harness = try EngineHarness(store: store, time: time)
        #expect(try await harness.allRecords(of: arn).count == 1)
        _ = try await harness.put(["pk": .string("a"), "sk": .string("3")])
        let numbers = try await harness.allRecords(of: arn).map(\.sequenceNumber)
        #expect(numbers == numbers.sorted() && numbers.count == 2)
        time.advance(by: 86_400)
        await harness.catchUp()
        #expect(try recordCount(store) == 0)
    }

    @Test func anOlderStoresStreamIsSetUp() async throws {
        let store = try RocksStore.open(.inMemory)
        var harness = try EngineHarness(store: store, time: time)
        let arn = try await harness.makeStreamTable()
        // As an older store would be: described, and nothing more.
        await withCheckedContinuation { continuation in
            harness.engine.submit { _ in
                continuation.resume()
            } stage: {
                staging throws(ServiceError) in
                guard var definition = staging.table(named: "tab", region: "us-east-1")?.definition
                else { return OperationOutcome(.empty) }
                let name = definition.streamName(label: definition.latestStreamLabel ?? "")
                staging.streamWriter.remove(name)
                definition.streamSpecification = nil
                staging.putTable(definition)
                definition.streamSpecification = StreamSpecification(
                    streamEnabled: true, streamViewType: .newImage)
                definition.stream = nil
                definition.partitions = nil
                staging.batch.put(
                    .catalogue, Catalogue.Keys.definition(definition.id),
                    Array((try? JSONEncoder().encode(definition)) ?? Data()))
                return OperationOutcome(.empty)
            }
        }
        harness.engine.shutdown()
        harness = try EngineHarness(store: store, time: time)
        _ = try await harness.put(["pk": .string("a"), "sk": .string("1")])
        await harness.catchUp()
        _ = try await harness.put(["pk": .string("a"), "sk": .string("2")])
        #expect(try await harness.allShards(arn).count == 4)
        #expect(try await harness.allRecords(of: arn).count == 1)
    }
}
