import Engine
import Operations
import Testing

@Suite("UpdateTable changes the table and tells the change")
struct UpdateTableTests {
    private let inUse = Refusal(
        "ResourceInUseException",
        "Attempt to change a resource which is still in use: Table is being updated: Music")

    @Test("A new index is CREATING and backfilling until it is filled; meanwhile changes wait")
    func createIndex() throws {
        let harness = TableHarness()
        try harness.create()
        let answer = try harness.update {
            $0.createIndex(GlobalSecondaryIndex("gsi", .hash("Label"), .range("Song")))
        }
        #expect(answer.tableStatus == .updating)
        #expect(answer.globalSecondaryIndexes?.first?.indexStatus == .creating)
        #expect(answer.globalSecondaryIndexes?.first?.backfilling == false)
        #expect(answer.attributeDefinitions.map(\.attributeName) == ["Artist", "Song", "Label"])
        #expect(harness.definition()?.globalIndexes.first?.state == .backfilling(cursor: nil))

        let during = try harness.describe()
        #expect(during.tableStatus == .updating)
        #expect(during.globalSecondaryIndexes?.first?.indexStatus == .creating)
        #expect(during.globalSecondaryIndexes?.first?.backfilling == true)
        #expect(
            failure { () throws(ServiceError) in
                try harness.update { $0.deletionProtectionEnabled = true }
            } == inUse)
        #expect(failure { () throws(ServiceError) in try harness.delete() } == inUse)

        harness.finishBackfill()
        let after = try harness.describe()
        #expect(after.tableStatus == .active)
        #expect(after.globalSecondaryIndexes?.first?.indexStatus == .active)
        #expect(after.globalSecondaryIndexes?.first?.backfilling == nil)
        try harness.delete()
    }

    @Test("An index can be deleted while it is being filled, and nothing else with it")
    func deleteUnfilledIndex() throws {
        let harness = TableHarness()
        try harness.create { $0.add(GlobalSecondaryIndex("old", .hash("Song"))) }
        try harness.update { $0.createIndex(GlobalSecondaryIndex("new", .hash("Label"))) }
        for edit: (inout UpdateTableRequest) -> Void in [
            { $0.deleteIndex("old") },
            {
                $0.deleteIndex("new")
                $0.deletionProtectionEnabled = true
            },
        ] {
            #expect(failure { () throws(ServiceError) in try harness.update(edit) } == inUse)
        }
        try harness.update { $0.deleteIndex("new") }
        #expect(try harness.describe().tableStatus == .active)
        #expect(harness.definition()?.globalIndexes.map(\.index.indexName) == ["old"])
        #expect(harness.definition()?.attributeDefinitions.count == 2)
    }

    @Test("A deleted index is told DELETING once; attributes of its key alone are forgotten")
    func deleteIndex() throws {
        let harness = TableHarness()
        try harness.create { $0.add(GlobalSecondaryIndex("gsi", .hash("Label"), .range("Song"))) }
        let answer = try harness.update { $0.deleteIndex("gsi") }
        #expect(answer.globalSecondaryIndexes?.first?.indexStatus == .deleting)
        #expect(answer.attributeDefinitions.count == 3)
        let after = try harness.describe()
        #expect(after.globalSecondaryIndexes == nil)
        #expect(after.attributeDefinitions.map(\.attributeName) == ["Artist", "Song"])
    }

    @Test("A recreated index has a fresh storage id")
    func recreateIndex() throws {
        let harness = TableHarness()
        try harness.create { $0.add(GlobalSecondaryIndex("gsi", .hash("Label"))) }
        let first = harness.definition()?.globalIndexes.first?.id
        try harness.update { $0.deleteIndex("gsi") }
        try harness.update { $0.createIndex(GlobalSecondaryIndex("gsi", .hash("Label"))) }
        let second = harness.definition()?.globalIndexes.first?.id
        #expect(first != nil && second != nil && first != second)
    }

    @Test("The answer tells the units before, DescribeTable those after")
    func throughput() throws {
        let harness = TableHarness()
        try harness.create { $0.provision(10, 10) }
        harness.clock.advance(by: 60)
        let answer = try harness.update { $0.provision(20, 5) }
        #expect(answer.provisionedThroughput?.readCapacityUnits == 10)
        let throughput = try #require(try harness.describe().provisionedThroughput)
        #expect(throughput.readCapacityUnits == 20)
        #expect(throughput.writeCapacityUnits == 5)
        #expect(throughput.numberOfDecreasesToday == 1)
        #expect(throughput.lastIncreaseDateTime == 1_795_249_044.062)
        #expect(throughput.lastDecreaseDateTime == 1_795_249_044.062)
        // What was warm once stays warm.
        #expect(try harness.describe().warmThroughput?.writeUnitsPerSecond == 10)
        #expect(try harness.describe().warmThroughput?.readUnitsPerSecond == 20)
    }

    @Test("Four decreases a day, then one an hour; the next day counts anew")
    func decreases() throws {
        let harness = TableHarness()
        try harness.create { $0.provision(100, 100) }
        for units in [99, 98, 97, 96] { try harness.update { $0.provision(units, 100) } }
        let refusal = failure { () throws(ServiceError) in
            try harness.update { $0.provision(95, 100) }
        }
        #expect(
            refusal
                == .limit(
                    "Provisioned throughput decreases are limited within a given UTC day. After "
                        + "the first 4 decreases, each subsequent decrease in the same UTC day can "
                        + "be performed at most once every 3600 seconds. Number of decreases "
                        + "today: 4. Last decrease at Saturday, November 21, 2026 8:16:24 AM UTC. "
                        + "Next decrease can be made at Saturday, November 21, 2026 9:16:24 AM UTC"
                ))
        try harness.update { $0.provision(101, 100) }
        harness.clock.advance(by: 3_599)
        #expect(
            failure { () throws(ServiceError) in try harness.update { $0.provision(95, 100) } }
                != nil)
        harness.clock.advance(by: 1)
        try harness.update { $0.provision(95, 100) }
        #expect(try harness.describe().provisionedThroughput?.numberOfDecreasesToday == 5)
        harness.clock.advance(by: 86_400)
        #expect(try harness.describe().provisionedThroughput?.numberOfDecreasesToday == 0)
        for units in [94, 93, 92, 91] { try harness.update { $0.provision(units, 100) } }
        #expect(try harness.describe().provisionedThroughput?.numberOfDecreasesToday == 4)
    }

    @Test("The billing mode changes to and fro, and warm throughput is kept")
    func billingMode() throws {
        let harness = TableHarness()
        try harness.create {
            $0.provision(10, 10)
            $0.add(GlobalSecondaryIndex("gsi", .hash("Song")).provisioned(10, 10))
        }
        try harness.update { $0.billingMode = .payPerRequest }
        var table = try harness.describe()
        #expect(table.billingModeSummary?.billingMode == .payPerRequest)
        #expect(
            table.billingModeSummary?.lastUpdateToPayPerRequestDateTime == 1_795_248_984.062)
        #expect(table.provisionedThroughput?.readCapacityUnits == 0)
        #expect(table.globalSecondaryIndexes?.first?.provisionedThroughput?.readCapacityUnits == 0)
        #expect(table.warmThroughput?.readUnitsPerSecond == 12_000)

        try harness.update { $0.onDemandThroughput = OnDemandThroughput(maxReadRequestUnits: 9) }
        try harness.update { request in
            request.billingMode = .provisioned
            request.provision(4, 4)
            request.updateIndex("gsi") {
                $0.provisionedThroughput = ProvisionedThroughput(
                    readCapacityUnits: 3, writeCapacityUnits: 3)
            }
        }
        table = try harness.describe()
        #expect(table.billingModeSummary?.billingMode == .provisioned)
        #expect(
            table.billingModeSummary?.lastUpdateToPayPerRequestDateTime == 1_795_248_984.062)
        #expect(table.provisionedThroughput?.readCapacityUnits == 4)
        #expect(table.provisionedThroughput?.numberOfDecreasesToday == 0)
        #expect(table.globalSecondaryIndexes?.first?.provisionedThroughput?.readCapacityUnits == 3)
        #expect(table.onDemandThroughput == nil)
        #expect(table.warmThroughput?.readUnitsPerSecond == 12_000)
        #expect(
            table.globalSecondaryIndexes?.first?.warmThroughput?.writeUnitsPerSecond == 4_000)
    }

    @Test("On-demand maxima are set one by one and removed with -1")
    func onDemandThroughput() throws {
        let harness = TableHarness()
        try harness.create { $0.add(GlobalSecondaryIndex("gsi", .hash("Song"))) }
        try harness.update { $0.onDemandThroughput = OnDemandThroughput(maxReadRequestUnits: 9) }
        try harness.update { $0.onDemandThroughput = OnDemandThroughput(maxWriteRequestUnits: 8) }
        #expect(
            try harness.describe().onDemandThroughput
                == OnDemandThroughput(maxReadRequestUnits: 9, maxWriteRequestUnits: 8))
        try harness.update {
            $0.onDemandThroughput = OnDemandThroughput(
                maxReadRequestUnits: -1, maxWriteRequestUnits: -1)
        }
        #expect(try harness.describe().onDemandThroughput == nil)
        try harness.update {
            $0.updateIndex("gsi") {
                $0.onDemandThroughput = OnDemandThroughput(maxReadRequestUnits: 7)
            }
        }
        #expect(
            try harness.describe().globalSecondaryIndexes?.first?.onDemandThroughput
                == OnDemandThroughput(maxReadRequestUnits: 7, maxWriteRequestUnits: -1))
    }

    @Test("Warm throughput is raised; the answer tells it UPDATING with the numbers before")
    func warmThroughput() throws {
        let harness = TableHarness()
        try harness.create { $0.add(GlobalSecondaryIndex("gsi", .hash("Song"))) }
        let answer = try harness.update { request in
            request.warmThroughput = WarmThroughput(readUnitsPerSecond: 20_000)
            request.updateIndex("gsi") {
                $0.warmThroughput = WarmThroughput(writeUnitsPerSecond: 5_000)
            }
        }
        #expect(
            answer.warmThroughput
                == WarmThroughputDescription(
                    readUnitsPerSecond: 12_000, writeUnitsPerSecond: 4_000, status: .updating))
        #expect(answer.globalSecondaryIndexes?.first?.indexStatus == .updating)
        let table = try harness.describe()
        #expect(table.warmThroughput?.readUnitsPerSecond == 20_000)
        #expect(
            table.globalSecondaryIndexes?.first?.warmThroughput?.writeUnitsPerSecond == 5_000)
        #expect(
            table.globalSecondaryIndexes?.first?.warmThroughput?.readUnitsPerSecond == 12_000)
    }

    @Test("Each stream of a table has a label of its own; the last one is told after it ends")
    func stream() throws {
        let harness = TableHarness()
        try harness.create()
        let on = StreamSpecification(streamEnabled: true, streamViewType: .keysOnly)
        var labels: [String] = []
        for _ in 1...3 {
            let answer = try harness.update { $0.streamSpecification = on }
            labels.append(try #require(answer.latestStreamLabel))
            #expect(
                failure { () throws(ServiceError) in
                    try harness.update { $0.streamSpecification = on }
                } == .validation("Table already has an enabled stream: TableName: Music"))
            try harness.update { $0.streamSpecification = StreamSpecification() }
        }
        #expect(
            labels == [
                "2026-11-21T08:16:24.062", "2026-11-21T08:16:24.063", "2026-11-21T08:16:24.064",
            ])
        let table = try harness.describe()
        #expect(table.streamSpecification == nil)
        #expect(table.latestStreamLabel == labels.last)
    }

    @Test("Encryption, table class and protection are kept")
    func settings() throws {
        let harness = TableHarness()
        try harness.create()
        var encryption = SSESpecification()
        encryption.enabled = true
        encryption.kmsMasterKeyId = "arn:aws:kms:eu-west-1:000000000000:key/k"
        try harness.update { $0.sseSpecification = encryption }
        #expect(
            failure { () throws(ServiceError) in
                try harness.update { $0.sseSpecification = encryption }
            } == .invalid("Table is already encrypted by given KMSMasterKeyId"))
        harness.clock.advance(by: 1)
        try harness.update {
            $0.tableClass = .standardInfrequentAccess
            $0.deletionProtectionEnabled = true
        }
        let table = try harness.describe()
        #expect(table.sseDescription?.kmsMasterKeyArn == encryption.kmsMasterKeyId)
        #expect(table.tableClass == .standardInfrequentAccess)
        #expect(table.tableClassLastUpdateDateTime == 1_795_248_985.062)
        #expect(
            failure { () throws(ServiceError) in try harness.delete() }
                == .validation(
                    "Resource cannot be deleted as it is currently protected against deletion. "
                        + "Disable deletion protection first."))
        try harness.update { $0.deletionProtectionEnabled = false }
        try harness.delete()
    }
}
