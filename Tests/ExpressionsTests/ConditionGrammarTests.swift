import Expressions
import Items
import Testing

@Suite("A condition's text is parsed or refused in the service's words")
struct ConditionGrammarTests {
    static let values: [String: AttributeValue] = [
        ":a": .string("a"), ":n": number(1), ":m": number(2), ":list": .list([]),
        ":set": .stringSet(["a"]), ":bool": .bool(true), ":null": .null, ":type": .string("SS"),
        ":b": .binary([1]), ":bb": .binary([0]),
    ]
    static let names = ["#n": "n", "#dot": "a.b", "#status": "status"]

    static func complaint(_ text: String, _ kind: ExpressionKind = .condition) -> String? {
        var scope = scope(names: names, values: values)
        return message { () throws(ExpressionError) in
            _ = try Condition.parse(text, as: kind, scope: &scope)
        }
    }

    @Test(arguments: [
        "a = :a", "a=:a", ":a = a", "(a = :a)", "a <> :a AND b < :n", "a.b[0].c >= :n",
        "#status = :a", "#n.#dot[12] <= :n", "a [ 1 ] . b > :n", "NOT a = :a", "not NOT a = :a",
        "a = :a or b = :a And c = :a", "a BETWEEN :n AND :m", "(a) between (:n) and (:m)",
        "a IN (:a)", "a in (:a, b, size(c))", "attribute_exists(a)",
        "attribute_not_exists ( a.b )", "attribute_type(a, :type)", "begins_with(a, :a)",
        "begins_with(:a, a)", "contains(a, :n)", "size(a) > :n", "size(a) = size(b)",
        "(a = :a) AND (b = :a OR (c = :a AND d = :a))", "(size(a)) = :n", "(a) = (:a)",
        "a = :a\n\tAND\r\nb = :a", "setting = :a", "orders = :a", "inner1 = :a",
        "contains(:list, a)", "remove = :a",
    ])
    func valid(_ text: String) {
        #expect(Self.complaint(text) == nil)
    }

    @Test(arguments: [
        ("", "The expression can not be empty;"),
        ("  ", "The expression can not be empty;"),
        ("a", "Syntax error; token: \"<EOF>\", near: \"a\""),
        ("a =", "Syntax error; token: \"<EOF>\", near: \"=\""),
        ("= :a", "Syntax error; token: \"=\", near: \"= :a\""),
        ("a = = :a", "Syntax error; token: \"=\", near: \"= = :a\""),
        ("a b", "Syntax error; token: \"b\", near: \"a b\""),
        ("things are not ok", "Syntax error; token: \"are\", near: \"things are not\""),
        ("a > 4", "Syntax error; token: \"4\", near: \"> 4\""),
        ("a.0.b = :a", "Syntax error; token: \"0\", near: \".0.\""),
        ("a[:n] = :a", "Syntax error; token: \":n\", near: \"[:n]\""),
        ("a = _x", "Syntax error; token: \"_\", near: \"= _x\""),
        ("a = 'x'", "Syntax error; token: \"'\", near: \"= 'x\""),
        ("a != :a", "Syntax error; token: \"!\", near: \"a !=\""),
        ("a = :a é", "Syntax error; token: \"é\", near: \":a é\""),
        ("a = :a AND", "Syntax error; token: \"<EOF>\", near: \"AND\""),
        ("a = :a AND b", "Syntax error; token: \"<EOF>\", near: \"b\""),
        ("(a = :a", "Syntax error; token: \"<EOF>\", near: \":a\""),
        ("a = :a)", "Syntax error; token: \")\", near: \":a)\""),
        ("a BETWEEN :n", "Syntax error; token: \"<EOF>\", near: \":n\""),
        ("a BETWEEN :n OR :m", "Syntax error; token: \"OR\", near: \":n OR :m\""),
        ("a IN :a", "Syntax error; token: \":a\", near: \"IN :a\""),
        ("a IN ()", "Syntax error; token: \")\", near: \"()\""),
        ("and = :a", "Syntax error; token: \"and\", near: \"and =\""),
        ("size()", "Syntax error; token: \")\", near: \"()\""),
        ("#n(a)", "Syntax error; token: \"(\", near: \"#n(a\""),
        ("(a = :a) = :a", "Syntax error; token: \"=\", near: \") = :a\""),
        ("a = :a = :a", "Syntax error; token: \"=\", near: \":a = :a\""),
        ("# = :a", "Syntax error; token: \"#\", near: \"# =\""),
        ("((a = :a))", "The expression has redundant parentheses;"),
        ("b = :a AND ((a = :a))", "The expression has redundant parentheses;"),
        ("((a)) = :a", "The expression has redundant parentheses;"),
        ("foo(a)", "Invalid function name; function: foo"),
        ("Size(a) = :n", "Invalid function name; function: Size"),
        ("a = foo(b)", "Invalid function name; function: foo"),
        (
            "size(a)",
            "The function is not allowed to be used this way in an expression; function: size"
        ),
        (
            "attribute_exists(a) = :a",
            "The function is not allowed to be used this way in an expression; "
                + "function: attribute_exists"
        ),
        (
            "size(contains(a, :a)) = :n",
            "The function is not allowed to be used this way in an expression; function: contains"
        ),
        ("status = :a", "Attribute name is a reserved keyword; reserved keyword: status"),
        ("a.Status = :a", "Attribute name is a reserved keyword; reserved keyword: Status"),
        (
            "#x = :a",
            "An expression attribute name used in the document path is not defined; "
                + "attribute name: #x"
        ),
        (
            "a = :x",
            "An expression attribute value used in expression is not defined; attribute value: :x"
        ),
        (
            "size(a, b) = :n",
            "Incorrect number of operands for operator or function; "
                + "operator or function: size, number of operands: 2"
        ),
        (
            "begins_with(a)",
            "Incorrect number of operands for operator or function; "
                + "operator or function: begins_with, number of operands: 1"
        ),
        (
            "attribute_exists(:a)",
            "Operator or function requires a document path; operator or function: attribute_exists"
        ),
        (
            "begins_with(a, :n)",
            "Incorrect operand type for operator or function; "
                + "operator or function: begins_with, operand type: N"
        ),
        (
            "begins_with(a, size(b))",
            "Incorrect operand type for operator or function; "
                + "operator or function: begins_with, operand type: N"
        ),
        (
            "size(:bool) = :n",
            "Incorrect operand type for operator or function; "
                + "operator or function: size, operand type: BOOL"
        ),
        (
            "a < :set",
            "Incorrect operand type for operator or function; "
                + "operator or function: <, operand type: SS"
        ),
        (
            "a BETWEEN :list AND :list",
            "Incorrect operand type for operator or function; "
                + "operator or function: BETWEEN, operand type: L"
        ),
        (
            "attribute_type(a, :n)",
            "Incorrect operand type for operator or function; "
                + "operator or function: attribute_type, operand type: N"
        ),
        (
            "attribute_type(a, b)",
            "Incorrect operand type for operator or function; operator or function: "
                + "attribute_type, operand type: {NS,SS,L,BS,N,M,B,BOOL,NULL,S}"
        ),
        (
            "attribute_type(a, :a)",
            "Invalid attribute type name found; type: a, "
                + "valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"
        ),
        (
            "a BETWEEN :m AND :n",
            "The BETWEEN operator requires upper bound to be greater than or equal to "
                + "lower bound; lower bound operand: AttributeValue: {N:2}, "
                + "upper bound operand: AttributeValue: {N:1}"
        ),
        (
            "a BETWEEN :b AND :bb",
            "The BETWEEN operator requires upper bound to be greater than or equal to "
                + "lower bound; lower bound operand: AttributeValue: {B:AQ==}, "
                + "upper bound operand: AttributeValue: {B:AA==}"
        ),
        (
            "a BETWEEN :a AND :n",
            "The BETWEEN operator requires same data type for lower and upper bounds; "
                + "lower bound operand: AttributeValue: {S:a}, "
                + "upper bound operand: AttributeValue: {N:1}"
        ),
        (
            "a.b[0] = a.b[0]",
            "The first operand must be distinct from the remaining operands "
                + "for this operator or function; operator: =, first operand: [a, b, [0]]"
        ),
        (
            "contains(n, #n)",
            "The first operand must be distinct from the remaining operands "
                + "for this operator or function; operator: contains, first operand: [n]"
        ),
    ])
    func invalid(_ text: String, _ reason: String) {
        #expect(Self.complaint(text) == "Invalid ConditionExpression: \(reason)")
        #expect(Self.complaint(text, .filter) == "Invalid FilterExpression: \(reason)")
    }

    @Test("One fault is told before another, whatever their places")
    func order() {
        let ranked = [
            ("a = :a AND", "Syntax error"), ("((a = :a))", "redundant"),
            ("foo(a)", "Invalid function name"), ("size(a)", "used this way"),
            ("name = :a", "reserved"), ("a = :x", "not defined"),
            ("begins_with(a, :n)", "operand type"), ("a = a", "distinct"),
        ]
        for (first, word) in ranked.dropLast() {
            guard let rest = ranked.firstIndex(where: { $0.0 == first }) else { continue }
            for (later, _) in ranked[(rest + 1)...] {
                let text = first.hasSuffix("AND") ? "\(later) AND \(first)" : "\(later) OR \(first)"
                #expect(Self.complaint(text)?.contains(word) == true, "\(text)")
            }
        }
    }
}

@Suite("Names and values of a request are checked as a whole")
struct ExpressionScopeTests {
    private func complaint(
        names: [String: String]? = nil, values: [String: AttributeValue]? = nil,
        expressions: Bool = true,
        valueExpressions: [(parameter: String, isPresent: Bool)] = [("FilterExpression", true)]
    ) -> String? {
        message { () throws(ExpressionError) in
            try scope(names: names, values: values).checkMaps(
                expressionIsPresent: expressions, valueExpressions: valueExpressions)
        }
    }

    @Test func maps() {
        #expect(complaint() == nil)
        #expect(complaint(names: ["#a_1": "x"], values: [":_9": .null]) == nil)
        #expect(complaint(names: [:]) == "ExpressionAttributeNames must not be empty")
        #expect(complaint(values: [:]) == "ExpressionAttributeValues must not be empty")
        #expect(
            complaint(names: ["#a": "x"], expressions: false)
                == "ExpressionAttributeNames can only be specified when using expressions")
        #expect(
            complaint(values: [":a": .null], valueExpressions: [("ConditionExpression", false)])
                == "ExpressionAttributeValues can only be specified when using expressions: "
                + "ConditionExpression is null")
        #expect(
            complaint(
                values: [":a": .null],
                valueExpressions: [("UpdateExpression", false), ("ConditionExpression", false)])
                == "ExpressionAttributeValues can only be specified when using expressions: "
                + "UpdateExpression and ConditionExpression are null")
    }

    @Test(arguments: ["", "a", "#", ":a", "##", "#a-b", "#a b", "#é"])
    func badNames(_ key: String) {
        #expect(
            complaint(names: [key: "x"])
                == "ExpressionAttributeNames contains invalid key: Syntax error; key: \"\(key)\"")
    }

    @Test(arguments: ["", "a", ":", "#a", ":a.b"])
    func badValues(_ key: String) {
        #expect(
            complaint(values: [key: .null])
                == "ExpressionAttributeValues contains invalid key: Syntax error; key: \"\(key)\"")
    }

    @Test func placeholderLength() {
        let longest = "#" + String(repeating: "a", count: 254)
        #expect(complaint(names: [longest: "x"]) == nil)
        #expect(complaint(names: [longest + "a": "x"])?.contains("too long") == true)
    }

    @Test func unused() throws {
        var scope = scope(
            names: ["#a": "x", "#b": "y", "#c": "z"], values: [":a": .null, ":b": .null])
        _ = try Condition.parse("#c = :b", as: .filter, scope: &scope)
        let unused = scope
        #expect(
            message { () throws(ExpressionError) in try unused.checkAllUsed() }
                == "Value provided in ExpressionAttributeNames unused in expressions: "
                + "keys: {#a, #b}")
        _ = try ProjectionPaths.parse("#a, #b", scope: &scope)
        let valuesUnused = scope
        #expect(
            message { () throws(ExpressionError) in try valuesUnused.checkAllUsed() }
                == "Value provided in ExpressionAttributeValues unused in expressions: keys: {:a}")
        _ = try Update.parse("SET q = :a", scope: &scope)
        try scope.checkAllUsed()
    }
}

@Suite("Every bound of expressions holds at the bound and not past it")
struct ExpressionBoundsTests {
    private func complaint(_ text: String) -> String? { ConditionGrammarTests.complaint(text) }

    @Test func byteCount() {
        let text = "a = :a"
        let padding = String(repeating: " ", count: 4_096 - text.utf8.count)
        #expect(complaint(text + padding) == nil)
        #expect(
            complaint(text + padding + " ")
                == "Invalid ConditionExpression: Expression size has exceeded the maximum "
                + "allowed size; expression size: 4097")
    }

    @Test func operators() {
        func text(_ count: Int) -> String {
            Array(repeating: "NOT ", count: count - 1).joined() + "a=:a"
        }
        #expect(complaint(text(300)) == nil)
        #expect(
            complaint(text(301))
                == "Invalid ConditionExpression: Expression contains too many operators; "
                + "operator count: 301")
        let chain = Array(repeating: "a=:a", count: 151).joined(separator: " OR ")
        #expect(complaint(chain)?.hasSuffix("operator count: 301") == true)
        #expect(complaint(String(chain.dropLast(8))) == nil)
    }

    @Test func membership() {
        func text(_ count: Int) -> String {
            "a IN (" + Array(repeating: ":a", count: count).joined(separator: ",") + ")"
        }
        #expect(complaint(text(100)) == nil)
        #expect(
            complaint(text(101))
                == "Invalid ConditionExpression: The IN operator is provided with too many "
                + "operands; number of operands: 101")
    }

    @Test func paths() {
        let deepest = Array(repeating: "a", count: 32).joined(separator: ".")
        #expect(complaint(deepest + " = :a") == nil)
        #expect(
            complaint(deepest + "[0] = :a")
                == "Invalid ConditionExpression: The document path has too many nesting "
                + "elements; nesting levels: 33")
        #expect(complaint("a[2147483647] = :a") == nil)
        for index in ["2147483648", "99999999999999999999999"] {
            #expect(
                complaint("a[\(index)] = :a")
                    == "Invalid ConditionExpression: List index is not within the allowable "
                    + "range; index: [\(index)]")
        }
    }

    @Test("Nesting without end is refused without exhausting the stack")
    func nesting() {
        for text in [
            String(repeating: "(", count: 4_096), String(repeating: "NOT ", count: 1_024),
            String(repeating: "size(", count: 800),
            String(repeating: "(", count: 2_000) + "a=:a" + String(repeating: ")", count: 2_000),
        ] {
            #expect(complaint(text) != nil)
        }
        let sums = String(repeating: "(", count: 2_000)
        #expect(
            message { () throws(ExpressionError) in _ = try updated([:], "SET a=" + sums) } != nil)
    }
}

@Suite("Reserved words")
struct ReservedWordsTests {
    @Test func count() {
        #expect(ReservedWords.all.count == 573)
        #expect(ReservedWords.all.allSatisfy { $0 == $0.uppercased() })
    }

    @Test("Each is refused in any case, and allowed as a #name")
    func refused() {
        let keywords: Set = ["AND", "OR", "NOT", "BETWEEN", "IN"]
        for word in ReservedWords.all.subtracting(keywords) {
            for form in [word, word.lowercased(), word.capitalized()] {
                #expect(
                    ConditionGrammarTests.complaint("\(form) = :a")
                        == "Invalid ConditionExpression: Attribute name is a reserved keyword; "
                        + "reserved keyword: \(form)")
            }
            var scope = scope(names: ["#w": word])
            #expect(throws: Never.self) { try ProjectionPaths.parse("#w", scope: &scope) }
        }
        for word in ["id", "pk", "sk", "remove", "names1", "user_name", "email"] {
            #expect(!ReservedWords.contains(word))
        }
    }
}

extension String {
    fileprivate func capitalized() -> String { prefix(1) + dropFirst().lowercased() }
}
