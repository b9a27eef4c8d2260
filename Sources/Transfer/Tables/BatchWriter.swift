internal import Client
internal import Items
internal import Operations
internal import Synchronization
internal import Wire

/// Writes batches: retries what the service left over, and finds out which of a refused batch's
/// changes it was that was refused.
final class BatchWriter: Sendable {
    private let client: ServiceClient
    private let table: String
    private let limiter: UnitLimiter
    /// How many units are consumed for each that sizes tell: indexes and old items add to it.
    private let unitsPerToldUnit = Mutex(1.0)

    private static let attemptsMax = 30
    private static let delayMax = 5.0

    init(client: ServiceClient, table: String, limiter: UnitLimiter) {
        self.client = client
        self.table = table
        self.limiter = limiter
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
        for attempt in 0..<Self.attemptsMax {
            let reserved = told * unitsPerToldUnit.withLock { $0 }
            do {
                try await limiter.admit(reserved)
                if attempt > 0 {
                    let bound = min(Self.delayMax, 0.05 * Double(1 << min(attempt, 10)))
                    try await Task.sleep(for: .seconds(Double.random(in: bound / 2...bound)))
                }
            } catch {
                throw ServiceError(
                    ConnectionFault.cancelled, "The request was cancelled", namespace: .rest)
            }
            let response = try await client.send(
                ServiceRequest(
                    .dynamodb, headers: [("X-Amz-Target", "DynamoDB_20120810.BatchWriteItem")],
                    body: body))
            let answer = try JSONValue(parsing: response.body)
            let units = Self.units(answer)
            await limiter.settle(units - reserved)
            consumed += units
            let left = answer["UnprocessedItems"]
            let leftCount = left?.members?.reduce(0) { $0 + ($1.1.elements?.count ?? 0) } ?? 0
            guard let left, leftCount > 0 else {
                learn(units: units, told: told)
                return consumed
            }
            told = told * Double(leftCount) / Double(max(1, changes.count))
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
