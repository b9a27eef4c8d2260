"""Time to live: what expired goes, from indexes too; an hour passes in milliseconds."""

import time

import pytest

from conftest import definitions, index_of, key_schema, make_client
from stream_reader import records_of_table

HOUR = 3600


@pytest.fixture
def clocked(own_server):
    """A server whose clock is moved, and a client of it."""
    server = own_server("--in-memory", "--virtual-clock", "--ttl-interval", "1d")
    return Clocked(server)


class Clocked:
    def __init__(self, server):
        self.server = server
        self.client = make_client(server.endpoint)

    def advance(self, span):
        return self.server.advance(span)

    def now(self):
        return int(self.advance(0))

    def make_table(self, name="sessions", **parameters):
        self.client.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST", **({
                "KeySchema": key_schema(hash="id"),
                "AttributeDefinitions": definitions(id="S")} | parameters))

    def enable(self, name="sessions", attribute="expires", enabled=True):
        return self.client.update_time_to_live(
            TableName=name,
            TimeToLiveSpecification={"Enabled": enabled, "AttributeName": attribute})

    def status(self, name="sessions"):
        told = self.client.describe_time_to_live(TableName=name)
        return told["TimeToLiveDescription"]["TimeToLiveStatus"]

    def ids(self, name="sessions", **parameters):
        return sorted(item["id"]["S"] for item in self.client.scan(
            TableName=name, **parameters)["Items"])


def test_an_hour_in_milliseconds(clocked):
    clocked.make_table()
    clocked.enable()
    now = clocked.now()
    for name, seconds in [("short", HOUR), ("long", 2 * HOUR)]:
        clocked.client.put_item(TableName="sessions", Item={
            "id": {"S": name}, "expires": {"N": str(now + seconds)}})
    started = time.monotonic()
    clocked.advance("59m")
    assert clocked.ids() == ["long", "short"]
    clocked.advance("2m")
    assert clocked.ids() == ["long"]
    clocked.advance("1h")
    assert clocked.ids() == []
    assert time.monotonic() - started < 30


def test_what_expired_is_seen_until_it_is_deleted(clocked):
    clocked.make_table()
    clocked.enable()
    past = {"N": str(clocked.now() - 5)}
    clocked.client.put_item(
        TableName="sessions", Item={"id": {"S": "a"}, "expires": past})
    assert clocked.client.get_item(
        TableName="sessions", Key={"id": {"S": "a"}})["Item"]["expires"] == past
    # As the service advises, what expired is filtered out.
    assert clocked.ids(
        FilterExpression="expires > :now",
        ExpressionAttributeValues={":now": {"N": str(clocked.now())}}) == []
    clocked.advance(0)
    assert "Item" not in clocked.client.get_item(TableName="sessions", Key={"id": {"S": "a"}})


def test_other_types_and_times_stay(clocked):
    clocked.make_table()
    clocked.enable()
    now = clocked.now()
    kept = {
        "text": {"S": str(now - 5)}, "binary": {"B": b"5"}, "null": {"NULL": True},
        "set": {"NS": [str(now - 5)]}, "map": {"M": {"expires": {"N": str(now - 5)}}},
        "six-years-ago": {"N": str(now - 6 * 365 * 24 * HOUR)},
        "milliseconds": {"N": str((now - 5) * 1000)}, "negative": {"N": "-5"},
        "zero": {"N": "0"}, "huge": {"N": "9" * 38}, "hugest": {"N": "1E125"},
    }
    gone = {
        "past": {"N": str(now - 5)}, "fraction": {"N": f"{now - 5}.75"},
        "four-years-ago": {"N": str(now - 4 * 365 * 24 * HOUR)},
    }
    for name, value in (kept | gone).items():
        clocked.client.put_item(
            TableName="sessions", Item={"id": {"S": name}, "expires": value})
    clocked.client.put_item(TableName="sessions", Item={"id": {"S": "none"}})
    clocked.advance(0)
    assert clocked.ids() == sorted([*kept, "none"])


def test_a_changed_expiry_counts(clocked):
    clocked.make_table()
    clocked.enable()
    now = clocked.now()
    for name in ("renewed", "cleared", "shortened", "replaced"):
        clocked.client.put_item(TableName="sessions", Item={
            "id": {"S": name}, "expires": {"N": str(now + HOUR)}})
    update = {"TableName": "sessions"}
    clocked.client.update_item(
        Key={"id": {"S": "renewed"}}, UpdateExpression="SET expires = expires + :d",
        ExpressionAttributeValues={":d": {"N": str(2 * HOUR)}}, **update)
    clocked.client.update_item(
        Key={"id": {"S": "cleared"}}, UpdateExpression="REMOVE expires", **update)
    clocked.client.update_item(
        Key={"id": {"S": "shortened"}}, UpdateExpression="SET expires = :e",
        ExpressionAttributeValues={":e": {"N": str(now + 60)}}, **update)
    clocked.client.put_item(TableName="sessions", Item={"id": {"S": "replaced"}})
    clocked.advance(120)
    assert clocked.ids() == ["cleared", "renewed", "replaced"]
    clocked.advance("90m")
    assert clocked.ids() == ["cleared", "renewed", "replaced"]
    clocked.advance("90m")
    assert clocked.ids() == ["cleared", "replaced"]


def test_items_that_were_there_before_expire_too(clocked):
    clocked.make_table(
        AttributeDefinitions=definitions(id="S", owner="S"),
        GlobalSecondaryIndexes=[index_of("by-owner", hash="owner")])
    now = clocked.now()
    for start in range(0, 1200, 25):
        clocked.client.batch_write_item(RequestItems={"sessions": [
            {"PutRequest": {"Item": {
                "id": {"S": f"{n:04}"}, "owner": {"S": f"o{n % 7}"},
                "expires": {"N": str(now + n)}}}} for n in range(start, start + 25)]})
    clocked.enable()
    assert clocked.status() in ("ENABLING", "ENABLED")
    clocked.advance(1000 - (clocked.now() - now))
    assert clocked.status() == "ENABLED"
    left = clocked.ids()
    assert left[-1] == "1199"
    assert 150 <= len(left) <= 200
    assert clocked.ids(IndexName="by-owner") == left
    assert clocked.client.describe_table(TableName="sessions")["Table"]["ItemCount"] == len(left)


def test_switched_off_nothing_expires(clocked, invalid):
    clocked.make_table()
    invalid("TimeToLive is already disabled", clocked.enable, enabled=False)
    assert clocked.enable()["TimeToLiveSpecification"] == {
        "Enabled": True, "AttributeName": "expires"}
    invalid("TimeToLive is already enabled", clocked.enable)
    invalid("TimeToLive is active on a different AttributeName: current AttributeName is expires",
            clocked.enable, attribute="other")
    clocked.client.put_item(TableName="sessions", Item={
        "id": {"S": "a"}, "expires": {"N": str(clocked.now() + 60)}})
    clocked.enable(enabled=False)
    assert clocked.status() == "DISABLED"
    clocked.advance(HOUR)
    assert clocked.ids() == ["a"]
    clocked.enable(attribute="other")
    clocked.advance(HOUR)
    assert clocked.ids() == ["a"]
    clocked.enable(enabled=False, attribute="other")
    clocked.enable()
    clocked.advance(0)
    assert clocked.ids() == []


def test_it_goes_on_after_a_kill(own_server):
    server = own_server("--virtual-clock", "--ttl-interval", "1d")
    clocked = Clocked(server)
    clocked.make_table()
    clocked.enable()
    now = clocked.now()
    for name, seconds in [("soon", HOUR), ("late", 9 * HOUR)]:
        clocked.client.put_item(TableName="sessions", Item={
            "id": {"S": name}, "expires": {"N": str(now + seconds)}})
    server.kill()
    server.start()
    clocked.advance("2h")
    assert clocked.ids() == ["late"]
    server.kill()
    server.start()
    assert clocked.ids() == ["late"]
    clocked.advance("8h")
    assert clocked.ids() == []


def test_by_the_machines_clock(own_server):
    client = make_client(own_server("--in-memory", "--ttl-interval", "0").endpoint)
    client.create_table(
        TableName="temporary", KeySchema=key_schema(hash="id"), AttributeDefinitions=definitions(id="S"),
        BillingMode="PAY_PER_REQUEST")
    client.update_time_to_live(
        TableName="temporary", TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    client.put_item(TableName="temporary", Item={
        "id": {"S": "a"}, "expires": {"N": str(int(time.time()) - 1)}})
    deadline = time.monotonic() + 60
    while client.scan(TableName="temporary")["Count"] and time.monotonic() < deadline:
        time.sleep(0.02)
    assert client.scan(TableName="temporary")["Count"] == 0


def test_expiry_costs_no_units_and_a_write_costs_no_more(clocked):
    clocked.make_table()
    clocked.enable()
    written = clocked.client.put_item(
        TableName="sessions", ReturnConsumedCapacity="INDEXES",
        Item={"id": {"S": "a"}, "expires": {"N": str(clocked.now() + 60)}})
    assert written["ConsumedCapacity"] == {
        "TableName": "sessions", "CapacityUnits": 1.0, "Table": {"CapacityUnits": 1.0}}


def test_a_deletion_stands_in_the_stream(clocked):
    clocked.make_table(StreamSpecification={
        "StreamEnabled": True, "StreamViewType": "OLD_IMAGE"})
    clocked.enable()
    item = {"id": {"S": "a"}, "expires": {"N": str(clocked.now() + 60)}}
    clocked.client.put_item(TableName="sessions", Item=item)
    moved = clocked.advance("1h")
    records = records_of_table(clocked.server.endpoint, "sessions")
    assert [record["eventName"] for record in records] == ["INSERT", "REMOVE"]
    assert "userIdentity" not in records[0]
    assert records[1]["userIdentity"] == {
        "Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    assert records[1]["dynamodb"]["OldImage"] == item
    told = records[1]["dynamodb"]["ApproximateCreationDateTime"].timestamp()
    assert moved - 30 < told <= moved
