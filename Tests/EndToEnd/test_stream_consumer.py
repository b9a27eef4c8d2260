"""A consumer sees every change exactly once and in order, while writers write, partitions split and
the server is killed and started again."""

import random
import threading

from botocore.exceptions import BotoCoreError, ClientError

from conftest import definitions, key_schema, make_client
from kcl_consumer import Consumer

SEED = 20261121
WRITERS = 4
KEYS_PER_WRITER = 5
WRITES = 120
LOST = (BotoCoreError, OSError)


class Writer(threading.Thread):
    """Writes its own keys one after another, and knows what became of each write.

    A write whose answer was lost is looked up when the server is back: nobody else writes its item.
    """

    def __init__(self, endpoint, table, number, is_up):
        super().__init__()
        self.client = make_client(endpoint)
        self.table, self.number, self.is_up = table, number, is_up
        self.random = random.Random(SEED + number)
        self.items = {}
        self.changes = {}
        self.written = 0
        self.failure = None

    def run(self):
        try:
            for version in range(WRITES):
                self.write_one(version)
        except Exception as error:  # told by the test, in its own thread
            self.failure = error

    def write_one(self, version):
        name = f"w{self.number}-{self.random.randrange(KEYS_PER_WRITER)}"
        item = {"id": {"S": name}, "version": {"N": str(version)},
                "note": {"S": "x" * self.random.randrange(300)}}
        wanted = None if self.random.random() < 0.2 else item
        try:
            if wanted is None:
                self.client.delete_item(TableName=self.table, Key={"id": item["id"]})
            else:
                self.client.put_item(TableName=self.table, Item=wanted)
        except LOST:
            if self.look_up(name) != wanted:
                return
        except ClientError as error:
            # A server that is going refuses what it no longer takes.
            if error.response["ResponseMetadata"]["HTTPStatusCode"] < 500:
                raise
            if self.look_up(name) != wanted:
                return
        old = self.items.get(name)
        if old != wanted:
            self.changes.setdefault(name, []).append((old, wanted))
            self.items[name] = wanted
        self.written += 1

    def look_up(self, name):
        while True:
            assert self.is_up.wait(60)
            try:
                return self.client.get_item(
                    TableName=self.table, Key={"id": {"S": name}}, ConsistentRead=True).get("Item")
            except LOST:
                continue


def raise_throughput(client, table, units):
    client.update_table(
        TableName=table,
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": units})


def make_table(client):
    answer = client.create_table(
        TableName="changes", KeySchema=key_schema(hash="id"),
        AttributeDefinitions=definitions(id="S"),
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    return answer["TableDescription"]["LatestStreamArn"]


def check(consumer, writers):
    """What the consumer saw of each item is what its writer did to it."""
    seen = {}
    for record in consumer.journal.records:
        change = (record.get("OldImage"), record.get("NewImage"))
        seen.setdefault(record["Keys"]["id"]["S"], []).append(change)
    for writer in writers:
        for name, changes in writer.changes.items():
            assert seen.pop(name) == changes, name
    assert not seen
    numbers = [record["SequenceNumber"] for record in consumer.journal.records]
    assert len(set(numbers)) == len(numbers)


def check_lineage(consumer):
    shards = {shard["ShardId"]: shard for shard in consumer.shards()}
    for shard in shards.values():
        if "ParentShardId" in shard:
            parent = shards[shard["ParentShardId"]]["SequenceNumberRange"]
            assert (parent["EndingSequenceNumber"]
                    < shard["SequenceNumberRange"]["StartingSequenceNumber"])
    # 1 partition became 2, then 3, then 6: every cut leaves its closed shard behind.
    is_open = [s for s in shards.values() if "EndingSequenceNumber" not in s["SequenceNumberRange"]]
    assert len(is_open) == 6
    assert len(shards) == 11


def test_every_change_is_seen_exactly_once_in_order(own_server, tmp_path):
    server = own_server()
    client = make_client(server.endpoint)
    arn = make_table(client)
    is_up = threading.Event()
    is_up.set()
    writers = [Writer(server.endpoint, "changes", number, is_up) for number in range(WRITERS)]
    for writer in writers:
        writer.start()

    def follow(share):
        """Consumes until the writers have done a share of their writes; begun anew each time."""
        consumer = Consumer(
            make_client(server.endpoint, service="streams"), arn, tmp_path / "journal")
        while (sum(writer.written for writer in writers) < share * WRITERS * WRITES
               and any(writer.is_alive() for writer in writers)):
            consumer.poll(limit=7)
        consumer.close()

    for step, units in enumerate((2000, 3000, 6000), start=1):
        follow(0.25 * step - 0.1)
        raise_throughput(client, "changes", units)
        follow(0.25 * step)
        if step < 3:
            is_up.clear()
            server.kill()
            server.start()
            is_up.set()
    for writer in writers:
        writer.join(120)
        assert not writer.is_alive() and writer.failure is None, writer.failure
    consumer = Consumer(make_client(server.endpoint, service="streams"), arn, tmp_path / "journal")
    consumer.drain()
    check(consumer, writers)
    check_lineage(consumer)
    consumer.close()
