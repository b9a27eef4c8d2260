import Testing
import Wire

@testable import Templates

@Suite("Changes of tables")
struct TableDesignTests {
    private func json(_ text: String) throws -> JSONValue {
        try JSONValue(parsing: Array(text.utf8))
    }

    private static let keys = """
        "KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],
        "AttributeDefinitions":[{"AttributeName":"id","AttributeType":"S"},
        {"AttributeName":"o","AttributeType":"S"}]
        """

    private func design(_ properties: String, type: String = "Table") throws -> TableDesign {
        let resource = ResolvedResource(
            logicalID: "T", type: "AWS::DynamoDB::\(type)",
            properties: try json("{\(Self.keys)\(properties)}"), isRetained: false)
        return try TableDesign(resource, name: "t")
    }

    private func changes(_ properties: String, _ state: String) throws -> [String] {
        let state = try json("{\(Self.keys)\(state)}")
        return try design(properties).changes(of: state).map {
            String(decoding: JSONValue.object($0).encoded, as: UTF8.self)
        }
    }

    private static let onDemand = #","BillingMode":"PAY_PER_REQUEST""#
    private static let isOnDemand = #","BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST"}"#
    private static let index = """
        {"IndexName":"i","KeySchema":[{"AttributeName":"o","KeyType":"HASH"}],
        "Projection":{"ProjectionType":"INCLUDE","NonKeyAttributes":["a","b"]}}
        """

    @Test func nothingChanged() throws {
        let same = try changes(
            Self.onDemand + #","GlobalSecondaryIndexes":[\#(Self.index)]"#,
            Self.isOnDemand + #"""
                ,"GlobalSecondaryIndexes":[{"IndexName":"i","IndexStatus":"ACTIVE",
                "KeySchema":[{"KeyType":"HASH","AttributeName":"o"}],
                "Projection":{"NonKeyAttributes":["b","a"],"ProjectionType":"INCLUDE"}}]
                """#)
        #expect(same.isEmpty)
    }

    @Test func indexesComeAndGoOneByOne() throws {
        let told = try changes(
            Self.onDemand + #","GlobalSecondaryIndexes":[\#(Self.index)]"#,
            Self.isOnDemand + #"""
                ,"GlobalSecondaryIndexes":[{"IndexName":"old","KeySchema":[]},
                {"IndexName":"i","KeySchema":[{"AttributeName":"o","KeyType":"HASH"}],
                "Projection":{"ProjectionType":"ALL"}}]
                """#)
        #expect(told.count == 3)
        #expect(told[0].contains(#"{"Delete":{"IndexName":"i"}}"#))
        #expect(told[1].contains(#"{"Delete":{"IndexName":"old"}}"#))
        #expect(told[2].contains(#"{"Create":{"IndexName":"i""#))
        #expect(told[2].contains("AttributeDefinitions"))
    }

    @Test func anotherViewOfAStreamNeedsAnotherStream() throws {
        let told = try changes(
            Self.onDemand + #","StreamSpecification":{"StreamViewType":"NEW_IMAGE"}"#,
            Self.isOnDemand
                + #","StreamSpecification":{"StreamEnabled":true,"StreamViewType":"KEYS_ONLY"}"#)
        #expect(
            told == [
                #"{"StreamSpecification":{"StreamEnabled":false}}"#,
                #"{"StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"}}"#,
            ])
    }

    @Test func billingAndThroughput() throws {
        let units = #","ProvisionedThroughput":{"ReadCapacityUnits":2,"WriteCapacityUnits":1}"#
        #expect(
            try changes(units, Self.isOnDemand) == [
                #"{"BillingMode":"PROVISIONED","ProvisionedThroughput":"#
                    + #"{"ReadCapacityUnits":2,"WriteCapacityUnits":1}}"#
            ])
        let other = #","ProvisionedThroughput":{"ReadCapacityUnits":1,"WriteCapacityUnits":1}"#
        #expect(try changes(units, other).count == 1)
        #expect(try changes(units, units).isEmpty)
    }

    @Test func keysCannotChange() throws {
        let design = try design(Self.onDemand)
        let state = try json(
            """
            {"KeySchema":[{"AttributeName":"id","KeyType":"HASH"},
            {"AttributeName":"n","KeyType":"RANGE"}],"AttributeDefinitions":[]}
            """)
        #expect(design.replacement(of: state) == "the key schema")
        let typed = try json(
            """
            {"KeySchema":[{"AttributeName":"id","KeyType":"HASH"}],
            "AttributeDefinitions":[{"AttributeName":"id","AttributeType":"N"}]}
            """)
        #expect(design.replacement(of: typed) == "the type of the key attribute id")
        #expect(design.replacement(of: try json("{\(Self.keys)}")) == nil)
        #expect(
            design.replacement(
                of: try json(#"{\#(Self.keys),"LocalSecondaryIndexes":[{"IndexName":"l"}]}"#))
                == "the local secondary indexes")
    }

    @Test func globalTablesTakeTheirReplicasSettings() throws {
        let design = try design(
            #"""
            ,"BillingMode":"PROVISIONED",
            "WriteProvisionedThroughputSettings":{"WriteCapacityAutoScalingSettings":
            {"MinCapacity":4,"MaxCapacity":9}},
            "Replicas":[{"Region":"us-east-1","DeletionProtectionEnabled":true,
            "ReadProvisionedThroughputSettings":{"ReadCapacityUnits":3},
            "Tags":[{"Key":"a","Value":"b"}]}]
            """#, type: "GlobalTable")
        let text = String(
            decoding: JSONValue.object(design.creation).encoded, as: UTF8.self)
        #expect(
            text.contains(
                #""ProvisionedThroughput":{"ReadCapacityUnits":3,"WriteCapacityUnits":4}"#))
        #expect(text.contains(#""DeletionProtectionEnabled":true"#))
        #expect(design.tags == ["a": "b"])
    }
}
