@testable import Functions
import Operations
import Storage
import Synchronization
import TestSupport
import Testing
import Wire

@Suite struct AsynchronousInvocationsTests {
    private static let throttled = ServiceError(
        "TooManyRequestsException", "Rate Exceeded.", namespace: .rest, status: 429)

    @Test func anEventRunsOnceAndIsForgotten() async throws {
        let harness = try AsynchronousHarness { _, _ in .payload(#"{"b":2}"#) }
        try await harness.run { queue in
            try await queue.enqueue(try harness.invocation())
            try await harness.wait("it runs") { queue.eventCount == 0 }
            let ran = try #require(harness.invoker.invocations.first)
            #expect(ran.payload == Array(#"{"a":1}"#.utf8))
            #expect(ran.requestID == "request")
            #expect(ran.clientContext == "{}")
            #expect(ran.traceID == "Root=1")
            #expect(harness.invoker.invocations.count == 1)
            #expect(harness.destinations.sent.isEmpty)
            #expect(try harness.records.records().isEmpty)
        }
    }

    @Test func failuresAreTriedAgainAfterOneAndTwoMinutes() async throws {
        let harness = try AsynchronousHarness { number, _ in
            .functionError(#"{"errorMessage":"no \#(number)","errorType":"E"}"#)
        }
        harness.functions.set("f") { $0.eventInvoke.onFailure = "failed" }
        try await harness.run { queue in
            try await queue.enqueue(try harness.invocation())
            for (count, delay) in [(1, 60.0), (2, 120.0)] {
                try await harness.wait("attempt \(count)") {
                    harness.invoker.invocations.count == count
                }
                try await harness.advance(delay - 0.5, queue)
                try await Task.sleep(for: .milliseconds(20))
                #expect(harness.invoker.invocations.count == count)
                harness.clock.advance(by: 0.5)
            }
            try await harness.wait("it ends") { queue.eventCount == 0 }
            #expect(
                harness.invoker.invocations.map(\.requestID) == ["request", "request", "request"])
            let sent = try #require(harness.destinations.sent.first)
            #expect(sent.arn == "failed")
            #expect(
                try sent.json
                    == JSONValue(
                        parsing: Array(
                            #"""
                            {"version":"1.0","timestamp":"2026-11-21T16:03:00.000Z",
                             "requestContext":{"requestId":"request","functionArn":
                              "arn:aws:lambda:us-east-1:000000000000:function:f:$LATEST",
                              "condition":"RetriesExhausted","approximateInvokeCount":3},
                             "requestPayload":{"a":1},
                             "responseContext":{"statusCode":200,"executedVersion":"$LATEST",
                              "functionError":"Unhandled"},
                             "responsePayload":{"errorMessage":"no 2","errorType":"E"}}
                            """#.utf8)))
            #expect(
                sent.objectKey.hasPrefix("aws/lambda/async/f/2026/11/21/2026-11-21T16.03.00-"))
            #expect(try harness.records.records().isEmpty)
        }
    }

    @Test(arguments: [0, 1])
    func attemptsAreAsManyAsConfigured(retries: Int) async throws {
        let harness = try AsynchronousHarness { _, _ in .functionError("{}") }
        harness.functions.set("f") { $0.eventInvoke.maximumRetryAttempts = retries }
        try await harness.run { queue in
            try await queue.enqueue(try harness.invocation())
            for count in 0..<retries {
                try await harness.wait("attempt") {
                    harness.invoker.invocations.count == count + 1
                }
                try await harness.advance(60, queue)
            }
            try await harness.wait("it ends") { queue.eventCount == 0 }
            #expect(harness.invoker.invocations.count == retries + 1)
        }
    }

    @Test func successIsTold() async throws {
        let harness = try AsynchronousHarness { _, _ in .payload("null") }
        harness.functions.set("f") {
            $0.eventInvoke.onSuccess = "done"
            $0.configuration.deadLetterTargetArn = "dead"
            $0.invokedArn += ":live"
        }
        try await harness.run { queue in
            var invocation = try harness.invocation()
            invocation.function.invokedArn = invocation.function.functionArn
            try await queue.enqueue(invocation)
            try await harness.wait("it ends") { queue.eventCount == 0 }
            #expect(harness.destinations.sent.map(\.arn) == ["done"])
            let told = try #require(harness.destinations.sent.first).json
            #expect(told["requestContext"]?["condition"]?.string == "Success")
            #expect(told["requestContext"]?["approximateInvokeCount"]?.integer == 1)
            #expect(told["requestContext"]?["functionArn"]?.string?.hasSuffix(":f:live") == true)
            #expect(told["responseContext"]?["functionError"] == nil)
            #expect(told["responsePayload"]?.isNull == true)
        }
    }

    @Test func aDeadLetterQueueGetsTheEventItself() async throws {
        let harness = try AsynchronousHarness { _, _ in
            .functionError(#"{"errorMessage":"boom\u0007"}"#)
        }
        harness.functions.set("f") {
            $0.eventInvoke.maximumRetryAttempts = 0
            $0.configuration.deadLetterTargetArn = "dead"
        }
        try await harness.run { queue in
            try await queue.enqueue(try harness.invocation())
            try await harness.wait("it ends") { queue.eventCount == 0 }
            let sent = try #require(harness.destinations.sent.first)
            #expect(sent.arn == "dead")
            #expect(sent.document == Array(#"{"a":1}"#.utf8))
            #expect(
                sent.attributes
                    == ["RequestID": "request", "ErrorCode": "200", "ErrorMessage": "boom "])
        }
    }

    @Test func refusalsAreTriedAgainEverLater() async throws {
        let harness = try AsynchronousHarness { number, _ in
            number < 12 ? .refusal(Self.throttled) : .payload("1")
        }
        try await harness.run { queue in
            try await queue.enqueue(try harness.invocation())
            for (number, delay) in [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300, 300].enumerated() {
                try await harness.wait("attempt \(number)") {
                    harness.invoker.invocations.count == number + 1
                }
                try await harness.advance(Double(delay) - 0.25, queue)
                try await Task.sleep(for: .milliseconds(5))
                #expect(harness.invoker.invocations.count == number + 1)
                harness.clock.advance(by: 0.25)
            }
            try await harness.wait("it ends") { queue.eventCount == 0 }
            #expect(harness.invoker.invocations.count == 13)
        }
    }

    @Test func anEventThatIsTooOldIsGivenUp() async throws {
        let harness = try AsynchronousHarness { number, _ in
            number == 0 ? .functionError(#"{"errorMessage":"x"}"#) : .refusal(Self.throttled)
        }
        harness.functions.set("f") {
            $0.eventInvoke.maximumEventAgeInSeconds = 61
            $0.eventInvoke.onFailure = "failed"
        }
        try await harness.run { queue in
            try await queue.enqueue(try harness.invocation())
            for (count, delay) in [(1, 60.0), (2, 1.0)] {
                try await harness.wait("attempt \(count)") {
                    harness.invoker.invocations.count == count
                }
                try await harness.advance(delay, queue)
            }
            try await harness.wait("it ends") { queue.eventCount == 0 }
            let told = try #require(harness.destinations.sent.first).json
            #expect(told["requestContext"]?["condition"]?.string == "EventAgeExceeded")
            #expect(told["requestContext"]?["approximateInvokeCount"]?.integer == 1)
            #expect(told["responsePayload"]?["errorMessage"]?.string == "x")
            #expect(harness.invoker.invocations.count == 2)
        }
    }

    @Test func noCapacityAtAllIsNotTried() async throws {
        let harness = try AsynchronousHarness { _, _ in .payload("1") }
        harness.functions.set("f") {
            $0.reservedConcurrency = 0
            $0.eventInvoke.onFailure = "failed"
            $0.configuration.deadLetterTargetArn = "dead"
        }
        try await harness.run { queue in
            try await queue.enqueue(try harness.invocation())
            try await harness.wait("it ends") { queue.eventCount == 0 }
            #expect(harness.invoker.invocations.isEmpty)
            #expect(harness.destinations.sent.map(\.arn) == ["failed", "dead"])
            let told = try #require(harness.destinations.sent.first).json
            #expect(told["responseContext"] == nil)
            #expect(told["requestContext"]?["approximateInvokeCount"]?.integer == 0)
        }
    }

    @Test func eventsOfADeletedFunctionAreDropped() async throws {
        let harness = try AsynchronousHarness { _, _ in .functionError("{}") }
        harness.functions.set("f") { $0.eventInvoke.onFailure = "failed" }
        try await harness.run { queue in
            try await queue.enqueue(try harness.invocation())
            try await harness.wait("attempt") { harness.invoker.invocations.count == 1 }
            harness.functions.remove("f")
            try await harness.advance(60, queue)
            try await harness.wait("it is dropped") { queue.eventCount == 0 }
            #expect(harness.invoker.invocations.count == 1)
            #expect(harness.destinations.sent.isEmpty)
            #expect(try harness.records.records().isEmpty)
        }
    }

    @Test func whatWasAcceptedOutlivesTheProcess() async throws {
        let harness = try AsynchronousHarness { _, _ in .functionError(#"{"n":1}"#) }
        harness.functions.set("f") { $0.eventInvoke.maximumRetryAttempts = 1 }
        try await harness.run { queue in
            try await queue.enqueue(try harness.invocation())
            try await harness.wait("attempt") { harness.invoker.invocations.count == 1 }
            try await harness.wait("it waits") { queue.waitingCount == 1 }
        }
        // Two that were never tried: one whose payload is gone, and a state that nobody can read.
        let idle = try harness.make()
        try await idle.enqueue(try harness.invocation(requestID: "second"))
        try await idle.enqueue(try harness.invocation(requestID: "lost"))
        try await harness.records.write([
            (Array("p".utf8) + [0, 0, 0, 0, 0, 0, 0, 2], nil),
            (Array("s".utf8) + [0, 0, 0, 0, 0, 0, 0, 9], Array("{".utf8)),
            (Array("s".utf8), []),
        ])
        let later = ScriptedInvoker { _, _ in .payload("1") }
        let queue = try harness.make(invoker: later)
        #expect(queue.eventCount == 3)
        queue.start()
        try await harness.wait("the second runs") { queue.eventCount == 1 }
        #expect(later.invocations.map(\.requestID) == ["second"])
        harness.clock.advance(by: 60)
        try await harness.wait("the first runs") { queue.eventCount == 0 }
        #expect(later.invocations.map(\.requestID) == ["second", "request"])
        // Numbers are not given twice.
        try await queue.enqueue(try harness.invocation(requestID: "third"))
        try await harness.wait("the third runs") { queue.eventCount == 0 }
        await queue.stop()
        #expect(try harness.records.records().count == 2)
    }

    @Test func whatTheStopFailsRunsAgain() async throws {
        // A handler whose process is ended with the server fails for that.
        let harness = try AsynchronousHarness { _, _ in .gate(fails: true) }
        harness.functions.set("f") {
            $0.eventInvoke.maximumRetryAttempts = 0
            $0.eventInvoke.onFailure = "failed"
        }
        let queue = try harness.make()
        queue.start()
        try await queue.enqueue(try harness.invocation())
        try await harness.wait("it runs") { harness.invoker.runningCount == 1 }
        async let stopped: Void = queue.stop()
        try await harness.wait("it stops") { queue.isStopping }
        harness.invoker.open()
        await stopped
        #expect(queue.eventCount == 1)
        #expect(harness.destinations.sent.isEmpty)
        let later = ScriptedInvoker { _, _ in .payload("1") }
        let again = try harness.make(invoker: later)
        again.start()
        try await harness.wait("it runs again") { again.eventCount == 0 }
        #expect(later.invocations.map(\.requestID) == ["request"])
        await again.stop()
        #expect(try harness.records.records().isEmpty)
    }

    @Test func whatRunsMayEndWhileTheServerStops() async throws {
        let harness = try AsynchronousHarness { _, _ in .gate(fails: false) }
        let queue = try harness.make()
        queue.start()
        try await queue.enqueue(try harness.invocation())
        try await harness.wait("it runs") { harness.invoker.runningCount == 1 }
        // Accepted, but not begun any more.
        async let stopped: Void = queue.stop()
        try await harness.wait("it stops") { queue.isStopping }
        try await queue.enqueue(try harness.invocation(requestID: "later"))
        harness.invoker.open()
        await stopped
        #expect(queue.eventCount == 1)
        #expect(harness.invoker.invocations.count == 1)
        #expect(try harness.make().eventCount == 1)
    }

    @Test func aHandlerThatGoesOnDoesNotHoldUpTheStop() async throws {
        let harness = try AsynchronousHarness { _, _ in .gate(fails: false) }
        harness.functions.set("f") { $0.eventInvoke.onSuccess = "done" }
        let queue = try harness.make()
        queue.start()
        try await queue.enqueue(try harness.invocation())
        try await harness.wait("it runs") { harness.invoker.runningCount == 1 }
        await queue.stop()
        #expect(harness.invoker.runningCount == 1)
        harness.invoker.open()
        try await harness.wait("it ends") { harness.invoker.runningCount == 0 }
        // Nothing is written any more: the store may be closed.
        #expect(try harness.make().eventCount == 1)
    }

    @Test func oneFunctionDoesNotHoldBackAnother() async throws {
        let harness = try AsynchronousHarness { _, invocation in
            invocation.function.configuration.functionName == "f"
                ? .gate(fails: false) : .payload("1")
        }
        harness.functions.set("g")
        try await harness.run { queue in
            for number in 0..<100 {
                try await queue.enqueue(try harness.invocation(requestID: "f\(number)"))
            }
            for number in 0..<20 {
                try await queue.enqueue(try harness.invocation("g", requestID: "g\(number)"))
            }
            try await harness.wait("the others run") { queue.eventCount == 100 }
            #expect(harness.invoker.runningCount == 8)
            harness.invoker.open()
            try await harness.wait("all run") { queue.eventCount == 0 }
            let order = harness.invoker.invocations.map(\.requestID)
            #expect(order.filter { $0.hasPrefix("f") }.count == 100)
            #expect(Set(order).count == 120)
            #expect(harness.invoker.mostRunning <= 16)
        }
    }

    @Test func aDestinationThatRefusesEndsTheEvent() async throws {
        let harness = try AsynchronousHarness(
            destinations: RecordingDestinations(
                refusal: ServiceError("EndpointNotConfigured", "no --sqs-endpoint is configured"))
        ) { _, _ in .payload("1") }
        harness.functions.set("f") { $0.eventInvoke.onSuccess = "done" }
        try await harness.run { queue in
            try await queue.enqueue(try harness.invocation())
            try await harness.wait("it ends") { queue.eventCount == 0 }
            #expect(harness.destinations.sent.count == 1)
        }
    }

    @Test func aPayloadThatIsNoJSONIsTold() throws {
        let functions = ScriptedFunctions()
        functions.set("f")
        let resolved = try functions.resolve(
            ScriptedFunctions.arn("f"), qualifier: nil, region: "us-east-1")
        let record = InvocationRecord(
            timestamp: 0, requestID: "r", function: resolved, condition: .success,
            approximateInvokeCount: 1, requestPayload: Array("not {".utf8),
            response: .init(functionError: nil, executedVersion: "3", payload: []))
        let told = try JSONValue(parsing: record.json)
        #expect(told["requestPayload"]?.string == "not {")
        #expect(told["responsePayload"]?.isNull == true)
        #expect(told["responseContext"]?["executedVersion"]?.string == "3")
    }
}
