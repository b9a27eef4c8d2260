internal import Client
internal import Items
internal import Operations
internal import Synchronization
internal import Wire

/// Writes batches: retries what the service left over, and finds out which of a refused batch's
/// changes it was that was refused.
final class BatchWriter: Sendable {
    typealias Send = @Sendable (ServiceRequest) async throws(ServiceError) -> ServiceResponse

    private let table: String
    private let limiter: UnitLimiter
    private let send: Send
    private let pause: @Sendable (Double) async throws -> Void
    /// How many units are consumed for each that sizes tell: indexes and old items add to it.
    private let unitsPerToldUnit = Mutex(1.0)
    /// How many requests of all batches wrote something.
    private let fruitfulRequests = Mutex(0)

    /// Requests of a batch that write nothing, while no other batch's do either, until it is given
    /// up: some two minutes, beside what the client tries.
    static let fruitlessMax = 30
    private static let delayMax = 5.0

    convenience init(client: ServiceClient, table: String, limiter: UnitLimiter) {
        self.init(table: table, limiter: limiter) { (request) async throws(ServiceError) in
            try await client.send(request)
        }
    }

    /// - Parameters:
    ///   - pause: waits for so many seconds before an attempt.
    ///   - send: sends a request, and throws what the service refused.
    init(
        table: String, limiter: UnitLimiter,
        pause: @escaping @Sendable (Double) async throws -> Void = {
            try await Task.sleep(for: .seconds($0))
        },
        send: @escaping Send
    ) {
        self.table = table
        self.limiter = limiter
        self.pause = pause
        self.send = send
    }

    /// What a batch's told units may be at most: about a second's share.
    var batchUnitsMax: Double {
        guard let rate = limiter.unitsPerSecond else { return .infinity }
        return max(1, rate / max(1, unitsPerToldUnit.withLock { $0 }))
    }

    /// Writes changes.
    ///
    /// - Returns: the units consumed, and the changes that were refused, by their indexes.
    func write(
        _ changes: [ItemChange], toldUnits: Double
    ) async throws -> (units: Double, refused: [(index: Int, fault: String)]) {
        do throws(ServiceError) {
            return (try await writeAll(changes, toldUnits: toldUnits), [])
        } catch {
            guard error.code == "ValidationException" else { throw error }
            if changes.count == 1 { return (0, [(0, error.message)]) }
        }
        var sum = 0.0
        var refused: [(index: Int, fault: String)] = []
        for (index, change) in changes.enumerated() {
            let one = try await write([change], toldUnits: 1)
            sum += one.units
            refused += one.refused.map { (index, $0.fault) }
        }
        return (sum, refused)
    }

    private func writeAll(
        _ changes: [ItemChange], toldUnits: Double
    ) async throws(ServiceError) -> Double {
        var consumed = 0.0
        var body = body(changes)
        var told = toldUnits
        var count = changes.count
        /// Attempts that wrote nothing: of this batch, and while no other's wrote anything.
        var (own, fruitless) = (0, 0)
        var seen = fruitfulRequests.withLock { $0 }
        while true {
            let reserved = told * unitsPerToldUnit.withLock { $0 }
            try await wait(units: reserved, afterAttempts: own)
            let answer = try await answer(body)
            let units = answer.map(Self.units) ?? 0
            await limiter.settle(units - reserved)
            consumed += units
            let left = answer.map { $0["UnprocessedItems"] ?? .object([]) }
            let leftCount =
                left?.members?.reduce(0) { $0 + ($1.1.elements?.count ?? 0) } ?? count
            if leftCount == 0 {
                fruitfulRequests.withLock { $0 += 1 }
                learn(units: units, told: told)
                return consumed
            }
            own += 1
            if leftCount < count {
                own = 1
                fruitfulRequests.withLock { $0 += 1 }
                told *= Double(leftCount) / Double(count)
                count = leftCount
            }
            let now = fruitfulRequests.withLock { $0 }
            fruitless = now == seen ? fruitless + 1 : 0
            seen = now
            guard fruitless < Self.fruitlessMax else { break }
            guard let left else { continue }
            body =
                JSONValue.object([
                    ("RequestItems", left), ("ReturnConsumedCapacity", .string("TOTAL")),
                ]).encoded
        }
        throw ServiceError(
            "ProvisionedThroughputExceededException",
            "The table leaves items unwritten again and again: it has too little capacity",
            namespace: .dynamodb)
    }

    /// Waits until the units may be consumed, and the longer the more attempts wrote nothing.
    private func wait(units: Double, afterAttempts attempts: Int) async throws(ServiceError) {
        do {
            try await limiter.admit(units)
            if attempts > 0 {
                let bound = min(Self.delayMax, 0.05 * Double(1 << min(attempts, 10)))
                try await pause(Double.random(in: bound / 2...bound))
            }
        } catch {
            throw ServiceError(
                ConnectionFault.cancelled, "The request was cancelled", namespace: .rest)
        }
    }

    /// The service's answer; nil where it throttled all of the batch.
    private func answer(_ body: [UInt8]) async throws(ServiceError) -> JSONValue? {
        do throws(ServiceError) {
            let response = try await send(
                ServiceRequest(
                    .dynamodb, headers: [("X-Amz-Target", "DynamoDB_20120810.BatchWriteItem")],
                    body: body))
            return try JSONValue(parsing: response.body)
        } catch {
            switch error.code {
            case "ProvisionedThroughputExceededException", "ThrottlingException",
                "RequestLimitExceeded":
                return nil
            default: throw error
            }
        }
    }

    private func learn(units: Double, told: Double) {
        guard units > 0, told > 0 else { return }
        unitsPerToldUnit.withLock { $0 = 0.8 * $0 + 0.2 * (units / told) }
    }

    private static func units(_ answer: JSONValue) -> Double {
        (answer["ConsumedCapacity"]?.elements ?? []).reduce(0) {
            $0 + ($1["CapacityUnits"]?.double ?? 0)
        }
    }

    private func body(_ changes: [ItemChange]) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("RequestItems")
        writer.beginObject()
        writer.name(table)
        writer.beginArray()
        for change in changes {
            writer.element()
            switch change {
            case .put(let item):
                writer.literal("{\"PutRequest\":{\"Item\":")
                writer.item(item)
            case .delete(let key):
                writer.literal("{\"DeleteRequest\":{\"Key\":")
                writer.item(key)
            }
            writer.literal("}}")
        }
        writer.endArray()
        writer.endObject()
        writer.name("ReturnConsumedCapacity")
        writer.string("TOTAL")
        writer.endObject()
        return writer.bytes
    }
}
