"""Time to live by an attribute that is part of a key; what is refused of its settings."""

import pytest

from conftest import definitions, index_of, key_schema
from test_time_to_live import HOUR, clocked

__all__ = ["clocked"]

TYPES = {"id": "S", "expires": "N", "n": "N"}


def times(now):
    """What expires, and what stays."""
    return {"past": now - HOUR, "soon": now + 60, "late": now + 10 * HOUR}


@pytest.mark.parametrize("name, keys, more", [
    ("hash-key", {"hash": "expires"}, {}),
    ("sort-key", {"hash": "id", "range": "expires"}, {}),
    ("global-hash-key", {"hash": "id"}, {"GlobalSecondaryIndexes": [
        index_of("index", hash="expires")]}),
    ("global-sort-key", {"hash": "id"}, {"GlobalSecondaryIndexes": [
        index_of("index", "KEYS_ONLY", hash="id", range="expires")]}),
    ("local-sort-key", {"hash": "id", "range": "n"}, {"LocalSecondaryIndexes": [
        index_of("index", "KEYS_ONLY", hash="id", range="expires")]}),
])
def test_an_attribute_of_a_key(clocked, name, keys, more):
    schema = key_schema(**keys)
    indexed = [key for indexes in more.values() for index in indexes for key in index["KeySchema"]]
    used = {key["AttributeName"] for key in schema + indexed}
    clocked.make_table(
        name, KeySchema=schema,
        AttributeDefinitions=definitions(**{key: TYPES[key] for key in used}), **more)
    clocked.enable(name)
    for place, (label, time) in enumerate(times(clocked.now()).items()):
        clocked.client.put_item(TableName=name, Item={
            "id": {"S": "one" if "range" in keys else label}, "n": {"N": str(place)},
            "label": {"S": label}, "expires": {"N": str(time)}})
    clocked.advance(HOUR)
    left = clocked.client.scan(TableName=name)["Items"]
    assert [item["label"]["S"] for item in left] == ["late"]
    if more:
        assert clocked.client.scan(TableName=name, IndexName="index")["Count"] == 1


def test_a_key_of_text_never_expires(clocked):
    clocked.make_table("text", KeySchema=key_schema(hash="expires"),
                       AttributeDefinitions=definitions(expires="S"))
    clocked.enable("text")
    clocked.client.put_item(
        TableName="text", Item={"expires": {"S": str(clocked.now() - HOUR)}})
    clocked.advance(HOUR)
    assert clocked.client.scan(TableName="text")["Count"] == 1


def test_what_is_refused(clocked, refused, invalid):
    clocked.make_table("settings")
    for name in ("", "a" * 256):
        refusal = refused(clocked.enable, name="settings", attribute=name)
        assert refusal.code == "ValidationException"
        assert "at 'timeToLiveSpecification.attributeName' failed" in refusal.message
    for operation in (clocked.enable, clocked.status):
        refusal = refused(operation, name="nowhere")
        assert refusal.code == "ResourceNotFoundException"
        assert refusal.message == "Requested resource not found: Table: nowhere not found"
    assert clocked.status("settings") == "DISABLED"
    assert clocked.enable("settings", "a" * 255)["TimeToLiveSpecification"]["Enabled"]
    invalid("TimeToLive is active on a different AttributeName: current AttributeName is "
            + "a" * 255, clocked.enable, name="settings", attribute="b", enabled=False)
