import Engine
import Items
import Operations
import Testing

/// A request and how the service refuses it; nil where it takes it.
struct CreateCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let refusal: Refusal?
    let edit: @Sendable (inout CreateTableRequest) -> Void

    init(
        _ name: String, _ refusal: Refusal?,
        _ edit: @escaping @Sendable (inout CreateTableRequest) -> Void
    ) {
        testDescription = name
        self.refusal = refusal
        self.edit = edit
    }
}

@Suite("CreateTable refuses what the service refuses")
struct CreateTableRuleTests {
    @Test(arguments: names + keys + local + global + projections + throughput + settings)
    func answersAsTheService(_ example: CreateCase) {
        let harness = TableHarness()
        let refusal = failure { () throws(ServiceError) in try harness.create(example.edit) }
        #expect(refusal == example.refusal)
        #expect(harness.staging.tables.isEmpty == (example.refusal != nil))
    }

    static let tooShort = Refusal.validation(
        "TableName must be at least 3 characters long and at most 255 characters long")

    static let names = [
        CreateCase("name of 2", tooShort) { $0.tableName = "ab" },
        CreateCase("name of 3", nil) { $0.tableName = "a-." },
        CreateCase("name of 255", nil) { $0.tableName = String(repeating: "x", count: 255) },
        CreateCase("name of 256", tooShort) { $0.tableName = String(repeating: "x", count: 256) },
        CreateCase(
            "name with a space",
            .validation(
                "1 validation error detected: Value 'a b' at 'tableName' failed to satisfy "
                    + "constraint: Member must satisfy regular expression pattern: "
                    + "[a-zA-Z0-9_.-]+")
        ) { $0.tableName = "a b" },
        CreateCase("own ARN", nil) {
            $0.tableName = "arn:aws:dynamodb:eu-west-1:000000000000:table/Music"
        },
        CreateCase(
            "no keys at all",
            .validation(
                "2 validation errors detected: Value null at 'attributeDefinitions' failed to "
                    + "satisfy constraint: Member must not be null; Value null at 'keySchema' "
                    + "failed to satisfy constraint: Member must not be null")
        ) {
            $0.keySchema = nil
            $0.attributeDefinitions = nil
        },
    ]

    static let keys = [
        CreateCase(
            "three keys",
            .validation(
                "1 validation error detected: Value '[KeySchemaElement(attributeName=a, "
                    + "keyType=HASH), KeySchemaElement(attributeName=b, keyType=RANGE), "
                    + "KeySchemaElement(attributeName=c, keyType=RANGE)]' at 'keySchema' failed "
                    + "to satisfy constraint: Member must have length less than or equal to 2")
        ) { $0.keySchema = [.hash("a"), .range("b"), .range("c")] },
        CreateCase(
            "empty key schema",
            .validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
        ) { $0.keySchema = [] },
        CreateCase(
            "RANGE first",
            .validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
        ) { $0.keySchema = [.range("Artist"), .hash("Song")] },
        CreateCase(
            "two HASH",
            .validation("Invalid KeySchema: The second KeySchemaElement is not a RANGE key type")
        ) { $0.keySchema = [.hash("Artist"), .hash("Song")] },
        CreateCase(
            "same name twice",
            .validation(
                "Both the Hash Key and the Range Key element in the KeySchema have the same name")
        ) { $0.keySchema = [.hash("Artist"), .range("Artist")] },
        CreateCase(
            "duplicate definition",
            .validation("Cannot have two attributes with the same name")
        ) { $0.attributeDefinitions?.append(AttributeDefinition("Song", .number)) },
        CreateCase(
            "key without definition",
            .invalid(
                "Some index key attributes are not defined in AttributeDefinitions. Keys: [b], "
                    + "AttributeDefinitions: [a]")
        ) {
            $0.keySchema = [.hash("b")]
            $0.attributeDefinitions = [.string("a")]
        },
        CreateCase(
            "more keys than definitions",
            .validation("Invalid KeySchema: Some index key attribute have no definition")
        ) { $0.attributeDefinitions = [.string("Artist")] },
        CreateCase(
            "no definitions",
            .invalid(
                "Some index key attributes are not defined in AttributeDefinitions. Keys: "
                    + "[Artist, Song], AttributeDefinitions: []")
        ) { $0.attributeDefinitions = [] },
        CreateCase(
            "definition to spare",
            .invalid(
                "Number of attributes in KeySchema does not exactly match number of attributes "
                    + "defined in AttributeDefinitions")
        ) { $0.attributeDefinitions?.append(.string("Year")) },
        CreateCase(
            "definition to spare, with an index",
            .invalid(
                "Some AttributeDefinitions are not used. AttributeDefinitions: [Artist, Song, "
                    + "Year, Label], keys used: [Artist, Song, Year]")
        ) {
            $0.add(GlobalSecondaryIndex("byYear", .hash("Year")))
            $0.attributeDefinitions?.append(.string("Label"))
        },
    ]

    static let local = [
        CreateCase("empty list", .invalid("List of LocalSecondaryIndexes is empty")) {
            $0.localSecondaryIndexes = []
        },
        CreateCase(
            "table without range key",
            .invalid(
                "Table KeySchema does not have a range key, which is required when specifying a "
                    + "LocalSecondaryIndex")
        ) {
            $0.keySchema = [.hash("Artist")]
            $0.attributeDefinitions = [.string("Artist")]
            $0.add(LocalSecondaryIndex("lsi", .hash("Artist"), .range("Year")))
        },
        CreateCase(
            "index without range key",
            .invalid(
                "Index KeySchema does not have a range key for index: lsi")
        ) { $0.add(LocalSecondaryIndex("lsi", .hash("Artist"))) },
        CreateCase(
            "another hash key",
            .invalid(
                "Index KeySchema does not have the same leading hash key as table KeySchema for "
                    + "index: lsi. index hash key: Song, table hash key: Artist")
        ) { $0.add(LocalSecondaryIndex("lsi", .hash("Song"), .range("Year"))) },
        CreateCase(
            "key without definition",
            .invalid(
                "Some index key attributes are not defined in AttributeDefinitions. Keys: "
                    + "[Artist, Year], AttributeDefinitions: [Artist, Song]")
        ) {
            $0.localSecondaryIndexes = [
                LocalSecondaryIndex("lsi", .hash("Artist"), .range("Year"))
            ]
        },
        CreateCase(
            "three keys",
            .validation(
                "1 validation error detected: Value '[KeySchemaElement(attributeName=Artist, "
                    + "keyType=HASH), KeySchemaElement(attributeName=b, keyType=RANGE), "
                    + "KeySchemaElement(attributeName=c, keyType=RANGE)]' at "
                    + "'localSecondaryIndexes.1.member.keySchema' failed to satisfy constraint: "
                    + "Member must have length less than or equal to 2")
        ) { $0.add(LocalSecondaryIndex("lsi", .hash("Artist"), .range("b"), .range("c"))) },
        CreateCase("duplicate name", .invalid("Duplicate index name: lsi")) {
            $0.add(
                LocalSecondaryIndex("lsi", .hash("Artist"), .range("Year")),
                LocalSecondaryIndex("lsi", .hash("Artist"), .range("Label")))
        },
        CreateCase("5 indexes", nil) { request in
            for number in 1...5 {
                request.add(LocalSecondaryIndex("i-\(number)", .hash("Artist"), .range("Year")))
            }
        },
        CreateCase(
            "6 indexes",
            .invalid("Number of LocalSecondaryIndexes exceeds per-table limit of 5")
        ) { request in
            for number in 1...6 {
                request.add(LocalSecondaryIndex("i-\(number)", .hash("Artist"), .range("Year")))
            }
        },
    ]

    static let fours: [KeySchemaElement] =
        (1...4).map { .hash("h\($0)") } + (1...4).map { .range("r\($0)") }

    static let global = [
        CreateCase("empty list", .invalid("List of GlobalSecondaryIndexes is empty")) {
            $0.globalSecondaryIndexes = []
        },
        CreateCase("hash alone", nil) { $0.add(GlobalSecondaryIndex("gsi", .hash("Song"))) },
        CreateCase("four and four", nil) { $0.add(GlobalSecondaryIndex("gsi", fours)) },
        CreateCase(
            "five HASH",
            .invalid("Number of HASH key attributes exceeds the limit of 4 for index: gsi")
        ) { $0.add(GlobalSecondaryIndex("gsi", [.hash("h0")] + fours)) },
        CreateCase(
            "five RANGE",
            .invalid("Number of RANGE key attributes exceeds the limit of 4 for index: gsi")
        ) { $0.add(GlobalSecondaryIndex("gsi", fours + [.range("r5")])) },
        CreateCase(
            "HASH after RANGE",
            .validation(
                "Invalid KeySchema: All HASH key elements must precede all RANGE key elements")
        ) { $0.add(GlobalSecondaryIndex("gsi", .hash("a"), .range("b"), .hash("c"))) },
        CreateCase(
            "RANGE first",
            .validation("Invalid KeySchema: The first KeySchemaElement is not a HASH key type")
        ) { $0.add(GlobalSecondaryIndex("gsi", .range("a"))) },
        CreateCase(
            "same name twice",
            .validation(
                "Both the Hash Key and the Range Key element in the KeySchema have the same name")
        ) { $0.add(GlobalSecondaryIndex("gsi", .hash("a"), .range("a"))) },
        CreateCase("name of a local index", .invalid("Duplicate index name: both")) {
            $0.add(LocalSecondaryIndex("both", .hash("Artist"), .range("Year")))
            $0.add(GlobalSecondaryIndex("both", .hash("Year")))
        },
        CreateCase("20 indexes", nil) { request in
            for number in 1...20 { request.add(GlobalSecondaryIndex("i\(number)", .hash("a"))) }
        },
        CreateCase(
            "21 indexes",
            .invalid("GlobalSecondaryIndex count exceeds the per-table limit of 20")
        ) { request in
            for number in 1...21 { request.add(GlobalSecondaryIndex("i\(number)", .hash("a"))) }
        },
        CreateCase(
            "throughput on demand",
            .invalid(
                "ProvisionedThroughput should not be specified for index: gsi when BillingMode is "
                    + "PAY_PER_REQUEST")
        ) { $0.add(GlobalSecondaryIndex("gsi", .hash("a")).provisioned(1, 1)) },
        CreateCase(
            "no throughput, provisioned",
            .invalid("ProvisionedThroughput is not specified for index: gsi")
        ) {
            $0.provision(1, 1)
            $0.add(GlobalSecondaryIndex("gsi", .hash("a")))
        },
        CreateCase(
            "throughput out of bounds",
            .validation(
                "Given value 1000000000001 for WriteCapacityUnits is out of bounds for index gsi")
        ) {
            $0.provision(1, 1)
            $0.add(GlobalSecondaryIndex("gsi", .hash("a")).provisioned(1, 1_000_000_000_001))
        },
    ]

    static let projections = [
        CreateCase("none", .invalid("Unknown ProjectionType: null")) {
            $0.add(GlobalSecondaryIndex("gsi", .hash("a"), projection: Projection()))
        },
        CreateCase(
            "ALL with names", .invalid("ProjectionType is ALL, but NonKeyAttributes is specified")
        ) {
            $0.add(
                GlobalSecondaryIndex(
                    "gsi", .hash("a"), projection: Projection(.all, nonKeyAttributes: ["x"])))
        },
        CreateCase(
            "KEYS_ONLY with names",
            .invalid("ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified")
        ) {
            $0.add(
                LocalSecondaryIndex(
                    "lsi", .hash("Artist"), .range("a"),
                    projection: Projection(.keysOnly, nonKeyAttributes: ["x"])))
        },
        CreateCase(
            "INCLUDE without names",
            .invalid("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")
        ) { $0.add(GlobalSecondaryIndex("gsi", .hash("a"), projection: Projection(.include))) },
        CreateCase("100 names in all", nil) { request in
            request.add(
                LocalSecondaryIndex(
                    "lsi", .hash("Artist"), .range("a"), projection: .including(20)))
            for number in 1...4 {
                request.add(
                    GlobalSecondaryIndex("i-\(number)", .hash("a"), projection: .including(20)))
            }
        },
        CreateCase(
            "101 names in all",
            .invalid("Number of NonKeyAttributes exceeds per-table limit of 100")
        ) { request in
            request.add(
                LocalSecondaryIndex("lsi", .hash("Artist"), .range("a"), projection: .including(1)))
            for number in 1...5 {
                request.add(
                    GlobalSecondaryIndex("i-\(number)", .hash("a"), projection: .including(20)))
            }
        },
    ]
}

extension CreateTableRuleTests {
    static let throughput = [
        CreateCase(
            "none, provisioned",
            .invalid(
                "ReadCapacityUnits and WriteCapacityUnits must both be specified when "
                    + "BillingMode is PROVISIONED")
        ) { $0.billingMode = nil },
        CreateCase(
            "on demand with units",
            .invalid(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                    + "BillingMode is PAY_PER_REQUEST")
        ) {
            $0.provision(1, 1)
            $0.billingMode = .payPerRequest
        },
        CreateCase(
            "out of bounds",
            .validation("Given value 1000000000001 for ReadCapacityUnits is out of bounds")
        ) { $0.provision(1_000_000_000_001, 1) },
        CreateCase("at the quota", nil) { $0.provision(40_000, 40_000) },
        CreateCase(
            "past the quota",
            .limit(
                "Requested WriteCapacityUnits 40001 for table exceeds the per-table limit of 40000")
        ) { $0.provision(40_000, 40_001) },
        CreateCase(
            "maximum of a provisioned table",
            .invalid("OnDemandThroughput should not be specified when BillingMode is PROVISIONED")
        ) {
            $0.provision(1, 1)
            $0.onDemandThroughput = OnDemandThroughput(maxReadRequestUnits: 1)
        },
        CreateCase(
            "maximum of 0",
            .invalid(
                "MaxWriteRequestUnits must be greater than or equal to 1, or -1 to remove the "
                    + "maximum")
        ) { $0.onDemandThroughput = OnDemandThroughput(maxWriteRequestUnits: 0) },
        CreateCase("maximum of 1", nil) {
            $0.onDemandThroughput = OnDemandThroughput(maxWriteRequestUnits: 1)
        },
        CreateCase(
            "warm below the default",
            .invalid(
                "Requested ReadUnitsPerSecond for WarmThroughput for table is lower than initial "
                    + "throughput for OnDemand")
        ) { $0.warmThroughput = WarmThroughput(readUnitsPerSecond: 11_999) },
        CreateCase(
            "warm below what is provisioned",
            .invalid(
                "Requested WriteUnitsPerSecond for WarmThroughput for table is lower than "
                    + "WriteCapacityUnits of ProvisionedThroughput")
        ) {
            $0.provision(5, 6)
            $0.warmThroughput = WarmThroughput(writeUnitsPerSecond: 5)
        },
        CreateCase("warm at the default", nil) {
            $0.warmThroughput = WarmThroughput(
                readUnitsPerSecond: 12_000, writeUnitsPerSecond: 4_000)
        },
        CreateCase(
            "warm without numbers",
            .invalid(
                "At least one of ReadUnitsPerSecond or WriteUnitsPerSecond is required for "
                    + "WarmThroughput")
        ) { $0.warmThroughput = WarmThroughput() },
        CreateCase(
            "warm index below the default",
            .invalid(
                "Requested WriteUnitsPerSecond for WarmThroughput for index gsi is lower than "
                    + "initial throughput for OnDemand")
        ) {
            var index = GlobalSecondaryIndex("gsi", .hash("a"))
            index.warmThroughput = WarmThroughput(writeUnitsPerSecond: 3_999)
            $0.add(index)
        },
    ]

    static let settings = [
        CreateCase(
            "stream without view",
            .invalid("StreamViewType is required when StreamEnabled is true")
        ) { $0.streamSpecification = StreamSpecification(streamEnabled: true) },
        CreateCase(
            "view without stream",
            .invalid("StreamViewType can not be specified when StreamEnabled is false")
        ) { $0.streamSpecification = StreamSpecification(streamViewType: .newImage) },
        CreateCase("stream off", nil) { $0.streamSpecification = StreamSpecification() },
        CreateCase(
            "SSE type alone", .invalid("SSEType can not be specified when SSE is not enabled")
        ) {
            var encryption = SSESpecification()
            encryption.sseType = .kms
            $0.sseSpecification = encryption
        },
        CreateCase("SSE with AES256", .invalid("SSEType AES256 is not supported")) {
            var encryption = SSESpecification()
            encryption.enabled = true
            encryption.sseType = .aes256
            $0.sseSpecification = encryption
        },
        CreateCase("50 tags", nil) { $0.tags = tags(50) },
        CreateCase(
            "51 tags",
            .validation("Number of Tags exceed the current limit for the provided ResourceArn")
        ) { $0.tags = tags(51) },
        CreateCase("duplicate tag", .invalid("Duplicate Tag Key: t0")) {
            $0.tags = tags(2) + tags(1)
        },
        CreateCase(
            "reserved tag", .invalid("Tag keys starting with 'aws:' are reserved for system use")
        ) { $0.tags = [TableTag(key: "aws:x", value: "")] },
    ]

    static func tags(_ count: Int) -> [TableTag] {
        (0..<count).map { TableTag(key: "t\($0)", value: "v") }
    }

    @Test("An earlier rule is told first")
    func order() {
        let harness = TableHarness()
        let refusal = failure { () throws(ServiceError) in
            try harness.create {
                $0.billingMode = nil
                $0.keySchema = [.range("Artist")]
                $0.localSecondaryIndexes = []
                $0.tags = Self.tags(51)
            }
        }
        #expect(
            refusal
                == .invalid(
                    "ReadCapacityUnits and WriteCapacityUnits must both be specified when "
                        + "BillingMode is PROVISIONED"))
    }

    @Test("A name is taken once in a region, and free in another")
    func existing() throws {
        let harness = TableHarness()
        try harness.create()
        let refusal = failure { () throws(ServiceError) in try harness.create() }
        #expect(refusal == Refusal("ResourceInUseException", "Table already exists: Music"))
        harness.context.region = "us-east-1"
        try harness.create()
        #expect(harness.staging.tables.count == 2)
    }

    @Test("A region holds 2500 tables")
    func tableCount() throws {
        let harness = TableHarness()
        try harness.create()
        guard var definition = harness.definition() else {
            Issue.record("no table")
            return
        }
        for number in 2...2_499 {
            definition.name = "table\(number)"
            harness.staging.putTable(definition)
        }
        try harness.create { $0.tableName = "last" }
        let refusal = failure { () throws(ServiceError) in
            try harness.create { $0.tableName = "one-more" }
        }
        #expect(refusal == .limit("There is a limit of 2500 tables per subscriber"))
    }
}
