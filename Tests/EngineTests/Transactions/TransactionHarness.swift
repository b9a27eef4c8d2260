import Dispatch
import Engine
import Items
import Operations
import Storage
import Synchronization

extension TransactWriteItem {
    static func put(
        _ item: ItemBytes, if condition: String? = nil, values: [String: AttributeValue] = [:],
        showing: Bool = false, table: String = "tab"
    ) -> TransactWriteItem {
        var request = PutItemRequest()
        request.tableName = table
        request.item = item
        request.condition = WriteCondition(condition, showing: showing)
        request.attributes = ExpressionAttributes(values)
        return .put(request)
    }

    static func delete(
        _ key: ItemBytes, if condition: String? = nil, values: [String: AttributeValue] = [:],
        showing: Bool = false, table: String = "tab"
    ) -> TransactWriteItem {
        var request = DeleteItemRequest()
        request.tableName = table
        request.key = key
        request.condition = WriteCondition(condition, showing: showing)
        request.attributes = ExpressionAttributes(values)
        return .delete(request)
    }

    static func check(
        _ key: ItemBytes, _ condition: String, values: [String: AttributeValue] = [:],
        showing: Bool = false, table: String = "tab"
    ) -> TransactWriteItem {
        var request = ConditionCheck()
        request.tableName = table
        request.key = key
        request.condition = WriteCondition(condition, showing: showing)
        request.attributes = ExpressionAttributes(values)
        return .conditionCheck(request)
    }

    static func update(
        _ key: ItemBytes, _ expression: String, if condition: String? = nil,
        values: [String: AttributeValue] = [:], names: [String: String]? = nil,
        showing: Bool = false, table: String = "tab"
    ) -> TransactWriteItem {
        var request = UpdateItemRequest()
        request.tableName = table
        request.key = key
        request.updateExpression = expression
        request.condition = WriteCondition(condition, showing: showing)
        request.attributes = ExpressionAttributes(values)
        request.attributes.names = names
        return .update(request)
    }
}

extension WriteCondition {
    fileprivate init(_ expression: String?, showing: Bool) {
        self.init()
        conditionExpression = expression
        returnsOldOnFailure = showing
    }
}

extension ExpressionAttributes {
    fileprivate init(_ values: [String: AttributeValue]) {
        self.init()
        self.values = values.isEmpty ? nil : values.mapValues { ItemValue($0) }
    }
}

/// A TransactWriteItems with everything told.
func writes(_ items: [TransactWriteItem], token: String? = nil) -> OperationRequest {
    var request = TransactWriteItemsRequest()
    request.transactItems = items
    request.clientRequestToken = token
    request.returnConsumedCapacity = .indexes
    request.returnItemCollectionMetrics = true
    return .transactWriteItems(request)
}

/// A TransactGetItems with everything told.
func gets(
    _ keys: [ItemBytes], projection: String? = nil, table: String = "tab"
) -> OperationRequest {
    var request = TransactGetItemsRequest()
    request.transactItems = keys.map { key in
        var get = TransactGetItem()
        get.tableName = table
        get.key = key
        get.projectionExpression = projection
        return get
    }
    request.returnConsumedCapacity = .indexes
    return .transactGetItems(request)
}

extension OperationOutcome {
    var transaction: TransactWriteItemsResponse? {
        if case .transactWriteItems(let response) = response { return response }
        return nil
    }

    var itemResponses: ItemResponses? {
        if case .itemResponses(let response) = response { return response }
        return nil
    }
}

extension ServiceError {
    /// The codes of the reasons; empty for what is no cancellation.
    var codes: [String] { cancellationReasons?.map(\.code) ?? [] }
}

/// A store in memory whose commits wait while its gate is closed.
///
/// So a test holds a group of commits up for as long as it likes, without a clock.
final class GatedStore: KeyValueStore {
    private let inner: RocksStore
    private let gate = DispatchQueue(label: "gate")

    init() throws {
        inner = try RocksStore.open(.inMemory)
    }

    func closeGate() { gate.suspend() }
    func openGate() { gate.resume() }

    func commit(_ batch: any WriteBatch) throws(StorageError) {
        gate.sync {}
        try inner.commit(batch)
    }

    func get(_ keyspace: Keyspace, _ key: [UInt8]) throws(StorageError) -> [UInt8]? {
        try inner.get(keyspace, key)
    }
    func getCached(_ keyspace: Keyspace, _ key: [UInt8]) throws(StorageError) -> CachedRead {
        try inner.getCached(keyspace, key)
    }
    func cursor(
        _ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]?
    ) throws(StorageError) -> any Cursor {
        try inner.cursor(keyspace, lower: lower, upper: upper)
    }
    func snapshot() -> any ReadView { inner.snapshot() }
    func makeBatch() -> any WriteBatch { inner.makeBatch() }
    func checkpoint(to path: String) throws(StorageError) { try inner.checkpoint(to: path) }
    func approximateByteCount(_ keyspace: Keyspace, lower: [UInt8], upper: [UInt8]) -> Int {
        inner.approximateByteCount(keyspace, lower: lower, upper: upper)
    }
    var fault: StorageError? { inner.fault }
    func close() { inner.close() }
}

/// An operation that has been given to the engine and may not be answered yet.
final class Pending: Sendable {
    private struct State {
        var result: Result<OperationOutcome, ServiceError>?
        var waiting: CheckedContinuation<Result<OperationOutcome, ServiceError>, Never>?
    }
    private let state = Mutex(State())

    init(_ request: OperationRequest, on harness: EngineHarness) {
        harness.engine.handle(request, context: RequestContext()) { result in
            let waiting = self.state.withLock { state in
                state.result = result
                return state.waiting
            }
            waiting?.resume(returning: result)
        }
    }

    var isAnswered: Bool { state.withLock { $0.result != nil } }

    func outcome() async throws(ServiceError) -> OperationOutcome {
        let result = await withCheckedContinuation { continuation in
            let known = state.withLock { state in
                if state.result == nil { state.waiting = continuation }
                return state.result
            }
            if let known { continuation.resume(returning: known) }
        }
        return try result.get()
    }

    func error() async -> ServiceError? {
        do throws(ServiceError) {
            _ = try await outcome()
            return nil
        } catch {
            return error
        }
    }
}
