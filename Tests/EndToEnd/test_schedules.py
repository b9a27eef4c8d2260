"""Schedules run functions at their times, by the clock of the server."""

import json
import time
import urllib.error
import urllib.request

from conftest import make_client
from server_process import run_to_end

CODE = """
import json
def handler(event, context):
    print("got", json.dumps(event))
"""


def ask(server, method, path, body=None):
    request = urllib.request.Request(
        server.endpoint + path, method=method, data=json.dumps(body).encode() if body else None)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            text = response.read()
            return response.status, json.loads(text) if text else None
    except urllib.error.HTTPError as error:
        return error.code, json.loads(error.read())


def events(server, name, count):
    """What the function printed that it got, once it is so many."""
    logs = make_client(server.endpoint, "logs")
    deadline = time.monotonic() + 60
    found = []
    while len(found) < count and time.monotonic() < deadline:
        time.sleep(0.05)
        try:
            pages = logs.get_paginator("filter_log_events").paginate(
                logGroupName=f"/aws/lambda/{name}", filterPattern="got")
            found = [json.loads(event["message"].split("got ", 1)[1])
                     for page in pages for event in page["events"]]
        except logs.exceptions.ResourceNotFoundException:
            pass
    return found


def test_schedules_run_functions_and_survive_a_restart(own_server, tmp_path):
    (tmp_path / "code").mkdir()
    (tmp_path / "code" / "app.py").write_text(CODE)
    server = own_server("--virtual-clock")
    added = run_to_end(
        ["function", "add", "clean", "--runtime", "python3.12", "--handler", "app.handler",
         "--path", tmp_path / "code", "--endpoint", server.endpoint])
    assert added.returncode == 0, added.stderr
    path = "/_basalt/schedules/every-five"
    body = {"ScheduleExpression": "rate(5 minutes)", "FunctionName": "clean"}
    status, told = ask(server, "PUT", path, body)
    assert status == 201 and told["State"] == "ENABLED"
    assert ask(server, "PUT", "/_basalt/schedules/off", {
        **body, "State": "DISABLED", "Input": "{}"})[0] == 201
    assert ask(server, "PUT", path, {**body, "ScheduleExpression": "rate(5 minute)"}) == (
        400, {"message": "Parameter ScheduleExpression is not valid."})

    server.advance("16m")
    found = events(server, "clean", 3)
    assert len(found) == 3
    assert sorted(event["time"] for event in found)[0] == told["NextInvocation"][:19] + "Z"
    assert {event["source"] for event in found} == {"aws.events"}
    assert found[0]["resources"] == [
        "arn:aws:events:us-east-1:000000000000:rule/every-five"]

    server.kill()
    server.start()
    assert ask(server, "GET", "/_basalt/schedules/off")[1]["State"] == "DISABLED"
    server.advance("5m")
    assert len(events(server, "clean", 4)) == 4
    listed = ask(server, "GET", "/_basalt/schedules")[1]["Schedules"]
    assert [schedule["Name"] for schedule in listed] == ["every-five", "off"]
    assert ask(server, "DELETE", path)[0] == 204
    assert ask(server, "GET", path)[0] == 404
