import Engine
import Items
import Operations
import Storage
import TestSupport
import Testing

/// Tables with every kind of index against a model in memory, under random writes.
@Suite struct IndexAgreementTests {
    private func indexes() -> (local: [LocalSecondaryIndex], global: [GlobalSecondaryIndex]) {
        var local = LocalSecondaryIndex()
        local.indexName = "by-size"
        local.keySchema = [KeySchemaElement("pk", .hash), KeySchemaElement("weight", .range)]
        local.projection = Projection(.keysOnly)
        var owner = GlobalSecondaryIndex()
        owner.indexName = "by-owner"
        owner.keySchema = [KeySchemaElement("owner", .hash)]
        owner.projection = Projection(.include, nonKeyAttributes: ["note"])
        var multi = GlobalSecondaryIndex()
        multi.indexName = "by-owner-colour-size"
        multi.keySchema = [
            KeySchemaElement("owner", .hash), KeySchemaElement("colour", .hash),
            KeySchemaElement("weight", .range), KeySchemaElement("sk", .range),
        ]
        multi.projection = Projection(.all)
        return ([local], [owner, multi])
    }

    private let definitions = [
        AttributeDefinition("weight", .number), AttributeDefinition("owner", .string),
        AttributeDefinition("colour", .string),
    ]

    private func randomItem(_ generator: inout SeededGenerator) -> ItemBytes {
        var attributes: [(key: String, value: AttributeValue)] = [
            ("pk", .string("p\(Int.random(in: 0..<4, using: &generator))")),
            ("sk", .string("s\(Int.random(in: 0..<12, using: &generator))")),
        ]
        if Bool.random(using: &generator) {
            attributes.append(("weight", .int(Int.random(in: -50...50, using: &generator))))
        }
        if Bool.random(using: &generator) {
            attributes.append(("owner", .string("o\(Int.random(in: 0..<3, using: &generator))")))
        }
        if Bool.random(using: &generator) {
            attributes.append(("colour", .string("c\(Int.random(in: 0..<2, using: &generator))")))
        }
        if Bool.random(using: &generator) {
            let length = Int.random(in: 0...3000, using: &generator)
            attributes.append(("note", .string(String(repeating: "x", count: length))))
        }
        return ItemBytes(attributes)
    }

    /// What an index must hold, computed from the table's items.
    private func expected(
        _ items: [ItemBytes], needs: [String], projects: Set<String>?
    ) -> [ItemBytes] {
        items.filter { item in needs.allSatisfy { item.value(named: $0) != nil } }.map { item in
            guard let projects else { return item }
            return item.filter { projects.contains(String(decoding: $0, as: UTF8.self)) }
        }
    }

    private func sorted(_ items: [ItemBytes]) -> [String] {
        items.map { item in
            item.attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                .joined(separator: ";")
        }.sorted()
    }

    private func check(
        _ harness: EngineHarness, _ model: [String: ItemBytes], seed: UInt64
    ) async throws {
        let items = Array(model.values)
        let comment: Comment = "seed \(seed)"
        #expect(sorted(try await harness.scanAll(limit: 7)) == sorted(items), comment)
        let plans: [(name: String, needs: [String], projects: Set<String>?)] = [
            ("by-size", ["weight"], ["pk", "sk", "weight"]),
            ("by-owner", ["owner"], ["pk", "sk", "owner", "note"]),
            ("by-owner-colour-size", ["owner", "colour", "weight"], nil),
        ]
        let description = try await harness.describe()
        #expect(description.itemCount == items.count, comment)
        #expect(description.tableSizeBytes == items.reduce(0) { $0 + $1.size }, comment)
        for plan in plans {
            let entries = expected(items, needs: plan.needs, projects: plan.projects)
            let found = try await harness.scanAll(index: plan.name, limit: 5)
            #expect(sorted(found) == sorted(entries), comment)
            let size = entries.reduce(0) { $0 + $1.size }
            let local = description.localSecondaryIndexes?.first { $0.index.indexName == plan.name }
            let global = description.globalSecondaryIndexes?.first { $0.indexName == plan.name }
            #expect((local?.itemCount ?? global?.itemCount) == entries.count, comment)
            #expect((local?.indexSizeBytes ?? global?.indexSizeBytes) == size, comment)
        }
    }

    @Test(arguments: [1, 2, 3, UInt64.random(in: 0...UInt64.max)])
    func randomWritesKeepIndexesAndCounts(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let harness = try EngineHarness()
        let indexes = indexes()
        try await harness.makeTable(
            localIndexes: indexes.local, globalIndexes: indexes.global, attributes: definitions)
        var model: [String: ItemBytes] = [:]
        for step in 0..<300 {
            let item = randomItem(&generator)
            let attributes = item.attributes
            let id = "\(attributes["pk"] ?? .null)/\(attributes["sk"] ?? .null)"
            let key = item.filter { $0.elementsEqual("pk".utf8) || $0.elementsEqual("sk".utf8) }
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                _ = try await harness.put(item)
                model[id] = item
            case 2:
                _ = try await harness.delete(key)
                model[id] = nil
            default:
                let size = Int.random(in: 0...9, using: &generator)
                _ = try await harness.update(
                    key, "SET weight = :s, #o = if_not_exists(#o, :o) REMOVE colour",
                    values: [":s": .int(size), ":o": .string("o9")],
                    names: ["#o": "owner"])
                var changed = model[id]?.attributes ?? key.attributes
                changed["weight"] = .int(size)
                changed["owner"] = changed["owner"] ?? .string("o9")
                changed["colour"] = nil
                model[id] = ItemBytes(changed.map { (key: $0.key, value: $0.value) })
            }
            if step % 100 == 99 { try await check(harness, model, seed: seed) }
        }
        harness.engine.shutdown()
    }

    @Test func aBackfillUnderWritesIndexesEveryItemOnce() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        var generator = SeededGenerator(seed: seed)
        let harness = try EngineHarness()
        try await harness.makeTable()
        var model: [String: ItemBytes] = [:]
        func put(_ number: Int) async throws {
            let item: ItemBytes = [
                "pk": .string("p\(number)"), "sk": .string("s"),
                "owner": .string("o\(Int.random(in: 0..<5, using: &generator))"),
            ]
            _ = try await harness.put(item)
            model["\(number)"] = item
        }
        for number in 0..<1500 { try await put(number) }
        var owner = GlobalSecondaryIndex()
        owner.indexName = "by-owner"
        owner.keySchema = [KeySchemaElement("owner", .hash)]
        owner.projection = Projection(.all)
        var change = GlobalSecondaryIndexUpdate()
        change.create = owner
        var request = UpdateTableRequest()
        request.tableName = "tab"
        request.attributeDefinitions = [
            AttributeDefinition("pk", .string), AttributeDefinition("sk", .string),
            AttributeDefinition("owner", .string),
        ]
        request.globalSecondaryIndexUpdates = [change]
        _ = try await harness.perform(.updateTable(request))
        for _ in 0..<300 { try await put(Int.random(in: 0..<1600, using: &generator)) }
        for _ in 0..<50 {
            let number = Int.random(in: 0..<1500, using: &generator)
            _ = try await harness.delete(key("p\(number)", "s"))
            model["\(number)"] = nil
        }
        while try await harness.describe().globalSecondaryIndexes?.first?.indexStatus != .active {
            try await Task.sleep(for: .milliseconds(5))
        }
        let found = try await harness.scanAll(index: "by-owner")
        #expect(sorted(found) == sorted(Array(model.values)), "seed \(seed)")
        let index = try await harness.describe().globalSecondaryIndexes?.first
        #expect(index?.itemCount == model.count, "seed \(seed)")
        harness.engine.shutdown()
    }
}
