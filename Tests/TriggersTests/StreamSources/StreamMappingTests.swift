import Engine
import Functions
import Operations
import Synchronization
import Testing
import Triggers
import Wire

/// Event source mappings on streams of a real engine, with a function that the test plays.
@Suite struct StreamMappingTests {
    @Test func recordsThatAreThereAndThoseThatComeAreProcessed() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        for n in 0..<20 { try await harness.put("key\(n % 5)", n) }
        let run = harness.run(StreamMappingHarness.mapping(stream))
        #expect(await becomes { harness.function.records.count == 20 })
        for n in 20..<40 { try await harness.put("key\(n % 5)", n) }
        #expect(await becomes { harness.function.records.count == 40 })
        for key in 0..<5 {
            let seen = harness.function.records.filter { $0.pk == "key\(key)" }.map(\.n)
            #expect(seen == seen.sorted())
        }
        #expect(harness.reports.results == ["OK"])
        await run.stop()
        #expect(run.metrics.recordCount == 40)
        #expect(run.metrics.iteratorAgeMilliseconds != nil)
    }

    @Test func anEventIsAsLambdaMakesIt() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        let run = harness.run(StreamMappingHarness.mapping(stream))
        try await harness.put("a", 1, text: "first")
        #expect(await becomes { !harness.function.invocations.isEmpty })
        let event = try #require(harness.function.invocations.first?.event)
        #expect(event.members?.map(\.0) == ["Records"])
        let record = try #require(event["Records"]?.elements?.first)
        #expect(
            record.members?.map(\.0) == [
                "eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb",
                "eventSourceARN",
            ])
        #expect(record["eventName"]?.string == "INSERT")
        #expect(record["eventVersion"]?.string == "1.1")
        #expect(record["eventSource"]?.string == "aws:dynamodb")
        #expect(record["eventSourceARN"]?.string == stream)
        let change = try #require(record["dynamodb"])
        #expect(
            change.members?.map(\.0) == [
                "ApproximateCreationDateTime", "Keys", "NewImage", "SequenceNumber", "SizeBytes",
                "StreamViewType",
            ])
        #expect(change["ApproximateCreationDateTime"]?.integer != nil)
        #expect(change["NewImage"]?["text"]?["S"]?.string == "first")
        await run.stop()
    }

    @Test func aStoppedMappingGoesOnWhereItWas() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        let mapping = StreamMappingHarness.mapping(stream)
        let first = harness.run(mapping)
        for n in 0..<10 { try await harness.put("a", n) }
        #expect(await becomes { harness.function.records.count == 10 })
        await first.stop()
        for n in 10..<20 { try await harness.put("a", n) }
        let second = harness.run(mapping)
        #expect(await becomes { harness.function.records.count == 20 })
        await second.stop()
        #expect(harness.function.records.map(\.n) == Array(0..<20))
    }

    @Test func latestBeginsWhereTheMappingWasPrepared() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        let mapping = StreamMappingHarness.mapping(stream) { $0.startingPosition = .latest }
        for n in 0..<10 { try await harness.put("a", n) }
        try await harness.runner.prepare(mapping)
        for n in 10..<20 { try await harness.put("a", n) }
        // Shards that are opened later are read from their beginning.
        await harness.advance(14_400)
        for n in 20..<30 { try await harness.put("a", n) }
        let run = harness.run(mapping)
        #expect(await becomes { harness.function.records.count == 20 })
        await run.stop()
        #expect(harness.function.records.map(\.n) == Array(10..<30))
    }

    @Test func childrenComeAfterTheirParents() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        let run = harness.run(StreamMappingHarness.mapping(stream) { $0.batchSize = 3 })
        var count = 0
        for round in 0..<6 {
            for n in 0..<10 {
                try await harness.put("a", round * 10 + n)
                count += 1
            }
            if round % 2 == 0 {
                await harness.administer(
                    .splitPartition(tableName: "tab", region: "us-east-1", partition: nil))
            } else {
                await harness.advance(14_401)
            }
        }
        #expect(await becomes { harness.function.records.count >= count })
        #expect(harness.function.records.map(\.n) == Array(0..<count))
        await run.stop()
    }

    @Test func poisonIsBisectedOutAndReachesTheDestination() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        let good = Mutex<[Int]>([])
        harness.function.handle { invocation in
            if invocation.records.contains(where: { $0.n == 13 }) { return .failed }
            good.withLock { $0 += invocation.records.map(\.n) }
            return .returned("{}")
        }
        for n in 0..<40 { try await harness.put("a", n) }
        let queue = "arn:aws:sqs:us-east-1:000000000000:dead"
        let run = harness.run(
            StreamMappingHarness.mapping(stream) {
                $0.bisectBatchOnFunctionError = true
                $0.maximumRetryAttempts = 2
                $0.onFailureDestination = queue
            })
        #expect(await becomes { good.withLock { $0.count } == 39 })
        #expect(good.withLock { $0 } == Array(0..<13) + Array(14..<40))
        let delivery = try #require(harness.destinations.deliveries.first)
        #expect(harness.destinations.deliveries.count == 1)
        #expect(delivery.arn == queue)
        let document = delivery.document
        #expect(
            document.members?.map(\.0) == [
                "requestContext", "responseContext", "version", "timestamp", "DDBStreamBatchInfo",
            ])
        #expect(document["requestContext"]?["condition"]?.string == "RetryAttemptsExhausted")
        #expect(document["responseContext"]?["functionError"]?.string == "Unhandled")
        let batch = try #require(document["DDBStreamBatchInfo"])
        #expect(batch["batchSize"]?.integer == 1)
        #expect(batch["streamArn"]?.string == stream)
        let poison = harness.function.records.first { $0.n == 13 }
        #expect(batch["startSequenceNumber"]?.string == poison?.sequenceNumber)
        #expect(await becomes { run.metrics.discardedRecordCount == 1 })
        await run.stop()
    }

    @Test func aBucketGetsTheRecordsToo() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        harness.function.handle { _ in .failed }
        harness.destinations.refuse(2)
        let run = harness.run(
            StreamMappingHarness.mapping(stream) {
                $0.maximumRetryAttempts = 0
                $0.onFailureDestination = "arn:aws:s3:::failures"
            })
        try await harness.put("a", 1)
        #expect(await becomes { !harness.destinations.deliveries.isEmpty })
        let delivery = try #require(harness.destinations.deliveries.first)
        let payload = try #require(delivery.document["payload"]?.string)
        #expect(SeenInvocation(Array(payload.utf8)).records.map(\.n) == [1])
        #expect(delivery.objectKey.hasPrefix("aws/lambda/11111111-2222-3333-4444-555555555555/"))
        #expect(delivery.objectKey.split(separator: "/").count == 8)
        await run.stop()
    }

    @Test func recordsThatAreTooOldAreGivenUp() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        harness.function.handle { _ in .failed }
        let run = harness.run(
            StreamMappingHarness.mapping(stream) {
                $0.maximumRecordAgeInSeconds = 60
                $0.onFailureDestination = "arn:aws:sns:us-east-1:000000000000:dead"
            })
        try await harness.put("a", 1)
        #expect(await becomes { harness.function.invocations.count >= 2 })
        #expect(harness.destinations.deliveries.isEmpty)
        await harness.advance(70)
        #expect(await becomes { !harness.destinations.deliveries.isEmpty })
        let context = harness.destinations.deliveries.first?.document["requestContext"]
        #expect(context?["condition"]?.string == "MaximumRecordAgeExceeded")
        #expect((context?["approximateInvokeCount"]?.integer ?? 0) >= 2)
        await run.stop()
    }

    @Test func throttlesAreNoAttempts() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        let throttles = Mutex(3)
        harness.function.handle { _ throws(ServiceError) in
            let isThrottled = throttles.withLock { count in
                defer { count -= 1 }
                return count > 0
            }
            if isThrottled {
                throw ServiceError("TooManyRequestsException", "no", namespace: .rest, status: 429)
            }
            return .returned("null")
        }
        let run = harness.run(
            StreamMappingHarness.mapping(stream) { $0.maximumRetryAttempts = 0 })
        try await harness.put("a", 1)
        #expect(await becomes { harness.reports.results.last == "OK" })
        #expect(harness.function.invocations.count == 4)
        #expect(run.metrics.discardedRecordCount == 0)
        await run.stop()
    }

    @Test func failedItemsAreRetriedFromTheLowest() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        let failures = Mutex(1)
        harness.function.handle { invocation in
            let fails = failures.withLock { count in
                defer { count -= 1 }
                return count > 0
            }
            guard fails else { return .returned(#"{"batchItemFailures":[]}"#) }
            return .failing([invocation.records[7], invocation.records[4]])
        }
        for n in 0..<10 { try await harness.put("a", n) }
        let run = harness.run(
            StreamMappingHarness.mapping(stream) { $0.reportsBatchItemFailures = true })
        #expect(await becomes { harness.function.invocations.count == 2 })
        #expect(
            harness.function.invocations.map { $0.records.map(\.n) }
                == [Array(0..<10), Array(4..<10)])
        await run.stop()
    }

    @Test func aBatchWaitsForItsWindow() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        let run = harness.run(
            StreamMappingHarness.mapping(stream) {
                $0.batchSize = 5
                $0.maximumBatchingWindowInSeconds = 300
            })
        for n in 0..<7 { try await harness.put("a", n) }
        #expect(await becomes { harness.function.invocations.count == 1 })
        #expect(harness.function.records.map(\.n) == Array(0..<5))
        await harness.advance(301)
        #expect(await becomes { harness.function.invocations.count == 2 })
        #expect(harness.function.records.map(\.n) == Array(0..<7))
        await run.stop()
    }

    @Test func lanesRunAtOnceAndKeepTheOrderOfKeys() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        harness.function.handle { _ in
            try? await Task.sleep(for: .milliseconds(20))
            return .returned("null")
        }
        for n in 0..<100 { try await harness.put("key\(n % 20)", n) }
        let run = harness.run(
            StreamMappingHarness.mapping(stream) {
                $0.batchSize = 5
                $0.parallelizationFactor = 10
            })
        #expect(await becomes { harness.function.records.count == 100 })
        #expect(harness.function.mostAtOnce > 4)
        for key in 0..<20 {
            let seen = harness.function.records.filter { $0.pk == "key\(key)" }.map(\.n)
            #expect(seen == seen.sorted() && seen.count == 5)
        }
        await run.stop()
    }

    @Test func windowsHandTheirStateOn() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        harness.function.handle { invocation in
            let before = invocation.event["state"]?["sum"]?.integer ?? 0
            let sum = before + invocation.records.reduce(0) { $0 + $1.n }
            return .returned(#"{"state":{"sum":\#(sum)}}"#)
        }
        let mapping = StreamMappingHarness.mapping(stream) {
            $0.tumblingWindowInSeconds = 60
            $0.batchSize = 2
        }
        // Far from the end of a window, whatever the time is.
        let now = harness.clock.now()
        await harness.advance(60 - now.truncatingRemainder(dividingBy: 60) + 1)
        let first = harness.run(mapping)
        for n in 1...4 { try await harness.put("a", n) }
        #expect(await becomes { harness.function.records.count == 4 })
        await first.stop()
        let second = harness.run(mapping)
        try await harness.put("a", 5)
        #expect(await becomes { harness.function.records.count == 5 })
        await harness.advance(61)
        #expect(
            await becomes {
                harness.function.invocations.last?.event["isFinalInvokeForWindow"]?.bool == true
            })
        let last = try #require(harness.function.invocations.last?.event)
        #expect(last["state"]?["sum"]?.integer == 15)
        #expect(last["Records"]?.elements?.isEmpty == true)
        #expect(last["isWindowTerminatedEarly"]?.bool == false)
        #expect(last["eventSourceARN"]?.string == stream)
        #expect(last["window"]?.members?.map(\.0) == ["start", "end"])
        await second.stop()
    }

    @Test func whatTheFiltersStopMovesTheCheckpointAlone() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        let mapping = StreamMappingHarness.mapping(stream) {
            $0.filterPatterns = [#"{"dynamodb":{"NewImage":{"text":{"S":["yes"]}}}}"#]
        }
        let first = harness.run(mapping)
        for n in 0..<10 { try await harness.put("a", n, text: n % 5 == 4 ? "yes" : "no") }
        try await harness.put("a", 10, text: "no")
        #expect(await becomes { harness.function.records.count == 2 })
        #expect(await becomes { first.metrics.filteredOutRecordCount == 9 })
        #expect(harness.function.records.map(\.n) == [4, 9])
        await first.stop()
        let second = harness.run(mapping)
        try await harness.put("a", 11, text: "yes")
        #expect(await becomes { harness.function.records.count == 3 })
        await second.stop()
        #expect(second.metrics.filteredOutRecordCount == 0)
    }

    @Test func forgettingDeletesAllThatIsKept() async throws {
        let harness = try StreamMappingHarness()
        let stream = try await harness.makeTable()
        let mapping = StreamMappingHarness.mapping(stream)
        let first = harness.run(mapping)
        try await harness.put("a", 1)
        #expect(await becomes { harness.function.records.count == 1 })
        await first.stop()
        try await harness.runner.forget(mapping.uuid)
        let second = harness.run(mapping)
        #expect(await becomes { harness.function.records.count == 2 })
        await second.stop()
    }
}
