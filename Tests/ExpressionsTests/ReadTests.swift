import Expressions
import Items
import Testing

@Suite("Projections")
struct ProjectionTests {
    static let item: ItemBytes = [
        "pk": .string("k"), "s": .string("text"), "a.b": .string("dotted"),
        "l": .list([
            number(0), .map(["x": number(1), "y": number(2)]), number(3), .list([number(4)]),
        ]),
        "m": .map(["x": number(1), "y": .map(["z": number(2), "w": .null])]),
    ]

    private func project(_ text: String) throws -> ItemBytes {
        var scope = scope(names: ["#dot": "a.b", "#m": "m"])
        return try ProjectionPaths.parse(text, scope: &scope).apply(to: Self.item)
    }

    @Test(
        arguments: [
            ("s", ["s": .string("text")]), ("q", [:]),
            ("pk, s, q", ["pk": .string("k"), "s": .string("text")]),
            ("#dot", ["a.b": .string("dotted")]), ("a.b", [:]),
            ("m.x", ["m": .map(["x": number(1)])]), ("m.q", [:]), ("s.x", [:]), ("s[0]", [:]),
            ("m[0]", [:]),
            ("#m.y.z, m.x", ["m": .map(["x": number(1), "y": .map(["z": number(2)])])]),
            ("l[2]", ["l": .list([number(3)])]), ("l[9]", [:]),
            (
                "l[3][0], l[1].y, l[0]",
                ["l": .list([number(0), .map(["y": number(2)]), .list([number(4)])])]
            ),
            ("l[0].x, l[2]", ["l": .list([number(3)])]),
        ] as [(String, [String: AttributeValue])])
    func table(_ text: String, _ expected: [String: AttributeValue]) throws {
        let result = try project(text)
        #expect(result.attributes == expected)
        #expect(ItemBytes(untrusted: result.bytes) != nil)
    }

    @Test(arguments: [
        ("", "The expression can not be empty;"),
        ("a,", "Syntax error; token: \"<EOF>\", near: \",\""),
        ("a b", "Syntax error; token: \"b\", near: \"a b\""),
        (":v", "Syntax error; token: \":v\", near: \":v\""),
        ("a[b]", "Syntax error; token: \"b\", near: \"[b]\""),
        ("a[-1]", "Syntax error; token: \"-\", near: \"[-1\""),
        ("name", "Attribute name is a reserved keyword; reserved keyword: name"),
        (
            "#x",
            "An expression attribute name used in the document path is not defined; "
                + "attribute name: #x"
        ),
        (
            "a, b, a",
            "Two document paths overlap with each other; must remove or rewrite one of these "
                + "paths; path one: [a], path two: [a]"
        ),
        (
            "a[0], a.b",
            "Two document paths conflict with each other; must remove or rewrite one of these "
                + "paths; path one: [a, [0]], path two: [a, b]"
        ),
    ])
    func invalid(_ text: String, _ reason: String) {
        let complaint = message { () throws(ExpressionError) in
            var scope = scope(names: ["#dot": "a.b"])
            _ = try ProjectionPaths.parse(text, scope: &scope)
        }
        #expect(complaint == "Invalid ProjectionExpression: \(reason)")
    }

    @Test func attributesToGet() {
        let paths = ProjectionPaths(attributesToGet: ["a.b", "s", "q", "s"])
        #expect(paths.apply(to: Self.item) == ["a.b": .string("dotted"), "s": .string("text")])
        #expect(paths.topLevelAttributes == ["a.b", "s", "q"])
    }
}

@Suite("Key conditions")
struct KeyConditionTests {
    static let values: [String: AttributeValue] = [
        ":a": .string("a"), ":b": .string("b"), ":n": number(1), ":e": .string(""),
    ]

    private func parse(_ text: String) throws(ExpressionError) -> KeyCondition {
        var scope = scope(names: ["#pk": "pk"], values: Self.values)
        return try KeyCondition.parse(text, scope: &scope)
    }

    /// What a resolved condition holds, in short.
    private func resolved(
        _ condition: KeyCondition, hash: [String] = ["pk"], range: [String] = ["sk"],
        type: ScalarAttributeType = .string
    ) throws(ExpressionError) -> String {
        let resolved = try condition.resolve(
            hash: hash.map { ($0, type) }, range: range.map { ($0, type) })
        func text(_ value: ItemValue) -> String { value.string ?? "?" }
        let comparison =
            switch resolved.rangeComparison {
            case nil: ""
            case .less(let value): "<\(text(value))"
            case .lessOrEqual(let value): "<=\(text(value))"
            case .greater(let value): ">\(text(value))"
            case .greaterOrEqual(let value): ">=\(text(value))"
            case .between(let lower, let upper): "\(text(lower))..\(text(upper))"
            case .beginsWith(let value): "\(text(value))*"
            }
        return resolved.hash.map(text).joined(separator: ",") + "|"
            + resolved.rangeEquals.map(text).joined(separator: ",") + "|" + comparison
    }

    @Test(arguments: [
        ("pk = :a", "a||"), ("#pk = :a AND sk = :b", "a|b|"), ("sk < :b AND pk = :a", "a||<b"),
        ("(pk = :a) AND (sk <= :b)", "a||<=b"), (":a = pk AND :b < sk", "a||>b"),
        ("pk = :a and sk >= :b", "a||>=b"), ("pk = :a AND sk > :b", "a||>b"),
        ("pk = :a AND sk BETWEEN :a AND :b", "a||a..b"),
        ("begins_with(sk, :b) AND pk = :a", "a||b*"),
    ])
    func valid(_ text: String, _ expected: String) throws {
        #expect(try resolved(parse(text)) == expected)
    }

    @Test(arguments: [
        ("", "Invalid KeyConditionExpression: The expression can not be empty;"),
        ("pk", "Invalid KeyConditionExpression: Syntax error; token: \"<EOF>\", near: \"pk\""),
        (
            "pk = :x",
            "Invalid KeyConditionExpression: An expression attribute value used in expression "
                + "is not defined; attribute value: :x"
        ),
        ("pk = :a OR sk = :b", "Invalid operator used in KeyConditionExpression: OR"),
        ("NOT pk = :a", "Invalid operator used in KeyConditionExpression: NOT"),
        ("pk <> :a", "Invalid operator used in KeyConditionExpression: <>"),
        ("pk IN (:a)", "Invalid operator used in KeyConditionExpression: IN"),
        ("contains(pk, :a)", "Invalid operator used in KeyConditionExpression: contains"),
        (
            "attribute_exists(pk)",
            "Invalid operator used in KeyConditionExpression: attribute_exists"
        ),
        ("size(pk) = :n", "KeyConditionExpressions cannot contain nested operations"),
        (
            "pk.x = :a", "KeyConditionExpressions cannot have conditions on nested attributes"
        ),
        (
            "pk = sk",
            "Invalid KeyConditionExpression: Invalid condition in KeyConditionExpression: "
                + "Multiple attribute names used in one condition"
        ),
        (
            ":a = :b",
            "Invalid KeyConditionExpression: Invalid condition in KeyConditionExpression: "
                + "No key attribute specified"
        ),
        (
            "begins_with(:a, pk)",
            "Invalid KeyConditionExpression: Invalid condition in KeyConditionExpression: "
                + "begins_with operator must have the key attribute as its first operand"
        ),
        (
            ":a BETWEEN pk AND :b",
            "Invalid KeyConditionExpression: Invalid condition in KeyConditionExpression: "
                + "BETWEEN operator must have the key attribute as its first operand"
        ),
        (
            "pk = :a AND sk > :a AND sk < :b",
            "KeyConditionExpressions must only contain one condition per key"
        ),
        ("sk = :a", "Query condition missed key schema element: pk"),
        ("pk > :a", "Query key condition not supported"),
        ("pk = :a AND q = :b", "Query condition missed key schema element: sk"),
        (
            "pk = :a AND sk = :b AND q = :a",
            "The number of query conditions (3) exceeds the number of key attributes defined in "
                + "the schema (2)"
        ),
        (
            "pk = :n",
            "One or more parameter values were invalid: Condition parameter type does not match "
                + "schema type"
        ),
        (
            "pk = :a AND sk < :n",
            "One or more parameter values were invalid: Condition parameter type does not match "
                + "schema type"
        ),
        (
            "pk = :e",
            "One or more parameter values are not valid. The AttributeValue for a key attribute "
                + "cannot contain an empty string value. Key: pk"
        ),
    ])
    func invalid(_ text: String, _ expected: String) {
        #expect(
            message { () throws(ExpressionError) in _ = try resolved(parse(text)) } == expected)
    }

    @Test("A key of several attributes is matched left to right")
    func severalAttributes() throws {
        let hash = ["p1", "p2"]
        let range = ["s1", "s2", "s3"]
        func resolve(_ text: String) throws(ExpressionError) -> String {
            try resolved(parse(text), hash: hash, range: range)
        }
        #expect(try resolve("p1 = :a AND p2 = :b") == "a,b||")
        #expect(try resolve("s1 = :b AND p2 = :b AND p1 = :a") == "a,b|b|")
        #expect(try resolve("p1 = :a AND p2 = :b AND s1 = :a AND s2 > :b") == "a,b|a|>b")
        #expect(
            try resolve("p1 = :a AND p2 = :b AND s1 = :a AND s2 = :b AND s3 = :a") == "a,b|a,b,a|")
        func complaint(_ text: String) -> String? {
            message { () throws(ExpressionError) in _ = try resolve(text) }
        }
        #expect(complaint("p1 = :a") == "Query condition missed key schema element: p2")
        #expect(complaint("p1 = :a AND p2 > :b") == "Query key condition not supported")
        #expect(
            complaint("p1 = :a AND p2 = :b AND s2 = :a")
                == "RANGE key attributes s1 must have equality conditions specified in the query "
                + "because a condition is present on key attribute s2")
        #expect(
            complaint("p1 = :a AND p2 = :b AND s1 > :a AND s2 = :a")
                == "Query key condition not supported")
        #expect(
            complaint("p1 = :a AND p2 = :b AND q = :a")
                == "Query condition missed key schema element: s1")
    }

    @Test func schemaWithoutSortKey() {
        #expect(
            message { () throws(ExpressionError) in
                _ = try resolved(parse("pk = :a AND sk = :b"), range: [])
            }
                == "The number of query conditions (2) exceeds the number of key attributes "
                + "defined in the schema (1)")
    }

    @Test func legacy() throws {
        func test(_ attribute: String, _ comparison: String, _ values: AttributeValue...)
            -> LegacyTest
        {
            LegacyTest(
                attribute: attribute, comparison: comparison, values: values.map { ItemValue($0) })
        }
        let pk = test("pk", "EQ", .string("a"))
        let condition = try KeyCondition.legacy([
            test("sk", "BETWEEN", .string("a"), .string("b")), pk,
        ])
        #expect(try resolved(condition) == "a||a..b")
        func complaint(_ tests: LegacyTest...) -> String? {
            message { () throws(ExpressionError) in _ = try KeyCondition.legacy(tests) }
        }
        #expect(complaint() == "Conditions can be of length 1 or 2 only")
        #expect(
            complaint(pk, test("sk", "NE", .string("a")))
                == "Attempted conditional constraint is not an indexable operation")
        #expect(
            complaint(test("pk", "EQ"))
                == "One or more parameter values were invalid: "
                + "Invalid number of argument(s) for the EQ ComparisonOperator")
    }
}
