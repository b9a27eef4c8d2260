import Foundation
import Operations
import Storage
import Synchronization

@testable import Engine
@testable import Wire

/// An engine over an empty store that a script drives, with a clock and ids that repeat.
final class ScriptSession {
    /// A fault of the script itself.
    struct Fault: Error, CustomStringConvertible {
        let description: String
    }

    private let store: RecordingStore
    private let clock = ScriptClock()
    private var engine: Engine
    private var region = "us-east-1"
    private var writes = WriteText()
    /// Texts that outputs of this run can't be told by, and their names: iterators, tokens.
    private var saved: [(name: String, text: String)] = []

    init() throws {
        let store = RecordingStore(try RocksStore.open(.inMemory))
        self.store = store
        engine = try ScriptSession.open(store, clock)
    }

    func close() {
        engine.shutdown()
        store.close()
    }

    /// Does a step; answers its output.
    func run(_ step: Script.Step) async throws -> [String] {
        let commands = step.commands
        var lines: [String] = []
        var statuses: [String] = []
        var isQuiet = false
        var saves: [(name: String, path: String)] = []
        let operationCount = commands.count { if case .operation = $0 { true } else { false } }
        for command in commands {
            switch command {
            case .directive(["quietly"]): isQuiet = true
            case .directive(let words) where words.first == "save" && words.count == 4:
                saves.append((words[1], words[3]))
            case .directive(let words):
                lines += try await direct(words)
            case .operation(let name, let body):
                let answer = try await perform(name, body)
                for save in saves { try self.save(save.name, save.path, of: answer.body) }
                saves = []
                let text = try await output(of: answer)
                if isQuiet, answer.status == 200 {
                    statuses.append("200")
                } else {
                    if operationCount > 1 { lines.append("> \(name)") }
                    lines += text
                }
            }
        }
        if !statuses.isEmpty { lines.append(statuses.joined(separator: " ")) }
        return lines
    }

    // MARK: Operations

    private struct Answer {
        var status: Int
        var body: [UInt8] = []
        var consumption = Consumption()
    }

    private func perform(_ name: String, _ body: String) async throws -> Answer {
        var text = ScriptMacros.expand(body)
        for (name, value) in saved { text = text.replacing("$" + name, with: value) }
        let service =
            Self.streamOperations.contains(name)
            ? "DynamoDBStreams_20120810." : "DynamoDB_20120810."
        let decoded = Array(text.utf8).withUnsafeBytes { bytes in
            Result { () throws(ServiceError) in
                try WireCodec.decode(target: service + name, body: bytes)
            }
        }
        let result: Result<OperationOutcome, ServiceError>
        switch decoded {
        case .failure(let error): result = .failure(error)
        case .success(let request):
            result = await withCheckedContinuation { continuation in
                engine.handle(request, context: RequestContext(region: region)) {
                    continuation.resume(returning: $0)
                }
            }
        }
        switch result {
        case .success(let outcome):
            var answer = Answer(status: 200, consumption: outcome.consumption)
            WireCodec.encode(outcome.response, into: &answer.body)
            return answer
        case .failure(let error):
            var answer = Answer(status: error.status)
            answer.consumption = error.consumption ?? Consumption()
            WireCodec.encode(error, into: &answer.body)
            return answer
        }
    }

    private static let streamOperations: Set<String> = [
        "ListStreams", "DescribeStream", "GetShardIterator", "GetRecords",
    ]

    private func output(of answer: Answer) async throws -> [String] {
        var lines = AnswerText.lines(status: answer.status, body: answer.body)
        for (name, value) in saved {
            lines = lines.map { $0.replacing(value, with: "$" + name) }
        }
        lines += try await written()
        if let units = UnitsText.line(answer.consumption) { lines.append(units) }
        return lines
    }

    /// What has been committed since the last call, background work that it caused included.
    private func written() async throws -> [String] {
        var batches = store.takeBatches()
        let end = ContinuousClock.now + .seconds(20)
        while writes.names.isBackfilling(after: batches) {
            guard ContinuousClock.now < end else {
                throw Fault(description: "an index was not filled in time")
            }
            try await Task.sleep(for: .milliseconds(1))
            batches += store.takeBatches()
        }
        return writes.lines(batches)
    }

    private func save(_ name: String, _ path: String, of body: [UInt8]) throws {
        var value = AnswerText.parse(body)
        for step in path.split(separator: ".") {
            if case .array(let elements)? = value {
                value = Int(step).flatMap { elements.indices.contains($0) ? elements[$0] : nil }
            } else {
                value = value?[String(step)]
            }
        }
        guard case .string(let text)? = value else {
            throw Fault(description: "the answer has no text at \(path)")
        }
        saved.removeAll { $0.name == name }
        saved.append((name, text))
    }

    // MARK: Directives

    private func direct(_ words: [String]) async throws -> [String] {
        switch (words.first, words.count) {
        case ("clock", 2):
            guard let seconds = ScriptClock.seconds(words[1]) else { break }
            clock.advance(by: seconds)
            await withCheckedContinuation { continuation in
                engine.maintenance.catchUp { continuation.resume() }
            }
            return try await written()
        case ("region", 2):
            region = words[1]
            return []
        case ("table", _):
            guard let body = TableDirective.body(words) else { break }
            let answer = try await perform("CreateTable", body)
            let lines = try await output(of: answer)
            return answer.status == 200 ? ["200"] : lines
        case ("split", 3):
            guard let partition = Int(words[2]) else { break }
            let result = await withCheckedContinuation { continuation in
                engine.splitPartition(
                    tableName: words[1], region: region, partition: partition
                ) { continuation.resume(returning: $0) }
            }
            return ["\(try result.get()) partitions"] + (try await written())
        case ("reopen", 1):
            engine.shutdown()
            engine = try ScriptSession.open(store, clock)
            return []
        default: break
        }
        throw Fault(description: "no such directive: \(words.joined(separator: " "))")
    }

    private static func open(_ store: RecordingStore, _ clock: ScriptClock) throws -> Engine {
        var configuration = EngineConfiguration(now: { clock.now }, readerCount: 1)
        configuration.makeTableID = { clock.nextID() }
        // What time makes due is done when the script moves the clock.
        configuration.maintenanceInterval = .infinity
        configuration.timeToLiveInterval = .infinity
        return try Engine(store: store, configuration: configuration)
    }
}

/// A clock that stands until a script moves it, and ids in a row.
private final class ScriptClock: Sendable {
    /// 2026-11-21T08:00:00Z.
    private let time = Mutex<Timestamp>(1_795_248_000)
    private let idCount = Mutex(0)

    var now: Timestamp { time.withLock { $0 } }
    func advance(by seconds: Double) { time.withLock { $0 += seconds } }

    func nextID() -> String {
        let count = idCount.withLock { count in
            count += 1
            return count
        }
        let digits = String(count)
        return "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - digits.count)
            + digits
    }

    /// The seconds of `+90s`, `+5m`, `+1h`, `+2d`.
    static func seconds(_ text: String) -> Double? {
        let units: [Character: Double] = ["s": 1, "m": 60, "h": 3600, "d": 86_400]
        guard text.first == "+", let last = text.last, let unit = units[last],
            let count = Double(text.dropFirst().dropLast())
        else { return nil }
        return count * unit
    }
}
