"""CloudWatch Logs on the same port: groups, streams, events, tags, retention; boto3, CLI, Terraform."""

import itertools
import json
import os
import subprocess
import sys
import time

import pytest

from conftest import make_client

numbers = itertools.count(1)


@pytest.fixture(scope="module")
def logs(server):
    return make_client(server.endpoint, "logs")


@pytest.fixture
def group(logs):
    name = f"/test/{os.getpid()}/{next(numbers)}"
    logs.create_log_group(logGroupName=name)
    yield name
    try:
        logs.delete_log_group(logGroupName=name)
    except logs.exceptions.ResourceNotFoundException:
        pass


def milliseconds():
    return int(time.time() * 1000)


def put(logs, group, stream, messages, at=None):
    at = at or milliseconds()
    return logs.put_log_events(
        logGroupName=group, logStreamName=stream,
        logEvents=[{"timestamp": at + i, "message": m} for i, m in enumerate(messages)])


def test_life_of_a_group(logs, refused):
    name = f"/test/{os.getpid()}/life"
    logs.create_log_group(logGroupName=name, tags={"team": "a"})
    again = refused(logs.create_log_group, logGroupName=name)
    assert (again.code, again.message) == (
        "ResourceAlreadyExistsException", "The specified log group already exists")
    [told] = logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"]
    arn = f"arn:aws:logs:us-east-1:000000000000:log-group:{name}"
    assert told["arn"] == arn + ":*" and told["logGroupArn"] == arn
    assert told["logGroupClass"] == "STANDARD" and told["storedBytes"] == 0
    assert "retentionInDays" not in told
    assert abs(told["creationTime"] - milliseconds()) < 60_000

    logs.put_retention_policy(logGroupName=name, retentionInDays=7)
    assert logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"][0]["retentionInDays"] == 7
    wrong = refused(logs.put_retention_policy, logGroupName=name, retentionInDays=8)
    assert wrong.code == "InvalidParameterException"
    logs.delete_retention_policy(logGroupName=name)
    assert "retentionInDays" not in logs.describe_log_groups(
        logGroupNamePrefix=name)["logGroups"][0]

    logs.tag_resource(resourceArn=arn, tags={"stage": "x"})
    assert logs.list_tags_for_resource(resourceArn=arn)["tags"] == {"team": "a", "stage": "x"}
    logs.untag_resource(resourceArn=arn, tagKeys=["team"])
    assert logs.list_tags_log_group(logGroupName=name)["tags"] == {"stage": "x"}

    logs.delete_log_group(logGroupName=name)
    gone = refused(logs.delete_log_group, logGroupName=name)
    assert (gone.code, gone.status) == ("ResourceNotFoundException", 400)
    assert gone.message == "The specified log group does not exist."
    assert logs.describe_log_groups(logGroupNamePrefix=name)["logGroups"] == []


def test_refusals(logs, refused, group):
    def code(operation, **parameters):
        refusal = refused(operation, **parameters)
        return refusal.code, refusal.message

    name = code(logs.create_log_group, logGroupName="no spaces")
    assert name == ("InvalidParameterException", (
        "1 validation error detected: Value 'no spaces' at 'logGroupName' failed to satisfy "
        r"constraint: Member must satisfy regular expression pattern: [\.\-_/#A-Za-z0-9]+"))
    assert code(logs.create_log_group) == ("InvalidParameterException", (
        "1 validation error detected: Value null at 'logGroupName' failed to satisfy constraint: "
        "Member must not be null"))
    assert code(logs.filter_log_events, logGroupName="/none")[0] == "ResourceNotFoundException"
    missing = code(logs.get_log_events, logGroupName=group, logStreamName="none")
    assert missing == (
        "ResourceNotFoundException", "The specified log stream does not exist.")
    assert code(logs.describe_log_streams)[0] == "InvalidParameterException"
    assert code(logs.filter_log_events, logGroupName=group, filterPattern="{ broken")[0] == (
        "InvalidParameterException")
    assert code(logs.filter_log_events, logGroupName=group, nextToken="x")[1] == (
        "The specified nextToken is invalid.")
    assert code(logs.filter_log_events, logGroupName=7)[0] == "SerializationException"
    assert code(logs.describe_queries)[0] == "UnknownOperationException"


def test_put_and_get(logs, refused, group):
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    assert refused(logs.create_log_stream, logGroupName=group, logStreamName="s").code == (
        "ResourceAlreadyExistsException")
    start = milliseconds() - 1000
    put(logs, group, "s", ["a", "b", "c", "d", "e"], at=start)

    page = logs.get_log_events(logGroupName=group, logStreamName="s", limit=2)
    assert [e["message"] for e in page["events"]] == ["d", "e"]
    assert page["events"][0]["timestamp"] == start + 3
    back = logs.get_log_events(
        logGroupName=group, logStreamName="s", limit=2, nextToken=page["nextBackwardToken"])
    assert [e["message"] for e in back["events"]] == ["b", "c"]
    end = logs.get_log_events(
        logGroupName=group, logStreamName="s", nextToken=page["nextForwardToken"])
    assert end["events"] == [] and end["nextForwardToken"] == page["nextForwardToken"]
    put(logs, group, "s", ["f"])
    more = logs.get_log_events(
        logGroupName=group, logStreamName="s", nextToken=end["nextForwardToken"],
        startFromHead=True)
    assert [e["message"] for e in more["events"]] == ["f"]
    part = logs.get_log_events(
        logGroupName=group, logStreamName="s", startTime=start + 1, endTime=start + 3)
    assert [e["message"] for e in part["events"]] == ["b", "c"]

    order = refused(
        logs.put_log_events, logGroupName=group, logStreamName="s",
        logEvents=[{"timestamp": start + 1, "message": "x"}, {"timestamp": start, "message": "y"}])
    assert order.message == (
        "Log events in a single PutLogEvents request must be in chronological order.")
    day = 86_400_000
    rejected = logs.put_log_events(
        logGroupName=group, logStreamName="s",
        logEvents=[{"timestamp": start - 15 * day, "message": "old"}])
    assert rejected["rejectedLogEventsInfo"] == {"tooOldLogEventEndIndex": 1}
    rejected = logs.put_log_events(
        logGroupName=group, logStreamName="s",
        logEvents=[{"timestamp": start, "message": "g"},
                   {"timestamp": start + day // 2, "message": "early"}])
    assert rejected["rejectedLogEventsInfo"] == {"tooNewLogEventStartIndex": 1}
    whole = logs.get_log_events(logGroupName=group, logStreamName="s", startFromHead=True)
    assert [e["message"] for e in whole["events"]] == ["a", "g", "b", "c", "d", "e", "f"]


def test_filter(logs, group):
    start = milliseconds() - 60_000
    for stream in ("web-1", "web-2", "worker"):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    for i in range(30):
        put(logs, group, ("web-1", "web-2", "worker")[i % 3],
            [json.dumps({"level": "ERROR" if i % 5 == 0 else "INFO", "n": i})], at=start + i)

    def found(**parameters):
        pages = logs.get_paginator("filter_log_events").paginate(
            logGroupName=group, PaginationConfig={"PageSize": 4}, **parameters)
        return [json.loads(e["message"])["n"] for page in pages for e in page["events"]]

    assert found() == list(range(30))
    assert found(filterPattern='{ $.level = "ERROR" && $.n > 5 }') == [10, 15, 20, 25]
    assert found(filterPattern="?ERROR ?25") == [0, 5, 10, 15, 20, 25]
    assert found(filterPattern="INFO", logStreamNamePrefix="web-", startTime=start + 20,
                 endTime=start + 25) == [21, 22, 24]
    assert found(logStreamNames=["worker"], startTime=start + 26) == [26, 29]
    event = logs.filter_log_events(logGroupName=group, limit=1)["events"][0]
    assert event["logStreamName"] == "web-1" and len(event["eventId"]) == 56
    by_arn = logs.filter_log_events(
        logGroupIdentifier=f"arn:aws:logs:us-east-1:000000000000:log-group:{group}", limit=1)
    assert by_arn["events"] == [event]


def test_streams_are_listed_by_name_and_by_time(logs, refused, group):
    now = milliseconds() - 10_000
    for i, stream in enumerate(("b", "a", "c", "empty")):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        if stream != "empty":
            put(logs, group, stream, ["x"], at=now + i)

    def listed(**parameters):
        pages = logs.get_paginator("describe_log_streams").paginate(
            logGroupName=group, PaginationConfig={"PageSize": 2}, **parameters)
        return [s["logStreamName"] for page in pages for s in page["logStreams"]]

    assert listed() == ["a", "b", "c", "empty"]
    assert listed(descending=True) == ["empty", "c", "b", "a"]
    assert listed(orderBy="LastEventTime", descending=True) == ["c", "a", "b", "empty"]
    assert listed(logStreamNamePrefix="e") == ["empty"]
    assert refused(logs.describe_log_streams, logGroupName=group, orderBy="LastEventTime",
                   logStreamNamePrefix="a").code == "InvalidParameterException"
    [told] = logs.describe_log_streams(logGroupName=group, logStreamNamePrefix="b")["logStreams"]
    assert told["firstEventTimestamp"] == told["lastEventTimestamp"] == now
    assert told["arn"].endswith(f":log-group:{group}:log-stream:b")
    logs.delete_log_stream(logGroupName=group, logStreamName="b")
    assert listed() == ["a", "c", "empty"]
    assert len(logs.filter_log_events(logGroupName=group)["events"]) == 2


def test_acknowledged_events_survive_a_kill(own_server):
    server = own_server()
    logs = make_client(server.endpoint, "logs")
    logs.create_log_group(logGroupName="g", tags={"a": "b"})
    logs.put_retention_policy(logGroupName="g", retentionInDays=3)
    logs.create_log_stream(logGroupName="g", logStreamName="s")
    put(logs, "g", "s", [f"{i}" for i in range(500)], at=milliseconds() - 1000)
    server.kill()
    server.start()
    events = logs.get_log_events(logGroupName="g", logStreamName="s", startFromHead=True)["events"]
    assert [e["message"] for e in events] == [f"{i}" for i in range(500)]
    [told] = logs.describe_log_groups()["logGroups"]
    assert told["retentionInDays"] == 3
    assert logs.list_tags_log_group(logGroupName="g")["tags"] == {"a": "b"}


def test_regions_are_apart(server, group):
    elsewhere = make_client(server.endpoint, "logs", region="eu-west-1")
    assert elsewhere.describe_log_groups(logGroupNamePrefix=group)["logGroups"] == []


def test_aws_cli_reads_logs(server, logs, group):
    command = os.path.join(os.path.dirname(sys.executable), "aws")
    if not os.path.exists(command):
        pytest.skip("there is no AWS CLI")
    logs.create_log_stream(logGroupName=group, logStreamName="s")
    put(logs, group, "s", ["an ERROR", "no fault"])
    result = subprocess.run(
        [command, "logs", "filter-log-events", "--log-group-name", group, "--filter-pattern",
         "ERROR", "--endpoint-url", server.endpoint, "--query", "events[].message",
         "--output", "text"],
        capture_output=True, text=True, timeout=60,
        env={**os.environ, "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b",
             "AWS_DEFAULT_REGION": "us-east-1"})
    assert result.returncode == 0, result.stderr
    assert result.stdout.strip() == "an ERROR"
