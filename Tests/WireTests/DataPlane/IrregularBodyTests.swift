import Items
import Operations
import Testing

@testable import Wire

@Suite("Irregular bodies have a defined answer")
struct IrregularBodyTests {
    @Test(
        "A wrong JSON type or bad base64 is a SerializationException",
        arguments: [
            #"{"a":{"N":123}}"#, #"{"a":{"S":1}}"#, #"{"a":{"BOOL":"true"}}"#, #"{"a":{"B":"A"}}"#,
            #"{"a":{"B":"AR=="}}"#, #"{"a":{"SS":"x"}}"#, #"{"a":{"NS":[1]}}"#,
            #"{"a":{"BS":["!!!!"]}}"#, #"{"a":{"L":{}}}"#, #"{"a":{"M":[]}}"#, #"{"a":"x"}"#,
            #"{"a":[]}"#, #"[]"#, #""x""#, #"{"a":{"S":{}}}"#, #"{"a":{"NULL":1}}"#,
        ])
    func wrongTypes(item: String) throws {
        let error = try #require(
            refusal("PutItem", #"{"TableName":"Music","Item":\#(item)}"#))
        #expect(error.code == "SerializationException")
    }

    @Test("A fault of the JSON after a fault of a value is what's told")
    func jsonFaultFirst() throws {
        let error = refusal("PutItem", #"{"TableName":"Music","Item":{"a":{},"b":{"N":1}}}"#)
        #expect(error?.code == "SerializationException")
        #expect(
            refusal("PutItem", #"{"TableName":"Music","Item":{"a":{}}"#)?.code
                == "SerializationException")
    }

    @Test(
        "What breaks the model's constraints is a ValidationException",
        arguments: [
            ("GetItem", #"{"TableName":"Music"}"#),
            ("GetItem", #"{"Key":{"a":{"S":"b"}}}"#),
            ("GetItem", #"{"TableName":"Music","Key":null}"#),
            ("GetItem", #"{"TableName":"","Key":{"a":{"S":"b"}}}"#),
            ("GetItem", #"{"TableName":"ab","Key":{"a":{"S":"b"}}}"#),
            ("GetItem", #"{"TableName":"Music","Key":{},"ReturnConsumedCapacity":"SOME"}"#),
            ("GetItem", #"{"TableName":"Music","Key":{},"AttributesToGet":[]}"#),
            ("PutItem", #"{"TableName":"Music"}"#),
            ("PutItem", #"{"TableName":"Music","Item":{},"ReturnValues":"all_old"}"#),
            (
                "UpdateItem",
                #"{"TableName":"Music","Key":{},"AttributeUpdates":{"a":{"Action":"X"}}}"#
            ),
            ("Query", #"{"TableName":"Music","Limit":0}"#),
            ("Query", #"{"TableName":"Music","Limit":-5}"#),
            ("Query", #"{"TableName":"Music","IndexName":"ab"}"#),
            ("Query", #"{"TableName":"Music","IndexName":"a b c"}"#),
            ("Query", #"{"TableName":"Music","KeyConditions":{"a":{}}}"#),
            ("Query", #"{"TableName":"Music","Select":"EVERYTHING"}"#),
            ("Scan", #"{"TableName":"Music","Segment":-1,"TotalSegments":2}"#),
            ("Scan", #"{"TableName":"Music","Segment":0,"TotalSegments":1000001}"#),
            ("BatchGetItem", #"{}"#),
            ("BatchGetItem", #"{"RequestItems":{}}"#),
            ("BatchGetItem", #"{"RequestItems":{"Music":{}}}"#),
            ("BatchGetItem", #"{"RequestItems":{"Music":{"Keys":[]}}}"#),
            ("BatchWriteItem", #"{"RequestItems":{"Music":[]}}"#),
            ("BatchWriteItem", #"{"RequestItems":{"Music":[{"PutRequest":{}}]}}"#),
        ])
    func constraints(operation: String, body: String) throws {
        #expect(refusal(operation, body)?.code == "ValidationException")
    }

    @Test("100 keys of a batch are taken and 101 refused; 25 writes and 26")
    func batchBounds() throws {
        func keys(_ count: Int) -> String {
            let keys = (0..<count).map { #"{"a":{"N":"\#($0)"}}"# }.joined(separator: ",")
            return #"{"RequestItems":{"Music":{"Keys":[\#(keys)]}}}"#
        }
        func writes(_ count: Int) -> String {
            let writes = (0..<count).map { #"{"DeleteRequest":{"Key":{"a":{"N":"\#($0)"}}}}"# }
            return #"{"RequestItems":{"Music":[\#(writes.joined(separator: ","))]}}"#
        }
        #expect(
            try decode("BatchGetItem", keys(100)).batchGetItem?.requestItems.first?.keys.keys.count
                == 100)
        #expect(refusal("BatchGetItem", keys(101))?.code == "ValidationException")
        #expect(
            try decode("BatchWriteItem", writes(25)).batchWriteItem?.requestItems.first?.writes
                .count == 25)
        #expect(refusal("BatchWriteItem", writes(26))?.code == "ValidationException")
    }

    @Test("Of equal names the last wins, and no item has a name twice", arguments: [2, 20, 300])
    func duplicateNames(count: Int) throws {
        let names = (0..<count).map { "n\($0)" } + ["n0", "\\u006e1"]
        let members = names.enumerated().map { #""\#($1)":{"N":"\#($0)"}"# }.joined(separator: ",")
        for item in ["{\(members)}", #"{"m":{"M":{\#(members)}}}"#] {
            let request = try put(item)
            let attributes = request.item.value(named: "m").map { _ in 1 } ?? count
            #expect(request.item.count == attributes)
            let top = request.item.attributes
            guard case .map(let inner)? = top["m"] ?? .map(top) else {
                Issue.record("no map")
                return
            }
            #expect(inner.count == count)
            #expect(inner["n0"] == .number(DecimalNumber(count)))
            #expect(inner["n1"] == .number(DecimalNumber(count + 1)))
        }
    }

    @Test("A type given twice is one type, the last")
    func duplicateTypes() throws {
        let request = try put(#"{"a":{"S":"x","S":"y"}}"#)
        #expect(request.valueFault == nil)
        #expect(request.item == ["a": .string("y")])
    }

    @Test("Duplicates of tables and parameters: the last wins")
    func duplicateParameters() throws {
        let get = try #require(
            try decode(
                "GetItem",
                #"{"TableName":"Musik","Key":{"a":{}},"TableName":"Music","Key":{"a":{"S":"b"}}}"#
            ).getItem)
        #expect(get.tableName == "Music")
        #expect(get.key == ["a": .string("b")])
        #expect(get.valueFault == nil)
        let batch = try #require(
            try decode(
                "BatchGetItem",
                #"""
                {"RequestItems":{"Music":{"Keys":[{"a":{"S":"1"}}]},
                                 "Music":{"Keys":[{"a":{"S":"2"}}]}}}
                """#
            ).batchGetItem)
        #expect(batch.requestItems.count == 1)
        #expect(batch.requestItems.first?.keys.keys == [["a": .string("2")]])
    }

    @Test("Names that Swift counts as equal but whose bytes differ are two attributes")
    func canonicalEquivalence() throws {
        let request = try put("{\"\u{E9}\":{\"S\":\"1\"},\"e\u{301}\":{\"S\":\"2\"}}")
        #expect(request.item.count == 2)
        #expect(request.item.value(named: Array("\u{E9}".utf8))?.string == "1")
        #expect(request.item.value(named: Array("e\u{301}".utf8))?.string == "2")
    }

    @Test("A name of 65,535 bytes is taken, a longer one refused")
    func longNames() throws {
        let name = String(repeating: "n", count: Limits.attributeNameBytesMax)
        #expect(try put(#"{"\#(name)":{"S":"x"}}"#).item.size == Limits.attributeNameBytesMax + 1)
        let error = refusal("PutItem", #"{"TableName":"Music","Item":{"\#(name)x":{"S":"x"}}}"#)
        #expect(error?.code == "ValidationException")
    }

    @Test("Strings of any length around a machine word come out as they went in")
    func stringLengths() throws {
        for count in 0...40 {
            let text = String(repeating: "abcé", count: count / 4 + 1).prefix(count)
            #expect(try put(#"{"a":{"S":"\#(text)"}}"#).item == ["a": .string(String(text))])
            #expect(
                try put(#"{"a":{"S":"\#(text)\n"}}"#).item == ["a": .string(text + "\n")])
        }
    }

    @Test("A map of many hostile names is read in reasonable time")
    func manyNames() throws {
        let members = (0..<50_000).map { #""name-with-a-tail-\#($0)-and-more":{"BOOL":true}"# }
        let clock = ContinuousClock()
        let took = try clock.measure {
            let request = try put("{\(members.joined(separator: ","))}")
            #expect(request.item.count == 50_000)
        }
        #expect(took < .seconds(10))
    }

    @Test("Targets that are none of ours are unknown operations")
    func targets() {
        for target in [
            "", "DynamoDB_20120810", "DynamoDB_20120810.", "DynamoDB_20120810.Nothing",
            "DynamoDB_20111205.GetItem", "dynamodb_20120810.GetItem", "DynamoDB_20120810.getItem",
            "DynamoDB_20120810.GetItem ", "Kinesis_20131202.ListStreams",
            "DynamoDB_20120810.ListStreams", "DynamoDBStreams_20120810.GetItem",
            "DynamoDBStreams_20120810.", "DynamoDBStreams_20120810.getRecords",
        ] {
            let error = #expect(throws: ServiceError.self) {
                try WireCodec.decode(
                    target: target, body: UnsafeRawBufferPointer(start: nil, count: 0))
            }
            #expect(error?.code == "UnknownOperationException")
            #expect(error?.message == "")
        }
        for target in [
            "DynamoDB_20120810.CreateBackup", "DynamoDB_20120810.SearchVectors",
        ] {
            let error = #expect(throws: ServiceError.self) {
                try WireCodec.decode(
                    target: target, body: UnsafeRawBufferPointer(start: nil, count: 0))
            }
            #expect(error?.code == "UnknownOperationException")
            #expect(error?.message.contains("is not supported by this version") == true)
        }
    }

    @Test("Of an unknown operation only what isn't JSON is told")
    func unknownOperationsBodies() {
        for (body, code) in [
            ("{}", "UnknownOperationException"), ("7", "UnknownOperationException"),
            ("", "UnknownOperationException"), ("{", "SerializationException"),
            ("{} {}", "SerializationException"), ("x", "SerializationException"),
        ] {
            #expect(refusal("DropTable", body)?.code == code)
            #expect(refusal("DropTable", body)?.message == "")
        }
    }

    @Test("A control-plane operation is decoded too")
    func controlPlane() throws {
        guard
            case .describeTable(let request) = try decode(
                "DescribeTable", #"{"TableName":"Music"}"#)
        else {
            Issue.record("another operation")
            return
        }
        #expect(request.tableName == "Music")
        #expect(refusal("DescribeTable", "")?.code == "SerializationException")
    }
}
