import Items
import Operations
import Testing

@testable import Wire

@Suite("Requests of the control plane")
struct TableRequestTests {
    private func decode(_ operation: String, _ body: String) throws -> OperationRequest {
        let value = try json(body)
        try ModelValidator.check(operation: operation, of: .shared, body: value)
        return try TableCodec.decode(operation: operation, body: value)
    }

    @Test("CreateTable with everything")
    func createTable() throws {
        let body = #"""
            {"TableName":"music","AttributeDefinitions":[{"AttributeName":"a","AttributeType":"S"},
             {"AttributeName":"b","AttributeType":"N"}],
             "KeySchema":[{"AttributeName":"a","KeyType":"HASH"},
              {"AttributeName":"b","KeyType":"RANGE"}],
             "LocalSecondaryIndexes":[{"IndexName":"local","KeySchema":[
              {"AttributeName":"a","KeyType":"HASH"}],"Projection":{"ProjectionType":"ALL"}}],
             "GlobalSecondaryIndexes":[{"IndexName":"global","KeySchema":[
              {"AttributeName":"b","KeyType":"HASH"}],
              "Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["x","y"]},
              "ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4},
              "OnDemandThroughput":{"MaxReadRequestUnits":7},
              "WarmThroughput":{"WriteUnitsPerSecond":8}}],
             "BillingMode":"PROVISIONED",
             "ProvisionedThroughput":{"ReadCapacityUnits":1.0,"WriteCapacityUnits":2},
             "StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"},
             "SSESpecification":{"Enabled":true,"SSEType":"KMS","KMSMasterKeyId":"k"},
             "Tags":[{"Key":"team","Value":"a"}],"TableClass":"STANDARD_INFREQUENT_ACCESS",
             "DeletionProtectionEnabled":true,"WarmThroughput":{"ReadUnitsPerSecond":5},
             "ResourcePolicy":"{}","OnDemandThroughput":{"MaxWriteRequestUnits":-1}}
            """#
        guard case .createTable(let request) = try decode("CreateTable", body) else {
            Issue.record("another request")
            return
        }
        #expect(request.tableName == "music")
        #expect(
            request.attributeDefinitions == [
                AttributeDefinition("a", .string), AttributeDefinition("b", .number),
            ])
        #expect(
            request.keySchema == [KeySchemaElement("a", .hash), KeySchemaElement("b", .range)])
        var local = LocalSecondaryIndex()
        local.indexName = "local"
        local.keySchema = [KeySchemaElement("a", .hash)]
        local.projection = Projection(.all)
        #expect(request.localSecondaryIndexes == [local])
        var global = GlobalSecondaryIndex()
        global.indexName = "global"
        global.keySchema = [KeySchemaElement("b", .hash)]
        global.projection = Projection(.include, nonKeyAttributes: ["x", "y"])
        global.provisionedThroughput = ProvisionedThroughput(
            readCapacityUnits: 3, writeCapacityUnits: 4)
        global.onDemandThroughput = OnDemandThroughput(maxReadRequestUnits: 7)
        global.warmThroughput = WarmThroughput(writeUnitsPerSecond: 8)
        #expect(request.globalSecondaryIndexes == [global])
        #expect(request.billingMode == .provisioned)
        #expect(
            request.provisionedThroughput
                == ProvisionedThroughput(readCapacityUnits: 1, writeCapacityUnits: 2))
        #expect(
            request.streamSpecification
                == StreamSpecification(streamEnabled: true, streamViewType: .keysOnly))
        #expect(request.sseSpecification?.enabled == true)
        #expect(request.sseSpecification?.sseType == .kms)
        #expect(request.sseSpecification?.kmsMasterKeyId == "k")
        #expect(request.tags == [Tag(key: "team", value: "a")])
        #expect(request.tableClass == .standardInfrequentAccess)
        #expect(request.deletionProtectionEnabled == true)
        #expect(request.warmThroughput == WarmThroughput(readUnitsPerSecond: 5))
        #expect(request.resourcePolicy == "{}")
        #expect(request.onDemandThroughput == OnDemandThroughput(maxWriteRequestUnits: -1))
    }

    @Test("CreateTable with nothing but nulls and a name; empty lists stay lists")
    func bareCreateTable() throws {
        let body = #"""
            {"TableName":"abc","KeySchema":null,"ProvisionedThroughput":null,"BillingMode":null,
             "GlobalTableSourceArn":"arn:a",
             "LocalSecondaryIndexes":[],"DeletionProtectionEnabled":null,"WarmThroughput":{}}
            """#
        guard case .createTable(let request) = try decode("CreateTable", body) else {
            Issue.record("another request")
            return
        }
        #expect(request.keySchema == nil)
        #expect(request.attributeDefinitions == nil)
        #expect(request.provisionedThroughput == nil)
        #expect(request.billingMode == nil)
        #expect(request.localSecondaryIndexes?.isEmpty == true)
        #expect(request.globalSecondaryIndexes == nil)
        #expect(request.deletionProtectionEnabled == nil)
        #expect(request.warmThroughput == WarmThroughput())
        #expect(request.tags == nil)
    }

    @Test("UpdateTable's elements")
    func updateTable() throws {
        let body = #"""
            {"TableName":"abc","AttributeDefinitions":[{"AttributeName":"c","AttributeType":"B"}],
             "GlobalSecondaryIndexUpdates":[
              {"Create":{"IndexName":"one","KeySchema":[{"AttributeName":"c","KeyType":"HASH"}],
               "Projection":{}}},
              {"Update":{"IndexName":"two",
               "ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":2}}},
              {"Delete":{"IndexName":"three"}},{}],
             "ReplicaUpdates":[{"Delete":{"RegionName":"eu-west-1"}}],
             "BillingMode":"PAY_PER_REQUEST","DeletionProtectionEnabled":false,
             "StreamSpecification":{"StreamEnabled":false}}
            """#
        guard case .updateTable(let request) = try decode("UpdateTable", body) else {
            Issue.record("another request")
            return
        }
        let updates = try #require(request.globalSecondaryIndexUpdates)
        #expect(updates.count == 4)
        #expect(updates[0].create?.indexName == "one")
        #expect(updates[0].create?.projection == Projection())
        #expect(updates[0].update == nil && updates[0].delete == nil)
        #expect(updates[1].update?.indexName == "two")
        #expect(updates[1].update?.provisionedThroughput?.writeCapacityUnits == 2)
        #expect(updates[2].delete == "three")
        #expect(updates[3].create == nil && updates[3].update == nil && updates[3].delete == nil)
        #expect(request.attributeDefinitions == [AttributeDefinition("c", .binary)])
        #expect(request.hasReplicaUpdates)
        #expect(request.billingMode == .payPerRequest)
        #expect(request.deletionProtectionEnabled == false)
        #expect(request.streamSpecification == StreamSpecification())
    }

    @Test(
        "The operations of a table name alone",
        arguments: [
            "DescribeTable", "DeleteTable", "DescribeTimeToLive", "DescribeContinuousBackups",
        ])
    func tableRequests(_ operation: String) throws {
        let request = try decode(operation, #"{"TableName":"abc"}"#)
        switch (operation, request) {
        case ("DescribeTable", .describeTable(let table)), ("DeleteTable", .deleteTable(let table)),
            ("DescribeTimeToLive", .describeTimeToLive(let table)),
            ("DescribeContinuousBackups", .describeContinuousBackups(let table)):
            #expect(table.tableName == "abc")
        default: Issue.record("\(operation) became \(request)")
        }
    }

    @Test("ListTables, tags, time to live, limits and endpoints")
    func others() throws {
        let arn = "arn:aws:dynamodb:us-east-1:000000000000:table/abc"
        if case .listTables(let request) = try decode(
            "ListTables", #"{"Limit":5,"ExclusiveStartTableName":"abc"}"#)
        {
            #expect(request.limit == 5 && request.exclusiveStartTableName == "abc")
        } else {
            Issue.record("ListTables")
        }
        if case .tagResource(let request) = try decode(
            "TagResource", #"{"ResourceArn":"\#(arn)","Tags":[{"Key":"k","Value":""}]}"#)
        {
            #expect(request.resourceArn == arn)
            #expect(request.tags == [Tag(key: "k", value: "")])
        } else {
            Issue.record("TagResource")
        }
        if case .untagResource(let request) = try decode(
            "UntagResource", #"{"ResourceArn":"\#(arn)","TagKeys":["k","l"]}"#)
        {
            #expect(request.resourceArn == arn && request.tagKeys == ["k", "l"])
        } else {
            Issue.record("UntagResource")
        }
        if case .listTagsOfResource(let request) = try decode(
            "ListTagsOfResource", #"{"ResourceArn":"\#(arn)","NextToken":"t"}"#)
        {
            #expect(request.resourceArn == arn && request.nextToken == "t")
        } else {
            Issue.record("ListTagsOfResource")
        }
        if case .updateTimeToLive(let request) = try decode(
            "UpdateTimeToLive",
            #"{"TableName":"abc","TimeToLiveSpecification":{"Enabled":true,"AttributeName":"t"}}"#)
        {
            #expect(request.tableName == "abc")
            #expect(
                request.specification
                    == TimeToLiveSpecification(enabled: true, attributeName: "t"))
        } else {
            Issue.record("UpdateTimeToLive")
        }
        if case .describeLimits = try decode("DescribeLimits", "{}") {
        } else {
            Issue.record("DescribeLimits")
        }
        if case .describeEndpoints = try decode("DescribeEndpoints", "{}") {
        } else {
            Issue.record("DescribeEndpoints")
        }
    }

    @Test("An operation that isn't built is unknown")
    func unbuilt() throws {
        let body = try json("{}")
        #expect(throws: ServiceError.self) {
            try TableCodec.decode(operation: "ListBackups", body: body)
        }
    }
}
