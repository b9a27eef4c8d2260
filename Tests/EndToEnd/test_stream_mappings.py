"""Functions that run on a table's changes: real code in real processes, through the public API."""

import itertools
import json
import sys
import textwrap
import threading
import time

import pytest

from conftest import make_client, next_table_name
from lambda_code import ROLE, python_zip
from outcomes import wait_until

RUNTIME = f"python3.{sys.version_info.minor}"
numbers = itertools.count(1)

# Each invocation leaves a line in a file: its event, and what the code below made of it.
PREAMBLE = """
import json, os, time

def note(**line):
    with open(os.environ["OUT"], "a") as file:
        file.write(json.dumps(line) + "\\n")

"""

NOTES_ALL = """
def handler(event, context):
    note(event=event, id=context.aws_request_id)
"""


class Subject:
    """A table with a stream, a function, and a mapping between them."""

    def __init__(self, server, path, code, memory=None, **mapping):
        self.server = server
        self.path = path
        path.write_text("")
        self.table = next_table_name()
        self.function = f"stream-{self.table}"
        self.dynamodb.create_table(
            TableName=self.table, BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"},
                       {"AttributeName": "n", "KeyType": "RANGE"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"},
                                  {"AttributeName": "n", "AttributeType": "N"}],
            StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
        self.stream = self.dynamodb.describe_table(
            TableName=self.table)["Table"]["LatestStreamArn"]
        self.lambda_.create_function(
            FunctionName=self.function, Runtime=RUNTIME, Role=ROLE, Handler="app.handler",
            Code={"ZipFile": python_zip(PREAMBLE + textwrap.dedent(code))}, Timeout=20,
            Environment={"Variables": {"OUT": str(path)}})
        self.lambda_.get_waiter("function_active_v2").wait(
            FunctionName=self.function, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        if mapping.pop("maps", True):
            self.map(**mapping)

    @property
    def dynamodb(self):
        return make_client(self.server.endpoint)

    @property
    def lambda_(self):
        return make_client(self.server.endpoint, "lambda")

    def map(self, **mapping):
        mapping.setdefault("StartingPosition", "TRIM_HORIZON")
        self.uuid = self.lambda_.create_event_source_mapping(
            EventSourceArn=self.stream, FunctionName=self.function, **mapping)["UUID"]
        wait_until(lambda: self.mapping()["State"] == "Enabled", "the mapping")

    def mapping(self):
        return self.lambda_.get_event_source_mapping(UUID=self.uuid)

    def put(self, key, n, **attributes):
        self.dynamodb.put_item(
            TableName=self.table, Item={"id": {"S": key}, "n": {"N": str(n)}, **attributes})

    def lines(self):
        """What the invocations noted; a line that is being written is left out."""
        text = self.path.read_text()
        return [json.loads(line) for line in text.split("\n")[:-1]]

    def records(self):
        return [record for line in self.lines() for record in line["event"]["Records"]]

    def seen(self):
        return [int(record["dynamodb"]["Keys"]["n"]["N"]) for record in self.records()]

    def remove(self):
        self.lambda_.delete_event_source_mapping(UUID=self.uuid)
        self.dynamodb.delete_table(TableName=self.table)


@pytest.fixture
def subject(server, tmp_path):
    made = []

    def make(code=NOTES_ALL, on=None, **mapping):
        made.append(Subject(on or server, tmp_path / f"out-{next(numbers)}", code, **mapping))
        return made[-1]

    yield make
    for one in made:
        if one.server is server:
            one.remove()


def test_an_event_is_as_lambda_makes_it(subject):
    it = subject()
    it.put("a", 1, text={"S": "first"})
    it.put("a", 1, text={"S": "second"})
    it.dynamodb.delete_item(TableName=it.table, Key={"id": {"S": "a"}, "n": {"N": "1"}})
    wait_until(lambda: len(it.records()) == 3, "three records")
    first, second, third = it.records()
    key = {"id": {"S": "a"}, "n": {"N": "1"}}
    assert list(first) == ["eventID", "eventName", "eventVersion", "eventSource", "awsRegion",
                           "dynamodb", "eventSourceARN"]
    assert (first["eventVersion"], first["eventSource"]) == ("1.1", "aws:dynamodb")
    assert (first["awsRegion"], first["eventSourceARN"]) == ("us-east-1", it.stream)
    change = first["dynamodb"]
    assert list(change) == ["ApproximateCreationDateTime", "Keys", "NewImage", "SequenceNumber",
                            "SizeBytes", "StreamViewType"]
    assert change["Keys"] == key
    assert change["NewImage"] == {**key, "text": {"S": "first"}}
    assert abs(change["ApproximateCreationDateTime"] - time.time()) < 600
    assert change["ApproximateCreationDateTime"] == int(change["ApproximateCreationDateTime"])
    assert second["dynamodb"]["OldImage"] == {**key, "text": {"S": "first"}}
    assert [r["eventName"] for r in (first, second, third)] == ["INSERT", "MODIFY", "REMOVE"]
    assert "NewImage" not in third["dynamodb"]
    assert it.mapping()["LastProcessingResult"] == "OK"


def test_latest_misses_nothing_after_creation(subject):
    it = subject(maps=False)
    for n in range(5):
        it.put("before", n)
    it.lambda_.create_event_source_mapping(
        EventSourceArn=it.stream, FunctionName=it.function, StartingPosition="LATEST")
    it.uuid = it.lambda_.list_event_source_mappings(
        FunctionName=it.function)["EventSourceMappings"][0]["UUID"]
    for n in range(100, 105):
        it.put("after", n)
    wait_until(lambda: len(it.seen()) >= 5, "what was written after")
    assert it.seen() == list(range(100, 105))


def test_filters_are_on_the_record(subject):
    pattern = {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": ["wanted"]}}}}
    it = subject(FilterCriteria={"Filters": [{"Pattern": json.dumps(pattern)}]})
    for n in range(10):
        it.put("a", n, kind={"S": "wanted" if n % 3 == 0 else "other"})
    wait_until(lambda: len(it.seen()) == 4, "the wanted")
    assert it.seen() == [0, 3, 6, 9]


def test_failed_items_are_retried_from_the_lowest(subject):
    it = subject(code="""
        failed = set()

        def handler(event, context):
            note(event=event)
            bad = [r["dynamodb"]["SequenceNumber"] for r in event["Records"]
                   if int(r["dynamodb"]["Keys"]["n"]["N"]) % 4 == 2]
            bad = [number for number in bad if number not in failed]
            failed.update(bad)
            return {"batchItemFailures": [{"itemIdentifier": number} for number in bad]}
        """, maps=False)
    for n in range(8):
        it.put("a", n)
    it.map(FunctionResponseTypes=["ReportBatchItemFailures"])
    wait_until(lambda: len(it.lines()) == 2, "the retry")
    assert it.seen() == list(range(8)) + list(range(2, 8))


def test_poison_is_bisected_out_to_the_queue(own_server, outside, subject):
    sqs = outside.client("sqs")
    name = f"dead-{time.time_ns()}"
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    queue = sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    server = own_server("--in-memory", *outside.flags, data_dir=None)
    it = subject(on=server, maps=False, code="""
        def handler(event, context):
            numbers = [int(r["dynamodb"]["Keys"]["n"]["N"]) for r in event["Records"]]
            if 13 in numbers:
                raise ValueError("poison")
            note(event=event)
        """)
    for n in range(20):
        it.put("a", n)
    it.map(BisectBatchOnFunctionError=True, MaximumRetryAttempts=1,
           DestinationConfig={"OnFailure": {"Destination": queue}})
    wait_until(lambda: len(it.seen()) == 19, "all others")
    assert it.seen() == [n for n in range(20) if n != 13]
    messages = wait_until(
        lambda: sqs.receive_message(QueueUrl=url).get("Messages"), "the dead letter")
    letter = json.loads(messages[0]["Body"])
    assert letter["version"] == "1.0"
    context = letter["requestContext"]
    assert context["condition"] == "RetryAttemptsExhausted"
    assert context["functionArn"].endswith(f":function:{it.function}")
    assert context["approximateInvokeCount"] >= 2
    assert letter["responseContext"] == {
        "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    batch = letter["DDBStreamBatchInfo"]
    assert list(batch) == ["shardId", "startSequenceNumber", "endSequenceNumber",
                           "approximateArrivalOfFirstRecord", "approximateArrivalOfLastRecord",
                           "batchSize", "streamArn"]
    assert (batch["batchSize"], batch["streamArn"]) == (1, it.stream)
    assert batch["startSequenceNumber"] == batch["endSequenceNumber"]


def test_windows_follow_the_virtual_clock(own_server, subject):
    server = own_server("--in-memory", "--virtual-clock", data_dir=None)
    it = subject(on=server, code="""
        def handler(event, context):
            note(event=event)
            state = event["state"]
            for record in event["Records"]:
                n = int(record["dynamodb"]["Keys"]["n"]["N"])
                state["sum"] = state.get("sum", 0) + n
            return {"state": state}
        """, TumblingWindowInSeconds=600, BatchSize=2)
    # Into a window's beginning, so that it doesn't end by itself.
    server.advance(600 - server.advance(0) % 600 + 1)
    for n in range(1, 6):
        it.put("a", n)
    wait_until(lambda: len(it.seen()) == 5, "the records")
    assert not any(line["event"]["isFinalInvokeForWindow"] for line in it.lines())
    server.advance(600)
    last = wait_until(
        lambda: next((line["event"] for line in it.lines()
                      if line["event"]["isFinalInvokeForWindow"]), None), "the window's end")
    assert last["state"] == {"sum": 15}
    assert last["Records"] == []
    assert last["eventSourceARN"] == it.stream
    assert last["shardId"].startswith("shardId-")
    assert set(last["window"]) == {"start", "end"}


def test_kills_skip_nothing(own_server, subject):
    server = own_server()
    it = subject(on=server, BatchSize=5)
    written = []
    stops = threading.Event()

    def write():
        while not stops.is_set():
            n = len(written)
            try:
                it.put(f"key{n % 3}", n)
                written.append(n)
            except Exception:  # The server is away: the same is written again.
                time.sleep(0.05)

    writer = threading.Thread(target=write, daemon=True)
    writer.start()
    for _ in range(4):
        count = len(set(it.seen()))
        wait_until(lambda: len(set(it.seen())) > count + 20, "records between kills")
        server.kill()
        server.start()
    stops.set()
    writer.join(30)
    wait_until(lambda: set(it.seen()) >= set(written), "every record")
    # In order for each key, but for what is repeated after a kill.
    for key in range(3):
        first_seen = list(dict.fromkeys(n for n in it.seen() if n % 3 == key))
        assert first_seen == sorted(first_seen)
