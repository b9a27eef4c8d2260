import Items
import Operations

extension Statement {
    init(_ text: String, _ parameters: [AttributeValue] = [], showing: Bool = false) {
        self.init()
        self.text = text
        self.parameters = parameters.isEmpty ? nil : parameters.map { ItemValue($0) }
        returnsOldOnFailure = showing
    }
}

extension EngineHarness {
    /// An ExecuteStatement with everything told.
    func execute(
        _ text: String, _ parameters: [AttributeValue] = [], limit: Int? = nil,
        after token: String? = nil, consistent: Bool = false, showing: Bool = false
    ) async throws(ServiceError) -> OperationOutcome {
        try await perform(
            executing(
                text, parameters, limit: limit, after: token, consistent: consistent,
                showing: showing))
    }

    func executing(
        _ text: String, _ parameters: [AttributeValue] = [], limit: Int? = nil,
        after token: String? = nil, consistent: Bool = false, showing: Bool = false
    ) -> OperationRequest {
        var request = ExecuteStatementRequest()
        request.statement = Statement(text, parameters, showing: showing)
        request.limit = limit
        request.nextToken = token
        request.consistentRead = consistent
        request.returnConsumedCapacity = .indexes
        return .executeStatement(request)
    }

    /// The rows of a statement, page by page.
    func rows(
        _ text: String, _ parameters: [AttributeValue] = [], limit: Int? = nil
    ) async throws(ServiceError) -> [ItemBytes] {
        var rows: [ItemBytes] = []
        var token: String?
        repeat {
            let page = try await execute(text, parameters, limit: limit, after: token).statement
            rows += page?.items ?? []
            token = page?.nextToken
        } while token != nil
        return rows
    }

    /// The message of a statement that must fail.
    func fault(_ text: String, _ parameters: [AttributeValue] = []) async -> String? {
        await error(of: executing(text, parameters))?.message
    }

    /// Orders with a sort key `sk` of numbers, and two indexes on them.
    func makeOrders() async throws {
        var local = LocalSecondaryIndex()
        local.indexName = "by-amount"
        local.keySchema = [KeySchemaElement("pk", .hash), KeySchemaElement("amount", .range)]
        local.projection = Projection(.keysOnly)
        var global = GlobalSecondaryIndex()
        global.indexName = "by-city"
        global.keySchema = [KeySchemaElement("city", .hash), KeySchemaElement("sk", .range)]
        global.projection = Projection(.keysOnly)
        try await makeTable(
            sortKey: .number, localIndexes: [local], globalIndexes: [global],
            attributes: [
                AttributeDefinition("amount", .number), AttributeDefinition("city", .string),
            ])
        for customer in ["a", "b", "c"] {
            for number in 0..<6 {
                _ = try await put([
                    "pk": .string(customer), "sk": .int(number), "amount": .int(10 - number),
                    "city": .string(number % 2 == 0 ? "Bonn" : "Ulm"),
                    "note": .map(["text": .string("n\(number)"), "tags": .list([.int(number)])]),
                ])
            }
        }
    }
}

extension OperationOutcome {
    var statement: ExecuteStatementResponse? {
        if case .executeStatement(let response) = response { return response }
        return nil
    }

    var batch: BatchExecuteStatementResponse? {
        if case .batchExecuteStatement(let response) = response { return response }
        return nil
    }
}

/// Rows as `pk/sk`, for comparison.
func keys(_ rows: [ItemBytes]) -> [String] {
    rows.map {
        "\($0.value(named: "pk")?.string ?? "")\($0.value(named: "sk")?.number?.description ?? "")"
    }
}
