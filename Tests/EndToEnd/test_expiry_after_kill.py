"""The server is killed while it deletes what expired, and while it indexes what will expire."""

import threading
import time

from conftest import definitions, index_of, key_schema, make_client
from stream_reader import records_of_table

ITEM_COUNT = 4000
TABLE = "sessions"


def fill(client, expires):
    client.create_table(
        TableName=TABLE, BillingMode="PAY_PER_REQUEST", KeySchema=key_schema(hash="id"),
        AttributeDefinitions=definitions(id="S", owner="S"),
        GlobalSecondaryIndexes=[index_of("by-owner", hash="owner")],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    for start in range(0, ITEM_COUNT, 25):
        client.batch_write_item(RequestItems={TABLE: [
            {"PutRequest": {"Item": {
                "id": {"S": f"{number}"}, "owner": {"S": f"{number % 7}"},
                "expires": {"N": str(expires)}, "text": {"S": "x" * 300}}}}
            for number in range(start, start + 25)
        ]})


def enable(client):
    client.update_time_to_live(
        TableName=TABLE, TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})


def count_of(client, **parameters):
    pages = client.get_paginator("scan").paginate(
        TableName=TABLE, Select="COUNT", **parameters)
    return sum(page["Count"] for page in pages)


def advance_until_killed(server, span):
    """Moves the clock from another thread, since the answer never comes when the server dies."""

    def move():
        try:
            server.advance(span)
        except OSError:
            pass

    thread = threading.Thread(target=move)
    thread.start()
    return thread


def removals(server):
    records = records_of_table(server.endpoint, TABLE)
    return [record for record in records if record["eventName"] == "REMOVE"]


def test_a_killed_sweep_goes_on_and_deletes_each_item_once(own_server):
    server = own_server("--virtual-clock", "--ttl-interval", "1d")
    client = make_client(server.endpoint)
    fill(client, int(time.time()) + 3600)
    enable(client)
    thread = advance_until_killed(server, "2h")
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        left = client.describe_table(TableName=TABLE)["Table"]["ItemCount"]
        if left < ITEM_COUNT:
            break
    server.kill()
    thread.join()
    server.start()
    server.advance(0)
    assert count_of(client) == count_of(client, IndexName="by-owner") == 0
    removed = [record["dynamodb"]["Keys"]["id"]["S"] for record in removals(server)]
    assert sorted(removed, key=int) == [str(number) for number in range(ITEM_COUNT)]


def test_a_killed_enabling_goes_on_and_misses_no_item(own_server):
    server = own_server("--virtual-clock", "--ttl-interval", "1d")
    client = make_client(server.endpoint)
    fill(client, int(time.time()) + 3600)
    enable(client)
    server.kill()
    server.start()
    server.advance("2h")
    assert count_of(client) == count_of(client, IndexName="by-owner") == 0
    assert len(removals(server)) == ITEM_COUNT
