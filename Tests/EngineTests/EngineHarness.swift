import Engine
import Items
import Operations
import Storage

/// An engine over a store in memory, or another store, driven without a socket.
struct EngineHarness {
    let engine: Engine
    let store: any KeyValueStore

    init(
        store: (any KeyValueStore)? = nil,
        configuration: EngineConfiguration = EngineConfiguration()
    ) throws {
        let opened = try store ?? RocksStore.open(.inMemory)
        self.store = opened
        engine = try Engine(store: opened, configuration: configuration)
    }

    /// Does an operation and waits for its outcome.
    func perform(
        _ request: OperationRequest, context: RequestContext = RequestContext()
    ) async throws(ServiceError) -> OperationOutcome {
        let result = await withCheckedContinuation { continuation in
            engine.handle(request, context: context) { continuation.resume(returning: $0) }
        }
        return try result.get()
    }

    /// The error of an operation that must fail.
    func error(of request: OperationRequest) async -> ServiceError? {
        do throws(ServiceError) {
            _ = try await perform(request)
            return nil
        } catch {
            return error
        }
    }

    /// Makes a table `tab` (or another name) of string keys `pk` and, where asked, `sk`.
    func makeTable(
        _ name: String = "tab", sortKey: ScalarAttributeType? = .string,
        localIndexes: [LocalSecondaryIndex] = [], globalIndexes: [GlobalSecondaryIndex] = [],
        attributes: [AttributeDefinition] = []
    ) async throws {
        var request = CreateTableRequest()
        request.tableName = name
        request.billingMode = .payPerRequest
        request.keySchema = [KeySchemaElement("pk", .hash)]
        request.attributeDefinitions = [AttributeDefinition("pk", .string)]
        if let sortKey {
            request.keySchema?.append(KeySchemaElement("sk", .range))
            request.attributeDefinitions?.append(AttributeDefinition("sk", sortKey))
        }
        request.attributeDefinitions? += attributes
        if !localIndexes.isEmpty { request.localSecondaryIndexes = localIndexes }
        if !globalIndexes.isEmpty { request.globalSecondaryIndexes = globalIndexes }
        _ = try await perform(.createTable(request))
    }

    func put(_ item: ItemBytes, table: String = "tab") async throws -> OperationOutcome {
        var request = PutItemRequest()
        request.tableName = table
        request.item = item
        request.returns.returnConsumedCapacity = .indexes
        return try await perform(.putItem(request))
    }

    func delete(_ key: ItemBytes, table: String = "tab") async throws -> OperationOutcome {
        var request = DeleteItemRequest()
        request.tableName = table
        request.key = key
        request.returns.returnValues = .allOld
        return try await perform(.deleteItem(request))
    }

    func get(_ key: ItemBytes, table: String = "tab") async throws -> ItemBytes? {
        var request = GetItemRequest()
        request.tableName = table
        request.key = key
        guard case .getItem(let response) = try await perform(.getItem(request)).response else {
            return nil
        }
        return response.item
    }

    /// An UpdateItem with an expression.
    func update(
        _ key: ItemBytes, _ expression: String?, values: [String: AttributeValue] = [:],
        names: [String: String]? = nil, condition: String? = nil,
        returning: ReturnValues = .none, table: String = "tab"
    ) async throws -> OperationOutcome {
        var request = UpdateItemRequest()
        request.tableName = table
        request.key = key
        request.updateExpression = expression
        request.condition.conditionExpression = condition
        request.attributes.names = names
        request.attributes.values = values.isEmpty ? nil : values.mapValues { ItemValue($0) }
        request.returns.returnValues = returning
        return try await perform(.updateItem(request))
    }

    /// All items of a table or index, page by page.
    func scanAll(
        _ table: String = "tab", index: String? = nil, limit: Int? = nil
    ) async throws -> [ItemBytes] {
        var request = ScanRequest()
        request.page.tableName = table
        request.page.indexName = index
        request.page.limit = limit
        var items: [ItemBytes] = []
        repeat {
            guard case .page(let page) = try await perform(.scan(request)).response else {
                return items
            }
            items += page.items ?? []
            request.page.exclusiveStartKey = page.lastEvaluatedKey
        } while request.page.exclusiveStartKey != nil
        return items
    }

    func describe(_ table: String = "tab") async throws -> TableDescription {
        let outcome = try await perform(.describeTable(TableRequest(tableName: table)))
        guard case .table(let description) = outcome.response else {
            throw ServiceError.internalServerError("no description")
        }
        return description
    }
}

/// The key of `makeTable`'s tables.
func key(_ pk: String, _ sk: String? = nil) -> ItemBytes {
    if let sk { return ["pk": .string(pk), "sk": .string(sk)] }
    return ["pk": .string(pk)]
}

extension AttributeValue {
    /// A whole number.
    static func int(_ value: Int) -> AttributeValue { .number(DecimalNumber(value)) }
}

extension OperationOutcome {
    /// The answer of a single-item write.
    var write: WriteItemResponse? {
        if case .writeItem(let response) = response { return response }
        return nil
    }

    var page: PageResponse? {
        if case .page(let response) = response { return response }
        return nil
    }
}
