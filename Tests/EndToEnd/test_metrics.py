"""/metrics: a valid exposition of what was counted, under CloudWatch's names."""

import re
import urllib.request
from collections import defaultdict

import pytest

from conftest import make_client

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\\\|\\"|\\n)*)"')
NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN", re.IGNORECASE)
SUFFIXES = ("_bucket", "_sum", "_count")


def parse(text):
    """The samples of an exposition by name and labels; fails on anything the format forbids."""
    assert text.endswith("\n") and "\r" not in text
    types, helped, samples, closed = {}, set(), {}, set()
    family = None
    for line in text.splitlines():
        assert line == line.strip() and line
        if line.startswith("# "):
            _, kind, name, rest = line.split(" ", 3)
            assert NAME.fullmatch(name) and kind in ("HELP", "TYPE")
            if name != family:
                assert name not in closed, f"{name} stands in two places"
                closed.add(family)
                family = name
            if kind == "HELP":
                assert name not in helped
                helped.add(name)
            else:
                assert name not in types and rest in ("counter", "gauge", "histogram")
                types[name] = rest
            continue
        name = NAME.match(line).group()
        rest = line[len(name):]
        labels = ()
        if rest.startswith("{"):
            end, found = 1, []
            while rest[end] != "}":
                label = LABEL.match(rest, end)
                assert label, line
                found.append(label.groups())
                end = label.end()
                if rest[end] == ",":
                    end += 1
                else:
                    assert rest[end] == "}", line
            assert len({label for label, _ in found}) == len(found), line
            labels, rest = tuple(found), rest[end + 1:]
        assert rest.startswith(" ") and NUMBER.fullmatch(rest[1:]), line
        base = name
        if types.get(family) == "histogram":
            suffix = next(s for s in SUFFIXES if name.endswith(s))
            base = name[:-len(suffix)]
        assert base == family, f"{name} stands under {family}"
        assert (name, labels) not in samples, f"{line} is told twice"
        samples[name, labels] = float(rest[1:])
    check_histograms(types, samples)
    return samples


def check_histograms(types, samples):
    series = defaultdict(list)
    for (name, labels), value in samples.items():
        if name.endswith("_bucket") and types.get(name[:-7]) == "histogram":
            bound = dict(labels)["le"]
            rest = tuple(pair for pair in labels if pair[0] != "le")
            series[name[:-7], rest].append((float(bound), value))
    for (name, labels), buckets in series.items():
        values = [value for _, value in sorted(buckets)]
        assert values == sorted(values), name
        assert sorted(buckets)[-1][0] == float("inf")
        assert samples[name + "_count", labels] == values[-1]
        assert samples[name + "_sum", labels] >= 0


def metrics(server):
    with urllib.request.urlopen(server.endpoint + "/metrics", timeout=60) as response:
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        return parse(response.read().decode())


def value(samples, name, **labels):
    return sum(found for (told, pairs), found in samples.items()
               if told == name and labels.items() <= dict(pairs).items())


@pytest.fixture
def shop(own_server):
    server = own_server()
    client = make_client(server.endpoint)
    client.create_table(
        TableName="orders", BillingMode="PROVISIONED",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "owner", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 11, "WriteCapacityUnits": 7},
        GlobalSecondaryIndexes=[{
            "IndexName": "by-owner", "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "ALL"},
            "ProvisionedThroughput": {"ReadCapacityUnits": 3, "WriteCapacityUnits": 2}}])
    return server, client


def test_counts_of_requests(shop):
    server, client = shop
    for number in range(10):
        client.put_item(TableName="orders", Item={
            "id": {"S": f"k{number}"}, "owner": {"S": "anna"}, "text": {"S": "x" * 1_500}})
    client.query(
        TableName="orders", IndexName="by-owner", KeyConditionExpression="#o = :o",
        ExpressionAttributeNames={"#o": "owner"}, ExpressionAttributeValues={":o": {"S": "anna"}})
    with pytest.raises(client.exceptions.ConditionalCheckFailedException):
        client.delete_item(TableName="orders", Key={"id": {"S": "k1"}},
                           ConditionExpression="attribute_not_exists(id)")
    with pytest.raises(client.exceptions.ClientError):
        client.get_item(TableName="orders", Key={"wrong": {"S": "k1"}})
    told = metrics(server)
    index = {"TableName": "orders", "GlobalSecondaryIndexName": "by-owner"}
    # Ten puts of 2 units in the table and the index, and a failed condition of 2.
    assert value(told, "ConsumedWriteCapacityUnits", TableName="orders") == 42
    assert value(told, "ConsumedWriteCapacityUnits", **index) == 20
    assert value(told, "ConsumedReadCapacityUnits", **index) == 2
    assert value(told, "ConditionalCheckFailedRequests", TableName="orders") == 1
    assert value(told, "UserErrors", TableName="orders", Operation="GetItem") == 1
    assert value(told, "SystemErrors") == 0
    assert value(told, "ReturnedItemCount", Operation="Query") == 10
    assert value(told, "SuccessfulRequestLatency_count", Operation="PutItem") == 10
    assert value(told, "ProvisionedReadCapacityUnits", TableName="orders") == 14
    assert value(told, "ProvisionedWriteCapacityUnits", **index) == 2
    assert value(told, "AccountProvisionedReadCapacityUtilization") == pytest.approx(
        14 / 80_000 * 100)


def test_counters_do_not_go_back_when_they_move_into_the_store(shop):
    server, client = shop
    last = 0
    for number in range(6):
        client.put_item(TableName="orders", Item={"id": {"S": f"k{number}"}})
        with urllib.request.urlopen(server.endpoint + "/_basalt/usage", timeout=60) as response:
            response.read()
        count = value(metrics(server), "ConsumedWriteCapacityUnits", TableName="orders")
        assert count == last + 1
        last = count


def test_expired_items_and_dropped_tables(own_server):
    server = own_server("--virtual-clock")
    client = make_client(server.endpoint)
    for name in ("passing", "passed", "orders"):
        client.create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
        client.put_item(TableName=name, Item={"id": {"S": "a"}, "ends": {"N": "1900000000"}})
        client.scan(TableName=name)
    client.update_time_to_live(TableName="orders", TimeToLiveSpecification={
        "Enabled": True, "AttributeName": "ends"})
    now = server.advance("1s")
    for number in range(3):
        client.put_item(TableName="orders", Item={
            "id": {"S": f"k{number}"}, "ends": {"N": str(int(now) + 60)}})
    server.advance("10m")
    client.delete_table(TableName="passing")
    client.delete_table(TableName="passed")
    told = metrics(server)
    assert value(told, "TimeToLiveDeletedItemCount", TableName="orders") == 3
    # Both dropped tables together, without a name.
    nameless = {pairs: found for (name, pairs), found in told.items()
                if name == "ConsumedWriteCapacityUnits" and "TableName" not in dict(pairs)}
    assert list(nameless.values()) == [2]
