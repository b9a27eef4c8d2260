import Items
import Operations
import Testing

@testable import Engine

/// What each write leaves in a stream.
@Suite struct StreamRecordTests {
    private let time = TestTime(1_795_248_984.762)

    private func image(_ note: String?) -> ItemBytes {
        var attributes: [(key: String, value: AttributeValue)] = [
            ("pk", .string("a")), ("sk", .string("b")),
        ]
        if let note { attributes.append(("note", .string(note))) }
        return ItemBytes(attributes)
    }

    @Test(arguments: [
        StreamViewType.keysOnly, .newImage, .oldImage, .newAndOldImages,
    ])
    func eachViewShowsItsImages(_ view: StreamViewType) async throws {
        let harness = try EngineHarness(time: time)
        let arn = try await harness.makeStreamTable("tab", view)
        let first = image("one")
        let second = image("two and more")
        _ = try await harness.put(first)
        _ = try await harness.put(second)
        _ = try await harness.delete(key("a", "b"))
        let records = try await harness.allRecords(of: arn)
        #expect(records.map(\.eventName) == [.insert, .modify, .remove])
        let showsNew = view == .newImage || view == .newAndOldImages
        let showsOld = view == .oldImage || view == .newAndOldImages
        #expect(records.map(\.newImage) == [first, second, nil].map { showsNew ? $0 : nil })
        #expect(records.map(\.oldImage) == [nil, first, second].map { showsOld ? $0 : nil })
        for record in records {
            #expect(record.keys == key("a", "b"))
            #expect(
                record.sizeBytes
                    == record.keys.size + (record.newImage?.size ?? 0)
                    + (record.oldImage?.size ?? 0))
            #expect(record.streamViewType == view)
            #expect(record.awsRegion == "us-east-1")
            #expect(record.approximateCreationDateTime == 1_795_248_984)
            #expect(!record.isTimeToLiveDeletion)
            #expect(record.eventID.utf8.count == 32)
        }
        #expect(Set(records.map(\.eventID)).count == 3)
        #expect(records.map(\.sequenceNumber) == records.map(\.sequenceNumber).sorted())
        // Read again, they are the same.
        #expect(try await harness.allRecords(of: arn).map(\.eventID) == records.map(\.eventID))
    }

    @Test func aWriteThatChangesNothingLeavesNone() async throws {
        let harness = try EngineHarness(time: time)
        let arn = try await harness.makeStreamTable()
        _ = try await harness.put(image("one"))
        _ = try await harness.put([
            "note": .string("one"), "sk": .string("b"), "pk": .string("a"),
        ])
        _ = try await harness.update(
            key("a", "b"), "SET note = :n", values: [":n": .string("one")])
        _ = try await harness.delete(key("nobody", "b"))
        let refused = await harness.error(
            of: .updateItem(
                {
                    var request = UpdateItemRequest()
                    request.tableName = "tab"
                    request.key = key("a", "b")
                    request.updateExpression = "SET note = :n"
                    request.attributes.values = [":n": ItemValue(.string("three"))]
                    request.condition.conditionExpression = "attribute_not_exists(pk)"
                    return request
                }()))
        #expect(refused?.code == "ConditionalCheckFailedException")
        #expect(try await harness.allRecords(of: arn).map(\.eventName) == [.insert])
    }

    @Test func aBatchLeavesOnePerItem() async throws {
        let harness = try EngineHarness(time: time)
        let arn = try await harness.makeStreamTable()
        _ = try await harness.put(image("one"))
        var request = BatchWriteItemRequest()
        request.requestItems = [
            (
                "tab",
                (0..<20).map { .put(["pk": .string("p\($0)"), "sk": .string("s")]) }
                    + [.delete(key("a", "b"))]
            )
        ]
        _ = try await harness.perform(.batchWriteItem(request))
        let records = try await harness.allRecords(of: arn)
        #expect(records.count == 22)
        #expect(records.filter { $0.eventName == .insert }.count == 21)
        #expect(Set(records.map(\.sequenceNumber)).count == 22)
    }

    @Test func timeToLiveDeletesAreMarked() async throws {
        let harness = try EngineHarness(time: time)
        let arn = try await harness.makeStreamTable()
        _ = try await harness.put(image("one"))
        let table = try #require(harness.engine.catalogue.table(named: "tab", region: "us-east-1"))
        let storedKey = try table.storedKey(ofKey: key("a", "b"))
        await withCheckedContinuation { continuation in
            harness.engine.submit { _ in
                continuation.resume()
            } stage: {
                staging throws(ServiceError) in
                let old = try staging.item(storedKey: storedKey)
                _ = staging.write(
                    table, storedKey: storedKey, old: old, new: nil, requestedName: "tab",
                    origin: .timeToLive)
                return OperationOutcome(.empty)
            }
        }
        let records = try await harness.allRecords(of: arn)
        #expect(records.map(\.isTimeToLiveDeletion) == [false, true])
        #expect(records.last?.eventName == .remove)
    }

    @Test func aPageIsBoundedByCountAndByBytes() async throws {
        let harness = try EngineHarness(time: time)
        let arn = try await harness.makeStreamTable(hasSortKey: false) { request in
            request.billingMode = nil
            request.provisionedThroughput = ProvisionedThroughput(
                readCapacityUnits: 5, writeCapacityUnits: 5)
        }
        let shards = try await harness.allShards(arn)
        #expect(shards.count == 1)
        let shard = try #require(shards.first).shardId
        let big = String(repeating: "x", count: 300_000)
        for index in 0..<7 {
            _ = try await harness.put(["pk": .string("p\(index)"), "big": .string(big)])
        }
        let start = try await harness.iterator(arn, shard)
        let page = try await harness.records(start)
        #expect(page.records.count == 3)
        let rest = try await harness.allRecords(arn, shard)
        #expect(rest.records.count == 7)
        let single = try await harness.records(start, limit: 1)
        #expect(single.records.map(\.sequenceNumber) == [page.records[0].sequenceNumber])
        let following = try await harness.records(try #require(single.nextShardIterator), limit: 2)
        #expect(
            following.records.map(\.sequenceNumber)
                == page.records[1...2].map(\.sequenceNumber))
        for index in 0..<1_005 {
            _ = try await harness.put(["pk": .string("q\(index)")])
        }
        let last = rest.records[6].sequenceNumber
        let many = try await harness.records(
            try await harness.iterator(arn, shard, .afterSequenceNumber, last))
        #expect(many.records.count == 1_000)
        let remainder = try await harness.records(try #require(many.nextShardIterator))
        #expect(remainder.records.count == 5)
    }
}
