"""`basalt function`, `basalt invoke` and `basalt logs` at a terminal."""

import itertools
import json
import os
import signal
import subprocess
import threading
import time

import pytest

from conftest import make_client
from server_process import default_binary, run_to_end

numbers = itertools.count(1)


@pytest.fixture
def name(server):
    name = f"function-{os.getpid()}-{next(numbers)}"
    yield name
    run_to_end(["function", "remove", name, "--endpoint", server.endpoint])


@pytest.fixture
def basalt(server):
    """Runs the command against the server; checks that it fails only where it should."""

    def run(*arguments, fails=False, **options):
        result = run_to_end([*arguments, "--endpoint", server.endpoint], **options)
        assert (result.returncode != 0) == fails, result.stderr
        if fails:
            assert result.stderr.startswith("basalt: ") and result.stderr.count("\n") == 1
        return result.stderr if fails else result.stdout

    return run


@pytest.fixture
def directory(tmp_path):
    (tmp_path / "app.py").write_text("def handler(event, context):\n    return event\n")
    return tmp_path


def test_functions_are_added_listed_shown_and_removed(basalt, name, directory):
    added = basalt("function", "add", name, "--runtime", "python3.12", "--handler", "app.handler",
                   "--path", directory, "--env", "A=b=c", "--env", "B=", "--timeout", "30",
                   "--memory", "256")
    assert added.startswith(f"arn:aws:lambda:us-east-1:000000000000:function:{name}\n")
    shown = json.loads(basalt("function", "show", name))
    assert shown["Runtime"] == "python3.12" and shown["Handler"] == "app.handler"
    assert shown["Timeout"] == 30 and shown["MemorySize"] == 256
    assert shown["Environment"] == {"Variables": {"A": "b=c", "B": ""}}
    basalt("function", "add", name, "--timeout", "5")
    changed = json.loads(basalt("function", "show", name))
    assert changed["Timeout"] == 5 and changed["MemorySize"] == 256
    assert changed["Environment"] == shown["Environment"]
    [line] = [x for x in basalt("function", "list").splitlines() if x.split()[0] == name]
    assert line.split()[1:3] == ["python3.12", "app.handler"]
    assert name in [f["FunctionName"] for f in json.loads(basalt("function", "list", "--json"))]
    basalt("function", "remove", name)
    assert "ResourceNotFoundException" in basalt("function", "show", name, fails=True)


def test_what_is_wrong_is_told_in_one_line(basalt, name, tmp_path):
    add = ["function", "add", name, "--runtime", "python3.12", "--handler", "a.b"]
    assert "no such directory" in basalt(*add, "--path", tmp_path / "none", fails=True)
    assert "expected K=V" in basalt(*add, "--path", tmp_path, "--env", "A", fails=True)
    assert "Runtime and Handler" in basalt(
        "function", "add", name, "--path", tmp_path, fails=True)
    assert "ResourceNotFoundException" in basalt("function", "remove", name, fails=True)
    assert "ResourceNotFoundException" in basalt("invoke", name, fails=True)
    assert "No such file" in basalt("invoke", name, "--payload", "@/none/of/it", fails=True)
    assert "printed nothing yet" in basalt("logs", name, fails=True)
    assert "--since" in basalt("logs", name, "--since", "soon", fails=True)
    nobody = run_to_end(["logs", name, "--endpoint", "http://127.0.0.1:9"])
    assert nobody.returncode != 0 and "start a server with 'basalt serve'" in nobody.stderr


def test_with_credentials_it_wants_them(own_server):
    keys = ["--access-key", "AKIDEXAMPLE", "--secret-key", "secret"]
    server = own_server("--in-memory", *keys)
    where = ["--endpoint", server.endpoint]
    refused = run_to_end(["function", "list", *where])
    assert refused.returncode != 0 and "--access-key" in refused.stderr
    assert run_to_end(["function", "list", *where, *keys]).returncode == 0
    logs = make_client(server.endpoint, "logs", access_key="AKIDEXAMPLE", secret_key="secret")
    logs.create_log_group(logGroupName="/g")
    assert run_to_end(["logs", "/g", *where, *keys]).returncode == 0
    half = run_to_end(["function", "list", *where, *keys[:2]])
    assert half.returncode != 0 and "together" in half.stderr


class Follower:
    """`basalt logs --follow`, and when each of its lines came."""

    def __init__(self, *arguments):
        self.process = subprocess.Popen(
            [default_binary(), "logs", *arguments, "--follow"], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True)
        self.lines = []
        self.reader = threading.Thread(target=self.read)
        self.reader.start()

    def read(self):
        for line in self.process.stdout:
            self.lines.append((time.monotonic(), line.split(" ", 1)[1].rstrip("\n")))

    def wait(self, count):
        deadline = time.monotonic() + 20
        while len(self.lines) < count and time.monotonic() < deadline:
            time.sleep(0.01)
        return [message for _, message in self.lines]

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(10)
        self.reader.join()
        self.process.stdout.close()
        self.process.stderr.close()


def test_logs_are_printed_and_followed(server, basalt):
    logs = make_client(server.endpoint, "logs")
    group = f"/test/{os.getpid()}/follow"
    follower = Follower(group, "--endpoint", server.endpoint, "--filter", "-noise")
    try:
        logs.create_log_group(logGroupName=group)
        for stream in ("a", "b"):
            logs.create_log_stream(logGroupName=group, logStreamName=stream)

        def put(stream, message, age=0):
            logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=[
                {"timestamp": int(time.time() * 1000) - age, "message": message}])

        put("a", "first\n")
        assert follower.wait(1) == ["first"]
        delays = []
        for i in range(8):
            put("ab"[i % 2], f"line {i}\n")
            put("a", "noise")
            written = time.monotonic()
            assert follower.wait(i + 2)[i + 1] == f"line {i}"
            delays.append(follower.lines[i + 1][0] - written)
        # Each look comes 0.2 s after the one before; a busy machine may be late now and then.
        assert sorted(delays)[len(delays) // 2] < 0.5, delays
        put("b", "came late", age=2_000)
        assert follower.wait(10)[-1] == "came late"
    finally:
        follower.stop()
    assert len(follower.lines) == 10
    printed = basalt("logs", group).splitlines()
    assert len(printed) == 18
    assert "\x1b" not in "".join(printed)
    assert printed[0].split(" ", 1)[0].endswith("Z")
    assert basalt("logs", group, "--filter", '"line 3"').split(" ", 1)[1] == "line 3\n"
    assert basalt("logs", group, "--since", "2099-01-01") == ""
    logs.delete_log_group(logGroupName=group)


def test_invoke_prints_the_answer_the_log_and_the_failure(own_server, tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text(
        "def handler(event, context):\n"
        "    print('working')\n"
        "    if event.get('fail'):\n"
        "        raise ValueError('no luck')\n"
        "    return {'got': event}\n")
    (tmp_path / "event.json").write_text('{"from": "file"}')
    server = own_server("--in-memory")
    where = ["--endpoint", server.endpoint]
    run_to_end(["function", "add", "f", "--runtime", "python3.12", "--handler", "app.handler",
                "--path", tmp_path / "code", *where])
    done = run_to_end(["invoke", "f", "--payload", '{"a": 1}', "--log", *where], seconds=60)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"got": {"a": 1}}
    assert "working" in done.stderr and "REPORT RequestId" in done.stderr
    done = run_to_end(["invoke", "f", "--payload", f"@{tmp_path / 'event.json'}", *where])
    assert json.loads(done.stdout) == {"got": {"from": "file"}} and done.stderr == ""
    failed = run_to_end(["invoke", "f", "--payload", '{"fail": true}', *where])
    assert failed.returncode == 1
    assert json.loads(failed.stdout)["errorType"] == "ValueError"
    assert failed.stderr == "basalt: f failed (Unhandled): no luck; its log: basalt logs f\n"
    wrong = run_to_end(["invoke", "f", "--payload", "{", *where])
    assert wrong.returncode != 0 and "InvalidRequestContentException" in wrong.stderr
    handed = run_to_end(["invoke", "f", "--async", *where])
    assert handed.returncode == 0 and handed.stdout == ""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        printed = run_to_end(["logs", "f", "--filter", "working", *where]).stdout
        if printed.count("working") == 4:
            break
        time.sleep(0.05)
    assert printed.count("working") == 4
