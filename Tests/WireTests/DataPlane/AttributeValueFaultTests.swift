import Items
import Operations
import Testing

@testable import Wire

@Suite("Faults of attribute values are kept for their place among the checks")
struct AttributeValueFaultTests {
    static let empty =
        "Supplied AttributeValue is empty, must contain exactly one of the supported datatypes"
    static let several =
        "Supplied AttributeValue has more than one datatypes set, "
        + "must contain exactly one of the supported datatypes"
    static let invalid = "One or more parameter values were invalid: "
    static let tooDeep = "Nesting Levels have exceeded supported limits"

    static let overflow =
        "Number overflow. Attempting to store a number with magnitude larger than supported range"
    static let underflow =
        "Number underflow. Attempting to store a number with magnitude smaller than supported range"

    static let faults: [(value: String, message: String)] = [
        ("{}", empty),
        (#"{"X":"a"}"#, empty),
        (#"{"S":null}"#, empty),
        (#"{"S":"a","N":"1"}"#, several),
        (#"{"S":"a","NULL":true}"#, several),
        (
            #"{"NULL":false}"#,
            "\(invalid)Null attribute value types must have the value of true"
        ),
        (#"{"SS":[]}"#, "\(invalid)An string set  may not be empty"),
        (#"{"NS":[]}"#, "\(invalid)An number set  may not be empty"),
        (#"{"BS":[]}"#, "\(invalid)Binary sets should not be empty"),
        (
            #"{"SS":["a","b","\u0061"]}"#,
            "\(invalid)Input collection [a, b, a] contains duplicates."
        ),
        (#"{"NS":["1","2","1.0"]}"#, "Input collection contains duplicates"),
        (
            #"{"BS":["AQ==","Ag==","AQ=="]}"#,
            "\(invalid)Input collection [AQ==, Ag==, AQ==]of type BS contains duplicates."
        ),
        (#"{"N":""}"#, "The parameter cannot be converted to a numeric value"),
        (#"{"N":"abc"}"#, "The parameter cannot be converted to a numeric value: abc"),
        (#"{"N":"1e"}"#, "The parameter cannot be converted to a numeric value: 1e"),
        (#"{"NS":["1","x"]}"#, "The parameter cannot be converted to a numeric value: x"),
        (
            #"{"N":"1e126"}"#,
            overflow
        ),
        (
            #"{"N":"1e-131"}"#,
            underflow
        ),
        (
            #"{"N":"1e999999999"}"#,
            overflow
        ),
        (
            #"{"N":"123456789012345678901234567890123456789"}"#,
            "Attempting to store more than 38 significant digits in a Number"
        ),
        (#"{"L":[{"S":"ok"},{}]}"#, empty),
        (
            #"{"M":{"x":{"L":[{"M":{"y":{"SS":[]}}}]}}}"#,
            "\(invalid)An string set  may not be empty"
        ),
        // The first in the document is told.
        (#"{"L":[{"SS":[]},{"N":"x"}]}"#, "\(invalid)An string set  may not be empty"),
    ]

    @Test("Each fault has the service's words, and leaves no item", arguments: faults)
    func words(value: String, message: String) throws {
        let request = try put(#"{"a":{"S":"x"},"b":\#(value),"c":{"N":"bad"}}"#)
        let fault = try #require(request.valueFault)
        #expect(fault.code == "ValidationException")
        #expect(fault.message == message)
        #expect(request.item.isEmpty)
    }

    private func nested(_ levels: Int, _ open: String, _ close: String) -> String {
        String(repeating: open, count: levels) + #"{"S":"x"}"#
            + String(repeating: close, count: levels)
    }

    @Test("32 levels of lists and maps are taken, the 33rd is a fault", arguments: [true, false])
    func nesting(ofLists: Bool) throws {
        let open = ofLists ? #"{"L":["# : #"{"M":{"a":"#
        let close = ofLists ? "]}" : "}}"
        #expect(try put(#"{"a":\#(nested(32, open, close))}"#).valueFault == nil)
        #expect(
            try put(#"{"a":\#(nested(33, open, close))}"#).valueFault?.message == Self.tooDeep)
        #expect(
            try put(#"{"a":\#(nested(100, open, close))}"#).valueFault?.message == Self.tooDeep)
        let body = #"{"TableName":"Music","Item":{"a":\#(nested(200_000, open, close))}}"#
        #expect(refusal("PutItem", body)?.code == "SerializationException")
    }

    @Test("A fault of an expression value comes first; outside of writes it names its key")
    func expressionValues() throws {
        let query = try decode(
            "Query",
            #"{"TableName":"Music","ExpressionAttributeValues":{":v":{"N":"abc"}}}"#)
        #expect(
            query.query?.page.valueFault?.message
                == "ExpressionAttributeValues contains invalid value: The parameter cannot be "
                + "converted to a numeric value: abc for key :v")
        let request = try #require(
            try decode(
                "PutItem",
                #"""
                {"TableName":"Music","Item":{"a":{}},
                 "ExpressionAttributeValues":{":x":{"S":"a"},":v":{"N":"abc"},":w":{}}}
                """#
            ).putItem)
        #expect(
            request.valueFault?.message
                == "The parameter cannot be converted to a numeric value: abc")
        #expect(
            request.attributes.values?.mapValues(\.attributeValue)
                == [":x": .string("a"), ":v": .null, ":w": .null])
    }

    @Test("A fault of the start key is introduced as such")
    func startKey() throws {
        for operation in ["Query", "Scan"] {
            let body = #"{"TableName":"Music","ExclusiveStartKey":{"a":{}}}"#
            let request = try decode(operation, body)
            let page = try #require(request.query?.page ?? request.scan?.page)
            #expect(
                page.valueFault?.message == "The provided starting key is invalid: " + Self.empty)
        }
    }

    @Test(
        "Faults are found wherever an operation takes values",
        arguments: [
            ("GetItem", #""Key":{"a":{}}"#),
            ("DeleteItem", #""Key":{"a":{}}"#),
            ("UpdateItem", #""Key":{"a":{}}"#),
            ("UpdateItem", #""Key":{},"AttributeUpdates":{"a":{"Value":{}}}"#),
            ("DeleteItem", #""Key":{},"Expected":{"a":{"Value":{}}}"#),
            ("PutItem", #""Item":{},"Expected":{"a":{"AttributeValueList":[{"S":"x"},{}]}}"#),
            (
                "Query",
                #""KeyConditions":{"a":{"ComparisonOperator":"EQ","AttributeValueList":[{}]}}"#
            ),
            (
                "Query",
                #""QueryFilter":{"a":{"ComparisonOperator":"EQ","AttributeValueList":[{}]}}"#
            ),
            ("Scan", #""ScanFilter":{"a":{"ComparisonOperator":"EQ","AttributeValueList":[{}]}}"#),
            ("BatchGetItem", #""RequestItems":{"Music":{"Keys":[{"a":{"S":"x"}},{"a":{}}]}}"#),
            ("BatchWriteItem", #""RequestItems":{"Music":[{"PutRequest":{"Item":{"a":{}}}}]}"#),
            ("BatchWriteItem", #""RequestItems":{"Music":[{"DeleteRequest":{"Key":{"a":{}}}}]}"#),
        ])
    func everywhere(operation: String, members: String) throws {
        let request = try decode(operation, #"{"TableName":"Music",\#(members)}"#)
        let fault =
            request.getItem?.valueFault ?? request.putItem?.valueFault
            ?? request.deleteItem?.valueFault ?? request.updateItem?.valueFault
            ?? request.query?.page.valueFault ?? request.scan?.page.valueFault
            ?? request.batchGetItem?.valueFault ?? request.batchWriteItem?.valueFault
        #expect(fault?.message == Self.empty)
    }
}
