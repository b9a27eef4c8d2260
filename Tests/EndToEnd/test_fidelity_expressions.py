"""Expressions that are refused before a table is looked for, in the service's words."""

from fidelity import check_refusal, refused

VALUES = {
    ":s": {"S": "a"}, ":t": {"S": "b"}, ":n": {"N": "1"}, ":m": {"N": "2"}, ":b": {"B": "YQ=="},
    ":bool": {"BOOL": True}, ":null": {"NULL": True}, ":l": {"L": []}, ":map": {"M": {}},
    ":ss": {"SS": ["a"]}, ":ns": {"NS": ["1"]}, ":bs": {"BS": ["YQ=="]},
}
NO_TABLE = "ResourceNotFoundException: Requested resource not found"
REDUNDANT = "The expression has redundant parentheses;"
DISTINCT = ("The first operand must be distinct from the remaining operands for this operator or "
            "function; operator: {}, first operand: {}")
WRONG_TYPE = ("Incorrect operand type for operator or function; operator or function: {}, operand "
              "type: {}")
WRONG_COUNT = ("Incorrect number of operands for operator or function; operator or function: {}, "
               "number of operands: {}")
RESERVED = "Attribute name is a reserved keyword; reserved keyword: {}"
UNKNOWN_FUNCTION = "Invalid function name; function: {}"
MISUSED = "The function is not allowed to be used this way in an expression; function: {}"
NO_NAME = ("An expression attribute name used in the document path is not defined; attribute "
           "name: {}")
NO_VALUE = ("An expression attribute value used in expression is not defined; attribute value: "
            "{}")
NEEDS_PATH = "Operator or function requires a document path; operator or function: {}"
BETWEEN_ORDER = ("The BETWEEN operator requires upper bound to be greater than or equal to lower "
                 "bound; lower bound operand: AttributeValue: {{{}}}, upper bound operand: "
                 "AttributeValue: {{{}}}")
BETWEEN_TYPES = ("The BETWEEN operator requires same data type for lower and upper bounds; lower "
                 "bound operand: AttributeValue: {{{}}}, upper bound operand: AttributeValue: "
                 "{{{}}}")
PATHS = ("Two document paths {} with each other; must remove or rewrite one of these paths; "
         "path one: {}, path two: {}")
ONCE = 'The "{}" section can only be used once in an update expression;'
WRONG_ACTION = ("Incorrect operand type for operator or function; operator: {}, operand type: {}, "
                "typeSet: ALLOWED_FOR_{}_OPERAND")
NOT_IN_UPDATES = "The function is not allowed in an update expression; function: {}"


def syntax(token, near):
    return f'Syntax error; token: "{token}", near: "{near}"'


def values_of(expression):
    """The values that an expression mentions."""
    words = "".join(c if c.isalnum() or c in "_:" else " " for c in expression).split()
    return {word: VALUES[word] for word in words if word in VALUES}


def case(parameter, expression, reason):
    request = {"TableName": "abc", "Key": {"a": {"S": "a"}}, parameter: expression}
    values = values_of(expression)
    if values:
        request["ExpressionAttributeValues"] = values
    if reason == NO_TABLE:
        return request, reason
    return request, f"Invalid {parameter}: {reason}"


def condition(expression, reason):
    return case("ConditionExpression", expression, reason)


def update(expression, reason):
    return case("UpdateExpression", expression, reason)


def projection(expression, reason):
    return case("ProjectionExpression", expression, reason)


class TestConditions:
    @refused(
        condition(" ", "The expression can not be empty;"),
        condition("a", syntax("<EOF>", "a")),
        condition("a b", syntax("b", "a b")),
        condition("a =", syntax("<EOF>", "=")),
        condition("a = = :s", syntax("=", "= = :s")),
        condition("a == :s", syntax("=", "== :s")),
        condition("a != :s", syntax("!", "a !=")),
        condition("a = :s and", syntax("<EOF>", "and")),
        condition("a = :s)", syntax(")", ":s)")),
        condition("(a = :s", syntax("<EOF>", ":s")),
        condition("not", syntax("<EOF>", "not")),
        condition("and = :s", syntax("and", "and =")),
        condition("a in :s", syntax(":s", "in :s")),
        condition("a in ()", syntax(")", "()")),
        condition("a between :s", syntax("<EOF>", ":s")),
        condition("a between :s or :t", syntax("or", ":s or :t")),
        condition("attribute_exists()", syntax(")", "()")),
        condition("attribute_exists(a", syntax("<EOF>", "a")),
        condition("attribute_exists(a.b.c[abc.def])", syntax("abc", "[abc.")),
        condition("attribute_exists(a..b)", syntax(".", "..b")),
        condition("a[-1] = :s", syntax("-", "[-1")),
        condition("a = 1", syntax("1", "= 1")),
        condition("1a = :s", syntax("1", "1a")),
        condition("a-b = :s", syntax("-", "a-b")),
        condition("a = 'x'", syntax("'", "= 'x")),
        condition("_a = :s", syntax("_", "_a")),
        condition("((a = :s))", REDUNDANT),
        condition("((a)) = :s", REDUNDANT),
        condition("a = ((:s))", REDUNDANT),
        condition("(a = :s) and ((b = :t))", REDUNDANT),
        condition("(a = :s)", NO_TABLE),
        condition("(a) = (:s)", NO_TABLE),
        condition("((a = :s) and (b = :t))", NO_TABLE),
        condition("NOT (a = :s) AND not b = :t Or a <> :s", NO_TABLE),
        condition("whatever(a)", UNKNOWN_FUNCTION.format("whatever")),
        condition("Attribute_Exists(a)", UNKNOWN_FUNCTION.format("Attribute_Exists")),
        condition("list_append(a, :l) = :l", UNKNOWN_FUNCTION.format("list_append")),
        condition("size(a)", MISUSED.format("size")),
        condition("a = attribute_exists(b)", MISUSED.format("attribute_exists")),
        condition("attribute_type(size(a), :s)", "Invalid attribute type name found; type: a, "
                  "valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"),
        condition("size(size(a)) > :n", WRONG_TYPE.format("size", "N")),
        condition("contains(attribute_exists(a), :s)", MISUSED.format("attribute_exists")),
        condition("begins_with(a, begins_with(b, :s))", MISUSED.format("begins_with")),
        condition("abort = :s", RESERVED.format("abort")),
        condition("a.aBsolute = :s", RESERVED.format("aBsolute")),
        condition("attribute_exists(Size)", RESERVED.format("Size")),
        condition("#a = :s", NO_NAME.format("#a")),
        condition("a.#b = :s", NO_NAME.format("#b")),
        condition("a = :x", NO_VALUE.format(":x")),
        condition("#a = :x", NO_NAME.format("#a")),
        condition("a = :x and #b = :s", NO_VALUE.format(":x")),
        condition("attribute_exists(a, b)", WRONG_COUNT.format("attribute_exists", 2)),
        condition("begins_with(a)", WRONG_COUNT.format("begins_with", 1)),
        condition("contains(a, :s, :t)", WRONG_COUNT.format("contains", 3)),
        condition("size(a, b) > :n", WRONG_COUNT.format("size", 2)),
        condition("attribute_exists(:s)", NEEDS_PATH.format("attribute_exists")),
        condition("attribute_not_exists(:s)", NEEDS_PATH.format("attribute_not_exists")),
        condition("attribute_exists(size(a))", NEEDS_PATH.format("attribute_exists")),
        condition("a < :bool", WRONG_TYPE.format("<", "BOOL")),
        condition("a <= :null", WRONG_TYPE.format("<=", "NULL")),
        condition("a > :ss", WRONG_TYPE.format(">", "SS")),
        condition("a >= :l", WRONG_TYPE.format(">=", "L")),
        condition(":map < a", WRONG_TYPE.format("<", "M")),
        condition("a between :bool and :s", WRONG_TYPE.format("BETWEEN", "BOOL")),
        condition(":ns between a and b", WRONG_TYPE.format("BETWEEN", "NS")),
        condition("begins_with(a, :n)", WRONG_TYPE.format("begins_with", "N")),
        condition("begins_with(:ss, :s)", WRONG_TYPE.format("begins_with", "SS")),
        condition("begins_with(a, size(b))", WRONG_TYPE.format("begins_with", "N")),
        condition("size(:n) > :n", WRONG_TYPE.format("size", "N")),
        condition("size(:bool) > :n", WRONG_TYPE.format("size", "BOOL")),
        condition("size(:null) > :n", WRONG_TYPE.format("size", "NULL")),
        condition("attribute_type(a, :s)", "Invalid attribute type name found; type: a, valid "
                  "types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"),
        condition("attribute_type(a, :n)", WRONG_TYPE.format("attribute_type", "N")),
        condition("attribute_type(a, b)",
                  WRONG_TYPE.format("attribute_type", "{NS,SS,L,BS,N,M,B,BOOL,NULL,S}")),
        condition("a between :t and :s", BETWEEN_ORDER.format("S:b", "S:a")),
        condition("a between :m and :n", BETWEEN_ORDER.format("N:2", "N:1")),
        condition("a between :s and :n", BETWEEN_TYPES.format("S:a", "N:1")),
        condition("a = a", DISTINCT.format("=", "[a]")),
        condition("a.b[0] <> a.b[0]", DISTINCT.format("<>", "[a, b, [0]]")),
        condition("a in (b, a)", DISTINCT.format("IN", "[a]")),
        condition("a between a and b", DISTINCT.format("BETWEEN", "[a]")),
        condition("begins_with(a, a)", DISTINCT.format("begins_with", "[a]")),
        condition("contains(a.b, a.b)", DISTINCT.format("contains", "[a, b]")),
        # One kind of fault after another, each over the whole expression.
        condition("abort = :x and whatever(a) and ((b = :s))", REDUNDANT),
        condition("abort = :x and size(a) and whatever(a)", UNKNOWN_FUNCTION.format("whatever")),
        condition("abort = :x and size(a)", MISUSED.format("size")),
        condition("a = a and b < :bool and c = :x and abort = :s", RESERVED.format("abort")),
        condition("a = a and b < :bool and c = :x", NO_VALUE.format(":x")),
        condition("a = a and b < :bool", WRONG_TYPE.format("<", "BOOL")),
        condition(f"a[{2**31}] = :s", f"List index is not within the allowable range; index: "
                                      f"[{2**31}]"),
    )
    def test_refused(self, raw, request_body, message):
        check_refusal(raw, "DeleteItem", request_body, message)


class TestUpdates:
    @refused(
        update(" ", "The expression can not be empty;"),
        update("a", syntax("a", "a")),
        update("whatever(stuff)", syntax("whatever", "whatever(")),
        update("set", syntax("<EOF>", "set")),
        update("set a", syntax("<EOF>", "a")),
        update("set a =", syntax("<EOF>", "=")),
        update("set a = :s,", syntax("<EOF>", ",")),
        update("set a = :s b = :t", syntax("b", ":s b =")),
        update("set a = :n * :m", syntax("*", ":n * :m")),
        update("set a = :n + :m + :n", syntax("+", ":m + :n")),
        update("set a = 1", syntax("1", "= 1")),
        update("set a + :n", syntax("+", "a + :n")),
        update("set :s = a", syntax(":s", "set :s =")),
        update("remove a b", syntax("b", "a b")),
        update("remove :s", syntax(":s", "remove :s")),
        update("add a b", syntax("b", "a b")),
        update("add a = :n", syntax("=", "a = :n")),
        update("delete a", syntax("<EOF>", "a")),
        update("delete a ss", syntax("ss", "a ss")),
        update("put a = :s", syntax("put", "put a")),
        update("set a = :s; remove b", syntax(";", ":s; remove")),
        update("set a = ((:s))", REDUNDANT),
        update("remove a add b :n remove c", ONCE.format("REMOVE")),
        update("set a = :s Set b = :s", ONCE.format("SET")),
        update("set abORt = :s", RESERVED.format("abORt")),
        update("remove a, Abort", RESERVED.format("Abort")),
        update("set a = whatever(b)", UNKNOWN_FUNCTION.format("whatever")),
        update("set a = attribute_exists(b)", NOT_IN_UPDATES.format("attribute_exists")),
        update("set a = size(b)", NOT_IN_UPDATES.format("size")),
        update("set a = if_not_exists(b)", WRONG_COUNT.format("if_not_exists", 1)),
        update("set a = list_append(b, :l, :l)", WRONG_COUNT.format("list_append", 3)),
        update("set a = if_not_exists(:s, b)", NEEDS_PATH.format("if_not_exists")),
        update("set a = if_not_exists(if_not_exists(b, :s), b)",
               NEEDS_PATH.format("if_not_exists")),
        update("set #a = :s", NO_NAME.format("#a")),
        update("set a = #b", NO_NAME.format("#b")),
        update("set a = :x", NO_VALUE.format(":x")),
        update("add a :x", NO_VALUE.format(":x")),
        update("set a = :s, a = :t", PATHS.format("overlap", "[a]", "[a]")),
        update("set a.b = :s remove a", PATHS.format("overlap", "[a, b]", "[a]")),
        update("remove a[1], a[1].b", PATHS.format("overlap", "[a, [1]]", "[a, [1], b]")),
        update("remove a[1], a.b", PATHS.format("conflict", "[a, [1]]", "[a, b]")),
        update("set a = :s + :n", WRONG_TYPE.format("+", "S")),
        update("set a = b - :bool", WRONG_TYPE.format("-", "BOOL")),
        update("set a = :l + b", WRONG_TYPE.format("+", "L")),
        update("set a = list_append(b, :s)", WRONG_TYPE.format("list_append", "S")),
        update("set a = list_append(:ss, b)", WRONG_TYPE.format("list_append", "SS")),
        update("set a = b + list_append(b, :l)", WRONG_TYPE.format("+", "L")),
        *[update(f"add a {name}", WRONG_ACTION.format("ADD", told, "ADD"))
          for name, told in ((":s", "STRING"), (":b", "BINARY"), (":bool", "BOOLEAN"),
                             (":null", "NULL"), (":l", "LIST"), (":map", "MAP"))],
        *[update(f"delete a {name}", WRONG_ACTION.format("DELETE", told, "DELETE"))
          for name, told in ((":s", "STRING"), (":n", "NUMBER"), (":b", "BINARY"),
                             (":bool", "BOOLEAN"), (":null", "NULL"), (":l", "LIST"),
                             (":map", "MAP"))],
        *[update(f"add a {name}", NO_TABLE) for name in (":n", ":ss", ":ns", ":bs")],
        *[update(f"delete a {name}", NO_TABLE) for name in (":ss", ":ns", ":bs")],
        update("SET a = (b + :n), c[0].d = if_not_exists(e.f, list_append(:l, g)) ReMove h, i[2] "
               "add j :n DELETE k :ss", NO_TABLE),
        # One kind of fault after another.
        update("set abort = whatever(b), a = :x + :s, a = :s set d = ((:s))", REDUNDANT),
        update("set abort = whatever(b), a = :x + :s, a = :s set d = :s",
               RESERVED.format("abort")),
        update("set a = whatever(b), a = :x + :s set d = :s", UNKNOWN_FUNCTION.format("whatever")),
        update("set a = :x + :s, a = :s set d = :s", ONCE.format("SET")),
        update("set a = :x + :s, a = :s", NO_VALUE.format(":x")),
        update("set a = b + :s, a = :s", PATHS.format("overlap", "[a]", "[a]")),
    )
    def test_refused(self, raw, request_body, message):
        check_refusal(raw, "UpdateItem", request_body, message)


class TestProjections:
    @refused(
        projection(" ", "The expression can not be empty;"),
        projection(",", syntax(",", ",")),
        projection("a,", syntax("<EOF>", ",")),
        projection("a b", syntax("b", "a b")),
        projection("a.", syntax("<EOF>", ".")),
        projection("a[b]", syntax("b", "[b]")),
        projection("a[]", syntax("]", "[]")),
        projection(":a", syntax(":a", ":a")),
        projection("(a)", syntax("(", "(a")),
        projection("size(a)", syntax("(", "size(a")),
        projection("abort, #b", RESERVED.format("abort")),
        projection("#b, abort", RESERVED.format("abort")),
        projection("a, #b, #c", NO_NAME.format("#b")),
        projection("a, b, a", PATHS.format("overlap", "[a]", "[a]")),
        projection("a.b, a", PATHS.format("overlap", "[a, b]", "[a]")),
        projection("a, a.b[1]", PATHS.format("overlap", "[a]", "[a, b, [1]]")),
        projection("a.b, a[0]", PATHS.format("conflict", "[a, b]", "[a, [0]]")),
        projection(f"a[{2**31}]", f"List index is not within the allowable range; index: "
                                  f"[{2**31}]"),
    )
    def test_refused(self, raw, request_body, message):
        check_refusal(raw, "GetItem", request_body, message)
