"""A global index that is being filled while the server is killed: complete and exact afterwards."""

import random
import time

from conftest import make_client

TABLE = "filled"
ITEM_COUNT = 6000


def fill(client, generator):
    owners = {}
    for start in range(0, ITEM_COUNT, 25):
        requests = []
        for number in range(start, start + 25):
            item = {"pk": {"S": f"p{number}"}, "note": {"S": "x" * 100}}
            if generator.random() < 0.8:
                owners[f"p{number}"] = f"o{generator.randrange(50)}"
                item["owner"] = {"S": owners[f"p{number}"]}
            requests.append({"PutRequest": {"Item": item}})
        client.batch_write_item(RequestItems={TABLE: requests})
    return owners


def scan_all(client, **arguments):
    items = []
    for page in client.get_paginator("scan").paginate(TableName=TABLE, **arguments):
        items += page["Items"]
    return items


def test_kills_during_a_backfill_leave_an_exact_index(own_server):
    seed = random.randrange(2**32)
    generator = random.Random(seed)
    server = own_server()
    client = make_client(server.endpoint)
    client.create_table(
        TableName=TABLE, BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    owners = fill(client, generator)
    client.update_table(
        TableName=TABLE,
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "owner", "AttributeType": "S"}],
        GlobalSecondaryIndexUpdates=[{"Create": {
            "IndexName": "by-owner",
            "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"}}}])
    caught_in_the_act = 0
    for _ in range(5):
        index = client.describe_table(TableName=TABLE)["Table"]["GlobalSecondaryIndexes"][0]
        caught_in_the_act += index["IndexStatus"] == "CREATING"
        # Writes on either side of the cursor, so that both kinds of maintenance happen.
        for _ in range(3):
            name = f"p{generator.randrange(ITEM_COUNT)}"
            owners[name] = "moved"
            client.update_item(
                TableName=TABLE, Key={"pk": {"S": name}},
                UpdateExpression="SET #o = :o", ExpressionAttributeNames={"#o": "owner"},
                ExpressionAttributeValues={":o": {"S": "moved"}})
        server.kill()
        server.start()
        client = make_client(server.endpoint)
    deadline = time.monotonic() + 60
    while True:
        table = client.describe_table(TableName=TABLE)["Table"]
        index = table["GlobalSecondaryIndexes"][0]
        if index["IndexStatus"] == "ACTIVE":
            break
        assert time.monotonic() < deadline, f"the index is never filled (seed {seed})"
        time.sleep(0.05)
    entries = scan_all(client, IndexName="by-owner")
    found = {entry["pk"]["S"]: entry["owner"]["S"] for entry in entries}
    assert len(entries) == len(found), f"an item is indexed twice (seed {seed})"
    assert found == owners, f"the index differs from the table (seed {seed})"
    assert index["ItemCount"] == len(owners), f"seed {seed}"
    assert table["ItemCount"] == len(scan_all(client)) == ITEM_COUNT, f"seed {seed}"
    assert caught_in_the_act, "no kill fell into the backfill: fill more items"
