"""Events: run once, tried again by the clock, told to whom it concerns, kept across kills."""

import itertools
import json
import random

import pytest

from conftest import make_client
from lambda_code import parameters, python_zip
from outcomes import SOURCE, Calls, receive, wait_until
from server_process import ServerProcess

# moto's account, so that one account does for functions and queues.
ACCOUNT = "123456789012"
names = (f"event-{number}" for number in itertools.count())


@pytest.fixture(scope="module")
def place(tmp_path_factory, outside):
    """A server with a virtual clock, and a file that its handlers tell their runs in."""
    directory = tmp_path_factory.mktemp("events")
    process = ServerProcess(
        directory / "data", "--in-memory", "--virtual-clock", "--account-id", ACCOUNT,
        *outside.flags, log_path=directory / "log.txt").start()
    process.calls = Calls(directory / "calls.jsonl")
    process.directory = directory
    process.functions = make_client(process.endpoint, "lambda")
    yield process
    process.stop()


def make_function(functions, calls, name=None, **more):
    name = name or next(names)
    functions.create_function(**parameters(
        name, Code={"ZipFile": python_zip(SOURCE)}, Timeout=20,
        Environment={"Variables": {"CALLS": str(calls.path)}}, **more))
    functions.get_waiter("function_active_v2").wait(
        FunctionName=name, WaiterConfig={"Delay": 1})
    return name


def send(functions, name, event):
    """Invokes with an event; returns the request's id."""
    answer = functions.invoke(
        FunctionName=name, InvocationType="Event", Payload=json.dumps(event).encode())
    assert answer["StatusCode"] == 202
    assert answer["Payload"].read() == b""
    return answer["ResponseMetadata"]["HTTPHeaders"]["x-amzn-requestid"]


def queue(outside, name):
    sqs = outside.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(
        QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    return sqs, url, arn


def set_outcome(functions, name, **destinations):
    functions.put_function_event_invoke_config(
        FunctionName=name, DestinationConfig={
            kind: {"Destination": arn} for kind, arn in destinations.items()})


def run_out(place, name, count):
    """Moves the clock on until a function has run that often."""
    wait_until(lambda: len(place.calls.of(name=name)) >= count, f"{count} runs of {name}",
               meanwhile=lambda: place.advance(30))


def test_an_event_runs_once(place):
    name = make_function(place.functions, place.calls)
    request_id = send(place.functions, name, {"name": name})
    call, = wait_until(lambda: place.calls.of(name=name), "the run")
    assert call == {"event": {"name": name}, "id": request_id}
    place.advance("7h")
    # Whatever would come twice has come before an event that was sent later.
    send(place.functions, name, {"name": name, "last": True})
    wait_until(lambda: place.calls.of(name=name, last=True), "the last")
    assert len(place.calls.of(name=name)) == 2


def test_the_operation_of_old_runs_an_event_too(place, refused):
    name = make_function(place.functions, place.calls)
    answer = place.functions.invoke_async(
        FunctionName=name, InvokeArgs=json.dumps({"name": name}).encode())
    assert answer["Status"] == 202
    wait_until(lambda: place.calls.of(name=name), "the run")
    refusal = refused(place.functions.invoke_async, FunctionName=name, InvokeArgs=b"{")
    assert (refusal.code, refusal.status) == ("InvalidRequestContentException", 400)
    refusal = refused(place.functions.invoke_async, FunctionName="absent", InvokeArgs=b"{}")
    assert (refusal.code, refusal.status) == ("ResourceNotFoundException", 404)


def test_a_failure_is_tried_again_and_told(place, outside):
    name = make_function(place.functions, place.calls)
    sqs, url, arn = queue(outside, name)
    set_outcome(place.functions, name, OnFailure=arn)
    event = {"name": name, "fail": "no such order", "price": 1.50}
    request_id = send(place.functions, name, event)
    run_out(place, name, 3)
    message, = receive(sqs, url)
    record = json.loads(message["Body"])
    assert list(record) == ["version", "timestamp", "requestContext", "requestPayload",
                            "responseContext", "responsePayload"]
    assert record["version"] == "1.0"
    assert record["requestContext"] == {
        "requestId": request_id, "approximateInvokeCount": 3, "condition": "RetriesExhausted",
        "functionArn": f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{name}:$LATEST"}
    assert record["requestPayload"] == event
    assert record["responseContext"] == {
        "statusCode": 200, "executedVersion": "$LATEST", "functionError": "Unhandled"}
    assert record["responsePayload"]["errorMessage"] == "no such order"
    assert record["responsePayload"]["errorType"] == "ValueError"
    assert [call["id"] for call in place.calls.of(name=name)] == [request_id] * 3


def test_a_dead_letter_queue_gets_the_event(place, outside):
    sqs, url, arn = queue(outside, next(names))
    name = make_function(
        place.functions, place.calls, DeadLetterConfig={"TargetArn": arn})
    place.functions.put_function_event_invoke_config(FunctionName=name, MaximumRetryAttempts=0)
    event = {"name": name, "fail": "boom"}
    request_id = send(place.functions, name, event)
    message, = receive(sqs, url)
    assert json.loads(message["Body"]) == event
    attributes = {key: (value["DataType"], value["StringValue"])
                  for key, value in message["MessageAttributes"].items()}
    assert attributes == {"RequestID": ("String", request_id), "ErrorCode": ("Number", "200"),
                          "ErrorMessage": ("String", "boom")}


def test_success_is_told_to_the_next_function(place, outside):
    sqs, url, arn = queue(outside, next(names))
    last = make_function(place.functions, place.calls)
    set_outcome(place.functions, last, OnSuccess=arn)
    first = make_function(place.functions, place.calls)
    set_outcome(place.functions, first,
                OnSuccess=f"arn:aws:lambda:us-east-1:{ACCOUNT}:function:{last}")
    send(place.functions, first, {"name": first})
    message, = receive(sqs, url)
    record = json.loads(message["Body"])
    assert record["requestContext"]["condition"] == "Success"
    inner = record["requestPayload"]
    assert inner["requestPayload"] == {"name": first}
    assert inner["responsePayload"] == {"done": {"name": first}}
    assert record["responsePayload"] == {"done": inner}


def test_no_reserved_concurrency_is_a_failure_at_once(place, outside):
    name = make_function(place.functions, place.calls)
    sqs, url, arn = queue(outside, name)
    set_outcome(place.functions, name, OnFailure=arn)
    place.functions.put_function_concurrency(
        FunctionName=name, ReservedConcurrentExecutions=0)
    send(place.functions, name, {"name": name})
    message, = receive(sqs, url)
    context = json.loads(message["Body"])["requestContext"]
    assert (context["condition"], context["approximateInvokeCount"]) == (
        "ZeroReservedConcurrency", 0)
    assert place.calls.of(name=name) == []


def test_a_deleted_function_gets_nothing_more(place):
    name = make_function(place.functions, place.calls)
    send(place.functions, name, {"name": name, "fail": "x"})
    wait_until(lambda: place.calls.of(name=name), "the first run")
    place.functions.delete_function(FunctionName=name)
    other = make_function(place.functions, place.calls)
    place.advance("1h")
    send(place.functions, other, {"name": other})
    wait_until(lambda: place.calls.of(name=other), "the other's run")
    assert len(place.calls.of(name=name)) == 1


def test_what_was_accepted_outlives_kills(own_server, tmp_path):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    draw = random.Random(seed)
    server = own_server("--account-id", ACCOUNT)
    calls = Calls(tmp_path / "calls.jsonl")
    functions = make_client(server.endpoint, "lambda")
    name = make_function(functions, calls)
    sent = {}
    for _ in range(3):
        for _ in range(draw.randint(1, 15)):
            number = len(sent)
            sent[number] = send(functions, name, {"name": name, "number": number})
        # Some have run by then, or run just now.
        seen = len(calls.of(name=name)) + draw.randint(0, 2)
        wait_until(lambda: len(calls.of(name=name)) >= min(seen, len(sent)), "some runs")
        server.kill()
        server.start()
    wait_until(
        lambda: {call["event"]["number"] for call in calls.of(name=name)} == set(sent),
        "all runs")
    assert {call["event"]["number"]: call["id"] for call in calls.of(name=name)} == sent
