import Engine
import Items
import Operations
import Testing

/// Query and Scan: order, bounds, pages and what they consume.
@Suite struct PageTests {
    private func filled(count: Int = 20) async throws -> EngineHarness {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: .number)
        for number in 0..<count {
            _ = try await harness.put([
                "pk": .string("a"), "sk": .int(number - 5), "even": .bool(number % 2 == 0),
            ])
        }
        _ = try await harness.put(["pk": .string("b"), "sk": .int(0)])
        return harness
    }

    private func query(
        _ condition: String, values: [String: AttributeValue]
    ) -> QueryRequest {
        var request = QueryRequest()
        request.page.tableName = "tab"
        request.keyConditionExpression = condition
        request.page.attributes.values = values.mapValues { ItemValue($0) }
        return request
    }

    private func sortKeys(_ page: PageResponse?) -> [Int] {
        (page?.items ?? []).compactMap { $0.value(named: "sk")?.number?.integer }
    }

    @Test(arguments: [
        ("sk < :v", Array(-5..<3)), ("sk <= :v", Array(-5...3)), ("sk = :v", [3]),
        ("sk > :v", Array(4..<15)), ("sk >= :v", Array(3..<15)),
        ("sk BETWEEN :v AND :w", [3, 4, 5]),
    ])
    func rangesOfASortKey(condition: String, expected: [Int]) async throws {
        let harness = try await filled()
        var values: [String: AttributeValue] = [":p": .string("a"), ":v": .int(3)]
        if condition.contains(":w") { values[":w"] = .int(5) }
        var request = query("pk = :p AND " + condition, values: values)
        let forward = try await harness.perform(.query(request))
        #expect(sortKeys(forward.page) == expected)
        request.scanIndexForward = false
        let backward = try await harness.perform(.query(request))
        #expect(sortKeys(backward.page) == expected.reversed())
    }

    @Test(arguments: [true, false], [1, 3, 20, 21])
    func pagesByLimit(forward: Bool, limit: Int) async throws {
        let harness = try await filled()
        var request = query("pk = :p", values: [":p": .string("a")])
        request.page.limit = limit
        request.scanIndexForward = forward
        var found: [Int] = []
        var pages = 0
        repeat {
            let page = try await harness.perform(.query(request)).page
            found += sortKeys(page)
            pages += 1
            request.page.exclusiveStartKey = page?.lastEvaluatedKey
        } while request.page.exclusiveStartKey != nil
        #expect(found == (forward ? Array(-5..<15) : Array((-5..<15).reversed())))
        // A limit that falls on the last item still tells a key: the service doesn't look ahead.
        #expect(pages == 20 / limit + 1)
    }

    @Test func filtersCountWhatTheyEvaluated() async throws {
        let harness = try await filled()
        var request = query("pk = :p", values: [":p": .string("a"), ":t": .bool(true)])
        request.page.filterExpression = "even = :t"
        let outcome = try await harness.perform(.query(request))
        #expect(outcome.page?.count == 10)
        #expect(outcome.page?.scannedCount == 20)
        request.page.select = .count
        let counted = try await harness.perform(.query(request))
        #expect(counted.page?.items == nil)
        #expect(counted.page?.count == 10)
        #expect(counted.consumption == outcome.consumption)
    }

    @Test func aPageEndsAtAMegabyte() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: .number)
        let body = AttributeValue.string(String(repeating: "x", count: 100_000))
        for number in 0..<15 {
            _ = try await harness.put(["pk": .string("a"), "sk": .int(number), "body": body])
        }
        let request = query("pk = :p", values: [":p": .string("a")])
        let outcome = try await harness.perform(.query(request))
        #expect(outcome.page?.count == 11)
        #expect(outcome.page?.lastEvaluatedKey?.value(named: "sk")?.number?.integer == 10)
        let size = (outcome.page?.items ?? []).reduce(0) { $0 + $1.size }
        #expect(
            outcome.consumption.tables.first?.table.read
                == RequestUnits(halves: (size + 4095) / 4096))
    }

    @Test(arguments: [1, 2, 3, 7, 100, 5000])
    func parallelSegmentsPartitionTheTable(total: Int) async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: nil)
        for number in 0..<200 { _ = try await harness.put(key("p\(number)")) }
        var found: [String] = []
        var segments = Array(0..<total)
        if total > 100 { segments = segments.filter { $0 % 50 == 0 } + [4999] }
        for segment in segments {
            var request = ScanRequest()
            request.page.tableName = "tab"
            request.segment = segment
            request.totalSegments = total
            let page = try await harness.perform(.scan(request)).page
            found += (page?.items ?? []).compactMap { $0.value(named: "pk")?.string }
        }
        #expect(Set(found).count == found.count)
        if total <= 100 {
            #expect(Set(found) == Set((0..<200).map { "p\($0)" }))
            let whole = try await harness.scanAll().compactMap { $0.value(named: "pk")?.string }
            #expect(found == whole)
        }
    }

    @Test func aStartKeyMustLieInTheRange() async throws {
        let harness = try await filled()
        var request = query("pk = :p", values: [":p": .string("a")])
        request.page.exclusiveStartKey = ["pk": .string("b"), "sk": .int(0)]
        let outside = await harness.error(of: .query(request))
        #expect(
            outside?.message
                == "The provided starting key is outside query boundaries based on provided "
                + "conditions")
        request.page.exclusiveStartKey = ["pk": .string("a")]
        let short = await harness.error(of: .query(request))
        #expect(short?.message.hasPrefix("The provided starting key is invalid") == true)
    }

    @Test func anLSIFetchesWhatItDoesNotProject() async throws {
        let harness = try EngineHarness()
        var index = LocalSecondaryIndex()
        index.indexName = "by-size"
        index.keySchema = [KeySchemaElement("pk", .hash), KeySchemaElement("size", .range)]
        index.projection = Projection(.keysOnly)
        try await harness.makeTable(
            localIndexes: [index], attributes: [AttributeDefinition("size", .number)])
        for number in 0..<4 {
            _ = try await harness.put([
                "pk": .string("a"), "sk": .string("s\(number)"), "size": .int(-number),
                "body": .string(String(repeating: "x", count: 5000)),
            ])
        }
        var request = query("pk = :p", values: [":p": .string("a")])
        request.page.indexName = "by-size"
        let keysOnly = try await harness.perform(.query(request))
        #expect(keysOnly.page?.items?.first?.names.sorted() == ["pk", "size", "sk"])
        #expect(keysOnly.consumption.tables.first?.table.read == .zero)
        request.page.select = .allAttributes
        let fetched = try await harness.perform(.query(request))
        #expect(fetched.page?.items?.first?.value(named: "body") != nil)
        // Two half units for each 5 KB item, beside the index's own.
        #expect(fetched.consumption.tables.first?.table.read == RequestUnits(4))
        #expect(
            fetched.consumption.tables.first?.localIndexes["by-size"]?.read
                == RequestUnits(halves: 1))
    }
}
