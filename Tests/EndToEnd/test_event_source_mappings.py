"""Event source mappings over HTTP, as SDKs and tools see them, on streams of tables here."""

import json
import os
import urllib.request
from datetime import datetime, timezone

import pytest

from conftest import make_client
from lambda_code import parameters, python_zip
from outcomes import wait_until

HANDLER = """\
def handler(event, context):
    for record in event["Records"]:
        print("id=" + record["dynamodb"]["Keys"]["id"]["S"])
"""


@pytest.fixture(scope="module")
def functions(server):
    return make_client(server.endpoint, "lambda")


@pytest.fixture(scope="module")
def function(functions):
    name = f"mapped-{os.getpid()}"
    functions.create_function(**parameters(name, Code={"ZipFile": python_zip(HANDLER)}))
    functions.get_waiter("function_active_v2").wait(
        FunctionName=name, WaiterConfig={"Delay": 1})
    yield name
    functions.delete_function(FunctionName=name)


@pytest.fixture
def stream(client, new_table):
    """A table, and the ARN of its stream."""
    table = new_table(id="S", parameters={"StreamSpecification": {
        "StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}})
    return table, client.describe_table(TableName=table)["Table"]["LatestStreamArn"]


def get(functions, uuid):
    try:
        return functions.get_event_source_mapping(UUID=uuid)
    except functions.exceptions.ResourceNotFoundException:
        return None


def seen(server, function):
    logs = make_client(server.endpoint, "logs")
    try:
        lines = logs.filter_log_events(
            logGroupName=f"/aws/lambda/{function}", filterPattern='"id="')["events"]
    except logs.exceptions.ResourceNotFoundException:
        return []
    return [line["message"].strip().removeprefix("id=") for line in lines]


def test_a_whole_life(server, client, functions, function, stream):
    table, arn = stream
    client.put_item(TableName=table, Item={"id": {"S": "before"}})
    made = functions.create_event_source_mapping(
        EventSourceArn=arn, FunctionName=function, StartingPosition="LATEST",
        FilterCriteria={"Filters": [{"Pattern": json.dumps({"eventName": ["INSERT"]})}]})
    # Nothing that is written after the answer is missed.
    client.put_item(TableName=table, Item={"id": {"S": "after"}})
    uuid = made.pop("UUID")
    assert made.pop("ResponseMetadata")["HTTPStatusCode"] == 202
    assert abs(made.pop("LastModified") - datetime.now(timezone.utc)).total_seconds() < 60
    function_arn = f"arn:aws:lambda:us-east-1:000000000000:function:{function}"
    mapping_arn = f"arn:aws:lambda:us-east-1:000000000000:event-source-mapping:{uuid}"
    assert made == {
        "State": "Creating", "StateTransitionReason": "User action", "BatchSize": 100,
        "MaximumBatchingWindowInSeconds": 0, "ParallelizationFactor": 1, "EventSourceArn": arn,
        "FunctionArn": function_arn, "LastProcessingResult": "No records processed",
        "StartingPosition": "LATEST", "DestinationConfig": {"OnFailure": {}},
        "MaximumRecordAgeInSeconds": -1, "BisectBatchOnFunctionError": False,
        "MaximumRetryAttempts": -1, "TumblingWindowInSeconds": 0, "FunctionResponseTypes": [],
        "FilterCriteria": {"Filters": [{"Pattern": '{"eventName": ["INSERT"]}'}]},
        "EventSourceMappingArn": mapping_arn}
    wait_until(lambda: get(functions, uuid)["State"] == "Enabled")
    wait_until(lambda: seen(server, function))
    assert seen(server, function) == ["after"]
    wait_until(lambda: get(functions, uuid)["LastProcessingResult"] == "OK")
    with urllib.request.urlopen(server.endpoint + "/_basalt/mappings", timeout=30) as answer:
        metrics = {each["uuid"]: each for each in json.load(answer)["mappings"]}[uuid]
    assert metrics["recordCount"] == 1 and metrics["invocationCount"] == 1
    assert metrics["state"] == "Enabled" and metrics["iteratorAgeMilliseconds"] >= 0

    for name in (function, function_arn, f"000000000000:function:{function}"):
        listed = functions.list_event_source_mappings(FunctionName=name, EventSourceArn=arn)
        assert [each["UUID"] for each in listed["EventSourceMappings"]] == [uuid]
    functions.tag_resource(Resource=mapping_arn, Tags={"stage": "test"})
    assert functions.list_tags(Resource=mapping_arn)["Tags"] == {"stage": "test"}

    changed = functions.update_event_source_mapping(
        UUID=uuid, Enabled=False, MaximumRetryAttempts=3)
    assert changed["State"] == "Disabling" and changed["MaximumRetryAttempts"] == 3
    wait_until(lambda: get(functions, uuid)["State"] == "Disabled")
    client.put_item(TableName=table, Item={"id": {"S": "while disabled"}})
    functions.update_event_source_mapping(UUID=uuid, Enabled=True, FilterCriteria={})
    wait_until(lambda: "while disabled" in seen(server, function))

    deleted = functions.delete_event_source_mapping(UUID=uuid)
    assert deleted["State"] == "Deleting"
    assert deleted["ResponseMetadata"]["HTTPStatusCode"] == 202
    wait_until(lambda: get(functions, uuid) is None)
    assert sorted(seen(server, function)) == ["after", "while disabled"]


def test_refusals(functions, function, stream, refused):
    table, arn = stream

    def refusal(**more):
        return refused(
            functions.create_event_source_mapping,
            **({"EventSourceArn": arn, "FunctionName": function} | more))

    def told(refusal):
        return refusal.code, refusal.status, refusal.message

    code = "InvalidParameterValueException"
    gone = arn.replace(table, "gone")
    assert told(refusal(StartingPosition="LATEST", EventSourceArn=gone)) == (
        code, 400, f"Stream not found: {gone}")
    assert told(refusal(StartingPosition="LATEST", FunctionName="gone")) == (
        code, 400, "Function does not exist")
    assert told(refusal(StartingPosition="LATEST", FilterCriteria={
        "Filters": [{"Pattern": "{"}]})) == (code, 400, "Invalid filter pattern definition.")
    bounds = refusal(StartingPosition="LATEST", BatchSize=0, ParallelizationFactor=11)
    assert bounds.code == "ValidationException"
    assert bounds.message.startswith("2 validation errors detected: ")
    assert "Value '0' at 'batchSize' failed to satisfy constraint: " in bounds.message
    # The shared server has no queues.
    queue = refusal(EventSourceArn="arn:aws:sqs:us-east-1:000000000000:q")
    assert queue.code == code and "--sqs-endpoint" in queue.message

    uuid = functions.create_event_source_mapping(
        EventSourceArn=arn, FunctionName=function, StartingPosition="LATEST",
        Enabled=False)["UUID"]
    assert told(refusal(StartingPosition="TRIM_HORIZON")) == (
        "ResourceConflictException", 409,
        f'The event source arn (" {arn} ") and function (" {function} ") provided mapping already '
        f"exists. Please update or delete the existing mapping with UUID {uuid}")
    functions.delete_event_source_mapping(UUID=uuid)
    wait_until(lambda: get(functions, uuid) is None)
    unknown = refused(functions.get_event_source_mapping, UUID=uuid)
    assert told(unknown) == (
        "ResourceNotFoundException", 404, "The resource you requested does not exist.")


def test_mappings_outlive_their_functions(functions, stream):
    name = f"short-lived-{os.getpid()}"
    functions.create_function(**parameters(name))
    uuid = functions.create_event_source_mapping(
        EventSourceArn=stream[1], FunctionName=name, StartingPosition="TRIM_HORIZON")["UUID"]
    functions.delete_function(FunctionName=name)
    listed = functions.list_event_source_mappings(FunctionName=name)["EventSourceMappings"]
    assert [each["UUID"] for each in listed] == [uuid]
    functions.delete_event_source_mapping(UUID=uuid)
    wait_until(lambda: get(functions, uuid) is None)
