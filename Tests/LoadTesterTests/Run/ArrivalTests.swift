import Testing

@testable import LoadTester

@Suite("Arrivals")
struct ArrivalTests {
    private func walk(_ phases: String, arrivals: String = "poisson", rate: Int = 1_000) throws
        -> [Arrival]
    {
        let file = try DesignFile(
            reading: """
                rate: \(rate)
                arrivals: \(arrivals)
                tables:
                  - TableName: items
                    AttributeDefinitions: [{AttributeName: id, AttributeType: N}]
                    KeySchema: [{AttributeName: id, KeyType: HASH}]
                patterns:
                  - {name: a, operation: GetItem, weight: 3, table: items, key: {id: 1}}
                  - {name: b, operation: GetItem, weight: 1, table: items, key: {id: 2}}
                phases: [\(phases)]
                """, name: "test")
        var walk = ArrivalWalk(
            design: file.design, workload: file.workload,
            rates: file.design.patterns.map { $0.targetRate ?? 0 })
        var arrivals: [Arrival] = []
        while let arrival = walk.next() { arrivals.append(arrival) }
        return arrivals
    }

    @Test("Poisson arrivals come at the rate, in order, with gaps as random ones have")
    func poisson() throws {
        let arrivals = try walk("{steady: 20s}")
        #expect(abs(arrivals.count - 20_000) < 600)
        #expect(zip(arrivals, arrivals.dropFirst()).allSatisfy { $0.due <= $1.due })
        let gaps = zip(arrivals, arrivals.dropFirst()).map { Double($1.due - $0.due) / 1e6 }
        // Of exponential gaps, 1/e are longer than the mean.
        let longer = gaps.filter { $0 > 1 }.count
        #expect(abs(Double(longer) / Double(gaps.count) - 0.3679) < 0.02)
        let first = arrivals.filter { $0.pattern == 0 }.count
        #expect(abs(Double(first) / Double(arrivals.count) - 0.75) < 0.02)
    }

    @Test("constant arrivals are evenly spaced")
    func constant() throws {
        let arrivals = try walk("{steady: 2s}", arrivals: "constant", rate: 100)
        #expect(arrivals.count == 199)
        #expect(arrivals.map(\.due).prefix(3) == [10_000_000, 20_000_000, 30_000_000])
    }

    @Test("a ramp has half the arrivals, most of them late; a spike has three times as many")
    func phases() throws {
        let arrivals = try walk("{ramp: 10s}, {spike: 2s}, {steady: {duration: 2s, rate: 0}}")
        let ramp = arrivals.filter { $0.phase == 0 }
        #expect(abs(ramp.count - 5_000) < 300)
        let early = ramp.filter { $0.due < 5_000_000_000 }.count
        #expect(abs(Double(early) / Double(ramp.count) - 0.25) < 0.03)
        #expect(abs(arrivals.filter { $0.phase == 1 }.count - 6_000) < 300)
        #expect(!arrivals.contains { $0.phase == 2 })
    }

    @Test("a phase without arrivals is passed over")
    func pause() throws {
        let arrivals = try walk("{steady: {duration: 1s, rate: 0}}, {steady: 1s}")
        #expect(abs(arrivals.count - 1_000) < 150)
        #expect(arrivals.allSatisfy { $0.due >= 1_000_000_000 && $0.due < 2_000_000_000 })
    }

    @Test("the numbers of a pattern's requests have no gaps")
    func ordinals() throws {
        let arrivals = try walk("{steady: 1s}")
        #expect(arrivals.map(\.number) == Array(0..<arrivals.count))
        for pattern in 0...1 {
            let own = arrivals.filter { $0.pattern == pattern }
            #expect(own.map(\.ordinal) == Array(0..<own.count))
        }
    }
}
