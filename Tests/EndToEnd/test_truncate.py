"""`basalt truncate`: all items go, and what a table made anew has of the old one."""

import json

import pytest

from conftest import definitions, delete_quietly, key_schema, next_table_name
from transfer_process import run


@pytest.fixture
def many_settings(client):
    """A table with all settings that there are, with some items."""
    name = next_table_name()
    client.create_table(
        TableName=name, KeySchema=key_schema(hash="id", range="k"), BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=definitions(id="S", k="N", g="B"),
        GlobalSecondaryIndexes=[{
            "IndexName": "by-g", "KeySchema": key_schema(hash="g"),
            "Projection": {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["x"]},
            "OnDemandThroughput": {"MaxReadRequestUnits": 11, "MaxWriteRequestUnits": 12}}],
        LocalSecondaryIndexes=[{
            "IndexName": "local", "KeySchema": key_schema(hash="id", range="g"),
            "Projection": {"ProjectionType": "KEYS_ONLY"}}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"},
        TableClass="STANDARD_INFREQUENT_ACCESS", SSESpecification={"Enabled": True},
        OnDemandThroughput={"MaxReadRequestUnits": 100, "MaxWriteRequestUnits": 50},
        WarmThroughput={"ReadUnitsPerSecond": 15_000, "WriteUnitsPerSecond": 4_000},
        Tags=[{"Key": f"tag-{n}", "Value": "v"} for n in range(15)])
    client.update_time_to_live(
        TableName=name, TimeToLiveSpecification={"AttributeName": "ttl", "Enabled": True})
    client.update_continuous_backups(
        TableName=name, PointInTimeRecoverySpecification={
            "PointInTimeRecoveryEnabled": True, "RecoveryPeriodInDays": 9})
    for number in range(3):
        client.put_item(TableName=name, Item={"id": {"S": "1"}, "k": {"N": str(number)}})
    told = client.describe_table(TableName=name)["Table"]
    client.put_resource_policy(ResourceArn=told["TableArn"], Policy=policy(told["TableArn"]))
    yield name
    delete_quietly(client, name)


def policy(arn):
    return json.dumps({
        "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"AWS": "111122223333"}, "Action": "dynamodb:*",
            "Resource": arn}]})


SAME = [
    "KeySchema", "AttributeDefinitions", "BillingModeSummary", "OnDemandThroughput",
    "StreamSpecification", "TableClassSummary", "SSEDescription", "WarmThroughput"]
INDEX_SAME = ["IndexName", "KeySchema", "Projection", "OnDemandThroughput", "WarmThroughput"]


def picture(client, name):
    """All that clients can read of a table's settings, but what is of this one table alone."""
    told = client.describe_table(TableName=name)["Table"]
    billing = told.pop("BillingModeSummary")["BillingMode"]
    indexes = {
        index["IndexName"]: [index.get(part) for part in INDEX_SAME]
        for kind in ("GlobalSecondaryIndexes", "LocalSecondaryIndexes") for index in told[kind]}
    arn = told["TableArn"]
    tags, token = [], {}
    while True:
        page = client.list_tags_of_resource(ResourceArn=arn, **token)
        tags += page["Tags"]
        if "NextToken" not in page:
            break
        token = {"NextToken": page["NextToken"]}
    recovery = client.describe_continuous_backups(TableName=name)[
        "ContinuousBackupsDescription"]["PointInTimeRecoveryDescription"]
    class_name = told.pop("TableClassSummary")["TableClass"]
    return {
        **{part: told.get(part) for part in SAME}, "billing": billing, "class": class_name,
        "indexes": indexes, "tags": sorted(tag["Key"] for tag in tags),
        "ttl": client.describe_time_to_live(TableName=name)["TimeToLiveDescription"],
        "recovery": (
            recovery["PointInTimeRecoveryStatus"], recovery.get("RecoveryPeriodInDays")),
        "policy": json.loads(client.get_resource_policy(ResourceArn=arn)["Policy"]),
    }


def test_a_table_made_anew_has_all_that_clients_can_set(server, client, many_settings):
    name = many_settings
    before = client.describe_table(TableName=name)["Table"]
    seen = picture(client, name)
    assert seen["recovery"] == ("ENABLED", 9) and len(seen["tags"]) == 15
    refused = run(server.endpoint, "truncate", name, "--recreate", code=None)
    assert refused.returncode == 1 and "--yes" in refused.stderr
    assert client.describe_table(TableName=name)["Table"]["TableId"] == before["TableId"]
    told = run(server.endpoint, "truncate", name, "--yes", "--recreate").stderr
    first = told.splitlines()[0]
    assert first.startswith(f"basalt: lost with {name}: ")
    assert "event source mappings" in first and "backups stay" in first
    after = client.describe_table(TableName=name)["Table"]
    assert after["TableId"] != before["TableId"]
    assert after["LatestStreamArn"] != before["LatestStreamArn"]
    assert picture(client, name) == seen
    assert client.scan(TableName=name)["Count"] == 0


def test_a_bare_provisioned_table_stays_one(server, client):
    name = next_table_name()
    client.create_table(
        TableName=name, KeySchema=key_schema(hash="id"), AttributeDefinitions=definitions(id="S"),
        ProvisionedThroughput={"ReadCapacityUnits": 3, "WriteCapacityUnits": 2})
    try:
        told = run(server.endpoint, "truncate", name, "--yes", "--recreate").stderr
        assert "event source mappings" not in told
        after = client.describe_table(TableName=name)["Table"]
        throughput = after["ProvisionedThroughput"]
        assert (throughput["ReadCapacityUnits"], throughput["WriteCapacityUnits"]) == (3, 2)
        assert "StreamSpecification" not in after and "OnDemandThroughput" not in after
        assert client.describe_time_to_live(TableName=name)["TimeToLiveDescription"][
            "TimeToLiveStatus"] == "DISABLED"
    finally:
        delete_quietly(client, name)


def test_moto_tables_are_made_anew_too(outside):
    """It knows neither insights nor destinations."""
    client = outside.client("dynamodb")
    name = next_table_name()
    client.create_table(
        TableName=name, KeySchema=key_schema(hash="id"), AttributeDefinitions=definitions(id="S"),
        BillingMode="PAY_PER_REQUEST", Tags=[{"Key": "team", "Value": "shop"}])
    client.put_item(TableName=name, Item={"id": {"S": "1"}})
    run(outside.endpoint, "truncate", name, "--yes", "--recreate")
    assert client.scan(TableName=name)["Count"] == 0
    arn = client.describe_table(TableName=name)["Table"]["TableArn"]
    assert client.list_tags_of_resource(ResourceArn=arn)["Tags"] == [
        {"Key": "team", "Value": "shop"}]
