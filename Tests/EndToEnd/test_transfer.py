"""Export and import: what goes out comes in again, in every format, whatever breaks it off."""

import base64
import gzip
import hashlib
import json
import os
import signal
import subprocess
import time
import urllib.request
from decimal import Decimal
from pathlib import Path

import pytest

from conftest import definitions, delete_quietly, key_schema, make_client, next_table_name
from server_process import default_binary
from transfer_process import environment, run, start, units_and_seconds

TYPED = {
    "s": {"S": "Ünïcode \"quoted\", comma\nline"}, "empty": {"S": ""}, "n": {"N": "-1.5E-10"},
    "long": {"N": "12345678901234567890123456789012345678"}, "b": {"B": b"\x00\xff\x10"},
    "t": {"BOOL": True}, "f": {"BOOL": False}, "null": {"NULL": True},
    "ss": {"SS": ["a", "é", "e\u0301"]}, "ns": {"NS": ["1", "2.5"]}, "bs": {"BS": [b"x", b""]},
    "l": {"L": [{"N": "1"}, {"L": []}, {"M": {}}]},
    "m": {"M": {"SS": {"L": [{"S": "not a set"}]}}}, "m2": {"M": {"B": {"S": "YQ=="}}},
    "deep": {"M": {"a.b": {"M": {"c": {"SS": ["x"]}}}}},
}


def item(number):
    extra = TYPED if number % 10 == 0 else {"v": {"S": f"value {number}"}}
    return {"id": {"S": f"id-{number}"}, "k": {"N": str(number)}, **extra}


def put_all(client, table, items):
    items = list(items)
    for start_at in range(0, len(items), 25):
        answer = client.batch_write_item(RequestItems={
            table: [{"PutRequest": {"Item": item}} for item in items[start_at:start_at + 25]]})
        assert not answer["UnprocessedItems"]


def canonical(value):
    """A value in which equal items are equal."""
    (kind, inner), = value.items()
    if kind == "N":
        return kind, Decimal(inner).normalize()
    if kind == "NS":
        return kind, frozenset(Decimal(number).normalize() for number in inner)
    if kind in ("SS", "BS"):
        return kind, frozenset(inner)
    if kind == "L":
        return kind, tuple(canonical(element) for element in inner)
    if kind == "M":
        return kind, frozenset((name, canonical(member)) for name, member in inner.items())
    return kind, inner


def contents(client, table):
    found = set()
    for page in client.get_paginator("scan").paginate(TableName=table):
        for one in page["Items"]:
            found.add(canonical({"M": one}))
    return found


@pytest.fixture
def filled(client, new_table):
    """A table with 400 items of all types."""
    table = new_table(id="S", k="N")
    put_all(client, table, map(item, range(400)))
    return table


FORMATS = ["items.jsonl", "items.json", "items.jsonl.gz", "items.jsonl.zst", "items.json.zst"]


@pytest.mark.parametrize("name", FORMATS)
def test_round_trips_lose_nothing(server, client, filled, new_table, tmp_path, name):
    run(server.endpoint, "export", filled, tmp_path / name)
    other = new_table(id="S", k="N")
    told = run(server.endpoint, "import", other, tmp_path / name)
    assert told.stderr.startswith("imported 400 items")
    assert contents(client, other) == contents(client, filled)
    assert sorted(os.listdir(tmp_path)) == [name]


def test_csv_round_trips_with_types(server, client, filled, new_table, tmp_path):
    run(server.endpoint, "export", filled, tmp_path / "items.csv.gz")
    other = new_table(id="S", k="N")
    types = "n:N,long:N,b:B,t:BOOL,f:BOOL,null:NULL,ss:SS,ns:NS,bs:BS,l:L,m:M,m2:M,deep:M"
    run(server.endpoint, "import", other, tmp_path / "items.csv.gz", "--types", types)
    assert contents(client, other) == contents(client, filled)


def test_directories_and_pipes(server, client, filled, new_table, tmp_path):
    run(server.endpoint, "export", filled, f"{tmp_path}/parts/", "--segments", "3",
        "--compress", "zstd")
    assert sorted(os.listdir(tmp_path / "parts")) == [
        f"part-000{n}.jsonl.zst" for n in range(3)]
    other, third = new_table(id="S", k="N"), new_table(id="S", k="N")
    run(server.endpoint, "import", other, tmp_path / "parts")
    assert contents(client, other) == contents(client, filled)
    piped = run(server.endpoint, "export", other, "--format", "dynamodb-json").stdout
    assert len(piped.splitlines()) == 400
    run(server.endpoint, "import", third, "-", text=piped)
    assert contents(client, third) == contents(client, filled)


def test_filter_and_select(server, filled):
    out = run(
        server.endpoint, "export", filled, "-", "--format", "csv", "--select", "k,id", "--filter",
        "k < :max", "--values", '{":max": {"N": "3"}}').stdout.splitlines()
    assert (out[0], sorted(out[1:])) == ("k,id", ["0,id-0", "1,id-1", "2,id-2"])
    out = run(
        server.endpoint, "export", filled, "-", "--select", "k", "--where",
        'k between 3 and 4 or id = "id-9"').stdout.splitlines()
    assert sorted(out) == ['{"k":3}', '{"k":4}', '{"k":9}']


def test_the_table_comes_with_its_items(server, client, filled, tmp_path):
    run(server.endpoint, "export", filled, tmp_path / "items.jsonl.gz", "--with-table")
    name = next_table_name()
    try:
        run(server.endpoint, "import", name, tmp_path / "items.jsonl.gz", "--create")
        told = client.describe_table(TableName=name)["Table"]
        assert told["KeySchema"] == key_schema(hash="id", range="k")
        assert told["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"
        assert contents(client, name) == contents(client, filled)
        run(server.endpoint, "import", name, tmp_path / "items.jsonl.gz", "--create", code=1)
    finally:
        delete_quietly(client, name)


# The service's layout


def test_an_export_to_s3_has_the_services_layout(server, client, filled, new_table, tmp_path):
    run(server.endpoint, "export", filled, tmp_path, "--format", "s3-export")
    (export,) = (tmp_path / "AWSDynamoDB").iterdir()
    names = {"_started", "data", "manifest-files.json", "manifest-files.md5",
             "manifest-summary.json", "manifest-summary.md5"}
    assert {path.name for path in export.iterdir()} == names
    summary = json.loads((export / "manifest-summary.json").read_text())
    assert summary["itemCount"] == 400
    assert summary["exportArn"].endswith(f":table/{filled}/export/{export.name}")
    assert summary["outputFormat"] == "DYNAMODB_JSON"
    count = 0
    for line in (export / "manifest-files.json").read_text().splitlines():
        entry = json.loads(line)
        data = (tmp_path / entry["dataFileS3Key"]).read_bytes()
        assert base64.b64encode(hashlib.md5(data).digest()).decode() == entry["md5Checksum"]
        lines = gzip.decompress(data).decode().splitlines()
        assert len(lines) == entry["itemCount"]
        assert all(list(json.loads(line)) == ["Item"] for line in lines)
        count += len(lines)
    assert count == 400
    other = new_table(id="S", k="N")
    run(server.endpoint, "import", other, tmp_path)
    assert contents(client, other) == contents(client, filled)


def make_export(directory, files, export_id="01693685827463-2d8752fd", **more):
    """An export by hand, as the service's documentation shows it: data files by their lines."""
    root = Path(directory) / "AWSDynamoDB" / export_id
    (root / "data").mkdir(parents=True)
    (root / "_started").touch()
    entries = []
    for name, lines in files.items():
        data = gzip.compress("".join(json.dumps(line) + "\n" for line in lines).encode())
        (root / "data" / name).write_bytes(data)
        digest = hashlib.md5(data)
        entries.append({
            "itemCount": len(lines), "etag": digest.hexdigest() + "-1",
            "md5Checksum": base64.b64encode(digest.digest()).decode(),
            "dataFileS3Key": f"prefix/AWSDynamoDB/{export_id}/data/{name}"})
    manifests = {
        "manifest-files": "".join(json.dumps(entry) + "\n" for entry in entries),
        "manifest-summary": json.dumps({
            "version": "2020-06-30", "itemCount": sum(len(lines) for lines in files.values()),
            "outputFormat": "DYNAMODB_JSON", **more})}
    for name, text in manifests.items():
        (root / f"{name}.json").write_text(text)
        digest = base64.b64encode(hashlib.md5(text.encode()).digest())
        (root / f"{name}.md5").write_bytes(digest)
    return root


def test_exports_of_the_service_are_read(server, client, new_table, tmp_path):
    table = new_table(id="S")
    make_export(tmp_path, {
        "asdl123dasas.json.gz": [{"Item": {"id": {"S": "1"}, "n": {"N": "7"}}}],
        "zzzz.json.gz": [{"Item": {"id": {"S": "2"}}}, {"Item": {"id": {"S": "3"}}}]})
    told = run(server.endpoint, "import", table, tmp_path)
    assert told.stderr.startswith("imported 3 items")
    assert contents(client, table) == {
        canonical({"M": {"id": {"S": "1"}, "n": {"N": "7"}}}),
        canonical({"M": {"id": {"S": "2"}}}), canonical({"M": {"id": {"S": "3"}}})}


def test_incremental_exports_put_and_delete(server, client, new_table, tmp_path):
    table = new_table(id="S")
    put_all(client, table, [{"id": {"S": "old"}}, {"id": {"S": "gone"}}])
    stamp = {"WriteTimestampMicros": {"N": "1680109764000000"}}
    make_export(tmp_path, {"a.json.gz": [
        {"Metadata": stamp, "Keys": {"id": {"S": "old"}},
         "NewImage": {"id": {"S": "old"}, "v": {"N": "2"}}},
        {"Metadata": stamp, "Keys": {"id": {"S": "gone"}}, "OldImage": {"id": {"S": "gone"}}},
        {"Metadata": stamp, "Keys": {"id": {"S": "made"}}, "NewImage": {"id": {"S": "made"}}},
    ]}, exportType="INCREMENTAL_EXPORT")
    run(server.endpoint, "import", table, tmp_path)
    assert contents(client, table) == {
        canonical({"M": {"id": {"S": "old"}, "v": {"N": "2"}}}),
        canonical({"M": {"id": {"S": "made"}}})}


def test_broken_exports_are_refused(server, client, new_table, tmp_path):
    table = new_table(id="S")
    root = make_export(tmp_path, {"a.json.gz": [{"Item": {"id": {"S": "1"}}}]})
    data = root / "data" / "a.json.gz"
    whole = data.read_bytes()
    data.write_bytes(gzip.compress(b'{"Item": {"id": {"S": "2"}}}\n'))
    assert "MD5" in run(server.endpoint, "import", table, tmp_path, code=1).stderr
    data.unlink()
    assert "is missing" in run(server.endpoint, "import", table, tmp_path, code=1).stderr
    data.write_bytes(whole)
    summary = root / "manifest-summary.json"
    text = summary.read_text()
    summary.write_text(text.replace('"itemCount": 1', '"itemCount": 5'))
    assert "MD5" in run(server.endpoint, "import", table, tmp_path, code=1).stderr
    summary.unlink()
    assert "never finished" in run(server.endpoint, "import", table, tmp_path, code=1).stderr
    assert contents(client, table) == set()


# Bad input


@pytest.mark.parametrize("name,text,fault", [
    ("a.jsonl", '{"id": "1"}\n{"id": \n', "a.jsonl:2: no JSON (at column 8)"),
    ("a.jsonl", '{"no": "1"}\n', "a.jsonl:1: the key attribute 'id' is missing"),
    ("a.jsonl", '{"id": ""}\n', "a.jsonl:1: the key attribute 'id' is empty"),
    ("a.jsonl", '{"id": true}\n', "a.jsonl:1: the key attribute 'id' is BOOL, not S"),
    ("a.jsonl", '{"id": "1", "n": 1e999}\n', "a.jsonl:1: Number overflow"),
    ("a.json", '{"Item": {"id": {"S": "1"}, "x": {"Q": "1"}}}\n', "a.json:1: Supplied Attribute"),
    ("a.csv", 'id,v\n1,2\n3\n', "a.csv:3: has 1 cells, the header 2"),
    ("a.csv", 'id,v\n1,"a\nb"\n2,"c\n', "a.csv:4: a quote that is opened here is never closed"),
    ("a.csv", 'name;id\n1;2\n', "a.csv:1: the header has no column 'id'"),
    ("a.csv", '', "a.csv:1: CSV begins with a header"),
    ("a.jsonl", '[{"id": "1"}]\n', "a.jsonl:1: no plain JSON object that is an item"),
    ("a.csv", 'id,id\n1,2\n', "a.csv:1: the header has the column 'id' twice"),
])
def test_bad_records_are_told_by_their_place(server, new_table, tmp_path, name, text, fault):
    table = new_table(id="S")
    (tmp_path / name).write_text(text)
    told = run(server.endpoint, "import", table, tmp_path / name, code=1).stderr
    assert told.startswith(f"basalt: {tmp_path}/{fault}"), told


def test_too_large_items_are_told(server, new_table, tmp_path):
    table = new_table(id="S")
    (tmp_path / "a.jsonl").write_text(json.dumps({"id": "1", "x": "y" * 409_600}))
    told = run(server.endpoint, "import", table, tmp_path / "a.jsonl", code=1).stderr
    assert "a.jsonl:1: the item has 409604 bytes, more than 409600" in told


def test_bad_records_are_left_out(server, client, new_table, tmp_path):
    """One of them only the server refuses: the key of an index has the wrong type."""
    name = next_table_name()
    client.create_table(
        TableName=name, KeySchema=key_schema(hash="id"), BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=definitions(id="S", g="N"),
        GlobalSecondaryIndexes=[{
            "IndexName": "by-g", "KeySchema": key_schema(hash="g"),
            "Projection": {"ProjectionType": "ALL"}}])
    try:
        lines = [f'{{"id": "{n}", "g": {n}}}' for n in range(60)]
        lines[10] = '{"id": "10", "g": {"SS": ["x"]}}'
        lines[20] = "nonsense"
        (tmp_path / "a.jsonl").write_text("\n".join(lines))
        told = run(server.endpoint, "import", name, tmp_path / "a.jsonl", "--skip-bad").stderr
        assert f"{tmp_path}/a.jsonl:21: no plain JSON" in told
        assert f"{tmp_path}/a.jsonl:11: " in told
        assert "imported 58 items" in told and "2 bad records left out" in told
        assert len(contents(client, name)) == 58
    finally:
        delete_quietly(client, name)


def test_of_equal_keys_the_last_wins(server, client, new_table, tmp_path):
    table = new_table(id="S")
    lines = [json.dumps({"id": f"{n % 7}", "n": n}) for n in range(5_000)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    run(server.endpoint, "import", table, tmp_path / "a.jsonl", "--writers", "16")
    got = {one["id"]["S"]: int(one["n"]["N"])
           for one in client.scan(TableName=table)["Items"]}
    assert got == {str(n % 7): n for n in range(4_993, 5_000)}


# Broken off


def wait_for(condition, process):
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None and time.monotonic() < deadline, process.stderr.read()
        time.sleep(0.01)


def length(path):
    return path.stat().st_size if path.exists() else 0


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz", "out.csv"])
def test_a_killed_export_goes_on(server, client, filled, tmp_path, name):
    """At 60 units a second 400 items of some 20 units take a while; kills come at any time."""
    target = tmp_path / name
    partial, checkpoint = tmp_path / f"{name}.partial", tmp_path / f"{name}.checkpoint"
    arguments = ["export", filled, target, "--max-rcu", "12", "--segments", "3"]
    seen = -1
    for _ in range(2):
        process = start(server.endpoint, *arguments)
        before = max(seen, 0)
        wait_for(lambda: checkpoint.exists() and length(partial) > before, process)
        process.kill()
        process.communicate()
        assert not target.exists()
        seen = length(partial)
        with open(partial, "ab") as torn:
            torn.write(b'{"torn')
        if "--resume" not in arguments:
            arguments.append("--resume")
    told = run(server.endpoint, "export", filled, target, code=1).stderr
    assert "--resume goes on with it, --force begins again" in told
    run(server.endpoint, "export", filled, target, "--resume")
    assert not partial.exists() and not checkpoint.exists()
    text = gzip.decompress(target.read_bytes()) if name.endswith("gz") else target.read_bytes()
    if name.endswith("csv"):
        assert sorted(os.listdir(tmp_path)) == [name]
        assert text.count(b"id-") == 400
    else:
        ids = sorted(json.loads(line)["k"] for line in text.decode().splitlines())
        assert ids == list(range(400))


def test_an_export_goes_on_only_as_it_began(server, filled, tmp_path):
    process = start(
        server.endpoint, "export", filled, tmp_path / "a.jsonl", "--max-rcu", "1")
    wait_for((tmp_path / "a.jsonl.checkpoint").exists, process)
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=30)
    assert process.returncode == 130
    assert told.startswith("basalt: stopped after ") and told.endswith("; go on with --resume\n")
    assert told.count("\n") == 1
    told = run(
        server.endpoint, "export", filled, tmp_path / "a.jsonl", "--resume", "--select", "id",
        code=1).stderr
    assert "was begun with another" in told
    run(server.endpoint, "export", filled, tmp_path / "b.jsonl", "--resume", code=1)


@pytest.mark.parametrize("kind", ["s3-export", "dynamodb-json"])
def test_a_killed_export_to_a_directory_goes_on(server, filled, tmp_path, kind):
    arguments = ["export", filled, f"{tmp_path}/out/", "--format", kind, "--compress", "gzip"]
    process = start(server.endpoint, *arguments, "--max-rcu", "8")
    wait_for(
        lambda: sum(map(length, (tmp_path / "out").rglob("*.json.gz*"))) > 0, process)
    process.kill()
    process.communicate()
    run(server.endpoint, *arguments, "--resume")
    lines = [
        line for path in (tmp_path / "out").rglob("*.json.gz")
        for line in gzip.decompress(path.read_bytes()).splitlines()]
    keys = sorted(int(json.loads(line)["Item"]["k"]["N"]) for line in lines)
    assert keys == list(range(400))
    if kind == "s3-export":
        (summary,) = (tmp_path / "out").rglob("manifest-summary.json")
        assert json.loads(summary.read_text())["itemCount"] == 400


def test_a_killed_import_goes_on(server, client, new_table, tmp_path):
    table = new_table(id="S")
    lines = [json.dumps({"id": f"{n}", "n": n}) for n in range(3_000)]
    source = tmp_path / "in.jsonl.gz"
    half = len(lines) // 2
    source.write_bytes(b"".join(
        gzip.compress(("\n".join(part) + "\n").encode()) for part in (lines[:half], lines[half:])))
    checkpoint = tmp_path / f".in.jsonl.gz.import-{table}.checkpoint"

    def place():
        return json.loads(checkpoint.read_text())["offset"] if checkpoint.exists() else 0

    arguments = ["import", table, source, "--max-wcu", "400"]
    process = start(server.endpoint, *arguments)
    wait_for(lambda: place() > 0, process)
    process.kill()
    process.communicate()
    reached = place()
    acknowledged = json.loads(checkpoint.read_text())["line"] - 1
    there = {one["n"]["N"] for page in client.get_paginator("scan").paginate(TableName=table)
             for one in page["Items"]}
    assert 0 < reached and {str(n) for n in range(acknowledged)} <= there
    run(server.endpoint, "import", table, source, code=1)
    told = run(server.endpoint, "import", table, source, "--resume").stderr
    units, _ = units_and_seconds(told)
    assert units < 3_000 + 8 * 25 * 2 + 800
    assert not checkpoint.exists()
    got = sum(page["Count"] for page in client.get_paginator("scan").paginate(
        TableName=table, Select="COUNT"))
    assert got == 3_000


def test_limits_of_units_are_kept(server, client, new_table, tmp_path):
    """Units are counted by the service; the index makes each write cost two."""
    name = next_table_name()
    client.create_table(
        TableName=name, KeySchema=key_schema(hash="id"), BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=definitions(id="S", g="N"),
        GlobalSecondaryIndexes=[{
            "IndexName": "by-g", "KeySchema": key_schema(hash="g"),
            "Projection": {"ProjectionType": "ALL"}}])
    try:
        (tmp_path / "a.jsonl").write_text(
            "\n".join(json.dumps({"id": str(n), "g": n}) for n in range(600)))
        told = run(server.endpoint, "import", name, tmp_path / "a.jsonl", "--max-wcu", "800")
        units, seconds = units_and_seconds(told.stderr)
        assert units == 1_200
        # What was under way when it ended need not be waited for.
        assert seconds >= (units - 2 * 8 * 25) / 800
        told = run(server.endpoint, "export", name, tmp_path / "b.jsonl", "--max-rcu", "4")
        units, seconds = units_and_seconds(told.stderr)
        assert seconds >= (units - 8) / 4
    finally:
        delete_quietly(client, name)


def test_what_is_left_unprocessed_is_written_again(own_server, tmp_path):
    """The table has little left, so that batches come back in part and as a whole."""
    server = own_server("--in-memory", "--virtual-clock", "--throttling", "enforce")
    client = make_client(server.endpoint)
    client.create_table(
        TableName="scarce", KeySchema=key_schema(hash="id"),
        AttributeDefinitions=definitions(id="S"),
        ProvisionedThroughput={"ReadCapacityUnits": 100, "WriteCapacityUnits": 40})
    lines = [json.dumps({"id": str(n), "n": n}) for n in range(300)]
    (tmp_path / "a.jsonl").write_text("\n".join(lines))
    told = run(server.endpoint, "import", "scarce", tmp_path / "a.jsonl", "--writers", "4")
    assert told.stderr.startswith("imported 300 items") and " 300 write units" in told.stderr
    metrics = urllib.request.urlopen(server.endpoint + "/metrics", timeout=30).read().decode()
    throttled = [
        float(line.rsplit(" ", 1)[1]) for line in metrics.splitlines()
        if line.startswith("WriteThrottleEvents") and 'TableName="scarce"' in line]
    assert sum(throttled) > 0
    assert client.scan(TableName="scarce", Select="COUNT")["Count"] == 300


def test_a_condition_on_the_key_is_queried(server, client, new_table, tmp_path):
    """What it consumes tells that no other partition key was read."""
    table = new_table(id="S", k="N")
    put_all(client, table, [
        {"id": {"S": f"id-{n % 40}"}, "k": {"N": str(n)}, "v": {"S": "x" * 4_000}}
        for n in range(400)])

    def export(condition, *more):
        told = run(server.endpoint, "export", table, "-", "--where", condition, *more)
        numbers = sorted(json.loads(line)["k"] for line in told.stdout.splitlines())
        return numbers, units_and_seconds(told.stderr)[0]

    mine = list(range(7, 400, 40))
    numbers, units = export('id = "id-7"')
    assert numbers == mine and units < 10
    numbers, units = export('id = "id-7" and k >= 100 and size(v) > 10 and k <= 300')
    assert numbers == [n for n in mine if 100 <= n <= 300] and units < 5
    # A query can't look at the key in its filter, nor have two keys: these read all.
    for condition in ('id = "id-7" and (k < 100 or k > 300)', 'id = "id-7" and k <> 7'):
        numbers, units = export(condition)
        assert set(numbers) < set(mine) and units > 100
    assert export('id in ("id-7", "id-8")')[1] > 100
    # The words of a filter are those of a query that was broken off, too.
    target = tmp_path / "a.jsonl"
    arguments = ["export", table, target, "--where", 'id = "id-7"', "--max-rcu", "1"]
    process = start(server.endpoint, *arguments)
    wait_for(lambda: length(tmp_path / "a.jsonl.partial") > 0, process)
    process.kill()
    process.communicate()
    run(server.endpoint, *arguments[:-2], "--resume")
    assert [json.loads(line)["k"] for line in target.read_text().splitlines()] == mine


def test_pipes_and_devices(server, client, filled, new_table, tmp_path):
    """A reader that goes away is no fault; a full disk is; a device is nobody's to replace."""
    fifo = tmp_path / "fifo"
    os.mkfifo(fifo)
    other = new_table(id="S")
    process = start(server.endpoint, "import", other, fifo)
    fifo.write_text('{"id": "1"}\n')
    _, told = process.communicate(timeout=60)
    assert process.returncode == 0 and told.startswith("imported 1 item")
    assert os.listdir(tmp_path) == ["fifo"]
    told = run(server.endpoint, "export", filled, fifo, "--force", code=1).stderr
    assert "is no regular file" in told and fifo.is_fifo()
    for output, code, fault in (("/dev/full", 1, "No space left on device"), (None, 0, "")):
        if output is None:
            read_end, write_end = os.pipe()
            os.close(read_end)
        else:
            write_end = os.open(output, os.O_WRONLY)
        done = subprocess.run(
            [default_binary(), "export", filled, "-"], env=environment(server.endpoint),
            stdout=write_end, stderr=subprocess.PIPE, text=True, timeout=60)
        os.close(write_end)
        assert done.returncode == code and fault in done.stderr, done.stderr
        assert done.stderr.count("\n") == code


def test_waiting_for_input_can_be_interrupted(server, new_table):
    table = new_table(id="S")
    process = start(server.endpoint, "import", table, "-", stdin=subprocess.PIPE)
    process.stdin.write('{"id": "1"}\n')
    process.stdin.flush()
    # It traps signals before it describes the table, and then reads.
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    try:
        assert process.wait(timeout=30) == 130
    finally:
        process.kill()
        process.communicate()


def test_what_was_never_finished_is_not_imported(server, filled, new_table, tmp_path):
    process = start(server.endpoint, "export", filled, f"{tmp_path}/out/", "--max-rcu", "1")
    wait_for((tmp_path / "out" / ".export.checkpoint").exists, process)
    process.kill()
    process.communicate()
    (tmp_path / "out" / "part-0000.jsonl").write_text('{"id": "1", "k": 1}\n')
    told = run(server.endpoint, "import", filled, tmp_path / "out", code=1).stderr
    assert "never finished" in told


# Elsewhere, and nothing left


def test_other_endpoints_work_as_well(outside, tmp_path):
    """moto keeps no segments apart, so one reads all."""
    client = outside.client("dynamodb")
    table = next_table_name()
    for name in (table, table + "-copy"):
        client.create_table(
            TableName=name, KeySchema=key_schema(hash="id"), BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=definitions(id="S"))
    put_all(client, table, [{"id": {"S": str(n)}, "n": {"N": str(n)}} for n in range(60)])
    run(outside.endpoint, "export", table, tmp_path / "a.jsonl.zst", "--segments", "1")
    run(outside.endpoint, "import", table + "-copy", tmp_path / "a.jsonl.zst")
    assert contents(client, table) == contents(client, table + "-copy")
    run(outside.endpoint, "truncate", table, "--yes", "--segments", "1")
    assert contents(client, table) == set()


def test_truncate_empties_a_table(server, client, filled):
    assert "--yes" in run(server.endpoint, "truncate", filled, code=1).stderr
    assert len(contents(client, filled)) == 400
    told = run(server.endpoint, "truncate", filled, "--yes").stderr
    assert told.startswith(f"deleted 400 items from {filled}")
    assert contents(client, filled) == set()


def test_truncate_can_make_the_table_anew(server, client, filled):
    client.update_time_to_live(
        TableName=filled, TimeToLiveSpecification={"AttributeName": "ttl", "Enabled": True})
    before = client.describe_table(TableName=filled)["Table"]
    client.tag_resource(
        ResourceArn=before["TableArn"], Tags=[{"Key": "team", "Value": "shop"}])
    run(server.endpoint, "truncate", filled, "--yes", "--recreate")
    after = client.describe_table(TableName=filled)["Table"]
    assert contents(client, filled) == set()
    assert after["TableId"] != before["TableId"]
    assert after["KeySchema"] == before["KeySchema"]
    assert client.list_tags_of_resource(ResourceArn=after["TableArn"])["Tags"] == [
        {"Key": "team", "Value": "shop"}]
    told = client.describe_time_to_live(TableName=filled)["TimeToLiveDescription"]
    assert told["AttributeName"] == "ttl"
    client.update_table(TableName=filled, DeletionProtectionEnabled=True)
    told = run(server.endpoint, "truncate", filled, "--yes", "--recreate", code=1).stderr
    assert "protected from deletion" in told
    client.update_table(TableName=filled, DeletionProtectionEnabled=False)


def test_faults_are_one_line(server, filled, tmp_path):
    run(server.endpoint, "export", "no-such-table", "-", code=1)
    run(server.endpoint, "export", filled, "-", "--index", "nothing", code=64)
    run(server.endpoint, "import", filled, tmp_path / "nothing", code=1)
    run(server.endpoint, "export", filled, tmp_path / "no" / "directory.jsonl", code=1)
    assert make_client(server.endpoint).describe_table(TableName=filled)
