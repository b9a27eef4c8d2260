"""Order totals while server and handlers are killed at random: every record once in the totals.

A stream's record is delivered at least once; the function counts it exactly once. So the totals
must come out as a scan of the orders does, whatever was killed meanwhile. BASALT_PIPELINE_KILLS and
BASALT_PIPELINE_SEED make it longer, and repeat its choices.
"""

import os
import random
import signal
import threading
import time
from pathlib import Path

import botocore.exceptions

from pipelines import LocalCloud, load, wait_until

KILLS = int(os.environ.get("BASALT_PIPELINE_KILLS", "8"))
CUSTOMERS = 7


def descendants(pid):
    """The processes that a process started, and those that they started."""
    children = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rsplit(")", 1)[1].split()[1])
        except (OSError, IndexError):
            continue
        children.setdefault(parent, []).append(int(path.parent.name))
    found = []
    waiting = [pid]
    while waiting:
        for child in children.get(waiting.pop(), []):
            found.append(child)
            waiting.append(child)
    return found


class Writer(threading.Thread):
    """Writes, changes and deletes orders, some of them poison, and tries again until it may."""

    def __init__(self, cloud, seed):
        super().__init__(daemon=True)
        self.orders = cloud.table("orders")
        self.random = random.Random(seed)
        self.poisoned = set()
        self.known = []
        self.count = 0
        self.stops = threading.Event()

    def run(self):
        while not self.stops.is_set():
            self.step()
            self.count += 1

    def step(self):
        choice = self.random.random()
        if choice < 0.01:
            key = self.key("poison")
            self.poisoned.add(key["order"])
            self.until_done(lambda: self.orders.put_item(Item={**key, "total": "many"}))
        elif choice < 0.7 or not self.known:
            key = self.key("order")
            self.known.append(key)
            self.put(key)
        elif choice < 0.9:
            self.put(self.random.choice(self.known))
        else:
            key = self.known.pop(self.random.randrange(len(self.known)))
            self.until_done(lambda: self.orders.delete_item(Key=key))

    def key(self, prefix):
        return {"customer": f"customer-{self.random.randrange(CUSTOMERS)}",
                "order": f"{prefix}-{self.count:06}"}

    def put(self, key):
        total = self.random.randrange(1000)
        self.until_done(lambda: self.orders.put_item(Item={**key, "total": total}))

    def until_done(self, write):
        """A write that was cut off may have been done: writing it again changes nothing more."""
        while True:
            try:
                return write()
            except (botocore.exceptions.BotoCoreError, botocore.exceptions.ClientError):
                time.sleep(0.05)


def scanned_totals(cloud):
    """What the totals must be: customer -> (amount, orders)."""
    totals = {}
    pages = cloud.client("dynamodb").get_paginator("scan").paginate(
        TableName="orders", ConsistentRead=True)
    for page in pages:
        for item in page["Items"]:
            if "N" in item["total"]:
                amount, count = totals.get(item["customer"]["S"], (0, 0))
                totals[item["customer"]["S"]] = (amount + int(item["total"]["N"]), count + 1)
    return totals


def test_totals_are_exact_after_kills(tmp_path):
    seed = int(os.environ.get("BASALT_PIPELINE_SEED", random.randrange(1 << 32)))
    print(f"seed {seed}")
    choices = random.Random(seed)
    pipeline = load("order-totals")
    killed = {"server": 0, "handler": 0}
    with LocalCloud(directory=tmp_path) as cloud:
        pipeline.deploy(cloud, Retries=5)
        writer = Writer(cloud, seed + 1)
        writer.start()
        for _ in range(KILLS):
            time.sleep(choices.uniform(0.3, 1.5))
            handlers = descendants(cloud.basalt.process.pid)
            if handlers and choices.random() < 0.6:
                try:
                    os.kill(choices.choice(handlers), signal.SIGKILL)
                    killed["handler"] += 1
                except ProcessLookupError:
                    pass
            else:
                cloud.basalt.kill()
                cloud.basalt.start()
                killed["server"] += 1
        writer.stops.set()
        writer.join(60)
        print(f"killed {killed}; {writer.count} writes, {len(writer.poisoned)} of them poison")
        expected = scanned_totals(cloud)

        def settled():
            found = pipeline.totals(cloud)
            return all(found.get(name, (0, 0)) == total for name, total in expected.items())

        try:
            wait_until(settled, "the totals", seconds=120)
        except TimeoutError:
            assert pipeline.totals(cloud) == expected
        # All poison, and nothing else, was given up: each a batch of its own.
        dead = {}

        def all_dead():
            for failure in pipeline.failures(cloud):
                batch = failure["DDBStreamBatchInfo"]
                assert batch["batchSize"] == 1
                dead[batch["startSequenceNumber"]] = batch
            return len(dead) >= len(writer.poisoned)

        wait_until(all_dead, "the poison in the dead-letter queue", seconds=120)
        assert {order_at(cloud, batch) for batch in dead.values()} == writer.poisoned
        # It stays so.
        time.sleep(1)
        assert settled()


def order_at(cloud, batch):
    """The order that a given-up record is about."""
    streams = cloud.client("dynamodbstreams")
    iterator = streams.get_shard_iterator(
        StreamArn=batch["streamArn"], ShardId=batch["shardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER",
        SequenceNumber=batch["startSequenceNumber"])["ShardIterator"]
    record = streams.get_records(ShardIterator=iterator, Limit=1)["Records"][0]
    return record["dynamodb"]["Keys"]["order"]["S"]
