import Items
import Operations
import Storage

@testable import Engine

/// An engine whose time a test moves, and whose chores run when a test says so.
struct ExpiryHarness {
    let harness: EngineHarness
    let time: TestTime
    var engine: Engine { harness.engine }

    init(store: (any KeyValueStore)? = nil, time: TestTime = TestTime(1_800_000_000)) throws {
        self.time = time
        var configuration = EngineConfiguration(now: time.now)
        configuration.maintenanceInterval = .infinity
        configuration.timeToLiveInterval = .infinity
        harness = try EngineHarness(store: store, configuration: configuration)
    }

    func setTimeToLive(
        _ enabled: Bool, _ attribute: String = "expires", table: String = "tab"
    ) async throws {
        let specification = TimeToLiveSpecification(enabled: enabled, attributeName: attribute)
        _ = try await harness.perform(
            .updateTimeToLive(
                UpdateTimeToLiveRequest(tableName: table, specification: specification)))
    }

    func status(_ table: String = "tab") async throws -> String? {
        let request = OperationRequest.describeTimeToLive(TableRequest(tableName: table))
        guard case .describeTimeToLive(let answer) = try await harness.perform(request).response
        else { return nil }
        return answer.status
    }

    /// Does all that is due.
    func catchUp() async {
        await withCheckedContinuation { continuation in
            engine.maintenance.catchUp { continuation.resume() }
        }
    }

    func advance(by seconds: Double) async {
        time.advance(by: seconds)
        await catchUp()
    }

    /// Puts an item of a table without a sort key.
    func put(_ pk: String, expires: AttributeValue?, note: String? = nil) async throws {
        var attributes: [(key: String, value: AttributeValue)] = [("pk", .string(pk))]
        if let expires { attributes.append(("expires", expires)) }
        if let note { attributes.append(("note", .string(note))) }
        _ = try await harness.put(ItemBytes(attributes))
    }

    /// The partition keys of the items that are there, in order.
    func keys(_ table: String = "tab") async throws -> [String] {
        try await harness.scanAll(table).compactMap { $0.value(named: "pk")?.string }.sorted()
    }

    /// The entries of a table's expiry index.
    func entries(_ table: String = "tab") throws -> [[UInt8]] {
        let found = engine.catalogue.table(named: table, region: "us-east-1")
        guard let index = found?.expiryIndex else { return [] }
        let range = StoredKeys.range(id: index.id)
        return try keys(lower: range.lower, upper: range.upper)
    }

    /// Every key of every index.
    func allEntries() throws -> [[UInt8]] { try keys(lower: [], upper: nil) }

    private func keys(lower: [UInt8], upper: [UInt8]?) throws -> [[UInt8]] {
        let cursor = try harness.store.cursor(.indexes, lower: lower, upper: upper)
        var keys: [[UInt8]] = []
        try cursor.seek(nil)
        while cursor.isValid {
            keys.append(cursor.key)
            try cursor.next()
        }
        return keys
    }

    /// What the expiry index must hold, from the items.
    func expectedEntries(_ table: String = "tab") async throws -> [[UInt8]] {
        let found = engine.catalogue.table(named: table, region: "us-east-1")
        guard let found, let index = found.expiryIndex else { return [] }
        var entries: [[UInt8]] = []
        for item in try await harness.scanAll(table) {
            guard let expiry = index.expiry(of: item) else { continue }
            entries.append(
                index.entryKey(expiry: expiry, storedKey: try found.storedKey(ofItem: item)))
        }
        return entries.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
