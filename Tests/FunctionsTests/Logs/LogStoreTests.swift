import Functions
import Operations
import Storage
import TestSupport
import Testing
import Wire

@Suite("The log store")
struct LogStoreTests {
    @Test("What is printed is read in the order of time, across streams and a restart")
    func printedAndRead() async throws {
        let harness = try LogHarness()
        let now = harness.now
        harness.print(["b", "c"], stream: "one", at: now)
        harness.print(["a"], stream: "two", at: now - 1)
        harness.print(["d"], stream: "two", at: now)
        await harness.flush()
        #expect(await harness.messages() == ["a\n", "b\n", "c\n", "d\n"])
        try await harness.restart()
        #expect(await harness.messages() == ["a\n", "b\n", "c\n", "d\n"])
        harness.print(["e"], stream: "one", at: now)
        await harness.flush()
        #expect(await harness.messages() == ["a\n", "b\n", "c\n", "d\n", "e\n"])
        let group = try #require(
            harness.logs.group(LogGroupName(region: "us-east-1", name: "/aws/lambda/f")))
        #expect(group.storedBytes == 5 * (2 + 26))
        #expect(group.streams["two"]?.firstEventTimestamp == now - 1)
        #expect(group.streams["two"]?.lastEventTimestamp == now)
    }

    @Test("Everything printed before an orderly stop is there after it")
    func losslessStop() async throws {
        let harness = try LogHarness()
        let logs = harness.logs
        await withTaskGroup(of: Void.self) { group in
            for stream in 0..<8 {
                group.addTask {
                    for number in 0..<500 {
                        logs.append(
                            [LogLine(timestamp: 1_790_000_000, message: "\(stream)-\(number)")],
                            group: "/aws/lambda/f", stream: "s\(stream)", region: "us-east-1")
                    }
                }
            }
        }
        try await harness.restart()
        let messages = await harness.messages()
        #expect(messages.count == 4_000)
        for stream in 0..<8 {
            let mine = messages.filter { $0.hasPrefix("\(stream)-") }
            #expect(mine == (0..<500).map { "\(stream)-\($0)\n" })
        }
    }

    @Test("What the writer cannot follow is dropped and counted")
    func dropped() async throws {
        var limits = LogLimits()
        limits.pendingBytesMax = 10_000
        limits.writeDelay = 60
        let harness = try LogHarness(limits: limits)
        let line = String(repeating: "x", count: 999)
        for _ in 0..<30 { harness.print([line]) }
        await harness.flush()
        let kept = await harness.messages().count
        #expect((5...10).contains(kept))
        harness.print(["later"])
        await harness.flush()
        let messages = await harness.messages()
        #expect(messages.count == kept + 2)
        #expect(messages.contains { $0.hasPrefix("\(30 - kept) log events were dropped") })
        #expect(messages.last == "later\n")
    }

    @Test("A group that grows too large loses its oldest events, and no others")
    func sizeBound() async throws {
        var limits = LogLimits()
        limits.groupBytesMax = 100_000
        let harness = try LogHarness(limits: limits)
        let padding = String(repeating: "x", count: 1_000)
        for number in 0..<300 {
            harness.print(["\(number) \(padding)"], stream: number < 150 ? "old" : "recent")
            harness.clock.advance(by: 0.001)
            if number % 50 == 49 { await harness.flush() }
        }
        // Trimming follows the write that made it due.
        let name = LogGroupName(region: LogHarness.region, name: "/aws/lambda/f")
        for _ in 0..<500 {
            await harness.flush()
            if let size = harness.logs.group(name)?.storedBytes, size <= 100_000 { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        await harness.flush()
        let numbers = await harness.messages().map { Int($0.prefix { $0 != " " }) ?? -1 }
        #expect((60...98).contains(numbers.count))
        #expect(numbers == Array((300 - numbers.count)..<300))
        let group = try #require(harness.logs.group(name))
        #expect(group.storedBytes <= 100_000)
        #expect(group.streams["old"] == nil)
        #expect(group.streams["recent"] != nil)
    }

    @Test("Events older than the retention are shown no more, and then removed")
    func retention() async throws {
        let harness = try LogHarness()
        harness.print(["old"])
        harness.clock.advance(by: 86_400 * 10)
        harness.print(["young"])
        await harness.flush()
        #expect(await harness.messages() == ["old\n", "young\n"])
        let set = JSONValue.object([
            ("logGroupName", .string("/aws/lambda/f")), ("retentionInDays", .number("7")),
        ])
        #expect(await harness.call("PutRetentionPolicy", set).0 == 200)
        #expect(await harness.messages() == ["young\n"])
        let name = LogGroupName(region: LogHarness.region, name: "/aws/lambda/f")
        for _ in 0..<500 where harness.logs.group(name)?.storedBytes != 6 + 26 {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(harness.logs.group(name)?.storedBytes == 6 + 26)
    }

    @Test("A deleted group's events are gone, also from one of the same name")
    func deletion() async throws {
        let harness = try LogHarness()
        for number in 0..<2_500 { harness.print(["\(number)"]) }
        let name = JSONValue.object([("logGroupName", .string("/aws/lambda/f"))])
        #expect(await harness.call("DeleteLogGroup", name).0 == 200)
        #expect(await harness.call("DeleteLogGroup", name).0 == 400)
        harness.print(["anew"])
        await harness.flush()
        #expect(await harness.messages() == ["anew\n"])
        try await harness.restart()
        #expect(await harness.messages() == ["anew\n"])
        harness.logs.start()
        for _ in 0..<500 where try harness.eventRecordCount() > 1 {
            try await Task.sleep(for: .milliseconds(10))
        }
        #expect(try harness.eventRecordCount() == 1)
    }

    @Test("A line too long for an event makes several, cut between characters")
    func longLines() async throws {
        let harness = try LogHarness()
        let line = String(repeating: "é", count: 300_000)
        harness.print([line])
        await harness.flush()
        let messages = await harness.messages()
        #expect(messages.count == 3)
        #expect(messages.joined() == line + "\n")
    }

    @Test("Pages of any size, forward and backward, show each event once and in order")
    func pages() async throws {
        let seed = UInt64.random(in: 0 ... .max)
        var generator = SeededGenerator(seed: seed)
        let harness = try LogHarness()
        var wanted: [(time: Int, message: String)] = []
        for number in 0..<400 {
            let time = harness.now + Int.random(in: 0..<50, using: &generator)
            let stream = Bool.random(using: &generator) ? "mine" : "other"
            harness.print(["\(number)"], stream: stream, at: time)
            if stream == "mine" { wanted.append((time, "\(number)\n")) }
        }
        await harness.flush()
        let inOrder = wanted.enumerated()
            .sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }
            .map(\.element.message)
        for isForward in [true, false] {
            let limit = Int.random(in: 1...60, using: &generator)
            var read: [String] = []
            var token: JSONValue?
            for _ in 0..<500 {
                let (_, page) = await harness.call(
                    "GetLogEvents",
                    .object(present: [
                        ("logGroupName", .string("/aws/lambda/f")),
                        ("logStreamName", .string("mine")), ("limit", .number(String(limit))),
                        ("startFromHead", .bool(isForward)), ("nextToken", token),
                    ]))
                let messages = page["events"]?.elements?.compactMap { $0["message"]?.string } ?? []
                read = isForward ? read + messages : messages + read
                let next = page[isForward ? "nextForwardToken" : "nextBackwardToken"]
                if next == token { break }
                token = next
            }
            #expect(read == inOrder, "seed \(seed), forward \(isForward), limit \(limit)")
        }
    }
}

extension LogHarness {
    /// How many events are in the store, whosever they are.
    func eventRecordCount() throws -> Int {
        try RecordStore(store, space: .logs).records(prefix: "e").count
    }
}
