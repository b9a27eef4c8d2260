"""basalt load against endpoints that fail, stall or go away, and what it sends."""

import json
import signal
import subprocess
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import yaml

from server_process import default_binary
from test_load import children, small, wait_until, written


class Endpoint:
    """An HTTP server on which tables can be made; how other requests end is told by `answer`."""

    def __init__(self, answer):
        self.tables = set()
        self.bodies = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def reply(self, status, body):
                content = json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                operation = self.headers["X-Amz-Target"].split(".")[1]
                request = json.loads(body)
                name = request.get("TableName")
                if operation == "CreateTable":
                    outer.tables.add(name)
                elif operation == "DeleteTable":
                    outer.tables.discard(name)
                elif operation == "DescribeTable":
                    if name not in outer.tables:
                        return self.reply(400, {"__type": "x#ResourceNotFoundException"})
                    return self.reply(200, {"Table": {"TableStatus": "ACTIVE"}})
                elif operation != "BatchWriteItem" or "PutRequest" not in body.decode():
                    outer.bodies.append((operation, body))
                    return answer(self)
                self.reply(200, {})

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *exception):
        self.server.shutdown()
        self.server.server_close()


def load(path, endpoint, *arguments):
    run = subprocess.run(
        [default_binary(), "load", path, "--endpoint", endpoint, "--json", "-", *arguments],
        capture_output=True, text=True, timeout=60)
    assert run.returncode == 0, run.stderr
    return json.loads(run.stdout)["designs"][0]


def raw(content):
    def answer(handler):
        handler.wfile.write(content)
        handler.close_connection = True
    return answer


def failed(status, code):
    return lambda handler: handler.reply(status, {"__type": code, "message": "no"})


def slow(handler):
    time.sleep(0.3)
    handler.reply(200, {})


@pytest.mark.parametrize("answer, code", [
    (failed(500, "com.amazonaws#InternalServerError"), "InternalServerError"),
    (raw(b"HTTP/1.1 503 Busy\r\nConnection: close\r\nContent-Length: 6\r\n\r\n<html>"), "HTTP503"),
    (raw(b"SSH-2.0-OpenSSH_9.2p1\r\n\r\n"), "UnreadableAnswer"),
    (raw(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"), "ConnectionClosed"),
    (raw(b""), "ConnectionClosed"),
], ids=["500", "html", "garbage", "cut", "closed"])
def test_failures_are_told_by_what_happened(answer, code, tmp_path):
    with Endpoint(answer) as endpoint:
        design = load(written(tmp_path, small(rate=40)), endpoint.url)
        assert endpoint.tables == set()
    errors = {error["reason"]: error["count"] for error in design["patterns"][0]["errors"]}
    assert set(errors) == {code} and errors[code] > 3
    assert design["patterns"][0]["requestCount"] == errors[code]


def test_a_slow_endpoint_is_slow_from_when_requests_were_due(tmp_path):
    with Endpoint(slow) as endpoint:
        design = load(written(tmp_path, small(rate=40, clients=1)), endpoint.url)
    # One connection does three a second; the rest waits, and its wait is counted.
    assert design["overall"]["serviceTime"]["p50Milliseconds"] < 450
    assert design["overall"]["latency"]["maxMilliseconds"] > 1_000


def test_leftovers_of_batches_are_throttles(tmp_path):
    def answer(handler):
        handler.reply(200, {"UnprocessedKeys": {"items": {"Keys": [{"id": {"N": "1"}}]}}})

    design = small(rate=40)
    design["patterns"][0]["operation"] = "BatchGetItem"
    with Endpoint(answer) as endpoint:
        pattern = load(written(tmp_path, design), endpoint.url)["patterns"][0]
    assert pattern["throttleCount"] == pattern["requestCount"] > 3
    assert [throttle["reason"] for throttle in pattern["throttles"]] == ["UnprocessedKeys"]
    assert pattern["errors"] == []


def test_a_seed_makes_the_same_bytes_whatever_sends_them(tmp_path):
    design = small(rate=50, arrivals="constant")
    design["patterns"].append({
        "name": "write", "operation": "PutItem", "weight": 1, "table": "items",
        "pick": {"thing": "new"}, "item": {
            "id": {"$value": "thing"}, "u": {"$uuid": None}, "t": {"$text": [1, 300]},
            "n": {"$normal": {"mean": 5, "deviation": 2}}, "e": {"$name": "email"}}})

    def sent(*arguments):
        with Endpoint(lambda handler: handler.reply(200, {})) as endpoint:
            report = load(written(tmp_path, design), endpoint.url, *arguments)
            assert report["driver"]["unsentCount"] == 0
            return sorted(endpoint.bodies)

    one = sent("--clients", "1")
    assert len(one) == 24
    assert sent("--clients", "7", "--threads", "3") == one
    assert sent("--seed", "2") != one


def paused(seconds, design, tmp_path):
    process = subprocess.Popen(
        [default_binary(), "load", written(tmp_path, design), "--json", "-"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: children(process))
    server = children(process)[0]
    time.sleep(1.5)
    subprocess.run(["kill", "-STOP", str(server)], check=True)
    time.sleep(seconds)
    subprocess.run(["kill", "-CONT", str(server)], check=True)
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    return json.loads(output)["designs"][0]


def test_a_stall_is_in_the_percentiles_in_full(tmp_path):
    """Two of six seconds without an answer: a third of all requests waits, on average a second."""
    design = small(rate=100, duration="6s", arrivals="constant")
    report = paused(2, design, tmp_path)
    overall = report["overall"]
    assert overall["requestCount"] + report["driver"]["unsentCount"] == 599
    assert report["driver"]["unsentCount"] == 0
    latency = overall["latency"]
    assert latency["maxMilliseconds"] > 1_900
    # The longest hundredth of 600 requests began within the first 60 ms of the stall.
    assert latency["p99Milliseconds"] > 1_700
    # With four clients only four requests were under way when it began.
    assert overall["serviceTime"]["p90Milliseconds"] < latency["p90Milliseconds"]
    assert latency["p90Milliseconds"] > 900


def test_a_second_interrupt_leaves_at_once(tmp_path):
    process = subprocess.Popen(
        [default_binary(), "load", written(tmp_path, small(duration="60s"))],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    wait_until(lambda: children(process))
    server = children(process)[0]
    time.sleep(1.5)
    subprocess.run(["kill", "-STOP", str(server)], check=True)
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    time.sleep(0.5)
    assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=10)
    assert process.returncode == 130
    assert errors.startswith("basalt: stopped at once")


def test_very_many_faults_are_not_all_told(tmp_path):
    path = tmp_path / "many.yaml"
    path.write_text(yaml.safe_dump({f"k{number}": 1 for number in range(500)}))
    run = subprocess.run([default_binary(), "load", path], capture_output=True, text=True)
    assert run.returncode != 0
    assert run.stderr.count("\n") == 51 and run.stderr.endswith("more faults\n")
