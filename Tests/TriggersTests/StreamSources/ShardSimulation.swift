import Foundation
import Operations

@testable import Triggers

/// A shard, its machine and everything around them, driven by choices.
///
/// What happens next, how an attempt goes and what survives a kill is chosen; what `ShardMachine`
/// promises is checked all the way.
struct ShardSimulation {
    /// What the world is like.
    struct World {
        var policy = ShardPolicy()
        var recordCount = 6
        var keyCount = 2
        /// Attempts beyond so many succeed.
        var failureCountMax = Int.max
        var killCountMax = 0
        /// Seconds that pass at most between two happenings.
        var secondsMax = 3
        /// Time passes only where nothing else can happen, and the shard ends with its last record:
        /// so that all ways are few enough to go.
        var isTerse = false
        /// Records of a shard are all there from the beginning.
        var hasBacklog = false
        /// JSON bytes of a record.
        var recordByteCount = 100
        /// Bytes that each record adds to the state of a window.
        var stateFillerCount = 0
    }

    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    private struct Written {
        let record: ShardRecord
        let lane: Int
    }

    /// What befell a record in one generation.
    private enum Fate { case processed, discarded }

    private let world: World
    private let choose: (Int) -> Int
    private var machine: ShardMachine
    private var now: Timestamp = 1_000
    private var written: [Written] = []
    private var readCount = 0
    private var isStreamEnded = false
    private var attempts: [ShardMachine.Attempt] = []
    private var discards: [ShardMachine.Discard] = []
    private var failureCount = 0
    private var killCount = 0
    /// Of this generation: since the last start.
    private var fates: [String: Fate] = [:]
    /// Of all generations.
    private var everProcessed: Set<String> = []
    private var everDiscarded: Set<String> = []
    /// Checkpoints that were taken in this generation, and what is durable.
    private var taken: [ShardCheckpoint] = []
    private var durable: ShardCheckpoint?
    private var finals: [(start: Timestamp, state: [UInt8], isEarly: Bool)] = []

    init(_ world: World, choose: @escaping (Int) -> Int) {
        self.world = world
        self.choose = choose
        machine = ShardMachine(policy: world.policy)
    }

    /// Lets things happen until the shard is drained.
    mutating func run() throws {
        if world.hasBacklog { while written.count < world.recordCount { write() } }
        for _ in 0..<50_000 {
            try settle()
            if machine.isDrained {
                try checkEnd()
                return
            }
            try step()
        }
        throw Failure(description: "the shard is never drained")
    }

    // MARK: Happenings

    /// Reads and begins what the worker would without waiting for anything.
    private mutating func settle() throws {
        while machine.wantsRecords, readCount < written.count { read() }
        if isStreamEnded, readCount == written.count, machine.wantsRecords { machine.endSource() }
        try perform(
            machine.advance(now: now, mayGetMore: readCount < written.count && machine.wantsRecords)
        )
        try takeCheckpoint()
    }

    private mutating func step() throws {
        var happenings: [(inout ShardSimulation) throws -> Void] = []
        for index in attempts.indices { happenings.append { try $0.complete(index) } }
        for index in discards.indices { happenings.append { try $0.finishDiscard(index) } }
        if written.count < world.recordCount { happenings.append { $0.write() } }
        if killCount < world.killCountMax { happenings.append { try $0.kill() } }
        if written.count == world.recordCount, !isStreamEnded {
            if world.isTerse {
                isStreamEnded = true
                return
            }
            happenings.append { $0.isStreamEnded = true }
        }
        let isIdle = attempts.isEmpty && discards.isEmpty && written.count == world.recordCount
        if isIdle || (machine.wakeTime != nil && !world.isTerse) {
            happenings.insert({ $0.wait() }, at: 0)
        }
        try happenings[choose(happenings.count)](&self)
    }

    private mutating func write() {
        let number = String(written.count + 1)
        let sequenceNumber = String(repeating: "0", count: 4 - number.count) + number
        let record = ShardRecord(
            sequenceNumber: sequenceNumber, createdAt: now.rounded(.down),
            json: [UInt8](repeating: 0x20, count: world.recordByteCount))
        let key = choose(world.keyCount)
        written.append(Written(record: record, lane: key % world.policy.laneCount))
        if !world.hasBacklog { now += 0.1 }
    }

    private mutating func read() {
        let next = written[readCount]
        machine.admit(next.record, lane: next.lane, now: now)
        readCount += 1
    }

    private mutating func wait() {
        let pause = Double(choose(world.secondsMax) + 1)
        now += pause
        if let time = machine.wakeTime, time - now > 20 { now = time }
    }

    /// The process dies, and starts again from a checkpoint that was written.
    private mutating func kill() throws {
        killCount += 1
        // Any of the checkpoints may be the last that was durable.
        if !taken.isEmpty {
            let index = choose(taken.count + 1)
            if index > 0 { durable = taken[index - 1] }
        }
        taken = []
        attempts = []
        discards = []
        fates = [:]
        machine = ShardMachine(policy: world.policy, checkpoint: durable)
        readCount =
            durable?.sequenceNumber.flatMap { number in
                written.firstIndex { $0.record.sequenceNumber == number }.map { $0 + 1 }
            } ?? 0
    }

    private mutating func perform(_ actions: [ShardMachine.Action]) throws {
        for action in actions {
            switch action {
            case .invoke(let attempt):
                try checkBegin(attempt)
                attempts.append(attempt)
            case .discard(let discard):
                try checkDiscard(discard)
                discards.append(discard)
            case .dropWindow: finals.append((machine.window?.start ?? 0, [], true))
            }
        }
    }

    private mutating func complete(_ index: Int) throws {
        let attempt = attempts.remove(at: index)
        let outcome = outcome(of: attempt)
        var doneCount = 0
        switch outcome {
        case .success: doneCount = attempt.records.count
        case .failure(let first, _, _): doneCount = first
        case .refused: break
        }
        for record in attempt.records.prefix(doneCount) { try note(record, .processed) }
        if case .success = outcome, let window = attempt.window, window.isFinal {
            finals.append((window.start, window.state, window.isTerminatedEarly))
        }
        try perform(machine.complete(lane: attempt.lane, outcome, now: now))
        try takeCheckpoint()
    }

    private mutating func outcome(of attempt: ShardMachine.Attempt) -> ShardMachine.Outcome {
        func state(_ count: Int) -> [UInt8]? {
            guard let window = attempt.window else { return nil }
            var state = window.state
            for record in attempt.records.prefix(count) {
                state += Array(record.sequenceNumber.utf8) + [0x2C]
                state += [UInt8](repeating: 0x20, count: world.stateFillerCount)
            }
            return state
        }
        let failure = FailedInvocation(
            requestID: "id", executedVersion: "$LATEST", functionError: "Unhandled")
        let count = attempt.records.count
        // Success, refusal, failure as a whole, failures from each later record on.
        let choice = failureCount < world.failureCountMax ? choose(2 + max(1, count)) : 0
        if choice > 0 { failureCount += 1 }
        switch choice {
        case 0: return .success(state: state(count))
        case 1: return .refused
        case 2: return .failure(from: 0, state: nil, failure)
        default: return .failure(from: choice - 2, state: state(choice - 2), failure)
        }
    }

    private mutating func finishDiscard(_ index: Int) throws {
        let discard = discards.remove(at: index)
        for record in discard.records { try note(record, .discarded) }
        machine.finishDiscard(lane: discard.lane)
        try takeCheckpoint()
    }

    // MARK: Promises

    private func check(_ condition: Bool, _ message: @autoclosure () -> String) throws {
        if !condition { throw Failure(description: message()) }
    }

    private mutating func note(_ record: ShardRecord, _ fate: Fate) throws {
        let number = record.sequenceNumber
        try check(fates[number] == nil, "\(number) is done twice in a generation")
        fates[number] = fate
        if fate == .processed { everProcessed.insert(number) } else { everDiscarded.insert(number) }
    }

    private func isDone(_ number: String) -> Bool {
        fates[number] != nil || number <= durable?.sequenceNumber ?? ""
    }

    /// One attempt at a time in a lane, records in order, all before them done.
    private func checkBegin(_ attempt: ShardMachine.Attempt) throws {
        try check(
            !attempts.contains { $0.lane == attempt.lane }
                && !discards.contains { $0.lane == attempt.lane },
            "two attempts at once in lane \(attempt.lane)")
        let numbers = attempt.records.map(\.sequenceNumber)
        try check(numbers == numbers.sorted(), "records out of order: \(numbers)")
        try check(numbers.count <= world.policy.batchSize, "a batch is too large: \(numbers)")
        let byteCount = attempt.records.reduce(0) { $0 + $1.json.count + 1 }
        try check(
            numbers.count <= 1 || byteCount <= world.policy.batchBytesMax, "too many bytes")
        try check(!numbers.isEmpty || attempt.window?.isFinal == true, "an empty batch")
        for record in attempt.records {
            try check(!isDone(record.sequenceNumber), "\(record.sequenceNumber) is done already")
            if let age = world.policy.recordAgeSecondsMax {
                try check(now - record.createdAt <= age, "a record is too old to be attempted")
            }
        }
        if let first = numbers.first {
            for other in written.prefix(readCount)
            where other.lane == attempt.lane && other.record.sequenceNumber < first {
                try check(
                    isDone(other.record.sequenceNumber),
                    "\(first) is attempted before \(other.record.sequenceNumber) is done")
            }
        }
        try checkWindow(attempt)
    }

    private func checkWindow(_ attempt: ShardMachine.Attempt) throws {
        guard let seconds = world.policy.tumblingWindowSeconds else {
            return try check(attempt.window == nil, "a window without windows")
        }
        guard let window = attempt.window else {
            throw Failure(description: "an attempt without its window")
        }
        try check(window.end - window.start == Double(seconds), "a window of another length")
        for record in attempt.records {
            try check(
                TumblingWindow.start(of: record.createdAt, seconds: seconds) == window.start,
                "\(record.sequenceNumber) is in another window")
        }
        if window.isFinal { try check(attempt.records.isEmpty, "records at the end of a window") }
    }

    private func checkDiscard(_ discard: ShardMachine.Discard) throws {
        try check(!discard.records.isEmpty, "nothing is discarded")
        switch discard.condition {
        case .retryAttemptsExhausted:
            guard let most = world.policy.retryAttemptsMax else {
                throw Failure(description: "retries have no end, and are exhausted")
            }
            try check(discard.invocationCount > most, "given up after too few attempts")
            try check(
                !world.policy.bisects || discard.records.count == 1, "given up before bisected out")
        case .maximumRecordAgeExceeded:
            guard let age = world.policy.recordAgeSecondsMax else {
                throw Failure(description: "records have no age, and are too old")
            }
            try check(
                discard.records.allSatisfy { now - $0.createdAt > age },
                "a record is given up before its age")
        }
    }

    /// A checkpoint goes forward only, and never past what isn't done.
    private mutating func takeCheckpoint() throws {
        guard let checkpoint = machine.takeCheckpoint() else { return }
        let before = taken.last?.sequenceNumber ?? durable?.sequenceNumber ?? ""
        let number = checkpoint.sequenceNumber ?? ""
        try check(number >= before, "the checkpoint goes back from \(before) to \(number)")
        for record in written.map(\.record) where record.sequenceNumber <= number {
            try check(
                isDone(record.sequenceNumber),
                "the checkpoint \(number) passes \(record.sequenceNumber), which isn't done")
        }
        taken.append(checkpoint)
    }

    private func checkEnd() throws {
        for record in written.map(\.record) {
            let number = record.sequenceNumber
            try check(
                everProcessed.contains(number) || everDiscarded.contains(number),
                "\(number) was skipped")
        }
        if world.policy.retryAttemptsMax == nil, world.policy.recordAgeSecondsMax == nil {
            try check(everDiscarded.isEmpty, "records were given up without a policy to do so")
        }
        let last = taken.last ?? durable
        try check(
            written.isEmpty || last?.sequenceNumber == written.last?.record.sequenceNumber,
            "the last checkpoint is behind")
        try check(last?.window == nil, "a window is open at the end")
        try checkStates()
    }

    /// Each record that was processed is in the last state of its window, once.
    private func checkStates() throws {
        guard world.policy.tumblingWindowSeconds != nil, killCount == 0 else { return }
        guard !finals.contains(where: \.state.isEmpty) else { return }
        let numbers = finals.flatMap { final in
            String(decoding: final.state.dropFirst(2), as: UTF8.self).split(separator: ",").map {
                String($0.filter { $0 != " " })
            }
        }.filter { !$0.isEmpty }
        try check(
            numbers.sorted() == everProcessed.sorted(),
            "windows ended with \(numbers.sorted()), not \(everProcessed.sorted())")
        if world.stateFillerCount == 0 {
            try check(!finals.contains(where: \.isEarly), "a window ended early")
        }
    }
}
