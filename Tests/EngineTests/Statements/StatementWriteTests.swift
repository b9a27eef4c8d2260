import Items
import Operations
import Testing

@Suite("INSERT, UPDATE and DELETE")
struct StatementWriteTests {
    private func harness() async throws -> EngineHarness {
        let harness = try EngineHarness()
        try await harness.makeTable(sortKey: .number)
        _ = try await harness.execute(
            "INSERT INTO tab VALUE {'pk': 'a', 'sk': 1, 'n': 5, 'l': [1, 2], 'm': {'x': 'y'}}")
        return harness
    }

    private let item: ItemBytes = ["pk": .string("a"), "sk": .int(1)]

    @Test func insert() async throws {
        let harness = try await harness()
        let outcome = try await harness.execute(
            "INSERT INTO tab VALUE {'pk': ?, 'sk': 2, 's': <<'p', 'q'>>}", [.string("a")])
        #expect(outcome.statement?.items.isEmpty == true)
        #expect(outcome.statement?.consumedCapacity?.consumption.total.write == RequestUnits(1))
        #expect(
            try await harness.get(["pk": .string("a"), "sk": .int(2)])
                == ["pk": .string("a"), "sk": .int(2), "s": .stringSet(["p", "q"])])
        let again = await harness.error(
            of: harness.executing("INSERT INTO tab VALUE {'pk': 'a', 'sk': 2}"))
        #expect(again?.code == "DuplicateItemException")
        #expect(again?.message == "Duplicate primary key exists in table")
        #expect(again?.consumption?.tables.first?.table.write == RequestUnits(1))
        #expect(try await harness.scanAll().count == 2)
    }

    private static let updates: [(clauses: String, expected: [String: AttributeValue])] = [
        (
            "SET n = n + 1 SET m.x = 'z' REMOVE l[0]",
            ["n": .int(6), "m": .map(["x": .string("z")]), "l": .list([.int(2)])]
        ),
        (
            "SET l = list_append(l, [?])",
            [
                "n": .int(5), "m": .map(["x": .string("y")]),
                "l": .list([.int(1), .int(2), .string("P")]),
            ]
        ),
    ]

    @Test(arguments: updates)
    func update(clauses: String, expected: [String: AttributeValue]) async throws {
        let harness = try await harness()
        let outcome = try await harness.execute(
            "UPDATE tab \(clauses) WHERE pk = 'a' AND sk = 1 AND n = 5",
            clauses.contains("?") ? [.string("P")] : [])
        #expect(outcome.statement?.items.isEmpty == true)
        var whole = expected
        whole["pk"] = .string("a")
        whole["sk"] = .int(1)
        #expect(try await harness.get(item)?.attributes == whole)
    }

    @Test func returning() async throws {
        let harness = try await harness()
        func returned(_ what: String, to value: Int) async throws -> [ItemBytes]? {
            try await harness.execute(
                "UPDATE tab SET n = \(value) WHERE pk = 'a' AND sk = 1 RETURNING \(what) *"
            ).statement?.items
        }
        #expect(try await returned("MODIFIED OLD", to: 6) == [["n": .int(5)]])
        #expect(try await returned("MODIFIED NEW", to: 7) == [["n": .int(7)]])
        #expect(
            try await returned("ALL OLD", to: 8)?.first?.value(named: "n")?.number?.integer == 7)
        #expect(
            try await returned("ALL NEW", to: 9)?.first?.value(named: "n")?.number?.integer == 9)
        let deleted = try await harness.execute(
            "DELETE FROM tab WHERE pk = 'a' AND sk = 1 RETURNING ALL OLD *")
        #expect(deleted.statement?.items.first?.count == 5)
        #expect(try await harness.get(item) == nil)
        let nothing = try await harness.execute(
            "DELETE FROM tab WHERE pk = 'a' AND sk = 1 RETURNING ALL OLD *")
        #expect(nothing.statement?.items.isEmpty == true)
    }

    @Test(arguments: [
        "UPDATE tab SET n = 1 WHERE pk = 'a' AND sk = 9",
        "UPDATE tab SET n = 1 WHERE pk = 'a' AND sk = 9 AND q IS MISSING",
        "UPDATE tab SET n = 1 WHERE pk = 'a' AND sk = 1 AND n = 4",
        "DELETE FROM tab WHERE pk = 'a' AND sk = 1 AND n > 5",
    ])
    func conditionsThatFail(statement: String) async throws {
        let harness = try await harness()
        let before = try await harness.scanAll()
        let error = await harness.error(of: harness.executing(statement, showing: true))
        #expect(error?.code == "ConditionalCheckFailedException")
        #expect(error?.message == "The conditional request failed")
        #expect((error?.item != nil) == statement.contains("sk = 1"))
        #expect(try await harness.scanAll() == before)
    }

    @Test func deletingWhatIsNotThereSucceeds() async throws {
        let harness = try await harness()
        for condition in ["", " AND n = 1"] {
            _ = try await harness.execute("DELETE FROM tab WHERE pk = 'z' AND sk = 1\(condition)")
        }
        #expect(try await harness.scanAll().count == 1)
    }

    private static let key =
        "Where clause does not contain a mandatory equality on all key attributes"

    @Test(
        arguments: [
            ("UPDATE tab SET n = 1", key), ("DELETE FROM tab", key),
            ("UPDATE tab SET n = 1 WHERE pk = 'a'", key),
            ("UPDATE tab SET n = 1 WHERE pk = 'a' AND sk > 1", key),
            ("DELETE FROM tab WHERE pk = 'a' OR sk = 1", key),
            (
                "DELETE FROM tab WHERE pk = 'a' AND sk = 'x'",
                "The provided key element does not match the schema"
            ),
            (
                "UPDATE tab SET sk = 2 WHERE pk = 'a' AND sk = 1",
                "One or more parameter values were invalid: Cannot update attribute sk. "
                    + "This attribute is part of the key"
            ),
            (
                "UPDATE tab SET n = q WHERE pk = 'a' AND sk = 1",
                "The provided expression refers to an attribute that does not exist in the item"
            ),
            (
                "INSERT INTO tab VALUE {'pk': 'a'}",
                "One or more parameter values were invalid: Missing the key sk in the item"
            ),
            (
                "INSERT INTO tab VALUE {'pk': 'a', 'sk': 'x'}",
                "One or more parameter values were invalid: Type mismatch for key sk expected: N "
                    + "actual: S"
            ),
            ("INSERT INTO nowhere VALUE {'pk': 'a'}", "Requested resource not found"),
        ] as [(String, String)])
    func faults(statement: String, expected: String) async throws {
        let harness = try await harness()
        let before = try await harness.scanAll()
        #expect(await harness.fault(statement) == expected)
        #expect(try await harness.scanAll() == before)
    }

    @Test func aFaultyParameterIsToldFirst() async throws {
        let harness = try await harness()
        var request = ExecuteStatementRequest()
        request.statement = Statement("SELECT")
        request.statement.valueFault = .validation("a fault")
        #expect(await harness.error(of: .executeStatement(request))?.message == "a fault")
    }
}
