import Client
import Functions
import Operations
import Synchronization
import TestSupport
import Testing
import Wire

@testable import Triggers

@Suite("Queues that trigger functions")
struct QueueMappingRunTests {
    /// A run over a queue in memory.
    private struct Fixture {
        let queue = FakeQueue()
        let reports = Reports()
        let harness: MappingHarness
        let run: any MappingRun

        init(
            held: Bool = false, _ change: (inout EventSourceMapping) -> Void = { _ in },
            before: (FakeQueue, FakeInvoker) -> Void = { _, _ in }
        ) throws {
            harness = try MappingHarness()
            var mapping = EventSourceMapping(
                uuid: "u", region: "us-east-1", eventSourceArn: MappingHarness.queue,
                functionArn: "handler", batchSize: 10, state: .enabled, lastModified: 0)
            change(&mapping)
            before(queue, harness.invoker)
            run = QueueMappingRunner(environment: harness.environment, client: queue).run(
                mapping, reports: reports)
        }
    }

    private final class Reports: MappingReports {
        private let results = Mutex<[String]>([])
        var all: [String] { results.withLock { $0 } }
        func processed(_ uuid: String, result: String) { results.withLock { $0.append(result) } }
    }

    private static func answer(_ text: String) -> InvocationResult {
        InvocationResult(payload: Array(text.utf8), executedVersion: "$LATEST")
    }

    @Test("messages become an event, and are deleted")
    func event() async throws {
        let fixture = try Fixture(before: { queue, _ in queue.send("m1", #"{"n":1}"#) })
        try await MappingHarness.eventually { fixture.queue.deleted == ["m1"] }
        let expected = #"""
            {"Records":[{"messageId":"m1","receiptHandle":"handle-m1","body":"{\"n\":1}",
            "attributes":{"ApproximateReceiveCount":"1","SentTimestamp":"1763752442125"},
            "messageAttributes":{},"md5OfBody":"md5","eventSource":"aws:sqs",
            "eventSourceARN":"arn:aws:sqs:us-east-1:000000000000:orders","awsRegion":"us-east-1"}]}
            """#
        #expect(fixture.harness.invoker.payloads == [try JSONValue(parsing: Array(expected.utf8))])
        try await MappingHarness.eventually { fixture.reports.all == ["OK"] }
        #expect(fixture.run.metrics.invocationCount == 1 && fixture.run.metrics.recordCount == 1)
        await fixture.run.stop()
    }

    @Test("message attributes as the event has them")
    func messageAttributes() throws {
        var message = QueueMessage(messageID: "m", receiptHandle: "h", body: "b", md5OfBody: "5")
        message.messageAttributes = [
            (
                "text",
                .object([("DataType", .string("String")), ("StringValue", .string("x"))])
            ),
            (
                "bytes",
                .object([("DataType", .string("Binary")), ("BinaryValue", .string("AQI="))])
            ),
        ]
        message.md5OfMessageAttributes = "55"
        let record = message.record(of: MappingHarness.queue, region: "us-east-1")
        let expected = #"""
            {"text":{"stringValue":"x","stringListValues":[],"binaryListValues":[],
            "dataType":"String"},"bytes":{"binaryValue":"AQI=","stringListValues":[],
            "binaryListValues":[],"dataType":"Binary"}}
            """#
        #expect(record["messageAttributes"] == (try JSONValue(parsing: Array(expected.utf8))))
        #expect(record["md5OfMessageAttributes"] == .string("55"))
    }

    @Test("a function's error leaves the messages to their visibility timeout")
    func functionError() async throws {
        let fixture = try Fixture(before: { queue, invoker in
            queue.send("m1", "x")
            invoker.answer { _ in
                var result = Self.answer(#"{"errorMessage":"no"}"#)
                result.functionError = "Unhandled"
                return result
            }
        })
        try await MappingHarness.eventually {
            fixture.reports.all == ["PROBLEM: Function call failed"]
        }
        #expect(fixture.queue.deleted.isEmpty && fixture.queue.released.isEmpty)
        #expect(fixture.queue.hiddenIDs == ["m1"])
        #expect(fixture.run.metrics.failedInvocationCount == 1)
        await fixture.run.stop()
    }

    @Test("with ReportBatchItemFailures only what isn't named is deleted")
    func partialFailure() async throws {
        let fixture = try Fixture {
            $0.reportsBatchItemFailures = true
        } before: { queue, invoker in
            for id in ["a", "b", "c"] { queue.send(id, id) }
            invoker.answer { _ in
                Self.answer(#"{"batchItemFailures":[{"itemIdentifier":"b"}]}"#)
            }
        }
        try await MappingHarness.eventually { fixture.queue.deleted.count == 2 }
        #expect(Set(fixture.queue.deleted) == ["a", "c"])
        #expect(fixture.queue.hiddenIDs == ["b"])
        await fixture.run.stop()
    }

    @Test(
        "answers of ReportBatchItemFailures",
        arguments: [
            ("", []), ("null", []), ("{}", []), (#"{"batchItemFailures":null}"#, []),
            (#"{"batchItemFailures":[]}"#, []),
            (#"{"batchItemFailures":[{"itemIdentifier":"a"},{"itemIdentifier":"a"}]}"#, ["a"]),
            (#"{"batchItemFailures":[{"itemIdentifier":""}]}"#, nil),
            (#"{"batchItemFailures":[{"itemIdentifier":null}]}"#, nil),
            (#"{"batchItemFailures":[{"id":"a"}]}"#, nil),
            (#"{"batchItemFailures":[{"itemIdentifier":"z"}]}"#, nil),
            (#"{"batchItemFailures":{}}"#, nil), ("[]", nil), ("no json", nil), ("\"a\"", nil),
        ] as [(String, Set<String>?)])
    func failures(payload: String, expected: Set<String>?) {
        #expect(BatchItemFailures.identifiers(of: Array(payload.utf8), among: ["a"]) == expected)
    }

    @Test("what the filter doesn't pass is deleted without an invocation")
    func filter() async throws {
        let fixture = try Fixture {
            $0.filterPatterns = [#"{"body":{"kind":["order"]}}"#]
        } before: { queue, _ in
            queue.send("a", #"{"kind":"order"}"#)
            queue.send("b", #"{"kind":"other"}"#)
            queue.send("c", "no json")
        }
        try await MappingHarness.eventually { fixture.queue.deleted.count == 3 }
        let records = fixture.harness.invoker.payloads.flatMap { $0["Records"]?.elements ?? [] }
        #expect(records.map { $0["messageId"] } == [.string("a")])
        #expect(fixture.run.metrics.filteredOutRecordCount == 2)
        await fixture.run.stop()
    }

    @Test("bodies and patterns of other kinds")
    func filterKinds() throws {
        func passes(_ pattern: String, _ body: String) throws -> Bool {
            let message = QueueMessage(messageID: "m", receiptHandle: "h", body: body)
            return QueueFilter(try EventFilter(patterns: [pattern])).passes(
                message.record(of: MappingHarness.queue, region: "us-east-1"))
        }
        #expect(try passes(#"{"body":["x"]}"#, "x"))
        #expect(try !passes(#"{"body":[{"anything-but":"x"}]}"#, #"{"a":1}"#))
        #expect(try passes(#"{"eventSource":["aws:sqs"]}"#, #"{"a":1}"#))
        #expect(try passes(#"{"eventSource":["aws:sqs"]}"#, "x"))
        #expect(try passes(#"{"$or":[{"body":{"a":[1]}},{"body":{"b":[1]}}]}"#, #"{"b":1}"#))
        #expect(try passes(#"{"body":{"a":[1]}}"#, #"[{"a":1}]"#))
    }

    @Test("a batch is gathered until its window ends by the clock, or it is full")
    func window() async throws {
        let fixture = try Fixture {
            $0.batchSize = 25
            $0.maximumBatchingWindowInSeconds = 60
            $0.maximumConcurrency = 1
        } before: { queue, _ in
            for id in 0..<12 { queue.send("a\(id)", "x") }
        }
        let (queue, invoker) = (fixture.queue, fixture.harness.invoker)
        try await MappingHarness.eventually { queue.visibleCount == 0 && queue.pollCount >= 3 }
        #expect(invoker.payloads.isEmpty)
        for id in 0..<20 { queue.send("b\(id)", "x") }
        try await MappingHarness.eventually { queue.deleted.count == 25 }
        #expect(invoker.payloads.map { $0["Records"]?.elements?.count } == [25])
        try await MappingHarness.eventually { queue.hiddenIDs.count == 7 }
        // The next poll is one in the window.
        let pollCount = queue.pollCount
        try await MappingHarness.eventually { queue.pollCount > pollCount }
        fixture.harness.clock.advance(by: 61)
        try await MappingHarness.eventually { queue.deleted.count == 32 }
        #expect(invoker.payloads.map { $0["Records"]?.elements?.count } == [25, 7])
        await fixture.run.stop()
    }

    @Test("a batch is cut where its event would be larger than 6 MB")
    func payloadBytes() async throws {
        let body = String(repeating: "x", count: 1 << 20)
        let fixture = try Fixture(before: { queue, _ in
            for id in 0..<8 { queue.send("m\(id)", body) }
        })
        try await MappingHarness.eventually { fixture.queue.deleted.count == 8 }
        let counts = fixture.harness.invoker.payloads.map { $0["Records"]?.elements?.count }
        #expect(counts == [5, 3])
        await fixture.run.stop()
    }

    @Test("there are as many invocations at once as MaximumConcurrency, no more")
    func concurrency() async throws {
        let gate = Mutex(false)
        let fixture = try Fixture {
            $0.maximumConcurrency = 3
            $0.batchSize = 1
        } before: { queue, invoker in
            for id in 0..<12 { queue.send("m\(id)", "x") }
            invoker.answer { _ in
                while !gate.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
                return Self.answer("null")
            }
        }
        let invoker = fixture.harness.invoker
        try await MappingHarness.eventually { invoker.runningCountMax == 3 }
        gate.withLock { $0 = true }
        try await MappingHarness.eventually { fixture.queue.deleted.count == 12 }
        #expect(invoker.runningCountMax == 3)
        await fixture.run.stop()
    }

    @Test("a stop lets invocations end, and gives back what polls bring later")
    func stop() async throws {
        let gate = Mutex(false)
        let fixture = try Fixture {
            $0.batchSize = 1
        } before: { queue, invoker in
            queue.send("a", "x")
            invoker.answer { _ in
                while !gate.withLock({ $0 }) { try await Task.sleep(for: .milliseconds(1)) }
                return Self.answer("null")
            }
        }
        let queue = fixture.queue
        try await MappingHarness.eventually { fixture.harness.invoker.payloads.count == 1 }
        // The other poller waits in a poll that goes on after the stop.
        queue.hold(true)
        try await MappingHarness.eventually { queue.pollCount >= 2 }
        let stopped = Task { await fixture.run.stop() }
        try await Task.sleep(for: .milliseconds(20))
        #expect(queue.deleted.isEmpty)
        gate.withLock { $0 = true }
        await stopped.value
        #expect(queue.deleted == ["a"])
        queue.send("late", "x")
        queue.hold(false)
        try await MappingHarness.eventually { queue.released == ["late"] }
        #expect(queue.visibleCount == 1)
        #expect(fixture.harness.invoker.payloads.count == 1)
        await fixture.run.stop()
    }

    @Test("messages that were gathered are given back when it is stopped in its window")
    func stopInWindow() async throws {
        let fixture = try Fixture {
            $0.batchSize = 100
            $0.maximumBatchingWindowInSeconds = 300
        } before: { queue, _ in
            queue.send("a", "x")
        }
        try await MappingHarness.eventually { fixture.queue.hiddenIDs == ["a"] }
        await fixture.run.stop()
        try await MappingHarness.eventually { fixture.queue.released.contains("a") }
        #expect(fixture.harness.invoker.payloads.isEmpty)
    }

    @Test("an endpoint that is away is told, and tried again after a while of the clock")
    func away() async throws {
        let failure = ServiceError(
            "EndpointConnectionError", "Could not connect", namespace: .rest, status: 503)
        let fixture = try Fixture(before: { queue, _ in queue.fail(failure) })
        let clock = fixture.harness.clock
        try await MappingHarness.eventually { clock.sleeperCount == 1 }
        #expect(fixture.reports.all == ["PROBLEM: EndpointConnectionError: Could not connect"])
        clock.advance(by: 1)
        try await MappingHarness.eventually {
            fixture.reports.all.count == 2 && clock.sleeperCount == 1
        }
        fixture.queue.fail(nil)
        fixture.queue.send("a", "x")
        clock.advance(by: 1)
        #expect(fixture.queue.deleted.isEmpty)
        clock.advance(by: 1)
        try await MappingHarness.eventually { fixture.queue.deleted == ["a"] }
        await fixture.run.stop()
    }

    @Test("without concurrency the invocation is tried again, with the same messages")
    func throttle() async throws {
        let isFull = Mutex(true)
        let fixture = try Fixture {
            $0.maximumConcurrency = 1
        } before: { queue, invoker in
            queue.send("a", "x")
            invoker.answer { _ in
                if isFull.withLock({ $0 }) {
                    throw ServiceError(
                        "TooManyRequestsException", "Rate Exceeded.", namespace: .rest,
                        status: 429)
                }
                return Self.answer("null")
            }
        }
        let clock = fixture.harness.clock
        try await MappingHarness.eventually { clock.sleeperCount == 1 }
        isFull.withLock { $0 = false }
        clock.advance(by: 1)
        try await MappingHarness.eventually { fixture.queue.deleted == ["a"] }
        #expect(fixture.run.metrics.failedInvocationCount == 1)
        await fixture.run.stop()
    }

    @Test("without its function a mapping stays and fails")
    func functionGone() async throws {
        let fixture = try Fixture(before: { queue, _ in queue.send("a", "x") })
        _ = fixture
        let gone = try Fixture {
            $0.functionArn = "gone"
        } before: { queue, _ in
            queue.send("a", "x")
        }
        try await MappingHarness.eventually {
            gone.reports.all.first?.hasPrefix("PROBLEM: ResourceNotFoundException") ?? false
        }
        #expect(gone.queue.hiddenIDs == ["a"])
        await gone.run.stop()
        await fixture.run.stop()
    }

    @Test("pollers grow and shrink within their bounds", arguments: 0..<20 as Range<UInt64>)
    func scale(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var mapping = EventSourceMapping(
            uuid: "u", region: "us-east-1", eventSourceArn: MappingHarness.queue,
            functionArn: "handler", batchSize: 10, state: .enabled, lastModified: 0)
        mapping.minimumPollers = Int.random(in: 1...5, using: &random)
        mapping.maximumPollers = Int.random(in: 5...12, using: &random)
        var scale = QueueMappingRun.Scale(of: mapping)
        var pollers = Array(repeating: false, count: scale.pollerCount)
        for _ in 0..<500 {
            guard let index = pollers.indices.randomElement(using: &random) else { break }
            if pollers[index] {
                scale.becomeIdle()
                pollers[index] = false
            } else if Bool.random(using: &random) {
                pollers[index] = true
                if scale.becomeBusy() { pollers.append(false) }
            } else if scale.retire() {
                pollers.remove(at: index)
            }
            #expect(scale.pollerCount == pollers.count, "seed \(seed)")
            #expect(scale.idleCount == pollers.count { !$0 }, "seed \(seed)")
            #expect((scale.min...scale.max).contains(pollers.count), "seed \(seed)")
            // Somebody waits for messages, unless all that may be are busy.
            #expect(scale.idleCount > 0 || pollers.count == scale.max, "seed \(seed)")
        }
    }
}
