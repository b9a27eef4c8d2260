import Expressions
import Items
import Testing

@Suite("PartiQL: the keys that a WHERE selects")
struct StatementKeyTests {
    private func keys(
        _ condition: String, range: ScalarAttributeType? = .number
    ) throws(ExpressionError) -> SelectedKeys? {
        try select("SELECT * FROM t WHERE \(condition)").filter?.selectedKeys(
            hash: [("pk", .string)], range: range.map { [("sk", $0)] } ?? [])
    }

    @Test(
        arguments: [
            ("pk = 'a'", ["a"]), ("'a' = pk", ["a"]), ("pk IN ['a', 'b', 'a']", ["a", "b"]),
            ("pk = 'a' OR pk = 'b'", ["a", "b"]), ("pk = 'a' AND x = 1", ["a"]),
            ("(pk = 'a' AND x = 1) OR pk IN ('c', 'b')", ["a", "c", "b"]),
            ("pk IN ['a', 'b'] AND pk = 'b'", ["b"]),
        ] as [(String, [String])])
    func partitionKeys(condition: String, expected: [String]) throws {
        let found = try keys(condition)
        #expect(found?.hashes.map { $0.first?.string } == expected)
    }

    @Test(arguments: [
        "pk > 'a'", "x = 1", "pk = 'a' OR x = 1", "NOT pk = 'a'", "pk.a = 'a'", "pk = x",
        "begins_with(pk, 'a')", "pk <> 'a'", "pk IN ['a', x]",
    ])
    func scans(condition: String) throws {
        #expect(try keys(condition) == nil)
    }

    @Test func sortKeys() throws {
        #expect(try keys("pk = 'a' AND sk = 3")?.rangeEquals.map { $0.count } == [1])
        #expect(try keys("pk = 'a' AND sk IN [3, 4]")?.rangeEquals.count == 2)
        let bounded = try keys("pk = 'a' AND sk > 1 AND 9 > sk AND x = 1")
        #expect(bounded?.rangeComparisons.count == 2)
        #expect(bounded?.rest != nil)
        #expect(try keys("pk = 'a' AND sk BETWEEN 1 AND 2")?.rest == nil)
        #expect(try keys("pk = 'a' AND sk <> 1")?.rangeComparisons.isEmpty == true)
        #expect(try keys("pk = 'a' AND begins_with(sk, 'x')", range: .string)?.rest == nil)
        // An alternative may leave the sort key open, so it is for the filter.
        #expect(
            try keys("pk = 'a' AND (sk = 1 OR x = 1)")?.rangeEquals.map { $0.count } == [0])
    }

    @Test(arguments: ["pk = 1", "pk IN ['a', 1]", "pk = 'a' AND sk = 'x'", "pk = 'a' AND sk > 'x'"])
    func typesMustBeTheKeys(condition: String) {
        #expect(
            message { () throws(ExpressionError) in _ = try keys(condition) }
                == "One or more parameter values were invalid: "
                + "Condition parameter type does not match schema type")
    }

    @Test func atMostFiftyPartitionKeys() throws {
        let list = { (count: Int) in
            "pk IN [" + (1...count).map { "'\($0)'" }.joined(separator: ", ") + "]"
        }
        #expect(try keys(list(50))?.hashes.count == 50)
        #expect(message { () throws(ExpressionError) in _ = try keys(list(51)) } != nil)
    }

    @Test func wholeKeys() throws {
        let whole = try select("SELECT * FROM t WHERE sk = 1 AND pk = 'a' AND x = 2").filter?
            .primaryKey(["pk", "sk"])
        #expect(whole?.key == ["pk": .string("a"), "sk": number(1)])
        #expect(try whole?.rest?.condition().evaluate(["x": number(2)]) == true)
        #expect(try whole?.rest?.condition().evaluate(["x": number(3)]) == false)
        for open in [
            "pk = 'a'", "pk = 'a' OR sk = 1", "pk = 'a' AND sk > 1", "pk = 'a' AND sk IN [1]",
        ] {
            let filter = try select("SELECT * FROM t WHERE \(open)").filter
            #expect(filter?.primaryKey(["pk", "sk"]) == nil, "\(open)")
        }
    }
}
