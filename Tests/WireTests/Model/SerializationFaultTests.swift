import Operations
import Testing

@testable import Wire

@Suite("JSON of a wrong type")
struct SerializationFaultTests {
    static let castFault =
        "class sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl cannot be cast to "
        + "class java.lang.Class (sun.reflect.generics.reflectiveObjects.ParameterizedTypeImpl "
        + "and java.lang.Class are in module java.base of loader 'bootstrap')"
    static let attributeMap =
        "java.util.Map<java.lang.String, com.amazonaws.dynamodb.v20120810.AttributeValue>"

    struct Case: Sendable {
        var operation: String
        var body: String
        var message: String
        init(_ operation: String, _ body: String, _ message: String) {
            self.operation = operation
            self.body = body
            self.message = message
        }
    }

    static let cases: [Case] = [
        // Strings.
        Case("DescribeTable", #"{"TableName":23}"#, "NUMBER_VALUE cannot be converted to String"),
        Case(
            "DescribeTable", #"{"TableName":34.56}"#, "DECIMAL_VALUE cannot be converted to String"),
        Case("DescribeTable", #"{"TableName":true}"#, "TRUE_VALUE cannot be converted to String"),
        Case("DescribeTable", #"{"TableName":false}"#, "FALSE_VALUE cannot be converted to String"),
        Case(
            "DescribeTable", #"{"TableName":[]}"#,
            "Unrecognized collection type class java.lang.String"),
        Case(
            "DescribeTable", #"{"TableName":{}}"#,
            "Start of structure or map found where not expected"),
        // Integers and longs.
        Case("ListTables", #"{"Limit":"23"}"#, "STRING_VALUE cannot be converted to Integer"),
        Case("ListTables", #"{"Limit":true}"#, "TRUE_VALUE cannot be converted to Integer"),
        Case(
            "ListTables", #"{"Limit":[]}"#, "Unrecognized collection type class java.lang.Integer"),
        Case(
            "ListTables", #"{"Limit":{}}"#, "Start of structure or map found where not expected"),
        Case(
            "ListTables", #"{"Limit":2147483648}"#, "NUMBER_VALUE cannot be converted to Integer"),
        Case(
            "CreateTable", #"{"ProvisionedThroughput":{"ReadCapacityUnits":"1"}}"#,
            "STRING_VALUE cannot be converted to Long"),
        Case(
            "CreateTable", #"{"ProvisionedThroughput":{"WriteCapacityUnits":9223372036854775808}}"#,
            "NUMBER_VALUE cannot be converted to Long"),
        Case(
            "CreateTable", #"{"ProvisionedThroughput":{"WriteCapacityUnits":1e40}}"#,
            "DECIMAL_VALUE cannot be converted to Long"),
        // Booleans.
        Case(
            "GetItem", #"{"ConsistentRead":"true"}"#, "Unexpected token received from parser"),
        Case("GetItem", #"{"ConsistentRead":1}"#, "NUMBER_VALUE cannot be converted to Boolean"),
        Case(
            "GetItem", #"{"ConsistentRead":1.5}"#, "DECIMAL_VALUE cannot be converted to Boolean"),
        Case(
            "GetItem", #"{"ConsistentRead":[]}"#,
            "Unrecognized collection type class java.lang.Boolean"),
        // Structures, as members and as elements.
        Case("CreateTable", #"{"ProvisionedThroughput":"1"}"#, "Unexpected field type"),
        Case(
            "CreateTable", #"{"ProvisionedThroughput":[]}"#,
            "Unrecognized collection type class "
                + "com.amazonaws.dynamodb.v20120810.ProvisionedThroughput"),
        Case("CreateTable", #"{"KeySchema":["a"]}"#, "Unexpected value type in payload"),
        Case(
            "CreateTable", #"{"KeySchema":[[]]}"#,
            "Unrecognized collection type class com.amazonaws.dynamodb.v20120810.KeySchemaElement"),
        Case("GetItem", #"{"Key":{"a":"b"}}"#, "Unexpected value type in payload"),
        Case("PutItem", #"{"Expected":{"a":{"Value":1}}}"#, "Unexpected field type"),
        // Lists and maps, as members and as elements.
        Case("CreateTable", #"{"KeySchema":"a"}"#, "Unexpected field type"),
        Case(
            "CreateTable", #"{"KeySchema":{}}"#,
            "Start of structure or map found where not expected"),
        Case("GetItem", #"{"Key":"a"}"#, "Unexpected field type"),
        Case("GetItem", #"{"Key":[]}"#, "Unrecognized collection type " + attributeMap),
        Case(
            "BatchWriteItem", #"{"RequestItems":[]}"#,
            "Unrecognized collection type java.util.Map<java.lang.String, "
                + "java.util.List<com.amazonaws.dynamodb.v20120810.WriteRequest>>"),
        Case("BatchWriteItem", #"{"RequestItems":{"abc":"a"}}"#, castFault),
        Case(
            "BatchWriteItem", #"{"RequestItems":{"abc":{}}}"#,
            "Start of structure or map found where not expected"),
        Case("BatchGetItem", #"{"RequestItems":{"abc":{"Keys":["a"]}}}"#, castFault),
        Case(
            "BatchGetItem", #"{"RequestItems":{"abc":{"Keys":[[]]}}}"#,
            "Unrecognized collection type " + attributeMap),
        // Attribute values, at any depth.
        Case(
            "PutItem", #"{"Item":{"a":{"N":123}}}"#, "NUMBER_VALUE cannot be converted to String"),
        Case(
            "PutItem", #"{"Item":{"a":{"S":["b"]}}}"#,
            "Unrecognized collection type class java.lang.String"),
        Case("PutItem", #"{"Item":{"a":{"SS":"b"}}}"#, "Unexpected field type"),
        Case(
            "PutItem", #"{"Item":{"a":{"L":[{"M":{"b":{"NS":[1]}}}]}}}"#,
            "NUMBER_VALUE cannot be converted to String"),
        Case(
            "PutItem", #"{"Item":{"a":{"B":true}}}"#,
            "only base-64-encoded strings are convertible to bytes"),
        Case(
            "PutItem", #"{"Item":{"a":{"BS":[[]]}}}"#,
            "Unrecognized collection type class java.nio.ByteBuffer"),
        Case(
            "PutItem", #"{"Item":{"a":{"B":"23456"}}}"#,
            "Base64 encoded length is expected a multiple of 4 bytes but found: 5"),
        Case(
            "PutItem", #"{"Item":{"a":{"B":"=+/="}}}"#,
            "Invalid last non-pad Base64 character dectected"),
        Case(
            "PutItem", #"{"Item":{"a":{"B":"+/+="}}}"#,
            "Invalid last non-pad Base64 character dectected"),
        Case(
            "PutItem", #"{"Item":{"a":{"B":"ab%d"}}}"#, "Invalid Base64 character: '%'"),
        // The first fault of the body wins, before any constraint.
        Case(
            "CreateTable", #"{"TableName":"a","KeySchema":"x","BillingMode":1}"#,
            "Unexpected field type"),
        // Operations that aren't built are checked alike.
        Case(
            "UpdateContinuousBackups", #"{"PointInTimeRecoverySpecification":"on"}"#,
            "Unexpected field type"),
        Case(
            "ListBackups", #"{"TimeRangeLowerBound":"x"}"#,
            "STRING_VALUE cannot be converted to Date"),
    ]

    @Test("is a SerializationException with the parser's text", arguments: cases)
    func faults(_ example: Case) throws {
        let error = try #require(try fault(example.operation, example.body))
        #expect(error.code == "SerializationException", "\(example.body)")
        #expect(error.message == example.message, "\(example.body)")
        #expect(error.namespace == .coralService)
    }

    @Test(
        "Null, unknown members and fractions of whole numbers pass",
        arguments: [
            (
                "UpdateTable",
                #"{"TableName":"abc","BillingMode":null,"Nonsense":{"a":[1]}}"#
            ),
            ("ListTables", #"{"Limit":34.56}"#),
            ("ListTables", #"{"Limit":5e1}"#),
            ("PutItem", #"{"TableName":"abc","Item":{"a":{"B":""},"b":{"B":"YWI="},"c":null}}"#),
            ("PutItem", #"{"TableName":"abc","Item":{"a":{"B":"YQ=="},"b":{"BS":["YWJj"]}}}"#),
        ])
    func passes(_ operation: String, _ body: String) throws {
        #expect(try fault(operation, body) == nil)
    }

    @Test("A whole number is read exactly, whatever its notation")
    func wholeNumbers() {
        let cases: [(String, Int?)] = [
            ("0", 0), ("-0", 0), ("12", 12), ("-12", -12), ("1.9", 1), ("-1.9", -1), ("0.99", 0),
            ("1e3", 1_000), ("1.5E+1", 15), ("1234e-2", 12), ("9223372036854775807", Int.max),
            ("-9223372036854775808", Int.min), ("9223372036854775807.9", Int.max),
            ("9223372036854775808", nil), ("1e19", nil), ("0.000001e25", nil), ("0e99999999", 0),
            ("1e99999999999999999999", nil), ("1e-99999999999999999999", 0),
            ("1e9223372036854775807", nil), ("10e-9223372036854775808", 0), ("0.05e2", 5),
            ("", nil), ("-", nil), ("+1", nil), ("1.2.3", nil), ("abc", nil),
        ]
        for (text, value) in cases { #expect(WholeNumber.parse(text) == value, "\(text)") }
    }
}
