internal import Expressions
internal import Items
internal import Operations

extension Statement {
    /// The statement with its parameters put in.
    func parse() throws(ServiceError) -> PartiQLStatement {
        if let valueFault { throw valueFault }
        return try RequestExpressions.validating { () throws(ExpressionError) in
            try PartiQLStatement.parse(text, parameters: parameters ?? [])
        }
    }

    /// The statement with its parameters put in, or its fault.
    var parsed: Result<PartiQLStatement, ServiceError> {
        do throws(ServiceError) {
            return .success(try parse())
        } catch {
            return .failure(error)
        }
    }
}

extension PartiQLStatement {
    /// Whether this is a SELECT; EXISTS goes with writes.
    var isRead: Bool {
        if case .select = self { true } else { false }
    }
}

extension Table {
    /// The names of the key attributes: the partition key, then the sort key.
    var keyNames: [String] { [partitionKey.name] + (sortKey.map { [$0.name] } ?? []) }
}

/// The service's words for statements that are well formed but cannot be done.
enum StatementFaults {
    static let incompleteKey = ServiceError.validation(
        "Where clause does not contain a mandatory equality on all key attributes")
    static let unknownIndex = ServiceError.validation(
        "The table does not have the specified index")
    static let duplicateItem = ServiceError(
        "DuplicateItemException", "Duplicate primary key exists in table")
    static let orderWithoutPartitionKey = ServiceError.validation(
        "Must have at least one non-optional hash key condition in WHERE clause when using "
            + "ORDER BY clause.")
    static let invalidNextToken = ServiceError.validation("Given NextToken is invalid.")
    static let mixedBatch = ServiceError.validation(
        "BatchExecuteStatement API does not support both read and write operations in a single "
            + "request")
    static let mixedTransaction = ServiceError.validation(
        "ExecuteTransaction API does not support both read and write operations in a single "
            + "request")
    static let batchReadsItems = ServiceError.validation(
        "Select statements within BatchExecuteStatement must specify the primary key in the "
            + "where clause.")
    static let transactionReadsItems = ServiceError.validation(
        "Select statements within ExecuteTransaction must specify the primary key in the where "
            + "clause.")
    static let returningInTransaction = ServiceError.validation(
        "RETURNING clause is not supported in ExecuteTransaction")
    static let existsOutsideTransaction = ServiceError.validation(
        "Unsupported operation: EXISTS is only supported in ExecuteTransaction")
}
