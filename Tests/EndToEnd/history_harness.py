#!/usr/bin/env python3
"""Many clients on few items, with kills, and a proof that all they saw fits one serial order.

Clients run transactions of writes and of reads, conditional writes and consistent reads over a few
items, and note when each was sent and answered and what it saw. Meanwhile the server is killed with
SIGKILL and started again; transactions whose answer was lost are then repeated with their token.
At the end the whole history must be strictly serializable (history_checker.py).

Each item holds a list, to which every write appends a value of its own, and that value once more by
itself, for conditions. An item that has grown long, or was deleted, is followed by a fresh one.
Prints the seed and what the history held; exits with 1 at the first anomaly and keeps the data
directory and the history for a look.
"""

import argparse
import http.client
import itertools
import pickle
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter
from pathlib import Path

from history_checker import Anomaly, Last, Operation, check
from raw_client import RawClient, ServiceFault
from server_process import ServerFailed, ServerProcess, default_binary

TABLES = ("history-a", "history-b")
CONNECTION_LOST = (OSError, http.client.HTTPException)
LIST_LENGTH_MAX = 40
CONFLICTS = {"TransactionConflictException", "TransactionInProgressException"}


class Unexpected(Exception):
    """An answer that no client should get."""


def now():
    return time.monotonic()


def text(value):
    return {"S": value}


def list_of(item):
    """The list of an item as the server showed it; None where it showed none."""
    return [element["S"] for element in item["list"]["L"]] if item else None


def last_of(values):
    return values[-1] if values else ""


def item_of(name, values):
    return {"pk": text(name), "list": {"L": [text(v) for v in values]}, "last": text(last_of(values))}


class Slots:
    """The items in use: each slot leads to its present one, under the table that holds it."""

    def __init__(self, count):
        self.lock = threading.Lock()
        self.generations = [0] * count
        self.claimed = set()

    def name(self, slot):
        return f"slot-{slot}-{self.generations[slot]}"

    def names(self):
        """Every item that was ever in use."""
        return [f"slot-{slot}-{number}"
                for slot, last in enumerate(self.generations) for number in range(last + 1)]

    def replace(self, name, make):
        """Makes the follower of an item, unless somebody has."""
        slot = int(name.split("-")[1])
        with self.lock:
            if self.name(slot) == name:
                make(f"slot-{slot}-{self.generations[slot] + 1}")
                self.generations[slot] += 1

    def claim_deletion(self, name):
        """Whether the caller is the one who may delete an item."""
        with self.lock:
            if name in self.claimed:
                return False
            self.claimed.add(name)
            return True

    def give_back_deletion(self, name):
        with self.lock:
            self.claimed.discard(name)


def table_of(name):
    return TABLES[int(name.split("-")[1]) % len(TABLES)]


def key_of(name):
    return {"TableName": table_of(name), "Key": {"pk": text(name)}}


class Server:
    """The server's state as clients know it."""

    def __init__(self, process):
        self.process = process
        self.is_up = threading.Event()
        self.stopping = threading.Event()

    def connect(self):
        return RawClient(self.process.port, timeout=60)


class Client(threading.Thread):
    """Runs random operations one after another and notes each.

    - known: item -> a list that it had when this client last looked.
    """

    def __init__(self, number, seed, server, slots):
        super().__init__(daemon=True)
        self.number = number
        self.random = random.Random(seed)
        self.server = server
        self.slots = slots
        self.connection = None
        self.operations = []
        self.counts = Counter()
        self.known = {}
        self.values = itertools.count(1)
        self.problem = None

    def run(self):
        try:
            while not self.server.stopping.is_set():
                if not self.server.is_up.wait(0.05):
                    continue
                self.step()
        except Exception as error:  # a fault of the harness must not pass for success
            self.problem = f"client {self.number}: {error!r}"

    def step(self):
        kinds = {self.write_transaction: 5, self.read_transaction: 2, self.read: 2,
                 self.plain_update: 2, self.plain_put: 1, self.plain_delete: 0.1}
        self.random.choices(list(kinds), kinds.values())[0]()

    # Sending.

    def send(self, operation, **parameters):
        """An answer, or None where the connection broke: the operation may have been done."""
        try:
            if self.connection is None:
                self.connection = self.server.connect()
            return self.connection.call(operation, **parameters)
        except CONNECTION_LOST:
            if self.connection is not None:
                self.connection.close()
            self.connection = None
            return None

    def attempt(self, name, parameters, operation, understand, is_repeatable=False):
        """Sends an operation and notes it.

        - operation: what it does if it is done, its end still open.
        - understand: takes the answer or the fault and completes the operation; False where
          nothing was done and nothing seen.
        """
        operation.invoked = now()
        while True:
            try:
                answer = self.send(name, **parameters)
            except ServiceFault as fault:
                answer = fault
            operation.completed = now()
            if answer is not None or not is_repeatable or not self.wait_for_server():
                break
            self.counts["repeated"] += 1
        if answer is None:
            operation.answered = False
            self.counts["unanswered"] += 1
            self.operations.append(operation)
            return
        if isinstance(answer, ServiceFault) and answer.status >= 500:
            raise Unexpected(str(answer))
        if understand(answer):
            self.counts[operation.name + (" refused" if operation.failed else "")] += 1
            self.operations.append(operation)
        else:
            self.counts[operation.name + " in conflict"] += 1

    def wait_for_server(self):
        while not self.server.stopping.is_set():
            if self.server.is_up.wait(0.05):
                return True
        return False

    def note(self, name, seen):
        """Remembers an item's list, and sees to its follower where it is over."""
        self.known[name] = seen
        if seen is None or len(seen) >= LIST_LENGTH_MAX:
            self.known.pop(name)
            self.slots.replace(name, self.make_item)

    def make_item(self, name):
        """Makes an item that nobody else knows yet, whatever it takes."""
        while True:
            try:
                answer = self.send("PutItem", TableName=table_of(name), Item=item_of(name, []))
                if answer is not None:
                    return
            except ServiceFault as fault:
                # Of an item that nobody knows: only a conflict on purpose.
                self.expect_conflict(fault)
            if not self.server.is_up.wait(60):
                raise Unexpected("no server to make an item on")

    def choose(self, most=4):
        slots = range(len(self.slots.generations))
        slots = self.random.sample(slots, self.random.randint(1, min(most, len(slots))))
        return [self.slots.name(slot) for slot in slots]

    def new_value(self):
        return f"{self.number}.{next(self.values)}"

    # Reads.

    def read(self):
        (name,) = self.choose(1)
        operation = Operation(0, 0, name="get")

        def understand(answer):
            if isinstance(answer, ServiceFault):
                raise Unexpected(str(answer))
            operation.reads[name] = list_of(answer.get("Item"))
            return True

        self.attempt(
            "GetItem", dict(key_of(name), ConsistentRead=True), operation, understand)
        self.note_reads(operation)

    def read_transaction(self):
        names = self.choose(len(self.slots.generations))
        operation = Operation(0, 0, name="transact-get")

        def understand(answer):
            if isinstance(answer, ServiceFault):
                self.expect_conflict(answer)
                return False
            for name, response in zip(names, answer["Responses"]):
                operation.reads[name] = list_of(response.get("Item"))
            return True

        self.attempt(
            "TransactGetItems", {"TransactItems": [{"Get": key_of(name)} for name in names]},
            operation, understand)
        self.note_reads(operation)

    def note_reads(self, operation):
        for name, seen in operation.reads.items():
            if seen is None or isinstance(seen, list):
                self.note(name, seen)

    def expect_conflict(self, fault):
        """Faults in whose answer nothing was looked at; anything else is wrong."""
        codes = {reason["Code"] for reason in fault.body.get("CancellationReasons", [])}
        if fault.code in CONFLICTS or "TransactionConflict" in codes:
            return
        raise Unexpected(f"{fault} {fault.body}")

    # Writes of one item.

    def understand_write(self, operation, name):
        """What a single-item write tells: the list before it, whether it was done or refused."""

        def understand(answer):
            if not isinstance(answer, ServiceFault):
                operation.reads[name] = list_of(answer["Attributes"])
                return True
            if answer.code != "ConditionalCheckFailedException":
                self.expect_conflict(answer)
                return False
            operation.failed = True
            operation.reads[name] = list_of(answer.body.get("Item"))
            return True

        return understand

    def single_write(self, kind, request, name, operation, **parameters):
        self.attempt(
            kind, dict(parameters, ReturnValues="ALL_OLD",
                       ReturnValuesOnConditionCheckFailure="ALL_OLD", **request),
            operation, self.understand_write(operation, name))
        self.note_reads(operation)
        if operation.answered and not operation.failed and name in operation.appends:
            if isinstance(operation.reads.get(name), list):
                self.note(name, [*operation.reads[name], operation.appends[name]])

    def plain_update(self):
        (name,) = self.choose(1)
        operation = Operation(0, 0, appends={name: self.new_value()}, name="update")
        self.single_write(
            "UpdateItem", key_of(name), name, operation, **appending(operation.appends[name]))

    def plain_put(self):
        name = self.choose_known()
        if name is None:
            return
        values, value = self.known[name], self.new_value()
        operation = Operation(
            0, 0, reads={name: Last(values[-1] if values else None)}, appends={name: value},
            name="put")
        self.single_write(
            "PutItem", {"TableName": table_of(name), "Item": item_of(name, [*values, value])},
            name, operation, **expecting(values))

    def plain_delete(self):
        name = self.choose_known()
        if name is None or not self.slots.claim_deletion(name):
            return
        values = self.known[name]
        operation = Operation(
            0, 0, reads={name: list(values)}, deletes=frozenset([name]), name="delete")
        self.single_write("DeleteItem", key_of(name), name, operation, **expecting(values))
        self.after_deletion(operation, name)

    def after_deletion(self, operation, name):
        """Lets another try, where it is sure that nothing was deleted; else goes on without."""
        is_noted = self.operations and self.operations[-1] is operation
        if not is_noted or operation.failed:
            self.slots.give_back_deletion(name)
        else:
            self.note(name, None)

    def choose_known(self):
        names = [name for name in self.choose() if name in self.known]
        return names[0] if names else None

    # Transactions of writes.

    def write_transaction(self):
        names = self.choose()
        operation = Operation(0, 0, name="transact-write")
        items, deleted = [], None
        for name in names:
            item, is_deletion = self.random_action(name, operation, deleted is None)
            deleted = name if is_deletion else deleted
            items.append(item)
        expected = dict(operation.reads)

        def understand(answer):
            if not isinstance(answer, ServiceFault):
                return True
            reasons = answer.body.get("CancellationReasons", [])
            codes = {reason["Code"] for reason in reasons}
            if codes - {"None", "ConditionalCheckFailed"} or not reasons:
                self.expect_conflict(answer)
                return False
            operation.failed = True
            operation.reads = {}
            for name, reason in zip(names, reasons):
                if reason["Code"] == "ConditionalCheckFailed":
                    operation.reads[name] = list_of(reason.get("Item"))
                elif name in expected:
                    operation.reads[name] = expected[name]
            return True

        self.attempt(
            "TransactWriteItems",
            {"TransactItems": items, "ClientRequestToken": f"{self.number}-{len(self.operations)}-"
             f"{self.random.randrange(2**32)}"},
            operation, understand, is_repeatable=self.random.random() < 0.8)
        if operation.failed:
            self.note_reads(operation)
        if deleted is not None:
            self.after_deletion(operation, deleted)

    def random_action(self, name, operation, may_delete):
        """One action, noted in the operation; and whether it deletes."""
        values = self.known.get(name)
        returns = {"ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        choice = self.random.random()
        if values is None or choice < 0.5:
            operation.appends[name] = self.new_value()
            action = dict(key_of(name), **appending(operation.appends[name]), **returns)
            return {"Update": action}, False
        operation.reads[name] = Last(values[-1] if values else None)
        if choice < 0.75:
            return {"ConditionCheck": dict(key_of(name), **expecting(values), **returns)}, False
        if choice < 0.77 and may_delete and self.slots.claim_deletion(name):
            operation.reads[name] = list(values)
            operation.deletes = frozenset([name])
            return {"Delete": dict(key_of(name), **expecting(values), **returns)}, True
        operation.appends[name] = self.new_value()
        put = {"TableName": table_of(name),
               "Item": item_of(name, [*values, operation.appends[name]])}
        return {"Put": dict(put, **expecting(values), **returns)}, False


def appending(value):
    return {
        "UpdateExpression": "SET #l = list_append(#l, :one), #e = :value",
        "ConditionExpression": "attribute_exists(pk)",
        "ExpressionAttributeNames": {"#l": "list", "#e": "last"},
        "ExpressionAttributeValues": {":one": {"L": [text(value)]}, ":value": text(value)}}


def expecting(values):
    return {
        "ConditionExpression": "#e = :expected", "ExpressionAttributeNames": {"#e": "last"},
        "ExpressionAttributeValues": {":expected": text(last_of(values))}}


def create_tables(client):
    for table in TABLES:
        client.call(
            "CreateTable", TableName=table, BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}])
    for table in TABLES:
        while client.call("DescribeTable", TableName=table)["Table"]["TableStatus"] != "ACTIVE":
            time.sleep(0.01)


def final_reads(client, names):
    operations = []
    for name in names:
        invoked = now()
        answer = client.call("GetItem", ConsistentRead=True, **key_of(name))
        operations.append(
            Operation(invoked, now(), reads={name: list_of(answer.get("Item"))}, name="final"))
    return operations


def let_run(arguments, server, clients, rng):
    """Lets the clients run for the time given, with the kills spread over it."""
    kills = 0
    ending = now() + arguments.seconds
    while now() < ending and not any(client.problem for client in clients):
        left = arguments.kills - kills
        pause = (ending - now()) / (left + 1)
        time.sleep(min(ending - now(), pause * rng.uniform(0.5, 1.5)) if pause > 0 else 0)
        if left > 0 and now() < ending:
            server.is_up.clear()
            server.process.kill()
            server.process.start()
            server.is_up.set()
            kills += 1
    server.stopping.set()
    for client in clients:
        client.join(120)
        if client.is_alive():
            raise Unexpected(f"client {client.number} hangs")
        if client.problem:
            raise Unexpected(client.problem)
    return kills


def record(arguments, directory, rng):
    """Runs everything; returns the history, the counts of its operations and of kills."""
    process = ServerProcess(
        directory / "data", *arguments.server_argument, binary=arguments.binary,
        log_path=directory / "log.txt")
    server = Server(process)
    try:
        process.start()
        control = server.connect()
        create_tables(control)
        slots = Slots(arguments.items)
        for name in slots.names():
            control.call("PutItem", TableName=table_of(name), Item=item_of(name, []))
        control.close()
        clients = [
            Client(number, rng.random(), server, slots) for number in range(arguments.clients)]
        server.is_up.set()
        for client in clients:
            client.start()
        kills = let_run(arguments, server, clients, rng)
        control = server.connect()
        history = [operation for client in clients for operation in client.operations]
        history += final_reads(control, slots.names())
        control.close()
        process.stop()
        return history, sum((client.counts for client in clients), Counter()), kills
    finally:
        process.kill()


def run(arguments):
    rng = random.Random(arguments.seed)
    directory = Path(tempfile.mkdtemp(prefix="history-harness-"))
    history = []
    try:
        history, counts, kills = record(arguments, directory, rng)
        began = now()
        check(history)
        took = now() - began
    except (Anomaly, Unexpected, ServerFailed, ServiceFault, *CONNECTION_LOST) as fault:
        (directory / "history.pickle").write_bytes(pickle.dumps(history))
        print(f"history harness: FAILED, seed {arguments.seed}: {fault}")
        print(f"history harness: data, log and history are kept in {directory}")
        return 1
    for name in sorted(counts):
        print(f"  {counts[name]:7} {name}")
    if counts["transact-write"] < arguments.seconds or counts["transact-get"] < arguments.seconds:
        print("history harness: FAILED: so few transactions show nothing")
        return 1
    print(f"history harness: {len(history)} operations of {arguments.clients} clients on "
          f"{arguments.items} items with {kills} kills are strictly serializable (checked in "
          f"{took:.1f} s, seed {arguments.seed})")
    shutil.rmtree(directory)
    return 0


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--kills", type=int, default=8)
    parser.add_argument("--clients", type=int, default=10)
    parser.add_argument("--items", type=int, default=8)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(2**32))
    parser.add_argument("--binary", default=default_binary())
    parser.add_argument(
        "--server-argument", action="append", default=[],
        help="passed on to basalt serve, like --server-argument=--durability=os")
    arguments = parser.parse_args()
    print(f"history harness: seed {arguments.seed}", flush=True)
    return run(arguments)


if __name__ == "__main__":
    sys.exit(main())
