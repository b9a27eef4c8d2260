#!/usr/bin/env python3
"""Sends broken requests to the server for a bounded time; it must refuse each and live.

Valid requests are damaged: bytes flipped, cut, repeated, members swapped, dropped and replaced,
expressions garbled, HTTP heads torn. After each the answer must be HTTP with a client error (or
success), never a 5xx, with a right checksum and a typed JSON error; and a sound request must
still be answered soundly. Prints the seed; exits with 1 at the first breach.
"""

import argparse
import copy
import http.client
import json
import random
import shutil
import socket
import sys
import tempfile
import time
from pathlib import Path

from raw_client import RawClient, checksum_matches, headers_of
from server_process import ServerFailed, ServerProcess, default_binary

TABLE = "fuzzed"
KEY = {"id": {"S": "a"}, "n": {"N": "1"}}

REQUESTS = [
    ("PutItem", {"TableName": TABLE, "Item": KEY | {
        "x": {"M": {"el": {"L": [{"N": "1.5"}, {"BOOL": True}, {"NULL": True}]}}},
        "b": {"B": "AAEC"}, "ss": {"SS": ["a", "b"]}, "ns": {"NS": ["1", "-2e5"]},
        "bs": {"BS": ["AA==", "AQ=="]}, "g": {"S": "g"}}, "ReturnValues": "ALL_OLD",
        "ConditionExpression": "attribute_not_exists(zz) OR size(x) < :v AND NOT g IN (:v, :w)",
        "ExpressionAttributeValues": {":v": {"N": "3"}, ":w": {"S": "x"}}}),
    ("GetItem", {"TableName": TABLE, "Key": KEY, "ConsistentRead": True,
                 "ProjectionExpression": "x.el[0], #b, ss",
                 "ExpressionAttributeNames": {"#b": "b"}, "ReturnConsumedCapacity": "INDEXES"}),
    ("UpdateItem", {"TableName": TABLE, "Key": KEY, "ReturnValues": "ALL_NEW",
                    "UpdateExpression": "SET x.el[1] = if_not_exists(q, :v) + :v, "
                                        "l = list_append(:l, :l) REMOVE b ADD c :v DELETE ss :s",
                    "ExpressionAttributeValues": {
                        ":v": {"N": "1"}, ":l": {"L": [{"S": "e"}]}, ":s": {"SS": ["a"]}}}),
    ("DeleteItem", {"TableName": TABLE, "Key": KEY, "ReturnValues": "ALL_OLD", "Expected": {
        "g": {"ComparisonOperator": "BEGINS_WITH", "AttributeValueList": [{"S": "g"}]}}}),
    ("Query", {"TableName": TABLE, "KeyConditionExpression": "id = :i AND n BETWEEN :v AND :w",
               "FilterExpression": "contains(ss, :i) OR attribute_type(g, :t)", "Limit": 5,
               "ExpressionAttributeValues": {
                   ":i": {"S": "a"}, ":v": {"N": "0"}, ":w": {"N": "9"}, ":t": {"S": "S"}},
               "ExclusiveStartKey": KEY, "ScanIndexForward": False, "Select": "ALL_ATTRIBUTES"}),
    ("Query", {"TableName": TABLE, "IndexName": "by-g", "KeyConditions": {
        "g": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "g"}]}}}),
    ("Scan", {"TableName": TABLE, "Segment": 1, "TotalSegments": 4, "Limit": 3,
              "ScanFilter": {"g": {"ComparisonOperator": "NOT_NULL"}}}),
    ("BatchGetItem", {"RequestItems": {TABLE: {
        "Keys": [KEY, {"id": {"S": "b"}, "n": {"N": "2"}}], "ProjectionExpression": "id"}}}),
    ("BatchWriteItem", {"RequestItems": {TABLE: [
        {"PutRequest": {"Item": KEY}},
        {"DeleteRequest": {"Key": {"id": {"S": "b"}, "n": {"N": "2"}}}}]}}),
    ("TransactWriteItems", {"ClientRequestToken": "fuzz", "ReturnConsumedCapacity": "INDEXES",
                            "ReturnItemCollectionMetrics": "SIZE", "TransactItems": [
        {"Put": {"TableName": TABLE, "Item": KEY | {"x": {"L": [{"S": "t"}]}, "g": {"S": "g"}},
                 "ConditionExpression": "attribute_not_exists(zz)",
                 "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
        {"Update": {"TableName": TABLE, "Key": {"id": {"S": "c"}, "n": {"N": "3"}},
                    "UpdateExpression": "SET #c = if_not_exists(#c, :v) + :v",
                    "ExpressionAttributeNames": {"#c": "c"},
                    "ExpressionAttributeValues": {":v": {"N": "1"}}}},
        {"Delete": {"TableName": TABLE, "Key": {"id": {"S": "d"}, "n": {"N": "4"}}}},
        {"ConditionCheck": {"TableName": TABLE, "Key": {"id": {"S": "e"}, "n": {"N": "5"}},
                            "ConditionExpression": "attribute_not_exists(id)"}}]}),
    ("TransactGetItems", {"ReturnConsumedCapacity": "TOTAL", "TransactItems": [
        {"Get": {"TableName": TABLE, "Key": KEY, "ProjectionExpression": "#x, g",
                 "ExpressionAttributeNames": {"#x": "x"}}},
        {"Get": {"TableName": TABLE, "Key": {"id": {"S": "b"}, "n": {"N": "2"}}}}]}),
    ("ExecuteStatement", {
        "Statement": f"SELECT id, x.el[0] FROM {TABLE} WHERE id = ? AND n BETWEEN 0 AND ? "
                     "AND ( contains(ss, 'a') OR begins_with(g, 'g') OR x IS NOT MISSING )",
        "Parameters": [{"S": "a"}, {"N": "9"}], "ConsistentRead": True, "Limit": 3,
        "ReturnConsumedCapacity": "TOTAL"}),
    ("ExecuteStatement", {"Statement": f"INSERT INTO {TABLE} VALUE {{'id': 'i', 'n': ?, "
                                       "'l': [1, {'m': <<'a', 'b'>>}]}", "Parameters": [{"N": "6"}]}),
    ("ExecuteStatement", {"Statement": f"UPDATE {TABLE} SET q = list_append(?, [1]) REMOVE b "
                                       "WHERE id = 'a' AND n = 1 RETURNING ALL NEW *",
                          "Parameters": [{"L": []}]}),
    ("BatchExecuteStatement", {"ReturnConsumedCapacity": "TOTAL", "Statements": [
        {"Statement": f"SELECT * FROM {TABLE} WHERE id = 'a' AND n = ?", "Parameters": [{"N": "1"}],
         "ConsistentRead": True},
        {"Statement": f"SELECT * FROM {TABLE} WHERE id = 'b' AND n = 2"}]}),
    ("ExecuteTransaction", {"ClientRequestToken": "fuzzed", "TransactStatements": [
        {"Statement": f"EXISTS ( SELECT * FROM {TABLE} WHERE id = 'a' AND n = 1 AND zz IS MISSING )"},
        {"Statement": f"UPDATE {TABLE} SET c = ? WHERE id = 'c' AND n = 3",
         "Parameters": [{"N": "7"}], "ReturnValuesOnConditionCheckFailure": "ALL_OLD"},
        {"Statement": f"DELETE FROM {TABLE} WHERE id = 'd' AND n = 4"}]}),
    ("DescribeTable", {"TableName": TABLE}),
    ("ListTables", {"Limit": 3, "ExclusiveStartTableName": "abc"}),
    ("CreateTable", {
        "TableName": TABLE, "BillingMode": "PAY_PER_REQUEST",
        "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"},
                      {"AttributeName": "n", "KeyType": "RANGE"}],
        "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
        "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "S"},
                                 {"AttributeName": "n", "AttributeType": "N"},
                                 {"AttributeName": "g", "AttributeType": "S"}],
        "GlobalSecondaryIndexes": [{
            "IndexName": "by-g", "KeySchema": [{"AttributeName": "g", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x"]}}],
        "Tags": [{"Key": "a", "Value": "b"}]}),
    ("UpdateTimeToLive", {"TableName": TABLE, "TimeToLiveSpecification": {
        "Enabled": True, "AttributeName": "expires"}}),
    ("TagResource", {"ResourceArn": f"arn:aws:dynamodb:us-east-1:000000000000:table/{TABLE}",
                     "Tags": [{"Key": "a", "Value": "b"}]}),
]


def stream_requests(client):
    """Valid requests of DynamoDB Streams for the table's own stream, shards and iterators."""
    stream = client.call("ListStreams", TableName=TABLE)["Streams"][0]["StreamArn"]
    shards = client.call("DescribeStream", StreamArn=stream)["StreamDescription"]["Shards"]
    shard, sequence = shards[0]["ShardId"], shards[0]["SequenceNumberRange"]["StartingSequenceNumber"]
    iterator_requests = [
        {"StreamArn": stream, "ShardId": shard, "ShardIteratorType": "TRIM_HORIZON"},
        {"StreamArn": stream, "ShardId": shard, "ShardIteratorType": "AFTER_SEQUENCE_NUMBER",
         "SequenceNumber": sequence}]
    iterators = [
        client.call("GetShardIterator", StreamArn=stream, ShardId=each["ShardId"],
                    ShardIteratorType="TRIM_HORIZON")["ShardIterator"] for each in shards]
    return [
        ("ListStreams", {"TableName": TABLE, "Limit": 5, "ExclusiveStartStreamArn": stream}),
        ("DescribeStream", {"StreamArn": stream, "Limit": 5, "ExclusiveStartShardId": shard,
                            "ShardFilter": {"Type": "CHILD_SHARDS", "ShardId": shard}}),
        *(("GetShardIterator", request) for request in iterator_requests),
        *(("GetRecords", {"ShardIterator": iterator, "Limit": 10}) for iterator in iterators),
    ]


ODD_VALUES = [
    None, True, False, 0, -1, 2**31, 2**63, -2**63, 2**64, 1e308, 1.5, "", "x", "\x00", "\ud800",
    "a" * 5000, [], {}, [[]], {"": {}}, {"S": "a"}, {"N": "1"}, {"N": "1e999999999999"},
    {"N": "-" + "9" * 60}, {"N": "0." + "0" * 400 + "1"}, {"B": "===="}, {"SS": []}, {"L": [{}]},
    {"M": {"a": {"M": {"b": {}}}}}, {"NULL": False}, {"S": "a", "N": "1"}, {"XX": 1},
    [None] * 200, {str(i): i for i in range(200)}, "ALL_NEW", "9" * 400,
]
ODD_WORDS = [
    "(", ")", "[", "]", "[99999999999999999999]", "[-1]", ".", ",", "#", ":", ":v", "#b", "AND",
    "OR", "NOT", "NOT " * 400, "(" * 400, "BETWEEN", "IN", "size(", "attribute_exists(", "=", "<>",
    "<=", "SET", "REMOVE", "ADD", "DELETE", "a.b.c.d", "\x00", "é", "🪨", "+", "-", "1", "'", '"',
    "if_not_exists(", "list_append(", "contains(x, x)", "x" * 300, "a." * 50 + "a",
]


def places(value, path=()):
    """The paths of all parts of a JSON value."""
    yield path
    children = value.items() if isinstance(value, dict) else (
        enumerate(value) if isinstance(value, list) else ())
    for step, child in children:
        yield from places(child, (*path, step))


def garble(rng, text):
    words = text.split(" ")
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(words) + 1)
        action = rng.random()
        if action < 0.5:
            words.insert(at, rng.choice(ODD_WORDS))
        elif words and action < 0.8:
            del words[min(at, len(words) - 1)]
        else:
            cut = rng.randrange(len(" ".join(words)) + 1)
            words = " ".join(words)[:cut].split(" ")
    return " ".join(words)


def change_part(rng, body):
    """Replaces, removes, repeats or garbles one part of a body."""
    body = copy.deepcopy(body)
    path = rng.choice([path for path in places(body) if path])
    parent = body
    for step in path[:-1]:
        parent = parent[step]
    step = path[-1]
    action = rng.random()
    if isinstance(parent[step], str) and action < 0.5:
        parent[step] = garble(rng, parent[step])
    elif action < 0.7:
        parent[step] = copy.deepcopy(rng.choice(ODD_VALUES))
    elif action < 0.85:
        del parent[step]
    elif isinstance(parent, list):
        parent.extend([parent[step]] * rng.choice([1, 2, 30, 130]))
    else:
        parent[rng.choice(["", "X", "x" * 300, step + "X"])] = parent[step]
    return body


def damage_bytes(rng, data):
    data = bytearray(data)
    for _ in range(rng.randrange(1, 6)):
        action, at = rng.random(), rng.randrange(len(data) + 1)
        if action < 0.4 and at < len(data):
            data[at] = rng.randrange(256)
        elif action < 0.6:
            del data[at:at + rng.randrange(1, 20)]
        elif action < 0.8:
            data[at:at] = data[at:at + rng.randrange(1, 40)]
        else:
            data[at:at] = rng.choice([b"\xff", b"\\u12", b'"', b"{", b"]", b"\x00", b"1e9", b"\\"])
    return bytes(data)


class Breach(Exception):
    """The server did what it must not."""


class Fuzz:
    """Damaged requests against one server."""

    def __init__(self, rng, server):
        self.rng = rng
        self.server = server
        self.client = RawClient(server.port, timeout=30)
        self.counts = {}
        self.requests = list(REQUESTS)

    def prepare(self):
        create = next(body for name, body in REQUESTS if name == "CreateTable")
        self.client.call("CreateTable", **create)
        while self.client.call("DescribeTable", TableName=TABLE)["Table"]["TableStatus"] != "ACTIVE":
            time.sleep(0.02)
        self.requests += stream_requests(self.client)

    def step(self):
        operation, body = self.rng.choice(self.requests)
        if self.rng.random() < 0.6:
            for _ in range(self.rng.randrange(1, 4)):
                body = change_part(self.rng, body) or {"TableName": TABLE}
            data = json.dumps(body).encode()
        else:
            data = damage_bytes(self.rng, json.dumps(body).encode())
        if self.rng.random() < 0.1:
            self.send_torn(operation, data)
        else:
            self.send_whole(operation, data)

    def send_whole(self, operation, data):
        try:
            answer = self.client.send(operation, data)
        except (OSError, http.client.HTTPException) as error:
            raise Breach(f"{operation} {data!r} got no answer: {error!r}") from error
        told = f"{operation} {data!r} was answered with {answer.status} {answer.body[:300]!r}"
        self.counts[answer.status] = self.counts.get(answer.status, 0) + 1
        if answer.status >= 500 or answer.status not in (200, 400, 413):
            raise Breach(told)
        if not checksum_matches(answer):
            raise Breach("wrong checksum: " + told)
        if answer.status == 400 and "#" not in answer.json().get("__type", ""):
            raise Breach("untyped error: " + told)

    def send_torn(self, operation, data):
        """Damages the HTTP head as well; any answer or a closed connection will do."""
        headers = headers_of(operation)
        head = f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {len(data)}\r\n" + "".join(
            f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n"
        torn = damage_bytes(self.rng, head.encode()) + data
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=10) as connection:
            try:
                connection.sendall(torn)
                connection.shutdown(socket.SHUT_WR)
                received = connection.recv(65536)
            except OSError:
                return
        if received and not received.startswith(b"HTTP/1.1 "):
            raise Breach(f"{torn!r} was answered with {received[:200]!r}")
        if received.startswith(b"HTTP/1.1 5") and not received.startswith(b"HTTP/1.1 501"):
            raise Breach(f"{torn!r} was answered with {received[:200]!r}")

    def check_alive(self, number):
        """A sound write and read among the unsound ones."""
        item = {"id": {"S": "sound"}, "n": {"N": str(number)}, "x": {"S": "é" * (number % 50)}}
        names = self.client.call("ListTables")["TableNames"]
        if TABLE not in names:
            raise Breach("the table is gone, though nothing asked for that")
        self.client.call("PutItem", TableName=TABLE, Item=item)
        key = {"id": item["id"], "n": item["n"]}
        found = self.client.call("GetItem", TableName=TABLE, Key=key, ConsistentRead=True)
        if found.get("Item") != item:
            raise Breach(f"put {item}, got {found}")


def run(arguments):
    rng = random.Random(arguments.seed)
    directory = Path(tempfile.mkdtemp(prefix="request-fuzz-"))
    server = ServerProcess(
        None, "--in-memory", binary=arguments.binary, log_path=directory / "log.txt")
    number = 0
    try:
        server.start()
        fuzz = Fuzz(rng, server)
        fuzz.prepare()
        deadline = time.monotonic() + arguments.seconds
        while time.monotonic() < deadline:
            fuzz.step()
            number += 1
            if number % 50 == 0:
                fuzz.check_alive(number)
        if server.stop() != 0:
            raise Breach("the server did not end soundly")
    except (Breach, ServerFailed, OSError, http.client.HTTPException) as breach:
        is_running = server.is_running()
        server.kill()
        print(f"request fuzz: FAILED at request {number}, seed {arguments.seed}, server "
              f"{'running' if is_running else 'DEAD'}: {breach}")
        print(f"request fuzz: the log is {directory / 'log.txt'}")
        return 1
    shutil.rmtree(directory)
    print(f"request fuzz: {number} broken requests, answers {fuzz.counts}, no breach "
          f"(seed {arguments.seed})")
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--binary", default=default_binary())
    arguments = parser.parse_args()
    print(f"request fuzz: seed {arguments.seed}", flush=True)
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
