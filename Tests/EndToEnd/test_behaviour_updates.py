"""What UpdateItem does to items: clauses, functions, nested paths, return values.

Each case is an item before, an update, and the item after or the words of the refusal. The
tables are shared between the cases, which have keys of their own.
"""

import itertools
from decimal import Decimal

import pytest
from botocore.exceptions import ClientError

from conftest import delete_quietly, definitions, index_of, key_schema, next_table_name

keys = itertools.count(1)
PATH = "The document path provided in the update expression is invalid for update"
ABSENT = "The provided expression refers to an attribute that does not exist in the item"
OPERAND = "An operand in the update expression has an incorrect data type"
KEY_PART = ("One or more parameter values were invalid: Cannot update attribute p. "
            "This attribute is part of the key")


@pytest.fixture(scope="module")
def table(client, resource):
    """A table keyed by `p`, with an index by the string `x` and the number `y`."""
    name = next_table_name()
    client.create_table(
        TableName=name, KeySchema=key_schema(hash="p"), BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=definitions(p="S", x="S", y="N"),
        GlobalSecondaryIndexes=[index_of("by-x", hash="x", range="y")])
    yield resource.Table(name)
    delete_quietly(client, name)


class Item:
    """One item of the table, with a key of its own."""

    def __init__(self, table, **attributes):
        self.table = table
        self.key = {"p": f"item {next(keys)}"}
        if attributes:
            table.put_item(Item=self.key | attributes)

    def update(self, expression=None, names=None, **values):
        """Updates; an upper-case parameter is one of the request, any other a value."""
        parameters = {"Key": self.key}
        if expression is not None:
            parameters["UpdateExpression"] = expression
        parameters |= {name: values.pop(name) for name in list(values) if name[0].isupper()}
        if names:
            parameters["ExpressionAttributeNames"] = names
        if values:
            parameters["ExpressionAttributeValues"] = {
                f":{name}": value for name, value in values.items()}
        return self.table.update_item(**parameters)

    def refusal(self, expression, **more):
        before = self.attributes()
        with pytest.raises(ClientError) as caught:
            self.update(expression, **more)
        error = caught.value.response["Error"]
        assert error["Code"] == "ValidationException"
        assert self.attributes() == before, "a refused update changes nothing"
        return error["Message"].removeprefix("1 validation error detected: ")

    def attributes(self):
        """What the item has beside its key; None without an item."""
        item = self.table.get_item(Key=self.key, ConsistentRead=True).get("Item")
        return item and {name: value for name, value in item.items() if name != "p"}


def d(*numbers):
    return {Decimal(number) for number in numbers}


DEEP = {"a": {"b": 3, "c": {"x": 7, "y": [1, {"z": 2}]}}, "l": ["one", "two", "three"]}

DONE = [
    # clauses and their words
    ({}, "SET b = :v", {"v": 1}, {"b": 1}),
    ({}, "sEt b = :v", {"v": 1}, {"b": 1}),
    ({"a": 1, "b": 2}, "REMOVE a SET c = :v ADD d :v", {"v": 1}, {"b": 2, "c": 1, "d": 1}),
    ({"a": "x"}, "SET b = a, a = :v", {"v": "y"}, {"a": "y", "b": "x"}),
    ({"a": 1, "b": 2}, "SET a = b, b = a", {}, {"a": 2, "b": 1}),
    ({"a": 1}, "SET a=a+:v,b=:v", {"v": 2}, {"a": 3, "b": 2}),
    ({"a": 5}, "SET b = :v - a", {"v": 2}, {"a": 5, "b": -3}),
    ({"a": 5}, "SET b = a - :v", {"v": 2}, {"a": 5, "b": 3}),
    ({"a": 1, "b": 5}, "SET c = b + a", {}, {"a": 1, "b": 5, "c": 6}),
    # if_not_exists
    ({"a": 1}, "SET b = if_not_exists(a, :v)", {"v": 2}, {"a": 1, "b": 1}),
    ({"a": 1}, "SET b = if_not_exists(q, :v)", {"v": 2}, {"a": 1, "b": 2}),
    ({"a": 1}, "SET b = if_not_exists(q, a)", {}, {"a": 1, "b": 1}),
    ({"a": 1}, "SET b = if_not_exists(q, if_not_exists(r, :v))", {"v": 3}, {"a": 1, "b": 3}),
    ({"a": 1}, "SET b = if_not_exists(q, :v) + :v", {"v": 3}, {"a": 1, "b": 6}),
    ({"a": {"b": 1}}, "SET c = if_not_exists(a.b, :v)", {"v": 3}, {"a": {"b": 1}, "c": 1}),
    ({"a": {"b": 1}}, "SET c = if_not_exists(a.q, :v)", {"v": 3}, {"a": {"b": 1}, "c": 3}),
    # list_append
    ({"a": ["x"]}, "SET a = list_append(a, :v)", {"v": ["y"]}, {"a": ["x", "y"]}),
    ({"a": ["x"]}, "SET b = list_append(a, a)", {}, {"a": ["x"], "b": ["x", "x"]}),
    ({}, "SET b = list_append(:v, :w)", {"v": [1], "w": [2]}, {"b": [1, 2]}),
    ({}, "SET b = list_append(if_not_exists(b, :e), :v)", {"e": [], "v": [1]}, {"b": [1]}),
    # ADD
    ({"a": 1}, "ADD a :v", {"v": Decimal("-2.5")}, {"a": Decimal("-1.5")}),
    ({}, "ADD a :v", {"v": 7}, {"a": 7}),
    ({}, "ADD a :v", {"v": {"x", "y"}}, {"a": {"x", "y"}}),
    ({"a": {"x"}}, "ADD a :v", {"v": {"x", "y"}}, {"a": {"x", "y"}}),
    ({"a": d(1, 2)}, "ADD a :v", {"v": d("2.0", 3)}, {"a": d(1, 2, 3)}),
    ({"a": {"b": 1}}, "ADD a.b :v", {"v": 1}, {"a": {"b": 2}}),
    ({"a": {}}, "ADD a.b :v", {"v": 1}, {"a": {"b": 1}}),
    ({"a": [1]}, "ADD a[0] :v, a[5] :w", {"v": 1, "w": 9}, {"a": [2, 9]}),
    # DELETE
    ({"a": {"x", "y"}}, "DELETE a :v", {"v": {"y", "z"}}, {"a": {"x"}}),
    ({"a": {"x"}}, "DELETE a :v", {"v": {"x"}}, {}),
    ({"a": {"x"}}, "DELETE q :v", {"v": {"x"}}, {"a": {"x"}}),
    ({"a": {"s": {"x"}}}, "DELETE a.s :v", {"v": {"x"}}, {"a": {}}),
    # REMOVE
    ({"a": 1, "b": 2}, "REMOVE a, q", {}, {"b": 2}),
    (DEEP, "REMOVE a.c.x, l[1]", {}, {"a": {"b": 3, "c": {"y": [1, {"z": 2}]}},
                                      "l": ["one", "three"]}),
    (DEEP, "REMOVE l[0], l[2]", {}, {"a": DEEP["a"], "l": ["two"]}),
    (DEEP, "REMOVE l[7], a.q", {}, DEEP),
    # nested SET
    (DEEP, "SET a.b = :v", {"v": "hi"}, {"a": DEEP["a"] | {"b": "hi"}, "l": DEEP["l"]}),
    (DEEP, "SET a.c.y[1].z = :v", {"v": 9},
     {"a": {"b": 3, "c": {"x": 7, "y": [1, {"z": 9}]}}, "l": DEEP["l"]}),
    (DEEP, "SET l[1] = :v, l[8] = :w, l[5] = :u", {"v": 2, "w": 8, "u": 5},
     {"a": DEEP["a"], "l": ["one", 2, "three", 5, 8]}),
    (DEEP, "SET l[1] = l[0], l[0] = l[1]", {}, {"a": DEEP["a"], "l": ["two", "one", "three"]}),
    (DEEP, "SET n = a.c.y[1].z", {}, DEEP | {"n": 2}),
    (DEEP, "SET a.b = :v, a.d = :v", {"v": 1}, {"a": DEEP["a"] | {"b": 1, "d": 1},
                                                  "l": DEEP["l"]}),
    (DEEP, "SET l[0] = :v REMOVE l[1]", {"v": 1}, {"a": DEEP["a"], "l": [1, "three"]}),
    # values of any kind replace values of any kind
    ({"a": 1}, "SET a = :v", {"v": {"m": [None, True, b"x", ""]}},
     {"a": {"m": [None, True, b"x", ""]}}),
]


@pytest.mark.parametrize("before, expression, values, after", DONE)
def test_updates(table, before, expression, values, after):
    item = Item(table, q_=1, **before)
    item.update(expression, **values)
    told = item.attributes()
    del told["q_"]
    assert told == after


def test_names_stand_for_any_attribute(table):
    item = Item(table, a=1)
    item.update("SET #1 = :1, b = #x_y", names={"#1": "we ird.name[0]", "#x_y": "a"}, **{"1": 5})
    assert item.attributes() == {"a": 1, "b": 1, "we ird.name[0]": 5}


REFUSED = [
    ({"a": 1}, "SET b = q", {}, ABSENT),
    ({"a": 1}, "SET b = a.b", {}, ABSENT),
    ({"a": [1]}, "SET b = a[1]", {}, ABSENT),
    ({"a": 1}, "SET b = q + :v", {"v": 1}, ABSENT),
    ({"a": "x"}, "SET b = a + :v", {"v": 1}, OPERAND),
    ({"a": "x"}, "SET b = list_append(a, :v)", {"v": [1]}, OPERAND),
    ({"a": "x"}, "ADD a :v", {"v": 1}, OPERAND),
    ({"a": [1]}, "ADD a :v", {"v": {"x"}}, OPERAND),
    ({"a": {"x"}}, "ADD a :v", {"v": d(1)}, OPERAND),
    ({"a": {"x"}}, "DELETE a :v", {"v": d(1)}, OPERAND),
    ({"a": 1}, "DELETE a :v", {"v": {"x"}}, OPERAND),
    ({"a": 1}, "SET a.b = :v", {"v": 1}, PATH),
    ({"a": ["x"]}, "SET a.b = :v", {"v": 1}, PATH),
    ({"a": {"x": 1}}, "SET a[0] = :v", {"v": 1}, PATH),
    ({"a": {"x": 1}}, "SET a.q.r = :v", {"v": 1}, PATH),
    ({"a": 1}, "SET q.r = :v", {"v": 1}, PATH),
    ({"a": 1}, "SET q[0] = :v", {"v": 1}, PATH),
    ({"a": 1}, "REMOVE q.r", {}, PATH),
    ({"a": 1}, "REMOVE q[0]", {}, PATH),
    ({"a": 1}, "REMOVE a.b", {}, PATH),
    ({"a": {}}, "REMOVE a.b.c", {}, PATH),
    ({"a": 1}, "ADD q.r :v", {"v": 1}, PATH),
    ({}, "SET p = :v", {"v": "x"}, KEY_PART),
    ({}, "REMOVE p", {}, KEY_PART),
    ({}, "ADD p :v", {"v": 1}, KEY_PART),
]


@pytest.mark.parametrize("before, expression, values, message", REFUSED)
def test_refused_updates(table, before, expression, values, message):
    assert Item(table, q_=1, **before).refusal(expression, **values) == message


SYNTAX = [
    ("SET a = :v, a = :v", "Two document paths overlap with each other; must remove or rewrite "
     "one of these paths; path one: [a], path two: [a]"),
    ("SET a = :v REMOVE a.b", "Two document paths overlap with each other; must remove or "
     "rewrite one of these paths; path one: [a], path two: [a, b]"),
    ("SET a.b[1] = :v, a.b = :v", "Two document paths overlap with each other; must remove or "
     "rewrite one of these paths; path one: [a, b, [1]], path two: [a, b]"),
    ("SET a.b = :v, a[1] = :v", "Two document paths conflict with each other; must remove or "
     "rewrite one of these paths; path one: [a, b], path two: [a, [1]]"),
    ("SET a = :v SET b = :v",
     'The "SET" section can only be used once in an update expression;'),
    ("", "The expression can not be empty;"),
    ("SET a = :v + :v + :v", 'Syntax error; token: "+", near: ":v + :v"'),
    ("SET a = -:v", 'Syntax error; token: "-", near: "= -:v"'),
    ("SET a", 'Syntax error; token: "<EOF>", near: "a"'),
    ("ADD a b", 'Syntax error; token: "b", near: "a b"'),
    ("REMOVE :v", 'Syntax error; token: ":v", near: "REMOVE :v"'),
    ("SET a = IF_NOT_EXISTS(a, :v)", "Invalid function name; function: IF_NOT_EXISTS"),
    ("SET a = size(:v)", "The function is not allowed in an update expression; function: size"),
    ("SET a = if_not_exists(a)", "Incorrect number of operands for operator or function; "
     "operator or function: if_not_exists, number of operands: 1"),
    ("SET a = if_not_exists(:v, a)", "Operator or function requires a document path; "
     "operator or function: if_not_exists"),
    ("SET a = list_append(a, :v)", "Incorrect operand type for operator or function; "
     "operator or function: list_append, operand type: N"),
    ("DELETE a :v", "Incorrect operand type for operator or function; operator: DELETE, "
     "operand type: NUMBER, typeSet: ALLOWED_FOR_DELETE_OPERAND"),
]


@pytest.mark.parametrize("expression, message", SYNTAX)
def test_refused_expressions(table, expression, message):
    assert Item(table, b=1).refusal(expression, v=1) == f"Invalid UpdateExpression: {message}"


class TestAbsentItems:
    def test_an_update_makes_the_item(self, table):
        for expression, values in (("SET a = :v", {"v": 1}), ("ADD a :v", {"v": 1}),
                                   ("SET a = :v REMOVE b", {"v": 1})):
            item = Item(table)
            item.update(expression, **values)
            assert item.attributes() == {"a": 1}

    def test_so_does_one_without_anything_to_do(self, table):
        for parameters in ({}, {"AttributeUpdates": {}}):
            item = Item(table)
            item.update(**parameters)
            assert item.attributes() == {}

    def test_one_that_only_clears_makes_none(self, table):
        for parameters in ({"expression": "REMOVE a"}, {"expression": "DELETE a :v", "v": {"x"}},
                           {"AttributeUpdates": {"a": {"Action": "DELETE"}}}):
            item = Item(table)
            answer = item.update(ReturnValues="ALL_NEW", **parameters)
            assert item.attributes() is None
            assert "Attributes" not in answer

    def test_nor_in_a_transaction(self, client, table):
        key = {"p": {"S": f"item {next(keys)}"}}
        client.transact_write_items(TransactItems=[{"Update": {
            "TableName": table.name, "Key": key, "UpdateExpression": "REMOVE a"}}])
        assert "Item" not in client.get_item(TableName=table.name, Key=key)

    def test_a_nested_path_has_no_parent(self, table):
        for expression in ("REMOVE a.b", "REMOVE a[0]"):
            assert Item(table).refusal(expression) == PATH


class TestReturnedAttributes:
    def returned(self, table, returns, expression, before, **values):
        item = Item(table, **before)
        return item.update(expression, ReturnValues=returns, **values).get("Attributes")

    @pytest.mark.parametrize("returns, told", [
        ("UPDATED_OLD", {"a": {"b": 3, "c": {"x": 7}}}),
        ("UPDATED_NEW", {"a": {"b": "hi", "c": {"x": 8}}}),
    ])
    def test_nested(self, table, returns, told):
        before = {"a": {"b": 3, "c": {"x": 7, "y": [1]}, "d": 1}, "e": 1}
        assert self.returned(table, returns, "SET a.b = :v, a.c.x = :w", before,
                             v="hi", w=8) == told

    def test_elements_of_lists_are_told_without_their_neighbours(self, table):
        before = {"l": ["x", "y", "z"]}
        assert self.returned(
            table, "UPDATED_OLD", "SET l[1] = :v", before, v=1) == {"l": ["y"]}
        assert self.returned(
            table, "UPDATED_NEW", "SET l[1] = :v", before, v=1) == {"l": [1]}

    def test_removed(self, table):
        before = {"a": 1, "b": 2}
        assert self.returned(table, "UPDATED_OLD", "REMOVE a", before) == {"a": 1}
        assert self.returned(table, "UPDATED_NEW", "REMOVE a", before) is None
        assert self.returned(table, "UPDATED_OLD", "REMOVE q", before) is None

    def test_added(self, table):
        assert self.returned(table, "UPDATED_OLD", "SET q = :v", {"a": 1}, v=1) is None
        assert self.returned(table, "UPDATED_NEW", "SET q = :v", {"a": 1}, v=1) == {"q": 1}
        assert self.returned(table, "UPDATED_NEW", "SET a = :v", {"a": 1}, v=1) == {"a": 1}

    def test_old_of_an_absent_item(self, table):
        for returns in ("ALL_OLD", "UPDATED_OLD"):
            assert "Attributes" not in Item(table).update("SET a = :v", v=1, ReturnValues=returns)


class TestIndexKeys:
    MISMATCH = ("One or more parameter values were invalid: Type mismatch for Index Key {} "
                "Expected: {} Actual: {} IndexName: by-x")

    def test_wrong_types_that_the_request_tells(self, table):
        item = Item(table, x="x", y=1)
        assert item.refusal("SET x = :v", v=1) == self.MISMATCH.format("x", "S", "N")
        assert item.refusal("SET y = :v", v="1") == self.MISMATCH.format("y", "N", "S")
        assert item.refusal("SET x = :v", v=None) == self.MISMATCH.format("x", "S", "NULL")
        assert item.refusal(None, AttributeUpdates={"x": {"Value": 3, "Action": "PUT"}}) == (
            self.MISMATCH.format("x", "S", "N"))

    def test_wrong_types_that_the_item_tells(self, table):
        item = Item(table, x="x", n=1)
        for expression in ("SET x = n", "SET x = if_not_exists(n, x)"):
            assert item.refusal(expression) == (
                "The update expression attempted to update the secondary index key to "
                "unsupported type")

    def test_empty(self, table):
        assert Item(table, x="x").refusal("SET x = :v", v="") == (
            "One or more parameter values are not valid. The update expression attempted to "
            "update a secondary index key to a value that is not supported. The AttributeValue "
            "for a key attribute cannot contain an empty string value.")

    def test_a_nested_attribute_of_the_same_name_is_no_key(self, table):
        item = Item(table, m={"x": 1})
        item.update("SET m.x = :v", v=2)
        assert item.attributes() == {"m": {"x": 2}}
