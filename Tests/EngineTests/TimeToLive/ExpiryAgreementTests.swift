import Items
import Operations
import Storage
import TestSupport
import Testing

@testable import Engine

/// The expiry index against the items, under random writes, switches, sweeps and reopening.
@Suite struct ExpiryAgreementTests {
    private func randomExpiry(
        _ generator: inout SeededGenerator, around now: Int
    ) -> AttributeValue? {
        switch Int.random(in: 0..<8, using: &generator) {
        case 0: nil
        case 1: .string("soon")
        case 2: .int(now - Int.random(in: 0...400_000_000, using: &generator))
        default: .int(now + Int.random(in: -50...500, using: &generator))
        }
    }

    /// Whether an item of the model is to be gone.
    private func isDue(
        _ value: AttributeValue?, at now: Int, since last: Int
    ) -> Bool {
        guard case .number(let number)? = value, let seconds = number.integer else { return false }
        return seconds < now && seconds >= last - Int(Limits.timeToLivePastSecondsMax)
    }

    @Test(arguments: [1, 2, 3, UInt64.random(in: 0...UInt64.max)])
    func theIndexAgreesWithTheItems(seed: UInt64) async throws {
        let comment: Comment = "seed \(seed)"
        var generator = SeededGenerator(seed: seed)
        let store = try RocksStore.open(.inMemory)
        let time = TestTime(1_800_000_000)
        var expiry = try ExpiryHarness(store: store, time: time)
        try await expiry.harness.makeTable(sortKey: nil)
        var model: [String: AttributeValue?] = [:]
        var attribute: String?
        var lastSweep: Int?
        for _ in 0..<600 {
            let now = Int(time.now())
            let key = "p\(Int.random(in: 0..<80, using: &generator))"
            switch Int.random(in: 0..<40, using: &generator) {
            case 0..<22:
                let value = randomExpiry(&generator, around: now)
                try await expiry.put(key, expires: value)
                model[key] = .some(value)
            case 22..<28:
                _ = try await expiry.harness.delete(["pk": .string(key)])
                model[key] = nil
            case 28..<34:
                let value = AttributeValue.int(
                    now + Int.random(in: -50...500, using: &generator))
                _ = try await expiry.harness.update(
                    ["pk": .string(key)], "SET expires = :e", values: [":e": value])
                model[key] = .some(value)
            case 34, 35:
                if let current = attribute {
                    try await expiry.setTimeToLive(false, current)
                    attribute = nil
                } else {
                    let name = Bool.random(using: &generator) ? "expires" : "other"
                    try await expiry.setTimeToLive(true, name)
                    attribute = name
                }
            case 36:
                expiry.engine.shutdown()
                expiry = try ExpiryHarness(store: store, time: time)
                lastSweep = nil
            default:
                await expiry.advance(by: Double(Int.random(in: 0...60, using: &generator)))
                let now = Int(time.now())
                if attribute == "expires" {
                    let since = lastSweep ?? now
                    model = model.filter { !isDue($0.value, at: now, since: since) }
                }
                lastSweep = now
                #expect(try expiry.entries() == (try await expiry.expectedEntries()), comment)
                #expect(try await expiry.keys() == model.keys.sorted(), comment)
                #expect(
                    try await expiry.status() == (attribute == nil ? "DISABLED" : "ENABLED"),
                    comment)
                if attribute == nil { #expect(try expiry.allEntries().isEmpty, comment) }
            }
        }
        expiry.engine.shutdown()
    }

    @Test func aFillUnderWritesMissesNothing() async throws {
        let seed = UInt64.random(in: 0...UInt64.max)
        let comment: Comment = "seed \(seed)"
        var generator = SeededGenerator(seed: seed)
        let expiry = try ExpiryHarness()
        try await expiry.harness.makeTable(sortKey: nil)
        for number in 0..<1_300 {
            try await expiry.put("p\(number)", expires: .int(1_800_000_000 + number))
        }
        try await expiry.setTimeToLive(true)
        for _ in 0..<300 {
            let key = "p\(Int.random(in: 0..<1_400, using: &generator))"
            let value = AttributeValue.int(
                1_800_000_000 + Int.random(in: 0..<2_000, using: &generator))
            try await expiry.put(key, expires: value)
        }
        await expiry.catchUp()
        #expect(try await expiry.status() == "ENABLED", comment)
        #expect(try expiry.entries() == (try await expiry.expectedEntries()), comment)
        await expiry.advance(by: 10_000)
        #expect(try await expiry.keys().isEmpty, comment)
        expiry.engine.shutdown()
    }

    /// Who renews an item and is told so keeps it, whatever sweeps go on.
    @Test func aRenewedItemIsNeverDeleted() async throws {
        let expiry = try ExpiryHarness()
        try await expiry.harness.makeTable(sortKey: nil)
        try await expiry.setTimeToLive(true)
        for number in 0..<400 { try await expiry.put("p\(number)", expires: .int(1_799_999_000)) }
        let sweeping = Task {
            while !Task.isCancelled {
                await expiry.catchUp()
                await Task.yield()
            }
        }
        var renewed: [String] = []
        for number in (0..<400).reversed() {
            let outcome = try? await expiry.harness.update(
                ["pk": .string("p\(number)")], "SET expires = :e",
                values: [":e": .int(1_900_000_000)], condition: "attribute_exists(pk)")
            if outcome != nil { renewed.append("p\(number)") }
        }
        sweeping.cancel()
        await sweeping.value
        await expiry.catchUp()
        #expect(try await expiry.keys() == renewed.sorted())
        #expect(try expiry.entries() == (try await expiry.expectedEntries()))
        expiry.engine.shutdown()
    }

    @Test func aTimeToLiveFromBeforeThereWasAnIndexGetsOne() async throws {
        let store = try RocksStore.open(.inMemory)
        let expiry = try ExpiryHarness(store: store)
        try await expiry.harness.makeTable(sortKey: nil)
        for number in 0..<700 { try await expiry.put("p\(number)", expires: .int(1_800_000_005)) }
        let table = try #require(
            expiry.engine.catalogue.table(named: "tab", region: "us-east-1"))
        var definition = table.definition
        definition.timeToLive = TimeToLiveSpecification(enabled: true, attributeName: "expires")
        let earlier = definition
        _ = try await expiry.perform { $0.putTable(earlier) }
        #expect(try await expiry.status() != "DISABLED")
        expiry.engine.shutdown()

        let reopened = try ExpiryHarness(store: store)
        // The index is made by the first change on the commit path: after any other, it is there.
        _ = try await reopened.perform { _ in }
        await reopened.catchUp()
        #expect(try await reopened.status() == "ENABLED")
        #expect(try reopened.entries().count == 700)
        await reopened.advance(by: 60)
        #expect(try await reopened.keys().isEmpty)
        reopened.engine.shutdown()
    }
}

extension ExpiryHarness {
    /// Stages a change of one's own.
    func perform(
        _ change: @escaping @Sendable (Staging) -> Void
    ) async throws -> OperationOutcome {
        let result = await withCheckedContinuation { continuation in
            engine.commitPath.submit(
                WriteIntent(
                    stage: { staging throws(ServiceError) in
                        change(staging)
                        return OperationOutcome(.empty)
                    },
                    completion: { continuation.resume(returning: $0) }))
        }
        return try result.get()
    }
}
