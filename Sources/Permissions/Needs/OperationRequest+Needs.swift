internal import Expressions
internal import Items
internal import Operations

/// What deciding about a request is told beside it.
struct NeedScope: Sendable {
    let names: ResourceNames
    let tables: any TableDirectory
    let context: RequestContext

    init(accountID: String, context: RequestContext, tables: any TableDirectory) {
        names = ResourceNames(accountID: accountID, region: context.region)
        self.tables = tables
        self.context = context
    }

    /// An action on items.
    func items(_ action: String, _ access: ItemAccess) -> AccessRequest {
        let tables = tables
        let tableARN = names.table(access.tableName)
        return AccessRequest(
            action: "dynamodb:\(action)",
            resource: names.index(access.indexName, of: access.tableName)
        ) { key in
            guard key.hasPrefix("dynamodb:") else { return nil }
            let facts = ResourceNames.table(inARN: tableARN).flatMap {
                tables.facts(tableName: $0.name, region: $0.region)
            }
            return access.value(key, hash: facts?.partitionKeys[access.indexName ?? ""])
        }
    }

    /// An action of PartiQL: a SELECT that leaves the partition key open reads the whole table.
    func statement(_ statement: PartiQLStatement, enclosed: String? = nil) -> AccessRequest {
        var access = statement.access
        access.enclosingOperation = enclosed
        let request = items(statement.actionName, access)
        guard statement.isSelect, let facts = facts(request.resource) else { return request }
        let hash = facts.partitionKeys[access.indexName ?? ""] ?? []
        let values = access.partitionValues
        return request.adding { key in
            guard key == "dynamodb:fulltablescan" else { return nil }
            return ["\(values?(hash).isEmpty ?? true)"]
        }
    }

    /// An action on a table as a whole.
    func table(_ action: String, _ name: String) -> AccessRequest {
        AccessRequest(action: "dynamodb:\(action)", resource: names.table(name))
    }

    /// An action on a resource that is named by its ARN.
    func resource(_ action: String, _ arn: String) -> AccessRequest {
        AccessRequest(action: "dynamodb:\(action)", resource: ResourceNames.normal(arn))
    }

    func facts(_ arn: String) -> TableFacts? {
        ResourceNames.table(inARN: arn).flatMap {
            tables.facts(tableName: $0.name, region: $0.region)
        }
    }
}

extension OperationRequest {
    /// Every action that the request needs, in its own order; none for a request that cannot be
    /// read and is refused anyway.
    func needs(_ scope: NeedScope) -> [AccessRequest] {
        switch self {
        case .getItem(let request): [scope.items("GetItem", request.access)]
        case .putItem(let request): [scope.items("PutItem", request.access)]
        case .updateItem(let request): [scope.items("UpdateItem", request.access)]
        case .deleteItem(let request): [scope.items("DeleteItem", request.access)]
        case .query(let request): [scope.items("Query", request.access)]
        case .scan(let request): [scope.items("Scan", request.access)]
        case .batchGetItem(let request):
            request.requestItems.map { name, keys in
                scope.items(
                    "BatchGetItem",
                    keys.access(tableName: name, request.returnConsumedCapacity))
            }
        case .batchWriteItem(let request):
            request.requestItems.map { name, writes in
                scope.items("BatchWriteItem", request.access(name, writes))
            }
        case .transactWriteItems(let request):
            request.transactItems.compactMap { $0.need(scope) }
        case .transactGetItems(let request):
            request.transactItems.map { item in
                var access = item.access
                access.enclosingOperation = "TransactGetItems"
                return scope.items("GetItem", access)
            }
        case .executeStatement(let request):
            request.statement.needs(scope)
        case .batchExecuteStatement(let request):
            request.statements.flatMap { $0.statement.needs(scope) }
        case .executeTransaction(let request):
            request.statements.flatMap { $0.needs(scope, enclosed: "ExecuteTransaction") }
        default: needsOfTables(scope)
        }
    }

    /// The same of the control plane and of streams.
    private func needsOfTables(_ scope: NeedScope) -> [AccessRequest] {
        switch self {
        case .createTable(let request): return request.needs(scope)
        case .describeTable(let request):
            return [scope.table("DescribeTable", request.tableName)]
        case .updateTable(let request): return [scope.table("UpdateTable", request.tableName)]
        case .deleteTable(let request): return [scope.table("DeleteTable", request.tableName)]
        case .listTables: return [scope.table("ListTables", "*")]
        case .tagResource(let request): return [scope.resource("TagResource", request.resourceArn)]
        case .untagResource(let request):
            return [scope.resource("UntagResource", request.resourceArn)]
        case .listTagsOfResource(let request):
            return [scope.resource("ListTagsOfResource", request.resourceArn)]
        case .describeLimits: return [scope.resource("DescribeLimits", "*")]
        case .describeEndpoints: return [scope.resource("DescribeEndpoints", "*")]
        case .describeTimeToLive(let request):
            return [scope.table("DescribeTimeToLive", request.tableName)]
        case .updateTimeToLive(let request):
            return [scope.table("UpdateTimeToLive", request.tableName)]
        case .describeContinuousBackups(let request):
            return [scope.table("DescribeContinuousBackups", request.tableName)]
        case .updateContinuousBackups(let request):
            return [scope.table("UpdateContinuousBackups", request.tableName)]
        case .putResourcePolicy(let request):
            return [scope.resource("PutResourcePolicy", request.resourceArn)]
        case .getResourcePolicy(let request):
            return [scope.resource("GetResourcePolicy", request.resourceArn)]
        case .deleteResourcePolicy(let request):
            return [scope.resource("DeleteResourcePolicy", request.resourceArn)]
        case .listStreams(let request):
            return [
                scope.resource(
                    "ListStreams", scope.names.table(request.tableName ?? "*") + "/stream/*")
            ]
        case .describeStream(let request):
            return [scope.resource("DescribeStream", request.streamArn)]
        case .getShardIterator(let request):
            return [scope.resource("GetShardIterator", request.streamArn)]
        case .getRecords(let request):
            // An iterator begins with its stream's ARN.
            let arn = request.shardIterator.prefix { $0 != "|" }
            return [scope.resource("GetRecords", String(arn))]
        case .getItem, .putItem, .updateItem, .deleteItem, .batchGetItem, .batchWriteItem, .query,
            .scan, .transactWriteItems, .transactGetItems, .executeStatement,
            .batchExecuteStatement, .executeTransaction:
            return []
        }
    }
}

extension CreateTableRequest {
    fileprivate func needs(_ scope: NeedScope) -> [AccessRequest] {
        var needs = [scope.table("CreateTable", tableName)]
        if tags?.isEmpty == false { needs.append(scope.table("TagResource", tableName)) }
        if resourcePolicy != nil { needs.append(scope.table("PutResourcePolicy", tableName)) }
        return needs
    }
}

extension TransactWriteItem {
    fileprivate func need(_ scope: NeedScope) -> AccessRequest? {
        var (action, access): (String, ItemAccess)
        switch self {
        case .put(let request): (action, access) = ("PutItem", request.access)
        case .update(let request): (action, access) = ("UpdateItem", request.access)
        case .delete(let request): (action, access) = ("DeleteItem", request.access)
        case .conditionCheck(let request): (action, access) = ("ConditionCheckItem", request.access)
        case .malformed: return nil
        }
        access.enclosingOperation = "TransactWriteItems"
        return scope.items(action, access)
    }
}

extension Statement {
    /// One action, or none where the statement cannot be read.
    func needs(_ scope: NeedScope, enclosed: String? = nil) -> [AccessRequest] {
        guard valueFault == nil,
            let statement = try? PartiQLStatement.parse(text, parameters: parameters ?? [])
        else { return [] }
        return [scope.statement(statement, enclosed: enclosed)]
    }
}
