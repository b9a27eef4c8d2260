import Engine
import Items
import Operations
import TestSupport
import Testing

/// Random transactions against a model: all or nothing, in the table, its indexes and its counts.
@Suite struct TransactionAgreementTests {
    private static let keyCount = 24

    /// An item of the model.
    private struct Version: Equatable {
        var n: Int
        var owner: String?

        func item(_ number: Int) -> ItemBytes {
            let key = TransactionAgreementTests.itemKey(number)
            var attributes = key.attributes.map { (key: $0.key, value: $0.value) }
            attributes.append(("n", .int(n)))
            if let owner { attributes.append(("owner", .string(owner))) }
            return ItemBytes(attributes)
        }
    }

    private typealias Model = [Int: Version]

    private static func itemKey(_ number: Int) -> ItemBytes {
        ["pk": .string("p\(number % 4)"), "sk": .string("s\(number / 4)")]
    }

    private func makeTable(_ harness: EngineHarness) async throws {
        var local = LocalSecondaryIndex()
        local.indexName = "by-n"
        local.keySchema = [KeySchemaElement("pk", .hash), KeySchemaElement("n", .range)]
        local.projection = Projection(.keysOnly)
        var global = GlobalSecondaryIndex()
        global.indexName = "by-owner"
        global.keySchema = [KeySchemaElement("owner", .hash), KeySchemaElement("n", .range)]
        global.projection = Projection(.all)
        try await harness.makeTable(
            localIndexes: [local], globalIndexes: [global],
            attributes: [
                AttributeDefinition("n", .number), AttributeDefinition("owner", .string),
            ])
    }

    /// One random action, what it makes of the model, and whether it can be done.
    private func action(
        on number: Int, _ model: inout Model, _ generator: inout SeededGenerator
    ) -> (TransactWriteItem, isPossible: Bool) {
        let key = Self.itemKey(number)
        let current = model[number]
        let expected = Int.random(in: 0..<4, using: &generator) == 0 ? -1 : current?.n ?? 0
        let holds = current.map { $0.n == expected } ?? false
        let values: [String: AttributeValue] = [":e": .int(expected)]
        switch Int.random(in: 0..<5, using: &generator) {
        case 0:
            return (.check(key, "n = :e", values: values), holds)
        case 1:
            model[number] = nil
            return (.delete(key), true)
        case 2:
            model[number] = nil
            return (
                .delete(key, if: "attribute_not_exists(pk) OR n = :e", values: values),
                current == nil || holds
            )
        case 3:
            let fresh = Version(
                n: Int.random(in: 0..<1000, using: &generator),
                owner: Bool.random(using: &generator)
                    ? "o\(Int.random(in: 0..<3, using: &generator))" : nil)
            model[number] = fresh
            return (.put(fresh.item(number)), true)
        default:
            // Of an item that isn't there `n + :one` can't be computed: ValidationError.
            model[number] = current.map { Version(n: $0.n + 1, owner: "o9") }
            return (
                .update(
                    key, "SET n = n + :one, #o = :o",
                    values: [":one": .int(1), ":o": .string("o9")], names: ["#o": "owner"]),
                current != nil
            )
        }
    }

    private func texts(_ items: [ItemBytes]) -> [String] {
        items.map { item in
            item.attributes.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
                .joined(separator: ";")
        }.sorted()
    }

    private func check(_ harness: EngineHarness, _ model: Model, seed: UInt64) async throws {
        let comment: Comment = "seed \(seed)"
        let items = model.map { $0.value.item($0.key) }
        #expect(texts(try await harness.scanAll()) == texts(items), comment)
        let keysAndN = items.map { item in
            item.filter { !$0.elementsEqual("owner".utf8) }
        }
        #expect(texts(try await harness.scanAll(index: "by-n")) == texts(keysAndN), comment)
        let owned = items.filter { $0.value(named: "owner") != nil }
        #expect(texts(try await harness.scanAll(index: "by-owner")) == texts(owned), comment)
        let description = try await harness.describe()
        #expect(description.itemCount == items.count, comment)
        #expect(description.tableSizeBytes == items.reduce(0) { $0 + $1.size }, comment)
        #expect(
            description.globalSecondaryIndexes?.first?.itemCount == owned.count, comment)
    }

    @Test(arguments: [1, 2, UInt64.random(in: 0...UInt64.max)])
    func randomTransactionsAreWholeOrNothing(seed: UInt64) async throws {
        var generator = SeededGenerator(seed: seed)
        let harness = try EngineHarness()
        try await makeTable(harness)
        var model: Model = [:]
        var done = 0
        var cancelled = 0
        for step in 0..<300 {
            var changed = model
            var items: [TransactWriteItem] = []
            var isPossible: [Bool] = []
            let count = Int.random(in: 1...6, using: &generator)
            for number in (0..<Self.keyCount).shuffled(using: &generator).prefix(count) {
                let (item, possible) = action(on: number, &changed, &generator)
                items.append(item)
                isPossible.append(possible)
            }
            let request = writes(items, token: step % 3 == 0 ? "token-\(step)" : nil)
            let error = await harness.error(of: request)
            if isPossible.allSatisfy({ $0 }) {
                #expect(error == nil, "seed \(seed), step \(step): \(error?.message ?? "")")
                model = changed
                done += 1
                // A repetition by token changes nothing.
                if step % 3 == 0 { _ = try await harness.perform(request) }
            } else {
                #expect(
                    error?.codes.map { $0 == "None" } == isPossible, "seed \(seed), step \(step)")
                cancelled += 1
            }
            if step % 60 == 59 { try await check(harness, model, seed: seed) }
        }
        #expect(done > 50 && cancelled > 50, "seed \(seed): \(done) done, \(cancelled) cancelled")
    }

    @Test func transactionsAtOnceKeepASum() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: nil)
        for account in 0..<5 {
            _ = try await harness.put(["pk": .string("a\(account)"), "n": .int(100)])
        }
        // Each transfer moves one between two accounts; each reader must see the whole sum.
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<200 {
                group.addTask {
                    let from = key("a\(number % 5)")
                    let to = key("a\((number / 5 % 4 + number % 5 + 1) % 5)")
                    let error = await harness.error(
                        of: writes([
                            .update(from, "ADD n :n", values: [":n": .int(-1)]),
                            .update(to, "ADD n :n", values: [":n": .int(1)]),
                        ]))
                    #expect(error == nil || error?.codes.contains("TransactionConflict") == true)
                    return error == nil ? 1 : 0
                }
                group.addTask {
                    do throws(ServiceError) {
                        let outcome = try await harness.perform(gets((0..<5).map { key("a\($0)") }))
                        var sum = DecimalNumber(0)
                        for item in outcome.itemResponses?.responses ?? [] {
                            guard let n = item?.value(named: "n")?.number else { continue }
                            sum = (try? sum.adding(n)) ?? sum
                        }
                        #expect(sum == DecimalNumber(500))
                    } catch {
                        #expect(error.codes.contains("TransactionConflict"))
                    }
                    return 0
                }
            }
            var done = 0
            for try await count in group { done += count }
            #expect(done > 0)
        }
    }
}
