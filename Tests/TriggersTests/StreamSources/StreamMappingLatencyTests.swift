import Engine
import Functions
import Operations
import Synchronization
import Testing
import Triggers

/// How long a record takes to its function.
@Suite(.serialized) struct StreamMappingLatencyTests {
    @Test func aWarmRecordReachesItsFunctionSoon() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        let arrivals = Mutex<[Int: ContinuousClock.Instant]>([:])
        harness.function.handle { invocation in
            let now = ContinuousClock.now
            arrivals.withLock { for record in invocation.records { $0[record.n] = now } }
            return .returned("null")
        }
        let run = harness.run(StreamMappingHarness.mapping(stream))
        try await harness.put("warm", -1)
        #expect(await becomes { arrivals.withLock { $0.count } == 1 })
        var latencies: [Duration] = []
        for n in 0..<200 {
            try await harness.put("key\(n % 7)", n)
            let written = ContinuousClock.now
            #expect(await becomes { arrivals.withLock { $0[n] != nil } })
            let arrived = arrivals.withLock { $0[n] ?? written }
            latencies.append(arrived - written)
        }
        await run.stop()
        latencies.sort()
        // Under a millisecond on a machine that has nothing else to do; tests run beside others.
        #expect(latencies[100] < .milliseconds(250))
    }
}
