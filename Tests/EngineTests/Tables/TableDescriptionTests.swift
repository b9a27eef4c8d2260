import Engine
import Operations
import Testing

@Suite("A table is described as the service describes it")
struct TableDescriptionTests {
    @Test("CreateTable answers CREATING, DescribeTable ACTIVE")
    func onDemand() throws {
        let harness = TableHarness()
        let created = try harness.create { $0.add(GlobalSecondaryIndex("gsi", .hash("Song"))) }
        #expect(created.tableStatus == .creating)
        #expect(created.billingModeSummary == BillingModeSummary(.payPerRequest))
        #expect(created.globalSecondaryIndexes?.first?.indexStatus == .creating)
        #expect(created.globalSecondaryIndexes?.first?.backfilling == nil)

        let table = try harness.describe()
        #expect(table.tableStatus == .active)
        #expect(table.tableName == "Music")
        #expect(table.tableArn == "arn:aws:dynamodb:eu-west-1:000000000000:table/Music")
        #expect(table.tableId == "00000000-0000-4000-8000-000000000000")
        #expect(table.creationDateTime == 1_795_248_984.062)
        #expect(
            table.billingModeSummary
                == BillingModeSummary(
                    .payPerRequest, lastUpdateToPayPerRequestDateTime: 1_795_248_984.062))
        #expect(table.provisionedThroughput == ProvisionedThroughputDescription())
        #expect(
            table.warmThroughput
                == WarmThroughputDescription(
                    readUnitsPerSecond: 12_000, writeUnitsPerSecond: 4_000, status: .active))
        #expect(table.deletionProtectionEnabled == false)
        #expect(table.localSecondaryIndexes == nil)
        #expect(table.streamSpecification == nil)
        #expect(table.latestStreamArn == nil)
        #expect(table.sseDescription == nil)
        #expect(table.tableClass == nil)
        #expect(table.onDemandThroughput == nil)
        let index = try #require(table.globalSecondaryIndexes?.first)
        #expect(index.indexStatus == .active)
        #expect(index.indexArn == table.tableArn + "/index/gsi")
        #expect(index.provisionedThroughput == ProvisionedThroughputDescription())
        #expect(index.warmThroughput?.readUnitsPerSecond == 12_000)
    }

    @Test("A provisioned table tells its units and no billing mode")
    func provisioned() throws {
        let harness = TableHarness()
        try harness.create {
            $0.provision(7, 3)
            $0.add(LocalSecondaryIndex("lsi", .hash("Artist"), .range("Year")))
        }
        let table = try harness.describe()
        #expect(table.billingModeSummary == nil)
        #expect(table.provisionedThroughput?.readCapacityUnits == 7)
        #expect(table.provisionedThroughput?.writeCapacityUnits == 3)
        #expect(table.provisionedThroughput?.lastIncreaseDateTime == nil)
        #expect(
            table.warmThroughput
                == WarmThroughputDescription(
                    readUnitsPerSecond: 7, writeUnitsPerSecond: 3, status: .active))
        #expect(table.globalSecondaryIndexes == nil)
        #expect(table.localSecondaryIndexes?.first?.indexArn == table.tableArn + "/index/lsi")
    }

    @Test("Every setting of CreateTable is told")
    func settings() throws {
        let harness = TableHarness()
        try harness.create {
            $0.streamSpecification = StreamSpecification(
                streamEnabled: true, streamViewType: .newAndOldImages)
            var encryption = SSESpecification()
            encryption.enabled = true
            encryption.kmsMasterKeyId = "alias/mine"
            $0.sseSpecification = encryption
            $0.tableClass = .standardInfrequentAccess
            $0.deletionProtectionEnabled = true
            $0.onDemandThroughput = OnDemandThroughput(
                maxReadRequestUnits: 50, maxWriteRequestUnits: -1)
            $0.warmThroughput = WarmThroughput(readUnitsPerSecond: 15_000)
        }
        let table = try harness.describe()
        #expect(table.latestStreamLabel == "2026-11-21T08:16:24.062")
        #expect(table.latestStreamArn == table.tableArn + "/stream/2026-11-21T08:16:24.062")
        #expect(table.streamSpecification?.streamViewType == .newAndOldImages)
        #expect(table.sseDescription?.status == "ENABLED")
        #expect(
            table.sseDescription?.kmsMasterKeyArn
                == "arn:aws:kms:eu-west-1:000000000000:alias/mine")
        #expect(table.tableClass == .standardInfrequentAccess)
        #expect(table.deletionProtectionEnabled == true)
        #expect(
            table.onDemandThroughput
                == OnDemandThroughput(maxReadRequestUnits: 50, maxWriteRequestUnits: -1))
        #expect(table.warmThroughput?.readUnitsPerSecond == 15_000)
        #expect(table.warmThroughput?.writeUnitsPerSecond == 4_000)
    }

    @Test("Table and indexes have storage ids of their own")
    func storageIDs() throws {
        let harness = TableHarness()
        try harness.create {
            $0.add(LocalSecondaryIndex("lsi", .hash("Artist"), .range("Year")))
            $0.add(GlobalSecondaryIndex("gsi", .hash("Year")))
        }
        let definition = try #require(harness.definition())
        let ids =
            [definition.id] + definition.localIndexes.map(\.id)
            + definition.globalIndexes.map(\.id)
        #expect(Set(ids).count == 3)
        #expect(definition.globalIndexes.allSatisfy { $0.state == .active })
    }

    @Test("Counts and sizes are those of the statistics")
    func statistics() throws {
        let harness = TableHarness()
        try harness.create { $0.add(GlobalSecondaryIndex("gsi", .hash("Song"))) }
        let table = try #require(harness.staging.table(named: "Music", region: "eu-west-1"))
        var value = table.statistics.value
        value.itemCount = 3
        value.byteCount = 900
        table.statistics.set(value)
        value.itemCount = 2
        value.byteCount = 80
        table.globalIndexes.first?.statistics.set(value)
        let description = try harness.describe()
        #expect(description.itemCount == 3)
        #expect(description.tableSizeBytes == 900)
        #expect(description.globalSecondaryIndexes?.first?.itemCount == 2)
        #expect(description.globalSecondaryIndexes?.first?.indexSizeBytes == 80)
        // An UpdateTable keeps and tells them.
        let updated = try harness.update { $0.deletionProtectionEnabled = true }
        #expect(updated.itemCount == 3)
        #expect(updated.globalSecondaryIndexes?.first?.itemCount == 2)
    }

    @Test("A random TableId is a UUID of version 4")
    func tableID() {
        var seen = Set<String>()
        for _ in 0..<100 {
            let id = EngineEnvironment.randomTableID()
            #expect(
                id.wholeMatch(
                    of: /[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/)
                    != nil)
            seen.insert(id)
        }
        #expect(seen.count == 100)
    }
}
