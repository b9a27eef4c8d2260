import Items
import Operations
import Testing

@Suite("BatchExecuteStatement and ExecuteTransaction")
struct StatementGroupTests {
    private func harness() async throws -> EngineHarness {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: .number)
        for number in 0..<3 {
            _ = try await harness.put([
                "pk": .string("a"), "sk": .int(number), "n": .int(number * 10),
            ])
        }
        return harness
    }

    private func batch(_ statements: [Statement]) -> OperationRequest {
        var request = BatchExecuteStatementRequest()
        request.statements = statements.map { ($0, false) }
        request.returnConsumedCapacity = .total
        return .batchExecuteStatement(request)
    }

    private func transaction(_ statements: [Statement], token: String? = nil) -> OperationRequest {
        var request = ExecuteTransactionRequest()
        request.statements = statements
        request.clientRequestToken = token
        request.returnConsumedCapacity = .total
        return .executeTransaction(request)
    }

    // MARK: Batches

    @Test func aBatchOfReads() async throws {
        let harness = try await harness()
        let outcome = try await harness.perform(
            batch([
                Statement("SELECT n FROM tab WHERE pk = 'a' AND sk = ?", [.int(2)]),
                Statement("SELECT * FROM tab WHERE pk = 'a' AND sk = 9"),
                Statement("SELECT * FROM tab WHERE pk = 'a'"),
                Statement("SELECT * FROM nowhere WHERE pk = 'a'"),
                Statement("SELECT FROM tab"),
                Statement("SELECT * FROM tab WHERE pk = 'a' AND sk IN [1]"),
            ]))
        let responses = try #require(outcome.batch?.responses)
        #expect(responses.map(\.tableName) == ["tab", "tab", "tab", nil, nil, "tab"])
        #expect(responses[0].item == ["n": .int(20)])
        #expect(responses[1].item == nil)
        #expect(responses[1].error == nil)
        #expect(
            responses[2].error?.message
                == "Select statements within BatchExecuteStatement must specify the primary key in "
                + "the where clause.")
        #expect(
            responses.map { $0.error?.code } == [
                nil, nil, "ValidationError", "ResourceNotFound", "ValidationError", nil,
            ])
        #expect(outcome.consumption.tables.map(\.table.read) == [RequestUnits(halves: 3)])
        #expect(outcome.batch?.consumedCapacity?.count == 1)
    }

    @Test func aBatchOfWrites() async throws {
        let harness = try await harness()
        let outcome = try await harness.perform(
            batch([
                Statement("INSERT INTO tab VALUE {'pk': 'a', 'sk': 5}"),
                Statement("INSERT INTO tab VALUE {'pk': 'a', 'sk': 1}"),
                Statement(
                    "UPDATE tab SET n = 1 WHERE pk = 'a' AND sk = 2 AND n = 0", showing: true),
                Statement("UPDATE tab SET n = 1 WHERE pk = 'a' AND sk = 5 RETURNING ALL NEW *"),
                Statement("DELETE FROM tab WHERE pk = 'a' AND sk = 0"),
                Statement("DELETE FROM tab WHERE pk = 'a'"),
            ]))
        let responses = try #require(outcome.batch?.responses)
        #expect(
            responses.map { $0.error?.code } == [
                nil, "DuplicateItem", "ConditionalCheckFailed", nil, nil, "ValidationError",
            ])
        #expect(responses[1].error?.message == "Duplicate primary key exists in table")
        #expect(responses[2].error?.item?.value(named: "n")?.number?.integer == 20)
        #expect(responses[3].item == ["pk": .string("a"), "sk": .int(5), "n": .int(1)])
        #expect(keys(try await harness.scanAll()) == ["a1", "a2", "a5"])
        // A failed condition is charged too.
        #expect(outcome.consumption.tables.map(\.table.write) == [RequestUnits(5)])
    }

    @Test func aBatchIsOfReadsOrOfWrites() async throws {
        let harness = try await harness()
        let error = await harness.error(
            of: batch([
                Statement("SELECT * FROM tab WHERE pk = 'a' AND sk = 1"),
                Statement("DELETE FROM tab WHERE pk = 'a' AND sk = 1"),
            ]))
        #expect(error?.code == "ValidationException")
        #expect(try await harness.scanAll().count == 3)
    }

    // MARK: Transactions

    @Test func aTransactionOfReads() async throws {
        let harness = try await harness()
        let outcome = try await harness.perform(
            transaction([
                Statement("SELECT n FROM tab WHERE pk = 'a' AND sk = 1"),
                Statement("SELECT * FROM tab WHERE pk = 'a' AND sk = 9"),
                Statement("SELECT * FROM tab WHERE pk = 'a' AND sk = 2 AND n = 0"),
            ]))
        #expect(outcome.itemResponses?.responses == [["n": .int(10)], nil, nil])
        #expect(outcome.consumption.tables.map(\.table.read) == [RequestUnits(6)])
        #expect(outcome.itemResponses?.consumedCapacity?.first?.tellsReadWriteSplit == true)
        let open = await harness.error(of: transaction([Statement("SELECT * FROM tab")]))
        #expect(open?.code == "ValidationException")
    }

    @Test func aTransactionOfWrites() async throws {
        let harness = try await harness()
        let outcome = try await harness.perform(
            transaction([
                Statement("EXISTS(SELECT * FROM tab WHERE pk = 'a' AND sk = 0 AND q IS MISSING)"),
                Statement("INSERT INTO tab VALUE {'pk': 'b', 'sk': 1}"),
                Statement("UPDATE tab SET n = n + 1 WHERE pk = 'a' AND sk = 1 AND n = 10"),
                Statement("DELETE FROM tab WHERE pk = 'a' AND sk = 2"),
            ]))
        #expect(outcome.itemResponses?.responses.count == 4)
        #expect(outcome.consumption.tables.map(\.table.write) == [RequestUnits(8)])
        #expect(Set(keys(try await harness.scanAll())) == ["a0", "a1", "b1"])
        let changed = try await harness.get(["pk": .string("a"), "sk": .int(1)])
        #expect(changed?.value(named: "n")?.number?.integer == 11)
    }

    @Test func aTransactionThatIsCancelledChangesNothing() async throws {
        let harness = try await harness()
        let before = try await harness.scanAll()
        let error = await harness.error(
            of: transaction([
                Statement("INSERT INTO tab VALUE {'pk': 'b', 'sk': 1}"),
                Statement("INSERT INTO tab VALUE {'pk': 'a', 'sk': 0}"),
                Statement(
                    "UPDATE tab SET n = 0 WHERE pk = 'a' AND sk = 1 AND n = 0", showing: true),
                Statement("UPDATE tab SET n = q WHERE pk = 'a' AND sk = 2"),
                Statement("EXISTS(SELECT * FROM tab WHERE pk = 'z' AND sk = 0 AND q IS MISSING)"),
            ]))
        #expect(
            error?.message
                == "Transaction cancelled, please refer cancellation reasons for specific reasons "
                + "[None, DuplicateItem, ConditionalCheckFailed, ValidationError, "
                + "ConditionalCheckFailed]")
        #expect(error?.cancellationReasons?[1].message == "Duplicate primary key exists in table")
        #expect(error?.cancellationReasons?[2].item?.value(named: "n")?.number?.integer == 10)
        #expect(try await harness.scanAll() == before)
    }

    @Test func aTokenMakesATransactionHappenOnce() async throws {
        let harness = try await harness()
        let update = Statement("UPDATE tab SET n = n + ? WHERE pk = 'a' AND sk = 1", [.int(1)])
        for _ in 0..<3 { _ = try await harness.perform(transaction([update], token: "once")) }
        let changed = try await harness.get(["pk": .string("a"), "sk": .int(1)])
        #expect(changed?.value(named: "n")?.number?.integer == 11)
        let other = Statement("UPDATE tab SET n = n + ? WHERE pk = 'a' AND sk = 1", [.int(2)])
        let error = await harness.error(of: transaction([other], token: "once"))
        #expect(error?.code == "IdempotentParameterMismatchException")
    }

    @Test func whatRefusesATransaction() async throws {
        let harness = try await harness()
        let refused: [[Statement]] = [
            [
                Statement("SELECT * FROM tab WHERE pk = 'a' AND sk = 1"),
                Statement("DELETE FROM tab WHERE pk = 'a' AND sk = 2"),
            ],
            [
                Statement("DELETE FROM tab WHERE pk = 'a' AND sk = 1"),
                Statement("UPDATE tab SET n = 1 WHERE pk = 'a' AND sk = 1"),
            ],
            [
                Statement("SELECT * FROM tab WHERE pk = 'a' AND sk = 1"),
                Statement("SELECT n FROM tab WHERE pk = 'a' AND sk = 1"),
            ],
            [Statement("DELETE FROM tab WHERE pk = 'a' AND sk = 1 RETURNING ALL OLD *")],
            [Statement("DELETE FROM tab WHERE pk = 'a'")],
            [Statement("EXISTS(SELECT * FROM tab WHERE pk = 'a')")],
        ]
        for statements in refused {
            #expect(
                await harness.error(of: transaction(statements))?.code == "ValidationException",
                "\(statements.map(\.text))")
        }
        #expect(try await harness.scanAll().count == 3)
    }
}
