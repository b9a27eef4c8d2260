import Items
import Operations
import Testing

@testable import Wire

@Suite("Answers of transactions and statements")
struct TransactionAnswerTests {
    private let capacity = ConsumedCapacity(
        consumption: TableConsumption(
            tableName: "Music", table: Units(write: RequestUnits(2))),
        detail: .total, tellsReadWriteSplit: true)
    private let capacityText =
        #"{"CapacityUnits":2.0,"TableName":"Music","WriteCapacityUnits":2.0}"#

    @Test("TransactWriteItems answers only with what was asked")
    func transactWriteItems() {
        var response = TransactWriteItemsResponse()
        #expect(encode(.transactWriteItems(response)) == "{}")
        response.consumedCapacity = [capacity]
        let metrics = ItemCollectionMetrics(
            itemCollectionKey: ["a": .string("b")], sizeEstimateRangeGB: (0, 1))
        response.itemCollectionMetrics = [("Music", [metrics, metrics])]
        let metricsText =
            #"{"ItemCollectionKey":{"a":{"S":"b"}},"SizeEstimateRangeGB":[0.0,1.0]}"#
        #expect(
            encode(.transactWriteItems(response))
                == #"{"ConsumedCapacity":[\#(capacityText)],"#
                + #""ItemCollectionMetrics":{"Music":[\#(metricsText),\#(metricsText)]}}"#)
    }

    @Test("An item that isn't there is an empty object in its place")
    func itemResponses() {
        var response = ItemResponses()
        #expect(encode(.itemResponses(response)) == #"{"Responses":[]}"#)
        response.responses = [["a": .string("b")], nil, [:]]
        response.consumedCapacity = [capacity]
        #expect(
            encode(.itemResponses(response))
                == #"{"ConsumedCapacity":[\#(capacityText)],"#
                + #""Responses":[{"Item":{"a":{"S":"b"}}},{},{"Item":{}}]}"#)
    }

    @Test("ExecuteStatement always has Items")
    func executeStatement() {
        var response = ExecuteStatementResponse()
        #expect(encode(.executeStatement(response)) == #"{"Items":[]}"#)
        response.items = [["a": .null], ["b": .bool(true)]]
        response.nextToken = "next"
        response.lastEvaluatedKey = ["k": .string("v")]
        response.consumedCapacity = capacity
        #expect(
            encode(.executeStatement(response))
                == #"{"ConsumedCapacity":\#(capacityText),"#
                + #""Items":[{"a":{"NULL":true}},{"b":{"BOOL":true}}],"#
                + #""LastEvaluatedKey":{"k":{"S":"v"}},"NextToken":"next"}"#)
    }

    @Test("BatchExecuteStatement tells errors in their places")
    func batchExecuteStatement() {
        var item = BatchStatementResponse()
        item.tableName = "Music"
        item.item = ["a": .string("b")]
        var failed = BatchStatementResponse()
        failed.tableName = "Music"
        failed.error = BatchStatementError(
            code: "ConditionalCheckFailed", message: "The conditional request failed",
            item: ["a": .null])
        var unread = BatchStatementResponse()
        unread.error = BatchStatementError(code: "ValidationError", message: "no")
        var response = BatchExecuteStatementResponse()
        response.responses = [item, failed, unread, BatchStatementResponse()]
        response.consumedCapacity = [capacity]
        #expect(
            encode(.batchExecuteStatement(response))
                == #"{"ConsumedCapacity":[\#(capacityText)],"Responses":["#
                + #"{"Item":{"a":{"S":"b"}},"TableName":"Music"},"#
                + #"{"Error":{"Code":"ConditionalCheckFailed","Item":{"a":{"NULL":true}},"#
                + #""Message":"The conditional request failed"},"TableName":"Music"},"#
                + #"{"Error":{"Code":"ValidationError","Message":"no"}},{}]}"#)
    }

    private func body(of error: ServiceError) -> String {
        var output: [UInt8] = []
        WireCodec.encode(error, into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test("A cancelled transaction tells a reason for each action")
    func cancellation() {
        let error = ServiceError.transactionCanceled([
            .none,
            CancellationReason(
                code: "ConditionalCheckFailed", message: "The conditional request failed",
                item: ["a": .string("b")]),
            CancellationReason(code: "ValidationError", message: "no"),
        ])
        #expect(
            body(of: error)
                == ##"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","##
                + #""CancellationReasons":[{"Code":"None"},"#
                + #"{"Code":"ConditionalCheckFailed","Item":{"a":{"S":"b"}},"#
                + #""Message":"The conditional request failed"},"#
                + #"{"Code":"ValidationError","Message":"no"}],"#
                + #""Message":"Transaction cancelled, please refer cancellation reasons for "#
                + #"specific reasons [None, ConditionalCheckFailed, ValidationError]"}"#)
    }

    @Test(
        "The message's member is written as the model names it",
        arguments: [
            ("IdempotentParameterMismatchException", "Message"),
            ("TransactionInProgressException", "Message"),
            ("TransactionConflictException", "message"), ("DuplicateItemException", "message"),
            ("TrimmedDataAccessException", "message"), ("ExpiredIteratorException", "message"),
        ])
    func messages(code: String, member: String) {
        #expect(
            body(of: ServiceError(code, "words"))
                == ##"{"__type":"com.amazonaws.dynamodb.v20120810#\##(code)","\##(member)":"words"}"##
        )
    }
}
