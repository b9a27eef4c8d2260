import Items
import Operations
import Testing

@testable import Wire

@Suite("Each data-plane operation is decoded with every parameter")
struct RequestDecodingTests {
    @Test("GetItem")
    func getItem() throws {
        let request = try #require(
            try decode(
                "GetItem",
                #"""
                {"TableName":"Music","Key":{"Artist":{"S":"A"},"Year":{"N":"1.50"}},
                 "AttributesToGet":["a","b"],"ConsistentRead":true,
                 "ReturnConsumedCapacity":"INDEXES","ProjectionExpression":"#p, b",
                 "ExpressionAttributeNames":{"#p":"plays","#q":"\u0071"}}
                """#
            ).getItem)
        #expect(request.tableName == "Music")
        #expect(
            request.key == ["Artist": .string("A"), "Year": .number(try DecimalNumber("1.5"))])
        #expect(request.attributesToGet == ["a", "b"])
        #expect(request.consistentRead)
        #expect(request.returnConsumedCapacity == .indexes)
        #expect(request.projectionExpression == "#p, b")
        #expect(request.attributes.names == ["#p": "plays", "#q": "q"])
        #expect(request.valueFault == nil)
    }

    @Test("What wasn't sent, or sent as null, has its default")
    func defaults() throws {
        for body in [
            #"{"TableName":"Music","Key":{"a":{"S":"b"}}}"#,
            #"""
            {"TableName":"Music","Key":{"a":{"S":"b","N":null}},"ConsistentRead":null,
             "AttributesToGet":null,"ReturnConsumedCapacity":null,"ProjectionExpression":null,
             "ExpressionAttributeNames":null,"Unknown":{"Key":[1,{"x":null}]},"Item":5}
            """#,
        ] {
            let request = try #require(try decode("GetItem", body).getItem)
            #expect(request.key == ["a": .string("b")])
            #expect(request.attributesToGet == nil)
            #expect(!request.consistentRead)
            #expect(request.returnConsumedCapacity == .none)
            #expect(request.projectionExpression == nil)
            #expect(request.attributes.names == nil)
            #expect(request.valueFault == nil)
        }
    }

    /// The parameters that every single-item write takes.
    private let writeParameters = #"""
        "Expected":{"z":{"Value":{"S":"v"},"Exists":true},
                    "a":{"ComparisonOperator":"BETWEEN",
                         "AttributeValueList":[{"N":"1"},{"N":"2"}]}},
        "ConditionalOperator":"OR","ReturnValues":"ALL_OLD","ReturnConsumedCapacity":"TOTAL",
        "ReturnItemCollectionMetrics":"SIZE","ConditionExpression":"a = :a",
        "ExpressionAttributeNames":{"#a":"a"},
        "ExpressionAttributeValues":{":a":{"S":"x"},":b":{"L":[{"BOOL":true}]}},
        "ReturnValuesOnConditionCheckFailure":"ALL_OLD"
        """#

    private func check(
        _ condition: WriteCondition, _ attributes: ExpressionAttributes, _ returns: WriteReturns
    ) throws {
        let expected = try #require(condition.expected)
        #expect(expected.map(\.attribute) == ["z", "a"])
        #expect(expected[0].value.value?.attributeValue == .string("v"))
        #expect(expected[0].value.exists == true)
        #expect(expected[0].value.comparisonOperator == nil)
        #expect(expected[0].value.attributeValueList == nil)
        #expect(expected[1].value.value == nil)
        #expect(expected[1].value.comparisonOperator == .between)
        #expect(
            expected[1].value.attributeValueList?.map(\.attributeValue)
                == [.number(DecimalNumber(1)), .number(DecimalNumber(2))])
        #expect(condition.conditionalOperator == .or)
        #expect(condition.conditionExpression == "a = :a")
        #expect(condition.returnsOldOnFailure)
        #expect(attributes.names == ["#a": "a"])
        #expect(
            attributes.values?.mapValues(\.attributeValue)
                == [":a": .string("x"), ":b": .list([.bool(true)])])
        #expect(returns.returnValues == .allOld)
        #expect(returns.returnConsumedCapacity == .total)
        #expect(returns.returnItemCollectionMetrics)
    }

    @Test("PutItem")
    func putItem() throws {
        let request = try #require(
            try decode(
                "PutItem", #"{"TableName":"Music","Item":{"a":{"NULL":true}},\#(writeParameters)}"#
            ).putItem)
        #expect(request.tableName == "Music")
        #expect(request.item == ["a": .null])
        try check(request.condition, request.attributes, request.returns)
        #expect(request.valueFault == nil)
    }

    @Test("DeleteItem")
    func deleteItem() throws {
        let request = try #require(
            try decode(
                "DeleteItem",
                #"{\#(writeParameters),"Key":{"a":{"B":"AQI="}},"TableName":"Music"}"#
            ).deleteItem)
        #expect(request.tableName == "Music")
        #expect(request.key == ["a": .binary([1, 2])])
        try check(request.condition, request.attributes, request.returns)
        #expect(request.valueFault == nil)
    }

    @Test("UpdateItem")
    func updateItem() throws {
        let request = try #require(
            try decode(
                "UpdateItem",
                #"""
                {"TableName":"Music","Key":{"a":{"S":""}},"UpdateExpression":"SET b = :a",
                 "AttributeUpdates":{"y":{"Value":{"N":"1"},"Action":"ADD"},
                                     "x":{"Action":"DELETE"},"w":{"Value":{"SS":["q"]}}},
                 \#(writeParameters)}
                """#
            ).updateItem)
        #expect(request.key == ["a": .string("")])
        #expect(request.updateExpression == "SET b = :a")
        let updates = try #require(request.attributeUpdates)
        #expect(updates.map(\.attribute) == ["y", "x", "w"])
        #expect(updates[0].update.value?.attributeValue == .number(DecimalNumber(1)))
        #expect(updates[0].update.action == .add)
        #expect(updates[1].update.value == nil)
        #expect(updates[1].update.action == .delete)
        #expect(updates[2].update.value?.attributeValue == .stringSet(["q"]))
        #expect(updates[2].update.action == nil)
        try check(request.condition, request.attributes, request.returns)
        #expect(request.valueFault == nil)
    }

    /// The parameters that Query and Scan share.
    private let pageParameters = #"""
        "TableName":"Music","IndexName":"by_year","Select":"SPECIFIC_ATTRIBUTES",
        "AttributesToGet":["a"],"Limit":17,"ConsistentRead":true,"ConditionalOperator":"AND",
        "ExclusiveStartKey":{"a":{"S":"b"}},"ReturnConsumedCapacity":"TOTAL",
        "ProjectionExpression":"a","FilterExpression":"b > :b",
        "ExpressionAttributeNames":{"#b":"b"},"ExpressionAttributeValues":{":b":{"N":"3"}}
        """#

    private func check(_ page: PageParameters) throws {
        #expect(page.tableName == "Music")
        #expect(page.indexName == "by_year")
        #expect(page.select == .specificAttributes)
        #expect(page.attributesToGet == ["a"])
        #expect(page.limit == 17)
        #expect(page.consistentRead)
        #expect(page.conditionalOperator == .and)
        #expect(page.exclusiveStartKey == ["a": .string("b")])
        #expect(page.returnConsumedCapacity == .total)
        #expect(page.projectionExpression == "a")
        #expect(page.filterExpression == "b > :b")
        #expect(page.attributes.names == ["#b": "b"])
        #expect(page.attributes.values?[":b"]?.number == DecimalNumber(3))
        #expect(page.valueFault == nil)
        let filter = try #require(page.legacyFilter)
        #expect(filter.map(\.attribute) == ["f", "e"])
        #expect(filter[0].condition.comparisonOperator == .notNull)
        #expect(filter[0].condition.values == nil)
        #expect(filter[1].condition.comparisonOperator == .in)
        #expect(
            filter[1].condition.values?.map(\.attributeValue) == [.string("1"), .bool(false)])
    }

    private let filter = #"""
        {"f":{"ComparisonOperator":"NOT_NULL"},
         "e":{"AttributeValueList":[{"S":"1"},{"BOOL":false}],"ComparisonOperator":"IN"}}
        """#

    @Test("Query")
    func query() throws {
        let request = try #require(
            try decode(
                "Query",
                #"""
                {\#(pageParameters),"QueryFilter":\#(filter),"KeyConditionExpression":"a = :a",
                 "KeyConditions":{"k":{"ComparisonOperator":"EQ","AttributeValueList":[]}},
                 "ScanIndexForward":false}
                """#
            ).query)
        try check(request.page)
        #expect(request.keyConditionExpression == "a = :a")
        let conditions = try #require(request.keyConditions)
        #expect(conditions.map(\.attribute) == ["k"])
        #expect(conditions[0].condition.comparisonOperator == .equal)
        #expect(conditions[0].condition.values?.isEmpty == true)
        #expect(!request.scanIndexForward)
        let plain = try #require(try decode("Query", #"{"TableName":"Music"}"#).query)
        #expect(plain.scanIndexForward)
        #expect(plain.page.limit == nil)
        #expect(plain.page.legacyFilter == nil)
    }

    @Test("Scan")
    func scan() throws {
        let request = try #require(
            try decode(
                "Scan",
                #"""
                {\#(pageParameters),"ScanFilter":\#(filter),"Segment":0,"TotalSegments":1000000,
                 "KeyConditionExpression":{"not":"of Scan"}}
                """#
            ).scan)
        try check(request.page)
        #expect(request.segment == 0)
        #expect(request.totalSegments == 1_000_000)
    }

    @Test("BatchGetItem")
    func batchGetItem() throws {
        let request = try #require(
            try decode(
                "BatchGetItem",
                #"""
                {"RequestItems":{
                  "Songs":{"Keys":[{"a":{"S":"1"}},{"a":{"S":"2"}}],"ConsistentRead":false,
                           "ProjectionExpression":"#a","ExpressionAttributeNames":{"#a":"a"}},
                  "Albums":{"AttributesToGet":["b"],"Keys":[{"c":{"N":"3"}}]}},
                 "ReturnConsumedCapacity":"TOTAL"}
                """#
            ).batchGetItem)
        #expect(request.requestItems.map(\.tableName) == ["Songs", "Albums"])
        let songs = request.requestItems[0].keys
        #expect(songs.keys == [["a": .string("1")], ["a": .string("2")]])
        #expect(songs.consistentRead == false)
        #expect(songs.projectionExpression == "#a")
        #expect(songs.names == ["#a": "a"])
        #expect(songs.attributesToGet == nil)
        let albums = request.requestItems[1].keys
        #expect(albums.keys == [["c": .number(DecimalNumber(3))]])
        #expect(albums.consistentRead == nil)
        #expect(albums.attributesToGet == ["b"])
        #expect(request.returnConsumedCapacity == .total)
        #expect(request.valueFault == nil)
    }

    @Test("BatchWriteItem")
    func batchWriteItem() throws {
        let request = try #require(
            try decode(
                "BatchWriteItem",
                #"""
                {"ReturnItemCollectionMetrics":"SIZE","ReturnConsumedCapacity":"INDEXES",
                 "RequestItems":{
                  "Songs":[{"PutRequest":{"Item":{"a":{"S":"1"}}},"DeleteRequest":null},
                           {"DeleteRequest":{"Key":{"a":{"S":"2"}}}}],
                  "Albums":[{},{"PutRequest":{"Item":{}},"DeleteRequest":{"Key":{}}}]}}
                """#
            ).batchWriteItem)
        #expect(request.returnItemCollectionMetrics)
        #expect(request.returnConsumedCapacity == .indexes)
        #expect(request.requestItems.map(\.tableName) == ["Songs", "Albums"])
        let songs = request.requestItems[0].writes
        guard songs.count == 2, case .put(let item) = songs[0], case .delete(let key) = songs[1]
        else {
            Issue.record("\(songs)")
            return
        }
        #expect(item == ["a": .string("1")])
        #expect(key == ["a": .string("2")])
        for write in request.requestItems[1].writes {
            guard case .malformed = write else {
                Issue.record("\(write)")
                return
            }
        }
        #expect(request.requestItems[1].writes.count == 2)
    }

    @Test("Every type of value becomes item bytes with the service's size")
    func values() throws {
        let request = try put(
            #"""
            {"s":{"S":"é"},"n":{"N":"-12.50"},"b":{"B":"AAEC"},"t":{"BOOL":true},
             "f":{"BOOL":false},"z":{"NULL":true},"ss":{"SS":["a","","b"]},
             "ns":{"NS":["1","2.0"]},"bs":{"BS":["AQ==",""]},
             "l":{"L":[{"S":"x"},{"L":[]},{"M":{}}]},"m":{"M":{"k":{"M":{"j":{"N":"0"}}}}}}
            """#)
        #expect(request.valueFault == nil)
        #expect(
            request.item == [
                "s": .string("é"), "n": .number(try DecimalNumber("-12.5")),
                "b": .binary([0, 1, 2]), "t": .bool(true), "f": .bool(false), "z": .null,
                "ss": .stringSet(["a", "", "b"]),
                "ns": .numberSet([DecimalNumber(1), DecimalNumber(2)]),
                "bs": .binarySet([[1], []]),
                "l": .list([.string("x"), .list([]), .map([:])]),
                "m": .map(["k": .map(["j": .number(.zero)])]),
            ])
        #expect(request.item.count == 11)
        #expect(ItemBytes(untrusted: request.item.bytes) != nil)
    }
}
