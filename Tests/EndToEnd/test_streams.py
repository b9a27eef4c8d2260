"""DynamoDB Streams as a client of it sees them."""

import time

import pytest

from conftest import REGION, definitions, key_schema, make_client, next_table_name
from stream_reader import arn_of, iterator_of, records_of, shards_of

VIEWS = {
    "KEYS_ONLY": set(), "NEW_IMAGE": {"NewImage"}, "OLD_IMAGE": {"OldImage"},
    "NEW_AND_OLD_IMAGES": {"NewImage", "OldImage"},
}
UNKNOWN_SHARD = "shardId-00000001414576573621-f55eea83"
HOUR = 3600


@pytest.fixture(scope="session")
def streams(server):
    return make_client(server.endpoint, service="streams")


def stream_of(view, enabled=True):
    told = {"StreamEnabled": enabled}
    return {"StreamSpecification": dict(told, StreamViewType=view) if view else told}


@pytest.mark.parametrize("view", VIEWS)
def test_each_view_shows_its_images(client, streams, new_table, view):
    table = new_table(id="S", n="N", parameters=stream_of(view))
    key = {"id": {"S": "a"}, "n": {"N": "1"}}
    first, second = dict(key, v={"L": [{"S": "one"}]}), dict(key, v={"M": {"x": {"NULL": True}}})
    before = int(time.time())
    client.put_item(TableName=table, Item=first)
    client.put_item(TableName=table, Item=first)
    client.put_item(TableName=table, Item=second)
    client.delete_item(TableName=table, Key=key)
    client.delete_item(TableName=table, Key=key)
    records = records_of(streams, arn_of(client, table))
    assert [record["eventName"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
    images = [(None, first), (first, second), (second, None)]
    for record, (old, new) in zip(records, images):
        assert set(record) == {
            "eventID", "eventName", "eventVersion", "eventSource", "awsRegion", "dynamodb"}
        assert record["eventVersion"] == "1.1"
        assert record["eventSource"] == "aws:dynamodb"
        assert record["awsRegion"] == REGION
        change = record["dynamodb"]
        assert change["Keys"] == key
        assert change["StreamViewType"] == view
        assert change["SizeBytes"] > 0
        created = change["ApproximateCreationDateTime"]
        assert created.microsecond == 0
        assert before <= created.timestamp() <= time.time()
        for name, image in (("OldImage", old), ("NewImage", new)):
            assert change.get(name) == (image if name in VIEWS[view] else None)
    assert len({record["eventID"] for record in records}) == 3
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    assert numbers == sorted(set(numbers))
    assert all(21 <= len(number) <= 40 and number.isdigit() for number in numbers)


def test_the_shards_of_an_on_demand_table(client, streams, new_table):
    table = new_table(id="S", parameters=stream_of("KEYS_ONLY"))
    description = streams.describe_stream(StreamArn=arn_of(client, table))["StreamDescription"]
    told = client.describe_table(TableName=table)["Table"]
    assert description["StreamArn"] == told["LatestStreamArn"]
    assert description["StreamLabel"] == told["LatestStreamLabel"]
    assert description["StreamStatus"] == "ENABLED"
    assert description["StreamViewType"] == "KEYS_ONLY"
    assert description["TableName"] == table
    assert description["KeySchema"] == key_schema(hash="id")
    assert "LastEvaluatedShardId" not in description
    assert len(description["Shards"]) == 4
    for shard in description["Shards"]:
        assert shard["ShardId"].startswith("shardId-") and len(shard["ShardId"]) == 37
        assert set(shard) == {"ShardId", "SequenceNumberRange"}
        assert set(shard["SequenceNumberRange"]) == {"StartingSequenceNumber"}
    ids = [shard["ShardId"] for shard in description["Shards"]]
    page = streams.describe_stream(StreamArn=description["StreamArn"], Limit=3)["StreamDescription"]
    assert page["LastEvaluatedShardId"] == ids[2]
    for start, left in ((ids[2], ids[3:]), (ids[3], []), (UNKNOWN_SHARD, [])):
        page = streams.describe_stream(
            StreamArn=description["StreamArn"], ExclusiveStartShardId=start)["StreamDescription"]
        assert [shard["ShardId"] for shard in page["Shards"]] == left


def test_a_transaction_and_a_batch_leave_a_record_per_item(client, streams, new_table):
    table = new_table(id="S", parameters=stream_of("NEW_IMAGE"))
    client.batch_write_item(RequestItems={
        table: [{"PutRequest": {"Item": {"id": {"S": f"b{n}"}}}} for n in range(10)]})
    client.transact_write_items(TransactItems=[
        {"Put": {"TableName": table, "Item": {"id": {"S": f"t{n}"}}}} for n in range(10)])
    names = sorted(r["dynamodb"]["Keys"]["id"]["S"] for r in records_of(
        streams, arn_of(client, table)))
    assert names == sorted([f"b{n}" for n in range(10)] + [f"t{n}" for n in range(10)])


def test_streams_are_listed(client, streams, new_table):
    tables = [new_table(id="S", parameters=stream_of("KEYS_ONLY")) for _ in range(3)]
    new_table(id="S")
    arns = [arn_of(client, table) for table in tables]
    for table, arn in zip(tables, arns):
        assert streams.list_streams(TableName=table)["Streams"] == [
            {"StreamArn": arn, "TableName": table, "StreamLabel": arn.split("/stream/")[1]}]
    found, start = [], {}
    while True:
        page = streams.list_streams(Limit=1, **start)
        found += [stream["StreamArn"] for stream in page["Streams"]]
        if "LastEvaluatedStreamArn" not in page:
            break
        start = {"ExclusiveStartStreamArn": page["LastEvaluatedStreamArn"]}
    assert len(set(found)) == len(found)
    assert set(arns) <= set(found)
    elsewhere = make_client(
        f"http://127.0.0.1:{streams.meta.endpoint_url.rsplit(':', 1)[1]}", service="streams",
        region="eu-central-1")
    assert elsewhere.list_streams()["Streams"] == []
    assert elsewhere.describe_stream(StreamArn=arns[0])["StreamDescription"]["StreamArn"] == arns[0]


def test_a_disabled_stream_stays_and_a_second_one_is_another(client, streams, new_table):
    table = new_table(id="S", parameters=stream_of("NEW_IMAGE"))
    first = arn_of(client, table)
    client.put_item(TableName=table, Item={"id": {"S": "a"}})
    client.update_table(TableName=table, **stream_of(None, enabled=False))
    assert "StreamSpecification" not in client.describe_table(TableName=table)["Table"]
    assert arn_of(client, table) == first
    client.put_item(TableName=table, Item={"id": {"S": "b"}})
    client.update_table(TableName=table, **stream_of("KEYS_ONLY"))
    second = arn_of(client, table)
    client.put_item(TableName=table, Item={"id": {"S": "c"}})
    assert second != first
    for arn, status, name in ((first, "DISABLED", "a"), (second, "ENABLED", "c")):
        description = streams.describe_stream(StreamArn=arn)["StreamDescription"]
        assert description["StreamStatus"] == status
        for shard in description["Shards"]:
            is_closed = "EndingSequenceNumber" in shard["SequenceNumberRange"]
            assert is_closed == (status == "DISABLED")
        assert [r["dynamodb"]["Keys"]["id"]["S"] for r in records_of(streams, arn)] == [name]
    client.delete_table(TableName=table)
    assert streams.describe_stream(StreamArn=second)["StreamDescription"][
        "StreamStatus"] == "DISABLED"
    assert len(records_of(streams, second)) == 1
    assert [s["StreamArn"] for s in streams.list_streams(TableName=table)["Streams"]] == [
        first, second]


def test_what_is_refused(client, streams, new_table, refused, invalid):
    table = new_table(id="S", parameters=stream_of("KEYS_ONLY"))
    arn = arn_of(client, table)
    shard = shards_of(streams, arn)[0]["ShardId"]
    missing = arn.replace(table, "nobody")
    for operation, more in (
            (streams.describe_stream, {}),
            (streams.get_shard_iterator,
             {"ShardId": shard, "ShardIteratorType": "LATEST"})):
        refusal = refused(operation, StreamArn=missing, **more)
        assert refusal.code == "ResourceNotFoundException"
        assert refusal.message == f"Requested resource not found: Stream: {missing} not found"
        invalid("Invalid StreamArn", operation, StreamArn="x" * 40, **more)
    refusal = refused(
        streams.get_shard_iterator, StreamArn=arn, ShardId=UNKNOWN_SHARD,
        ShardIteratorType="LATEST")
    assert refusal.code == "ResourceNotFoundException"
    for iterator in ("garbage", arn + "|1|AAAA"):
        invalid("Invalid ShardIterator", streams.get_records, ShardIterator=iterator)
    invalid("Invalid SequenceNumber", streams.get_shard_iterator, StreamArn=arn, ShardId=shard,
            ShardIteratorType="AT_SEQUENCE_NUMBER", SequenceNumber="1" * 30)
    iterator = iterator_of(streams, arn, shard)
    for operation, parameters, maximum in (
            (streams.get_records, {"ShardIterator": iterator}, 1000),
            (streams.describe_stream, {"StreamArn": arn}, 100), (streams.list_streams, {}, 100)):
        assert operation(Limit=maximum, **parameters)
        invalid(f"Value '{maximum + 1}' at 'limit' failed to satisfy constraint: Member must have "
                f"value less than or equal to {maximum}",
                operation, Limit=maximum + 1, **parameters)


def test_time_rolls_trims_and_expires(own_server, refused):
    server = own_server("--virtual-clock")
    client = make_client(server.endpoint)
    streams = make_client(server.endpoint, service="streams")
    table = next_table_name()
    client.create_table(
        TableName=table, KeySchema=key_schema(hash="id"), AttributeDefinitions=definitions(id="S"),
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        **stream_of("NEW_IMAGE"))
    arn = arn_of(client, table)
    client.put_item(TableName=table, Item={"id": {"S": "first"}})
    (shard,) = shards_of(streams, arn)
    iterator = iterator_of(streams, arn, shard["ShardId"])
    (record,) = streams.get_records(ShardIterator=iterator)["Records"]
    number = record["dynamodb"]["SequenceNumber"]

    server.advance(14 * 60)
    assert len(streams.get_records(ShardIterator=iterator)["Records"]) == 1
    server.advance(60)
    assert refused(streams.get_records, ShardIterator=iterator).code == "ExpiredIteratorException"

    server.advance(4 * HOUR)
    closed, child = shards_of(streams, arn)
    assert child["ParentShardId"] == closed["ShardId"] == shard["ShardId"]
    client.put_item(TableName=table, Item={"id": {"S": "second"}})
    page = streams.get_records(ShardIterator=iterator_of(
        streams, arn, closed["ShardId"], "AFTER_SEQUENCE_NUMBER", SequenceNumber=number))
    assert page["Records"] == [] and "NextShardIterator" not in page
    children = streams.describe_stream(
        StreamArn=arn, ShardFilter={"Type": "CHILD_SHARDS", "ShardId": closed["ShardId"]})
    assert children["StreamDescription"]["Shards"] == [child]

    server.advance(19 * HOUR + 50 * 60)
    refusal = refused(
        streams.get_shard_iterator, StreamArn=arn, ShardId=closed["ShardId"],
        ShardIteratorType="AT_SEQUENCE_NUMBER", SequenceNumber=number)
    assert refusal.code == "TrimmedDataAccessException"
    names = [r["dynamodb"]["Keys"]["id"]["S"] for r in records_of(streams, arn)]
    assert names == ["second"]
    server.kill()
    server.start()
    assert [r["dynamodb"]["Keys"]["id"]["S"] for r in records_of(streams, arn)] == names

    client.delete_table(TableName=table)
    server.advance(24 * HOUR)
    assert refused(streams.describe_stream, StreamArn=arn).code == "ResourceNotFoundException"
    assert streams.list_streams()["Streams"] == []
