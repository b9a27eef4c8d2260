import Items
import Operations
import Testing

@testable import Wire

@Suite("Transactions are decoded action by action")
struct TransactionDecodingTests {
    private func writes(_ actions: String) throws -> [TransactWriteItem] {
        let body = #"{"TransactItems":[\#(actions)]}"#
        return try #require(try decode("TransactWriteItems", body).transactWriteItems).transactItems
    }

    private func gets(_ actions: String) throws -> [TransactGetItem] {
        let body = #"{"TransactItems":[\#(actions)]}"#
        return try #require(try decode("TransactGetItems", body).transactGetItems).transactItems
    }

    private let conditional = #"""
        "TableName":"Music","ConditionExpression":"#a = :a",
        "ExpressionAttributeNames":{"#a":"a"},"ExpressionAttributeValues":{":a":{"N":"1"}},
        "ReturnValuesOnConditionCheckFailure":"ALL_OLD"
        """#

    private func check(_ condition: WriteCondition, _ attributes: ExpressionAttributes) {
        #expect(condition.conditionExpression == "#a = :a")
        #expect(condition.returnsOldOnFailure)
        #expect(condition.expected == nil)
        #expect(condition.conditionalOperator == nil)
        #expect(attributes.names == ["#a": "a"])
        #expect(attributes.values?.mapValues(\.attributeValue) == [":a": .number(DecimalNumber(1))])
    }

    @Test("TransactWriteItems with all four kinds of action")
    func transactWriteItems() throws {
        let request = try #require(
            try decode(
                "TransactWriteItems",
                #"""
                {"ReturnConsumedCapacity":"INDEXES","ReturnItemCollectionMetrics":"SIZE",
                 "ClientRequestToken":"token-1","TransactItems":[
                  {"Put":{"Item":{"a":{"S":"1"}},\#(conditional)}},
                  {"Update":{"Key":{"a":{"S":"2"}},"UpdateExpression":"SET b = :a",\#(conditional)}},
                  {"Delete":{\#(conditional),"Key":{"a":{"S":"3"}}},"Put":null},
                  {"ConditionCheck":{"Key":{"a":{"S":"4"}},\#(conditional)}}]}
                """#
            ).transactWriteItems)
        #expect(request.returnConsumedCapacity == .indexes)
        #expect(request.returnItemCollectionMetrics)
        #expect(request.clientRequestToken == "token-1")
        guard request.transactItems.count == 4,
            case .put(let put) = request.transactItems[0],
            case .update(let update) = request.transactItems[1],
            case .delete(let delete) = request.transactItems[2],
            case .conditionCheck(let conditionCheck) = request.transactItems[3]
        else {
            Issue.record("\(request.transactItems)")
            return
        }
        #expect(put.item == ["a": .string("1")])
        check(put.condition, put.attributes)
        #expect(update.key == ["a": .string("2")])
        #expect(update.updateExpression == "SET b = :a")
        #expect(update.attributeUpdates == nil)
        check(update.condition, update.attributes)
        #expect(delete.key == ["a": .string("3")])
        check(delete.condition, delete.attributes)
        #expect(conditionCheck.key == ["a": .string("4")])
        check(conditionCheck.condition, conditionCheck.attributes)
        #expect(
            Set([put.tableName, update.tableName, delete.tableName, conditionCheck.tableName])
                == ["Music"])
    }

    @Test("What a shape of an action has not is passed over, whatever it holds")
    func foreignMembers() throws {
        let foreign = #"""
            "Expected":5,"ReturnValues":"x","AttributeUpdates":[],"ConditionalOperator":{},
            "TableName":"Music"
            """#
        let actions = try writes(
            #"""
            {"Put":{"Item":{"a":{"S":"1"}},"Key":7,"UpdateExpression":true,\#(foreign)}},
            {"Delete":{"Key":{"a":{"S":"1"}},"Item":7,"UpdateExpression":true,\#(foreign)}}
            """#)
        guard actions.count == 2, case .put(let put) = actions[0],
            case .delete(let delete) = actions[1]
        else {
            Issue.record("\(actions)")
            return
        }
        #expect(put.condition.expected == nil)
        #expect(put.returns.returnValues == .none)
        #expect(delete.key == ["a": .string("1")])
    }

    @Test("An action of none or several members is malformed, one given twice is not")
    func malformed() throws {
        let key = #"{"TableName":"Music","Key":{"a":{"S":"1"}}}"#
        for action in ["{}", #"{"Put":null}"#, #"{"Delete":\#(key),"Delete2":1,"Put":\#(item)}"#] {
            guard case .malformed? = try writes(action).first else {
                Issue.record("\(action)")
                continue
            }
        }
        let other = #"{"TableName":"Films","Key":{"a":{"S":"1"}}}"#
        guard
            case .delete(let delete)? = try writes(#"{"Delete":\#(key),"Delete":\#(other)}"#).first
        else {
            Issue.record("malformed")
            return
        }
        #expect(delete.tableName == "Films")
    }

    private let item = #"{"TableName":"Music","Item":{"a":{"S":"1"}}}"#

    @Test("Each action keeps the first fault of its own values")
    func valueFaults() throws {
        let values = #""ExpressionAttributeValues":{":v":{"N":"x"}}"#
        let actions = try writes(
            #"""
            {"Put":{"TableName":"Music","Item":{"a":{}}}},
            {"Put":\#(item)},
            {"Update":{"TableName":"Music","Key":{"a":{"SS":[]}},"UpdateExpression":"u",\#(values)}},
            {"Delete":{"TableName":"Music","Key":{"a":{"NS":[]}}}},
            {"ConditionCheck":{"TableName":"Music","Key":{"a":{"S":"1"}},
                               "ConditionExpression":"c",\#(values)}}
            """#)
        let messages = actions.map { action -> String? in
            switch action {
            case .put(let put): put.valueFault?.message
            case .update(let update): update.valueFault?.message
            case .delete(let delete): delete.valueFault?.message
            case .conditionCheck(let check): check.valueFault?.message
            case .malformed: "malformed"
            }
        }
        let number =
            "ExpressionAttributeValues contains invalid value: The parameter cannot be "
            + "converted to a numeric value: x for key :v"
        #expect(
            messages == [
                AttributeValueFaultTests.empty, nil, number,
                AttributeValueFaultTests.invalid + "An number set  may not be empty", number,
            ])
    }

    @Test("TransactGetItems")
    func transactGetItems() throws {
        let request = try #require(
            try decode(
                "TransactGetItems",
                #"""
                {"ReturnConsumedCapacity":"TOTAL","TransactItems":[
                  {"Get":{"TableName":"Music","Key":{"a":{"S":"1"}},"ProjectionExpression":"#b",
                          "ExpressionAttributeNames":{"#b":"b"},"ConsistentRead":"no member"}},
                  {"Get":{"Key":{"a":{}},"TableName":"Films"}},
                  {"Get":{"Key":{"a":{"S":"2"}},"TableName":"Films"},"Unknown":[]}]}
                """#
            ).transactGetItems)
        #expect(request.returnConsumedCapacity == .total)
        #expect(request.transactItems.map(\.tableName) == ["Music", "Films", "Films"])
        #expect(request.transactItems[0].key == ["a": .string("1")])
        #expect(request.transactItems[0].projectionExpression == "#b")
        #expect(request.transactItems[0].names == ["#b": "b"])
        #expect(
            request.transactItems.map { $0.valueFault?.message }
                == [nil, AttributeValueFaultTests.empty, nil])
    }

    @Test("100 actions are taken and 101 refused")
    func bounds() throws {
        let put = #"{"Put":\#(item)}"#
        let get = #"{"Get":{"TableName":"Music","Key":{"a":{"S":"1"}}}}"#
        func actions(_ action: String, _ count: Int) -> String {
            Array(repeating: action, count: count).joined(separator: ",")
        }
        #expect(try writes(actions(put, 100)).count == 100)
        #expect(try gets(actions(get, 100)).count == 100)
        for (operation, action) in [("TransactWriteItems", put), ("TransactGetItems", get)] {
            let error = refusal(operation, #"{"TransactItems":[\#(actions(action, 101))]}"#)
            #expect(error?.code == "ValidationException")
            #expect(
                error?.message.hasSuffix(
                    "at 'transactItems' failed to satisfy constraint: "
                        + "Member must have length less than or equal to 100") == true)
        }
    }

    @Test("A token of 36 characters is taken, of bytes more than that, and one of 37 refused")
    func tokens() throws {
        func request(_ token: String) -> String {
            #"{"TransactItems":[{"Put":\#(item)}],"ClientRequestToken":"\#(token)"}"#
        }
        for token in [String(repeating: "t", count: 36), String(repeating: "é", count: 36)] {
            let decoded = try decode("TransactWriteItems", request(token)).transactWriteItems
            #expect(decoded?.clientRequestToken == token)
        }
        let long = request(String(repeating: "t", count: 37))
        #expect(refusal("TransactWriteItems", long)?.code == "ValidationException")
    }

    @Test("A table may be told by its ARN, whose length the fast pass leaves to the model")
    func longNames() throws {
        let name = String(repeating: "t", count: 255)
        let arn = "arn:aws:dynamodb:us-east-1:000000000000:table/" + name
        let get = try gets(#"{"Get":{"TableName":"\#(arn)","Key":{"a":{"S":"1"}}}}"#)
        #expect(get.first?.tableName == arn)
    }

    @Test(
        "What breaks the model's constraints or types is refused",
        arguments: [
            ("TransactWriteItems", "{}"),
            ("TransactWriteItems", #"{"TransactItems":[null]}"#),
            (
                "TransactWriteItems",
                #"{"TransactItems":[{"Update":{"TableName":"Music","Key":{"a":{"S":"1"}}}}]}"#
            ),
            (
                "TransactWriteItems",
                #"{"TransactItems":[{"ConditionCheck":{"TableName":"Music","Key":{}}}]}"#
            ),
            ("TransactGetItems", #"{"TransactItems":[{}]}"#),
            ("TransactGetItems", #"{"TransactItems":[{"Get":{"TableName":"Music"}}]}"#),
        ])
    func constraints(operation: String, body: String) {
        #expect(refusal(operation, body)?.code == "ValidationException")
    }

    @Test(
        "Wrong JSON types are told where the parser meets them",
        arguments: [
            (#"{"TransactItems":{}}"#, "Start of structure or map found where not expected"),
            (#"{"TransactItems":["a"]}"#, "Unexpected value type in payload"),
            (#"{"TransactItems":[{"Put":"a"}]}"#, "Unexpected field type"),
            (
                #"{"TransactItems":[{"Put":{"Item":{"a":{"N":1}}}}]}"#,
                "NUMBER_VALUE cannot be converted to String"
            ),
            (#"{"ClientRequestToken":1}"#, "NUMBER_VALUE cannot be converted to String"),
        ])
    func types(body: String, message: String) {
        let error = refusal("TransactWriteItems", body)
        #expect(error?.code == "SerializationException")
        #expect(error?.message == message)
    }
}
