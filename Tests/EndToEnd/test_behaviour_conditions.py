"""What conditions hold for: comparisons across types, functions, nested paths, refusals.

The same conditions are asked as ConditionExpression of a write and as FilterExpression of a
query, since both must agree.
"""

from decimal import Decimal

import pytest
from botocore.exceptions import ClientError

from conftest import delete_quietly, definitions, key_schema, next_table_name

ITEM = {
    "p": "item", "s": "hello", "e": "", "n": 5, "b": b"\x01\xff", "t": True, "z": None,
    "ss": {"x", "y"}, "ns": {Decimal(1), Decimal(2)}, "bs": {b"a", b"b"},
    "l": ["x", 1, {"x", "y"}, ["x"], None], "m": {"a": {"b": [{"c": 7}]}, "s": "hello"},
}

HOLDS = [
    # equality is by type and value, whatever the order
    ("s = :v", "hello"), ("n = :v", Decimal("5.0")), ("ss = :v", {"y", "x"}), ("z = :v", None),
    ("ns = :v", {Decimal("2.0"), Decimal("1e0")}), ("l = :v", ITEM["l"]), ("m = :v", ITEM["m"]),
    ("l[2] = :v", {"y", "x"}), ("e = :v", ""), ("t = :v", True), ("b = :v", b"\x01\xff"),
    ("s <> :v", "hallo"), ("s <> :v", 5), ("q <> :v", 5), ("l <> :v", ["x", 1]),
    ("t <> :v", False), ("m.s = s", None), (":v = n", 5),
    # order, within a type
    ("s > :v", "hell"), ("s < :v", "help"), ("s > e", None), ("n < :v", Decimal("5.000001")),
    ("n >= :v", 5), ("b > :v", b"\x01"), ("b < :v", b"\x02"), (":v > n", 6),
    ("n BETWEEN :v AND size(s)", 1), ("s BETWEEN :v AND m.s", "a"), (":v BETWEEN n AND :v", 6),
    # membership
    ("s IN (:v, n)", "hello"), ("n IN (s, :v)", 5), ("ss IN (:v)", {"x", "y"}),
    ("z IN (:v)", None), ("m.a.b[0].c IN (:v)", 7),
    # existence
    ("attribute_exists(m.a.b[0].c)", None), ("attribute_exists(z)", None),
    ("attribute_not_exists(m.a.b[1])", None), ("attribute_not_exists(m.a.b.c)", None),
    ("attribute_not_exists(s.a)", None), ("attribute_not_exists(l[5])", None),
    ("attribute_exists(l[4])", None),
    # types
    ("attribute_type(s, :v)", "S"), ("attribute_type(n, :v)", "N"), ("attribute_type(b, :v)", "B"),
    ("attribute_type(t, :v)", "BOOL"), ("attribute_type(z, :v)", "NULL"),
    ("attribute_type(ss, :v)", "SS"), ("attribute_type(ns, :v)", "NS"),
    ("attribute_type(bs, :v)", "BS"), ("attribute_type(l, :v)", "L"),
    ("attribute_type(m.a, :v)", "M"),
    # begins_with, contains
    ("begins_with(s, :v)", "he"), ("begins_with(s, :v)", ""), ("begins_with(b, :v)", b"\x01"),
    ("begins_with(m.s, e)", None), ("begins_with(:v, s)", "hello world"),
    ("contains(s, :v)", "ell"), ("contains(s, :v)", ""), ("contains(b, :v)", b"\xff"),
    ("contains(ss, :v)", "x"), ("contains(ns, :v)", Decimal("2.0")), ("contains(bs, :v)", b"a"),
    ("contains(l, :v)", "x"), ("contains(l, :v)", 1), ("contains(l, :v)", ["x"]),
    ("contains(l, :v)", {"y", "x"}), ("contains(l, :v)", None), ("contains(:v, n)", [4, 5]),
    # size
    ("size(s) = :v", 5), ("size(e) = :v", 0), ("size(b) = :v", 2), ("size(ss) = :v", 2),
    ("size(l) = :v", 5), ("size(m) = :v", 2), ("size(m.a.b) = :v", 1), ("size(s) > size(ss)", 0),
    ("size(s) = n", None), (":v = size(ns)", 2),
    # logic, in any case of letters
    ("NOT s = :v", "x"), ("not s = :v And n = q oR nOt q = :v", "x"),
    ("s = :v OR q = :v AND q = :v", "hello"), ("NOT NOT s = :v", "hello"),
    ("NOT (s = :v AND q = :v)", "hello"), ("(s = :v OR q = :v) AND n <> :v", "hello"),
    ("NOT q = :v AND s = :v", "hello"),
]

FAILS = [
    ("s = :v", 5), ("n = :v", "5"), ("q = :v", 5), ("z = :v", False), ("l = :v", ["x"]),
    ("ss = :v", {"x"}), ("ss = :v", ["x", "y"]), ("b = :v", "\x01"), ("s <> :v", "hello"),
    ("s < :v", 5), ("s > :v", 5), ("q < :v", 5), ("q > :v", 5), ("z < :v", 5), ("l > :v", 5),
    ("s > :v", "hello"), ("n > :v", 5), ("s BETWEEN :v AND n", "a"), ("q BETWEEN :v AND n", 1),
    ("s IN (:v)", 5), ("q IN (:v)", 5), ("l IN (:v)", "x"),
    ("attribute_exists(q)", None), ("attribute_not_exists(z)", None),
    ("attribute_type(q, :v)", "S"), ("attribute_type(s, :v)", "N"), ("attribute_type(t, :v)", "S"),
    ("begins_with(n, :v)", "5"), ("begins_with(q, :v)", "x"), ("begins_with(s, :v)", b"he"),
    ("begins_with(s, :v)", "ello"), ("begins_with(ss, :v)", "x"),
    ("contains(s, :v)", 5), ("contains(n, :v)", 5), ("contains(ss, :v)", 5),
    ("contains(m, :v)", "a"),
    ("contains(l, :v)", "y"), ("contains(l, :v)", "hello"), ("contains(q, :v)", "x"),
    ("contains(s, :v)", b"h"), ("size(n) = :v", 1), ("size(q) = :v", 0), ("size(t) = :v", 1),
    ("size(z) = :v", 0), ("NOT s = :v", "hello"), ("s = :v AND q = :v", "hello"),
]

REFUSED = [
    ("", 1, "The expression can not be empty;"),
    (":v", 1, 'Syntax error; token: "<EOF>", near: ":v"'),
    ("s", 1, 'Syntax error; token: "<EOF>", near: "s"'),
    ("s = :v AND", 1, 'Syntax error; token: "<EOF>", near: "AND"'),
    ("s IN ()", 1, 'Syntax error; token: ")", near: "()"'),
    ("s == :v", 1, 'Syntax error; token: "=", near: "== :v"'),
    ("((s = :v))", 1, "The expression has redundant parentheses;"),
    ("size(s)", 1, "The function is not allowed to be used this way in an expression; "
     "function: size"),
    ("attribute_exists(s) = :v", 1, "The function is not allowed to be used this way in an "
     "expression; function: attribute_exists"),
    ("dog(s)", 1, "Invalid function name; function: dog"),
    ("BEGINS_WITH(s, :v)", "x", "Invalid function name; function: BEGINS_WITH"),
    ("attribute_exists(:v)", 1, "Operator or function requires a document path; operator or "
     "function: attribute_exists"),
    ("attribute_exists(s, n)", 1, "Incorrect number of operands for operator or function; "
     "operator or function: attribute_exists, number of operands: 2"),
    ("begins_with(s, :v)", 5, "Incorrect operand type for operator or function; operator or "
     "function: begins_with, operand type: N"),
    ("begins_with(s, :v)", {"x"}, "Incorrect operand type for operator or function; operator or "
     "function: begins_with, operand type: SS"),
    ("attribute_type(s, :v)", "dog", "Invalid attribute type name found; type: dog, "
     "valid types: {B,NULL,SS,BOOL,L,BS,N,NS,S,M}"),
    ("attribute_type(s, :v)", 5, "Incorrect operand type for operator or function; operator or "
     "function: attribute_type, operand type: N"),
    ("s < :v", None, "Incorrect operand type for operator or function; operator or function: <, "
     "operand type: NULL"),
    ("s >= :v", {"x"}, "Incorrect operand type for operator or function; operator or function: "
     ">=, operand type: SS"),
    ("s BETWEEN :v AND n", True, "Incorrect operand type for operator or function; operator or "
     "function: BETWEEN, operand type: BOOL"),
    ("n BETWEEN :v AND :w", 9, "The BETWEEN operator requires upper bound to be greater than or "
     "equal to lower bound; lower bound operand: AttributeValue: {N:9}, upper bound operand: "
     "AttributeValue: {N:2}"),
    ("n BETWEEN :v AND :w", "a", "The BETWEEN operator requires same data type for lower and "
     "upper bounds; lower bound operand: AttributeValue: {S:a}, upper bound operand: "
     "AttributeValue: {N:2}"),
    ("s = s", None, "The first operand must be distinct from the remaining operands for this "
     "operator or function; operator: =, first operand: [s]"),
    ("contains(s, s)", None, "The first operand must be distinct from the remaining operands for "
     "this operator or function; operator: contains, first operand: [s]"),
    ("s = :q", 1, "An expression attribute value used in expression is not defined; attribute "
     "value: :q"),
    ("#q = :v", 1, "An expression attribute name used in the document path is not defined; "
     "attribute name: #q"),
    ("size = :v", 1, "Attribute name is a reserved keyword; reserved keyword: size"),
    ("s.Name = :v", 1, "Attribute name is a reserved keyword; reserved keyword: Name"),
]


@pytest.fixture(scope="module")
def table(client, resource):
    """A table keyed by `p` with the one item that is asked about."""
    name = next_table_name()
    client.create_table(
        TableName=name, KeySchema=key_schema(hash="p"), AttributeDefinitions=definitions(p="S"),
        BillingMode="PAY_PER_REQUEST")
    made = resource.Table(name)
    made.put_item(Item=ITEM)
    yield made
    delete_quietly(client, name)


def values_of(expression, value):
    values = {}
    if ":v" in expression:
        values[":v"] = value
    if ":w" in expression:
        values[":w"] = 2
    return {"ExpressionAttributeValues": values} if values else {}


def condition_holds(table, expression, value):
    """As a condition of a write that changes nothing else."""
    try:
        table.update_item(
            Key={"p": "item"}, ConditionExpression=expression, **values_of(expression, value))
        return True
    except ClientError as error:
        assert error.response["Error"]["Code"] == "ConditionalCheckFailedException", error
        return False


def filter_holds(table, expression, value):
    parameters = values_of(expression, value)
    parameters.setdefault("ExpressionAttributeValues", {})[":p"] = "item"
    page = table.query(
        KeyConditionExpression="p = :p", FilterExpression=expression, **parameters)
    assert page["ScannedCount"] == 1
    return page["Count"] == 1


@pytest.mark.parametrize("expression, value", HOLDS)
def test_holds(table, expression, value):
    assert condition_holds(table, expression, value)
    assert filter_holds(table, expression, value)


@pytest.mark.parametrize("expression, value", FAILS)
def test_fails(table, expression, value):
    assert not condition_holds(table, expression, value)
    assert not filter_holds(table, expression, value)


@pytest.mark.parametrize("expression, value, message", REFUSED)
def test_refused(table, invalid, expression, value, message):
    invalid(f"Invalid ConditionExpression: {message}", table.update_item, Key={"p": "item"},
            ConditionExpression=expression, **values_of(expression, value))
    invalid(f"Invalid FilterExpression: {message}", table.scan, FilterExpression=expression,
            **values_of(expression, value))


@pytest.mark.parametrize("count, is_allowed", [(100, True), (101, False)])
def test_operands_of_in(table, invalid, count, is_allowed):
    parameters = {
        "FilterExpression": f"n IN ({', '.join(f':v{i}' for i in range(count))})",
        "ExpressionAttributeValues": {f":v{i}": i for i in range(count)},
    }
    if is_allowed:
        assert table.scan(**parameters)["Count"] == 1
    else:
        invalid("Invalid FilterExpression: The IN operator is provided with too many operands; "
                "number of operands: 101…", table.scan, **parameters)


def test_an_absent_item_has_no_attributes(table):
    for condition, holds in (("attribute_not_exists(p)", True), ("attribute_exists(p)", False),
                             ("NOT n = :v", True), ("n <> :v", True), ("n = :v", False)):
        try:
            table.delete_item(
                Key={"p": "nobody"}, ConditionExpression=condition, **values_of(condition, 1))
            assert holds, condition
        except ClientError as error:
            assert error.response["Error"]["Code"] == "ConditionalCheckFailedException"
            assert not holds, condition
