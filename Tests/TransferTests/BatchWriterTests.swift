import Client
import Items
import Operations
import Synchronization
import Testing
import Wire

@testable import Transfer

/// A table that writes so many changes of each request as it is told, and remembers them.
private final class ScarceTable: Sendable {
    enum Answer: Sendable {
        case writes(Int)
        case refuses(String)
    }

    private struct State {
        var answers: [Answer]
        var written: [String] = []
        var requestCounts: [Int] = []
        var pauses: [Double] = []
    }

    private let state: Mutex<State>

    /// - Parameter answers: one for each request; when they have run out, all is written.
    init(_ answers: [Answer]) { state = Mutex(State(answers: answers)) }

    var written: [String] { state.withLock { $0.written } }
    var requestCounts: [Int] { state.withLock { $0.requestCounts } }
    var pauses: [Double] { state.withLock { $0.pauses } }

    func paused(_ seconds: Double) { state.withLock { $0.pauses.append(seconds) } }

    func answer(_ request: ServiceRequest) throws(ServiceError) -> ServiceResponse {
        let changes =
            try JSONValue(parsing: request.body)["RequestItems"]?["t"]?.elements ?? []
        let answer = state.withLock { state in
            state.requestCounts.append(changes.count)
            return state.answers.isEmpty ? Answer.writes(25) : state.answers.removeFirst()
        }
        switch answer {
        case .refuses(let code):
            throw ServiceError(code, "no", namespace: .dynamodb)
        case .writes(let count):
            let done = changes.prefix(count).compactMap {
                $0["PutRequest"]?["Item"]?["id"]?["S"]?.string
            }
            state.withLock { $0.written += done }
            let left = Array(changes.dropFirst(count))
            let unprocessed: [(String, JSONValue)] = left.isEmpty ? [] : [("t", .array(left))]
            let capacity = JSONValue.object([("CapacityUnits", .number("\(2 * done.count)"))])
            return ServiceResponse(
                status: 200,
                body: JSONValue.object([
                    ("UnprocessedItems", .object(unprocessed)),
                    ("ConsumedCapacity", .array([capacity])),
                ]).encoded)
        }
    }

    func writer(unitsPerSecond: Double? = nil) -> BatchWriter {
        BatchWriter(
            table: "t", limiter: UnitLimiter(unitsPerSecond: unitsPerSecond),
            pause: { self.paused($0) },
            send: { request throws(ServiceError) in try self.answer(request) })
    }

    static func changes(_ count: Int) -> [ItemChange] {
        (0..<count).map { .put(["id": .string("\($0)")]) }
    }
}

@Suite("The writer of batches")
struct BatchWriterTests {
    @Test("writes what was left over again, alone and after a pause, until all is written")
    func leftovers() async throws {
        let table = ScarceTable([.writes(10), .writes(0), .writes(0), .writes(9)])
        let (units, refused) = try await table.writer().write(
            ScarceTable.changes(25), toldUnits: 25)
        #expect(table.requestCounts == [25, 15, 15, 15, 6])
        #expect(table.written == (0..<25).map { "\($0)" })
        #expect(units == 50 && refused.isEmpty)
        // A pause before each but the first; longer while nothing is written, then short again.
        let pauses = table.pauses
        #expect(pauses.count == 4)
        for (pause, bound) in zip(pauses, [0.1, 0.2, 0.4, 0.1]) {
            #expect((bound / 2...bound).contains(pause))
        }
    }

    @Test("waits a throttled batch out, as it does leftovers")
    func throttling() async throws {
        let codes = [
            "ProvisionedThroughputExceededException", "ThrottlingException",
            "RequestLimitExceeded",
        ]
        let table = ScarceTable(codes.map { .refuses($0) } + [.writes(1)])
        let (units, refused) = try await table.writer().write(
            ScarceTable.changes(3), toldUnits: 3)
        #expect(table.requestCounts == [3, 3, 3, 3, 2])
        #expect(table.written == ["0", "1", "2"])
        #expect(units == 6 && refused.isEmpty && table.pauses.count == 4)
    }

    @Test("has patience as long as a little is written each time")
    func slow() async throws {
        let trickle = (0..<25).flatMap { _ in
            [ScarceTable.Answer](repeating: .writes(0), count: BatchWriter.fruitlessMax - 1)
                + [.writes(1)]
        }
        let table = ScarceTable(trickle)
        _ = try await table.writer().write(ScarceTable.changes(25), toldUnits: 25)
        #expect(table.written == (0..<25).map { "\($0)" })
        #expect(table.pauses.allSatisfy { (0.05...5).contains($0) })
    }

    @Test("gives up when nothing is written any more")
    func exhausted() async throws {
        let table = ScarceTable(
            [.writes(1)] + [ScarceTable.Answer](repeating: .writes(0), count: 1_000))
        let error = await #expect(throws: ServiceError.self) {
            try await table.writer().write(ScarceTable.changes(4), toldUnits: 4)
        }
        #expect(error?.code == "ProvisionedThroughputExceededException")
        #expect(table.requestCounts.count == 1 + BatchWriter.fruitlessMax)
        #expect(table.written == ["0"])
    }

    @Test("finds out which change of a batch was refused; other refusals end it")
    func refusals() async throws {
        let table = ScarceTable([
            .refuses("ValidationException"), .writes(1), .refuses("ValidationException"),
        ])
        let (units, refused) = try await table.writer().write(
            ScarceTable.changes(3), toldUnits: 3)
        #expect(table.written == ["0", "2"] && units == 4)
        #expect(refused.map(\.index) == [1] && refused.first?.fault == "no")
        let gone = ScarceTable([.refuses("ResourceNotFoundException")])
        await #expect(throws: ServiceError.self) {
            try await gone.writer().write(ScarceTable.changes(2), toldUnits: 2)
        }
        #expect(gone.requestCounts == [2])
    }

    @Test("learns what a write consumes, so that batches stay a second's share")
    func share() async throws {
        let table = ScarceTable([])
        let writer = table.writer(unitsPerSecond: 100_000)
        #expect(writer.batchUnitsMax == 100_000)
        for _ in 0..<40 { _ = try await writer.write(ScarceTable.changes(25), toldUnits: 25) }
        #expect((50_000...51_000).contains(writer.batchUnitsMax))
    }
}
