import Items
import Operations
import Testing

@Suite("SELECT: what it reads, tells and costs")
struct SelectTests {
    private static let answers: [(statement: String, expected: [String])] = [
        ("SELECT * FROM tab WHERE pk = 'a' AND sk = 3", ["a3"]),
        ("SELECT * FROM tab WHERE pk = 'a' AND sk = 3 AND amount = 7", ["a3"]),
        ("SELECT * FROM tab WHERE pk = 'a' AND sk = 3 AND amount = 8", []),
        ("SELECT * FROM tab WHERE pk = 'a' AND sk = 33", []),
        ("SELECT * FROM tab WHERE pk = 'a'", ["a0", "a1", "a2", "a3", "a4", "a5"]),
        ("SELECT * FROM tab WHERE pk = 'a' AND sk > 1 AND sk <= 3", ["a2", "a3"]),
        ("SELECT * FROM tab WHERE pk = 'a' AND sk > 3 AND sk < 2", []),
        ("SELECT * FROM tab WHERE pk = 'a' AND sk BETWEEN 2 AND 3", ["a2", "a3"]),
        ("SELECT * FROM tab WHERE pk = 'a' AND sk IN [4, 1, 9]", ["a1", "a4"]),
        ("SELECT * FROM tab WHERE pk = 'a' AND sk IN [4, 1] ORDER BY sk DESC", ["a4", "a1"]),
        (
            "SELECT * FROM tab WHERE pk = 'a' ORDER BY sk DESC",
            ["a5", "a4", "a3", "a2", "a1", "a0"]
        ),
        ("SELECT * FROM tab WHERE pk IN ['b', 'a'] AND sk < 2", ["b0", "b1", "a0", "a1"]),
        (
            "SELECT * FROM tab WHERE pk IN ['b', 'a'] AND sk < 2 ORDER BY pk",
            ["a0", "a1", "b0", "b1"]
        ),
        (
            "SELECT * FROM tab WHERE pk IN ['b', 'a'] AND sk < 2 ORDER BY pk DESC, sk DESC",
            ["b1", "b0", "a1", "a0"]
        ),
        (
            "SELECT * FROM tab WHERE pk = 'a' OR pk = 'c' AND sk = 1",
            ["a0", "a1", "a2", "a3", "a4", "a5", "c1"]
        ),
        ("SELECT * FROM tab WHERE pk = 'a' AND pk = 'b'", []),
        ("SELECT * FROM tab WHERE pk = 'a' AND amount > 8", ["a0", "a1"]),
        ("SELECT * FROM \"tab\".\"by-amount\" WHERE pk = 'a' AND amount > 8", ["a1", "a0"]),
        (
            "SELECT * FROM \"tab\".\"by-amount\" WHERE pk = 'a' AND amount > 8 ORDER BY amount DESC",
            ["a0", "a1"]
        ),
        ("SELECT * FROM \"tab\".\"by-city\" WHERE city = 'Ulm' AND sk = 1", ["a1", "b1", "c1"]),
        ("SELECT * FROM tab WHERE note.text = 'n4' AND pk = 'b'", ["b4"]),
        ("SELECT * FROM tab WHERE pk = 'b' AND contains(note.tags, 2)", ["b2"]),
        ("SELECT * FROM tab WHERE pk = 'b' AND absent IS MISSING AND sk >= 5", ["b5"]),
        ("SELECT * FROM tab WHERE pk = 'b' AND note IS MISSING", []),
    ]

    @Test func answersByKeys() async throws {
        let harness = try EngineHarness()
        try await harness.makeOrders()
        for (statement, expected) in Self.answers {
            let rows = try await harness.rows(statement)
            let found = statement.contains("by-city") ? keys(rows).sorted() : keys(rows)
            #expect(found == expected, "\(statement)")
            // The order of pages doesn't change an answer.
            #expect(try await harness.rows(statement, limit: 1) == rows, "\(statement)")
            #expect(try await harness.rows(statement, limit: 2) == rows, "\(statement)")
        }
    }

    @Test func scansWhatHasNoPartitionKey() async throws {
        let harness = try EngineHarness()
        try await harness.makeOrders()
        for statement in ["sk = 1", "pk > 'a' AND sk = 1", "pk = 'a' OR sk = 1"] {
            let outcome = try await harness.execute("SELECT * FROM tab WHERE \(statement)")
            let whole = try await harness.execute("SELECT * FROM tab")
            #expect(outcome.consumption == whole.consumption, "\(statement)")
        }
        let rows = try await harness.rows("SELECT pk, sk FROM tab WHERE sk = 1 OR pk = 'a'")
        #expect(Set(keys(rows)) == ["a0", "a1", "a2", "a3", "a4", "a5", "b1", "c1"])
    }

    @Test func columns() async throws {
        let harness = try EngineHarness()
        try await harness.makeOrders()
        let rows = try await harness.rows(
            "SELECT note.text, note.tags[0], amount, absent FROM tab WHERE pk = 'a' AND sk = 4")
        #expect(rows == [["text": .string("n4"), "tags[0]": .int(4), "amount": .int(6)]])
        // The local index lacks the note, so each item is fetched, and charged.
        let fetched = try await harness.execute(
            "SELECT note.text FROM tab.\"by-amount\" WHERE pk = ? AND amount = ?",
            [.string("a"), .int(6)])
        #expect(fetched.statement?.items == [["text": .string("n4")]])
        #expect(fetched.consumption.tables.first?.table.read == RequestUnits(halves: 1))
        let missing = await harness.fault(
            "SELECT note FROM tab.\"by-city\" WHERE city = 'Ulm'")
        #expect(missing?.contains("does not project [note]") == true)
    }

    @Test func unitsAreOfWhatWasWalked() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: .number)
        let body = AttributeValue.string(String(repeating: "x", count: 5_000))
        for number in 0..<4 {
            _ = try await harness.put(["pk": .string("a"), "sk": .int(number), "body": body])
        }
        func halves(_ text: String, consistent: Bool = false) async throws -> Int? {
            try await harness.execute(text, consistent: consistent)
                .consumption.tables.first?.table.read.halves
        }
        #expect(try await halves("SELECT sk FROM tab WHERE pk = 'a' AND sk = 1") == 2)
        #expect(
            try await halves("SELECT sk FROM tab WHERE pk = 'a' AND sk = 1", consistent: true) == 4)
        #expect(try await halves("SELECT sk FROM tab WHERE pk = 'a' AND sk = 9") == 1)
        #expect(try await halves("SELECT sk FROM tab WHERE pk = 'a'") == 5)
        #expect(try await halves("SELECT sk FROM tab WHERE pk = 'a' AND sk IN [1, 2]") == 4)
        #expect(try await halves("SELECT sk FROM tab WHERE body = 'x'") == 5)
    }

    @Test func pagesTellWhereTheyEnd() async throws {
        let harness = try EngineHarness()
        try await harness.makeOrders()
        let text = "SELECT * FROM tab WHERE pk = ? AND sk > ?"
        let parameters: [AttributeValue] = [.string("a"), .int(2)]
        let first = try await harness.execute(text, parameters, limit: 2).statement
        #expect(keys(first?.items ?? []) == ["a3", "a4"])
        #expect(first?.lastEvaluatedKey == ["pk": .string("a"), "sk": .int(4)])
        let token = try #require(first?.nextToken)
        let second = try await harness.execute(text, parameters, limit: 2, after: token).statement
        #expect(keys(second?.items ?? []) == ["a5"])
        #expect(second?.nextToken == nil)
        #expect(second?.lastEvaluatedKey == nil)
        // The limit counts what was evaluated, not what passed.
        let filtered = try await harness.execute(
            text + " AND amount = 5", parameters, limit: 2
        ).statement
        #expect(filtered?.items.isEmpty == true)
        #expect(filtered?.nextToken != nil)
        // A token is its statement's alone.
        let invalid = "Given NextToken is invalid."
        let others: [OperationRequest] = [
            harness.executing(text, [.string("a"), .int(1)], after: token),
            harness.executing(text + " ", parameters, after: token),
            harness.executing(text, parameters, after: "AAAA"),
            harness.executing(text, parameters, after: "%%%"),
            harness.executing(
                "SELECT * FROM tab WHERE pk = 'a' AND sk = 1", after: token),
            harness.executing("DELETE FROM tab WHERE pk = 'a' AND sk = 1", after: token),
        ]
        for other in others { #expect(await harness.error(of: other)?.message == invalid) }
    }

    @Test func aPageEndsAtAMegabyteAcrossPartitions() async throws {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: .number)
        let body = AttributeValue.string(String(repeating: "x", count: 100_000))
        for number in 0..<15 {
            _ = try await harness.put([
                "pk": .string(number < 8 ? "a" : "b"), "sk": .int(number), "body": body,
            ])
        }
        let text = "SELECT sk FROM tab WHERE pk IN ['a', 'b']"
        let page = try await harness.execute(text).statement
        #expect(page?.items.count == 11)
        #expect(try await harness.rows(text).count == 15)
    }

    @Test(
        arguments: [
            ("SELECT * FROM nowhere", "Requested resource not found"),
            ("SELECT * FROM tab.absent", "The table does not have the specified index"),
            (
                "SELECT * FROM tab WHERE pk = 1",
                "One or more parameter values were invalid: Condition parameter type does not match "
                    + "schema type"
            ),
            (
                "SELECT * FROM tab WHERE sk = 1 ORDER BY sk",
                "Must have at least one non-optional hash key condition in WHERE clause when using "
                    + "ORDER BY clause."
            ),
            (
                "SELECT * FROM tab WHERE pk = 'a' ORDER BY amount",
                "Variable reference amount in ORDER BY clause must be part of the primary key"
            ),
            (
                "EXISTS(SELECT * FROM tab WHERE pk = 'a' AND sk = 1)",
                "Unsupported operation: EXISTS is only supported in ExecuteTransaction"
            ),
            (
                "SELECT * FROM \"x\"",
                "TableName must be at least 3 characters long and at most 255 characters long"
            ),
        ] as [(String, String)])
    func faults(statement: String, expected: String) async throws {
        let harness = try EngineHarness()
        try await harness.makeOrders()
        #expect(await harness.fault(statement) == expected)
    }

    @Test func aGlobalIndexHasNoConsistentReads() async throws {
        let harness = try EngineHarness()
        try await harness.makeOrders()
        let error = await harness.error(
            of: harness.executing(
                "SELECT * FROM tab.\"by-city\" WHERE city = 'Ulm'", consistent: true))
        #expect(error?.message == "Consistent reads are not supported on global secondary indexes")
    }
}
