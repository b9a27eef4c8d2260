internal import Operations

/// The operations that are told apart, by the numbers under which records have them.
///
/// A number is never given to another operation.
package enum BookedOperation: UInt8, Sendable, Hashable, CaseIterable {
    case none = 0
    case getItem = 1
    case putItem = 2
    case updateItem = 3
    case deleteItem = 4
    case batchGetItem = 5
    case batchWriteItem = 6
    case query = 7
    case scan = 8
    case transactWriteItems = 9
    case transactGetItems = 10
    case executeStatement = 11
    case batchExecuteStatement = 12
    case executeTransaction = 13
    case getRecords = 14
    case getShardIterator = 15
    case describeStream = 16
    case listStreams = 17
    case createTable = 18
    case describeTable = 19
    case listTables = 20
    case updateTable = 21
    case deleteTable = 22
    /// Any other of tables' settings.
    case tableSettings = 23

    /// The operation's name as the service has it; empty for none.
    package var name: String {
        switch self {
        case .none: ""
        case .getItem: "GetItem"
        case .putItem: "PutItem"
        case .updateItem: "UpdateItem"
        case .deleteItem: "DeleteItem"
        case .batchGetItem: "BatchGetItem"
        case .batchWriteItem: "BatchWriteItem"
        case .query: "Query"
        case .scan: "Scan"
        case .transactWriteItems: "TransactWriteItems"
        case .transactGetItems: "TransactGetItems"
        case .executeStatement: "ExecuteStatement"
        case .batchExecuteStatement: "BatchExecuteStatement"
        case .executeTransaction: "ExecuteTransaction"
        case .getRecords: "GetRecords"
        case .getShardIterator: "GetShardIterator"
        case .describeStream: "DescribeStream"
        case .listStreams: "ListStreams"
        case .createTable: "CreateTable"
        case .describeTable: "DescribeTable"
        case .listTables: "ListTables"
        case .updateTable: "UpdateTable"
        case .deleteTable: "DeleteTable"
        case .tableSettings: "(settings)"
        }
    }

    /// Whether it may change what tables there are, and how they are paid.
    var changesSettings: Bool {
        switch self {
        case .createTable, .updateTable, .deleteTable, .tableSettings: true
        default: false
        }
    }

    package var isRead: Bool {
        switch self {
        case .getItem, .batchGetItem, .query, .scan, .transactGetItems: true
        default: false
        }
    }
}

/// What the book keeps of a request while it is served.
struct BookedRequest: Sendable {
    let operation: BookedOperation
    /// The table that it names, by name or ARN; empty where it names none, or several.
    let tableName: String

    init(_ request: OperationRequest) {
        (operation, tableName) =
            switch request {
            case .getItem(let request): (.getItem, request.tableName)
            case .putItem(let request): (.putItem, request.tableName)
            case .updateItem(let request): (.updateItem, request.tableName)
            case .deleteItem(let request): (.deleteItem, request.tableName)
            case .batchGetItem(let request):
                (.batchGetItem, Self.only(request.requestItems.map(\.0)))
            case .batchWriteItem(let request):
                (.batchWriteItem, Self.only(request.requestItems.map(\.0)))
            case .query(let request): (.query, request.page.tableName)
            case .scan(let request): (.scan, request.page.tableName)
            case .transactWriteItems: (.transactWriteItems, "")
            case .transactGetItems: (.transactGetItems, "")
            case .executeStatement: (.executeStatement, "")
            case .batchExecuteStatement: (.batchExecuteStatement, "")
            case .executeTransaction: (.executeTransaction, "")
            case .getRecords(let request):
                (.getRecords, Self.table(ofIterator: request.shardIterator))
            case .getShardIterator(let request):
                (.getShardIterator, Self.table(ofStream: request.streamArn))
            case .describeStream(let request):
                (.describeStream, Self.table(ofStream: request.streamArn))
            case .listStreams(let request): (.listStreams, request.tableName ?? "")
            case .createTable(let request): (.createTable, request.tableName)
            case .describeTable(let request): (.describeTable, request.tableName)
            case .listTables: (.listTables, "")
            case .updateTable(let request): (.updateTable, request.tableName)
            case .deleteTable(let request): (.deleteTable, request.tableName)
            default: (.tableSettings, "")
            }
    }

    private static func only(_ names: [String]) -> String {
        names.count == 1 ? names.first ?? "" : ""
    }

    /// A shard iterator begins with its stream's ARN.
    private static func table(ofIterator iterator: String) -> String {
        table(ofStream: String(iterator.prefix { $0 != "|" }))
    }

    /// The table's ARN, of `arn:aws:dynamodb:REGION:ACCOUNT:table/NAME/stream/LABEL`.
    private static func table(ofStream arn: String) -> String {
        let parts = arn.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 ? "\(parts[0])/\(parts[1])" : arn
    }
}
