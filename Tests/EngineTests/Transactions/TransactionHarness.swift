import Engine
import Items
import Operations
import Synchronization

/// A table keyed by "pk", with a global index of the attribute "owner".
func tableWithOwners() async throws -> EngineHarness {
    let harness = try EngineHarness()
    var index = GlobalSecondaryIndex()
    index.indexName = "owners"
    index.keySchema = [KeySchemaElement("owner", .hash)]
    index.projection = Projection(.all)
    try await harness.makeTable(
        sortKey: nil, globalIndexes: [index],
        attributes: [AttributeDefinition("owner", .string)])
    return harness
}

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
