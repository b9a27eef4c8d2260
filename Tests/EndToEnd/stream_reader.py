"""Reads what is in a stream now; `kcl_consumer.py` is a consumer that goes on."""

from conftest import make_client


def arn_of(client, table):
    return client.describe_table(TableName=table)["Table"]["LatestStreamArn"]


def shards_of(streams, arn):
    """All shards, page by page; a parent's place is before its children's."""
    found, start = [], {}
    while True:
        told = streams.describe_stream(StreamArn=arn, **start)["StreamDescription"]
        found += told["Shards"]
        if "LastEvaluatedShardId" not in told:
            return found
        start = {"ExclusiveStartShardId": told["LastEvaluatedShardId"]}


def iterator_of(streams, arn, shard, kind="TRIM_HORIZON", **more):
    return streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard, ShardIteratorType=kind, **more)["ShardIterator"]


def records_of(streams, arn, **limits):
    """All records that are there now, those of parents before those of their children."""
    found = []
    for shard in shards_of(streams, arn):
        iterator = iterator_of(streams, arn, shard["ShardId"])
        while iterator:
            page = streams.get_records(ShardIterator=iterator, **limits)
            found += page["Records"]
            iterator = page.get("NextShardIterator") if page["Records"] else None
    return found


def records_of_table(endpoint, table, **limits):
    """All records of a table's latest stream."""
    streams = make_client(endpoint, service="streams")
    return records_of(streams, arn_of(make_client(endpoint), table), **limits)
