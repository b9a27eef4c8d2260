import BasaltKit
import Foundation
import Testing

/// The library's entry point: JSON in, JSON out, in memory and on disk.
@Suite struct BasaltDatabaseTests {
    private let createTable = """
        {"TableName": "music", "BillingMode": "PAY_PER_REQUEST",
         "KeySchema": [{"AttributeName": "artist", "KeyType": "HASH"}],
         "AttributeDefinitions": [{"AttributeName": "artist", "AttributeType": "S"}]}
        """

    private func json(_ answer: BasaltDatabase.Answer) throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(answer.body.utf8))
        return try #require(object as? [String: Any])
    }

    @Test func anItemGoesInAndComesOut() async throws {
        let database = try BasaltDatabase.open(.inMemory)
        defer { database.close() }
        #expect(await database.call("CreateTable", createTable).status == 200)
        let item = #"{"artist":{"S":"Nina Simone"},"albums":{"N":"40"}}"#
        let put = await database.call("PutItem", #"{"TableName":"music","Item":\#(item)}"#)
        #expect(put.status == 200)
        #expect(put.body == "{}")
        let got = await database.call(
            "GetItem", #"{"TableName":"music","Key":{"artist":{"S":"Nina Simone"}}}"#)
        #expect(got.body == #"{"Item":\#(item)}"#)
    }

    @Test func anErrorIsTheServices() async throws {
        let database = try BasaltDatabase.open(.inMemory)
        defer { database.close() }
        let answer = await database.call("DescribeTable", #"{"TableName":"nobody"}"#)
        #expect(answer.status == 400)
        let error = try json(answer)
        #expect(
            error["__type"] as? String
                == "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException")
        #expect(
            error["message"] as? String == "Requested resource not found: Table: nobody not found")
    }

    @Test func streamsAreReachedByTheSameCall() async throws {
        let database = try BasaltDatabase.open(.inMemory)
        defer { database.close() }
        let answer = await database.call("GetRecords", "{}")
        #expect(answer.status == 400)
        #expect(
            try json(answer)["message"] as? String
                == "1 validation error detected: Value null at 'shardIterator' failed to satisfy "
                + "constraint: Member must not be null")
        let unknown = await database.call("GetRecord", "{}")
        #expect(
            try json(unknown)["__type"] as? String
                == "com.amazon.coral.service#UnknownOperationException")
    }

    @Test func requestsOverTheLimitsAreRefused() async throws {
        let table = #"""
            {"TableName": "music", "BillingMode": "PROVISIONED",
             "ProvisionedThroughput": {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1},
             "KeySchema": [{"AttributeName": "artist", "KeyType": "HASH"}],
             "AttributeDefinitions": [{"AttributeName": "artist", "AttributeType": "S"}]}
            """#
        let large = String(repeating: "x", count: 100_000)
        func put(_ database: BasaltDatabase) async -> BasaltDatabase.Answer {
            await database.call(
                "PutItem",
                #"{"TableName":"music","Item":{"artist":{"S":"Nina Simone"},"x":{"S":"\#(large)"}}}"#
            )
        }
        let open = try BasaltDatabase.open(.inMemory)
        defer { open.close() }
        _ = await open.call("CreateTable", table)
        for _ in 0..<3 { #expect(await put(open).status == 200) }

        let database = try BasaltDatabase.open(.inMemory, clock: .virtual, throttling: .enforce)
        defer { database.close() }
        _ = await database.call("CreateTable", table)
        #expect(await put(database).status == 200)
        let refused = await put(database)
        #expect(refused.status == 400)
        let error = try json(refused)
        #expect(
            error["__type"] as? String
                == "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException")
        let reasons = try #require(error["ThrottlingReasons"] as? [[String: String]])
        #expect(reasons.first?["reason"] == "TableWriteProvisionedThroughputExceeded")
        try await database.advanceClock(bySeconds: 100)
        #expect(await put(database).status == 200)
    }

    @Test func regionsKeepTheirTablesApart() async throws {
        let database = try BasaltDatabase.open(.inMemory)
        defer { database.close() }
        #expect(await database.call("CreateTable", createTable, region: "eu-west-1").status == 200)
        let here = await database.call("ListTables", "{}", region: "eu-west-1")
        let there = await database.call("ListTables", "{}", region: "us-east-1")
        #expect(try json(here)["TableNames"] as? [String] == ["music"])
        #expect(try json(there)["TableNames"] as? [String] == [])
    }

    @Test func aDirectoryKeepsItsTables() async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("basalt-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let first = try BasaltDatabase.open(.directory(directory.path))
        _ = await first.call("CreateTable", createTable)
        _ = await first.call(
            "PutItem", #"{"TableName":"music","Item":{"artist":{"S":"Bill Evans"}}}"#)
        #expect(throws: BasaltDatabase.OpenError.self) {
            try BasaltDatabase.open(.directory(directory.path))
        }
        first.close()
        let second = try BasaltDatabase.open(.directory(directory.path))
        defer { second.close() }
        let table = try json(await second.call("DescribeTable", #"{"TableName":"music"}"#))
        let description = try #require(table["Table"] as? [String: Any])
        #expect(description["ItemCount"] as? Int == 1)
        #expect(description["TableStatus"] as? String == "ACTIVE")
    }

    @Test func aVirtualClockIsMovedOnAndKept() async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("basalt-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: directory) }
        let first = try BasaltDatabase.open(.directory(directory.path), clock: .virtual)
        let start = first.now
        #expect(try await first.advanceClock(bySeconds: 86_400) >= start + 86_400)
        #expect(try await first.setClock(to: start + 100_000) >= start + 100_000)
        await #expect(throws: BasaltDatabase.ClockError.self) {
            try await first.setClock(to: start)
        }
        first.close()
        #expect(throws: BasaltDatabase.OpenError.self) {
            try BasaltDatabase.open(.directory(directory.path))
        }
        let second = try BasaltDatabase.open(.directory(directory.path), clock: .virtual)
        #expect(second.now >= start + 100_000)
        second.close()
    }

    @Test func theMachinesClockCannotBeMoved() async throws {
        let database = try BasaltDatabase.open(.inMemory)
        defer { database.close() }
        await #expect(throws: BasaltDatabase.ClockError.self) {
            try await database.advanceClock(bySeconds: 1)
        }
    }
}
