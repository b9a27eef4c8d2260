import Operations
import Synchronization
import Testing
import Wire

@testable import Transfer

/// A stream whose shards a test fills, trims and closes, and whose iterators it lets expire.
private final class ScriptedStream: Sendable {
    struct Shard: Sendable {
        var id: String
        var parent: String?
        /// Sequence numbers; each record's key is its number.
        var records: [Int] = []
        var isClosed = false
    }

    struct State: Sendable {
        var shards: [Shard] = []
        var status = "ENABLED"
        /// Iterators given out before this one have expired.
        var oldestIterator = 0
        /// Of iterators: the shard, and the number from which on it reads.
        var iterators: [(shard: String, from: Int)] = []
        /// Numbers below are trimmed.
        var horizon = 0
        /// Codes that the next calls of GetRecords are refused with.
        var refusals: [String] = []
        /// The kinds of iterators that were asked for.
        var kinds: [String] = []
        /// Of GetRecords.
        var calls = 0
    }

    private let state: Mutex<State>
    private let onCall: @Sendable (Int, inout State) -> Void

    /// - Parameter onCall: changes the stream before each GetRecords, which are counted from 1.
    init(_ shards: [Shard], onCall: @escaping @Sendable (Int, inout State) -> Void) {
        state = Mutex(State(shards: shards))
        self.onCall = onCall
    }

    var kinds: [String] { state.withLock { $0.kinds } }

    func call(_ operation: String, _ parameters: JSONValue) throws(ServiceError) -> JSONValue {
        let result = state.withLock { state in
            switch operation {
            case "DescribeStream": return Result<JSONValue, ServiceError>.success(describe(state))
            case "GetShardIterator": return iterator(parameters, &state)
            default: return records(parameters, &state)
            }
        }
        return try result.get()
    }

    private func describe(_ state: State) -> JSONValue {
        let shards = state.shards.map { shard in
            JSONValue.object(present: [
                ("ShardId", .string(shard.id)), ("ParentShardId", shard.parent.map { .string($0) }),
                (
                    "SequenceNumberRange",
                    .object(shard.isClosed ? [("EndingSequenceNumber", .string("9"))] : [])
                ),
            ])
        }
        return .object([
            (
                "StreamDescription",
                .object([("Shards", .array(shards)), ("StreamStatus", .string(state.status))])
            )
        ])
    }

    private func refused(_ code: String) -> Result<JSONValue, ServiceError> {
        .failure(ServiceError(code, "no", namespace: .dynamodb))
    }

    private func iterator(
        _ parameters: JSONValue, _ state: inout State
    ) -> Result<JSONValue, ServiceError> {
        let kind = parameters["ShardIteratorType"]?.string ?? ""
        state.kinds.append(kind)
        guard let shard = state.shards.first(where: { $0.id == parameters["ShardId"]?.string })
        else { return refused("ResourceNotFoundException") }
        let from: Int
        switch kind {
        case "AFTER_SEQUENCE_NUMBER":
            let number = Int(parameters["SequenceNumber"]?.string ?? "") ?? 0
            guard number >= state.horizon else { return refused("TrimmedDataAccessException") }
            from = number + 1
        case "LATEST": from = (shard.records.last ?? 0) + 1
        default: from = 0
        }
        return .success(.object([("ShardIterator", issue(shard.id, from, &state))]))
    }

    private func issue(_ shard: String, _ from: Int, _ state: inout State) -> JSONValue {
        state.iterators.append((shard, from))
        return .string("\(state.iterators.count - 1)")
    }

    private func records(
        _ parameters: JSONValue, _ state: inout State
    ) -> Result<JSONValue, ServiceError> {
        state.calls += 1
        onCall(state.calls, &state)
        if !state.refusals.isEmpty { return refused(state.refusals.removeFirst()) }
        let number = Int(parameters["ShardIterator"]?.string ?? "") ?? -1
        guard state.iterators.indices.contains(number) else {
            return refused("ValidationException")
        }
        guard number >= state.oldestIterator else { return refused("ExpiredIteratorException") }
        let (id, from) = state.iterators[number]
        guard let shard = state.shards.first(where: { $0.id == id }) else {
            return refused("ResourceNotFoundException")
        }
        let horizon = state.horizon
        let told = shard.records.filter { $0 >= max(from, horizon) }.prefix(2)
        var members = [("Records", JSONValue.array(told.map(Self.record)))]
        let isRead = (told.last ?? from - 1) >= (shard.records.last ?? -1)
        if !shard.isClosed || !isRead {
            members.append(
                ("NextShardIterator", issue(id, (told.last ?? from - 1) + 1, &state)))
        }
        return .success(.object(members))
    }

    /// Records were made in the seconds that their numbers tell.
    private static func record(_ number: Int) -> JSONValue {
        .object([
            ("eventName", .string("INSERT")),
            (
                "dynamodb",
                .object([
                    ("SequenceNumber", .string("\(number)")),
                    ("ApproximateCreationDateTime", .number("\(number)")),
                    ("Keys", .object([("id", .object([("N", .string("\(number)"))]))])),
                ])
            ),
        ])
    }

    /// What a tail tells until it has told so many, or the stream ends.
    func tailed(
        _ begin: StreamTail.Begin, count: Int
    ) async throws -> (numbers: [String], notices: [String]) {
        let notices = Mutex<[String]>([])
        let tail = StreamTail(
            streamARN: "arn", begin: begin, pollSeconds: 0.002,
            onNotice: { notice in notices.withLock { $0.append(notice) } },
            call: { operation, parameters throws(ServiceError) in
                try self.call(operation, parameters)
            })
        var numbers: [String] = []
        try await tail.follow { change in
            numbers.append(change.sequenceNumber)
            return numbers.count < count
        }
        return (numbers, notices.withLock { $0 })
    }
}

@Suite("The tail of a stream", .timeLimit(.minutes(1)))
struct StreamTailTests {
    private static func numbers(_ range: ClosedRange<Int>) -> [String] { range.map { "\($0)" } }

    @Test("goes on after the last record when its iterator has expired")
    func expired() async throws {
        let stream = ScriptedStream([.init(id: "a", records: [1, 2, 3])]) { call, state in
            if call == 4 { state.oldestIterator = state.iterators.count }
            if call == 6 {
                state.shards[0].records += [4, 5]
                state.oldestIterator = state.iterators.count
            }
        }
        let (told, notices) = try await stream.tailed(.oldest, count: 5)
        #expect(told == Self.numbers(1...5))
        #expect(notices.isEmpty)
        #expect(
            stream.kinds == ["TRIM_HORIZON", "AFTER_SEQUENCE_NUMBER", "AFTER_SEQUENCE_NUMBER"])
    }

    @Test("misses nothing when an iterator expires before anything came")
    func expiredAtLatest() async throws {
        let now = Int(Seconds.sinceEpoch())
        let stream = ScriptedStream([.init(id: "a", records: [1, 2])]) { call, state in
            if call == 3 {
                state.shards[0].records += [now + 5, now + 6]
                state.oldestIterator = state.iterators.count
            }
        }
        let (told, notices) = try await stream.tailed(.now, count: 2)
        #expect(told == ["\(now + 5)", "\(now + 6)"])
        #expect(notices.isEmpty && stream.kinds == ["LATEST", "TRIM_HORIZON"])
    }

    @Test("tells that records were trimmed, and goes on with the oldest there is")
    func trimmed() async throws {
        let stream = ScriptedStream([.init(id: "a", records: [1, 2])]) { call, state in
            if call == 3 {
                state.shards[0].records += [3, 4, 5, 6, 7]
                state.horizon = 5
                state.oldestIterator = state.iterators.count
            }
        }
        let (told, notices) = try await stream.tailed(.oldest, count: 5)
        #expect(told == ["1", "2", "5", "6", "7"])
        #expect(notices.count == 1 && notices[0].hasPrefix("shard a has dropped records"))
        #expect(stream.kinds == ["TRIM_HORIZON", "AFTER_SEQUENCE_NUMBER", "TRIM_HORIZON"])
    }

    @Test("passes a shard that is gone, and reads its children")
    func gone() async throws {
        let stream = ScriptedStream([
            .init(id: "a", records: [1, 2]), .init(id: "b", parent: "a", records: [3]),
        ]) { call, state in
            if call == 2 {
                state.shards.removeFirst()
                state.oldestIterator = state.iterators.count
            }
        }
        let (told, notices) = try await stream.tailed(.oldest, count: 3)
        #expect(told == Self.numbers(1...3))
        #expect(notices == ["shard a is gone with its records"])
    }

    @Test("looks again when it is throttled, and throws what it cannot get over")
    func throttled() async throws {
        let stream = ScriptedStream([.init(id: "a", records: [1, 2, 3])]) { call, state in
            if call == 2 {
                state.refusals = [
                    "ProvisionedThroughputExceededException", "LimitExceededException",
                    "ThrottlingException",
                ]
            }
        }
        #expect(try await stream.tailed(.oldest, count: 3).numbers == Self.numbers(1...3))
        #expect(stream.kinds == ["TRIM_HORIZON"])
        let refused = ScriptedStream([.init(id: "a", records: [1])]) { _, state in
            state.refusals = ["AccessDeniedException"]
        }
        await #expect(throws: ServiceError.self) { try await refused.tailed(.oldest, count: 1) }
    }

    @Test("begins at a time, leaves out what is older, and ends with the stream")
    func since() async throws {
        let stream = ScriptedStream([
            .init(id: "a", records: [1, 2, 3], isClosed: true),
            .init(id: "b", parent: "a", records: [4], isClosed: true),
        ]) { call, state in
            if call == 3 { state.status = "DISABLED" }
        }
        let told = Mutex<[String]>([])
        let tail = StreamTail(
            streamARN: "arn", begin: .time(2.7), pollSeconds: 0.002, onNotice: { _ in },
            call: { operation, parameters throws(ServiceError) in
                try stream.call(operation, parameters)
            })
        let error = await #expect(throws: TransferError.self) {
            try await tail.follow { change in
                told.withLock { $0.append(change.sequenceNumber) }
                return true
            }
        }
        #expect(error?.message.contains("switched off") == true)
        #expect(told.withLock { $0 } == ["2", "3", "4"])
    }
}
