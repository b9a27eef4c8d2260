import Items
import Operations
import Testing

@testable import Engine

/// Places in shards: the four types, what is refused, and when they expire.
@Suite struct ShardIteratorTests {
    private let time = TestTime(1_795_248_984)

    /// A table of one partition with some records; its stream, shard and sequence numbers.
    private func prepare(
        _ harness: EngineHarness, count: Int = 5
    ) async throws -> (arn: String, shard: String, numbers: [String]) {
        let arn = try await harness.makeStreamTable(hasSortKey: false) { request in
            request.billingMode = nil
            request.provisionedThroughput = ProvisionedThroughput(
                readCapacityUnits: 5, writeCapacityUnits: 5)
        }
        for index in 0..<count { _ = try await harness.put(["pk": .string("p\(index)")]) }
        let shard = try #require(try await harness.allShards(arn).first).shardId
        let numbers = try await harness.allRecords(arn, shard).records.map(\.sequenceNumber)
        #expect(numbers.count == count)
        return (arn, shard, numbers)
    }

    @Test func eachTypeBeginsWhereItSays() async throws {
        let harness = try EngineHarness(time: time)
        let (arn, shard, numbers) = try await prepare(harness)
        func found(_ iterator: String) async throws -> [String] {
            try await harness.records(iterator).records.map(\.sequenceNumber)
        }
        #expect(try await found(harness.iterator(arn, shard, .trimHorizon)) == numbers)
        #expect(
            try await found(harness.iterator(arn, shard, .atSequenceNumber, numbers[2]))
                == Array(numbers[2...]))
        #expect(
            try await found(harness.iterator(arn, shard, .afterSequenceNumber, numbers[2]))
                == Array(numbers[3...]))
        let latest = try await harness.iterator(arn, shard, .latest)
        #expect(try await found(latest) == [])
        _ = try await harness.put(["pk": .string("later")])
        let page = try await harness.records(latest)
        #expect(page.records.map(\.keys) == [["pk": .string("later")]])
        let next = try #require(page.nextShardIterator)
        #expect(try await found(next) == [])
        let start = try #require(try await harness.allShards(arn).first).startingSequenceNumber
        #expect(
            try await found(harness.iterator(arn, shard, .atSequenceNumber, start)).count == 6)
    }

    @Test func anIdleShardsNextPlaceMissesNothing() async throws {
        let harness = try EngineHarness(time: time)
        let (arn, shard, _) = try await prepare(harness, count: 0)
        var iterator = try await harness.iterator(arn, shard)
        var seen: [ItemBytes] = []
        for round in 0..<20 {
            if round % 3 == 1 { _ = try await harness.put(["pk": .string("r\(round)")]) }
            let page = try await harness.records(iterator)
            seen += page.records.map(\.keys)
            iterator = try #require(page.nextShardIterator)
            time.advance(by: 600)
        }
        #expect(seen == stride(from: 1, to: 20, by: 3).map { ["pk": .string("r\($0)")] })
    }

    @Test func aPlaceExpiresAfterFifteenMinutes() async throws {
        let harness = try EngineHarness(time: time)
        let (arn, shard, _) = try await prepare(harness)
        let iterator = try await harness.iterator(arn, shard)
        time.advance(by: 899)
        let next = try #require(try await harness.records(iterator).nextShardIterator)
        time.advance(by: 1)
        let expired = await refusal { () throws(ServiceError) in
            _ = try await harness.records(iterator)
        }
        #expect(expired?.code == "ExpiredIteratorException")
        #expect(try await harness.records(next).records.isEmpty)
    }

    @Test func whatIsNoPlaceIsRefused() async throws {
        let harness = try EngineHarness(time: time)
        let (arn, shard, _) = try await prepare(harness)
        let iterator = try await harness.iterator(arn, shard)
        let other = arn.replacing("table/tab", with: "table/tax")
        for text in [
            "garbage", "", "|1|", "\(arn)|1|", "\(arn)|1|AAAA", iterator + "A",
            String(iterator.dropLast(5)), iterator.replacing("|1|", with: "|2|"),
            iterator.replacing(arn, with: other),
        ] {
            let refused = await refusal { () throws(ServiceError) in
                _ = try await harness.records(text)
            }
            #expect(refused == .validation("Invalid ShardIterator"), "\(text)")
        }
        let limit = await refusal { () throws(ServiceError) in
            _ = try await harness.records(iterator, limit: 1_001)
        }
        #expect(
            limit
                == .validation(
                    "1 validation error detected: Value '1001' at 'limit' failed to satisfy "
                        + "constraint: Member must have value less than or equal to 1000"))
    }

    @Test func getShardIteratorRefusesWhatItCannotPlace() async throws {
        let harness = try EngineHarness(time: time)
        let (arn, shard, numbers) = try await prepare(harness)
        func refused(
            _ arn: String, _ shard: String,
            _ type: GetShardIteratorRequest.IteratorType = .trimHorizon, _ number: String? = nil
        ) async -> Refusal? {
            await refusal { () throws(ServiceError) in
                _ = try await harness.iterator(arn, shard, type, number)
            }
        }
        let missing = arn.replacing("table/tab", with: "table/tax")
        #expect(
            await refused(missing, shard)
                == Refusal(
                    "ResourceNotFoundException",
                    "Requested resource not found: Stream: \(missing) not found"))
        #expect(
            await refused(arn, "shardId-00000001414576573621-f55eea83")?.code
                == "ResourceNotFoundException")
        for text in ["garbage", "arn:aws:dynamodb:us-east-1:000000000000:table/tab", arn + "/x"] {
            #expect(await refused(text, shard) == .validation("Invalid StreamArn"))
        }
        #expect(
            await refused(
                arn.replacing("000000000000", with: "123456789012"), shard)?.code
                == "AccessDeniedException")
        #expect(await refused(arn, shard, .atSequenceNumber)?.code == "ValidationException")
        #expect(await refused(arn, shard, .latest, numbers[0])?.code == "ValidationException")
        for number in ["garbage", "100000000000000000000", numbers[0] + "0"] {
            #expect(
                await refused(arn, shard, .afterSequenceNumber, number)
                    == .validation("Invalid SequenceNumber"))
        }
    }
}
