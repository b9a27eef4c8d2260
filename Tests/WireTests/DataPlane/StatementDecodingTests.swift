import Items
import Operations
import Testing

@testable import Wire

@Suite("PartiQL statements are decoded with their parameters")
struct StatementDecodingTests {
    @Test("ExecuteStatement")
    func executeStatement() throws {
        let request = try #require(
            try decode(
                "ExecuteStatement",
                #"""
                {"Statement":"SELECT * FROM \"Music\" WHERE a = ?",
                 "Parameters":[{"S":"x"},{"L":[{"N":"1"}]}],"ConsistentRead":true,
                 "NextToken":"token","ReturnConsumedCapacity":"TOTAL","Limit":5,
                 "ReturnValuesOnConditionCheckFailure":"ALL_OLD","TableName":[]}
                """#
            ).executeStatement)
        #expect(request.statement.text == #"SELECT * FROM "Music" WHERE a = ?"#)
        #expect(
            request.statement.parameters?.map(\.attributeValue)
                == [.string("x"), .list([.number(DecimalNumber(1))])])
        #expect(request.statement.returnsOldOnFailure)
        #expect(request.statement.valueFault == nil)
        #expect(request.consistentRead)
        #expect(request.nextToken == "token")
        #expect(request.returnConsumedCapacity == .total)
        #expect(request.limit == 5)
        let plain = try #require(
            try decode("ExecuteStatement", #"{"Statement":"s","Parameters":null}"#)
                .executeStatement)
        #expect(plain.statement.parameters == nil)
        #expect(!plain.statement.returnsOldOnFailure)
        #expect(!plain.consistentRead)
        #expect(plain.nextToken == nil)
        #expect(plain.limit == nil)
        #expect(plain.returnConsumedCapacity == .none)
    }

    @Test("BatchExecuteStatement")
    func batchExecuteStatement() throws {
        let request = try #require(
            try decode(
                "BatchExecuteStatement",
                #"""
                {"ReturnConsumedCapacity":"INDEXES","Statements":[
                  {"Statement":"one","Parameters":[{"S":"1"}],"ConsistentRead":true},
                  {"Statement":"two","Parameters":[{"S":"2"},{"SS":[]}],
                   "ReturnValuesOnConditionCheckFailure":"ALL_OLD"},
                  {"Statement":"three","ConsistentRead":false}]}
                """#
            ).batchExecuteStatement)
        #expect(request.returnConsumedCapacity == .indexes)
        #expect(request.statements.map(\.statement.text) == ["one", "two", "three"])
        #expect(request.statements.map(\.consistentRead) == [true, false, false])
        #expect(
            request.statements.map(\.statement.returnsOldOnFailure) == [false, true, false])
        #expect(
            request.statements[0].statement.parameters?.map(\.attributeValue) == [.string("1")])
        #expect(
            request.statements.map { $0.statement.valueFault?.message }
                == [nil, AttributeValueFaultTests.invalid + "An string set  may not be empty", nil])
        #expect(request.statements[2].statement.parameters == nil)
    }

    @Test("ExecuteTransaction")
    func executeTransaction() throws {
        let request = try #require(
            try decode(
                "ExecuteTransaction",
                #"""
                {"ClientRequestToken":"t","ReturnConsumedCapacity":"TOTAL","TransactStatements":[
                  {"Statement":"one"},
                  {"Parameters":[{"N":"x"}],"Statement":"two","ConsistentRead":"no member"}]}
                """#
            ).executeTransaction)
        #expect(request.clientRequestToken == "t")
        #expect(request.returnConsumedCapacity == .total)
        #expect(request.statements.map(\.text) == ["one", "two"])
        #expect(
            request.statements.map { $0.valueFault?.message }
                == [nil, "The parameter cannot be converted to a numeric value: x"])
    }

    @Test("Parameters given twice are the last, with the last's fault")
    func parametersTwice() throws {
        let body =
            #"{"Statement":"s","Parameters":[{"S":"1"},{}],"Parameters":[{"S":"2"}]}"#
        let request = try #require(try decode("ExecuteStatement", body).executeStatement)
        #expect(request.statement.parameters?.map(\.attributeValue) == [.string("2")])
        #expect(request.statement.valueFault == nil)
    }

    @Test("A null parameter is a value without a type")
    func nullParameter() throws {
        let body = #"{"Statement":"s","Parameters":[null]}"#
        let request = try #require(try decode("ExecuteStatement", body).executeStatement)
        #expect(request.statement.valueFault?.message == AttributeValueFaultTests.empty)
    }

    @Test("8,192 characters of statement are taken whatever their bytes, 8,193 refused")
    func statementLength() throws {
        for letter in ["s", "é"] {
            let text = String(repeating: letter, count: Limits.statementBytesMax)
            let body = #"{"Statement":"\#(text)"}"#
            #expect(try decode("ExecuteStatement", body).executeStatement?.statement.text == text)
            #expect(
                refusal("ExecuteStatement", #"{"Statement":"\#(text)\#(letter)"}"#)?.code
                    == "ValidationException")
        }
    }

    @Test("25 statements of a batch are taken and 26 refused; 100 of a transaction and 101")
    func bounds() throws {
        func statements(_ member: String, _ count: Int) -> String {
            let statements = Array(repeating: #"{"Statement":"s"}"#, count: count)
            return #"{"\#(member)":[\#(statements.joined(separator: ","))]}"#
        }
        let batch = try decode("BatchExecuteStatement", statements("Statements", 25))
        #expect(batch.batchExecuteStatement?.statements.count == 25)
        #expect(
            refusal("BatchExecuteStatement", statements("Statements", 26))?.message.hasSuffix(
                "Member must have length less than or equal to 25") == true)
        let transaction = try decode("ExecuteTransaction", statements("TransactStatements", 100))
        #expect(transaction.executeTransaction?.statements.count == 100)
        #expect(
            refusal("ExecuteTransaction", statements("TransactStatements", 101))?.message.hasSuffix(
                "Member must have length less than or equal to 100") == true)
    }

    @Test(
        "What breaks the model's constraints is refused",
        arguments: [
            ("ExecuteStatement", "{}"), ("ExecuteStatement", #"{"Statement":""}"#),
            ("ExecuteStatement", #"{"Statement":"s","Parameters":[]}"#),
            ("ExecuteStatement", #"{"Statement":"s","Limit":0}"#),
            ("ExecuteStatement", #"{"Statement":"s","NextToken":""}"#),
            ("BatchExecuteStatement", "{}"), ("BatchExecuteStatement", #"{"Statements":[{}]}"#),
            ("ExecuteTransaction", "{}"), ("ExecuteTransaction", #"{"TransactStatements":[{}]}"#),
            ("ExecuteTransaction", #"{"TransactStatements":[{"Statement":"s","Parameters":[]}]}"#),
        ])
    func constraints(operation: String, body: String) {
        #expect(refusal(operation, body)?.code == "ValidationException")
    }
}
