"""basalt load: designs run, refused, listed; the schema and the reader agree."""

import json
import os
import re
import signal
import subprocess
import time
from pathlib import Path

import jsonschema
import pytest
import yaml

from server_process import ROOT, default_binary

SHIPPED = ["orders-good", "orders-bad", "iot-good", "iot-bad", "feed-good", "feed-bad"]


def basalt(*arguments, timeout=120, **options):
    return subprocess.run(
        [default_binary(), "load", *map(str, arguments)], capture_output=True, text=True,
        timeout=timeout, **options)


@pytest.fixture(scope="module")
def schema():
    printed = json.loads(basalt("--schema").stdout)
    assert printed == json.loads((ROOT / "docs/load/design.schema.json").read_text())
    return jsonschema.Draft202012Validator(printed)


@pytest.fixture(scope="module")
def example():
    return basalt("--init").stdout


def small(name="items", **changes):
    """A design of one table that runs for half a second."""
    design = {
        "name": "small", "rate": 200, "duration": "500ms", "clients": 4,
        "tables": [{
            "TableName": name,
            "AttributeDefinitions": [{"AttributeName": "id", "AttributeType": "N"}],
            "KeySchema": [{"AttributeName": "id", "KeyType": "HASH"}],
            "BillingMode": "PAY_PER_REQUEST"}],
        "entities": {"thing": {"count": 40}},
        "load": [{"table": name, "each": "thing", "item": {"id": {"$value": "thing"}, "n": 1}}],
        "patterns": [{
            "name": "read", "operation": "GetItem", "weight": 1, "pick": {"thing": "uniform"},
            "table": name, "key": {"id": "{thing}"}}],
    }
    design.update(changes)
    return design


def written(tmp_path, design):
    path = tmp_path / "design.yaml"
    path.write_text(yaml.safe_dump(design, sort_keys=False))
    return path


def test_example_and_shipped_designs_fit_the_schema(schema, example):
    schema.check_schema(schema.schema)
    schema.validate(yaml.safe_load(example))
    for name in SHIPPED:
        text = (ROOT / "docs/load/designs" / f"{name}.yaml").read_text()
        schema.validate(yaml.safe_load(text))


def test_list_names_the_shipped_designs():
    printed = basalt("--list").stdout
    assert [line for line in printed.splitlines() if not line.startswith(" ")] == SHIPPED


@pytest.mark.parametrize("name", SHIPPED)
def test_shipped_design_runs_without_failures(name):
    run = basalt(name, "--duration", "1s", "--rate", "100")
    assert run.returncode == 0, run.stderr
    assert name in run.stdout
    for word in ("Exception", "UnprocessedItems", "ConnectionClosed", "UnreadableAnswer"):
        assert word not in run.stdout, run.stdout


def test_example_is_written_once_and_runs(tmp_path):
    path = tmp_path / "mine.yaml"
    assert basalt("--init", path).returncode == 0
    again = basalt("--init", path)
    assert again.returncode != 0 and "is there already" in again.stderr
    run = basalt(path, "--duration", "1s")
    assert run.returncode == 0, run.stderr
    assert "list a user's notes" in run.stdout


def mutations():
    """Designs that are wrong in their shape: the reader and the schema must refuse each."""
    def change(path, value):
        design = small()
        place = design
        for step in path[:-1]:
            place = place[step]
        if value is None:
            del place[path[-1]]
        else:
            place[path[-1]] = value
        return design

    pattern = ["patterns", 0]
    cases = {
        "no tables": change(["tables"], None),
        "empty tables": change(["tables"], []),
        "no patterns": change(["patterns"], None),
        "unknown key": change(["tabels"], []),
        "negative rate": change(["rate"], -1),
        "rate as a word": change(["rate"], "fast"),
        "no clients": change(["clients"], 0),
        "unknown arrivals": change(["arrivals"], "random"),
        "span": change(["duration"], "half a minute"),
        "phases and duration": change(["phases"], [{"steady": "1s"}]),
        "unknown operation": change([*pattern, "operation"], "FetchItem"),
        "no operation": change([*pattern, "operation"], None),
        "no key": change([*pattern, "key"], None),
        "no name": change([*pattern, "name"], None),
        "filter of a GetItem": change([*pattern, "filter"], "n = 1"),
        "weight and rate": change([*pattern, "rate"], 5),
        "weight as text": change([*pattern, "weight"], "much"),
        "pick": change([*pattern, "pick", "thing"], "often"),
        "theta": change([*pattern, "pick", "thing"], {"zipfian": 40}),
        "hotspot without traffic": change([*pattern, "pick", "thing"], {"hotspot": {"keys": 1}}),
        "unknown generator": change(["load", 0, "item", "n"], {"$random": 1}),
        "uniform of one": change(["load", 0, "item", "n"], {"$uniform": [1]}),
        "share": change(["load", 0, "item", "n"], {"$bool": 2}),
        "name kind": change(["load", 0, "item", "n"], {"$name": "planet"}),
        "shard count": change(["load", 0, "item", "n"], {"$shard": {"of": "a", "count": 0}}),
        "text size": change(["load", 0, "item", "n"], {"$text": -5}),
        "each and count": change(["load", 0, "count"], 5),
        "load without item": change(["load", 0, "item"], None),
        "entity without count": change(["entities", "thing"], {"fields": {}}),
        "entity name": change(["entities"], {"a thing": {"count": 1}}),
        "table name": change(["tables", 0, "TableName"], "x!"),
        "key type": change(["tables", 0, "KeySchema", 0, "KeyType"], "SORT"),
        "attribute type": change(["tables", 0, "AttributeDefinitions", 0, "AttributeType"], "X"),
        "table member": change(["tables", 0, "Keys"], []),
        "billing mode": change(["tables", 0, "BillingMode"], "FREE"),
    }
    for name, phase in {
            "phase": {"wait": "1s"}, "two phases in one": {"steady": "1s", "ramp": "1s"},
            "spike from": {"spike": {"duration": "1s", "from": 2}}}.items():
        design = small(phases=[phase])
        del design["duration"]
        cases[name] = design
    return cases


CASES = mutations()


@pytest.mark.parametrize("name", CASES)
def test_reader_and_schema_refuse_the_same(name, schema, tmp_path):
    design = CASES[name]
    assert not schema.is_valid(design), "the schema takes it"
    run = basalt(written(tmp_path, design))
    assert run.returncode != 0 and run.stdout == ""
    for line in run.stderr.splitlines():
        assert re.match(r"basalt: .*design\.yaml(:\d+:\d+)?: ", line), line


def test_the_unchanged_design_is_taken_by_both(schema, tmp_path):
    schema.validate(small())
    run = basalt(written(tmp_path, small()))
    assert run.returncode == 0, run.stderr


def test_tables_that_exist_are_left_alone(server, client, new_table, tmp_path):
    name = new_table(id="N")
    client.put_item(TableName=name, Item={"id": {"N": "7"}, "mine": {"S": "yes"}})
    path = written(tmp_path, small(name, load=[]))
    run = basalt(path, "--endpoint", server.endpoint)
    assert run.returncode != 0
    assert "is there already" in run.stderr and "--reuse" in run.stderr
    run = basalt(path, "--endpoint", server.endpoint, "--reuse")
    assert run.returncode == 0, run.stderr
    assert client.get_item(TableName=name, Key={"id": {"N": "7"}})["Item"]["mine"] == {"S": "yes"}


def test_keep_tables_leaves_what_was_loaded(server, client, tmp_path):
    name = f"kept-{os.getpid()}"
    run = basalt(written(tmp_path, small(name)), "--endpoint", server.endpoint, "--keep-tables")
    assert run.returncode == 0, run.stderr
    assert client.scan(TableName=name, Select="COUNT")["Count"] == 40
    client.delete_table(TableName=name)
    run = basalt(written(tmp_path, small(name)), "--endpoint", server.endpoint)
    assert run.returncode == 0, run.stderr
    assert name not in client.list_tables()["TableNames"]


def test_what_was_put_is_what_was_sent(server, client, tmp_path):
    """Every counted PutItem is in the table, and the units are those of its items."""
    name = f"counted-{os.getpid()}"
    design = small(name, load=[])
    design["patterns"] = [{
        "name": "write", "operation": "PutItem", "weight": 1, "pick": {"thing": "new"},
        "table": name, "item": {"id": {"$value": "thing"}, "text": {"$text": 1500}}}]
    run = basalt(written(tmp_path, design), "--endpoint", server.endpoint, "--keep-tables")
    assert run.returncode == 0, run.stderr
    sent = client.scan(TableName=name, Select="COUNT")["Count"]
    assert 50 < sent < 170
    assert f"{sent}" in run.stdout
    client.delete_table(TableName=name)


def test_several_designs_and_threads(tmp_path):
    run = basalt("iot-good", "iot-bad", "--duration", "1s", "--rate", "100", "--threads", "3")
    assert run.returncode == 0, run.stderr
    assert run.stdout.index("iot-good") < run.stdout.index("iot-bad")


def test_closed_loop_sends_as_many_as_go(tmp_path):
    run = basalt(written(tmp_path, small()), "--rate", "max")
    assert run.returncode == 0, run.stderr


def test_nobody_there_is_told_in_one_line():
    run = basalt("iot-good", "--endpoint", "http://127.0.0.1:9")
    assert run.returncode != 0
    assert run.stderr.count("\n") == 1 and "http://127.0.0.1:9" in run.stderr


def test_unknown_design_and_options():
    for arguments, word in [
            (["orders-god"], "orders-good"), (["iot-good", "--rate", "fast"], "--rate"),
            (["iot-good", "--duration", "x"], "--duration"), ([], "--init")]:
        run = basalt(*arguments)
        assert run.returncode != 0 and word in run.stderr, run.stderr


def children(process):
    listed = subprocess.run(
        ["ps", "-o", "pid=", "--ppid", str(process.pid)], capture_output=True, text=True)
    return [int(pid) for pid in listed.stdout.split()]


def wait_until(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def start_long_run():
    process = subprocess.Popen(
        [default_binary(), "load", "iot-good", "--duration", "60s"], stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True)
    wait_until(lambda: children(process))
    return process, children(process)[0]


def test_interrupt_ends_early_with_what_was_measured():
    process, _ = start_long_run()
    time.sleep(2)
    process.send_signal(signal.SIGINT)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert "record a measurement" in output


def test_own_server_dies_with_a_killed_command():
    process, server = start_long_run()
    process.kill()
    process.communicate()

    def is_gone():
        try:
            state = Path(f"/proc/{server}/stat").read_text().rsplit(")", 1)[1].split()[0]
        except FileNotFoundError:
            return True
        return state == "Z"

    wait_until(is_gone)
