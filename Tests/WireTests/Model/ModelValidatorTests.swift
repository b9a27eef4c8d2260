import Operations
import Testing

@testable import Wire

@Suite("The model's constraints")
struct ModelValidatorTests {
    struct Case: Sendable {
        var operation: String
        var body: String
        var violations: [String]
        init(_ operation: String, _ body: String, _ violations: String...) {
            self.operation = operation
            self.body = body
            self.violations = violations
        }
    }

    static let failed = "failed to satisfy constraint:"
    static let namePattern = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"

    static func null(_ path: String) -> String {
        "Value null at '\(path)' \(failed) Member must not be null"
    }
    static func value(_ value: String, _ path: String, _ text: String) -> String {
        "Value '\(value)' at '\(path)' \(failed) \(text)"
    }
    static func options(_ value: String, _ path: String, _ values: String) -> String {
        self.value(value, path, "Member must satisfy enum value set: [\(values)]")
    }
    static let comparisons =
        "IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, CONTAINS"

    @Test(
        "A request without its required members",
        arguments: [
            ("ListTables", []), ("DescribeLimits", []), ("DescribeEndpoints", []),
            ("BatchGetItem", ["requestItems"]), ("BatchWriteItem", ["requestItems"]),
            ("TransactGetItems", ["transactItems"]), ("TransactWriteItems", ["transactItems"]),
            ("ExecuteStatement", ["statement"]), ("BatchExecuteStatement", ["statements"]),
            ("ExecuteTransaction", ["transactStatements"]), ("ListStreams", []),
            ("DescribeStream", ["streamArn"]), ("GetRecords", ["shardIterator"]),
            ("GetShardIterator", ["streamArn", "shardId", "shardIteratorType"]),
            ("ImportTable", ["s3BucketSource", "inputFormat", "tableCreationParameters"]),
        ] as [(String, [String])])
    func required(_ operation: String, _ members: [String]) throws {
        let error = try fault(operation, "{}")
        guard !members.isEmpty else {
            #expect(error == nil)
            return
        }
        let noun = members.count == 1 ? "error" : "errors"
        let list = members.map(Self.null).joined(separator: "; ")
        #expect(error?.message == "\(members.count) validation \(noun) detected: \(list)")
        #expect(error?.code == "ValidationException")
        #expect(error?.namespace == .coralValidate)
    }

    @Test(
        "A missing name of a resource is told alone, before other members",
        arguments: [
            "CreateTable", "DescribeTable", "UpdateTable", "DeleteTable", "DescribeTimeToLive",
            "UpdateTimeToLive", "DescribeContinuousBackups", "GetItem", "PutItem", "UpdateItem",
            "DeleteItem", "Query", "Scan", "CreateBackup", "UpdateContinuousBackups",
            "TagResource", "UntagResource", "ListTagsOfResource",
        ])
    func resourceRequired(_ operation: String) throws {
        let error = try fault(operation, #"{"ReturnValues":"hi"}"#)
        #expect(
            error?.message
                == (operation.contains("Resource")
                    ? "Invalid TableArn"
                    : "The parameter 'TableName' is required but was not present in the request"))
        #expect(error?.code == "ValidationException")
        #expect(error?.namespace == .coralValidate)
    }

    @Test(
        "What is no table's ARN can't be tagged",
        arguments: [
            "", "arn:aws:dynamodb:us-east-1:000000000000:table/", "arn:aws:dynamodb:::stream/a",
        ])
    func invalidARN(_ arn: String) throws {
        let error = try fault("TagResource", #"{"ResourceArn":"\#(arn)"}"#)
        #expect(
            error?.message == "Invalid TableArn: Invalid ResourceArn provided as input \(arn)")
    }

    static let arn = "arn:aws:dynamodb:us-east-1:000000000000:table/abc"

    static let tableCases: [Case] = [
        Case("DescribeTable", #"{"TableName":"abc;"}"#, value("abc;", "tableName", namePattern)),
        Case(
            "CreateTable",
            #"{"TableName":"abc","KeySchema":[],"AttributeDefinitions":[],"BillingMode":"FREE"}"#,
            value("[]", "keySchema", "Member must have length greater than or equal to 1"),
            options("FREE", "billingMode", "PROVISIONED, PAY_PER_REQUEST")),
        Case(
            "CreateTable",
            #"{"TableName":"abc","AttributeDefinitions":[],"#
                + #""KeySchema":[{"AttributeName":"","KeyType":"hash"},{}]}"#,
            value(
                "", "keySchema.1.member.attributeName",
                "Member must have length greater than or equal to 1"),
            options("hash", "keySchema.1.member.keyType", "HASH, RANGE"),
            null("keySchema.2.member.attributeName"), null("keySchema.2.member.keyType")),
        Case(
            "CreateTable",
            #"{"TableName":"abc","AttributeDefinitions":[{"AttributeType":"SS"}]}"#,
            null("attributeDefinitions.1.member.attributeName"),
            options("SS", "attributeDefinitions.1.member.attributeType", "B, N, S"),
            null("keySchema")),
        Case(
            "CreateTable",
            #"{"TableName":"abc","ProvisionedThroughput":{"ReadCapacityUnits":0}}"#,
            null("attributeDefinitions"), null("keySchema"),
            value(
                "0", "provisionedThroughput.readCapacityUnits",
                "Member must have value greater than or equal to 1"),
            null("provisionedThroughput.writeCapacityUnits")),
        Case(
            "CreateTable",
            #"{"TableName":"abc","LocalSecondaryIndexes":[{"IndexName":"h;","KeySchema":[],"#
                + #""Projection":{"ProjectionType":"SOME","NonKeyAttributes":[]}}]}"#,
            null("attributeDefinitions"), null("keySchema"),
            value("h;", "localSecondaryIndexes.1.member.indexName", namePattern),
            value(
                "h;", "localSecondaryIndexes.1.member.indexName",
                "Member must have length greater than or equal to 3"),
            value(
                "[]", "localSecondaryIndexes.1.member.keySchema",
                "Member must have length greater than or equal to 1"),
            options(
                "SOME", "localSecondaryIndexes.1.member.projection.projectionType",
                "ALL, INCLUDE, KEYS_ONLY"),
            value(
                "[]", "localSecondaryIndexes.1.member.projection.nonKeyAttributes",
                "Member must have length greater than or equal to 1")),
        Case(
            "CreateTable",
            #"{"TableName":"abc","GlobalSecondaryIndexes":[{},{"IndexName":"abc","#
                + #""KeySchema":[{"AttributeName":"a","KeyType":"HASH"}],"#
                + #""Projection":{"NonKeyAttributes":["",""]}}]}"#,
            null("attributeDefinitions"), null("keySchema"),
            null("globalSecondaryIndexes.1.member.indexName"),
            null("globalSecondaryIndexes.1.member.keySchema"),
            null("globalSecondaryIndexes.1.member.projection"),
            value(
                "[, ]", "globalSecondaryIndexes.2.member.projection.nonKeyAttributes",
                "Member must satisfy constraint: [Member must have length less than or equal to "
                    + "255, Member must have length greater than or equal to 1, "
                    + "Member must not be null]")),
        Case(
            "CreateTable",
            #"{"TableName":"abc","StreamSpecification":{"StreamViewType":"ALL"},"#
                + #""SSESpecification":{"SSEType":"DES"},"TableClass":"GOLD"}"#,
            null("attributeDefinitions"), null("keySchema"),
            null("streamSpecification.streamEnabled"),
            options(
                "ALL", "streamSpecification.streamViewType",
                "NEW_IMAGE, OLD_IMAGE, NEW_AND_OLD_IMAGES, KEYS_ONLY"),
            options("DES", "sSESpecification.sSEType", "AES256, KMS"),
            options("GOLD", "tableClass", "STANDARD, STANDARD_INFREQUENT_ACCESS")),
        Case(
            "CreateTable", #"{"TableName":"abc","AttributeDefinitions":[],"KeySchema":[null]}"#,
            value(
                "[null]", "keySchema",
                "Member must satisfy constraint: [Member must not be null]")),
        Case(
            "UpdateTable",
            #"{"TableName":"abc","GlobalSecondaryIndexUpdates":[{"Update":{"IndexName":"a"}},"#
                + #"{"Delete":{}}]}"#,
            value(
                "a", "globalSecondaryIndexUpdates.1.member.update.indexName",
                "Member must have length greater than or equal to 3"),
            null("globalSecondaryIndexUpdates.2.member.delete.indexName")),
        Case(
            "ListTables", #"{"Limit":0}"#,
            value("0", "limit", "Member must have value greater than or equal to 1")),
        Case(
            "ListTables", #"{"Limit":101,"ExclusiveStartTableName":"a;c"}"#,
            value("a;c", "exclusiveStartTableName", namePattern),
            value("101", "limit", "Member must have value less than or equal to 100")),
        Case(
            "TagResource", #"{"ResourceArn":"\#(arn)","Tags":[{"Key":""}]}"#,
            value(
                "", "tags.1.member.key", "Member must have length greater than or equal to 1"),
            null("tags.1.member.value")),
        Case(
            "UntagResource", #"{"ResourceArn":"\#(arn)","TagKeys":["ok",""]}"#,
            value(
                "[ok, ]", "tagKeys",
                "Member must satisfy constraint: [Member must have length less than or equal to "
                    + "128, Member must have length greater than or equal to 1, "
                    + "Member must not be null]")),
        Case(
            "UpdateTimeToLive",
            #"{"TableName":"abc","TimeToLiveSpecification":{"AttributeName":""}}"#,
            null("timeToLiveSpecification.enabled"),
            value(
                "", "timeToLiveSpecification.attributeName",
                "Member must have length greater than or equal to 1")),
    ]

    static let itemCases: [Case] = [
        Case(
            "GetItem",
            #"{"TableName":"abc;","ReturnConsumedCapacity":"hi","AttributesToGet":[]}"#,
            value("abc;", "tableName", namePattern), null("key"),
            value("[]", "attributesToGet", "Member must have length greater than or equal to 1"),
            options("hi", "returnConsumedCapacity", "INDEXES, TOTAL, NONE")),
        Case(
            "PutItem",
            #"{"TableName":"abc","Item":{},"ReturnValues":"hi","ReturnConsumedCapacity":"hi","#
                + #""ReturnItemCollectionMetrics":"hi","ConditionalOperator":"XOR","#
                + #""ReturnValuesOnConditionCheckFailure":"hi","#
                + #""Expected":{"a":{"ComparisonOperator":"hi"}}}"#,
            options("hi", "expected.a.member.comparisonOperator", comparisons),
            options("hi", "returnValues", "ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW"),
            options("hi", "returnConsumedCapacity", "INDEXES, TOTAL, NONE"),
            options("hi", "returnItemCollectionMetrics", "SIZE, NONE"),
            options("XOR", "conditionalOperator", "OR, AND"),
            options("hi", "returnValuesOnConditionCheckFailure", "ALL_OLD, NONE")),
        Case(
            "UpdateItem",
            #"{"TableName":"abc","Key":{},"AttributeUpdates":{"a":{"Action":"SET"}}}"#,
            options("SET", "attributeUpdates.a.member.action", "ADD, DELETE, PUT")),
        Case(
            "DeleteItem", #"{"TableName":"abc","Key":{},"ReturnValues":"all_old"}"#,
            options(
                "all_old", "returnValues", "ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW")),
        Case(
            "Query",
            #"{"TableName":"abc","IndexName":"a;","Limit":0,"Select":"hi","#
                + #""KeyConditions":{"a":{}},"QueryFilter":{"b":{"ComparisonOperator":"x"}}}"#,
            value("a;", "indexName", namePattern),
            value("a;", "indexName", "Member must have length greater than or equal to 3"),
            options(
                "hi", "select",
                "SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES"),
            value("0", "limit", "Member must have value greater than or equal to 1"),
            null("keyConditions.a.member.comparisonOperator"),
            options("x", "queryFilter.b.member.comparisonOperator", comparisons)),
        Case(
            "Scan",
            #"{"TableName":"abc","Segment":-1,"TotalSegments":1000001,"#
                + #""ScanFilter":{"a":{"ComparisonOperator":"eq"}}}"#,
            options("eq", "scanFilter.a.member.comparisonOperator", comparisons),
            value(
                "1000001", "totalSegments", "Member must have value less than or equal to 1000000"),
            value("-1", "segment", "Member must have value greater than or equal to 0")),
        Case(
            "Scan", #"{"TableName":"abc","Segment":1000000,"TotalSegments":0.5}"#,
            value("0", "totalSegments", "Member must have value greater than or equal to 1"),
            value("1000000", "segment", "Member must have value less than or equal to 999999")),
    ]

    static let batchCases: [Case] = [
        Case(
            "BatchGetItem", #"{"RequestItems":{}}"#,
            value("{}", "requestItems", "Member must have length greater than or equal to 1")),
        Case(
            "BatchGetItem", #"{"RequestItems":{"abc":{}}}"#,
            null("requestItems.abc.member.keys")),
        Case(
            "BatchGetItem", #"{"RequestItems":{"abc":{"Keys":[],"AttributesToGet":[]}}}"#,
            "Value at 'requestItems.abc.member.keys' \(failed) "
                + "Member must have length greater than or equal to 1",
            value(
                "[]", "requestItems.abc.member.attributesToGet",
                "Member must have length greater than or equal to 1")),
        Case(
            "BatchGetItem",
            #"{"RequestItems":{"abc":{"Keys":["#
                + Array(repeating: #"{"a":{"S":"b"}}"#, count: 101).joined(separator: ",") + "]}}}",
            "Value at 'requestItems.abc.member.keys' \(failed) "
                + "Member must have length less than or equal to 100"),
        Case(
            "BatchWriteItem", #"{"RequestItems":{"abc":[]}}"#,
            value(
                "{abc=[]}", "requestItems",
                "Map value must satisfy constraint: [Member must have length less than or equal "
                    + "to 25, Member must have length greater than or equal to 1, "
                    + "Member must not be null]")),
        Case(
            "BatchWriteItem", #"{"RequestItems":{"":[{"DeleteRequest":{}},{"PutRequest":{}}]}}"#,
            value(
                "{=[WriteRequest(putRequest=null, deleteRequest=DeleteRequest(key=null)), "
                    + "WriteRequest(putRequest=PutRequest(item=null), deleteRequest=null)]}",
                "requestItems",
                "Map keys must satisfy constraint: [Member must have length less than or equal "
                    + "to 1024, Member must have length greater than or equal to 1, "
                    + "Member must not be null]"),
            null("requestItems..member.1.member.deleteRequest.key"),
            null("requestItems..member.2.member.putRequest.item")),
        Case(
            "TransactWriteItems",
            #"{"TransactItems":[{"Put":{"TableName":"","Item":{}}},{"Update":{"Key":{}}}],"#
                + #""ClientRequestToken":""}"#,
            value(
                "", "transactItems.1.member.put.tableName",
                "Member must have length greater than or equal to 1"),
            null("transactItems.2.member.update.updateExpression"),
            null("transactItems.2.member.update.tableName"),
            value("", "clientRequestToken", "Member must have length greater than or equal to 1")),
        Case(
            "BatchExecuteStatement", #"{"Statements":[{"Statement":"","Parameters":[]}]}"#,
            value(
                "", "statements.1.member.statement",
                "Member must have length greater than or equal to 1"),
            value(
                "[]", "statements.1.member.parameters",
                "Member must have length greater than or equal to 1")),
        Case(
            "ImportTable",
            #"{"InputFormat":"XML","S3BucketSource":{"S3Bucket":"-a","S3BucketOwner":"1"},"#
                + #""TableCreationParameters":{"TableName":"a","AttributeDefinitions":[],"#
                + #""KeySchema":[{"AttributeName":"a","KeyType":"HASH"}]}}"#,
            value(
                "1", "s3BucketSource.s3BucketOwner",
                "Member must satisfy regular expression pattern: [0-9]{12}"),
            value(
                "-a", "s3BucketSource.s3Bucket",
                "Member must satisfy regular expression pattern: "
                    + #"^[a-z0-9A-Z]+[\.\-\w]*[a-z0-9A-Z]+$"#),
            options("XML", "inputFormat", "DYNAMODB_JSON, ION, CSV"),
            value(
                "a", "tableCreationParameters.tableName",
                "Member must have length greater than or equal to 3")),
    ]

    static let streamCases: [Case] = [
        Case("ListStreams", #"{"Limit":0}"#, value("0", "limit", greaterOrEqual(value: 1))),
        Case(
            "ListStreams", #"{"TableName":"a;","Limit":101,"ExclusiveStartStreamArn":"arn"}"#,
            value("a;", "tableName", namePattern),
            value("a;", "tableName", greaterOrEqual(length: 3)),
            value("101", "limit", "Member must have value less than or equal to 100"),
            value("arn", "exclusiveStartStreamArn", greaterOrEqual(length: 37))),
        Case(
            "DescribeStream",
            #"{"ExclusiveStartShardId":"s","ShardFilter":{"Type":"ALL","ShardId":"t"}}"#,
            null("streamArn"),
            value("s", "exclusiveStartShardId", greaterOrEqual(length: 28)),
            options("ALL", "shardFilter.type", "CHILD_SHARDS"),
            value("t", "shardFilter.shardId", greaterOrEqual(length: 28))),
        Case(
            "GetShardIterator", #"{"ShardIteratorType":"NEWEST","SequenceNumber":"1"}"#,
            null("streamArn"), null("shardId"),
            options(
                "NEWEST", "shardIteratorType",
                "AFTER_SEQUENCE_NUMBER, LATEST, AT_SEQUENCE_NUMBER, TRIM_HORIZON"),
            value("1", "sequenceNumber", greaterOrEqual(length: 21))),
        Case(
            "GetRecords", #"{"ShardIterator":"","Limit":1001}"#,
            value("", "shardIterator", greaterOrEqual(length: 1)),
            value("1001", "limit", "Member must have value less than or equal to 1000")),
    ]

    static let transactionCases: [Case] = [
        Case(
            "TransactWriteItems", #"{"TransactItems":[]}"#,
            value("[]", "transactItems", greaterOrEqual(length: 1))),
        Case(
            "TransactWriteItems",
            #"{"TransactItems":[{"ConditionCheck":{}},{"Delete":{}},{"Put":{"#
                + #""ReturnValuesOnConditionCheckFailure":"ALL"}}]}"#,
            null("transactItems.1.member.conditionCheck.key"),
            null("transactItems.1.member.conditionCheck.tableName"),
            null("transactItems.1.member.conditionCheck.conditionExpression"),
            null("transactItems.2.member.delete.key"),
            null("transactItems.2.member.delete.tableName"),
            null("transactItems.3.member.put.item"), null("transactItems.3.member.put.tableName"),
            options(
                "ALL", "transactItems.3.member.put.returnValuesOnConditionCheckFailure",
                "ALL_OLD, NONE")),
        Case(
            "TransactGetItems", #"{"TransactItems":[{},{"Get":{}}]}"#,
            null("transactItems.1.member.get"), null("transactItems.2.member.get.key"),
            null("transactItems.2.member.get.tableName")),
        Case(
            "ExecuteStatement", #"{"Statement":"","NextToken":"","Limit":0}"#,
            value("", "statement", greaterOrEqual(length: 1)),
            value("", "nextToken", greaterOrEqual(length: 1)),
            value("0", "limit", greaterOrEqual(value: 1))),
        Case(
            "BatchExecuteStatement", #"{"Statements":[]}"#,
            value("[]", "statements", greaterOrEqual(length: 1))),
        Case(
            "ExecuteTransaction", #"{"TransactStatements":[],"ClientRequestToken":""}"#,
            value("[]", "transactStatements", greaterOrEqual(length: 1)),
            value("", "clientRequestToken", greaterOrEqual(length: 1))),
    ]

    static func greaterOrEqual(length: Int) -> String {
        "Member must have length greater than or equal to \(length)"
    }
    static func greaterOrEqual(value: Int) -> String {
        "Member must have value greater than or equal to \(value)"
    }

    @Test(
        "Broken constraints are collected and told in the service's words",
        arguments: tableCases + itemCases + batchCases + transactionCases + streamCases)
    func violations(_ example: Case) throws {
        let error = try #require(try fault(example.operation, example.body))
        let count = example.violations.count
        let head = "\(count) validation \(count == 1 ? "error" : "errors") detected: "
        #expect(error.message == head + example.violations.joined(separator: "; "))
        #expect(error.code == "ValidationException")
    }

    @Test("No more than ten violations are told")
    func atMostTen() throws {
        let elements = Array(repeating: "{}", count: 8).joined(separator: ",")
        let error = try #require(
            try fault(
                "CreateTable",
                #"{"TableName":"abc","AttributeDefinitions":[],"KeySchema":[\#(elements)]}"#))
        #expect(error.message.hasPrefix("10 validation errors detected: "))
        #expect(error.message.split(separator: ";").count == 10)
        #expect(error.message.hasSuffix(Self.null("keySchema.5.member.keyType")))
    }

    @Test(
        "A table name of a wrong length is told alone, before other constraints",
        arguments: [
            ("CreateTable", "TableName", 0), ("CreateTable", "TableName", 2),
            ("CreateTable", "TableName", 256), ("PutItem", "TableName", 2),
            ("GetItem", "TableName", 1_024), ("ListTables", "ExclusiveStartTableName", 2),
            ("ListTables", "ExclusiveStartTableName", 2_000),
        ])
    func tableNameLength(_ operation: String, _ member: String, _ length: Int) throws {
        let name = String(repeating: ";", count: length)
        let error = try fault(operation, #"{"\#(member)":"\#(name)","ReturnValues":"hi"}"#)
        #expect(
            error?.message
                == "\(member) must be at least 3 characters long and at most 255 characters long")
        #expect(error?.code == "ValidationException")
    }

    @Test("A table name past the model's bound breaks an ordinary constraint")
    func longTableName() throws {
        let name = String(repeating: "a", count: 1_025)
        let error = try fault("DescribeTable", #"{"TableName":"\#(name)"}"#)
        let told = Self.value(
            name, "tableName", "Member must have length less than or equal to 1024")
        #expect(error?.message == "1 validation error detected: " + told)
    }

    @Test("Names of 3 and of 255 characters and ARNs pass")
    func tableNames() throws {
        let arn = "arn:aws:dynamodb:us-east-1:000000000000:table/abc"
        for name in ["abc", String(repeating: "a", count: 255), "a.b_c-9", arn] {
            #expect(try fault("DescribeTable", #"{"TableName":"\#(name)"}"#) == nil, "\(name)")
        }
    }

    @Test("Bounds are told one past them, and not at them")
    func bounds() throws {
        func limit(_ value: Int) throws -> Bool {
            try fault("ListTables", #"{"Limit":\#(value)}"#) == nil
        }
        #expect(try limit(1) && limit(100))
        #expect(try !limit(0) && !limit(101) && !limit(-1))
        // Lengths count UTF-16 units, as Java does: each of these is two.
        func tag(_ count: Int) throws -> Bool {
            let key = String(repeating: "😀", count: count)
            return try fault(
                "TagResource",
                #"{"ResourceArn":"\#(Self.arn)","Tags":[{"Key":"\#(key)","Value":""}]}"#) == nil
        }
        #expect(try tag(64))
        #expect(try !tag(65))
    }

    @Test("Attribute values are not entered")
    func attributeValues() throws {
        let body = #"{"TableName":"abc","Item":{"a":null,"b":{},"c":{"L":[null]},"d":{"M":{}}}}"#
        #expect(try fault("PutItem", body) == nil)
    }

    @Test("An operation that DynamoDB doesn't have")
    func unknownOperation() throws {
        #expect(try fault("DropTable", "{}")?.code == "UnknownOperationException")
    }
}
