#!/usr/bin/env python3
"""Kills the server with SIGKILL under load, again and again, and looks for anything lost.

Several clients write to keys of their own (put, conditional update, conditional delete, batch) and
to shared counters, while a global index is added and removed. At a random moment the server is
killed, sometimes again in mid-recovery; then it is started and everything is compared:

- each key holds its last acknowledged state, or the one state that was on its way at the kill;
- each shared counter is at least what was acknowledged, at most what was asked;
- every index holds the projection of each item, entry by entry, and nothing else;
- the counts and sizes that DescribeTable tells are those of what is there, to the byte.

Prints the seed; exits with 1 at the first difference and keeps the data directory for a look.
"""

import argparse
import http.client
import random
import shutil
import sys
import tempfile
import threading
import time
from pathlib import Path

from item_size import item_size, projected
from raw_client import RawClient, ServiceFault
from server_process import ServerFailed, ServerProcess, default_binary

TABLE = "crash"
KEYS_PER_CLIENT = 40
COUNTERS = 5
CONNECTION_LOST = (OSError, http.client.HTTPException)

KEY_NAMES = {"id", "n"}
INDEXES = {
    "by-rank": (KEY_NAMES | {"rank"}, {"rank"}),
    "by-group": (None, {"group", "rank"}),
    "by-pair": (KEY_NAMES | {"group", "color", "version"}, {"group", "color"}),
}
EXTRA_INDEX = "by-version"
EXTRA = (KEY_NAMES | {"version"}, {"version"})


class Loss(Exception):
    """What was found is not what was acknowledged."""


def schema(*pairs):
    return [{"AttributeName": name, "KeyType": role} for name, role in pairs]


def types(*pairs):
    return [{"AttributeName": name, "AttributeType": kind} for name, kind in pairs]


def create_table(client):
    client.call(
        "CreateTable", TableName=TABLE, BillingMode="PAY_PER_REQUEST",
        KeySchema=schema(("id", "HASH"), ("n", "RANGE")),
        AttributeDefinitions=types(
            ("id", "S"), ("n", "N"), ("rank", "N"), ("group", "S"), ("color", "S")),
        LocalSecondaryIndexes=[{
            "IndexName": "by-rank", "KeySchema": schema(("id", "HASH"), ("rank", "RANGE")),
            "Projection": {"ProjectionType": "KEYS_ONLY"}}],
        GlobalSecondaryIndexes=[
            {"IndexName": "by-group", "Projection": {"ProjectionType": "ALL"},
             "KeySchema": schema(("group", "HASH"), ("rank", "RANGE"))},
            {"IndexName": "by-pair", "KeySchema": schema(("group", "HASH"), ("color", "HASH")),
             "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["version"]}}])


def described(client):
    return client.call("DescribeTable", TableName=TABLE)["Table"]


def counter_key(number):
    return {"id": {"S": "counter"}, "n": {"N": str(number)}}


class Writer(threading.Thread):
    """A client that writes to its own keys and remembers what was acknowledged.

    - acknowledged: key -> the item, or None where there is none.
    - on_the_way: key -> the state that an unanswered request asked for.
    """

    def __init__(self, number, seed, deadline_past):
        super().__init__(daemon=True)
        self.number = number
        self.random = random.Random(seed)
        self.acknowledged = {(f"client-{number}", n): None for n in range(KEYS_PER_CLIENT)}
        self.on_the_way = {}
        self.counted = [0] * COUNTERS
        self.counting = [0] * COUNTERS
        self.versions = 0
        self.writes = 0
        self.refused = 0
        self.port = None
        self.stopping = deadline_past
        self.problem = None

    def run(self):
        try:
            client = RawClient(self.port, timeout=30)
            while not self.stopping.is_set():
                self.step(client)
        except CONNECTION_LOST:
            pass
        except ServiceFault as fault:
            # An answer of 5xx acknowledges nothing; anything else must not happen.
            if fault.status < 500:
                self.problem = f"client {self.number}: {fault}"
            else:
                self.refused += 1
        except Exception as error:  # a fault of the harness must not pass for success
            self.problem = f"client {self.number}: {error!r}"

    def step(self, client):
        choice = self.random.random()
        if choice < 0.15:
            self.count(client)
        elif choice < 0.30:
            self.batch(client)
        else:
            self.write_one(client)

    def new_item(self, key):
        self.versions += 1
        item = {
            "id": {"S": key[0]}, "n": {"N": str(key[1])}, "version": {"N": str(self.versions)},
            "payload": {"S": "x" * int(self.random.paretovariate(0.6) % 5000)}}
        for name, value in (
                ("rank", {"N": str(self.random.randrange(-50, 50))}),
                ("group", {"S": f"group-{self.random.randrange(4)}"}),
                ("color", {"S": self.random.choice(["red", "green", "blue"])})):
            if self.random.random() < 0.8:
                item[name] = value
        return item

    def acknowledge(self):
        """What was on its way has been answered."""
        self.acknowledged.update(self.on_the_way)
        self.writes += len(self.on_the_way)
        self.on_the_way = {}

    def write_one(self, client):
        key = self.random.choice(list(self.acknowledged))
        old = self.acknowledged[key]
        wire_key = {"id": {"S": key[0]}, "n": {"N": str(key[1])}}
        kind = self.random.choice(["put", "update", "delete"] if old else ["put"])
        if kind == "delete":
            self.on_the_way = {key: None}
            client.call(
                "DeleteItem", TableName=TABLE, Key=wire_key,
                ConditionExpression="version = :old",
                ExpressionAttributeValues={":old": old["version"]})
        elif kind == "put":
            self.on_the_way = {key: self.new_item(key)}
            client.call("PutItem", TableName=TABLE, Item=self.on_the_way[key])
        else:
            changed = dict(old)
            fresh = self.new_item(key)
            changed["version"] = fresh["version"]
            changed["rank"] = {"N": str(self.random.randrange(-50, 50))}
            changed.pop("color", None)
            self.on_the_way = {key: changed}
            client.call(
                "UpdateItem", TableName=TABLE, Key=wire_key,
                UpdateExpression="SET version = :new, #r = :rank REMOVE color",
                ConditionExpression="version = :old", ExpressionAttributeNames={"#r": "rank"},
                ExpressionAttributeValues={
                    ":new": changed["version"], ":old": old["version"], ":rank": changed["rank"]})
        self.acknowledge()

    def batch(self, client):
        keys = self.random.sample(list(self.acknowledged), self.random.randrange(2, 20))
        wanted, requests = {}, []
        for key in keys:
            if self.random.random() < 0.3:
                wanted[key] = None
                requests.append({"DeleteRequest": {"Key": {
                    "id": {"S": key[0]}, "n": {"N": str(key[1])}}}})
            else:
                wanted[key] = self.new_item(key)
                requests.append({"PutRequest": {"Item": wanted[key]}})
        self.on_the_way = wanted
        answer = client.call("BatchWriteItem", RequestItems={TABLE: requests})
        if answer.get("UnprocessedItems"):
            raise Loss("a batch was left unprocessed without a throttle")
        self.acknowledge()

    def count(self, client):
        number = self.random.randrange(COUNTERS)
        self.counting[number] += 1
        client.call(
            "UpdateItem", TableName=TABLE, Key=counter_key(number),
            UpdateExpression="ADD hits :one", ExpressionAttributeValues={":one": {"N": "1"}})
        self.counted[number] += 1
        self.writes += 1

    def successor(self, seed, stopping):
        """A writer with the same memory for the next round; a thread runs only once."""
        heir = Writer(self.number, seed, stopping)
        heir.acknowledged, heir.versions = self.acknowledged, self.versions
        heir.writes, heir.refused = self.writes, self.refused
        return heir


class IndexChanger(threading.Thread):
    """Adds the extra index where it is absent and removes it where it is there."""

    def __init__(self, port, delay):
        super().__init__(daemon=True)
        self.port = port
        self.delay = delay

    def run(self):
        time.sleep(self.delay)
        try:
            client = RawClient(self.port, timeout=30)
            indexes = {i["IndexName"] for i in described(client)["GlobalSecondaryIndexes"]}
            if EXTRA_INDEX in indexes:
                update = {"Delete": {"IndexName": EXTRA_INDEX}}
            else:
                update = {"Create": {
                    "IndexName": EXTRA_INDEX, "KeySchema": schema(("version", "HASH")),
                    "Projection": {"ProjectionType": "KEYS_ONLY"}}}
            client.call(
                "UpdateTable", TableName=TABLE,
                AttributeDefinitions=types(
                    ("id", "S"), ("n", "N"), ("rank", "N"), ("group", "S"), ("color", "S"),
                    *([] if EXTRA_INDEX in indexes else [("version", "N")])),
                GlobalSecondaryIndexUpdates=[update])
        except (*CONNECTION_LOST, ServiceFault):
            pass


def read_all(client, **parameters):
    items = []
    while True:
        page = client.call("Scan", TableName=TABLE, **parameters)
        items += page["Items"]
        if "LastEvaluatedKey" not in page:
            return items
        parameters["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def key_of(item):
    return item["id"]["S"], int(item["n"]["N"])


def by_key(items, where):
    found = {}
    for item in items:
        if key_of(item) in found:
            raise Loss(f"{where}: two entries of {key_of(item)}")
        found[key_of(item)] = item
    return found


def wait_for_indexes(client, seconds=60):
    """The description once no index is being made or removed."""
    deadline = time.monotonic() + seconds
    while True:
        table = described(client)
        states = {i["IndexName"]: i["IndexStatus"] for i in table["GlobalSecondaryIndexes"]}
        if table["TableStatus"] == "ACTIVE" and set(states.values()) == {"ACTIVE"}:
            return table
        if time.monotonic() > deadline:
            raise Loss(f"an index never became ACTIVE: {states}")
        time.sleep(0.05)


def check_writers(found, writers):
    """Compares each writer's keys with what is there, and takes that as the new truth."""
    for writer in writers:
        for key, acknowledged in writer.acknowledged.items():
            candidates = [acknowledged]
            if key in writer.on_the_way:
                candidates.append(writer.on_the_way[key])
            if found.get(key) not in candidates:
                raise Loss(f"{key}: found {found.get(key)}, should be one of {candidates}")
            writer.acknowledged[key] = found.get(key)
        writer.on_the_way = {}


def check_counters(found, base, writers):
    """Compares the shared counters; returns their values."""
    values = []
    for number in range(COUNTERS):
        item = found.get(("counter", number))
        value = int(item["hits"]["N"]) if item else 0
        least = base[number] + sum(writer.counted[number] for writer in writers)
        most = base[number] + sum(writer.counting[number] for writer in writers)
        if not least <= value <= most:
            raise Loss(f"counter {number} is {value}, should be within {least} and {most}")
        values.append(value)
    return values


def check_indexes(client, table, found):
    told = {i["IndexName"]: i for kind in ("Local", "Global")
            for i in table.get(f"{kind}SecondaryIndexes", [])}
    wanted = dict(INDEXES)
    if EXTRA_INDEX in told:
        wanted[EXTRA_INDEX] = EXTRA
    if set(told) != set(wanted):
        raise Loss(f"the indexes are {set(told)}, should be {set(wanted)}")
    for name, (names, needed) in wanted.items():
        entries = by_key(read_all(client, IndexName=name), name)
        expected = {
            key: projected(item, names) for key, item in found.items() if needed <= set(item)}
        if entries != expected:
            keys = [k for k in expected.keys() | entries.keys()
                    if entries.get(k) != expected.get(k)]
            raise Loss(f"{name} differs from the table at {len(keys)} keys, first {keys[0]}: "
                       f"{entries.get(keys[0])}, should be {expected.get(keys[0])}")
        size = sum(map(item_size, expected.values()))
        if (told[name]["ItemCount"], told[name]["IndexSizeBytes"]) != (len(expected), size):
            raise Loss(f"{name} tells {told[name]['ItemCount']} entries of "
                       f"{told[name]['IndexSizeBytes']} bytes, has {len(expected)} of {size}")


def verify(port, writers, base):
    """Compares everything; returns the counters' values."""
    client = RawClient(port)
    table = wait_for_indexes(client)
    found = by_key(read_all(client, ConsistentRead=True), "the table")
    check_writers(found, writers)
    counters = check_counters(found, base, writers)
    size = sum(map(item_size, found.values()))
    if (table["ItemCount"], table["TableSizeBytes"]) != (len(found), size):
        raise Loss(f"the table tells {table['ItemCount']} items of {table['TableSizeBytes']} "
                   f"bytes, has {len(found)} of {size}")
    check_indexes(client, table, found)
    strangers = [k for k in found if k[0] != "counter" and not k[0].startswith("client-")]
    if strangers:
        raise Loss(f"items that nobody wrote: {strangers[:3]}")
    client.close()
    return counters


def one_round(server, rng, writers, is_last):
    """Lets the writers run for a while, kills the server under them and starts it again."""
    for writer in writers:
        writer.port = server.port
        writer.start()
    changer = IndexChanger(server.port, rng.uniform(0, 0.2))
    if rng.random() < 0.3:
        changer.start()
    time.sleep(rng.choice([rng.uniform(0.01, 0.1), rng.uniform(0.1, 0.6)]))
    server.kill()
    if changer.ident is not None:
        changer.join(60)
    for writer in writers:
        writer.stopping.set()
        writer.join(60)
        if writer.is_alive():
            raise Loss(f"client {writer.number} hangs")
        if writer.problem:
            raise Loss(writer.problem)
    kills = 1
    while not is_last and rng.random() < 0.2:
        kill_in_recovery(server, rng)
        kills += 1
    server.start()
    return kills


def kill_in_recovery(server, rng):
    """Starts the server and kills it before it may have finished opening its store."""
    starter = threading.Thread(target=start_quietly, args=(server,))
    starter.start()
    time.sleep(rng.uniform(0.005, 0.15))
    server.kill()
    starter.join()


def start_quietly(server):
    try:
        server.start()
    except ServerFailed:
        pass


def run(arguments):
    rng = random.Random(arguments.seed)
    directory = Path(tempfile.mkdtemp(prefix="crash-harness-"))
    extra = ["--durability", arguments.durability] if arguments.durability else []
    server = ServerProcess(
        directory / "data", *extra, binary=arguments.binary, log_path=directory / "log.txt")
    started, kills, rounds = time.monotonic(), 0, 0
    try:
        server.start()
        client = RawClient(server.port)
        create_table(client)
        wait_for_indexes(client)
        client.close()
        writers = [Writer(i, rng.random(), threading.Event()) for i in range(arguments.clients)]
        counters = [0] * COUNTERS
        while kills < arguments.kills:
            kills += one_round(server, rng, writers, kills + 1 >= arguments.kills)
            rounds += 1
            counters = verify(server.port, writers, counters)
            stopping = threading.Event()
            writers = [writer.successor(rng.random(), stopping) for writer in writers]
        server.stop()
        server.start()
        verify(server.port, writers, counters)
        server.stop()
    except (Loss, ServerFailed, ServiceFault, *CONNECTION_LOST) as loss:
        server.kill()
        print(f"crash harness: FAILED after {kills} kills, seed {arguments.seed}: {loss}")
        print(f"crash harness: the data directory is kept in {directory}")
        return 1
    writes = sum(writer.writes for writer in writers)
    refused = sum(writer.refused for writer in writers)
    if writes < 10 * rounds:
        print(f"crash harness: FAILED: only {writes} writes in {rounds} rounds show nothing")
        return 1
    print(f"crash harness: {kills} kills, {writes} acknowledged writes verified, nothing lost "
          f"({refused} answers of 5xx, {time.monotonic() - started:.0f} s, "
          f"seed {arguments.seed})")
    shutil.rmtree(directory)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--binary", default=default_binary())
    parser.add_argument("--durability", help="passed on to the server; its default if not given")
    arguments = parser.parse_args()
    print(f"crash harness: seed {arguments.seed}", flush=True)
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
