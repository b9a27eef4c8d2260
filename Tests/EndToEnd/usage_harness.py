#!/usr/bin/env python3
"""Compares the account book with what clients were told, while the server is killed now and then.

Several clients send mixed requests (single items, conditions that fail, batches, transactions,
queries and scans, of a table with a local and a global index) and add up the ConsumedCapacity of
every answer, by table and index. Between rounds the server is killed with SIGKILL amidst the
requests, or stopped, and started again. After each round the book must hold at least what clients
were told, and at most that and what unanswered requests may have cost; where nothing was
unanswered and no answer is without its ConsumedCapacity, the two are equal to the half unit.

Prints the seed; exits with 1 at the first difference.
"""

import argparse
import http.client
import json
import random
import shutil
import sys
import tempfile
import threading
import time
import urllib.request
from collections import Counter
from pathlib import Path

from item_size import item_size
from raw_client import RawClient, ServiceFault
from server_process import ServerProcess

TABLE = "usage"
KEYS = 60
CONNECTION_LOST = (OSError, http.client.HTTPException)
# More than any one request here can cost in any table or index.
UNANSWERED_MAX = 2_000


class Difference(Exception):
    """The book and the clients disagree."""


def create_table(client):
    def keys(*pairs):
        return [{"AttributeName": name, "KeyType": role} for name, role in pairs]

    client.call(
        "CreateTable", TableName=TABLE, BillingMode="PAY_PER_REQUEST",
        KeySchema=keys(("id", "HASH"), ("n", "RANGE")),
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "n", "AttributeType": "N"},
            {"AttributeName": "rank", "AttributeType": "N"},
            {"AttributeName": "group", "AttributeType": "S"}],
        LocalSecondaryIndexes=[{
            "IndexName": "by-rank", "KeySchema": keys(("id", "HASH"), ("rank", "RANGE")),
            "Projection": {"ProjectionType": "KEYS_ONLY"}}],
        GlobalSecondaryIndexes=[{
            "IndexName": "by-group", "KeySchema": keys(("group", "HASH")),
            "Projection": {"ProjectionType": "ALL"}}])


def places(capacity):
    """Units by index (the table's under "") of one ConsumedCapacity that tells indexes."""
    sums = Counter()
    arms = [("", capacity.get("Table", {}))]
    for member in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
        arms += capacity.get(member, {}).items()
    for name, arm in arms:
        sums[name] += arm.get("CapacityUnits", 0)
    if abs(sum(sums.values()) - capacity["CapacityUnits"]) > 1e-9:
        raise Difference(f"arms do not add up: {capacity}")
    return sums


class Reader(threading.Thread):
    """A client that asks for this and that, and adds up what it was told."""

    def __init__(self, number, port, seed, count, kills):
        super().__init__(daemon=True)
        self.random = random.Random(seed)
        self.number = number
        self.port = port
        self.count = count
        self.kills = kills
        self.told = Counter()
        self.answered = 0
        self.unanswered = 0
        self.problem = None

    def run(self):
        try:
            client = RawClient(self.port, timeout=60)
            for _ in range(self.count):
                self.unanswered = 1
                self.step(client)
                self.unanswered = 0
                self.answered += 1
        except CONNECTION_LOST:
            if not self.kills:
                self.problem = f"client {self.number}: the connection was lost"
        except Exception as error:  # a fault of the harness must not pass for success
            self.problem = f"client {self.number}: {error!r}"

    def key(self):
        # Keys of its own: what a failed condition costs is then known.
        return {"id": {"S": f"c{self.number}-{self.random.randrange(KEYS // 4)}"},
                "n": {"N": str(self.random.randrange(4))}}

    def item(self):
        item = self.key()
        item["payload"] = {"S": "x" * self.random.randrange(3_000)}
        if self.random.random() < 0.7:
            item["rank"] = {"N": str(self.random.randrange(100))}
        if self.random.random() < 0.7:
            item["group"] = {"S": f"group-{self.random.randrange(5)}"}
        return item

    def note(self, answer):
        told = answer["ConsumedCapacity"]
        for capacity in told if isinstance(told, list) else [told]:
            self.told += places(capacity)

    def call(self, client, operation, **parameters):
        self.note(client.call(operation, ReturnConsumedCapacity="INDEXES", **parameters))

    def step(self, client):
        kinds = ["put", "update", "delete", "get", "failing", "batch_write", "batch_get",
                 "transact_write", "transact_get", "query", "index_query", "scan", "statement"]
        weights = [20, 15, 8, 20, 5, 5, 5, 4, 4, 6, 5, 1, 3]
        getattr(self, self.random.choices(kinds, weights)[0])(client)

    def put(self, client):
        self.call(client, "PutItem", TableName=TABLE, Item=self.item())

    def update(self, client):
        self.call(
            client, "UpdateItem", TableName=TABLE, Key=self.key(),
            UpdateExpression="SET #r = :r, extra = :e", ExpressionAttributeNames={"#r": "rank"},
            ExpressionAttributeValues={
                ":r": {"N": str(self.random.randrange(100))},
                ":e": {"S": "y" * self.random.randrange(500)}})

    def delete(self, client):
        self.call(client, "DeleteItem", TableName=TABLE, Key=self.key())

    def get(self, client):
        self.call(client, "GetItem", TableName=TABLE, Key=self.key(),
                  ConsistentRead=self.random.random() < 0.5)

    def failing(self, client):
        """A condition that never holds: it costs a write of the item that is there, untold."""
        key = self.key()
        found = client.call("GetItem", TableName=TABLE, Key=key, ConsistentRead=True,
                            ReturnConsumedCapacity="INDEXES")
        self.note(found)
        try:
            client.call(
                "DeleteItem", TableName=TABLE, Key=key, ConditionExpression="id = :no",
                ExpressionAttributeValues={":no": {"S": "nobody"}})
        except ServiceFault as fault:
            if fault.code != "ConditionalCheckFailedException":
                raise
        size = item_size(found["Item"]) if "Item" in found else 0
        self.told[""] += max(1, -(-size // 1024))

    def batch_write(self, client):
        chosen = {json.dumps(item["id"]) + json.dumps(item["n"]): item
                  for item in (self.item() for _ in range(8))}
        requests = [{"PutRequest": {"Item": item}} for item in chosen.values()]
        self.call(client, "BatchWriteItem", RequestItems={TABLE: requests})

    def batch_get(self, client):
        keys = {json.dumps(key): key for key in (self.key() for _ in range(8))}
        self.call(client, "BatchGetItem", RequestItems={TABLE: {
            "Keys": list(keys.values()), "ConsistentRead": self.random.random() < 0.5}})

    def transact_write(self, client):
        keys = {json.dumps(key): key for key in (self.key() for _ in range(3))}
        actions = [{"Update": {
            "TableName": TABLE, "Key": key, "UpdateExpression": "SET seen = :n",
            "ExpressionAttributeValues": {":n": {"N": str(self.random.randrange(9))}}}}
            for key in keys.values()]
        self.call(client, "TransactWriteItems", TransactItems=actions)

    def transact_get(self, client):
        keys = {json.dumps(key): key for key in (self.key() for _ in range(3))}
        self.call(client, "TransactGetItems", TransactItems=[
            {"Get": {"TableName": TABLE, "Key": key}} for key in keys.values()])

    def query(self, client):
        self.call(
            client, "Query", TableName=TABLE, KeyConditionExpression="id = :id",
            ExpressionAttributeValues={":id": self.key()["id"]})

    def index_query(self, client):
        name, attribute, value = self.random.choice([
            ("by-group", "group", {"S": "group-1"}), ("by-rank", "id", self.key()["id"])])
        self.call(
            client, "Query", TableName=TABLE, IndexName=name, KeyConditionExpression="#k = :v",
            ExpressionAttributeNames={"#k": attribute}, ExpressionAttributeValues={":v": value},
            Limit=20)

    def scan(self, client):
        self.call(client, "Scan", TableName=TABLE, Limit=40)

    def statement(self, client):
        key = self.key()
        self.call(
            client, "ExecuteStatement",
            Statement=f'SELECT * FROM "{TABLE}" WHERE id = ? AND n = ?',
            Parameters=[key["id"], key["n"]])


def book(server):
    """Units by index (the table's under "") as the account book has them."""
    url = f"{server.endpoint}/_basalt/usage?table={TABLE}&since=1d&by=index"
    with urllib.request.urlopen(url, timeout=60) as response:
        rows = json.load(response)["rows"]
    sums = Counter()
    for row in rows:
        sums[row.get("index", "")] += row["readUnits"] + row["writeUnits"]
    return sums


def compare(server, told, unanswered):
    held = book(server)
    for name in held.keys() | told.keys():
        least = told[name]
        most = least + unanswered * UNANSWERED_MAX
        if not least <= held[name] <= most:
            raise Difference(
                f"the book has {held[name]} units of '{name}', should be {least} to {most}")
    return held


def run(seed, requests, rounds, clients, directory, binary=None):
    """Returns how many requests were answered; raises a Difference."""
    chance = random.Random(seed)
    arguments = ["--durability", "os"]
    server = ServerProcess(
        Path(directory) / "data", *arguments, binary=binary,
        log_path=Path(directory) / "log.txt").start()
    told = Counter()
    answered = 0
    try:
        create_table(RawClient(server.port))
        for number in range(rounds):
            end = ["kill amidst", "kill after", "stop"][number % 3]
            share = requests // rounds // clients
            readers = [
                Reader(i, server.port, chance.getrandbits(64), share, end == "kill amidst")
                for i in range(clients)]
            for reader in readers:
                reader.start()
            if end == "kill amidst":
                # Somewhere on the way, however fast the machine is.
                goal = chance.uniform(0.5, 0.9) * share * clients
                while (any(reader.is_alive() for reader in readers)
                       and sum(reader.answered for reader in readers) < goal):
                    time.sleep(0.002)
                server.kill()
            for reader in readers:
                reader.join()
                if reader.problem:
                    raise Difference(reader.problem)
            unanswered = sum(reader.unanswered for reader in readers)
            told += sum((reader.told for reader in readers), Counter())
            answered += sum(reader.answered for reader in readers)
            if end == "kill after":
                server.kill()
            elif end == "stop":
                server.stop()
            server.start()
            held = compare(server, told, unanswered)
            # What unanswered requests cost is known from now on.
            told = held
            print(f"round {number + 1}, {end}: {answered} answered, {unanswered} not; "
                  + ", ".join(f"{name or TABLE} {value:g}" for name, value in sorted(held.items())))
    finally:
        server.kill()
    return answered


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().getrandbits(32))
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--clients", type=int, default=4)
    arguments = parser.parse_args()
    print(f"seed {arguments.seed}")
    directory = tempfile.mkdtemp(prefix="usage-")
    try:
        run(arguments.seed, arguments.requests, arguments.rounds, arguments.clients, directory)
    except Difference as difference:
        print(f"DIFFERENCE: {difference}\nleft in {directory}", file=sys.stderr)
        return 1
    shutil.rmtree(directory)
    return 0


if __name__ == "__main__":
    sys.exit(main())
