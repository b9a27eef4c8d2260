"""The commands for tables and items: against Basalt, against another endpoint, and at a terminal."""

import csv
import io
import json
import os
import pty
import re
import select
import subprocess
import time
from pathlib import Path

import boto3
import pytest

from conftest import index_of, next_table_name
from server_process import default_binary

SECONDS_MAX = 60


def environment(home, endpoint, **more):
    return {
        "PATH": os.environ["PATH"], "HOME": str(home), "LANG": "C.UTF-8", "TERM": "xterm-256color",
        "AWS_ENDPOINT_URL_DYNAMODB": endpoint, "AWS_EC2_METADATA_DISABLED": "true", **more}


class Result:
    def __init__(self, process):
        self.code = process.returncode
        self.out = process.stdout
        self.err = process.stderr

    @property
    def items(self):
        return [json.loads(line) for line in self.out.splitlines()]


@pytest.fixture
def basalt(server, tmp_path):
    """Runs `basalt …`; `code` is what it must end with."""

    def run(*words, code=0, stdin="", endpoint=server.endpoint, **variables):
        process = subprocess.run(
            [default_binary(), *words], env=environment(tmp_path, endpoint, **variables),
            input=stdin, capture_output=True, text=True, timeout=SECONDS_MAX, check=False)
        assert process.returncode == code, (words, process.stdout, process.stderr)
        if code:
            assert re.fullmatch(r"(plan: (.*\n)+)?basalt: [^\n]+\n", process.stderr), process.stderr
        return Result(process)

    return run


@pytest.fixture
def orders(new_table, client):
    """Ten orders of two customers, with an index by status."""
    name = new_table(
        customer="S", n="N", attributes={"status": "S"},
        parameters={"GlobalSecondaryIndexes": [
            index_of("by-status", hash="status", range="n")]})
    for n in range(10):
        client.put_item(TableName=name, Item={
            "customer": {"S": str(42 + n % 2)}, "n": {"N": str(n)}, "total": {"N": f"{n}.5"},
            "status": {"S": "open" if n % 3 else "paid"}, "name with space": {"S": "ü\n\u001b[31m"},
            "blob": {"B": b"\x00\xff"}, "set": {"NS": ["1", str(n + 2)]}})
    return name


def numbers(result):
    return sorted(item["n"] for item in result.items)


class TestWords:
    def test_key_words_and_filters(self, basalt, orders):
        assert numbers(basalt("query", orders, "customer=42")) == [0, 2, 4, 6, 8]
        assert numbers(basalt("query", orders, "customer=42", "n>=4", "n<=6")) == [4, 6]
        assert numbers(basalt("query", orders, "customer=42", "total<3")) == [0, 2]
        assert numbers(basalt("scan", orders, "n in (1, 2)")) == [1, 2]
        basalt("query", orders, "customer=42", "n in (1, 2)", code=64)
        found = basalt("query", orders, "status=paid", "n>0")
        assert numbers(found) == [3, 6, 9]
        assert "by-status" in found.err

    def test_order_limit_and_going_on(self, basalt, orders):
        first = basalt("query", orders, "customer=42", "--desc", "--limit", "2")
        assert [item["n"] for item in first.items] == [8, 6]
        token = re.search(r"--start '(.*)'", first.err).group(1)
        rest = basalt("query", orders, "customer=42", "--desc", "--start", token)
        assert [item["n"] for item in rest.items] == [4, 2, 0]
        # A limit within a page, after a filter, with keys that are not printed.
        first = basalt("query", orders, "status=open", "--where", "total>2", "--select", "total",
                       "--limit", "3")
        token = re.search(r"--start '(.*)'", first.err).group(1)
        rest = basalt("query", orders, "status=open", "--where", "total>2", "--select", "total",
                      "--start", token)
        totals = [item["total"] for item in first.items + rest.items]
        assert totals == [2.5, 4.5, 5.5, 7.5, 8.5]
        assert all(set(item) == {"total"} for item in first.items)

    def test_where_with_literals(self, basalt, orders):
        where = 'contains(set, 5) or (total between 7 and 8 and not status = "paid")'
        assert numbers(basalt("scan", orders, "--where", where)) == [3, 7]
        assert numbers(basalt("scan", orders, "--where", '`name with space` = "x"')) == []
        assert numbers(basalt("scan", orders, "--where", "size(`name with space`) > 3",
                              "--segments", "4")) == list(range(10))

    def test_statements_go_on_where_a_limit_stopped(self, basalt, orders):
        for where, expected in [("", 10), ("WHERE total > 3", 7), ("WHERE customer = '42'", 5)]:
            found, start = [], []
            while True:
                result = basalt(
                    "sql", f'SELECT n FROM "{orders}" {where}', "--limit", "2", *start)
                found += numbers(result)
                told = re.search(r"--start '?([^'\n]*)", result.err)
                if not told:
                    break
                assert len(result.items) == 2
                start = ["--start", told.group(1)]
            assert len(found) == len(set(found)) == expected, where

    def test_a_name_in_backquotes_is_the_attributes(self, basalt, orders, client):
        basalt("put", orders, "`customer`=50", "n=1", "`a.b`=x")
        assert client.get_item(TableName=orders, Key={"customer": {"S": "50"}, "n": {"N": "1"}})[
            "Item"]["a.b"] == {"S": "x"}
        assert "inside an attribute" in basalt(
            "put", orders, "customer=50", "n=1", "a.b=x", code=64).err
        basalt("delete", orders, "`customer`=50", "n=1")

    def test_a_bare_name_that_finds_nothing_is_told(self, basalt, orders):
        assert "nothing fits: open" in basalt("scan", orders, "--where", "status = open").err
        assert basalt("scan", orders, "--where", 'status = "closed"').err == ""

    def test_counts(self, basalt, orders):
        for words, count in [((), 10), (("customer=42",), 5), (("status=paid", "n>0"), 3),
                             (("--where", "total>=5"), 5), (("--segments", "1"), 10)]:
            assert basalt("count", orders, *words).out == f"{count}\n"
        assert basalt("count", orders, "--estimate").out == "10\n"

    def test_item_commands(self, basalt, orders, client):
        key = ["customer=7", "n=1"]
        basalt("put", orders, *key, "a=1", "b=text", 'c={"SS":["x","y"]}', "d=[1,null]")
        item = client.get_item(
            TableName=orders, Key={"customer": {"S": "7"}, "n": {"N": "1"}})["Item"]
        assert item["a"] == {"N": "1"} and item["b"] == {"S": "text"}
        assert sorted(item["c"]["SS"]) == ["x", "y"]
        assert item["d"] == {"L": [{"N": "1"}, {"NULL": True}]}
        changed = basalt("update", orders, *key, "--set", "a = a + 1", "--remove", "b",
                         "--delete", "c=x", "--add", "e=-2", "--return", "new").items
        assert changed == [{"customer": "7", "n": 1, "a": 2, "c": {"SS": ["y"]},
                            "d": [1, None], "e": -2}]
        basalt("update", orders, *key, "--set", "a=0", "--if", "a>5", code=4)
        basalt("put", orders, *key, "--if", "attribute_not_exists(a)", code=4)
        basalt("delete", orders, *key, "--if", "a=3", code=4)
        assert basalt("get", orders, *key, "--select", "a,d[0]").items == [{"a": 2, "d": [1]}]
        assert basalt("delete", orders, *key, "--return", "old").items[0]["a"] == 2
        basalt("get", orders, *key, code=3)

    def test_many_items_of_one_key_are_written_in_order(self, basalt, orders):
        lines = "".join(
            json.dumps({"customer": "9", "n": n % 3, "turn": n}) + "\n" for n in range(60))
        basalt("put", orders, "-", stdin=lines)
        found = basalt("query", orders, "customer=9").items
        assert [item["turn"] for item in found] == [57, 58, 59]


class TestFormats:
    def test_all_formats_hold_the_same(self, basalt, orders, client):
        plain = basalt("scan", orders).items
        assert basalt("scan", orders, "--format", "json").out == \
            "[\n  " + ",\n  ".join(basalt("scan", orders).out.splitlines()) + "\n]\n"
        typed = json.loads(basalt("scan", orders, "--format", "dynamodb").out)
        answer = client.scan(TableName=orders)["Items"]
        for item in answer:
            item["blob"] = {"B": "AP8="}
        assert typed == [{name: item[name] for name in item} for item in answer]
        rows = list(csv.DictReader(io.StringIO(basalt("scan", orders, "--format", "csv").out)))
        assert [row["name with space"] for row in rows] == ["ü\n\u001b[31m"] * 10
        assert [json.loads(row["set"]) for row in rows] == [item["set"] for item in plain]
        table = basalt("scan", orders, "--format", "table").out
        assert "\u001b" not in table and table.count("\n") == 11

    def test_what_is_printed_can_be_put_back(self, basalt, orders, new_table, client):
        copy = new_table(customer="S", n="N")
        for form in ("jsonl", "json", "dynamodb"):
            basalt("put", copy, "-", stdin=basalt("scan", orders, "--format", form).out)
            mine, copied = (
                {item["n"]["N"]: item for item in client.scan(TableName=name)["Items"]}
                for name in (orders, copy))
            assert mine == copied

    def test_numbers_keep_all_digits(self, basalt, new_table):
        name = new_table(id="N")
        digits = "-1234567890.1234567890123456789012345678"
        basalt("put", name, "id=" + digits, "x=1e-130")
        assert f'"id":{digits}' in basalt("scan", name).out
        assert basalt("get", name, "id=" + digits).out.count("0") >= 129


class TestFaults:
    @pytest.mark.parametrize("words, code, told", [
        (["query", "T", "total=5"], 64, "basalt scan"),
        (["query", "T", "customer=1", "n>1", "n<5"], 64, "between"),
        (["query", "T", "customer=1", "--index", "nope"], 64, "by-status"),
        (["scan", "T", "--where", "a >"], 64, "missing after '>'"),
        (["scan", "T", "--limit", "0"], 64, "--limit"),
        (["scan", "T", "--start", "x"], 64, "--start"),
        (["scan", "T", "--values", "x", "--filter", "a = :v"], 64, "--values"),
        (["scan", "T", "--filter", "a = :v"], 1, "ValidationException"),
        (["put", "T", "{"], 64, "no JSON"),
        (["put", "T", "customer=1", "n=one"], 64, "n is a number"),
        (["put", "T", "customer=1"], 1, "ValidationException"),
        (["put", "T", "@nowhere.json"], 1, "nowhere.json"),
        (["get", "T", "customer=1"], 64, "customer=… n=…"),
        (["update", "T", "customer=1", "n=1"], 64, "--set"),
        (["update", "T", "customer=1", "n=1", "--set", "x"], 64, "name=value"),
        (["sql", "SELECT"], 1, "ValidationException"),
        (["drop", "T"], 64, "--yes"),
        (["describe", "nowhere"], 1, "basalt tables"),
        (["create", "x"], 64, "customer:S"),
        (["tables", "--profile", "nobody"], 1, "no profile 'nobody'"),
    ])
    def test_one_line_that_says_what_to_do(self, basalt, orders, words, code, told):
        words = [orders if word == "T" else word for word in words]
        before = basalt("scan", orders).out
        result = basalt(*words, code=code)
        assert told in result.err and result.out == ""
        assert basalt("scan", orders).out == before

    def test_nobody_there(self, basalt):
        result = basalt("tables", endpoint="http://127.0.0.1:9", code=1)
        assert "basalt serve" in result.err
        result = basalt("tables", "--endpoint", "aws", "--region", "eu-west-1", code=1)
        assert "https://dynamodb.eu-west-1.amazonaws.com" in result.err

    def test_budgets_stop_between_pages(self, basalt, orders):
        result = basalt("scan", orders, "--page-size", "2", "--max-rcu", "1", code=5)
        assert len(result.items) == 4
        token = re.search(r"--start '(.*)'", result.err).group(1)
        rest = basalt("scan", orders, "--start", token)
        assert numbers(result) + numbers(rest) != [] and len(rest.items) == 6
        basalt("scan", orders, "--page-size", "1", "--max-cost", "0.00000001", code=5)

    def test_budgets_hold_where_pages_would_be_large(self, basalt, new_table, client):
        name = new_table(id="S", n="N")
        for n in range(40):
            client.put_item(TableName=name, Item={
                "id": {"S": "a"}, "n": {"N": str(n)}, "pad": {"S": "x" * 8_000}})
        # One page would be 40 units.
        for words in (["scan", name], ["scan", name, "--segments", "4"], ["query", name, "id=a"],
                      ["sql", f'SELECT * FROM "{name}"']):
            result = basalt(*words, "--max-rcu", "10", code=5)
            consumed = float(re.search(r"after ([0-9.]+) read units", result.err).group(1))
            assert 10 <= consumed <= 15, result.err
            assert consumed - 4 <= len(result.items) <= consumed

    def test_a_full_disk_is_an_error(self, server, orders, tmp_path):
        process = subprocess.run(
            ["bash", "-c", f"{default_binary()} scan {orders} > /dev/full"],
            env=environment(tmp_path, server.endpoint), capture_output=True, text=True,
            timeout=SECONDS_MAX, check=False)
        assert process.returncode == 1 and "No space left" in process.stderr

    def test_a_closed_pipe_is_no_error(self, server, orders, tmp_path):
        process = subprocess.run(
            ["bash", "-c", f"{default_binary()} scan {orders} --page-size 1 | head -1"],
            env=environment(tmp_path, server.endpoint), capture_output=True, text=True,
            timeout=SECONDS_MAX, check=False)
        assert process.returncode == 0 and process.stderr == ""
        assert process.stdout.count("\n") == 1


class TestExplanations:
    def test_units_are_those_of_the_service(self, basalt, orders, client):
        answer = client.scan(TableName=orders, ReturnConsumedCapacity="TOTAL")
        units = answer["ConsumedCapacity"]["CapacityUnits"]
        told = basalt("scan", orders, "total>100", "--explain").err
        assert f"read: 10 items in 1 page, {units:g} read units" in told
        assert f"100% of it was wasted: about {units:g} read units" in told

    def test_nothing_is_read_when_only_explaining(self, basalt, orders):
        result = basalt("query", orders, "status=open", "--explain-only")
        assert result.out.startswith("plan: query on index by-status")
        assert "read:" not in result.out and result.err == ""

    def test_the_better_index_is_one_that_works(self, basalt, orders, server, tmp_path):
        told = basalt("scan", orders, "status=paid", "n>3", "--explain").err
        words = re.search(r"better: basalt (.*)", told).group(1)
        again = subprocess.run(
            ["bash", "-c", f"{default_binary()} {words}"], capture_output=True, text=True,
            env=environment(tmp_path, server.endpoint), timeout=SECONDS_MAX, check=True)
        assert sorted(json.loads(line)["n"] for line in again.stdout.splitlines()) == [6, 9]


class TestAnotherEndpoint:
    """moto's server: somebody else's DynamoDB."""

    def test_a_table_from_beginning_to_end(self, basalt, outside):
        def run(*words, **options):
            return basalt(*words, endpoint=outside.endpoint, AWS_REGION="eu-central-1",
                          AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="secret",
                          **options)

        name = next_table_name()
        run("create", name, "id:S", "--sort", "n:N", "--gsi", "by-kind=kind:S,n:KEYS_ONLY",
            "--stream", "NEW_IMAGE", "--ttl", "expires")
        assert name in run("tables").out.split()
        assert "by-kind" in run("describe", name).out
        lines = "".join(f'{{"id":"{n % 2}","n":{n},"kind":"k{n % 3}"}}\n' for n in range(20))
        run("put", name, "-", stdin=lines)
        assert run("count", name).out == "20\n"
        assert numbers(run("query", name, "id=1", "n<6")) == [1, 3, 5]
        assert numbers(run("query", name, "kind=k0", "n>10")) == [12, 15, 18]
        assert len(run("scan", name, "--where", 'kind = "k1"', "--segments", "3").items) == 7
        run("update", name, "id=1", "n=1", "--set", "seen=true")
        assert run("get", name, "id=1", "n=1").items[0]["seen"] is True
        run("delete", name, "id=1", "n=1", "--if", "seen=false", code=4)
        # The region is the one that it was signed for.
        here = boto3.client(
            "dynamodb", endpoint_url=outside.endpoint, region_name="eu-central-1",
            aws_access_key_id="AKIDEXAMPLE", aws_secret_access_key="secret")
        assert here.describe_table(TableName=name)["Table"]["ItemCount"] == 20
        run("drop", name, "--yes")
        assert name not in run("tables").out.split()


class TestCredentials:
    def test_a_server_that_verifies(self, own_server, basalt, tmp_path):
        process = own_server("--access-key", "AKIDEXAMPLE", "--secret-key", "right")
        told = basalt("tables", endpoint=process.endpoint, code=1).err
        assert "verifies signatures" in told
        basalt("tables", "--access-key", "AKIDEXAMPLE", "--secret-key", "right",
               endpoint=process.endpoint)
        basalt("tables", endpoint=process.endpoint, AWS_ACCESS_KEY_ID="AKIDEXAMPLE",
               AWS_SECRET_ACCESS_KEY="right")
        files = tmp_path / ".aws"
        files.mkdir()
        (files / "credentials").write_text(
            "[work]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = right\n")
        basalt("tables", "--profile", "work", endpoint=process.endpoint)
        basalt("tables", endpoint=process.endpoint, AWS_PROFILE="work")
        # A profile that is named goes before the environment.
        basalt("tables", "--profile", "work", endpoint=process.endpoint,
               AWS_ACCESS_KEY_ID="AKIDEXAMPLE", AWS_SECRET_ACCESS_KEY="wrong")
        (files / "config").write_text(f"[profile here]\nendpoint_url = {process.endpoint}\n"
                                      "credential_process = cat ~/.aws/process.json\n")
        (files / "process.json").write_text(json.dumps(
            {"Version": 1, "AccessKeyId": "AKIDEXAMPLE", "SecretAccessKey": "right"}))
        basalt("tables", "--profile", "here", endpoint="")

    def test_a_profile_that_assumes_a_role(self, basalt, outside, server, tmp_path):
        (tmp_path / ".aws").mkdir()
        (tmp_path / "token").write_text("a.web.token\n")
        (tmp_path / ".aws" / "config").write_text(
            "[default]\nrole_arn = arn:aws:iam::123456789012:role/reader\nsource_profile = keys\n"
            "[profile token]\nrole_arn = arn:aws:iam::123456789012:role/reader\n"
            f"web_identity_token_file = {tmp_path / 'token'}\n"
            "[profile keys]\naws_access_key_id = AKIDEXAMPLE\naws_secret_access_key = secret\n"
            "[profile signs-on]\nsso_session = corp\nsso_account_id = 123456789012\n"
            "sso_role_name = reader\n"
            "[sso-session corp]\nsso_region = eu-west-1\nsso_start_url = https://corp/start\n")
        for profile in ("default", "token"):
            basalt("tables", "--profile", profile, endpoint=outside.endpoint,
                   AWS_ENDPOINT_URL_STS=outside.endpoint)
            told = basalt("tables", "--profile", profile, endpoint=outside.endpoint, code=1,
                          AWS_ENDPOINT_URL_STS="http://127.0.0.1:9").err
            assert "role/reader can't be assumed: EndpointConnectionError" in told
        told = basalt("tables", "--profile", "signs-on", endpoint=outside.endpoint, code=1).err
        assert "aws sso login --profile signs-on" in told
        # Nobody asks STS to talk to a server of his own.
        basalt("tables", endpoint=server.endpoint, AWS_ENDPOINT_URL_STS="http://127.0.0.1:9")
        basalt("tables", endpoint=server.endpoint, AWS_PROFILE="signs-on")


class Terminal:
    """A command at a pseudo-terminal."""

    def __init__(self, words, variables):
        self.pid, self.descriptor = pty.fork()
        if self.pid == 0:
            os.execve(default_binary(), [default_binary(), *words], variables)
        self.text = ""
        self.seen = 0

    def read_until(self, pattern):
        """Reads on until a pattern is seen after the one that was waited for before."""
        deadline = time.monotonic() + SECONDS_MAX
        while not (match := re.compile(pattern).search(self.text, self.seen)):
            assert time.monotonic() < deadline, self.text
            ready, _, _ = select.select([self.descriptor], [], [], 1)
            if ready:
                try:
                    piece = os.read(self.descriptor, 65_536)
                except OSError:
                    piece = b""
                assert piece, f"ended: {self.text!r}"
                self.text += piece.decode(errors="replace")
        self.seen = match.end()

    def read_to_end(self):
        while True:
            try:
                piece = os.read(self.descriptor, 65_536)
            except OSError:
                piece = b""
            if not piece:
                break
            self.text += piece.decode(errors="replace")
        _, status = os.waitpid(self.pid, 0)
        os.close(self.descriptor)
        return os.waitstatus_to_exitcode(status)

    def type(self, text):
        os.write(self.descriptor, text.encode())


class TestTerminal:
    @pytest.fixture
    def terminal(self, server, tmp_path):
        def start(*words, **variables):
            return Terminal(words, environment(tmp_path, server.endpoint, **variables))

        return start

    def test_tables_and_colours_are_for_terminals(self, terminal, orders):
        at = terminal("query", orders, "customer=42", "--select", "n,total")
        assert at.read_to_end() == 0
        assert at.text.startswith("\x1b[1mn\x1b[0m  \x1b[1mtotal\x1b[0m\r\n0    0.5\r\n")
        at = terminal("query", orders, "customer=42", "--select", "n,total", NO_COLOR="1")
        assert at.read_to_end() == 0
        assert at.text.startswith("n  total\r\n0    0.5\r\n")
        at = terminal("scan", orders, "--limit", "1")
        at.read_to_end()
        # Whatever the data hold, no control character reaches the terminal.
        assert "\\u001b[31m" in at.text and "\x1b[31m" not in at.text

    def test_drop_asks(self, terminal, simple_table, client):
        at = terminal("drop", simple_table)
        at.read_until(r"\? \[y/N\] ")
        at.type("n\n")
        assert at.read_to_end() == 1
        client.describe_table(TableName=simple_table)
        at = terminal("drop", simple_table)
        at.read_until(r"\? \[y/N\] ")
        at.type("y\n")
        assert at.read_to_end() == 0
        with pytest.raises(client.exceptions.ResourceNotFoundException):
            client.describe_table(TableName=simple_table)

    def test_the_prompt(self, terminal, orders, tmp_path):
        at = terminal("sql", "--format", "jsonl")
        at.read_until("sql> ")
        # Typed with a mistake that is gone back to: SELEC -> SELECT.
        at.type(f'SELEC "n" FROM "{orders}" WHERE customer = \'43\'\x01' + "\x1b[C" * 5 + "T\r")
        at.read_until(r'\{"n":9\}')
        at.read_until("sql> ")
        at.type("nonsense\r")
        at.read_until("ValidationException")
        at.read_until("sql> ")
        at.type("\\t\r")
        at.read_until(re.escape(orders))
        # Two up is the statement again.
        at.read_until("sql> ")
        at.type("\x1b[A\x1b[A\x1b[A\r")
        at.read_until(r'\{"n":9\}')
        at.read_until("sql> ")
        at.type("half a line\x03")
        at.read_until("sql> ")
        at.type("\x04")
        assert at.read_to_end() == 0
        history = tmp_path / ".basalt_history"
        assert history.read_text().splitlines()[0].startswith("SELECT")
        assert history.stat().st_mode & 0o777 == 0o600
        # The history outlasts the session.
        at = terminal("sql", "--format", "jsonl")
        at.read_until("sql> ")
        at.type("\x1b[A\r")
        at.read_until(r'\{"n":9\}')
        at.type("\\q\r")
        assert at.read_to_end() == 0

    def test_the_prompt_completes_names(self, terminal, orders):
        at = terminal("sql", "--format", "jsonl", "--limit", "1")
        at.read_until("sql> ")
        at.type(f"sel\t* fr\t{orders[:-1]}")
        # Other tests' tables may begin alike: as many keys as there are in the name.
        at.type(f"{orders[-1]}\t wh\tcus\t = '42'\r")
        at.read_until('"customer":"42"')
        at.read_until("goes on")
        at.read_until("sql> ")
        at.type("\\n\r")
        at.read_until('"n":2')
        at.read_until("sql> ")
        at.type("sel\t* fr\t ins\t\x03")
        at.read_until("sql> ")
        at.type("\x04")
        assert at.read_to_end() == 0


class TestCompletion:
    @pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
    def test_scripts(self, basalt, shell):
        script = basalt("completion", shell).out
        assert "basalt" in script and "query" in script

    def test_bash_completes_commands_and_tables(self, basalt, server, orders, tmp_path):
        script = tmp_path / "completion.sh"
        script.write_text(basalt("completion", "bash").out)
        (tmp_path / "bin").mkdir()
        (tmp_path / "bin" / "basalt").symlink_to(Path(default_binary()).resolve())
        complete = (
            f". {script}; COMP_WORDS=(basalt $1 \"$2\"); COMP_CWORD=2; COMP_LINE=\"basalt $1 $2\";"
            " COMP_POINT=${#COMP_LINE}; COMP_TYPE=9; COMPREPLY=();"
            " _basalt basalt \"$2\" $1; printf '%s\\n' \"${COMPREPLY[@]}\"")
        result = subprocess.run(
            ["bash", "-c", complete, "bash", "query", orders[:-1]], capture_output=True, text=True,
            env=environment(tmp_path, server.endpoint) | {
                "PATH": f"{tmp_path / 'bin'}:{os.environ['PATH']}"},
            timeout=SECONDS_MAX, check=False)
        assert orders in result.stdout.split(), (result.stdout, result.stderr)
