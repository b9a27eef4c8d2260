import Engine
import Items
import Operations
import Testing

/// An UpdateTable of a table and how the service refuses it; nil where it takes it.
struct UpdateCase: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let refusal: Refusal?
    let isProvisioned: Bool
    let edit: @Sendable (inout UpdateTableRequest) -> Void

    init(
        _ name: String, _ refusal: Refusal?, provisioned: Bool = false,
        _ edit: @escaping @Sendable (inout UpdateTableRequest) -> Void
    ) {
        testDescription = name
        self.refusal = refusal
        isProvisioned = provisioned
        self.edit = edit
    }
}

/// The table has the local index `lsi` and the global index `gsi`, 10 units each if provisioned.
@Suite("UpdateTable refuses what the service refuses")
struct UpdateTableRuleTests {
    static func makeTable(provisioned: Bool) throws(ServiceError) -> TableHarness {
        let harness = TableHarness()
        try harness.create {
            if provisioned { $0.provision(10, 10) }
            let index = GlobalSecondaryIndex("gsi", .hash("Song"), projection: .including(20))
            $0.add(provisioned ? index.provisioned(10, 10) : index)
            $0.add(LocalSecondaryIndex("lsi", .hash("Artist"), .range("Year")))
        }
        return harness
    }

    @Test(arguments: requests + billing + indexes + settings)
    func answersAsTheService(_ example: UpdateCase) throws {
        let harness = try Self.makeTable(provisioned: example.isProvisioned)
        let before = try #require(harness.staging.table(named: "Music", region: "eu-west-1"))
        let refusal = failure { () throws(ServiceError) in try harness.update(example.edit) }
        #expect(refusal == example.refusal)
        let after = harness.staging.table(named: "Music", region: "eu-west-1")
        // A refused update stages nothing.
        #expect((after === before) == (example.refusal != nil))
    }

    static let requests = [
        UpdateCase(
            "nothing asked",
            .validation(
                "At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
                    + "GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is "
                    + "required")
        ) { $0.globalSecondaryIndexUpdates = [] },
        UpdateCase(
            "no such table",
            Refusal(
                "ResourceNotFoundException", "Requested resource not found: Table: Nope not found")
        ) {
            $0.tableName = "Nope"
            $0.deletionProtectionEnabled = true
        },
        UpdateCase(
            "encryption and more",
            .invalid(
                "Server-Side Encryption modification must be the only operation in the request")
        ) {
            $0.sseSpecification = SSESpecification()
            $0.deletionProtectionEnabled = true
        },
        UpdateCase(
            "replicas", .invalid("ReplicaUpdates is not supported: there is one region")
        ) { $0.hasReplicaUpdates = true },
        UpdateCase(
            "empty index update",
            .invalid(
                "One of GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
                    + "GlobalSecondaryIndexUpdate.Delete must not be null")
        ) { $0.globalSecondaryIndexUpdates = [GlobalSecondaryIndexUpdate()] },
        UpdateCase(
            "two in one index update",
            .invalid(
                "Only one of GlobalSecondaryIndexUpdate.Update, "
                    + "GlobalSecondaryIndexUpdate.Create, GlobalSecondaryIndexUpdate.Delete may "
                    + "be specified")
        ) {
            var update = GlobalSecondaryIndexUpdate()
            update.delete = "gsi"
            update.create = GlobalSecondaryIndex("gsi", .hash("Song"))
            $0.globalSecondaryIndexUpdates = [update]
        },
        UpdateCase(
            "two updates of an index",
            .invalid(
                "Only one global secondary index update per index is allowed simultaneously. "
                    + "Index: gsi")
        ) { request in
            for _ in 1...2 {
                request.updateIndex("gsi") {
                    $0.onDemandThroughput = OnDemandThroughput(maxReadRequestUnits: 5)
                }
            }
        },
        UpdateCase(
            "two indexes at once",
            .limit("Only 1 online index can be created or deleted simultaneously per table")
        ) {
            $0.deleteIndex("gsi")
            $0.createIndex(GlobalSecondaryIndex("new", .hash("a")))
        },
    ]

    static let billing = [
        UpdateCase(
            "same units",
            .validation(
                "The provisioned throughput for the table will not change. "
                    + "The requested value equals the current value. "
                    + "Current ReadCapacityUnits provisioned for the table: 10. "
                    + "Requested ReadCapacityUnits: 10. "
                    + "Current WriteCapacityUnits provisioned for the table: 10. "
                    + "Requested WriteCapacityUnits: 10. "
                    + "Refer to the Amazon DynamoDB Developer Guide for current limits and how to "
                    + "request higher limits."),
            provisioned: true
        ) { $0.provision(10, 10) },
        UpdateCase("one unit less", nil, provisioned: true) { $0.provision(10, 9) },
        UpdateCase(
            "same units of an index",
            .validation(
                "The provisioned throughput for the index gsi will not change. "
                    + "The requested value equals the current value. "
                    + "Current ReadCapacityUnits provisioned for the index: 10. "
                    + "Requested ReadCapacityUnits: 10. "
                    + "Current WriteCapacityUnits provisioned for the index: 10. "
                    + "Requested WriteCapacityUnits: 10. "
                    + "Refer to the Amazon DynamoDB Developer Guide for current limits and how to "
                    + "request higher limits."),
            provisioned: true
        ) { $0.updateIndex("gsi") { $0.provisionedThroughput = units(10) } },
        UpdateCase(
            "units on demand",
            .invalid(
                "Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                    + "BillingMode is PAY_PER_REQUEST")
        ) { $0.provision(1, 1) },
        UpdateCase(
            "provisioned without units",
            .invalid(
                "ReadCapacityUnits and WriteCapacityUnits must both be specified when "
                    + "BillingMode is PROVISIONED")
        ) { $0.billingMode = .provisioned },
        UpdateCase(
            "provisioned without units of an index",
            .invalid("ProvisionedThroughput is not specified for index: gsi")
        ) {
            $0.billingMode = .provisioned
            $0.provision(5, 5)
        },
        UpdateCase("provisioned without the index", nil) {
            $0.billingMode = .provisioned
            $0.provision(5, 5)
            $0.deleteIndex("gsi")
        },
        UpdateCase("on demand again", nil) { $0.billingMode = .payPerRequest },
        UpdateCase(
            "units out of bounds",
            .validation("Given value 1000000000001 for ReadCapacityUnits is out of bounds"),
            provisioned: true
        ) { $0.provision(1_000_000_000_001, 1) },
        UpdateCase(
            "maximum of a provisioned index",
            .invalid(
                "OnDemandThroughput should not be specified for index: gsi when BillingMode is "
                    + "PROVISIONED"),
            provisioned: true
        ) {
            $0.updateIndex("gsi") {
                $0.onDemandThroughput = OnDemandThroughput(maxReadRequestUnits: 5)
            }
        },
        UpdateCase(
            "warm lowered",
            .invalid(
                "Requested WriteUnitsPerSecond for WarmThroughput for table is lower than current "
                    + "WarmThroughput, decreasing WarmThroughput is not supported")
        ) { $0.warmThroughput = WarmThroughput(writeUnitsPerSecond: 3_999) },
        UpdateCase(
            "warm index lowered",
            .invalid(
                "Requested ReadUnitsPerSecond for WarmThroughput for index gsi is lower than "
                    + "current WarmThroughput, decreasing WarmThroughput is not supported")
        ) {
            $0.updateIndex("gsi") {
                $0.warmThroughput = WarmThroughput(readUnitsPerSecond: 11_999)
            }
        },
    ]

    static func units(_ count: Int) -> ProvisionedThroughput {
        ProvisionedThroughput(readCapacityUnits: count, writeCapacityUnits: count)
    }

    static let indexNotFound = Refusal(
        "ResourceNotFoundException", "Requested resource not found: Index: nope not found")

    static let indexes = [
        UpdateCase("delete what isn't there", indexNotFound) { $0.deleteIndex("nope") },
        UpdateCase(
            "delete a local index",
            Refusal(
                "ResourceNotFoundException", "Requested resource not found: Index: lsi not found")
        ) { $0.deleteIndex("lsi") },
        UpdateCase("update what isn't there", indexNotFound) {
            $0.updateIndex("nope") {
                $0.warmThroughput = WarmThroughput(readUnitsPerSecond: 20_000)
            }
        },
        UpdateCase(
            "update nothing",
            .invalid(
                "At least one of ProvisionedThroughput, OnDemandThroughput or WarmThroughput is "
                    + "required for index: gsi")
        ) { $0.updateIndex("gsi") { _ in } },
        UpdateCase(
            "create what is there",
            .validation("Attempting to create an index which already exists")
        ) { $0.createIndex(GlobalSecondaryIndex("gsi", .hash("Song"))) },
        UpdateCase("create a local index's name", .invalid("Duplicate index name: lsi")) {
            $0.createIndex(GlobalSecondaryIndex("lsi", .hash("Song")))
        },
        UpdateCase(
            "key without definition",
            .invalid(
                "Some index key attributes are not defined in AttributeDefinitions. Keys: [a], "
                    + "AttributeDefinitions: []")
        ) {
            $0.createIndex(GlobalSecondaryIndex("new", .hash("a")))
            $0.attributeDefinitions = nil
        },
        UpdateCase(
            "definition to spare",
            .invalid(
                "Some AttributeDefinitions are not used. AttributeDefinitions: [a, b], keys used: "
                    + "[Artist, Song, Year, a]")
        ) {
            $0.createIndex(GlobalSecondaryIndex("new", .hash("a")))
            $0.attributeDefinitions?.append(.string("b"))
        },
        UpdateCase(
            "another type of a key", .invalid("Attribute Song is already defined with type S")
        ) {
            $0.createIndex(GlobalSecondaryIndex("new", .hash("Song")))
            $0.attributeDefinitions = [AttributeDefinition("Song", .number)]
        },
        UpdateCase(
            "no units",
            .invalid("ProvisionedThroughput is not specified for index: new"), provisioned: true
        ) { $0.createIndex(GlobalSecondaryIndex("new", .hash("a"))) },
        UpdateCase(
            "101 projected names",
            .invalid("Number of NonKeyAttributes exceeds per-table limit of 100")
        ) { $0.createIndex(GlobalSecondaryIndex("new", .hash("a"), projection: .including(81))) },
        UpdateCase("100 projected names", nil) {
            $0.createIndex(GlobalSecondaryIndex("new", .hash("a"), projection: .including(80)))
        },
    ]

    static let settings = [
        UpdateCase(
            "stream off twice",
            .validation("Table already has a disabled stream: TableName: Music")
        ) { $0.streamSpecification = StreamSpecification() },
        UpdateCase(
            "stream without view",
            .invalid("StreamViewType is required when StreamEnabled is true")
        ) { $0.streamSpecification = StreamSpecification(streamEnabled: true) },
        UpdateCase("encryption", nil) {
            var encryption = SSESpecification()
            encryption.enabled = true
            $0.sseSpecification = encryption
        },
    ]

    @Test("The 21st global index is refused")
    func indexCount() throws {
        let harness = TableHarness()
        try harness.create { request in
            for number in 1...19 { request.add(GlobalSecondaryIndex("i\(number)", .hash("a"))) }
        }
        try harness.update { $0.createIndex(GlobalSecondaryIndex("i20", .hash("a"))) }
        harness.finishBackfill()
        let refusal = failure { () throws(ServiceError) in
            try harness.update { $0.createIndex(GlobalSecondaryIndex("i21", .hash("a"))) }
        }
        #expect(
            refusal == .invalid("GlobalSecondaryIndex count exceeds the per-table limit of 20"))
    }
}
