import Items
import Operations
import Testing

@testable import Wire

@Suite("Answers are written as the service writes them")
struct AnswerEncodingTests {
    private func capacity(
        _ detail: ReturnConsumedCapacity, split: Bool = false
    ) -> ConsumedCapacity {
        ConsumedCapacity(
            consumption: TableConsumption(
                tableName: "Music", table: Units(read: RequestUnits(halves: 1)),
                localIndexes: ["l": Units(write: RequestUnits(2))],
                globalIndexes: [
                    "h": Units(write: RequestUnits(1)), "g": Units(write: RequestUnits(10)),
                ]),
            detail: detail, tellsReadWriteSplit: split)
    }

    @Test("GetItem: nothing, an item, the consumption")
    func getItem() {
        #expect(encode(.getItem(GetItemResponse())) == "{}")
        #expect(encode(.getItem(GetItemResponse(item: [:]))) == #"{"Item":{}}"#)
        #expect(
            encode(
                .getItem(
                    GetItemResponse(
                        item: ["a": .string("b")], consumedCapacity: capacity(.total))))
                == #"{"ConsumedCapacity":{"CapacityUnits":13.5,"TableName":"Music"},"#
                + #""Item":{"a":{"S":"b"}}}"#)
        #expect(encode(.getItem(GetItemResponse(consumedCapacity: capacity(.none)))) == "{}")
    }

    @Test("Every type of value")
    func values() throws {
        let item: ItemBytes = [
            "s": .string("q\"\\/\n\u{1}é"), "n": .number(try DecimalNumber("-1E3")),
            "b": .binary([1, 2]), "t": .bool(true), "f": .bool(false), "z": .null,
            "ss": .stringSet(["a", "\""]),
            "ns": .numberSet([DecimalNumber(1), DecimalNumber(-20)]),
            "bs": .binarySet([[1], []]), "l": .list([.string("x"), .list([]), .null]),
            "m": .map(["j": .bool(true), "k\t": .map([:])]), "\"": .string(""),
        ]
        #expect(
            encode(.getItem(GetItemResponse(item: item)))
                == #"{"Item":{"s":{"S":"q\"\\/\n\u0001é"},"n":{"N":"-1000"},"b":{"B":"AQI="},"#
                + #""t":{"BOOL":true},"f":{"BOOL":false},"z":{"NULL":true},"#
                + #""ss":{"SS":["a","\""]},"ns":{"NS":["1","-20"]},"bs":{"BS":["AQ==",""]},"#
                + #""l":{"L":[{"S":"x"},{"L":[]},{"NULL":true}]},"#
                + #""m":{"M":{"j":{"BOOL":true},"k\t":{"M":{}}}},"\"":{"S":""}}}"#)
    }

    @Test("INDEXES adds the arms of table and indexes; transactions split reads and writes")
    func consumedCapacity() {
        #expect(
            encode(.getItem(GetItemResponse(consumedCapacity: capacity(.indexes))))
                == #"{"ConsumedCapacity":{"CapacityUnits":13.5,"#
                + #""GlobalSecondaryIndexes":{"g":{"CapacityUnits":10.0},"#
                + #""h":{"CapacityUnits":1.0}},"#
                + #""LocalSecondaryIndexes":{"l":{"CapacityUnits":2.0}},"#
                + #""Table":{"CapacityUnits":0.5},"TableName":"Music"}}"#)
        #expect(
            encode(.getItem(GetItemResponse(consumedCapacity: capacity(.total, split: true))))
                == #"{"ConsumedCapacity":{"CapacityUnits":13.5,"ReadCapacityUnits":0.5,"#
                + #""TableName":"Music","WriteCapacityUnits":13.0}}"#)
        #expect(
            encode(.getItem(GetItemResponse(consumedCapacity: capacity(.indexes, split: true))))
                == #"{"ConsumedCapacity":{"CapacityUnits":13.5,"#
                + #""GlobalSecondaryIndexes":{"g":{"CapacityUnits":10.0,"#
                + #""WriteCapacityUnits":10.0},"#
                + #""h":{"CapacityUnits":1.0,"WriteCapacityUnits":1.0}},"#
                + #""LocalSecondaryIndexes":{"l":{"CapacityUnits":2.0,"WriteCapacityUnits":2.0}},"#
                + #""ReadCapacityUnits":0.5,"Table":{"CapacityUnits":0.5,"ReadCapacityUnits":0.5},"#
                + #""TableName":"Music","WriteCapacityUnits":13.0}}"#)
    }

    @Test("Writes: attributes, consumption and the item collection's size")
    func writes() {
        #expect(encode(.writeItem(WriteItemResponse())) == "{}")
        var response = WriteItemResponse()
        response.attributes = ["a": .bool(true)]
        response.consumedCapacity = capacity(.total)
        response.itemCollectionMetrics = ItemCollectionMetrics(
            itemCollectionKey: ["a": .string("b")], sizeEstimateRangeGB: (0, 1))
        #expect(
            encode(.writeItem(response))
                == #"{"Attributes":{"a":{"BOOL":true}},"#
                + #""ConsumedCapacity":{"CapacityUnits":13.5,"TableName":"Music"},"#
                + #""ItemCollectionMetrics":{"ItemCollectionKey":{"a":{"S":"b"}},"#
                + #""SizeEstimateRangeGB":[0.0,1.0]}}"#)
    }

    @Test("Pages: with and without items and a last key")
    func pages() {
        var response = PageResponse()
        response.count = 2
        response.scannedCount = 30
        #expect(encode(.page(response)) == #"{"Count":2,"ScannedCount":30}"#)
        response.items = []
        #expect(encode(.page(response)) == #"{"Count":2,"Items":[],"ScannedCount":30}"#)
        response.items = [["a": .string("1")], ["a": .string("2")]]
        response.lastEvaluatedKey = ["a": .string("2")]
        response.consumedCapacity = capacity(.total)
        #expect(
            encode(.page(response))
                == #"{"ConsumedCapacity":{"CapacityUnits":13.5,"TableName":"Music"},"Count":2,"#
                + #""Items":[{"a":{"S":"1"}},{"a":{"S":"2"}}],"#
                + #""LastEvaluatedKey":{"a":{"S":"2"}},"ScannedCount":30}"#)
    }

    @Test("BatchGetItem always has Responses and UnprocessedKeys")
    func batchGetItem() {
        var response = BatchGetItemResponse()
        #expect(encode(.batchGetItem(response)) == #"{"Responses":{},"UnprocessedKeys":{}}"#)
        response.responses = [("Music", [["a": .null]]), ("Films", [])]
        var keys = KeysAndAttributes()
        keys.keys = [["a": .string("1")]]
        response.unprocessedKeys = [("Music", keys)]
        keys.attributesToGet = ["x", "y"]
        keys.consistentRead = true
        keys.projectionExpression = "#a"
        keys.names = ["#b": "b", "#a": "a\""]
        response.unprocessedKeys.append(("Films", keys))
        response.consumedCapacity = [capacity(.total)]
        #expect(
            encode(.batchGetItem(response))
                == #"{"ConsumedCapacity":[{"CapacityUnits":13.5,"TableName":"Music"}],"#
                + #""Responses":{"Music":[{"a":{"NULL":true}}],"Films":[]},"UnprocessedKeys":{"#
                + #""Music":{"Keys":[{"a":{"S":"1"}}]},"#
                + #""Films":{"AttributesToGet":["x","y"],"ConsistentRead":true,"#
                + ##""ExpressionAttributeNames":{"#a":"a\"","#b":"b"},"##
                + ##""Keys":[{"a":{"S":"1"}}],"ProjectionExpression":"#a"}}}"##)
    }

    @Test("BatchWriteItem always has UnprocessedItems")
    func batchWriteItem() {
        var response = BatchWriteItemResponse()
        #expect(encode(.batchWriteItem(response)) == #"{"UnprocessedItems":{}}"#)
        response.unprocessedItems = [
            ("Music", [.put(["a": .string("1")]), .delete(["a": .string("2")])])
        ]
        response.itemCollectionMetrics = [
            (
                "Music",
                [
                    ItemCollectionMetrics(
                        itemCollectionKey: ["a": .null], sizeEstimateRangeGB: (0.5, 1.5))
                ]
            )
        ]
        response.consumedCapacity = []
        #expect(
            encode(.batchWriteItem(response))
                == #"{"ConsumedCapacity":[],"ItemCollectionMetrics":{"Music":[{"#
                + #""ItemCollectionKey":{"a":{"NULL":true}},"SizeEstimateRangeGB":[0.5,1.5]}]},"#
                + #""UnprocessedItems":{"Music":[{"PutRequest":{"Item":{"a":{"S":"1"}}}},"#
                + #"{"DeleteRequest":{"Key":{"a":{"S":"2"}}}}]}}"#)
    }

    @Test("What was handed back as unprocessed can be sent again")
    func unprocessed() throws {
        var batch = BatchGetItemResponse()
        var keys = KeysAndAttributes()
        keys.keys = [["a": .string("1")], ["a": .number(DecimalNumber(2))]]
        keys.names = ["#a": "a"]
        batch.unprocessedKeys = [("Music", keys)]
        let answer = encode(.batchGetItem(batch))
        let again = try #require(
            try decode(
                "BatchGetItem",
                answer.replacing(#""Responses":{},"UnprocessedKeys""#, with: #""RequestItems""#)
            ).batchGetItem)
        #expect(again.requestItems.map(\.tableName) == ["Music"])
        #expect(again.requestItems[0].keys.keys == keys.keys)
        #expect(again.requestItems[0].keys.names == keys.names)
    }

    @Test("Answers are appended to what is there; an empty answer appends nothing")
    func appending() {
        var output = Array("head ".utf8)
        WireCodec.encode(.getItem(GetItemResponse()), into: &output)
        #expect(String(decoding: output, as: UTF8.self) == "head {}")
        WireCodec.encode(.empty, into: &output)
        #expect(String(decoding: output, as: UTF8.self) == "head {}")
    }

    private func body(of error: ServiceError) -> String {
        var output: [UInt8] = []
        WireCodec.encode(error, into: &output)
        return String(decoding: output, as: UTF8.self)
    }

    @Test("Errors have their namespace, message and item")
    func errors() {
        #expect(
            body(of: .tableNotFound)
                == ##"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","##
                + #""message":"Requested resource not found"}"#)
        #expect(
            body(of: .conditionalCheckFailed(item: ["a": .string("b")]))
                == ##"{"__type":"com.amazonaws.dynamodb.v20120810#"##
                + #"ConditionalCheckFailedException","#
                + #""message":"The conditional request failed","Item":{"a":{"S":"b"}}}"#)
        #expect(
            body(of: .serialization("NUMBER_VALUE cannot be converted to String"))
                == ##"{"__type":"com.amazon.coral.service#SerializationException","##
                + #""Message":"NUMBER_VALUE cannot be converted to String"}"#)
        #expect(
            body(of: .serialization(nil))
                == ##"{"__type":"com.amazon.coral.service#SerializationException"}"##)
        #expect(
            body(of: .validation("no"))
                == ##"{"__type":"com.amazon.coral.validate#ValidationException","message":"no"}"##)
        #expect(
            body(of: .constraints([#"Value "x" failed"#]))
                == ##"{"__type":"com.amazon.coral.validate#ValidationException","##
                + #""message":"1 validation error detected: Value \"x\" failed"}"#)
    }
}
