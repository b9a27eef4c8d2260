"""Throttling by the capacity model, as clients see it; the clock is moved instead of waited for.

The clock runs on between requests, so that a table lets in a little more than what a clock that
stands still would: tests allow for the time that they take, or leave a debt that outlasts any.
"""

import json
import time
import urllib.error
import urllib.parse
import urllib.request

import boto3
import pytest
from botocore.config import Config

from conftest import Refusal, definitions, index_of, key_schema, make_client, next_table_name
from server_process import ServerFailed, ServerProcess

PROVISIONED = "ProvisionedThroughputExceededException"
# 390 units, which a small table waits out for minutes.
LARGE = {"S": "x" * 399_000}


@pytest.fixture(scope="module")
def throttling(tmp_path_factory):
    """A server that enforces the limits, with a clock that can be moved."""
    log = tmp_path_factory.mktemp("throttling") / "log.txt"
    process = ServerProcess(
        None, "--in-memory", "--virtual-clock", "--throttling", "enforce", log_path=log).start()
    yield process
    process.stop()


@pytest.fixture(scope="module")
def client(throttling):
    return make_client(throttling.endpoint)


@pytest.fixture
def table(client):
    """Makes tables keyed by `id`; `table(read, write)` is a provisioned one."""
    made = []

    def make(read=None, write=None, on=None, **parameters):
        name = next_table_name()
        maker = on or client
        if write is None:
            parameters["BillingMode"] = "PAY_PER_REQUEST"
        else:
            parameters["ProvisionedThroughput"] = units(read, write)
        parameters.setdefault("KeySchema", key_schema(hash="id"))
        parameters.setdefault("AttributeDefinitions", definitions(id="S"))
        maker.create_table(TableName=name, **parameters)
        made.append((maker, name))
        return name

    yield make
    for maker, name in made:
        maker.delete_table(TableName=name)


def units(read, write):
    return {"ReadCapacityUnits": read, "WriteCapacityUnits": write}


def arn(name):
    return f"arn:aws:dynamodb:us-east-1:000000000000:table/{name}"


def ask(server, path, body=None):
    """A request to the administrative endpoint; returns the status and the decoded answer."""
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(
                urllib.request.Request(server.endpoint + path, data=data), timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def partitions(server, name):
    query = urllib.parse.urlencode({"TableName": name})
    status, answer = ask(server, f"/_basalt/partitions?{query}")
    assert status == 200
    return answer["resources"]


def put_until_refused(client, name, most, **attributes):
    """Puts items one by one; returns how many were let in, and the refusal of the next."""
    for number in range(most):
        item = {"id": {"S": f"p{number}"}, **attributes}
        try:
            client.put_item(TableName=name, Item=item)
        except client.exceptions.ClientError as error:
            return number, Refusal(error)
    pytest.fail(f"{most} writes were let in")


class Stopwatch:
    """Seconds since it was made."""

    def __init__(self):
        self.began = time.monotonic()

    @property
    def seconds(self):
        return time.monotonic() - self.began


def test_a_provisioned_table_refuses_what_is_over(client, table, throttling):
    watch = Stopwatch()
    name = table(1, 1)
    throttling.advance(9)
    count, refusal = put_until_refused(client, name, 300)
    # One for the first second, one for each of the nine: the last may overdraw.
    assert 10 <= count <= 11 + watch.seconds
    assert refusal.code == PROVISIONED
    assert refusal.status == 400
    assert refusal.message == (
        "The level of configured provisioned throughput for the table was exceeded. Consider "
        "increasing your provisioning level with the UpdateTable API.")
    assert refusal.response["ThrottlingReasons"] == [
        {"reason": "TableWriteProvisionedThroughputExceeded", "resource": arn(name)}]
    throttling.advance(3)
    client.put_item(TableName=name, Item={"id": {"S": "later"}})


def test_five_minutes_unused_are_a_burst(client, table, throttling):
    name = table(1, 1)
    throttling.advance("1h")
    watch = Stopwatch()
    count, _ = put_until_refused(client, name, 1_000)
    assert 300 <= count <= 301 + watch.seconds


def test_reads_have_a_throughput_of_their_own(client, table, refused):
    name = table(1, 100)
    key = {"id": {"S": "p"}}
    client.put_item(TableName=name, Item={**key, "note": LARGE})
    read = {"TableName": name, "Key": key, "ConsistentRead": True}
    client.get_item(**read)
    refusal = refused(client.get_item, **read)
    assert refusal.response["ThrottlingReasons"] == [
        {"reason": "TableReadProvisionedThroughputExceeded", "resource": arn(name)}]
    assert refused(client.scan, TableName=name).code == PROVISIONED
    statement = f"SELECT * FROM \"{name}\" WHERE id = 'p'"
    assert refused(client.execute_statement, Statement=statement).code == PROVISIONED
    answers = client.batch_execute_statement(Statements=[{"Statement": statement}])["Responses"]
    assert answers[0]["Error"]["Code"] == "ProvisionedThroughputExceeded"


def test_a_hot_key_of_an_on_demand_table(client, table, refused, throttling):
    name = table(
        KeySchema=key_schema(hash="id", range="n"),
        AttributeDefinitions=definitions(id="S", n="N"))
    hot = {"id": {"S": "hot"}, "n": {"N": "1"}}
    # 7,800 units at once, of which a partition serves a thousand in a second.
    client.transact_write_items(TransactItems=[
        {"Put": {"TableName": name, "Item": {**hot, "n": {"N": str(n)}, "note": LARGE}}}
        for n in range(10)])
    refusal = refused(client.put_item, TableName=name, Item=hot)
    assert refusal.code == "ThrottlingException"
    assert refusal.message.startswith(
        "Throughput exceeds the current capacity of your table or index.")
    assert refusal.response["throttlingReasons"] == [
        {"reason": "TableWriteKeyRangeThroughputExceeded", "resource": arn(name)}]
    shown = partitions(throttling, name)[0]["partitions"]
    assert sum(partition["write"]["throttled"] > 0 for partition in shown) == 1
    throttling.advance(8)
    client.put_item(TableName=name, Item=hot)


def test_a_maximum_of_on_demand_throughput(client, table, refused):
    name = table(OnDemandThroughput={"MaxReadRequestUnits": 1, "MaxWriteRequestUnits": 2})
    client.put_item(TableName=name, Item={"id": {"S": "large"}, "note": LARGE})
    refusal = refused(client.put_item, TableName=name, Item={"id": {"S": "p"}})
    assert refusal.code == "ThrottlingException"
    assert refusal.response["throttlingReasons"] == [
        {"reason": "TableWriteMaxOnDemandThroughputExceeded", "resource": arn(name)}]


def test_an_index_holds_back_its_table(client, table, refused):
    index = index_of("owners", hash="owner") | {"ProvisionedThroughput": units(1, 1)}
    name = table(
        1000, 1000, AttributeDefinitions=definitions(id="S", owner="S"),
        GlobalSecondaryIndexes=[index])
    large = {"id": {"S": "large"}, "owner": {"S": "ann"}, "note": LARGE}
    client.put_item(TableName=name, Item=large)
    refusal = refused(
        client.put_item, TableName=name, Item={"id": {"S": "p"}, "owner": {"S": "ann"}})
    assert refusal.code == PROVISIONED
    assert refusal.response["ThrottlingReasons"] == [{
        "reason": "IndexWriteProvisionedThroughputExceeded",
        "resource": f"{arn(name)}/index/owners"}]
    # What the index has no part in goes on.
    client.put_item(TableName=name, Item={"id": {"S": "without"}})


def test_batches_leave_unprocessed_what_is_over(client, table, throttling):
    name = table(5, 5)
    puts = [{"PutRequest": {"Item": {"id": {"S": f"p{n}"}}}} for n in range(25)]
    left = client.batch_write_item(RequestItems={name: puts})["UnprocessedItems"][name]
    assert 1 <= len(left) <= 20
    assert left == puts[-len(left):]
    keys = [{"id": {"S": f"p{n}"}} for n in range(25)]
    asked = {name: {"Keys": keys, "ConsistentRead": True}}
    answer = client.batch_get_item(RequestItems=asked)
    unread = answer["UnprocessedKeys"][name]
    assert unread["ConsistentRead"] is True
    assert unread["Keys"] == keys[-len(unread["Keys"]):]
    assert 1 <= len(unread["Keys"]) <= 20
    # A client that sends again what was left comes to an end.
    for _ in range(10):
        throttling.advance(1)
        left = client.batch_write_item(RequestItems={name: left})["UnprocessedItems"].get(name)
        if not left:
            break
    assert not left


def test_transactions_tell_why(client, table, refused):
    provisioned = table(1, 1)
    on_demand = table(OnDemandThroughput={"MaxWriteRequestUnits": 1})
    actions = [
        {"Put": {"TableName": name, "Item": {"id": {"S": "p"}, "note": LARGE}}}
        for name in (provisioned, on_demand)]
    client.transact_write_items(TransactItems=actions)
    refusal = refused(client.transact_write_items, TransactItems=actions)
    assert refusal.code == "TransactionCanceledException"
    assert refusal.message.endswith("[ProvisionedThroughputExceeded, ThrottlingError]")
    reasons = refusal.response["CancellationReasons"]
    assert reasons[0]["Message"].startswith("The level of configured provisioned throughput")
    assert reasons[1]["Message"].startswith("Throughput exceeds the maximum OnDemandThroughput")


def test_boto3_tries_again(table, throttling):
    name = table(1, 1)
    patient = boto3.client(
        "dynamodb", endpoint_url=throttling.endpoint, region_name="us-east-1",
        aws_access_key_id="test", aws_secret_access_key="test",
        config=Config(retries={"mode": "standard", "total_max_attempts": 10}))
    attempts = 0
    for number in range(3):
        answer = patient.put_item(TableName=name, Item={"id": {"S": f"p{number}"}})
        attempts += answer["ResponseMetadata"]["RetryAttempts"]
    assert attempts > 0


def test_more_throughput_helps(client, table, throttling):
    name = table(1, 1)
    put_until_refused(client, name, 300)
    client.update_table(TableName=name, ProvisionedThroughput=units(1, 500))
    throttling.advance(1)
    for number in range(100):
        client.put_item(TableName=name, Item={"id": {"S": f"p{number}"}})
    client.update_table(TableName=name, BillingMode="PAY_PER_REQUEST")
    for number in range(100):
        client.put_item(TableName=name, Item={"id": {"S": f"p{number}"}})


def test_throughput_is_decreased_so_often(client, table, refused, throttling):
    name = table(100, 100)

    def decrease(to):
        return {"TableName": name, "ProvisionedThroughput": units(to, 100)}

    for to in (90, 80, 70, 60):
        client.update_table(**decrease(to))
    refusal = refused(client.update_table, **decrease(50))
    assert refusal.code == "LimitExceededException"
    assert "Number of decreases today: 4." in refusal.message
    client.update_table(TableName=name, ProvisionedThroughput=units(100, 100))
    throttling.advance("1h")
    client.update_table(**decrease(50))


class LargeItems:
    """Items of four hundred units each, which cost as much to test as to write."""

    def __init__(self, client, server, name, count):
        self.client = client
        self.name = name
        self.keys = [{"id": {"S": f"large-{n}"}} for n in range(count)]
        ask(server, "/_basalt/throttling", {"mode": "off"})
        for key in self.keys:
            client.put_item(TableName=name, Item={**key, "note": {"S": "x" * 409_000}})
        ask(server, "/_basalt/throttling", {"mode": "enforce"})

    def charge(self, key):
        """Whether a write of the item was let in; it fails its condition and is charged."""
        try:
            self.client.delete_item(
                TableName=self.name, Key=key, ConditionExpression="attribute_not_exists(id)")
        except self.client.exceptions.ConditionalCheckFailedException:
            return True
        except self.client.exceptions.ThrottlingException:
            return False
        raise AssertionError("the condition held")

    def charge_all(self, most=None):
        return sum(self.charge(key) for key in self.keys[:most])

    def partition_of(self, key, server):
        server.advance(2)
        self.charge(key)
        shown = partitions(server, self.name)[0]["partitions"]
        return min(shown, key=lambda part: part["write"]["unitsLeft"])["partition"]


def test_half_an_hour_warms_a_table_up(client, table, throttling):
    name = table()
    items = LargeItems(client, throttling, name, 40)
    throttling.advance(5)
    watch = Stopwatch()
    cold = items.charge_all()
    coldest = watch.seconds
    # A minute at what a new table serves.
    for _ in range(75):
        throttling.advance(1)
        items.charge_all(16)
    throttling.advance("30m")
    throttling.advance(5)
    assert len(partitions(throttling, name)[0]["partitions"]) > 4
    warm = items.charge_all()
    # Four thousand units, of four hundred each, for the second saved up and those it took.
    assert 10 <= cold <= 11 + 10 * coldest
    assert warm >= min(1.4 * cold, len(items.keys))


def test_a_split_spreads_heat(client, table, throttling):
    name = table(WarmThroughput={"ReadUnitsPerSecond": 12000, "WriteUnitsPerSecond": 4000})
    items = LargeItems(client, throttling, name, 12)
    before = [part["from"] for part in partitions(throttling, name)[0]["partitions"]]
    assert len(before) == 4
    by_partition = {}
    for key in items.keys:
        by_partition.setdefault(items.partition_of(key, throttling), []).append(key)
    # Of twelve items in four partitions some three share one, which serves two of them a second.
    hot = max(by_partition.values(), key=len)[:3]
    throttling.advance("10m")
    for _ in range(330):
        throttling.advance(1)
        for key in hot:
            items.charge(key)
    after = [part["from"] for part in partitions(throttling, name)[0]["partitions"]]
    assert set(before) < set(after)
    # The table's stream follows: it has a shard for each partition.
    client.update_table(
        TableName=name,
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "KEYS_ONLY"})
    streams = make_client(throttling.endpoint, service="streams")
    label = client.describe_table(TableName=name)["Table"]["LatestStreamArn"]
    shards = streams.describe_stream(StreamArn=label)["StreamDescription"]["Shards"]
    assert len(shards) == len(after)


def test_observed_work_is_served(own_server, table):
    server = own_server("--in-memory", "--throttling", "observe")
    client = make_client(server.endpoint)
    watch = Stopwatch()
    name = table(1, 1, on=client)
    for number in range(50):
        client.put_item(TableName=name, Item={"id": {"S": f"p{number}"}})
    seconds = watch.seconds
    assert client.scan(TableName=name)["Count"] == 50
    shown = partitions(server, name)
    assert 48 - seconds <= shown[0]["partitions"][0]["write"]["throttled"] <= 49
    assert ask(server, "/_basalt/throttling") == (200, {"mode": "observe"})


def test_off_changes_nothing(own_server, table):
    server = own_server("--in-memory")
    client = make_client(server.endpoint)
    name = table(1, 1, on=client)
    for number in range(50):
        client.put_item(TableName=name, Item={"id": {"S": f"p{number}"}})
    shown = partitions(server, name)
    assert shown == [{
        "TableName": name, "partitions": [{"partition": 0, "from": "0000000000000000"}]}]
    assert ask(server, "/_basalt/throttling")[0] == 404


def test_burst_and_partitions_outlive_a_restart(own_server, table):
    server = own_server("--virtual-clock", "--throttling", "enforce")
    client = make_client(server.endpoint)
    name = table(1, 1, on=client)
    server.advance("1h")
    watch = Stopwatch()
    for number in range(200):
        client.put_item(TableName=name, Item={"id": {"S": f"p{number}"}})
    server.restart()
    left = partitions(server, name)[0]["write"]["unitsLeft"]
    assert 99 <= left <= 101 + watch.seconds


def test_what_cannot_be_asked(throttling, client):
    assert ask(throttling, "/_basalt/partitions?TableName=none")[0] == 400
    assert ask(throttling, "/_basalt/throttling", {"mode": "sometimes"})[0] == 400
    assert ask(throttling, "/_basalt/partitions", {"TableName": "none"})[0] == 400
    status, answer = ask(throttling, "/_basalt/partitions")
    assert status == 200
    assert answer["throttling"] == "enforce"


@pytest.mark.parametrize("value", ["sometimes", "ENFORCE", ""])
def test_the_mode_is_checked(own_server, value):
    with pytest.raises(ServerFailed, match="off, observe or enforce"):
        own_server("--in-memory", "--throttling", value)
