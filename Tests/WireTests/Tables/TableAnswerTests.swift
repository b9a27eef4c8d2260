import Items
import Operations
import Testing

@testable import Wire

@Suite("Answers of the control plane")
struct TableAnswerTests {
    private func text(_ response: OperationResponse) -> String {
        var writer = JSONWriter()
        TableCodec.encode(response, into: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test("A bare table tells no member that it doesn't have")
    func bareTable() {
        var table = TableDescription()
        table.attributeDefinitions = [AttributeDefinition("pk", .string)]
        table.keySchema = [KeySchemaElement("pk", .hash)]
        table.tableName = "abc"
        table.tableArn = "arn:abc"
        table.tableId = "id"
        table.creationDateTime = 1_763_712_345.678
        let expected =
            #"{"Table":{"AttributeDefinitions":[{"AttributeName":"pk","AttributeType":"S"}],"#
            + #""CreationDateTime":1.763712345678E9,"ItemCount":0,"#
            + #""KeySchema":[{"AttributeName":"pk","KeyType":"HASH"}],"TableArn":"arn:abc","#
            + #""TableId":"id","TableName":"abc","TableSizeBytes":0,"TableStatus":"ACTIVE"}}"#
        #expect(text(.table(table)) == expected)
    }

    @Test("A table that is being deleted is told without schema and time")
    func deletedTable() {
        var table = TableDescription()
        table.tableName = "abc"
        table.tableStatus = .deleting
        let expected =
            #"{"TableDescription":{"ItemCount":0,"TableArn":"","TableId":"","TableName":"abc","#
            + #""TableSizeBytes":0,"TableStatus":"DELETING"}}"#
        #expect(text(.tableDescription(table)) == expected)
    }

    private func fullTable() -> TableDescription {
        var table = TableDescription()
        table.tableName = "abc"
        table.billingModeSummary = BillingModeSummary(
            .payPerRequest, lastUpdateToPayPerRequestDateTime: 1.5)
        table.provisionedThroughput = ProvisionedThroughputDescription()
        table.tableClass = .standard
        table.tableClassLastUpdateDateTime = 2
        table.deletionProtectionEnabled = false
        table.onDemandThroughput = OnDemandThroughput(
            maxReadRequestUnits: -1, maxWriteRequestUnits: 9)
        table.warmThroughput = WarmThroughputDescription(
            readUnitsPerSecond: 12_000, writeUnitsPerSecond: 4_000, status: .active)
        table.streamSpecification = StreamSpecification(
            streamEnabled: true, streamViewType: .newImage)
        table.latestStreamArn = "arn:s"
        table.latestStreamLabel = "l"
        table.sseDescription = SSEDescription(
            status: "ENABLED", sseType: .kms, kmsMasterKeyArn: "arn:k")
        table.itemCount = 3
        table.tableSizeBytes = 4
        table.tableStatus = .updating
        return table
    }

    @Test("A table with everything but indexes")
    func table() {
        let expected =
            #"{"Table":{"BillingModeSummary":{"BillingMode":"PAY_PER_REQUEST","#
            + #""LastUpdateToPayPerRequestDateTime":1.5},"DeletionProtectionEnabled":false,"#
            + #""ItemCount":3,"LatestStreamArn":"arn:s","LatestStreamLabel":"l","#
            + #""OnDemandThroughput":{"MaxReadRequestUnits":-1,"MaxWriteRequestUnits":9},"#
            + #""ProvisionedThroughput":{"NumberOfDecreasesToday":0,"ReadCapacityUnits":0,"#
            + #""WriteCapacityUnits":0},"SSEDescription":{"KMSMasterKeyArn":"arn:k","#
            + #""SSEType":"KMS","Status":"ENABLED"},"#
            + #""StreamSpecification":{"StreamEnabled":true,"StreamViewType":"NEW_IMAGE"},"#
            + #""TableArn":"","TableClassSummary":{"LastUpdateDateTime":2.0,"#
            + #""TableClass":"STANDARD"},"TableId":"","TableName":"abc","TableSizeBytes":4,"#
            + #""TableStatus":"UPDATING","WarmThroughput":{"ReadUnitsPerSecond":12000,"#
            + #""Status":"ACTIVE","WriteUnitsPerSecond":4000}}}"#
        #expect(text(.table(fullTable())) == expected)
    }

    @Test("A table's indexes")
    func indexes() throws {
        var global = GlobalSecondaryIndexDescription()
        global.indexName = "global"
        global.keySchema = [KeySchemaElement("b", .hash)]
        global.projection = Projection(.include, nonKeyAttributes: ["x"])
        global.indexStatus = .creating
        global.backfilling = true
        var throughput = ProvisionedThroughputDescription()
        throughput.readCapacityUnits = 5
        throughput.writeCapacityUnits = 6
        throughput.numberOfDecreasesToday = 1
        throughput.lastIncreaseDateTime = 0.5
        throughput.lastDecreaseDateTime = 0.25
        global.provisionedThroughput = throughput
        global.indexSizeBytes = 7
        global.itemCount = 8
        global.indexArn = "arn:g"
        global.warmThroughput = WarmThroughputDescription(
            readUnitsPerSecond: 1, writeUnitsPerSecond: 2, status: .updating)
        var local = LocalSecondaryIndex()
        local.indexName = "local"
        local.keySchema = [KeySchemaElement("a", .hash), KeySchemaElement("c", .range)]
        local.projection = Projection(.keysOnly)
        var table = TableDescription()
        table.globalSecondaryIndexes = [global]
        table.localSecondaryIndexes = [
            LocalSecondaryIndexDescription(
                index: local, indexSizeBytes: 1, itemCount: 2, indexArn: "arn:l")
        ]
        let answer = text(.table(table))
        let globalText =
            #""GlobalSecondaryIndexes":[{"Backfilling":true,"IndexArn":"arn:g","#
            + #""IndexName":"global","IndexSizeBytes":7,"IndexStatus":"CREATING","ItemCount":8,"#
            + #""KeySchema":[{"AttributeName":"b","KeyType":"HASH"}],"#
            + #""Projection":{"NonKeyAttributes":["x"],"ProjectionType":"INCLUDE"},"#
            + #""ProvisionedThroughput":{"LastDecreaseDateTime":0.25,"LastIncreaseDateTime":0.5,"#
            + #""NumberOfDecreasesToday":1,"ReadCapacityUnits":5,"WriteCapacityUnits":6},"#
            + #""WarmThroughput":{"ReadUnitsPerSecond":1,"Status":"UPDATING","#
            + #""WriteUnitsPerSecond":2}}]"#
        let localText =
            #""LocalSecondaryIndexes":[{"IndexArn":"arn:l","IndexName":"local","#
            + #""IndexSizeBytes":1,"ItemCount":2,"KeySchema":[{"AttributeName":"a","#
            + #""KeyType":"HASH"},{"AttributeName":"c","KeyType":"RANGE"}],"#
            + #""Projection":{"ProjectionType":"KEYS_ONLY"}}]"#
        #expect(answer.contains(globalText), "\(answer)")
        #expect(answer.contains(localText), "\(answer)")
        // What was written is JSON.
        #expect(try json(answer)["Table"]?["LocalSecondaryIndexes"] != nil)
    }

    @Test("Lists, tags, limits, endpoints, time to live, backups; nothing for an empty answer")
    func others() {
        #expect(
            text(.listTables(ListTablesResponse(tableNames: []))) == #"{"TableNames":[]}"#)
        #expect(
            text(
                .listTables(
                    ListTablesResponse(tableNames: ["a", "b"], lastEvaluatedTableName: "b")))
                == #"{"LastEvaluatedTableName":"b","TableNames":["a","b"]}"#)
        #expect(
            text(.listTagsOfResource(ListTagsOfResourceResponse(tags: [Tag(key: "k", value: "")])))
                == #"{"Tags":[{"Key":"k","Value":""}]}"#)
        #expect(
            text(.listTagsOfResource(ListTagsOfResourceResponse(tags: [], nextToken: "t")))
                == #"{"NextToken":"t","Tags":[]}"#)
        #expect(
            text(
                .describeLimits(
                    DescribeLimitsResponse(
                        accountRead: 1, accountWrite: 2, tableRead: 3, tableWrite: 4)))
                == #"{"AccountMaxReadCapacityUnits":1,"AccountMaxWriteCapacityUnits":2,"#
                + #""TableMaxReadCapacityUnits":3,"TableMaxWriteCapacityUnits":4}"#)
        #expect(
            text(.describeEndpoints(address: "localhost:8000", cachePeriodInMinutes: 1440))
                == #"{"Endpoints":[{"Address":"localhost:8000","CachePeriodInMinutes":1440}]}"#)
        #expect(
            text(
                .describeTimeToLive(TimeToLiveDescription(status: "DISABLED", attributeName: nil)))
                == #"{"TimeToLiveDescription":{"TimeToLiveStatus":"DISABLED"}}"#)
        #expect(
            text(.updateTimeToLive(TimeToLiveSpecification(enabled: true, attributeName: "t")))
                == #"{"TimeToLiveSpecification":{"AttributeName":"t","Enabled":true}}"#)
        #expect(
            text(
                .describeContinuousBackups(ContinuousBackupsDescription(pointInTimeRecovery: nil)))
                == #"{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","#
                + #""PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"DISABLED"}}}"#)
        let recovery = PointInTimeRecoveryDescription(
            recoveryPeriodInDays: 7, earliest: 1_000, latest: 2_000)
        #expect(
            text(
                .describeContinuousBackups(
                    ContinuousBackupsDescription(pointInTimeRecovery: recovery)))
                == #"{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","#
                + #""PointInTimeRecoveryDescription":{"EarliestRestorableDateTime":1000.0,"#
                + #""LatestRestorableDateTime":2000.0,"PointInTimeRecoveryStatus":"ENABLED","#
                + #""RecoveryPeriodInDays":7}}}"#)
        #expect(
            text(.resourcePolicy(ResourcePolicyAnswer(policy: "{}", revisionId: "1")))
                == #"{"Policy":"{}","RevisionId":"1"}"#)
        #expect(text(.resourcePolicy(ResourcePolicyAnswer(revisionId: nil))) == "{}")
        #expect(text(.empty).isEmpty)
    }
}
