import Engine
import Items
import Operations
import Testing

/// Units of transactions: the table's part doubled, that of indexes not.
@Suite struct TransactionMeteringTests {
    /// An item of so many bytes.
    private func item(_ pk: String, _ size: Int, owner: String? = nil) -> ItemBytes {
        var attributes: [(key: String, value: AttributeValue)] = [("pk", .string(pk))]
        var overhead = 2 + pk.utf8.count + 1
        if let owner {
            attributes.append(("owner", .string(owner)))
            overhead += 5 + owner.utf8.count
        }
        attributes.append(("b", .string(String(repeating: "x", count: size - overhead))))
        return ItemBytes(attributes)
    }

    @Test func theTablesPartIsDoubled() async throws {
        let harness = try await tableWithOwners()
        let outcome = try await harness.perform(writes([.put(item("a", 1025, owner: "o"))]))
        let used = outcome.consumption.tables.first
        #expect(used?.table == Units(write: RequestUnits(4)))
        #expect(used?.globalIndexes["owners"] == Units(write: RequestUnits(2)))
        let told = outcome.transaction?.consumedCapacity
        #expect(told?.count == 1)
        #expect(told?.first?.tellsReadWriteSplit == true)
        #expect(told?.first?.consumption == used)
    }

    @Test func eachActionBySize() async throws {
        let harness = try await tableWithOwners()
        try await harness.makeTable("other", sortKey: nil)
        _ = try await harness.put(item("check", 3000))
        _ = try await harness.put(item("gone", 2000))
        _ = try await harness.put(item("smaller", 5000))
        let outcome = try await harness.perform(
            writes([
                .check(key("check"), "attribute_exists(pk)"),
                .check(key("absent"), "attribute_not_exists(pk)"),
                .delete(key("gone")),
                .delete(key("never")),
                .put(item("smaller", 100)),
                .put(key("a"), table: "other"),
            ]))
        #expect(outcome.consumption.tables.map(\.tableName) == ["tab", "other"])
        // 6 + 2 + 4 + 2 + 10 in one table, 2 in the other.
        #expect(outcome.consumption.tables.map(\.total.write.value) == [24, 2])
        #expect(outcome.consumption.tables.map(\.total.read) == [.zero, .zero])
    }

    @Test(arguments: [(4096, 2.0), (4097, 4.0)])
    func readsAreDoubled(size: Int, units: Double) async throws {
        let harness = try await tableWithOwners()
        _ = try await harness.put(item("a", size))
        let outcome = try await harness.perform(gets([key("a"), key("missing")], projection: "pk"))
        let used = outcome.consumption.tables.first
        #expect(used?.table.read.value == units + 2)
        let told = outcome.itemResponses?.consumedCapacity
        #expect(told?.count == 1)
        #expect(told?.first?.tellsReadWriteSplit == true)
    }

    @Test func aCancelledTransactionIsCharged() async throws {
        let harness = try await tableWithOwners()
        _ = try await harness.put(item("a", 3000))
        let error = await harness.error(
            of: writes([
                .put(item("a", 10), if: "attribute_not_exists(pk)"), .put(item("b", 5000)),
            ]))
        #expect(error?.consumption?.tables.map(\.table.write) == [RequestUnits(8)])
    }

    @Test func aRepetitionIsChargedAsReads() async throws {
        let harness = try await tableWithOwners()
        let request = writes([.put(item("a", 5000)), .delete(key("none"))], token: "t")
        let first = try await harness.perform(request)
        #expect(first.consumption.tables.map(\.total.write.value) == [12])
        let second = try await harness.perform(request)
        #expect(second.consumption.tables.map(\.total.write.value) == [0])
        #expect(second.consumption.tables.map(\.total.read.value) == [6])
        #expect(second.transaction?.consumedCapacity?.first?.tellsReadWriteSplit == true)
    }
}
