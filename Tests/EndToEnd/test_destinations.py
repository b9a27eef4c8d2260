"""Where outcomes go: queues, topics, buckets and files, and what happens where nobody is there."""

import json
import re

from conftest import make_client
from outcomes import Calls, receive, wait_until
from test_asynchronous_invocations import (  # noqa: F401
    ACCOUNT, make_function, names, place, queue, send, set_outcome)


def test_a_topic(place, outside):  # noqa: F811
    name = make_function(place.functions, place.calls)
    sns = outside.client("sns")
    topic = sns.create_topic(Name=name)["TopicArn"]
    sqs, url, arn = queue(outside, name)
    sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn,
                  Attributes={"RawMessageDelivery": "true"})
    set_outcome(place.functions, name, OnSuccess=topic)
    send(place.functions, name, {"name": name, "text": "a&b=ü <\n>"})
    message, = receive(sqs, url)
    assert json.loads(message["Body"])["requestPayload"]["text"] == "a&b=ü <\n>"


def test_a_bucket(place, outside):  # noqa: F811
    name = make_function(place.functions, place.calls)
    s3 = outside.client("s3")
    bucket = f"outcomes-{name}"
    s3.create_bucket(Bucket=bucket)
    set_outcome(place.functions, name, OnSuccess=f"arn:aws:s3:::{bucket}")
    send(place.functions, name, {"name": name})
    found, = wait_until(
        lambda: s3.list_objects_v2(Bucket=bucket).get("Contents"), "the object")
    record = json.load(s3.get_object(Bucket=bucket, Key=found["Key"])["Body"])
    assert record["requestPayload"] == {"name": name}
    day, clock = record["timestamp"].split(".")[0].split("T")
    assert re.fullmatch(
        f"aws/lambda/async/{name}/{day.replace('-', '/')}/{day}T{clock.replace(':', '.')}"
        r"-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", found["Key"])


def test_a_file(place):  # noqa: F811
    name = make_function(place.functions, place.calls)
    path = place.directory / "out comes.jsonl"
    set_outcome(place.functions, name,
                OnSuccess="file://" + str(path).replace(" ", "%20"))
    for number in range(3):
        send(place.functions, name, {"name": name, "number": number})
    wait_until(lambda: path.exists() and path.read_text().count("\n") == 3, "three lines")
    records = [json.loads(line) for line in path.read_text().splitlines()]
    assert sorted(record["requestPayload"]["number"] for record in records) == [0, 1, 2]


def test_a_queue_that_is_made_anew(place, outside):  # noqa: F811
    name = make_function(place.functions, place.calls)
    sqs, url, arn = queue(outside, name)
    set_outcome(place.functions, name, OnSuccess=arn)
    send(place.functions, name, {"name": name})
    receive(sqs, url)
    sqs.delete_queue(QueueUrl=url)
    sqs, url, arn = queue(outside, name)
    send(place.functions, name, {"name": name})
    receive(sqs, url)


def test_nobody_there_is_told_in_the_log(own_server, tmp_path):
    server = own_server("--in-memory", "--account-id", ACCOUNT)
    functions = make_client(server.endpoint, "lambda")
    calls = Calls(tmp_path / "calls.jsonl")
    name = make_function(functions, calls)
    arn = f"arn:aws:sqs:us-east-1:{ACCOUNT}:{name}"
    set_outcome(functions, name, OnSuccess=arn)
    send(functions, name, {"name": name})
    wait_until(
        lambda: f"no --sqs-endpoint is configured: {arn} cannot be reached" in server.log(),
        "the message")
