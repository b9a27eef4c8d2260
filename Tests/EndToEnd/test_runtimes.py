"""Functions in real processes, over the API: what they answer, log and reach, and how they end."""

import base64
import json
import os
import re
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from conftest import make_client
from lambda_code import parameters, zip_of
from outcomes import wait_until


def create(functions, name, files, **settings):
    """Makes a function of files, a dictionary of paths and texts, and waits until it is there."""
    functions.create_function(**parameters(name, Code={"ZipFile": zip_of(files)}, **settings))
    functions.get_waiter("function_active_v2").wait(
        FunctionName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 30})


def invoke(functions, name, event=None, **options):
    answer = functions.invoke(FunctionName=name, Payload=json.dumps(event or {}), **options)
    return answer, json.loads(answer["Payload"].read())


def is_alive(process):
    try:
        state = open(f"/proc/{process}/stat", encoding="utf-8").read().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


@pytest.fixture(scope="module")
def functions(server):
    return make_client(server.endpoint, "lambda")


@pytest.fixture
def name(functions, request):
    name = f"{request.node.originalname}-{os.getpid()}"[:64]
    yield name
    try:
        functions.delete_function(FunctionName=name)
    except functions.exceptions.ClientError:
        pass


def test_a_handler_reaches_this_server_with_boto3(functions, client, name, simple_table):
    create(functions, name, {"pkg/app.py": """
import boto3, os
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
def handler(event, context):
    table.put_item(Item={"id": event["id"], "by": context.aws_request_id})
    return {"statusCode": 200}
"""}, Handler="pkg.app.handler", Environment={"Variables": {"TABLE": simple_table}}, Timeout=30,
           MemorySize=512)
    answer, payload = invoke(functions, name, {"id": "one"}, LogType="Tail")
    assert answer["StatusCode"] == 200 and "FunctionError" not in answer, payload
    assert payload == {"statusCode": 200}
    assert answer["ExecutedVersion"] == "$LATEST"
    request_id = answer["ResponseMetadata"]["RequestId"]
    item = client.get_item(TableName=simple_table, Key={"id": {"S": "one"}})["Item"]
    assert item["by"] == {"S": request_id}
    tail = base64.b64decode(answer["LogResult"]).decode()
    assert tail.startswith(f"START RequestId: {request_id} Version: $LATEST\n")
    assert re.search(rf"\nREPORT RequestId: {request_id}\tDuration: [\d.]+ ms\t", tail)


def test_logs_are_served(functions, server, name):
    create(functions, name, {"index.mjs": """
export const handler = async (event) => { console.log('hello', event); return event.n * 2; };
"""}, Runtime="nodejs20.x", Handler="index.handler")
    assert invoke(functions, name, {"n": 21})[1] == 42
    logs = make_client(server.endpoint, "logs")
    group = f"/aws/lambda/{name}"
    told = []

    def has_all():
        told[:] = [event["message"] for event in logs.filter_log_events(logGroupName=group)["events"]]
        return any(line.startswith("REPORT") for line in told)

    wait_until(has_all)
    assert [line.split()[0] for line in told if not line[0].isdigit()] == [
        "INIT_START", "START", "END", "REPORT"]
    assert any("\tINFO\thello { n: 21 }" in line for line in told)
    stream = logs.describe_log_streams(logGroupName=group)["logStreams"][0]["logStreamName"]
    assert re.fullmatch(r"\d{4}/\d\d/\d\d/\[\$LATEST\][0-9a-f]{32}", stream)


def test_a_failure_is_told(functions, name):
    create(functions, name, {"app.py": "def handler(event, context): raise ValueError('no')"},
           Handler="app.handler")
    answer, payload = invoke(functions, name)
    assert answer["FunctionError"] == "Unhandled"
    assert payload["errorType"] == "ValueError" and payload["errorMessage"] == "no"


def test_code_and_configuration_change_under_way(functions, name):
    source = "import os\ndef handler(event, context): return [%d, os.environ.get('KEY')]"
    create(functions, name, {"app.py": source % 1}, Handler="app.handler")
    assert invoke(functions, name)[1] == [1, None]
    functions.update_function_code(FunctionName=name, ZipFile=zip_of({"app.py": source % 2}))
    wait_until(lambda: invoke(functions, name)[1] == [2, None])
    functions.update_function_configuration(
        FunctionName=name, Environment={"Variables": {"KEY": "b"}})
    wait_until(lambda: invoke(functions, name)[1] == [2, "b"])


def test_reserved_concurrency(functions, name):
    create(functions, name, {"app.py": "def handler(event, context): pass"}, Handler="app.handler")
    functions.put_function_concurrency(FunctionName=name, ReservedConcurrentExecutions=0)
    with pytest.raises(functions.exceptions.TooManyRequestsException) as error:
        invoke(functions, name)
    assert error.value.response["Error"]["Message"] == "Rate Exceeded."
    assert error.value.response["Reason"] == "ReservedFunctionConcurrentInvocationLimitExceeded"
    functions.delete_function_concurrency(FunctionName=name)
    assert invoke(functions, name)[1] is None


SLEEPER = """
import os, subprocess
child = subprocess.Popen(["sleep", "1000"])
def handler(event, context):
    return [os.getpid(), child.pid]
"""


@pytest.mark.parametrize("how", ["kill", "stop"])
def test_processes_end_with_the_server(own_server, how):
    server = own_server()
    functions = make_client(server.endpoint, "lambda")
    create(functions, "sleeper", {"app.py": SLEEPER}, Handler="app.handler")
    processes = invoke(functions, "sleeper")[1]
    assert all(is_alive(process) for process in processes)
    getattr(server, how)()
    wait_until(lambda: not any(is_alive(process) for process in processes))


def test_a_killed_handler_fails_its_invocation_alone(functions, name):
    create(functions, name, {"app.py": """
import os
def handler(event, context):
    if event: os.kill(os.getpid(), event["signal"])
    return "well"
"""}, Handler="app.handler")
    assert invoke(functions, name)[1] == "well"
    answer, payload = invoke(functions, name, {"signal": int(signal.SIGSEGV)})
    assert answer["FunctionError"] == "Unhandled"
    assert payload["errorType"] == "Runtime.ExitError"
    assert payload["errorMessage"].endswith("Runtime exited with error: signal: segmentation fault")
    assert invoke(functions, name)[1] == "well"


def test_a_refused_runtime(functions, name):
    create(functions, name, {"app.rb": "x"}, Runtime="ruby3.3", Handler="app.handler")
    with pytest.raises(functions.exceptions.InvalidRuntimeException) as error:
        invoke(functions, name)
    assert error.value.response["ResponseMetadata"]["HTTPStatusCode"] == 502
    assert "ruby3.3 isn't supported here" in error.value.response["Message"]


def test_a_deleted_function_and_version_leave_no_processes(functions, name):
    create(functions, name, {"app.py": "import os\ndef handler(event, context): return os.getpid()"},
           Handler="app.handler")
    latest = invoke(functions, name)[1]
    number = functions.publish_version(FunctionName=name)["Version"]
    version = invoke(functions, name, Qualifier=number)[1]
    functions.delete_function(FunctionName=name, Qualifier=number)
    wait_until(lambda: not is_alive(version))
    assert is_alive(latest) and invoke(functions, name)[1] == latest
    functions.delete_function(FunctionName=name)
    wait_until(lambda: not is_alive(latest))


def descendants(process):
    """The processes that a process started, and those that they did."""
    parents = {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            text = path.read_text()
        except OSError:
            continue
        parents.setdefault(int(text.rsplit(")", 1)[1].split()[1]), []).append(int(path.parent.name))
    found, rest = [], [process]
    while rest:
        rest += (children := parents.get(rest.pop(), []))
        found += children
    return found


BREAKING = """
import os, time
def handler(event, context):
    if "mark" in event: open(f"{event['mark']}/{os.getpid()}", "w").close()
    if event["how"] == "exit": os._exit(1)
    if event["how"] == "kill": os.kill(os.getpid(), 9)
    if event["how"] == "hang": time.sleep(100)
    if event["how"] == "pid": return os.getpid()
"""


def test_descriptors_and_processes_do_not_pile_up(own_server):
    server = own_server()
    functions = make_client(server.endpoint, "lambda", max_pool_connections=16)
    create(functions, "breaking", {"app.py": BREAKING}, Handler="app.handler", Timeout=1)
    process = server.process.pid

    def run(events):
        with ThreadPoolExecutor(16) as pool:
            return list(pool.map(lambda how: invoke(functions, "breaking", {"how": how})[0], events))

    def usage():
        return len(os.listdir(f"/proc/{process}/fd")), len(descendants(process))

    run(["pid", "exit"] * 16)
    invoke(functions, "breaking", {"how": "exit"})
    # What is idle goes with the next revision.
    def settled():
        functions.update_function_configuration(FunctionName="breaking", Timeout=1)
        invoke(functions, "breaking", {"how": "pid"})
        wait_until(lambda: len(descendants(process)) == 2, "one process, and the guard")
        return usage()[0]

    before = settled()
    failures = run(["exit", "kill", "hang"] * 32)
    assert all(answer["FunctionError"] == "Unhandled" for answer in failures)
    assert settled() <= before + 4
    assert functions.get_function_configuration(FunctionName="breaking")["State"] == "Active"


def test_stopping_while_many_invocations_run(own_server, tmp_path):
    server = own_server()
    functions = make_client(
        server.endpoint, "lambda", max_pool_connections=32)
    create(functions, "breaking", {"app.py": BREAKING}, Handler="app.handler", Timeout=60)
    marks = tmp_path / "marks"
    marks.mkdir()

    def hang(_):
        try:
            event = {"how": "hang", "mark": str(marks)}
            return invoke(functions, "breaking", event)[0].get("FunctionError")
        except Exception as error:  # pylint: disable=broad-except
            return error

    with ThreadPoolExecutor(32) as pool:
        outcomes = [pool.submit(hang, number) for number in range(24)]
        wait_until(lambda: len(os.listdir(marks)) == 24)
        processes = descendants(server.process.pid)
        for handler in [int(name) for name in os.listdir(marks)][:8]:
            os.kill(handler, signal.SIGKILL)
        begun = time.monotonic()
        server.stop()
        assert time.monotonic() - begun < 20
        results = [outcome.result() for outcome in outcomes]
    # Those that were killed before the stop are told as failures, the others end with an error.
    assert all(result is not None for result in results), results
    wait_until(lambda: not any(is_alive(process) for process in processes))
