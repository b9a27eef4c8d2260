import Engine
import Functions
import Operations
import Synchronization
import Testing
import Triggers
import Wire

/// What mappings do when streams end, time passes, and processes die.
@Suite struct StreamMappingLifeTests {
    private func setStream(_ harness: StreamMappingHarness, enabled: Bool) async throws {
        var request = UpdateTableRequest()
        request.tableName = "tab"
        request.streamSpecification = StreamSpecification(
            streamEnabled: enabled, streamViewType: enabled ? .keysOnly : nil)
        _ = try await harness.perform(.updateTable(request))
    }

    @Test func aStreamThatIsSwitchedOffIsDrained() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        for n in 0..<10 { try await harness.put("a", n) }
        try await setStream(harness, enabled: false)
        let run = harness.run(StreamMappingHarness.mapping(stream))
        #expect(await becomes { harness.function.records.count == 10 })
        // A day later the stream is gone.
        await harness.advance(86_500)
        #expect(await becomes { harness.reports.results.last == "PROBLEM: Stream not found" })
        await run.stop()
        #expect(harness.function.records.map(\.n) == Array(0..<10))
    }

    @Test func iteratorsThatExpireLoseNothing() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        let run = harness.run(StreamMappingHarness.mapping(stream))
        for n in 0..<5 {
            try await harness.put("a", n)
            #expect(await becomes { harness.function.records.count == n + 1 })
            await harness.advance(1_000)
        }
        await run.stop()
        #expect(harness.function.records.map(\.n) == Array(0..<5))
    }

    @Test func whatIsPastRetentionIsPassedOver() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        let mapping = StreamMappingHarness.mapping(stream)
        let first = harness.run(mapping)
        try await harness.put("a", 0)
        #expect(await becomes { harness.function.records.count == 1 })
        await first.stop()
        try await harness.put("a", 1)
        await harness.advance(90_000)
        for n in 2..<5 { try await harness.put("a", n) }
        let second = harness.run(mapping)
        #expect(await becomes { harness.function.records.count == 4 })
        await second.stop()
        #expect(harness.function.records.map(\.n) == [0, 2, 3, 4])
    }

    @Test func aFunctionThatHangsIsLeftAtAStopWithoutACheckpoint() async throws {
        let harness = try StreamMappingHarness(stopPatience: .milliseconds(200))
        let stream = try await harness.makeTable()
        let mapping = StreamMappingHarness.mapping(stream) { $0.batchSize = 1 }
        let released = Mutex(false)
        harness.function.handle { _ in
            _ = await becomes { released.withLock { $0 } }
            return .returned("null")
        }
        let first = harness.run(mapping)
        try await harness.put("a", 0)
        try await harness.put("a", 1)
        #expect(await becomes { harness.function.invocations.count == 1 })
        await first.stop()
        released.withLock { $0 = true }
        let second = harness.run(mapping)
        #expect(await becomes { harness.function.records.map(\.n) == [0, 0, 1] })
        await second.stop()
    }

    /// Runs that die without a word, one after another, while records are written.
    @Test func killsRepeatSomeRecordsAndSkipNone() async throws {
        let clock = VirtualClock()
        var harness = try StreamMappingHarness(clock: clock)
        let stream = try await harness.makeTable()
        let mapping = StreamMappingHarness.mapping(stream) { $0.batchSize = 7 }
        var functions: [PlayedFunction] = []
        var count = 0
        for _ in 0..<8 {
            let function = harness.function
            functions.append(function)
            _ = harness.run(mapping)
            for _ in 0..<40 {
                try await harness.put("a", count)
                count += 1
            }
            #expect(await becomes { function.records.last?.n ?? 0 > count - 20 })
            // From now on nothing that it asks for is answered.
            function.handle { _ in
                try? await Task.sleep(for: .seconds(600))
                return .failed
            }
            harness.engine.shutdown()
            harness = try StreamMappingHarness(store: harness.store, clock: clock)
        }
        let last = harness.run(mapping)
        functions.append(harness.function)
        let played = functions
        #expect(await becomes { Set(played.flatMap { $0.processed.map(\.n) }).count == count })
        await last.stop()
        for function in functions {
            let numbers = function.records.map(\.n)
            #expect(numbers == numbers.sorted())
            #expect(Set(numbers).count == numbers.count)
        }
    }

    @Test func tenMappingsOnAStreamAllSeeEverything() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        let runs = (0..<10).map { number in
            harness.run(StreamMappingHarness.mapping(stream) { $0.uuid = "mapping-\(number)" })
        }
        for n in 0..<100 { try await harness.put("key\(n % 9)", n) }
        #expect(await becomes { harness.function.records.count == 1_000 })
        for run in runs { await run.stop() }
        for run in runs { #expect(run.metrics.recordCount == 100) }
    }

    /// A function that is slow is handed more at once, and nothing is read meanwhile.
    @Test func nothingIsReadWhileTheFunctionIsBusy() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        let released = Mutex(false)
        harness.function.handle { _ in
            _ = await becomes { released.withLock { $0 } }
            return .returned("null")
        }
        let run = harness.run(StreamMappingHarness.mapping(stream) { $0.batchSize = 1_000 })
        try await harness.put("a", 0)
        #expect(await becomes { harness.function.invocations.count == 1 })
        let before = harness.operations.readCount
        let began = ContinuousClock.now
        for n in 1...300 { try await harness.put("a", n) }
        // The three shards that have nothing are looked at once a second.
        let seconds = Double((ContinuousClock.now - began).components.seconds)
        #expect(Double(harness.operations.readCount - before) < 20 + 8 * seconds)
        released.withLock { $0 = true }
        #expect(await becomes { harness.function.records.count == 301 })
        #expect(harness.function.invocations.count == 2)
        await run.stop()
    }

    @Test func aBlockedShardHoldsBackNoOther() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        harness.function.handle { invocation in
            invocation.records.contains { $0.pk == "key0" } ? .failed : .returned("null")
        }
        let run = harness.run(StreamMappingHarness.mapping(stream) { $0.batchSize = 1 })
        try await harness.put("key0", 0)
        #expect(await becomes { harness.function.invocations.count >= 2 })
        for n in 1..<40 { try await harness.put("key\(n)", n) }
        // Four shards: about a quarter of the keys share the blocked one.
        #expect(
            await becomes {
                Set(harness.function.records.map(\.pk)).subtracting(["key0"]).count > 15
            })
        await run.stop()
        #expect(!harness.function.records.isEmpty)
    }
}
