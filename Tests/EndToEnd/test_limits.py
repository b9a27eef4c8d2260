"""Each bound of items, keys and expressions, over the wire: at the bound, and one past it."""

import pytest

from item_size import item_size

KEY = {"id": {"S": "a"}}


def padded(size, **attributes):
    item = KEY | attributes | {"x": {"S": ""}}
    item["x"]["S"] = "x" * (size - item_size(item))
    assert item_size(item) == size
    return item


def nested(depth):
    """A value whose innermost part is this many levels down."""
    value = {"S": "x"}
    for _ in range(depth):
        value = {"L": [value]}
    return value


def check(is_allowed, invalid, message, operation, **parameters):
    if is_allowed:
        operation(**parameters)
    else:
        invalid(message, operation, **parameters)


class TestItems:
    @pytest.mark.parametrize("size, is_allowed", [(409_600, True), (409_601, False)])
    def test_size(self, client, simple_table, invalid, size, is_allowed):
        check(is_allowed, invalid, "Item size has exceeded the maximum allowed size",
              client.put_item, TableName=simple_table, Item=padded(size))

    @pytest.mark.parametrize("depth, is_allowed", [(31, True), (32, True), (33, False)])
    def test_nesting(self, client, simple_table, invalid, depth, is_allowed):
        check(is_allowed, invalid,
              "Nesting Levels have exceeded supported limits…",
              client.put_item, TableName=simple_table, Item=KEY | {"x": nested(depth)})

    def test_update_past_the_size(self, client, simple_table, invalid):
        client.put_item(TableName=simple_table, Item=padded(409_000))
        update = {
            "TableName": simple_table, "Key": KEY, "UpdateExpression": "SET y = :y"}
        client.update_item(**update, ExpressionAttributeValues={":y": {"S": "y" * 500}})
        invalid("Item size to update has exceeded the maximum allowed size", client.update_item,
                **update, ExpressionAttributeValues={":y": {"S": "y" * 601}})
        told = client.describe_table(TableName=simple_table)["Table"]
        assert told["TableSizeBytes"] == 409_501

    @pytest.mark.parametrize("number", ["9" * 38, "9" * 38 + "E88", "-" + "9" * 38 + "E88",
                                        "1E-130", "-1E-130", "0." + "1" * 38])
    def test_numbers_at_the_bound(self, client, simple_table, number):
        client.put_item(TableName=simple_table, Item=KEY | {"x": {"N": number}})

    @pytest.mark.parametrize("number", ["9" * 39, "9" * 38 + "E89", "1E-131",
                                        "-1E126", "1" + "0" * 126])
    def test_numbers_past_the_bound(self, client, simple_table, refused, number):
        refusal = refused(
            client.put_item, TableName=simple_table, Item=KEY | {"x": {"N": number}})
        assert refusal.code == "ValidationException"


class TestKeys:
    @pytest.mark.parametrize("size, is_allowed", [(2048, True), (2049, False)])
    def test_partition_key(self, client, simple_table, invalid, size, is_allowed):
        message = ("One or more parameter values were invalid: Size of hashkey has exceeded the "
                   "maximum size limit of2048 bytes")
        item = {"id": {"S": "x" * size}}
        check(is_allowed, invalid, message, client.put_item, TableName=simple_table, Item=item)
        check(is_allowed, invalid, message, client.get_item, TableName=simple_table, Key=item)

    @pytest.mark.parametrize("size, is_allowed", [(1024, True), (1025, False)])
    def test_sort_key(self, client, new_table, invalid, size, is_allowed):
        table = new_table(id="S", part="S")
        check(is_allowed, invalid,
              "One or more parameter values were invalid: Aggregated size of all range keys has "
              "exceeded the size limit of 1024 bytes",
              client.put_item, TableName=table, Item=KEY | {"part": {"S": "x" * size}})

    def test_size_is_counted_in_bytes(self, client, simple_table, refused):
        client.put_item(TableName=simple_table, Item={"id": {"S": "é" * 1024}})
        assert refused(client.put_item, TableName=simple_table, Item={
            "id": {"S": "é" * 1024 + "x"}}).code == "ValidationException"


class TestExpressions:
    @pytest.mark.parametrize("size, is_allowed", [(4096, True), (4097, False)])
    def test_size(self, client, simple_table, invalid, size, is_allowed):
        expression = "attribute_not_exists(x)"
        expression += " " * (size - len(expression))
        check(is_allowed, invalid,
              "Invalid ConditionExpression: Expression size has exceeded the maximum allowed "
              "size; expression size: 4097",
              client.put_item, TableName=simple_table, Item=KEY, ConditionExpression=expression)

    @pytest.mark.parametrize("count, is_allowed", [(300, True), (301, False)])
    def test_operators(self, client, simple_table, refused, count, is_allowed):
        # n comparisons are joined by n − 1 ORs; NOT makes the count even.
        comparisons = ["x<:v"] * (count // 2)
        expression = ("NOT " if count % 2 == 0 else "NOT NOT ") + " OR ".join(comparisons)
        scan = {
            "TableName": simple_table, "FilterExpression": expression,
            "ExpressionAttributeValues": {":v": {"S": "a"}}}
        if is_allowed:
            client.scan(**scan)
            return
        refusal = refused(client.scan, **scan)
        assert refusal.code == "ValidationException"
        assert refusal.message.startswith("Invalid FilterExpression: ")

    def test_operands_of_in(self, client, simple_table, refused):
        values = {f":{i}": {"N": str(i)} for i in range(101)}
        names = list(values)
        client.scan(
            TableName=simple_table, FilterExpression=f"x IN ({','.join(names[:100])})",
            ExpressionAttributeValues={name: values[name] for name in names[:100]})
        assert refused(
            client.scan, TableName=simple_table, FilterExpression=f"x IN ({','.join(names)})",
            ExpressionAttributeValues=values).code == "ValidationException"


class TestSegments:
    @pytest.mark.parametrize("total, is_allowed", [(1_000_000, True), (1_000_001, False)])
    def test_total(self, client, simple_table, invalid, total, is_allowed):
        check(is_allowed, invalid,
              "Value '1000001' at 'totalSegments' failed to satisfy constraint: "
              "Member must have value less than or equal to 1000000",
              client.scan, TableName=simple_table, TotalSegments=total, Segment=0)
