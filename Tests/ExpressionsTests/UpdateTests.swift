import Expressions
import Items
import Testing

@Suite("An update's text is parsed or refused in the service's words")
struct UpdateGrammarTests {
    static let values: [String: AttributeValue] = [
        ":a": .string("a"), ":n": number(1), ":l": .list([]), ":ss": .stringSet(["a"]),
        ":m": .map([:]),
    ]

    static func complaint(_ text: String) -> String? {
        var scope = scope(names: ["#n": "n", "#set": "set"], values: values)
        return message { () throws(ExpressionError) in
            _ = try Update.parse(text, scope: &scope)
        }
    }

    @Test(arguments: [
        "SET a = :a", "set a=:a,b.c[0]=:n", "SET a = b + :n", "SET a = b - c", "SET a = (b + :n)",
        "SET a = (b) + (:n)", "SET a = if_not_exists(a, :n) + :n",
        "SET a = list_append(if_not_exists(a, :l), :l)", "SET a = if_not_exists(b, c)",
        "REMOVE a, b[1], c.#n", "ADD a :n, b :ss", "DELETE a :ss",
        "REMOVE x SET a = :a DELETE b :ss ADD c :n", "SET #set = :a", "SET a[0] = :a, a[1] = :a",
        "SET a = a", "SET a.x = :a REMOVE a.y",
    ])
    func valid(_ text: String) {
        #expect(Self.complaint(text) == nil)
    }

    @Test(arguments: [
        ("", "The expression can not be empty;"),
        ("SET", "Syntax error; token: \"<EOF>\", near: \"SET\""),
        ("a = :a", "Syntax error; token: \"a\", near: \"a =\""),
        ("SET a", "Syntax error; token: \"<EOF>\", near: \"a\""),
        ("SET a = ", "Syntax error; token: \"<EOF>\", near: \"= \""),
        ("SET a = :a,", "Syntax error; token: \"<EOF>\", near: \",\""),
        ("SET a = :a b = :a", "Syntax error; token: \"b\", near: \":a b =\""),
        ("SET a = 5", "Syntax error; token: \"5\", near: \"= 5\""),
        ("SET a = b + c + d", "Syntax error; token: \"+\", near: \"c + d\""),
        ("SET a|", "Syntax error; token: \"|\", near: \"a|\""),
        ("SET attr=_idid", "Syntax error; token: \"_\", near: \"=_idid\""),
        ("SET my-attr = :a", "Syntax error; token: \"-\", near: \"my-attr\""),
        ("SET a = :a AND b = :a", "Syntax error; token: \"AND\", near: \":a AND b\""),
        ("ADD a b", "Syntax error; token: \"b\", near: \"a b\""),
        ("DELETE a", "Syntax error; token: \"<EOF>\", near: \"a\""),
        ("REMOVE if_not_exists(a,b)", "Syntax error; token: \"(\", near: \"if_not_exists(a\""),
        ("SET remove = :a", "Syntax error; token: \"remove\", near: \"SET remove =\""),
        ("SET a = ((:a))", "The expression has redundant parentheses;"),
        ("SET a = foo(:a)", "Invalid function name; function: foo"),
        (
            "SET a = size(b)",
            "The function is not allowed in an update expression; function: size"
        ),
        (
            "SET a = :a SET b = :a",
            "The \"SET\" section can only be used once in an update expression;"
        ),
        (
            "REMOVE a remove b",
            "The \"REMOVE\" section can only be used once in an update expression;"
        ),
        ("SET name = :a", "Attribute name is a reserved keyword; reserved keyword: name"),
        ("SET a = b.Name", "Attribute name is a reserved keyword; reserved keyword: Name"),
        (
            "SET #x = :a",
            "An expression attribute name used in the document path is not defined; "
                + "attribute name: #x"
        ),
        (
            "ADD a :x",
            "An expression attribute value used in expression is not defined; attribute value: :x"
        ),
        (
            "SET a = :a, a = :n",
            "Two document paths overlap with each other; must remove or rewrite one of these "
                + "paths; path one: [a], path two: [a]"
        ),
        (
            "SET a.b = :a REMOVE a",
            "Two document paths overlap with each other; must remove or rewrite one of these "
                + "paths; path one: [a, b], path two: [a]"
        ),
        (
            "SET a = :a REMOVE a.b[1]",
            "Two document paths overlap with each other; must remove or rewrite one of these "
                + "paths; path one: [a], path two: [a, b, [1]]"
        ),
        (
            "SET n.b = :a, #n[0] = :a",
            "Two document paths conflict with each other; must remove or rewrite one of these "
                + "paths; path one: [n, b], path two: [n, [0]]"
        ),
        (
            "SET a = if_not_exists(b)",
            "Incorrect number of operands for operator or function; "
                + "operator or function: if_not_exists, number of operands: 1"
        ),
        (
            "SET a = if_not_exists(:a, :n)",
            "Operator or function requires a document path; operator or function: if_not_exists"
        ),
        (
            "SET a = list_append(b, :a)",
            "Incorrect operand type for operator or function; "
                + "operator or function: list_append, operand type: S"
        ),
        (
            "SET a = b + :a",
            "Incorrect operand type for operator or function; "
                + "operator or function: +, operand type: S"
        ),
        (
            "SET a = :l - b",
            "Incorrect operand type for operator or function; "
                + "operator or function: -, operand type: L"
        ),
        (
            "ADD a :a",
            "Incorrect operand type for operator or function; operator: ADD, "
                + "operand type: STRING, typeSet: ALLOWED_FOR_ADD_OPERAND"
        ),
        (
            "DELETE a :n",
            "Incorrect operand type for operator or function; operator: DELETE, "
                + "operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND"
        ),
    ])
    func invalid(_ text: String, _ reason: String) {
        #expect(Self.complaint(text) == "Invalid UpdateExpression: \(reason)")
    }

    @Test func counts() throws {
        var scope = scope(values: Self.values)
        let update = try Update.parse(
            "SET a.x = :a, b = :n, a.y = :n REMOVE c ADD d :n DELETE e :ss", scope: &scope)
        #expect(update.writingActionCount == 4)
        #expect(update.clearingActionCount == 2)
        #expect(update.topLevelAttributes == ["a", "b", "c", "d", "e"])
    }
}

@Suite("An update changes an item as the service does")
struct UpdateSemanticsTests {
    static let item: ItemBytes = [
        "pk": .string("k"), "n": number(5), "s": .string("text"),
        "l": .list([number(0), number(1), number(2), number(3)]),
        "m": .map(["x": number(1), "y": .map(["z": number(2)])]),
        "ss": .stringSet(["a", "b", "c"]), "ns": .numberSet([DecimalNumber(1)]),
    ]
    static let values: [String: AttributeValue] = [
        ":a": .string("a"), ":one": number(1), ":two": number(2), ":ab": .stringSet(["a", "b"]),
        ":cd": .stringSet(["c", "d"]), ":abc": .stringSet(["c", "b", "a"]),
        ":l": .list([.string("new")]), ":nine": .numberSet([DecimalNumber(9)]),
        ":max": .number(largest), ":empty": .list([]), ":tiny": .number(smallest),
    ]
    static let largest =
        (try? DecimalNumber("9.9999999999999999999999999999999999999E125")) ?? .zero
    static let smallest = (try? DecimalNumber("1E-130")) ?? .zero

    static func value(_ text: String, _ attribute: String) throws -> AttributeValue? {
        try updated(item, text, names: ["#d": "d.e"], values: values)
            .item.value(named: attribute)?.attributeValue
    }

    @Test(arguments: [
        ("SET q = :a", "q", AttributeValue.string("a")),
        ("SET s = n, n = s", "s", number(5)),
        ("SET s = n, n = s", "n", .string("text")),
        ("SET n = n + :one", "n", number(6)),
        ("SET n = n - :two", "n", number(3)),
        ("SET n = :one - n", "n", number(-4)),
        ("SET q = if_not_exists(q, :one)", "q", number(1)),
        ("SET q = if_not_exists(n, :one)", "q", number(5)),
        ("SET q = if_not_exists(q, :one) + :two", "q", number(3)),
        ("SET q = if_not_exists(q, if_not_exists(r, n))", "q", number(5)),
        ("SET q = if_not_exists(q, (n + :one))", "q", number(6)),
        ("SET q = list_append(:l, :l)", "q", .list([.string("new"), .string("new")])),
        ("SET q = list_append(:empty, :l)", "q", .list([.string("new")])),
        (
            "SET l = list_append(l, :l)", "l",
            .list([number(0), number(1), number(2), number(3), .string("new")])
        ),
        ("SET l[1] = :a", "l", .list([number(0), .string("a"), number(2), number(3)])),
        ("SET l[0] = l[3]", "l", .list([number(3), number(1), number(2), number(3)])),
        (
            "SET l[9] = :a, l[7] = :two", "l",
            .list([number(0), number(1), number(2), number(3), number(2), .string("a")])
        ),
        ("REMOVE l[0], l[2]", "l", .list([number(1), number(3)])),
        ("REMOVE l[2], l[0] SET l[1] = :a", "l", .list([.string("a"), number(3)])),
        ("REMOVE l[7]", "l", .list([number(0), number(1), number(2), number(3)])),
        ("REMOVE l[0], l[1], l[2], l[3]", "l", .list([])),
        ("SET m.x = :a", "m", .map(["x": .string("a"), "y": .map(["z": number(2)])])),
        (
            "SET m.y.w = :a REMOVE m.x", "m",
            .map(["y": .map(["z": number(2), "w": .string("a")])])
        ),
        ("SET m.#d = :a REMOVE m.y", "m", .map(["x": number(1), "d.e": .string("a")])),
        ("REMOVE m.q", "m", .map(["x": number(1), "y": .map(["z": number(2)])])),
        ("ADD n :two", "n", number(7)),
        ("ADD q :two", "q", number(2)),
        ("ADD m.x :two", "m", .map(["x": number(3), "y": .map(["z": number(2)])])),
        ("ADD l[1] :two", "l", .list([number(0), number(3), number(2), number(3)])),
        ("ADD ss :cd", "ss", .stringSet(["a", "b", "c", "d"])),
        ("ADD q :cd", "q", .stringSet(["c", "d"])),
        ("ADD ns :nine", "ns", .numberSet([DecimalNumber(1), DecimalNumber(9)])),
        ("DELETE ss :ab", "ss", .stringSet(["c"])),
        ("DELETE ss :cd", "ss", .stringSet(["a", "b"])),
    ])
    func table(_ text: String, _ attribute: String, _ expected: AttributeValue) throws {
        #expect(try Self.value(text, attribute) == expected)
        // The item's own size must follow.
        let result = try updated(Self.item, text, names: ["#d": "d.e"], values: Self.values).item
        #expect(ItemBytes(untrusted: result.bytes) != nil)
        let rest = result.names.filter { !text.contains($0) }
        for name in rest { #expect(result.value(named: name) != nil) }
    }

    @Test(arguments: ["REMOVE s", "DELETE ss :abc", "DELETE q :ab", "REMOVE q"])
    func removed(_ text: String) throws {
        let attribute = String(text.split(separator: " ")[1])
        #expect(try Self.value(text, attribute) == nil)
        let result = try updated(Self.item, text, values: Self.values).item
        #expect(ItemBytes(untrusted: result.bytes) != nil)
    }

    @Test(arguments: [
        (
            "SET q = r",
            "The provided expression refers to an attribute that does not exist in the item"
        ),
        (
            "SET q = r + :one",
            "The provided expression refers to an attribute that does not exist in the item"
        ),
        (
            "SET q = if_not_exists(q, r)",
            "The provided expression refers to an attribute that does not exist in the item"
        ),
        (
            "SET q = list_append(r, :l)",
            "The provided expression refers to an attribute that does not exist in the item"
        ),
        (
            "SET q.x = :a",
            "The document path provided in the update expression is invalid for update"
        ),
        (
            "SET q[0] = :a",
            "The document path provided in the update expression is invalid for update"
        ),
        (
            "SET s.x = :a",
            "The document path provided in the update expression is invalid for update"
        ),
        (
            "SET m[0] = :a",
            "The document path provided in the update expression is invalid for update"
        ),
        (
            "SET l.x = :a",
            "The document path provided in the update expression is invalid for update"
        ),
        (
            "SET l[9].x = :a",
            "The document path provided in the update expression is invalid for update"
        ),
        (
            "SET m.q.x = :a",
            "The document path provided in the update expression is invalid for update"
        ),
        ("REMOVE q.x", "The document path provided in the update expression is invalid for update"),
        (
            "REMOVE s[0]",
            "The document path provided in the update expression is invalid for update"
        ),
        (
            "ADD q.x :one",
            "The document path provided in the update expression is invalid for update"
        ),
        (
            "DELETE q.x :ab",
            "The document path provided in the update expression is invalid for update"
        ),
        ("SET q = s + :one", "An operand in the update expression has an incorrect data type"),
        ("SET q = :one - l", "An operand in the update expression has an incorrect data type"),
        (
            "SET q = list_append(s, :l)",
            "An operand in the update expression has an incorrect data type"
        ),
        ("ADD s :one", "An operand in the update expression has an incorrect data type"),
        ("ADD ss :nine", "An operand in the update expression has an incorrect data type"),
        ("ADD l :one", "An operand in the update expression has an incorrect data type"),
        ("DELETE ns :ab", "An operand in the update expression has an incorrect data type"),
        ("DELETE s :ab", "An operand in the update expression has an incorrect data type"),
        ("SET q = :max + :max", NumberFault.overflow.message),
        ("SET q = :max - :tiny", NumberFault.tooManyDigits.message),
    ])
    func refused(_ text: String, _ expected: String) {
        let complaint = message { () throws(ExpressionError) in
            _ = try updated(Self.item, text, values: Self.values)
        }
        #expect(complaint == expected)
    }

    @Test("Nesting of 32 levels is the most that a result may have")
    func nesting() {
        func nested(_ levels: Int) -> AttributeValue {
            (0..<levels).reduce(number(1)) { value, _ in .list([value]) }
        }
        func complaint(_ text: String, _ levels: Int) -> String? {
            message { () throws(ExpressionError) in
                _ = try updated(Self.item, text, values: [":v": nested(levels)])
            }
        }
        #expect(complaint("SET q = :v", 32) == nil)
        #expect(complaint("SET q = :v", 33) == "Nesting Levels have exceeded supported limits")
        #expect(complaint("SET l[0] = :v", 31) == nil)
        #expect(complaint("SET l[0] = :v", 32) == "Nesting Levels have exceeded supported limits")
    }

    @Test("UPDATED_OLD and UPDATED_NEW show just the touched paths")
    func returned() throws {
        let outcome = try updated(
            Self.item,
            "SET m.y.z = :one, l[2] = :a, q = :two, l[9] = :one REMOVE s, l[0] ADD n :two",
            values: Self.values)
        #expect(
            outcome.updatedOld == [
                "n": number(5), "s": .string("text"), "l": .list([number(0), number(2)]),
                "m": .map(["y": .map(["z": number(2)])]),
            ])
        #expect(
            outcome.updatedNew == [
                "n": number(7), "q": number(2), "l": .list([.string("a"), number(1)]),
                "m": .map(["y": .map(["z": number(1)])]),
            ])
        let noOp = try updated(
            Self.item, "REMOVE q DELETE ss :nineS", values: [":nineS": .stringSet(["z"])])
        #expect(noOp.item == Self.item)
        #expect(noOp.updatedNew == ["ss": .stringSet(["a", "b", "c"])])
    }

    @Test("Legacy updates put, add and delete")
    func legacy() throws {
        func apply(_ action: String?, _ value: AttributeValue?, to attribute: String) throws
            -> AttributeValue?
        {
            try Update.legacy([
                LegacyUpdate(
                    attribute: attribute, action: action, value: value.map { ItemValue($0) })
            ]).apply(to: Self.item).item.value(named: attribute)?.attributeValue
        }
        #expect(try apply(nil, .string("v"), to: "m.x") == .string("v"))
        #expect(try apply("PUT", .null, to: "s") == .null)
        #expect(try apply("ADD", number(3), to: "n") == number(8))
        #expect(try apply("ADD", number(3), to: "q") == number(3))
        #expect(try apply("ADD", .list([.null]), to: "q") == .list([.null]))
        #expect(try apply("ADD", .stringSet(["z"]), to: "ss") == .stringSet(["a", "b", "c", "z"]))
        #expect(try apply("DELETE", nil, to: "s") == nil)
        #expect(try apply("DELETE", .stringSet(["a", "c"]), to: "ss") == .stringSet(["b"]))
        func complaint(_ action: String?, _ value: AttributeValue?, _ attribute: String) -> String?
        {
            message { () throws(ExpressionError) in
                _ = try Update.legacy([
                    LegacyUpdate(
                        attribute: attribute, action: action, value: value.map { ItemValue($0) })
                ]).apply(to: Self.item)
            }
        }
        let prefix = "One or more parameter values were invalid: "
        #expect(
            complaint(nil, nil, "s")
                == prefix + "Only DELETE action is allowed when no attribute value is specified")
        #expect(
            complaint("DELETE", number(1), "s")
                == prefix + "DELETE action with value is not supported for the type N")
        #expect(
            complaint("ADD", .string("a"), "s")
                == prefix + "ADD action is not supported for the type S")
        #expect(complaint("ADD", number(1), "s") == "Type mismatch for attribute to update")
        #expect(
            complaint("DELETE", .stringSet(["a"]), "s") == "Type mismatch for attribute to update")
    }
}
