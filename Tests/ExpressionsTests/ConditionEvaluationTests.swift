import Expressions
import Items
import Testing

@Suite("A condition holds for an item as the service decides")
struct ConditionEvaluationTests {
    static let item: ItemBytes = [
        "s": .string("banana"), "n": number(10), "b": .binary([1, 2, 3]), "t": .bool(true),
        "z": .null, "e": .string(""), "u": .string("žluť"), "half": .number(half),
        "m": .map([
            "x": number(1), "a.b": .string("dotted"), "deep": .list([.map(["k": .string("v")])]),
        ]),
        "l": .list([number(1), .string("two"), .list([number(3)])]),
        "ss": .stringSet(["a", "b"]), "ns": .numberSet([DecimalNumber(1), DecimalNumber(2)]),
        "bs": .binarySet([[1], [2]]),
    ]
    static let half = DecimalNumber(5).scaled(by: -1)
    static let values: [String: AttributeValue] = [
        ":banana": .string("banana"), ":ban": .string("ban"), ":nan": .string("nan"),
        ":zebra": .string("zebra"), ":ten": number(10), ":one": number(1), ":two": number(2),
        ":six": number(6), ":hundred": number(100), ":minus": number(-1), ":zero": number(0),
        ":true": .bool(true), ":false": .bool(false), ":null": .null, ":empty": .string(""),
        ":b12": .binary([1, 2]), ":b23": .binary([2, 3]), ":b1": .binary([1]),
        ":stringTwo": .string("two"), ":a": .string("a"), ":list3": .list([number(3)]),
        ":sameSet": .stringSet(["b", "a"]), ":otherSet": .stringSet(["a"]),
        ":map": .map(["k": .string("v")]), ":v": .string("v"), ":dotted": .string("dotted"),
        ":S": .string("S"), ":N": .string("N"), ":BOOL": .string("BOOL"), ":M": .string("M"),
        ":L": .string("L"), ":SS": .string("SS"), ":NULL": .string("NULL"), ":three": number(3),
    ]

    @Test(arguments: [
        ("s = :banana", true), ("s = :ban", false), ("s <> :ban", true), ("s = n", false),
        ("s < :zebra", true), ("s > :ban", true), ("s >= :banana", true), ("s <= :banana", true),
        ("n = :ten", true), ("n > :six", true), ("n > :two", true), ("n < :hundred", true),
        ("n > :minus", true), ("half < :one", true), ("half > :zero", true),
        ("n < :banana", false), ("n > :banana", false), ("n <> :banana", true),
        ("t = :true", true), ("t = :false", false), ("t <> :false", true), ("z = :null", true),
        ("q = :one", false), ("q <> :one", true), ("q < :one", false), ("NOT q < :one", true),
        ("q = r", false), ("q <> r", true), (":one = :one", true), ("e = :empty", true),
        ("ss = :sameSet", true), ("ss = :otherSet", false), ("ss <> :otherSet", true),
        ("m.deep[0] = :map", true), ("m.deep[0].k = :v", true), ("m.deep[1].k = :v", false),
        ("m.x = :one", true), ("m.x.y = :one", false), ("s.x = :one", false),
        ("l[0] = :one", true), ("l[1] = :stringTwo", true), ("l[2] = :list3", true),
        ("l[2][0] = :three", true), ("l[3] = :one", false), ("m[0] = :one", false),
        ("l.x = :one", false), ("#m.#dot = :dotted", true), ("m.a.b = :dotted", false),
        ("n BETWEEN :six AND :hundred", true), ("n BETWEEN :hundred AND :hundred", false),
        (":two BETWEEN m.x AND n", true), ("s BETWEEN :ban AND :zebra", true),
        ("n IN (:one, :ten)", true), ("n IN (:one, :two)", false), ("n IN (s, l[0])", false),
        ("ss IN (:otherSet, :sameSet)", true), ("q IN (:one)", false),
        ("attribute_exists(s)", true), ("attribute_exists(q)", false),
        ("attribute_exists(m.deep[0].k)", true), ("attribute_exists(m.deep[0].q)", false),
        ("attribute_not_exists(q)", true), ("attribute_not_exists(z)", false),
        ("attribute_type(s, :S)", true), ("attribute_type(n, :S)", false),
        ("attribute_type(t, :BOOL)", true), ("attribute_type(z, :NULL)", true),
        ("attribute_type(m, :M)", true), ("attribute_type(l, :L)", true),
        ("attribute_type(ss, :SS)", true), ("attribute_type(q, :S)", false),
        ("begins_with(s, :ban)", true), ("begins_with(s, :nan)", false),
        ("begins_with(s, :empty)", true), ("begins_with(b, :b12)", true),
        ("begins_with(b, :ban)", false), ("begins_with(n, :ban)", false),
        ("begins_with(:banana, s)", true), ("begins_with(q, :ban)", false),
        ("contains(s, :nan)", true), ("contains(s, :zebra)", false), ("contains(s, :one)", false),
        ("contains(b, :b23)", true), ("contains(ss, :a)", true), ("contains(ss, :zebra)", false),
        ("contains(ss, :one)", false), ("contains(ns, :two)", true), ("contains(ns, :a)", false),
        ("contains(bs, :b1)", true), ("contains(bs, :b12)", false), ("contains(l, :one)", true),
        ("contains(l, :list3)", true), ("contains(l, :two)", false), ("contains(n, :one)", false),
        ("contains(:banana, :nan)", true), ("contains(ns, size(bs))", true),
        ("size(s) = :six", true), ("size(u) = :six", true), ("size(b) = :three", true),
        ("size(l) = :three", true), ("size(m) = size(l)", true), ("size(ss) = :two", true),
        ("size(e) = :zero", true), ("size(n) = :two", false), ("size(t) > :zero", false),
        ("size(q) < :ten", false), ("size(s) > :two", true), ("size(s) < :ten", true),
        ("size(s) > half", true), ("size(s) > :minus", true), (":hundred > size(s)", true),
        ("size(s) BETWEEN :one AND :ten", true), ("size(s) IN (:one, :six)", true),
        ("s = :ban OR n = :ten", true), ("s = :ban AND n = :ten", false),
        ("s = :banana OR s = :ban AND n = :one", true),
        ("(s = :banana OR s = :ban) AND n = :one", false),
        ("NOT s = :ban AND n = :ten", true), ("NOT (s = :ban AND n = :ten)", true),
        ("NOT s = :banana OR n = :ten", true), ("NOT NOT s = :banana", true),
    ])
    func table(_ text: String, _ expected: Bool) throws {
        let names = ["#m": "m", "#dot": "a.b"]
        #expect(
            try holds(text, Self.item, names: names, values: Self.values) == expected)
    }

    @Test("No item has no attribute")
    func noItem() throws {
        #expect(try holds("attribute_not_exists(a)", nil))
        #expect(try !holds("attribute_exists(a)", nil))
        #expect(
            try !holds(
                "a = :v OR size(a) > :n OR contains(a, :v)", nil,
                values: [":v": .null, ":n": number(0)]))
        #expect(try holds("a <> :v", nil, values: [":v": .null]))
    }

    @Test("Sizes compare with numbers of every magnitude")
    func sizes() throws {
        for count in [0, 1, 9, 10, 99, 100, 101, 1_000, 9_999, 10_000, 12_345] {
            let item: ItemBytes = ["s": .string(String(repeating: "x", count: count))]
            for other in [count - 1, count, count + 1] {
                let values = [":n": number(other)]
                #expect(try holds("size(s) = :n", item, values: values) == (count == other))
                #expect(try holds("size(s) < :n", item, values: values) == (count < other))
                #expect(try holds(":n <= size(s)", item, values: values) == (other <= count))
            }
            let fraction = [":n": AttributeValue.number(Self.half)]
            #expect(try holds("size(s) > :n", item, values: fraction) == (count > 0))
        }
    }

    @Test func topLevelAttributes() throws {
        var scope = scope(names: ["#a": "x"], values: [":v": .null])
        let condition = try Condition.parse(
            "#a.b[1] = :v AND size(c) = d OR attribute_exists(e)", as: .filter, scope: &scope)
        #expect(condition.topLevelAttributes == ["x", "c", "d", "e"])
    }
}

extension DecimalNumber {
    /// The number times a power of ten.
    fileprivate func scaled(by power: Int) -> DecimalNumber {
        (try? DecimalNumber("\(description)e\(power)")) ?? .zero
    }
}

@Suite("Legacy conditions")
struct LegacyConditionTests {
    private func test(_ comparison: String, _ values: AttributeValue..., on attribute: String = "s")
        -> LegacyTest
    {
        LegacyTest(
            attribute: attribute, comparison: comparison, values: values.map { ItemValue($0) })
    }

    private func holds(_ tests: LegacyTest..., or joinedByOr: Bool = false) -> Bool {
        Condition.legacy(tests, joinedByOr: joinedByOr).evaluate(ConditionEvaluationTests.item)
    }

    @Test func comparisons() {
        #expect(holds(test("EQ", .string("banana"))))
        #expect(!holds(test("NE", .string("banana"))))
        #expect(holds(test("NE", number(1), on: "q")))
        #expect(holds(test("LT", number(11), on: "n")))
        #expect(!holds(test("LT", number(10), on: "n")))
        #expect(holds(test("LE", number(10), on: "n")))
        #expect(holds(test("GE", number(10), on: "n")))
        #expect(holds(test("GT", number(9), on: "n")))
        #expect(holds(test("IN", .string("x"), .string("banana"))))
        #expect(holds(test("BETWEEN", number(1), number(10), on: "n")))
        #expect(holds(test("NOT_NULL", on: "z")))
        #expect(!holds(test("NULL", on: "z")))
        #expect(holds(test("NULL", on: "m.x")), "a dot is literal")
        #expect(holds(test("CONTAINS", .string("nan"))))
        #expect(holds(test("NOT_CONTAINS", .string("c"), on: "ss")))
        #expect(holds(test("BEGINS_WITH", .binary([1]), on: "b")))
    }

    @Test func joined() {
        let right = test("EQ", .string("banana"))
        let wrong = test("NULL")
        #expect(!holds(right, wrong))
        #expect(holds(right, wrong, or: true))
        #expect(holds())
        #expect(holds(or: true))
    }

    private func complaint(_ test: LegacyTest) -> String? {
        message { () throws(ExpressionError) in try LegacyTest.checkLegacy([test]) }
    }

    @Test func checks() {
        let prefix = "One or more parameter values were invalid: "
        #expect(complaint(test("EQ", .null)) == nil)
        #expect(complaint(test("NULL")) == nil)
        for wrong in [
            test("EQ"), test("EQ", .null, .null), test("NULL", .null), test("IN"),
            test("BETWEEN", .null), test("BEGINS_WITH"),
        ] {
            #expect(
                complaint(wrong)
                    == prefix + "Invalid number of argument(s) for the \(wrong.comparison) "
                    + "ComparisonOperator")
        }
        #expect(
            complaint(test("BEGINS_WITH", number(1)))
                == prefix
                + "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type")
        #expect(
            complaint(test("LT", .stringSet(["a"])))
                == prefix + "ComparisonOperator LT is not valid for SS AttributeValue type")
        #expect(
            complaint(test("IN", number(1), .string("a")))
                == prefix + "AttributeValues inside AttributeValueList must be of same type")
        #expect(
            complaint(test("BETWEEN", number(2), number(1)))
                == "The BETWEEN condition was provided a range where the lower bound "
                + "is greater than the upper bound")
    }

    private func expected(
        value: AttributeValue? = nil, exists: Bool? = nil, comparison: String? = nil,
        values: [AttributeValue]? = nil
    ) -> String {
        do throws(ExpressionError) {
            let test = try LegacyTest.expected(
                attribute: "a", value: value.map { ItemValue($0) }, exists: exists,
                comparison: comparison, values: values?.map { ItemValue($0) })
            return "\(test.comparison) \(test.values.count)"
        } catch {
            return error.message
        }
    }

    @Test func expectedForms() {
        let prefix = "One or more parameter values were invalid: "
        let suffix = " for Attribute: a"
        #expect(expected(value: .null) == "EQ 1")
        #expect(expected(value: .null, exists: true) == "EQ 1")
        #expect(expected(exists: false) == "NULL 0")
        #expect(expected(value: number(1), comparison: "GT") == "GT 1")
        #expect(expected(comparison: "NOT_NULL") == "NOT_NULL 0")
        #expect(
            expected(value: .null, values: [.null])
                == prefix + "Value and AttributeValueList cannot be used together" + suffix)
        #expect(
            expected(exists: true, comparison: "EQ")
                == prefix + "Exists and ComparisonOperator cannot be used together" + suffix)
        #expect(
            expected(comparison: "EQ")
                == prefix
                + "Value or AttributeValueList must be used with ComparisonOperator: EQ" + suffix)
        #expect(
            expected(values: [.null])
                == prefix + "AttributeValueList can only be used with a ComparisonOperator" + suffix
        )
        #expect(
            expected(value: .null, exists: false)
                == prefix + "Value cannot be used when Exists is false" + suffix)
        #expect(expected() == prefix + "Value must be provided when Exists is null" + suffix)
        #expect(
            expected(exists: true) == prefix + "Value must be provided when Exists is true" + suffix
        )
    }
}
