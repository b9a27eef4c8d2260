"""The virtual clock: moved over its endpoint and by the CLI, kept across restarts and kills."""

import json
import time
import urllib.error
import urllib.request

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from conftest import definitions, key_schema, make_client
from server_process import ServerFailed, run_to_end

PATH = "/_basalt/clock"


def ask(server, body=None, method=None, path=PATH, headers=None):
    """A request to the administrative endpoint; returns the status and the decoded answer."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        server.endpoint + path, data=data, method=method, headers=headers or {})
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        text = error.read().decode()
        return error.code, json.loads(text) if text.startswith("{") else text


def now(server):
    return ask(server)[1]["now"]


def test_it_is_absent_by_default(own_server):
    server = own_server("--in-memory")
    for body in (None, {"advance": 5}):
        status, answer = ask(server, body)
        assert status == 404
        assert "UnknownOperationException" in answer


def test_it_runs_and_is_moved(own_server):
    server = own_server("--in-memory", "--virtual-clock")
    started = time.time()
    status, answer = ask(server)
    assert status == 200
    assert answer["secondsAhead"] == 0
    assert abs(answer["now"] - started) < 30
    status, answer = ask(server, {"advance": "1h30m"})
    assert status == 200
    assert answer["secondsAhead"] == 5400
    assert answer["now"] >= started + 5400
    status, answer = ask(server, {"set": "2099-01-01T00:00:00Z"}, method="PUT")
    assert status == 200
    assert answer["now"] >= 4070908800
    assert answer["time"].startswith("2099-01-01T00:00:")
    for body in ({"set": 1000}, {"advance": -1}, {"advance": "soon"}, {}, [], {"advance": 1e300}):
        status, answer = ask(server, body)
        assert status == 400
        assert answer["__type"].endswith("#ValidationException")
        assert answer["message"]
    assert now(server) < 4070908800 + 60


def test_what_is_made_is_dated_by_it(own_server):
    server = own_server("--in-memory", "--virtual-clock")
    ask(server, {"set": "2099-01-01T00:00:00Z"})
    client = make_client(server.endpoint)
    made = client.create_table(
        TableName="later", KeySchema=key_schema(hash="id"),
        AttributeDefinitions=definitions(id="S"), BillingMode="PAY_PER_REQUEST")
    assert made["TableDescription"]["CreationDateTime"].year == 2099
    # The answer's own date, which signatures are made by, stays with the machine.
    assert "2099" not in made["ResponseMetadata"]["HTTPHeaders"]["date"]


@pytest.mark.parametrize("ends", ["stop", "kill"])
def test_it_goes_on_after_a_restart(own_server, ends):
    server = own_server("--virtual-clock")
    ask(server, {"advance": "10d"})
    before = now(server)
    getattr(server, ends)()
    server.start()
    assert before <= now(server) < before + 600


def test_a_moved_store_does_not_go_back(own_server, tmp_path):
    server = own_server("--virtual-clock")
    ask(server, {"advance": "10d"})
    server.stop()
    with pytest.raises(ServerFailed, match="moved 10d ahead.*--virtual-clock"):
        own_server()
    assert server.start().is_healthy()


def test_a_store_that_was_not_moved_needs_no_flag(own_server):
    own_server("--virtual-clock").stop()
    assert own_server().is_healthy()


def test_the_command(own_server):
    server = own_server("--in-memory", "--virtual-clock")
    endpoint = ["--endpoint", server.endpoint]
    read = run_to_end(["clock", *endpoint])
    assert read.returncode == 0, read.stderr
    assert json.loads(read.stdout)["secondsAhead"] == 0
    moved = run_to_end(["clock", *endpoint, "advance", "2d"])
    assert json.loads(moved.stdout)["secondsAhead"] == 172800
    moved = run_to_end(["clock", *endpoint, "set", "2099-01-01T00:00:00Z"])
    assert json.loads(moved.stdout)["time"].startswith("2099-01-01T00:00:")
    for arguments in (["advance"], ["retreat", "1h"], ["set", "never"], ["set", "2000-01-01"]):
        refused = run_to_end(["clock", *endpoint, *arguments])
        assert refused.returncode != 0
        assert refused.stderr.startswith("basalt: ")
        assert refused.stderr.count("\n") == 1


def test_the_command_tells_where_there_is_no_clock(own_server):
    server = own_server("--in-memory")
    refused = run_to_end(["clock", "--endpoint", server.endpoint])
    assert refused.returncode != 0
    assert "must be switched on" in refused.stderr
    server.stop()
    refused = run_to_end(["clock", "--endpoint", server.endpoint])
    assert "nobody answers" in refused.stderr
    assert run_to_end(["clock", "--endpoint", "here"]).returncode != 0


def test_with_credentials_it_wants_a_signature(own_server):
    keys = ["--access-key", "AKIDEXAMPLE", "--secret-key", "secret"]
    server = own_server("--in-memory", "--virtual-clock", *keys)
    assert ask(server)[0] == 400
    assert "MissingAuthenticationToken" in ask(server, {"advance": 5})[1]["__type"]
    request = AWSRequest("POST", server.endpoint + PATH, data=b'{"advance": 5}')
    SigV4Auth(Credentials("AKIDEXAMPLE", "secret"), "dynamodb", "us-east-1").add_auth(request)
    status, answer = ask(server, {"advance": 5}, headers=dict(request.headers.items()))
    assert status == 200
    assert answer["secondsAhead"] == 5
    moved = run_to_end(["clock", "--endpoint", server.endpoint, *keys, "advance", "5"])
    assert json.loads(moved.stdout)["secondsAhead"] == 10


def test_the_flag_stands_in_a_file_too(own_server, tmp_path):
    config = tmp_path / "basalt.yaml"
    config.write_text("virtual-clock: true\n", encoding="utf-8")
    assert ask(own_server("--in-memory", "--config", config))[0] == 200
