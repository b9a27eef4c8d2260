"""The account book: what requests consumed, kept across kills, told in units and dollars."""

import csv
import io
import json
import subprocess
import time
import urllib.error
import urllib.request

import pytest

import usage_harness
from conftest import make_client
from raw_client import RawClient, ServiceFault
from server_process import ROOT, default_binary


def usage(server, **parameters):
    query = "&".join(f"{name.replace('_', '-')}={value}" for name, value in parameters.items())
    with urllib.request.urlopen(
            f"{server.endpoint}/_basalt/usage?{query}", timeout=60) as response:
        return json.load(response)


def run(server, *arguments, code=0):
    result = subprocess.run(
        [default_binary(), "usage", "--endpoint", server.endpoint, *arguments],
        capture_output=True, text=True, timeout=60)
    assert result.returncode == code, result.stderr
    return result.stdout if code == 0 else result.stderr


def make_table(client, name, **options):
    options.setdefault("BillingMode", "PAY_PER_REQUEST")
    client.create_table(
        TableName=name, KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": "id", "AttributeType": "S"},
            {"AttributeName": "owner", "AttributeType": "S"}],
        GlobalSecondaryIndexes=[{
            "IndexName": "by-owner", "KeySchema": [{"AttributeName": "owner", "KeyType": "HASH"}],
            "Projection": {"ProjectionType": "KEYS_ONLY"},
            **({} if options["BillingMode"] == "PAY_PER_REQUEST" else {
                "ProvisionedThroughput": options["ProvisionedThroughput"]})}], **options)


def put(client, table, number, size=0, owner="anna"):
    client.put_item(TableName=table, Item={
        "id": {"S": f"k{number}"}, "owner": {"S": owner}, "text": {"S": "x" * size}})


def test_book_equals_clients_across_kills(tmp_path):
    assert usage_harness.run(
        seed=7, requests=1_800, rounds=6, clients=3, directory=tmp_path) > 1_000


def test_dollars_are_those_of_a_hand_calculation(own_server):
    server = own_server("--virtual-clock")
    client = make_client(server.endpoint)
    make_table(client, "orders")
    for number in range(40):
        put(client, "orders", number, size=2_500)
    for number in range(20):
        client.get_item(TableName="orders", Key={"id": {"S": f"k{number}"}}, ConsistentRead=True)
    server.advance("1h")
    total = usage(server, since="2h")["total"]
    # 40 items of 3 units, 40 entries of 1, 20 reads of 1.
    assert (total["writeUnits"], total["readUnits"]) == (160, 20)
    requests = 160 / 1e6 * 0.625 + 20 / 1e6 * 0.125
    assert total["dollarsOf"]["requests"] == pytest.approx(requests, rel=1e-9)
    told = usage(server, since="2h")
    hours = told["rateSeconds"] / 3_600
    assert 1 <= hours < 1.1
    monthly = told["total"]["dollarsPerMonthOf"]
    assert monthly["requests"] == pytest.approx(requests * 730 / hours, rel=1e-3)
    item = len("id") + 3 + len("owner") + len("anna") + len("text") + 2_500
    items = sum(item - (n < 10) for n in range(40))
    entries = sum(len("id") + 3 + len("owner") + 4 - (n < 10) + 100 for n in range(40))
    assert monthly["storage"] == pytest.approx((items + entries) / 2**30 * 0.25, rel=1e-9)
    assert monthly["freeTier"] == pytest.approx(-monthly["storage"], rel=1e-9)


def test_provisioned_capacity_costs_while_it_stands(own_server):
    server = own_server("--virtual-clock")
    client = make_client(server.endpoint)
    make_table(client, "planned", BillingMode="PROVISIONED", ProvisionedThroughput={
        "ReadCapacityUnits": 10, "WriteCapacityUnits": 5})
    put(client, "planned", 1)
    usage(server)
    server.advance("10h")
    told = usage(server, since="12h")["total"]
    hour = 2 * (10 * 0.00013 + 5 * 0.00065)
    assert told["dollarsOf"]["provisioned"] == pytest.approx(10 * hour, rel=0.01)
    assert told["dollarsOf"]["requests"] == 0
    assert told["dollarsPerMonthOf"]["provisioned"] == pytest.approx(730 * hour, rel=1e-9)


def test_what_if_reprices_the_same_traffic(own_server):
    server = own_server()
    client = make_client(server.endpoint)
    make_table(client, "orders")
    for number in range(30):
        put(client, "orders", number % 10, size=3_000 + number)
    rows = usage(server, what_if="projection=ALL:by-owner")["whatIf"]["rows"]
    index = next(row for row in rows if row.get("index") == "by-owner")
    # As KEYS_ONLY 10 entries were written; as ALL each of 30 puts writes 3 units.
    assert index["dollarsPerMonthThen"] / index["dollarsPerMonth"] == pytest.approx(9, rel=1e-3)
    told = usage(server, what_if="standard-ia")["whatIf"]
    assert told["dollarsPerMonthThen"] / told["dollarsPerMonth"] == pytest.approx(
        0.78 / 0.625, rel=1e-3)
    capacity = usage(server, what_if="provisioned")["whatIf"]["rows"][0]["capacity"]
    assert capacity["fixedReadCapacityUnits"] == 1
    assert capacity["fixedWriteCapacityUnits"] in (1, 2)


def test_rows_by_each_dimension(own_server):
    server = own_server()
    anna = make_client(server.endpoint, access_key="ANNA")
    bert = make_client(server.endpoint, access_key="BERT")
    make_table(anna, "orders")
    for number in range(12):
        put(anna, "orders", number, size=1_500)
    for _ in range(9):
        bert.get_item(TableName="orders", Key={"id": {"S": "k1"}})
    with pytest.raises(anna.exceptions.ConditionalCheckFailedException):
        bert.put_item(TableName="orders", Item={"id": {"S": "k1"}},
                      ConditionExpression="attribute_not_exists(id)")
    callers = {(row["caller"], row.get("index")): row
               for row in usage(server, by="caller")["rows"]}
    assert callers["ANNA", None]["writeUnits"] == 24
    assert callers["ANNA", "by-owner"]["writeUnits"] == 12
    assert callers["BERT", None]["readUnits"] == 4.5
    assert callers["BERT", None]["errors"] == 1
    operations = {(row["operation"], row.get("index")): row
                  for row in usage(server, by="operation")["rows"]}
    assert operations["GetItem", None]["requests"] == 9
    assert operations["PutItem", None]["writeUnits"] == 26
    partitions = usage(server, by="partition")["rows"]
    assert sum(row["writeUnits"] for row in partitions) == 38
    keys = usage(server, by="key")["rows"]
    assert (keys[0]["table"], keys[0]["key"]) in {("orders", "id=k1"),
                                                  ("orders", "owner=anna id=k1")}


def test_dropped_tables_are_told_still(own_server):
    server = own_server()
    client = make_client(server.endpoint)
    make_table(client, "passing")
    put(client, "passing", 1)
    client.delete_table(TableName="passing")
    server.kill()
    server.start()
    rows = usage(server)["rows"]
    assert sum(row["writeUnits"] for row in rows) == 2


def test_tables_and_indexes_of_one_name_are_one(own_server):
    server = own_server()
    client = make_client(server.endpoint)
    for _ in range(2):
        make_table(client, "again")
        put(client, "again", 1)
        client.delete_table(TableName="again")
    make_table(client, "again")
    put(client, "again", 2)
    rows = usage(server, by="index")["rows"]
    assert {row.get("index"): row["writeUnits"] for row in rows if row["table"]} == {
        None: 3, "by-owner": 3}
    assert len([row for row in rows if row["table"] == "again"]) == 2
    for by in ("operation", "caller", "charge"):
        rows = usage(server, by=by)["rows"]
        names = [tuple(row.get(name) for name in ("table", "index", "operation", "charge"))
                 for row in rows]
        assert len(set(names)) == len(names), by


def test_stream_reads_are_counted(own_server):
    server = own_server()
    client = make_client(server.endpoint)
    streams = make_client(server.endpoint, service="streams")
    make_table(client, "orders", StreamSpecification={
        "StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    put(client, "orders", 1)
    arn = client.describe_table(TableName="orders")["Table"]["LatestStreamArn"]
    shard = streams.describe_stream(StreamArn=arn)["StreamDescription"]["Shards"][0]["ShardId"]
    iterator = streams.get_shard_iterator(
        StreamArn=arn, ShardId=shard, ShardIteratorType="TRIM_HORIZON")["ShardIterator"]
    for _ in range(5):
        iterator = streams.get_records(ShardIterator=iterator)["NextShardIterator"]
    told = usage(server, by="operation")
    row = next(row for row in told["rows"] if row["operation"] == "GetRecords")
    assert (row["table"], row["requests"]) == ("orders", 5)
    assert told["total"]["dollarsOf"]["streams"] == pytest.approx(5 / 1e5 * 0.02)


def test_command_prints_tables_json_and_csv(own_server, tmp_path):
    server = own_server()
    client = make_client(server.endpoint)
    make_table(client, "orders")
    put(client, "orders", 1)
    text = run(server, "orders", "--by", "index", "--what-if", "provisioned")
    assert "by-owner" in text and "what if provisioned" in text
    assert json.loads(run(server, "--format", "json"))["total"]["writeUnits"] == 2
    rows = list(csv.DictReader(io.StringIO(run(server, "--by", "index", "--format", "csv"))))
    assert {row["index"]: row["writeUnits"] for row in rows} == {"": "1", "by-owner": "1"}
    (tmp_path / "prices.json").write_text("{}")
    message = run(server, "--prices", str(tmp_path / "prices.json"), code=1)
    assert message.count("\n") == 1 and "is missing" in message
    assert "since must be a span" in run(server, "--since", "soon", code=1)


def test_prices_of_a_file_count(own_server, tmp_path):
    list_of_prices = json.loads(PRICES)
    list_of_prices["standard"]["perMillionWriteRequestUnits"] = 1_000_000
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(list_of_prices))
    server = own_server("--prices", path)
    client = make_client(server.endpoint)
    make_table(client, "orders")
    put(client, "orders", 1)
    assert usage(server)["total"]["dollarsOf"]["requests"] == pytest.approx(2)
    list_of_prices["standard"]["perMillionWriteRequestUnits"] = 3_000_000
    path.write_text(json.dumps(list_of_prices))
    told = json.loads(run(server, "--prices", str(path), "--format", "json"))
    assert told["total"]["dollarsOf"]["requests"] == pytest.approx(6)


def make_backed_up_table(client, name, **options):
    """A table with a sort key, a local and a global index, and recovery to a point in time."""
    def key(*names):
        return [{"AttributeName": name, "KeyType": kind}
                for name, kind in zip(names, ("HASH", "RANGE"))]
    client.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=key("id", "at"),
        AttributeDefinitions=[
            {"AttributeName": name, "AttributeType": "S"} for name in ("id", "at", "owner")],
        LocalSecondaryIndexes=[{
            "IndexName": "local", "KeySchema": key("id", "owner"),
            "Projection": {"ProjectionType": "KEYS_ONLY"}}],
        GlobalSecondaryIndexes=[{
            "IndexName": "global", "KeySchema": key("owner"),
            "Projection": {"ProjectionType": "ALL"}}], **options)
    client.update_continuous_backups(TableName=name, PointInTimeRecoverySpecification={
        "PointInTimeRecoveryEnabled": True})


def test_bill_tells_storage_recovery_and_streams_apart(own_server):
    server = own_server("--virtual-clock")
    client = make_client(server.endpoint)
    make_backed_up_table(client, "orders")
    for number in range(10):
        client.put_item(TableName="orders", Item={
            "id": {"S": f"k{number}"}, "at": {"S": "2026"}, "owner": {"S": "anna"},
            "text": {"S": "x" * 1_000}})
    server.advance("100h")
    client.update_continuous_backups(TableName="orders", PointInTimeRecoverySpecification={
        "PointInTimeRecoveryEnabled": False})
    server.advance("100h")
    keys = len("id") + 2 + len("at") + 4 + len("owner") + 4
    item, entry, gigabyte = keys + len("text") + 1_000, keys + 100, 2**30
    told = usage(server, since="300h", by="charge")
    lines = {(row.get("index"), row["charge"]): row["dollars"] for row in told["rows"]}
    stored = {None: 10 * item, "local": 10 * entry, "global": 10 * (item + 100)}
    for index, size in stored.items():
        assert lines[index, "storage"] == pytest.approx(
            size / gigabyte * 0.25 * 200 / 730, rel=1e-3)
    for index in (None, "local"):
        assert lines[index, "point-in-time recovery"] == pytest.approx(
            stored[index] / gigabyte * 0.20 * 100 / 730, rel=1e-3)
    assert ("global", "point-in-time recovery") not in lines
    assert sum(lines.values()) == pytest.approx(told["total"]["dollars"])
    total = told["total"]
    assert total["dollarsOf"]["pointInTimeRecovery"] == pytest.approx(
        sum(value for (_, charge), value in lines.items() if charge == "point-in-time recovery"))
    # It is off now.
    assert total["dollarsPerMonthOf"]["pointInTimeRecovery"] == 0
    assert total["dollarsPerMonthOf"]["backups"] == 0
    then = usage(server, since="300h", what_if="pitr,backup")["whatIf"]["rows"]
    backups = {row.get("index"): row["then"]["backups"] for row in then}
    assert backups == {
        None: pytest.approx(stored[None] / gigabyte * 0.10),
        "local": pytest.approx(stored["local"] / gigabyte * 0.10), "global": 0}
    rows = list(csv.DictReader(io.StringIO(
        run(server, "--since", "300h", "--by", "charge", "--format", "csv"))))
    assert {(row["index"] or None, row["charge"]): float(row["dollars"])
            for row in rows} == pytest.approx(lines, rel=1e-3)
    assert "point-in-time recovery" in run(server, "--since", "300h", "--by", "charge")
    # What a dropped table held until then is paid still.
    server.advance("100h")
    client.delete_table(TableName="orders")
    told = usage(server, since="400h", by="charge")["rows"]
    assert sum(row["dollars"] for row in told if row["charge"] == "storage") == pytest.approx(
        sum(stored.values()) / gigabyte * 0.25 * 300 / 730, rel=1e-3)
    assert all(row["dollarsPerMonth"] == 0 for row in told)


def test_prices_of_a_file_count_wherever_dollars_are_told(own_server, tmp_path):
    """A read unit costs 1 dollar and a write unit 2, in every command that tells dollars."""
    prices = json.loads(PRICES)
    prices["standard"]["perMillionReadRequestUnits"] = 1_000_000
    prices["standard"]["perMillionWriteRequestUnits"] = 2_000_000
    path = tmp_path / "prices.json"
    path.write_text(json.dumps(prices))
    server = own_server()
    client = make_client(server.endpoint)
    make_table(client, "orders")
    for number in range(8):
        put(client, "orders", number)

    def command(name, *arguments, code=0):
        result = subprocess.run(
            [default_binary(), name, *arguments, "--prices", str(path),
             "--endpoint", server.endpoint], capture_output=True, text=True, timeout=60,
            cwd=tmp_path)
        assert result.returncode == code, result.stderr
        return result.stderr + result.stdout
    # 8 small items are less than a page of 4 KB: half a unit.
    for read in (("query", "orders", "id=k1"), ("scan", "orders"),
                 ("sql", "SELECT * FROM orders"), ("count", "orders", "--segments", "1")):
        text = command(*read, "--explain")
        assert "0.5 read units, $0.50" in text, text
        assert read[0] == "count" or "prices: eu-central-1" in text
    stopped = command("scan", "orders", "--page-size", "2", "--max-cost", "0.75", code=5)
    assert "$0.75 after 1 read units ($1.00)" in stopped
    assert "0.5 read units, $0.50" in command("export", "orders", "orders.jsonl",
                                              "--segments", "1")
    # An item and its entry in the index stay as they are: the item's unit alone.
    assert "8 write units, $16.00" in command("import", "orders", "orders.jsonl")
    assert "16 write units, $32.00" in command("truncate", "orders", "--yes")
    path.write_text(json.dumps({**prices, "perBackupGBMonth": -1}))
    for arguments in (("scan", "orders"), ("truncate", "orders", "--yes"),
                      ("import", "orders", "orders.jsonl"), ("count", "orders", "--explain")):
        fault = command(*arguments, code=1)
        assert fault.count("\n") == 1 and "perBackupGBMonth must be a number from 0" in fault


def test_top_prints_one_frame_for_a_pipe(own_server):
    server = own_server()
    client = make_client(server.endpoint)
    make_table(client, "orders")
    put(client, "orders", 1)
    result = subprocess.run(
        [default_binary(), "top", "--once", "--endpoint", server.endpoint],
        capture_output=True, text=True, timeout=60)
    assert result.returncode == 0, result.stderr
    assert "orders/by-owner" in result.stdout
    assert "id=k1" in result.stdout
    assert "\x1b" not in result.stdout


@pytest.mark.parametrize("mode", ["enforce", "observe"])
def test_top_tells_what_runs_hot(own_server, mode):
    """One key of a table that is provisioned for less: its limit, partition and key are told."""
    server = own_server("--throttling", mode, "--virtual-clock")
    # Keys are told by the minute: one that has just begun.
    server.advance(f"{61 - int(time.time()) % 60}s")
    client = RawClient(server.port)
    client.call(
        "CreateTable", TableName="hot", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        ProvisionedThroughput={"ReadCapacityUnits": 1, "WriteCapacityUnits": 1})
    served, refused = 0, 0

    def write(number):
        nonlocal served, refused
        try:
            client.call("PutItem", TableName="hot", Item={"id": {"S": f"k{number % 3 // 2}"}})
            served += 1
        except ServiceFault as fault:
            assert fault.code == "ProvisionedThroughputExceededException"
            refused += 1
    # 300 seconds of burst are spent first.
    for number in range(900):
        write(number)
    top = subprocess.Popen(
        [default_binary(), "top", "--once", "--endpoint", server.endpoint],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    number = 0
    while top.poll() is None:
        write(number)
        number += 1
    text, errors = top.communicate()
    assert top.returncode == 0, errors
    row = next(line for line in text.splitlines() if line.startswith("hot "))
    assert "writes: provisioned" in row and "0: 100%" in row
    throttled, hottest = text.split("most throttled keys")[1].split("hottest keys")
    first = throttled.splitlines()[1].split()
    assert first[:2] == ["id=k0", "hot"] and 60 < float(first[2].rstrip("%")) < 73
    assert hottest.splitlines()[1].split()[:2] == ["id=k0", "hot"]
    assert (refused > 0) == (mode == "enforce")
    told = usage(server)["total"]
    assert told["throttles"] == refused if mode == "enforce" else told["throttles"] > 0
    assert told["writeUnits"] == served


@pytest.mark.parametrize("query", [
    "by=colour", "since=soon", "what-if=cheap", "nonsense=1", "table=never", "since=2999-01-01T00:00"])
def test_faulty_queries_are_refused(server, query):
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(f"{server.endpoint}/_basalt/usage?{query}", timeout=60)
    assert caught.value.code == 400


PRICES = """{
  "region": "eu-central-1",
  "date": "2026-09-01",
  "standard": {
    "perMillionWriteRequestUnits": 0.7625,
    "perMillionReadRequestUnits": 0.1525,
    "perWriteCapacityUnitHour": 0.000793,
    "perReadCapacityUnitHour": 0.0001586,
    "perStorageGBMonth": 0.306,
    "freeStorageGB": 25
  },
  "standardInfrequentAccess": {
    "perMillionWriteRequestUnits": 0.95,
    "perMillionReadRequestUnits": 0.19,
    "perWriteCapacityUnitHour": 0.00099,
    "perReadCapacityUnitHour": 0.0002,
    "perStorageGBMonth": 0.1224,
    "freeStorageGB": 0
  },
  "perContinuousBackupGBMonth": 0.2448,
  "perBackupGBMonth": 0.1224,
  "perRestoredGB": 0.1836,
  "perExportedGB": 0.1224,
  "perImportedGB": 0.1836,
  "perHundredThousandStreamReads": 0.0245,
  "freeStreamReads": 2500000,
  "indexEntryOverheadBytes": 100
}"""


def test_price_page_holds_the_prices_that_the_program_knows(own_server):
    page = (ROOT / "docs" / "how-to" / "prices.md").read_text()
    told = json.loads(page.split("```json\n")[1].split("```")[0])
    server = own_server()
    client = make_client(server.endpoint)
    make_table(client, "orders")
    put(client, "orders", 1)
    request = urllib.request.Request(
        server.endpoint + "/_basalt/usage", data=json.dumps(told).encode(), method="POST")
    with urllib.request.urlopen(request, timeout=60) as response:
        by_file = json.load(response)
    by_default = usage(server)
    assert by_file["prices"] == by_default["prices"]
    assert by_file["total"]["dollarsOf"]["requests"] == pytest.approx(
        by_default["total"]["dollarsOf"]["requests"])
