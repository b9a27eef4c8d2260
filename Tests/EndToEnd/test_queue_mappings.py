"""Queues of moto's server that trigger functions: batches, failures, filters, changes."""

import itertools
import json
import os

import pytest

from conftest import make_client
from lambda_code import parameters, python_zip
from outcomes import wait_until

HANDLER = """\
import json, os, urllib.request

def handler(event, context):
    print(json.dumps(event))
    failed = []
    for record in event["Records"]:
        if record["body"].startswith("poison"):
            if record["body"] == "poison all":
                raise RuntimeError("poison")
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}
"""

numbers = itertools.count()


class Pipe:
    """A queue outside, a function here, and a mapping between them."""

    def __init__(self, server, outside, queue=None, suffix="", **mapping):
        self.functions = make_client(server.endpoint, "lambda")
        self.logs = make_client(server.endpoint, "logs")
        self.queues = outside.client("sqs")
        self.name = f"pipe-{os.getpid()}-{next(numbers)}"
        self.url = self.queues.create_queue(
            QueueName=self.name + suffix, Attributes=queue or {"VisibilityTimeout": "5"})["QueueUrl"]
        self.arn = self.queues.get_queue_attributes(
            QueueUrl=self.url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        self.functions.create_function(
            **parameters(self.name, Code={"ZipFile": python_zip(HANDLER)}))
        self.functions.get_waiter("function_active_v2").wait(
            FunctionName=self.name, WaiterConfig={"Delay": 1})
        self.mapping = self.functions.create_event_source_mapping(
            EventSourceArn=self.arn, FunctionName=self.name, **mapping)
        self.uuid = self.mapping["UUID"]
        self.wait_for("Disabled" if mapping.get("Enabled") is False else "Enabled")

    def send(self, *bodies, **more):
        for body in bodies:
            self.queues.send_message(QueueUrl=self.url, MessageBody=body, **more)

    def events(self):
        """What the handler was handed so far."""
        try:
            lines = self.logs.filter_log_events(
                logGroupName=f"/aws/lambda/{self.name}", filterPattern='"Records"')["events"]
        except self.logs.exceptions.ResourceNotFoundException:
            return []
        return [json.loads(line["message"]) for line in lines]

    def bodies(self):
        return [record["body"] for event in self.events() for record in event["Records"]]

    def left(self):
        """How many messages the queue has, those in flight included."""
        attributes = self.queues.get_queue_attributes(
            QueueUrl=self.url, AttributeNames=["All"])["Attributes"]
        return int(attributes["ApproximateNumberOfMessages"]) + int(
            attributes["ApproximateNumberOfMessagesNotVisible"])

    def get(self):
        return self.functions.get_event_source_mapping(UUID=self.uuid)

    def wait_for(self, state):
        return wait_until(lambda: self.get()["State"] == state)

    def remove(self):
        try:
            self.functions.delete_event_source_mapping(UUID=self.uuid)
        except self.functions.exceptions.ResourceNotFoundException:
            pass
        self.functions.delete_function(FunctionName=self.name)
        self.queues.delete_queue(QueueUrl=self.url)


@pytest.fixture(scope="module")
def basalt(tmp_path_factory, outside):
    from server_process import ServerProcess
    directory = tmp_path_factory.mktemp("queues")
    process = ServerProcess(
        directory / "data", *outside.flags, log_path=directory / "log.txt").start()
    yield process
    process.stop()


@pytest.fixture
def pipe(basalt, outside):
    made = []

    def make(**mapping):
        made.append(Pipe(basalt, outside, **mapping))
        return made[-1]

    yield make
    for each in made:
        each.remove()


def test_a_message_reaches_its_handler_and_is_gone(pipe):
    one = pipe()
    assert "LastProcessingResult" not in one.mapping and one.mapping["BatchSize"] == 10
    one.send("hello", MessageAttributes={
        "text": {"DataType": "String", "StringValue": "x"},
        "bytes": {"DataType": "Binary", "BinaryValue": b"\x01\x02"}})
    event = wait_until(one.events)[0]
    record = event["Records"][0]
    assert record.keys() == {
        "messageId", "receiptHandle", "body", "attributes", "messageAttributes", "md5OfBody",
        "md5OfMessageAttributes", "eventSource", "eventSourceARN", "awsRegion"}
    assert record["body"] == "hello"
    assert record["md5OfBody"] == "5d41402abc4b2a76b9719d911017c592"
    assert record["eventSourceARN"] == one.arn and record["eventSource"] == "aws:sqs"
    assert record["attributes"]["ApproximateReceiveCount"] == "1"
    assert {"SentTimestamp", "SenderId", "ApproximateFirstReceiveTimestamp"} <= set(
        record["attributes"])
    assert record["messageAttributes"]["text"] == {
        "stringValue": "x", "stringListValues": [], "binaryListValues": [], "dataType": "String"}
    assert record["messageAttributes"]["bytes"]["binaryValue"] == "AQI="
    wait_until(lambda: one.left() == 0)


def test_failed_items_come_back_and_go_to_the_dead_letters(pipe, outside):
    queues = outside.client("sqs")
    dead = queues.create_queue(QueueName=f"dead-{os.getpid()}-{next(numbers)}")["QueueUrl"]
    dead_arn = queues.get_queue_attributes(
        QueueUrl=dead, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    redrive = json.dumps({"deadLetterTargetArn": dead_arn, "maxReceiveCount": "2"})
    # Handlers have three seconds: a queue may not hide messages for less.
    one = pipe(queue={"VisibilityTimeout": "3", "RedrivePolicy": redrive},
               FunctionResponseTypes=["ReportBatchItemFailures"])
    one.send("good", "poison", "also good")
    died = wait_until(lambda: queues.receive_message(QueueUrl=dead).get("Messages"))
    assert [message["Body"] for message in died] == ["poison"]
    wait_until(lambda: one.bodies().count("poison") == 2)
    assert one.bodies().count("good") == 1 and one.bodies().count("also good") == 1
    wait_until(lambda: one.left() == 0)


def test_a_handler_that_fails_gets_the_batch_again(pipe):
    one = pipe(queue={"VisibilityTimeout": "3"}, BatchSize=1)
    one.send("poison all")
    wait_until(lambda: one.get().get("LastProcessingResult") == "PROBLEM: Function call failed")
    wait_until(lambda: one.bodies().count("poison all") >= 2)
    assert one.left() == 1


def test_what_the_filter_refuses_is_deleted(pipe):
    patterns = [{"Pattern": json.dumps({"body": {"total": [{"numeric": [">", 10]}]}})}]
    one = pipe(FilterCriteria={"Filters": patterns})
    one.send('{"total": 5}', "no json", '{"total": 11}')
    wait_until(lambda: one.left() == 0)
    # Logs are written behind.
    wait_until(one.bodies)
    assert one.bodies() == ['{"total": 11}']
    assert one.get()["FilterCriteria"] == {"Filters": patterns}


def test_an_ordered_queue_keeps_its_order(pipe, refused):
    one = pipe(queue={"VisibilityTimeout": "30", "FifoQueue": "true"}, suffix=".fifo", BatchSize=3)
    for number in range(12):
        one.send(f"{number % 2} {number:02}", MessageGroupId=str(number % 2),
                 MessageDeduplicationId=str(number))
    wait_until(lambda: len(one.bodies()) == 12)
    for group in "01":
        bodies = [body for body in one.bodies() if body.startswith(group)]
        assert bodies == sorted(bodies)
    too_large = refused(one.functions.update_event_source_mapping, UUID=one.uuid, BatchSize=11)
    assert too_large.code == "InvalidParameterValueException"
    assert one.get()["BatchSize"] == 3 and one.get()["State"] == "Enabled"


def test_a_window_gathers_a_large_batch(pipe):
    one = pipe(Enabled=False, BatchSize=25, MaximumBatchingWindowInSeconds=20,
               ScalingConfig={"MaximumConcurrency": 2})
    for start in range(0, 50, 10):
        one.queues.send_message_batch(QueueUrl=one.url, Entries=[
            {"Id": str(n), "MessageBody": str(n)} for n in range(start, start + 10)])
    one.functions.update_event_source_mapping(UUID=one.uuid, Enabled=True)
    wait_until(lambda: one.left() == 0)
    wait_until(lambda: len(one.events()) == 2)
    assert sorted(len(event["Records"]) for event in one.events()) == [25, 25]
    assert sorted(one.bodies(), key=int) == [str(n) for n in range(50)]


def test_updates_and_restarts_lose_nothing(pipe, basalt):
    # Polls that nobody waits for any more may still take a message out of sight for a while.
    one = pipe(queue={"VisibilityTimeout": "3"})
    one.functions.update_event_source_mapping(UUID=one.uuid, Enabled=False)
    one.wait_for("Disabled")
    one.send("while disabled")
    basalt.kill()
    basalt.start()
    assert one.get()["State"] == "Disabled" and one.left() == 1
    one.functions.update_event_source_mapping(UUID=one.uuid, Enabled=True, BatchSize=3)
    one.wait_for("Enabled")
    wait_until(lambda: "while disabled" in one.bodies())
    basalt.restart()
    assert one.get()["State"] == "Enabled" and one.get()["BatchSize"] == 3
    one.send("after the restart")
    wait_until(lambda: "after the restart" in one.bodies())


def test_the_queue_must_be_there_and_patient(basalt, outside, refused):
    functions = make_client(basalt.endpoint, "lambda")
    name = f"patient-{os.getpid()}"
    functions.create_function(**parameters(name, Timeout=60))
    queues = outside.client("sqs")
    url = queues.create_queue(QueueName=name)["QueueUrl"]
    arn = queues.get_queue_attributes(
        QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    short = refused(functions.create_event_source_mapping, EventSourceArn=arn, FunctionName=name)
    assert short.code == "InvalidParameterValueException"
    assert short.message == (
        "Invalid request provided: Queue visibility timeout: 30 seconds is less than "
        "Function timeout: 60 seconds")
    gone = refused(functions.create_event_source_mapping, EventSourceArn=arn + "-gone",
                   FunctionName=name)
    assert gone.code == "InvalidParameterValueException"
    assert gone.message.startswith("Error occurred while ReceiveMessage. SQS Error Code: ")
    functions.delete_function(FunctionName=name)
    queues.delete_queue(QueueUrl=url)


def test_an_endpoint_that_goes_away_comes_back(own_server, tmp_path):
    from outside_server import OutsideServer
    outside = OutsideServer(log_path=tmp_path / "outside.txt").start()
    try:
        server = own_server("--in-memory", "--virtual-clock", *outside.flags)
        one = Pipe(server, outside)
        outside.stop()
        wait_until(lambda: one.get().get("LastProcessingResult", "").startswith("PROBLEM: "))
        outside.start()
        one.queues.create_queue(QueueName=one.name)
        one.send("back again")
        server.advance("1m")
        wait_until(lambda: "back again" in one.bodies())
        assert "LastProcessingResult" not in wait_until(one.get)
    finally:
        outside.stop()
