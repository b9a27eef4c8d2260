import Expressions
import Items
import Testing

@Suite("PartiQL: literals, conditions, projections and updates")
struct StatementMeaningTests {
    private static let item: ItemBytes = [
        "pk": .string("k"), "n": number(5), "s": .string("abc"), "t": .bool(true), "z": .null,
        "l": .list([number(1), .string("x"), .map(["y": number(2)])]),
        "m": .map(["a": .map(["b": .list([number(7), number(8)])]), "c": .string("d")]),
        "ss": .stringSet(["p", "q"]), "b": .binary([1, 2, 3]),
    ]

    @Test func literals() throws {
        let item = try inserted(
            """
            {'s': 'it''s', 'e': '', 'n': -1.50, 'x': 1e3, 't': TRUE, 'f': false, 'z': NULL,
             'l': [1, 'a', [null]], 'm': {'k': {'j': ?}}, 'ss': <<'a','b'>>, 'ns': <<1, 34, 4.5>>,
             'bs': <<?>>, 'p': ?, 'em': {}, 'el': []}
            """, [.binary([9]), .binary([1]), .stringSet(["x"])])
        let expected: ItemBytes = [
            "s": .string("it's"), "e": .string(""), "n": .number(try DecimalNumber("-1.5")),
            "x": number(1000), "t": .bool(true), "f": .bool(false), "z": .null,
            "l": .list([number(1), .string("a"), .list([.null])]),
            "m": .map(["k": .map(["j": .binary([9])])]), "ss": .stringSet(["a", "b"]),
            "ns": .numberSet([DecimalNumber(1), DecimalNumber(34), try DecimalNumber("4.5")]),
            "bs": .binarySet([[1]]), "p": .stringSet(["x"]), "em": .map([:]), "el": .list([]),
        ]
        #expect(item == expected)
        #expect(ItemBytes(untrusted: item.bytes) != nil)
    }

    @Test(
        arguments: [
            ("n = 5", true), ("5 = n", true), ("n <> 5", false), ("n != 4", true),
            ("n < 5.1", true),
            ("n <= 5", true), ("n > 5", false), ("n >= -5", true), ("n=-5", false),
            ("n BETWEEN 4 AND 6", true), ("n NOT BETWEEN 4 AND 6", false),
            ("n IN [1, 5]", true), ("n IN (1, 2)", false), ("n NOT IN [1, 2]", true),
            ("s IN ('abc')", true), ("s IN <<'abc', 'x'>>", true), ("n IN []", false),
            ("NOT n = 5", false), ("NOT (n = 4 AND s = 'abc')", true),
            ("n = 4 OR s = 'abc' AND t = true", true),
            ("(n = 4 OR s = 'abc') AND t = false", false),
            ("begins_with(s, 'ab')", true), ("BEGINS_WITH(\"s\", 'b')", false),
            ("contains(s, 'bc')", true), ("contains(l, 'x')", true), ("CONTAINS(ss, 'r')", false),
            ("attribute_type(s, 'S')", true), ("attribute_type(m, 'L')", false),
            ("size(s) = 3", true), ("SIZE(\"b\") > 2", true), ("size(ss) >= 3", false),
            ("q IS MISSING", true), ("q IS NOT MISSING", false), ("n IS NOT MISSING", true),
            ("z IS NULL", true), ("q IS NULL", false), ("n IS NOT NULL", true), ("z = NULL", true),
            ("m.a.b[1] = 8", true), ("m['a']['b'][0] = 8", false), ("l[2].y = 2", true),
            ("\"m\".\"c\" = 'd'", true), ("l[9] IS MISSING", true), ("m.x.y = 1", false),
            ("l = [1, 'x', {'y': 2}]", true), ("ss = <<'q', 'p'>>", true),
            ("m.a = {'b': [7, 8]}", true), ("t = TRUE", true), ("n = s", false), ("q <> 1", true),
        ] as [(String, Bool)])
    func conditions(text: String, expected: Bool) throws {
        #expect(try passes(text, Self.item) == expected)
    }

    @Test func parametersGoInOrder() throws {
        #expect(
            try passes(
                "n = ? AND s IN [?, ?] AND l[2] = {'y': ?}", Self.item,
                [number(5), .string("x"), .string("abc"), number(2)]))
    }

    @Test(
        arguments: [
            ("n", "Expected a condition in WHERE clause"),
            ("n = 1 + 2", "Unsupported operand in WHERE clause"),
            ("size(s)", "Expected a condition in WHERE clause"),
            (
                "begins_with(s, 'a') = true",
                "The function is not allowed to be used this way in an expression; function: begins_with"
            ),
            (
                "begins_with(s)",
                "Incorrect number of operands for operator or function; operator or function: "
                    + "begins_with, number of operands: 1"
            ),
            (
                "begins_with(s, 1)",
                "Incorrect operand type for operator or function; operator or function: begins_with, "
                    + "operand type: N"
            ),
            (
                "n > [1]",
                "Incorrect operand type for operator or function; operator or function: >, "
                    + "operand type: L"
            ),
            (
                "attribute_type(s, 'X')",
                "Invalid attribute type name found; type: X, "
                    + "valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"
            ),
            (
                "list_append(l, [1])",
                "The function is not allowed to be used this way in an expression; function: list_append"
            ),
            (
                "'a' IS MISSING",
                "Operator or function requires a document path; "
                    + "operator or function: attribute_not_exists"
            ),
            (
                "n BETWEEN 6 AND 4",
                "The BETWEEN operator requires upper bound to be greater than or equal to lower bound; "
                    + "lower bound operand: AttributeValue: {N:6}, "
                    + "upper bound operand: AttributeValue: {N:4}"
            ),
        ] as [(String, String)])
    func badConditions(text: String, expected: String) {
        #expect(
            message { () throws(ExpressionError) in _ = try passes(text, Self.item) } == expected)
    }

    @Test func anInHoldsAHundredValues() throws {
        let list = { (count: Int) in
            "n IN [" + (1...count).map(String.init).joined(separator: ",")
                + "]"
        }
        #expect(try passes(list(100), Self.item))
        #expect(message { () throws(ExpressionError) in _ = try passes(list(101), nil) } != nil)
    }

    /// What rows must be, as literals.
    private static let rows: [(columns: String, expected: String)] = [
        ("n, s", "{'n': 5, 's': 'abc'}"),
        ("m.a.b[1], m.c", "{'b[1]': 8, 'c': 'd'}"),
        ("l[2].y, q, m.x.z", "{'y': 2}"),
        ("m.a", "{'a': {'b': [7, 8]}}"),
        ("n, m.a.b[0], n", "{'b[0]': 7, 'n': 5}"),
    ]

    @Test(arguments: rows)
    func projections(columns: String, expected: String) throws {
        let projection = try select("SELECT \(columns) FROM t").projection
        #expect(try projection?.apply(to: Self.item) == inserted(expected))
    }

    /// What attributes must be after an update, as literals.
    private static let changes: [(clauses: String, changed: String)] = [
        ("SET n = 6", "{'n': 6}"), ("SET n = n + 100", "{'n': 105}"),
        ("SET n = n - 1", "{'n': 4}"), ("SET n = 1 + n - 2", "{'n': 4}"),
        ("SET n = (n + 1)", "{'n': 6}"),
        ("SET l = list_append(l, [4])", "{'l': [1, 'x', {'y': 2}, 4]}"),
        ("SET l = LIST_APPEND([4], l)", "{'l': [4, 1, 'x', {'y': 2}]}"),
        ("SET l[1] = 'w' REMOVE l[0]", "{'l': ['w', {'y': 2}]}"),
        ("SET ss = set_add(ss, <<'r', 'p'>>)", "{'ss': <<'p', 'q', 'r'>>}"),
        ("SET ss = SET_DELETE(ss, <<'p'>>)", "{'ss': <<'q'>>}"),
        ("SET u = set_add(u, <<3>>)", "{'u': <<3>>}"),
        ("SET m.c = n SET s = m.c", "{'m': {'a': {'b': [7, 8]}, 'c': 5}, 's': 'd'}"),
        ("SET w = {'Grammys': [2020, 2018]}", "{'w': {'Grammys': [2020, 2018]}}"),
        ("SET m.a.b = [?]", "{'m': {'a': {'b': ['P']}, 'c': 'd'}}"),
    ]

    @Test(arguments: changes)
    func updates(clauses: String, changed: String) throws {
        let item = try afterUpdate(
            Self.item, clauses, clauses.contains("?") ? [.string("P")] : [])
        var expected = Self.item.attributes
        for (name, value) in try inserted(changed).attributes { expected[name] = value }
        #expect(item == ItemBytes(expected.map { (key: $0.key, value: $0.value) }))
        #expect(ItemBytes(untrusted: item.bytes) != nil)
    }

    @Test func removals() throws {
        let item = try afterUpdate(Self.item, "REMOVE n REMOVE m.a, l[2]")
        #expect(item.value(named: "n") == nil)
        #expect(item.value(named: "m")?.attributeValue == .map(["c": .string("d")]))
        #expect(item.value(named: "l")?.count == 2)
        #expect(
            try afterUpdate(Self.item, "SET ss = set_delete(ss, <<'p', 'q'>>)")
                .value(named: "ss") == nil)
    }

    @Test(
        arguments: [
            (
                "SET n = q",
                "The provided expression refers to an attribute that does not exist in the "
                    + "item"
            ),
            (
                "SET n = n + 'a'",
                "Incorrect operand type for operator or function; operator or function: +, "
                    + "operand type: S"
            ),
            ("SET n = s + 1", "An operand in the update expression has an incorrect data type"),
            (
                "SET n = list_append(l, 4)",
                "Incorrect operand type for operator or function; operator or function: list_append, "
                    + "operand type: N"
            ),
            (
                "SET ss = set_add(ss, 'a')",
                "Incorrect operand type for operator or function; operator or function: set_add, "
                    + "operand type: S"
            ),
            (
                "SET x = set_add(ss, <<'a'>>)",
                "The first argument of set_add must be the path that SET assigns to"
            ),
            (
                "SET ss = set_add(ss, <<1>>)",
                "An operand in the update expression has an incorrect data type"
            ),
            (
                "SET n = size(s)",
                "The function is not allowed in an update expression; function: size"
            ),
            (
                "SET q.r = 1",
                "The document path provided in the update expression is invalid for update"
            ),
        ] as [(String, String)])
    func badUpdates(clauses: String, expected: String) {
        #expect(
            message { () throws(ExpressionError) in _ = try afterUpdate(Self.item, clauses) }
                == expected)
    }
}
