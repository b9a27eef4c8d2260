"""Single items: put, get, update, delete, conditions, return values, consumed capacity."""

import base64

import pytest

from item_size import item_size, read_units, write_units

EVERY_TYPE = {
    "id": {"S": "every type"},
    "string": {"S": "naïve – 日本 – 🪨"},
    "empty": {"S": ""},
    "number": {"N": "-3.14159"},
    "binary": {"B": b"\x00\xff\x7f"},
    "true": {"BOOL": True},
    "false": {"BOOL": False},
    "null": {"NULL": True},
    "strings": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2.5"]},
    "binaries": {"BS": [b"a", b"b"]},
    "list": {"L": [{"S": "x"}, {"N": "1"}, {"L": []}, {"M": {}}]},
    "map": {"M": {"a": {"M": {"b": {"L": [{"NULL": True}]}}}, "": {"S": "empty name"}}},
}


def normal(value):
    """A value with its sets in order, since a set has none."""
    ((kind, content),) = value.items()
    if kind in ("SS", "NS", "BS"):
        return {kind: sorted(content)}
    if kind == "L":
        return {kind: [normal(element) for element in content]}
    if kind == "M":
        return {kind: normal_item(content)}
    return value


def normal_item(item):
    return {name: normal(value) for name, value in item.items()}


def wire_item(item):
    """An item of boto3's low-level form with its binaries in Base64, as they go over the wire."""
    def wire(value):
        ((kind, content),) = value.items()
        if kind == "B":
            return {kind: base64.b64encode(content).decode()}
        if kind == "BS":
            return {kind: [base64.b64encode(each).decode() for each in content]}
        if kind == "L":
            return {kind: [wire(element) for element in content]}
        if kind == "M":
            return {kind: wire_item(content)}
        return value
    return {name: wire(value) for name, value in item.items()}


def get(client, table, key="a", **parameters):
    return client.get_item(TableName=table, Key={"id": {"S": key}}, **parameters).get("Item")


class TestPutAndGet:
    def test_every_type_comes_back(self, client, simple_table):
        client.put_item(TableName=simple_table, Item=EVERY_TYPE)
        found = get(client, simple_table, "every type", ConsistentRead=True)
        assert normal_item(found) == normal_item(EVERY_TYPE)

    def test_absent_item(self, client, simple_table):
        answer = client.get_item(TableName=simple_table, Key={"id": {"S": "nobody"}})
        assert "Item" not in answer

    def test_put_replaces_all_of_an_item(self, client, simple_table):
        client.put_item(TableName=simple_table, Item={"id": {"S": "a"}, "x": {"S": "1"}})
        old = client.put_item(
            TableName=simple_table, Item={"id": {"S": "a"}, "y": {"S": "2"}},
            ReturnValues="ALL_OLD")
        assert old["Attributes"] == {"id": {"S": "a"}, "x": {"S": "1"}}
        assert get(client, simple_table) == {"id": {"S": "a"}, "y": {"S": "2"}}

    @pytest.mark.parametrize("given, told", [
        ("1.0", "1"), ("1e3", "1000"), ("-0", "0"), ("0.10", "0.1"), ("+5", "5"), ("007", "7"),
        ("1E125", "1" + "0" * 125), ("1e-7", "0.0000001"),
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
    ])
    def test_numbers_are_told_as_plain_decimals(self, client, simple_table, given, told):
        client.put_item(TableName=simple_table, Item={"id": {"S": "a"}, "n": {"N": given}})
        assert get(client, simple_table)["n"] == {"N": told}

    def test_number_keys_are_equal_by_value(self, client, new_table):
        table = new_table(id="N")
        client.put_item(TableName=table, Item={"id": {"N": "1.0"}, "x": {"S": "first"}})
        client.put_item(TableName=table, Item={"id": {"N": "10e-1"}, "x": {"S": "second"}})
        found = client.get_item(TableName=table, Key={"id": {"N": "1"}})["Item"]
        assert found == {"id": {"N": "1"}, "x": {"S": "second"}}
        assert client.scan(TableName=table)["Count"] == 1

    def test_binary_keys(self, client, new_table):
        table = new_table(id="B", part="B")
        key = {"id": {"B": b"\x00\xff\x00"}, "part": {"B": b"\xff"}}
        client.put_item(TableName=table, Item=key | {"x": {"S": "1"}})
        assert client.get_item(TableName=table, Key=key)["Item"]["x"] == {"S": "1"}

    def test_projection(self, client, simple_table):
        client.put_item(TableName=simple_table, Item={
            "id": {"S": "a"}, "list": {"L": [{"N": str(i)} for i in range(5)]},
            "map": {"M": {"in": {"M": {"x": {"S": "1"}, "y": {"S": "2"}}}, "out": {"S": "3"}}}})
        found = get(
            client, simple_table, ProjectionExpression="#m.#in.x, #l[3], #l[1], nothing.here",
            ExpressionAttributeNames={"#m": "map", "#in": "in", "#l": "list"})
        # Elements keep their order and lose their gaps.
        found_list = found.pop("list")
        assert found_list == {"L": [{"N": "1"}, {"N": "3"}]}
        assert found == {"map": {"M": {"in": {"M": {"x": {"S": "1"}}}}}}


class TestUpdate:
    def update(self, client, table, expression, key="a", names=None, **values):
        parameters = {"ReturnValues": "ALL_NEW"}
        if names:
            parameters["ExpressionAttributeNames"] = names
        if values:
            parameters["ExpressionAttributeValues"] = {f":{k}": v for k, v in values.items()}
        answer = client.update_item(
            TableName=table, Key={"id": {"S": key}}, UpdateExpression=expression, **parameters)
        return answer["Attributes"]

    def test_makes_an_absent_item(self, client, simple_table):
        made = self.update(client, simple_table, "SET x = :x", x={"S": "1"})
        assert made == {"id": {"S": "a"}, "x": {"S": "1"}}
        assert get(client, simple_table) == made

    def test_without_expression_makes_only_the_key(self, client, simple_table):
        client.update_item(TableName=simple_table, Key={"id": {"S": "bare"}})
        assert get(client, simple_table, "bare") == {"id": {"S": "bare"}}

    def test_arithmetic_and_functions(self, client, simple_table):
        self.update(client, simple_table, "SET n = :n, l = :l",
                    n={"N": "10"}, l={"L": [{"S": "a"}]})
        updated = self.update(
            client, simple_table,
            "SET n = n - :one, m = if_not_exists(m, :zero) + :one, "
            "l = list_append(:more, l), k = if_not_exists(n, :zero)",
            one={"N": "1"}, zero={"N": "0"}, more={"L": [{"S": "b"}]})
        assert updated["n"] == {"N": "9"}
        assert updated["m"] == {"N": "1"}
        assert updated["l"] == {"L": [{"S": "b"}, {"S": "a"}]}
        # Operands are those of before the update.
        assert updated["k"] == {"N": "10"}

    def test_arithmetic_is_exact_to_38_digits(self, client, simple_table):
        self.update(client, simple_table, "SET n = :n",
                    n={"N": "99999999999999999999999999999999999998"})
        updated = self.update(client, simple_table, "ADD n :one", one={"N": "1"})
        assert updated["n"] == {"N": "9" * 38}

    def test_paths(self, client, simple_table):
        self.update(client, simple_table, "SET m = :m, l = :l",
                    m={"M": {"a": {"M": {}}}}, l={"L": [{"N": "0"}, {"N": "1"}, {"N": "2"}]})
        updated = self.update(
            client, simple_table, "SET m.a.b = :x, l[1] = :x, l[90] = :y REMOVE l[0]",
            x={"S": "x"}, y={"S": "y"})
        assert updated["m"] == {"M": {"a": {"M": {"b": {"S": "x"}}}}}
        assert updated["l"] == {"L": [{"S": "x"}, {"N": "2"}, {"S": "y"}]}

    def test_sets(self, client, simple_table):
        self.update(client, simple_table, "ADD s :s, n :n",
                    s={"SS": ["a", "b"]}, n={"N": "2"})
        updated = self.update(client, simple_table, "ADD s :s DELETE gone :g",
                              s={"SS": ["b", "c"]}, g={"SS": ["x"]})
        assert sorted(updated["s"]["SS"]) == ["a", "b", "c"]
        updated = self.update(client, simple_table, "DELETE s :s", s={"SS": ["a", "b", "c"]})
        assert "s" not in updated

    def test_failures_change_nothing(self, client, simple_table, invalid):
        before = {"id": {"S": "a"}, "s": {"S": "text"}, "n": {"N": "1"}}
        client.put_item(TableName=simple_table, Item=before)
        target = {"TableName": simple_table, "Key": {"id": {"S": "a"}}}
        one = {":one": {"N": "1"}}
        invalid("The provided expression refers to an attribute that does not exist in the item",
                client.update_item, **target, UpdateExpression="SET n = absent + :one",
                ExpressionAttributeValues=one)
        invalid("An operand in the update expression has an incorrect data type",
                client.update_item, **target, UpdateExpression="SET n = s + :one",
                ExpressionAttributeValues=one)
        invalid("The document path provided in the update expression is invalid for update",
                client.update_item, **target, UpdateExpression="SET s.x = :one",
                ExpressionAttributeValues=one)
        invalid("One or more parameter values were invalid: Cannot update attribute id. "
                "This attribute is part of the key",
                client.update_item, **target, UpdateExpression="SET id = :one",
                ExpressionAttributeValues=one)
        assert get(client, simple_table) == before

    @pytest.mark.parametrize("wanted, told", [
        ("NONE", None),
        ("ALL_OLD", {"id": {"S": "a"}, "x": {"N": "1"}, "y": {"N": "1"}}),
        ("ALL_NEW", {"id": {"S": "a"}, "x": {"N": "2"}, "y": {"N": "1"}, "z": {"N": "3"}}),
        ("UPDATED_OLD", {"x": {"N": "1"}}),
        ("UPDATED_NEW", {"x": {"N": "2"}, "z": {"N": "3"}}),
    ])
    def test_return_values(self, client, simple_table, wanted, told):
        client.put_item(
            TableName=simple_table, Item={"id": {"S": "a"}, "x": {"N": "1"}, "y": {"N": "1"}})
        answer = client.update_item(
            TableName=simple_table, Key={"id": {"S": "a"}}, ReturnValues=wanted,
            UpdateExpression="SET x = :x, z = :z",
            ExpressionAttributeValues={":x": {"N": "2"}, ":z": {"N": "3"}})
        assert answer.get("Attributes") == told


class TestConditions:
    ITEM = {
        "id": {"S": "a"}, "n": {"N": "5"}, "s": {"S": "hello"}, "b": {"B": b"\x01\x02"},
        "set": {"SS": ["x", "y"]}, "list": {"L": [{"N": "1"}, {"S": "two"}]},
        "map": {"M": {"in": {"N": "7"}}}, "null": {"NULL": True}, "yes": {"BOOL": True},
    }
    VALUES = {
        ":4": {"N": "4"}, ":5": {"N": "5.0"}, ":6": {"N": "6"}, ":he": {"S": "he"},
        ":hello": {"S": "hello"}, ":x": {"S": "x"}, ":two": {"S": "two"}, ":N": {"S": "N"},
        ":1": {"N": "1"}, ":7": {"N": "7"}, ":b": {"B": b"\x01"}, ":SS": {"S": "SS"},
        ":set": {"SS": ["y", "x"]}, ":t": {"BOOL": True}, ":null": {"NULL": True}, ":2": {"N": "2"},
    }
    TRUE = [
        "n = :5", "n <> :4", "n < :6", "n <= :5", "n > :4", "n >= :5", "n BETWEEN :4 AND :6",
        "n IN (:4, :5)", "attribute_exists(#map.#in)", "attribute_not_exists(absent)",
        "attribute_type(n, :N)", "attribute_type(#set, :SS)", "begins_with(s, :he)",
        "begins_with(b, :b)", "contains(s, :he)", "contains(#set, :x)", "contains(#list, :two)",
        "contains(#list, :1)", "size(s) = :5", "size(#set) = :2", "size(#list) = :2",
        "size(#map) = :1", "#set = :set", "yes = :t", "#null = :null", "#map.#in = :7",
        "#list[0] = :1", "NOT n = :4", "n = :4 OR s = :hello", "n = :5 AND NOT (s = :he)",
        "n = :4 AND s = :he OR n = :5", "absent <> :4", "NOT absent = :4", "s <> :5",
    ]
    FALSE = [
        "n = :4", "s = :5", "absent = :4", "absent < :4", "s < :6", "begins_with(n, :he)",
        "attribute_exists(absent)", "attribute_exists(#list[2])", "size(absent) = :1",
        "size(n) = :1", "n BETWEEN :6 AND :7", "n IN (:4, :6)", "contains(n, :1)",
        "n = :4 AND s = :hello OR n = :6", "NOT (n = :5 OR n = :4)", "contains(absent, :1)",
    ]
    NAMES = {"#map": "map", "#in": "in", "#set": "set", "#list": "list", "#null": "null"}

    def parameters(self, condition):
        words = condition.replace("(", " ").replace(")", " ").replace(",", " ")
        words = words.replace(".", " ").replace("[", " ").split()
        names = {word: self.NAMES[word] for word in words if word in self.NAMES}
        values = {word: self.VALUES[word] for word in words if word in self.VALUES}
        parameters = {"ConditionExpression": condition}
        if names:
            parameters["ExpressionAttributeNames"] = names
        if values:
            parameters["ExpressionAttributeValues"] = values
        return parameters

    def test_true_conditions(self, client, simple_table):
        for condition in self.TRUE:
            client.put_item(TableName=simple_table, Item=self.ITEM)
            old = client.delete_item(
                TableName=simple_table, Key={"id": {"S": "a"}}, ReturnValues="ALL_OLD",
                **self.parameters(condition))
            assert normal_item(old["Attributes"]) == normal_item(self.ITEM), condition

    def test_false_conditions(self, client, simple_table, refused):
        client.put_item(TableName=simple_table, Item=self.ITEM)
        for condition in self.FALSE:
            refusal = refused(
                client.delete_item, TableName=simple_table, Key={"id": {"S": "a"}},
                **self.parameters(condition))
            assert refusal.code == "ConditionalCheckFailedException", condition
            assert refusal.message == "The conditional request failed"
            assert refusal.status == 400
        assert normal_item(get(client, simple_table)) == normal_item(self.ITEM)

    def test_put_only_if_absent(self, client, simple_table, refused):
        put = {
            "TableName": simple_table, "Item": {"id": {"S": "a"}, "x": {"N": "1"}},
            "ConditionExpression": "attribute_not_exists(id)"}
        client.put_item(**put)
        refusal = refused(
            client.put_item, **put, ReturnValuesOnConditionCheckFailure="ALL_OLD")
        assert refusal.code == "ConditionalCheckFailedException"
        assert refusal.response["Item"] == {"id": {"S": "a"}, "x": {"N": "1"}}

    def test_the_item_is_told_only_when_asked(self, client, simple_table, refused):
        client.put_item(TableName=simple_table, Item={"id": {"S": "a"}})
        refusal = refused(
            client.update_item, TableName=simple_table, Key={"id": {"S": "a"}},
            UpdateExpression="REMOVE x", ConditionExpression="attribute_exists(x)")
        assert "Item" not in refusal.response


class TestDelete:
    def test_old_item(self, client, simple_table):
        client.put_item(TableName=simple_table, Item={"id": {"S": "a"}, "x": {"N": "1"}})
        answer = client.delete_item(
            TableName=simple_table, Key={"id": {"S": "a"}}, ReturnValues="ALL_OLD")
        assert answer["Attributes"] == {"id": {"S": "a"}, "x": {"N": "1"}}
        assert get(client, simple_table) is None

    def test_absent_item(self, client, simple_table):
        answer = client.delete_item(
            TableName=simple_table, Key={"id": {"S": "nobody"}}, ReturnValues="ALL_OLD")
        assert "Attributes" not in answer

    def test_absent_item_with_a_condition(self, client, simple_table, refused):
        refusal = refused(
            client.delete_item, TableName=simple_table, Key={"id": {"S": "nobody"}},
            ConditionExpression="attribute_exists(id)")
        assert refusal.code == "ConditionalCheckFailedException"


def sized(size, key="a"):
    """An item of exactly this size by the service's rule."""
    item = {"id": {"S": key}, "x": {"S": ""}}
    item["x"]["S"] = "x" * (size - item_size(item))
    assert item_size(item) == size
    return item


class TestConsumedCapacity:
    def units(self, answer):
        return answer["ConsumedCapacity"]["CapacityUnits"]

    @pytest.mark.parametrize("size", [100, 4096, 4097, 8192, 8193, 40960])
    def test_reads(self, client, simple_table, size):
        client.put_item(TableName=simple_table, Item=sized(size))
        for consistent in (True, False):
            answer = client.get_item(
                TableName=simple_table, Key={"id": {"S": "a"}}, ConsistentRead=consistent,
                ReturnConsumedCapacity="TOTAL", ProjectionExpression="id")
            assert self.units(answer) == read_units(size, consistent)
            assert answer["ConsumedCapacity"]["TableName"] == simple_table

    def test_absent_item_costs_a_unit(self, client, simple_table):
        for consistent, units in ((True, 1.0), (False, 0.5)):
            answer = client.get_item(
                TableName=simple_table, Key={"id": {"S": "nobody"}}, ConsistentRead=consistent,
                ReturnConsumedCapacity="TOTAL")
            assert self.units(answer) == units

    @pytest.mark.parametrize("before, after", [
        (None, 100), (None, 1024), (None, 1025), (3000, 100), (100, 3000), (5000, 5000)])
    def test_puts_cost_the_larger_size(self, client, simple_table, before, after):
        if before:
            client.put_item(TableName=simple_table, Item=sized(before))
        answer = client.put_item(
            TableName=simple_table, Item=sized(after), ReturnConsumedCapacity="TOTAL")
        assert self.units(answer) == write_units(max(before or 0, after))

    def test_update_delete_and_failed_condition_cost_the_items_size(
            self, client, simple_table, refused):
        client.put_item(TableName=simple_table, Item=sized(2500))
        target = {
            "TableName": simple_table, "Key": {"id": {"S": "a"}},
            "ReturnConsumedCapacity": "TOTAL"}
        updated = client.update_item(
            **target, UpdateExpression="SET n = :n", ExpressionAttributeValues={":n": {"N": "1"}})
        assert self.units(updated) == 3.0
        assert self.units(client.delete_item(**target)) == 3.0
        assert self.units(client.delete_item(**target)) == 1.0

    def test_size_is_the_services(self, client, simple_table):
        item = EVERY_TYPE | {"id": {"S": "a"}, "pad": {"S": ""}}
        # Padded to the edge of a write unit, one byte more must cost one more.
        missing = 1024 - item_size(wire_item(item))
        item["pad"] = {"S": "x" * missing}
        answer = client.put_item(
            TableName=simple_table, Item=item, ReturnConsumedCapacity="TOTAL")
        assert self.units(answer) == 1.0
        item["pad"] = {"S": "x" * (missing + 1)}
        answer = client.put_item(
            TableName=simple_table, Item=item, ReturnConsumedCapacity="TOTAL")
        assert self.units(answer) == 2.0

    @pytest.mark.parametrize("number", [
        "0", "7", "-7", "10", "123456", "3.14159", "-3.14159", "1E125", "0.0000001", "100.5",
        "1.05", "-1.05", "9" * 38, "-0." + "9" * 38, "1200", "12.5", "0.125", "1E-130"])
    def test_number_sizes(self, client, simple_table, number):
        item = {"id": {"S": "a"}, "n": {"N": number}, "pad": {"S": ""}}
        item["pad"]["S"] = "x" * (1024 - item_size(item))
        answer = client.put_item(
            TableName=simple_table, Item=item, ReturnConsumedCapacity="TOTAL")
        assert self.units(answer) == 1.0
        item["pad"]["S"] += "x"
        answer = client.put_item(
            TableName=simple_table, Item=item, ReturnConsumedCapacity="TOTAL")
        assert self.units(answer) == 2.0

    def test_only_what_was_asked_is_told(self, client, simple_table):
        item = {"id": {"S": "a"}}
        assert "ConsumedCapacity" not in client.put_item(TableName=simple_table, Item=item)
        assert client.put_item(
            TableName=simple_table, Item=item, ReturnConsumedCapacity="TOTAL",
        )["ConsumedCapacity"] == {"TableName": simple_table, "CapacityUnits": 1.0}
        assert client.put_item(
            TableName=simple_table, Item=item, ReturnConsumedCapacity="INDEXES",
        )["ConsumedCapacity"] == {
            "TableName": simple_table, "CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}}


class TestStatistics:
    def test_count_and_size_are_true_at_once(self, client, simple_table):
        items = [{"id": {"S": f"{i}"}, "x": {"N": f"{i * 37}"}} for i in range(20)]
        for item in items:
            client.put_item(TableName=simple_table, Item=item)
        client.put_item(TableName=simple_table, Item=items[0])
        for item in items[:5]:
            client.delete_item(TableName=simple_table, Key={"id": item["id"]})
        client.delete_item(TableName=simple_table, Key={"id": {"S": "nobody"}})
        told = client.describe_table(TableName=simple_table)["Table"]
        assert told["ItemCount"] == 15
        assert told["TableSizeBytes"] == sum(map(item_size, items[5:]))
