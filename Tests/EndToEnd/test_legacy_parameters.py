"""The parameters from before expressions."""

import pytest


@pytest.fixture
def filled(client, sorted_table):
    for n in range(10):
        client.put_item(TableName=sorted_table, Item={
            "id": {"S": "a"}, "n": {"N": str(n)}, "text": {"S": f"text {n}"},
            "parity": {"S": "odd" if n % 2 else "even"}})
    return sorted_table


def condition(operator, *values):
    told = {"ComparisonOperator": operator}
    return told | {"AttributeValueList": list(values)} if values else told


def numbers(answer):
    return sorted(int(item["n"]["N"]) for item in answer["Items"])


KEY = {"id": {"S": "a"}, "n": {"N": "1"}}


class TestReads:
    def test_attributes_to_get(self, client, filled):
        found = client.get_item(TableName=filled, Key=KEY, AttributesToGet=["text", "absent"])
        assert found["Item"] == {"text": {"S": "text 1"}}

    @pytest.mark.parametrize("operator, values, expected", [
        ("EQ", [4], [4]), ("LT", [2], [0, 1]), ("LE", [2], [0, 1, 2]), ("GT", [7], [8, 9]),
        ("GE", [7], [7, 8, 9]), ("BETWEEN", [3, 5], [3, 4, 5])])
    def test_key_conditions(self, client, filled, operator, values, expected):
        answer = client.query(TableName=filled, KeyConditions={
            "id": condition("EQ", {"S": "a"}),
            "n": condition(operator, *({"N": str(value)} for value in values))})
        assert numbers(answer) == expected

    @pytest.mark.parametrize("filters, expected", [
        ({"parity": condition("EQ", {"S": "odd"})}, [1, 3, 5, 7, 9]),
        ({"parity": condition("NE", {"S": "odd"})}, [0, 2, 4, 6, 8]),
        ({"text": condition("IN", {"S": "text 1"}, {"S": "text 2"})}, [1, 2]),
        ({"text": condition("BEGINS_WITH", {"S": "text"})}, list(range(10))),
        ({"text": condition("CONTAINS", {"S": "t 4"})}, [4]),
        ({"text": condition("NOT_CONTAINS", {"S": "4"})}, [0, 1, 2, 3, 5, 6, 7, 8, 9]),
        ({"absent": condition("NULL")}, list(range(10))),
        ({"absent": condition("NOT_NULL")}, []),
        ({"text": condition("BETWEEN", {"S": "text 3"}, {"S": "text 5"})}, [3, 4, 5]),
    ])
    def test_filters(self, client, filled, filters, expected):
        assert numbers(client.scan(TableName=filled, ScanFilter=filters)) == expected
        answer = client.query(
            TableName=filled, QueryFilter=filters,
            KeyConditions={"id": condition("EQ", {"S": "a"})})
        assert numbers(answer) == expected

    def test_conditional_operator(self, client, filled):
        filters = {
            "parity": condition("EQ", {"S": "odd"}), "text": condition("EQ", {"S": "text 2"})}
        assert numbers(client.scan(TableName=filled, ScanFilter=filters)) == []
        either = client.scan(TableName=filled, ScanFilter=filters, ConditionalOperator="OR")
        assert numbers(either) == [1, 2, 3, 5, 7, 9]


class TestWrites:
    def test_attribute_updates(self, client, filled):
        answer = client.update_item(
            TableName=filled, Key=KEY, ReturnValues="ALL_NEW", AttributeUpdates={
                "text": {"Action": "DELETE"},
                "parity": {"Action": "PUT", "Value": {"S": "none"}},
                "count": {"Action": "ADD", "Value": {"N": "3"}},
                "set": {"Action": "ADD", "Value": {"SS": ["x"]}}})
        assert answer["Attributes"] == KEY | {
            "parity": {"S": "none"}, "count": {"N": "3"}, "set": {"SS": ["x"]}}
        answer = client.update_item(
            TableName=filled, Key=KEY, ReturnValues="UPDATED_NEW", AttributeUpdates={
                "count": {"Action": "ADD", "Value": {"N": "-1"}},
                "new": {"Value": {"S": "put is the default"}}})
        assert answer["Attributes"] == {
            "count": {"N": "2"}, "new": {"S": "put is the default"}}

    def test_expected(self, client, filled, refused):
        put = {"TableName": filled, "Item": KEY | {"x": {"S": "new"}}}
        for expected in (
                {"text": {"Value": {"S": "another"}}},
                {"text": {"Exists": False}},
                {"n": condition("NULL")},
                {"text": condition("BEGINS_WITH", {"S": "no"})}):
            refusal = refused(client.put_item, **put, Expected=expected)
            assert refusal.code == "ConditionalCheckFailedException", expected
        client.put_item(**put, Expected={
            "text": {"Value": {"S": "text 1"}, "Exists": True}, "absent": {"Exists": False},
            "parity": condition("EQ", {"S": "odd"})})
        assert client.get_item(TableName=filled, Key=KEY)["Item"] == put["Item"]
        refusal = refused(
            client.delete_item, TableName=filled, Key=KEY, Expected={"x": condition("NULL")})
        assert refusal.code == "ConditionalCheckFailedException"


class TestMixing:
    def test_old_and_new_do_not_mix(self, client, filled, invalid):
        invalid("Can not use both expression and non-expression parameters in the same request: "
                "Non-expression parameters: {AttributesToGet} "
                "Expression parameters: {ProjectionExpression}",
                client.get_item, TableName=filled, Key=KEY, AttributesToGet=["a"],
                ProjectionExpression="a")
        invalid("Can not use both expression and non-expression parameters in the same request: "
                "Non-expression parameters: {AttributeUpdates} "
                "Expression parameters: {UpdateExpression}",
                client.update_item, TableName=filled, Key=KEY, UpdateExpression="REMOVE a",
                AttributeUpdates={"a": {"Action": "DELETE"}})
