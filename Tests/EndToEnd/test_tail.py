"""`basalt tail`: a table's changes as they come, through splits, none missed and none told twice."""

import json
import signal
import threading
import time
import urllib.request

import pytest

from conftest import definitions, key_schema, make_client, next_table_name
from transfer_process import run, start


@pytest.fixture
def streamed(client):
    """A table with a stream of both images."""
    name = next_table_name()
    client.create_table(
        TableName=name, KeySchema=key_schema(hash="id"), BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=definitions(id="S"),
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    yield name
    client.delete_table(TableName=name)


def change(client, table):
    client.put_item(TableName=table, Item={
        "id": {"S": "1"}, "total": {"N": "10"}, "m": {"M": {"a": {"L": [{"N": "1"}, {"N": "2"}]}}},
        "gone": {"BOOL": True}})
    client.put_item(TableName=table, Item={
        "id": {"S": "1"}, "total": {"N": "12.50"},
        "m": {"M": {"a": {"L": [{"N": "1"}, {"N": "3"}]}}}, "note": {"SS": ["x"]}})
    client.delete_item(TableName=table, Key={"id": {"S": "1"}})


def test_differences_are_told_attribute_by_attribute(server, client, streamed):
    change(client, streamed)
    lines = run(server.endpoint, "tail", streamed, "--from-start", "--count", "3").stdout
    told = [line[21:] if line[:2] == "20" else line for line in lines.splitlines()]
    assert told == [
        'INSERT id="1"', "  + gone: true", '  + m: {"a":[1,2]}', "  + total: 10",
        'MODIFY id="1"', "  - gone: true", "  ~ m.a[1]: 2 -> 3", '  + note: {"SS":["x"]}',
        "  ~ total: 10 -> 12.5",
        'REMOVE id="1"', '  - m: {"a":[1,3]}', '  - note: {"SS":["x"]}', "  - total: 12.5"]


def test_json_lines_have_both_images(server, client, streamed):
    change(client, streamed)
    out = run(
        server.endpoint, "tail", streamed, "--since", "1h", "--count", "2", "--format", "jsonl")
    first, second = map(json.loads, out.stdout.splitlines())
    assert (first["event"], first["keys"], "old" in first) == ("INSERT", {"id": "1"}, False)
    assert (second["old"]["total"], second["new"]["total"]) == (10, 12.5)


def test_only_what_fits_is_told(server, client, streamed):
    change(client, streamed)
    client.put_item(TableName=streamed, Item={"id": {"S": "2"}, "total": {"N": "3"}})
    out = run(
        server.endpoint, "tail", streamed, "--from-start", "--count", "1", "--where",
        'total < 5 and begins_with(id, "2")').stdout
    assert 'INSERT id="2"' in out and 'id="1"' not in out
    told = run(server.endpoint, "tail", streamed, "--where", "total <", code=64).stderr
    assert told.count("\n") == 1


def test_the_stream_is_switched_on_only_when_asked(server, client, simple_table):
    told = run(server.endpoint, "tail", simple_table, code=1).stderr
    assert "--enable" in told
    process = start(server.endpoint, "tail", simple_table, "--enable", "--count", "1")
    assert process.stderr.readline() == f"switched the stream of {simple_table} on\n"
    stop = write_until(process, client, simple_table)
    out, _ = process.communicate(timeout=60)
    stop()
    assert out.splitlines()[0].endswith('id="w"')


def write_until(process, client, table):
    """Writes the same item, each time other, until the process ends."""
    def write():
        number = 0
        while process.poll() is None:
            number += 1
            client.put_item(TableName=table, Item={"id": {"S": "w"}, "n": {"N": str(number)}})
            time.sleep(0.02)

    thread = threading.Thread(target=write)
    thread.start()
    return thread.join


def test_nothing_is_lost_or_repeated_through_splits(own_server):
    server = own_server("--administration")
    client = make_client(server.endpoint)
    client.create_table(
        TableName="split", KeySchema=key_schema(hash="id"), BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=definitions(id="S"),
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"})
    rounds, keys = 12, 20
    process = start(
        server.endpoint, "tail", "split", "--from-start", "--format", "jsonl", "--count",
        rounds * keys)
    for number in range(rounds):
        for key in range(keys):
            client.put_item(
                TableName="split", Item={"id": {"S": str(key)}, "n": {"N": str(number)}})
        if number % 3 == 1:
            body = json.dumps({"TableName": "split"}).encode()
            request = urllib.request.Request(
                server.endpoint + "/_basalt/partitions/split", data=body)
            urllib.request.urlopen(request, timeout=30).read()
    out, error = process.communicate(timeout=60)
    assert process.returncode == 0, error
    by_key = {}
    for line in out.splitlines():
        new = json.loads(line)["new"]
        by_key.setdefault(new["id"], []).append(new["n"])
    assert by_key == {str(key): list(range(rounds)) for key in range(keys)}


def test_it_ends_when_the_stream_is_switched_off(server, client, streamed):
    change(client, streamed)
    client.update_table(TableName=streamed, StreamSpecification={"StreamEnabled": False})
    told = run(server.endpoint, "tail", streamed, code=1).stderr
    assert "has no stream" in told


@pytest.mark.parametrize("view,images", [
    ("KEYS_ONLY", (False, False)), ("NEW_IMAGE", (False, True)), ("OLD_IMAGE", (True, False)),
    ("NEW_AND_OLD_IMAGES", (True, True))])
def test_streams_of_every_view_are_told(server, client, view, images):
    name = next_table_name()
    client.create_table(
        TableName=name, KeySchema=key_schema(hash="id"), BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=definitions(id="S"),
        StreamSpecification={"StreamEnabled": True, "StreamViewType": view})
    try:
        change(client, name)
        out = run(
            server.endpoint, "tail", name, "--from-start", "--count", "3", "--format", "jsonl")
        records = list(map(json.loads, out.stdout.splitlines()))
        assert [record["event"] for record in records] == ["INSERT", "MODIFY", "REMOVE"]
        assert all(record["keys"] == {"id": "1"} for record in records)
        assert ("old" in records[1], "new" in records[1]) == images
        told = run(server.endpoint, "tail", name, "--from-start", "--count", "3")
        assert [line.split()[1] for line in told.stdout.splitlines() if line[:2] == "20"] == [
            "INSERT", "MODIFY", "REMOVE"]
        assert (view in told.stderr) == (view != "NEW_AND_OLD_IMAGES")
    finally:
        client.delete_table(TableName=name)


def test_trimmed_records_are_told_and_passed(own_server):
    """The tail stands still while a day goes by, so its iterator expires and records are dropped."""
    server = own_server("--in-memory", "--virtual-clock")
    client = make_client(server.endpoint)
    client.create_table(
        TableName="slow", KeySchema=key_schema(hash="id"), BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=definitions(id="S"),
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})

    def put(number):
        client.put_item(TableName="slow", Item={"id": {"S": str(number)}})

    put(1)
    process = start(
        server.endpoint, "tail", "slow", "--from-start", "--format", "jsonl", "--count", "4")
    first = json.loads(process.stdout.readline())
    process.send_signal(signal.SIGSTOP)
    put(2)
    server.advance(20 * 60)
    put(3)
    process.send_signal(signal.SIGCONT)
    # The iterator has expired; nothing is lost by that. The order is that of each item's changes.
    then = [json.loads(process.stdout.readline()) for _ in range(2)]
    assert first["keys"]["id"] == "1"
    assert {record["keys"]["id"] for record in then} == {"2", "3"}
    process.send_signal(signal.SIGSTOP)
    put(4)
    server.advance(25 * 3600)
    put(5)
    process.send_signal(signal.SIGCONT)
    out, error = process.communicate(timeout=60)
    assert process.returncode == 0
    assert [json.loads(line)["keys"]["id"] for line in out.splitlines()] == ["5"]
    notices = [line for line in error.splitlines() if "older than 24 hours" in line]
    assert notices and len(notices) == error.count("\n"), error


def test_an_interruption_ends_it_quietly(server, client, streamed):
    change(client, streamed)
    process = start(server.endpoint, "tail", streamed, "--from-start")
    assert "INSERT" in process.stdout.readline()
    process.send_signal(signal.SIGINT)
    _, error = process.communicate(timeout=30)
    assert (process.returncode, error) == (0, "")
