"""The resource interface of boto3: Decimal, sets, Binary, condition builders, batch writer."""

from decimal import Decimal

import pytest
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import Binary

from conftest import index_of


@pytest.fixture
def table(resource, new_table):
    name = new_table(
        id="S", n="N", attributes={"owner": "S"},
        parameters={"GlobalSecondaryIndexes": [index_of("by-owner", hash="owner", range="n")]})
    return resource.Table(name)


def test_types(table):
    item = {
        "id": "types", "n": Decimal("1.5"), "text": "é🪨", "none": None, "yes": True, "no": False,
        "bytes": Binary(b"\x00\xff"), "strings": {"a", "b"},
        "numbers": {Decimal(1), Decimal("2.5")}, "binaries": {Binary(b"a"), Binary(b"b")},
        "list": [Decimal(1), "two", [None]], "map": {"deep": {"deeper": [Decimal("-0.001")]}},
        "exact": Decimal("0.1234567890123456789012345678901234567"),
    }
    table.put_item(Item=item)
    assert table.get_item(Key={"id": "types", "n": Decimal("1.50")})["Item"] == item


def test_batch_writer_and_conditions(table):
    with table.batch_writer(overwrite_by_pkeys=["id", "n"]) as batch:
        for i in range(120):
            batch.put_item(Item={
                "id": f"id {i % 3}", "n": i, "owner": f"owner {i % 5}", "even": i % 2 == 0})
        batch.put_item(Item={"id": "id 0", "n": 0, "owner": "owner 0", "even": True, "last": 1})
        batch.delete_item(Key={"id": "id 1", "n": 1})
    found = table.query(
        KeyConditionExpression=Key("id").eq("id 0") & Key("n").between(30, 60),
        FilterExpression=Attr("even").eq(True) & ~Attr("last").exists())
    assert [int(item["n"]) for item in found["Items"]] == [30, 36, 42, 48, 54, 60]
    found = table.query(
        IndexName="by-owner", ScanIndexForward=False, Limit=2,
        KeyConditionExpression=Key("owner").eq("owner 4") & Key("n").lt(100))
    assert [int(item["n"]) for item in found["Items"]] == [99, 94]
    assert found["LastEvaluatedKey"] == {
        "id": "id 1", "n": Decimal(94), "owner": "owner 4"}
    found = table.scan(
        FilterExpression=Attr("owner").is_in(["owner 1", "owner 2"]) & Attr("n").gte(1)
        & Attr("id").begins_with("id") & Attr("even").ne(False), Select="COUNT")
    assert found["Count"] == sum(
        1 for i in range(120) if i % 5 in (1, 2) and i % 2 == 0)
    table.reload()
    assert table.item_count == 119


def test_counter_and_conditional_update(table, resource):
    key = {"id": "counter", "n": 0}
    for _ in range(10):
        table.update_item(
            Key=key, UpdateExpression="ADD hits :one", ExpressionAttributeValues={":one": 1})
    failed = resource.meta.client.exceptions.ConditionalCheckFailedException
    with pytest.raises(failed):
        table.update_item(
            Key=key, UpdateExpression="SET hits = :zero", ConditionExpression=Attr("hits").lt(10),
            ExpressionAttributeValues={":zero": 0})
    assert table.get_item(Key=key, ConsistentRead=True)["Item"]["hits"] == 10


def test_batch_get(table, resource):
    for i in range(5):
        table.put_item(Item={"id": "b", "n": i})
    got = resource.batch_get_item(RequestItems={
        table.name: {"Keys": [{"id": "b", "n": i} for i in range(10)]}})
    assert {int(item["n"]) for item in got["Responses"][table.name]} == set(range(5))


def test_waiters_and_collections(table, resource):
    assert table.name in [each.name for each in resource.tables.all()]
    assert table.table_status == "ACTIVE"
    assert table.key_schema[0]["AttributeName"] == "id"
