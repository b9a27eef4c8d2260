/// Who asks, from where, under which id: what an operation may need beside its parameters.
package struct RequestContext: Sendable {
    /// The `x-amzn-RequestId` of the answer.
    package var requestID: String
    /// The region of the request's credential scope, or the server's own; tables live in one.
    package var region: String
    /// The access key of the request's credential; empty where there is none.
    package var accessKeyID: String
    /// The `Host` header: DescribeEndpoints gives it back.
    package var host: String

    package init(
        requestID: String = "", region: String = "us-east-1", accessKeyID: String = "",
        host: String = "localhost:8000"
    ) {
        self.requestID = requestID
        self.region = region
        self.accessKeyID = accessKeyID
        self.host = host
    }
}

/// An operation's answer and what it consumed.
package struct OperationOutcome: Sendable {
    package var response: OperationResponse
    package var consumption: Consumption

    package init(_ response: OperationResponse, consumption: Consumption = Consumption()) {
        self.response = response
        self.consumption = consumption
    }
}

/// Whoever does operations: the engine, behind whichever transport.
package protocol OperationHandler: Sendable {
    /// Does one operation.
    ///
    /// Never blocks the caller for I/O or a lock held across it: a read that the block cache can
    /// answer is completed before this returns, anything else later on another thread. The
    /// completion is called exactly once.
    func handle(
        _ request: OperationRequest, context: RequestContext,
        completion: @escaping @Sendable (Result<OperationOutcome, ServiceError>) -> Void)
}

/// A decoded request of any operation.
package enum OperationRequest: Sendable {
    case getItem(GetItemRequest)
    case putItem(PutItemRequest)
    case updateItem(UpdateItemRequest)
    case deleteItem(DeleteItemRequest)
    case batchGetItem(BatchGetItemRequest)
    case batchWriteItem(BatchWriteItemRequest)
    case query(QueryRequest)
    case scan(ScanRequest)
    case createTable(CreateTableRequest)
    case describeTable(TableRequest)
    case listTables(ListTablesRequest)
    case updateTable(UpdateTableRequest)
    case deleteTable(TableRequest)
    case tagResource(TagResourceRequest)
    case untagResource(UntagResourceRequest)
    case listTagsOfResource(ListTagsOfResourceRequest)
    case describeLimits
    case describeEndpoints
    case describeTimeToLive(TableRequest)
    case updateTimeToLive(UpdateTimeToLiveRequest)
    case describeContinuousBackups(TableRequest)
    case updateContinuousBackups(UpdateContinuousBackupsRequest)
    case putResourcePolicy(PutResourcePolicyRequest)
    case getResourcePolicy(ResourcePolicyRequest)
    case deleteResourcePolicy(ResourcePolicyRequest)
    case transactWriteItems(TransactWriteItemsRequest)
    case transactGetItems(TransactGetItemsRequest)
    case executeStatement(ExecuteStatementRequest)
    case batchExecuteStatement(BatchExecuteStatementRequest)
    case executeTransaction(ExecuteTransactionRequest)
    case listStreams(ListStreamsRequest)
    case describeStream(DescribeStreamRequest)
    case getShardIterator(GetShardIteratorRequest)
    case getRecords(GetRecordsRequest)
}

/// The answer of any operation.
package enum OperationResponse: Sendable {
    case getItem(GetItemResponse)
    /// PutItem, UpdateItem and DeleteItem answer alike.
    case writeItem(WriteItemResponse)
    case batchGetItem(BatchGetItemResponse)
    case batchWriteItem(BatchWriteItemResponse)
    /// Query and Scan answer alike.
    case page(PageResponse)
    /// CreateTable, UpdateTable, DeleteTable: member `TableDescription`.
    case tableDescription(TableDescription)
    /// DescribeTable: member `Table`.
    case table(TableDescription)
    case listTables(ListTablesResponse)
    /// TagResource, UntagResource: an empty body.
    case empty
    case listTagsOfResource(ListTagsOfResourceResponse)
    case describeLimits(DescribeLimitsResponse)
    case describeEndpoints(address: String, cachePeriodInMinutes: Int)
    case describeTimeToLive(TimeToLiveDescription)
    case updateTimeToLive(TimeToLiveSpecification)
    /// DescribeContinuousBackups and UpdateContinuousBackups answer alike.
    case describeContinuousBackups(ContinuousBackupsDescription)
    case resourcePolicy(ResourcePolicyAnswer)
    case transactWriteItems(TransactWriteItemsResponse)
    /// TransactGetItems and ExecuteTransaction answer alike.
    case itemResponses(ItemResponses)
    case executeStatement(ExecuteStatementResponse)
    case batchExecuteStatement(BatchExecuteStatementResponse)
    case listStreams(ListStreamsResponse)
    case streamDescription(StreamDescription)
    case shardIterator(String)
    case records(GetRecordsResponse)
}
