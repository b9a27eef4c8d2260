import Items
import Operations
import Storage
import Testing

@testable import Engine

/// What a time to live adds to a write: one entry of the index where the expiry changes.
@Suite struct ExpiryCostTests {
    /// Notes what is staged under `indexes`, and commits nothing.
    private final class NotedBatch: WriteBatch {
        var putCount = 0
        var deleteCount = 0
        var isEmpty: Bool { true }

        func put(_ keyspace: Keyspace, _ key: [UInt8], _ value: [UInt8]) {
            if keyspace == .indexes { putCount += 1 }
        }
        func delete(_ keyspace: Keyspace, _ key: [UInt8]) {
            if keyspace == .indexes { deleteCount += 1 }
        }
        func deleteRange(_ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]) {}
        func clear() {}
    }

    private func item(_ expires: AttributeValue?, note: String = "") -> ItemBytes {
        var attributes: [(key: String, value: AttributeValue)] = [
            ("pk", .string("p")), ("note", .string(note)),
        ]
        if let expires { attributes.append(("expires", expires)) }
        return ItemBytes(attributes)
    }

    /// The index entries that a write puts and deletes.
    private func cost(
        _ expiry: ExpiryHarness, _ old: ItemBytes?, _ new: ItemBytes?
    ) throws -> [Int] {
        let table = try #require(
            expiry.engine.catalogue.table(named: "tab", region: "us-east-1"))
        let batch = NotedBatch()
        let staging = Staging(
            store: expiry.harness.store, catalogue: expiry.engine.catalogue,
            streams: expiry.engine.streams, batch: batch, now: expiry.time.now)
        let consumption = staging.write(
            table, storedKey: try table.storedKey(ofKey: key("p")), old: old, new: new,
            requestedName: "tab")
        #expect(consumption.table.write == RequestUnits(1))
        return [batch.putCount, batch.deleteCount]
    }

    @Test func aWriteCostsAnEntryWhereTheExpiryChanges() async throws {
        let expiry = try ExpiryHarness()
        try await expiry.harness.makeTable(sortKey: nil)
        try await expiry.setTimeToLive(true)
        await expiry.catchUp()
        #expect(try await expiry.status() == "ENABLED")
        let changes: [(ItemBytes?, ItemBytes?, [Int])] = [
            (nil, item(.int(2_000_000_000)), [1, 0]),
            (item(.int(2_000_000_000)), item(.int(2_000_000_000), note: "changed"), [0, 0]),
            (item(.int(2_000_000_000)), item(.int(2_000_000_060)), [1, 1]),
            (item(.int(2_000_000_000)), item(nil), [0, 1]),
            (item(.int(2_000_000_000)), nil, [0, 1]),
            (nil, item(nil), [0, 0]), (nil, item(.string("never")), [0, 0]),
            (item(nil), item(nil, note: "changed"), [0, 0]),
        ]
        for (old, new, expected) in changes { #expect(try cost(expiry, old, new) == expected) }
        expiry.engine.shutdown()
    }

    @Test func aTableWithoutATimeToLivePaysNothing() async throws {
        let expiry = try ExpiryHarness()
        try await expiry.harness.makeTable(sortKey: nil)
        #expect(try cost(expiry, nil, item(.int(2_000_000_000))) == [0, 0])
        try await expiry.setTimeToLive(true)
        try await expiry.setTimeToLive(false)
        #expect(try cost(expiry, item(.int(1)), item(.int(2_000_000_000))) == [0, 0])
        expiry.engine.shutdown()
    }
}
