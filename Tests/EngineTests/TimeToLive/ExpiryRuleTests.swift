import Items
import Operations
import Storage
import Testing

@testable import Engine

@Suite struct ExpiryRuleTests {
    private let now = 1_800_000_000

    private func number(_ text: String) throws -> AttributeValue {
        .number(try DecimalNumber(text))
    }

    @Test func whatExpiredGoesAndTheRestStays() async throws {
        let expiry = try ExpiryHarness()
        try await expiry.harness.makeTable(sortKey: nil)
        try await expiry.setTimeToLive(true)
        let fiveYears = Int(Limits.timeToLivePastSecondsMax)
        let values: [(String, AttributeValue?)] = [
            ("past", .int(now - 1)), ("long-past", .int(now - fiveYears)),
            ("fraction", try number("1799999999.9")), ("none", nil), ("now", .int(now)),
            ("now-and-a-bit", try number("1800000000.5")), ("future", .int(now + 60)),
            ("too-long-past", .int(now - fiveYears - 1)), ("zero", .int(0)),
            ("negative", .int(-5)), ("tiny", try number("0.000001")),
            ("huge", try number("1E125")), ("negative-huge", try number("-1E125")),
            ("milliseconds", .int((now - 1) * 1000)), ("text", .string("\(now - 1)")),
            ("set", .numberSet([DecimalNumber(now - 1)])), ("list", .list([.int(now - 1)])),
            ("null", .null), ("binary", .binary([1])), ("true", .bool(true)),
        ]
        for (key, value) in values { try await expiry.put(key, expires: value) }
        // Expired items are seen until they are deleted.
        #expect(try await expiry.keys() == values.map(\.0).sorted())
        await expiry.catchUp()
        let gone: Set = ["past", "long-past", "fraction"]
        #expect(try await expiry.keys() == values.map(\.0).filter { !gone.contains($0) }.sorted())
        await expiry.advance(by: 1)
        let goneThen = gone.union(["now", "now-and-a-bit"])
        #expect(
            try await expiry.keys() == values.map(\.0).filter { !goneThen.contains($0) }.sorted())
        expiry.engine.shutdown()
    }

    @Test func nestedNamesAreNotSpecial() async throws {
        let expiry = try ExpiryHarness()
        try await expiry.harness.makeTable(sortKey: nil)
        try await expiry.setTimeToLive(true, "a.b[0]")
        for (key, name) in [("plain", "a.b[0]"), ("nested", "a")] {
            let value: AttributeValue =
                name == "a" ? .map(["b": .list([.int(now - 5)])]) : .int(now - 5)
            _ = try await expiry.harness.put(["pk": .string(key), name: value])
        }
        await expiry.catchUp()
        #expect(try await expiry.keys() == ["nested"])
        expiry.engine.shutdown()
    }

    @Test func aKeyAttributeMayBeTheExpiry() async throws {
        let expiry = try ExpiryHarness()
        try await expiry.harness.makeTable(sortKey: .number)
        try await expiry.setTimeToLive(true, "sk")
        for offset in [-5, 5] {
            _ = try await expiry.harness.put(["pk": .string("p"), "sk": .int(now + offset)])
        }
        await expiry.catchUp()
        let left = try await expiry.harness.scanAll()
        #expect(left.map { $0.value(named: "sk")?.number?.integer } == [now + 5])
        expiry.engine.shutdown()
    }

    @Test func aJumpOfTenYearsPassesEveryMoment() async throws {
        let expiry = try ExpiryHarness()
        try await expiry.harness.makeTable(sortKey: nil)
        try await expiry.setTimeToLive(true)
        try await expiry.put("soon", expires: .int(now + 60))
        try await expiry.put("in-9-years", expires: .int(now + 9 * 31_557_600))
        try await expiry.put("in-11-years", expires: .int(now + 11 * 31_557_600))
        try await expiry.put("too-long-past", expires: .int(now - 6 * 31_557_600))
        await expiry.catchUp()
        await expiry.advance(by: 10 * 31_557_600)
        #expect(try await expiry.keys() == ["in-11-years", "too-long-past"])
        expiry.engine.shutdown()
    }

    @Test func indexesAndCountsFollow() async throws {
        let expiry = try ExpiryHarness()
        var global = GlobalSecondaryIndex()
        global.indexName = "by-note"
        global.keySchema = [KeySchemaElement("note", .hash)]
        global.projection = Projection(.all)
        var local = LocalSecondaryIndex()
        local.indexName = "local"
        local.keySchema = [KeySchemaElement("pk", .hash), KeySchemaElement("note", .range)]
        local.projection = Projection(.keysOnly)
        try await expiry.harness.makeTable(
            localIndexes: [local], globalIndexes: [global],
            attributes: [AttributeDefinition("note", .string)])
        try await expiry.setTimeToLive(true)
        for number in 0..<450 {
            _ = try await expiry.harness.put([
                "pk": .string("p"), "sk": .string("s\(number)"), "note": .string("n\(number)"),
                "expires": .int(now + number),
            ])
        }
        await expiry.advance(by: 400)
        for index in [nil, "by-note", "local"] {
            #expect(try await expiry.harness.scanAll(index: index).count == 50)
        }
        let description = try await expiry.harness.describe()
        #expect(description.itemCount == 50)
        #expect(description.globalSecondaryIndexes?.first?.itemCount == 50)
        #expect(description.localSecondaryIndexes?.first?.itemCount == 50)
        #expect(try expiry.entries().count == 50)
        await expiry.advance(by: 1000)
        #expect(try expiry.allEntries().isEmpty)
        #expect(try await expiry.harness.describe().tableSizeBytes == 0)
        expiry.engine.shutdown()
    }

    @Test func bigItemsGoInSmallSteps() async throws {
        let expiry = try ExpiryHarness()
        try await expiry.harness.makeTable(sortKey: nil)
        try await expiry.setTimeToLive(true)
        let note = String(repeating: "x", count: 390_000)
        for number in 0..<10 {
            try await expiry.put("p\(number)", expires: .int(now - 1), note: note)
        }
        await expiry.catchUp()
        #expect(try await expiry.keys().isEmpty)
        expiry.engine.shutdown()
    }

    @Test func aTableThatGoesTakesItsEntriesAlong() async throws {
        let expiry = try ExpiryHarness()
        try await expiry.harness.makeTable(sortKey: nil)
        try await expiry.setTimeToLive(true)
        try await expiry.put("p", expires: .int(now + 5))
        await expiry.catchUp()
        #expect(try expiry.allEntries().count == 1)
        _ = try await expiry.harness.perform(.deleteTable(TableRequest(tableName: "tab")))
        #expect(try expiry.allEntries().isEmpty)
        try await expiry.harness.makeTable(sortKey: nil)
        try await expiry.put("p", expires: .int(now + 5))
        await expiry.advance(by: 60)
        #expect(try await expiry.keys() == ["p"])
        expiry.engine.shutdown()
    }

    @Test func itRunsInTheBackground() async throws {
        var configuration = EngineConfiguration()
        configuration.timeToLiveInterval = 0
        let harness = try EngineHarness(configuration: configuration)
        try await harness.makeTable(sortKey: nil)
        let specification = TimeToLiveSpecification(enabled: true, attributeName: "expires")
        _ = try await harness.perform(
            .updateTimeToLive(
                UpdateTimeToLiveRequest(tableName: "tab", specification: specification)))
        let past = Int(SystemClock.now()) - 60
        _ = try await harness.put(["pk": .string("p"), "expires": .int(past)])
        let deadline = ContinuousClock.now + .seconds(60)
        while try await harness.get(key("p")) != nil {
            try #require(ContinuousClock.now < deadline)
            try await Task.sleep(for: .milliseconds(10))
        }
        harness.engine.shutdown()
    }
}
