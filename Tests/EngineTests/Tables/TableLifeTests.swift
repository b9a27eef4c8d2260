import Engine
import Operations
import Testing

@Suite("Tables are found, listed and deleted")
struct TableLifeTests {
    private func notFound(_ name: String) -> Refusal {
        Refusal(
            "ResourceNotFoundException", "Requested resource not found: Table: \(name) not found")
    }

    @Test("A missing table is told by its name")
    func missing() {
        let harness = TableHarness()
        #expect(
            failure { () throws(ServiceError) in _ = try harness.describe() } == notFound("Music"))
        #expect(failure { () throws(ServiceError) in try harness.delete() } == notFound("Music"))
    }

    @Test("DeleteTable answers DELETING; the table is gone")
    func delete() throws {
        let harness = TableHarness()
        try harness.create { $0.add(GlobalSecondaryIndex("gsi", .hash("Song"))) }
        let id = try #require(harness.definition()?.id)
        let answer = try harness.delete()
        #expect(answer.tableStatus == .deleting)
        #expect(answer.tableName == "Music")
        #expect(answer.attributeDefinitions.isEmpty)
        #expect(answer.keySchema.isEmpty)
        #expect(answer.creationDateTime == nil)
        #expect(answer.globalSecondaryIndexes?.first?.indexStatus == .deleting)
        #expect(harness.staging.droppedIDs == [id])
        #expect(failure { () throws(ServiceError) in try harness.delete() } == notFound("Music"))
        try harness.create()
        #expect(harness.definition()?.id != id)
    }

    @Test("An ARN means its own region")
    func arn() throws {
        let harness = TableHarness()
        try harness.create()
        harness.context.region = "us-east-1"
        let arn = "arn:aws:dynamodb:eu-west-1:000000000000:table/Music"
        #expect(try harness.describe(arn).tableArn == arn)
        #expect(
            failure { () throws(ServiceError) in _ = try harness.describe() } == notFound("Music"))
    }

    @Test(
        "What is no table's ARN is refused",
        arguments: [
            "arn:aws:dynamodb:eu-west-1:000000000000:table/Music/index/gsi",
            "arn:aws:dynamodb:eu-west-1:000000000000:table/Music/stream/2026-11-21T08:16:24.062",
            "arn:aws:dynamodb:eu-west-1:000000000000:table/Music/backup/01",
            "arn:aws:dynamodb:eu-west-1:000000000000:table/",
            "arn:aws:dynamodb:eu-west-1:000000000000:table/ab",
            "arn:aws:dynamodb:eu-west-1:000000000000:table/a b c",
            "arn:aws:dynamodb:eu-west-1:000000000000:global-table/Music",
            "arn:aws:dynamodb::000000000000:table/Music",
            "arn:aws:dynamodb:eu-west-1:someone:table/Music",
            "arn:aws:s3:eu-west-1:000000000000:table/Music",
            "arn:other:dynamodb:eu-west-1:000000000000:table/Music",
            "arn:aws:dynamodb", "arn:", "arn::::::",
        ])
    func badARN(_ arn: String) throws {
        let harness = TableHarness()
        try harness.create()
        #expect(
            failure { () throws(ServiceError) in _ = try harness.describe(arn) }
                == .validation("Invalid TableArn: Invalid ResourceArn provided as input \(arn)"))
    }

    @Test("Another account's table is denied")
    func otherAccount() {
        let harness = TableHarness()
        let arn = "arn:aws:dynamodb:eu-west-1:111111111111:table/Music"
        #expect(
            failure { () throws(ServiceError) in _ = try harness.describe(arn) }
                == Refusal(
                    "AccessDeniedException",
                    "User: arn:aws:iam::000000000000:root is not authorized to perform: "
                        + "dynamodb:DescribeTable on resource: \(arn) because no resource-based "
                        + "policy allows the dynamodb:DescribeTable action"))
    }

    private func list(
        _ harness: TableHarness, after start: String? = nil, limit: Int? = nil
    ) -> (names: [String], last: String?)? {
        var request = ListTablesRequest()
        request.exclusiveStartTableName = start
        request.limit = limit
        let outcome = request.listTables(in: harness.staging, context: harness.context)
        guard case .listTables(let response) = outcome.response else { return nil }
        return (response.tableNames, response.lastEvaluatedTableName)
    }

    @Test("ListTables pages by name; the start name need not be a table's")
    func listing() throws {
        let harness = TableHarness()
        for name in ["ccc", "aaa", "bbb", "Zzz"] { try harness.create { $0.tableName = name } }
        harness.context.region = "us-east-1"
        try harness.create { $0.tableName = "elsewhere" }
        harness.context.region = "eu-west-1"
        let all = try #require(list(harness))
        #expect(all.names == ["Zzz", "aaa", "bbb", "ccc"])
        #expect(all.last == nil)
        let first = try #require(list(harness, limit: 2))
        #expect(first.names == ["Zzz", "aaa"])
        #expect(first.last == "aaa")
        let second = try #require(list(harness, after: first.last, limit: 2))
        #expect(second.names == ["bbb", "ccc"])
        #expect(second.last == nil)
        #expect(try #require(list(harness, after: "bb0")).names == ["bbb", "ccc"])
        #expect(try #require(list(harness, after: "zzz")).names == [])
    }

    @Test("A page holds 100 names unless told otherwise")
    func defaultLimit() throws {
        let harness = TableHarness()
        try harness.create()
        var definition = try #require(harness.definition())
        for number in 1...100 {
            definition.name = "n\(1_000 + number)"
            harness.staging.putTable(definition)
        }
        let page = try #require(list(harness))
        #expect(page.names.count == 100)
        #expect(page.last == page.names.last)
        #expect(try #require(list(harness, after: page.last)).names.count == 1)
    }

    @Test("DescribeLimits and DescribeEndpoints")
    func limitsAndEndpoints() throws {
        guard case .describeLimits(let limits) = DescribeLimits.answer().response else {
            Issue.record("no limits")
            return
        }
        #expect(limits.accountMaxReadCapacityUnits == 80_000)
        #expect(limits.accountMaxWriteCapacityUnits == 80_000)
        #expect(limits.tableMaxReadCapacityUnits == 40_000)
        #expect(limits.tableMaxWriteCapacityUnits == 40_000)
        let outcome = DescribeEndpoints.answer(context: TableHarness().context)
        guard case .describeEndpoints(let address, let minutes) = outcome.response else {
            Issue.record("no endpoint")
            return
        }
        #expect(address == "db.test:8000")
        #expect(minutes == 1_440)
    }

    @Test("DescribeContinuousBackups has an error of its own for a missing table")
    func continuousBackups() throws {
        let harness = TableHarness()
        let request = TableRequest(tableName: "Music")
        func describe() throws(ServiceError) -> OperationOutcome {
            try request.describeContinuousBackups(
                in: harness.staging, context: harness.context, environment: harness.environment)
        }
        #expect(
            failure { () throws(ServiceError) in _ = try describe() }
                == Refusal("TableNotFoundException", "Table not found: Music"))
        try harness.create()
        guard case .describeContinuousBackups(let description) = try describe().response else {
            Issue.record("no description")
            return
        }
        #expect(description.pointInTimeRecovery == nil)
    }
}
