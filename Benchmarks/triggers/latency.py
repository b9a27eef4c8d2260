"""How long a written record takes to reach its handler, and what mappings cost those who write.

Starts a server of its own with a table whose stream triggers a function, warms it up, and writes
items; the handler notes when each came. `write` is from just before the request to the handler's
first line, so it includes the write itself (an fsync by default); `answer` is from the answer of
the write. Then the CPU per write of the server without a mapping, with one and with ten on the
stream, whose functions do nothing.

    .venv/bin/python Benchmarks/triggers/latency.py [--binary PATH] [--seconds 10]
"""

import argparse
import io
import json
import multiprocessing
import os
import sys
import tempfile
import threading
import time
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

from conftest import make_client  # noqa: E402
from server_process import ServerProcess, default_binary  # noqa: E402

RUNTIME = f"python3.{sys.version_info.minor}"
ROLE = "arn:aws:iam::000000000000:role/benchmark"
NOTING = """
import os, time
out = open(os.environ["OUT"] + "." + str(os.getpid()), "a", buffering=1)
def handler(event, context):
    now = time.time_ns()
    out.write("".join(
        record["dynamodb"]["Keys"]["id"]["S"] + " " + str(now) + "\\n" for record in event["Records"]))
"""
IDLE = "def handler(event, context): pass\n"


def zipped(code):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("app.py", code)
    return data.getvalue()


def make_table(endpoint, name):
    """A table with a stream; returns the stream's ARN."""
    made = make_client(endpoint).create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        StreamSpecification={"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"})
    return made["TableDescription"]["LatestStreamArn"]


def make_function(endpoint, name, code, **variables):
    functions = make_client(endpoint, "lambda")
    functions.create_function(
        FunctionName=name, Runtime=RUNTIME, Handler="app.handler", Role=ROLE, Timeout=30,
        Code={"ZipFile": zipped(code)}, Environment={"Variables": variables})
    functions.get_waiter("function_active_v2").wait(FunctionName=name)


def map_stream(endpoint, stream, function):
    functions = make_client(endpoint, "lambda")
    uuid = functions.create_event_source_mapping(
        EventSourceArn=stream, FunctionName=function, StartingPosition="LATEST")["UUID"]
    while functions.get_event_source_mapping(UUID=uuid)["State"] != "Enabled":
        time.sleep(0.02)


def write(endpoint, table, prefix, writers, rate, seconds, results):
    """Writers in one process, each at a steady rate; puts (id, start, end) in nanoseconds."""
    client = make_client(endpoint, max_pool_connections=writers)
    found = []

    def one(number):
        begin = time.monotonic() + number / writers / rate
        count = 0
        while count < rate * seconds:
            time.sleep(max(0.0, begin + count / rate - time.monotonic()))
            key = f"{prefix}-{number}-{count}"
            start = time.time_ns()
            client.put_item(TableName=table, Item={"id": {"S": key}, "text": {"S": "x" * 200}})
            found.append((key, start, time.time_ns()))
            count += 1

    threads = [threading.Thread(target=one, args=(number,)) for number in range(writers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    results.put(found)


def run_writers(endpoint, table, writers, rate, seconds):
    """Spreads writers over processes; returns what they wrote."""
    results = multiprocessing.Queue()
    count = min(4, writers)
    processes = [
        multiprocessing.Process(
            target=write,
            args=(endpoint, table, f"{time.time_ns()}-{number}", writers // count, rate, seconds,
                  results))
        for number in range(count)
    ]
    for process in processes:
        process.start()
    found = [entry for _ in processes for entry in results.get()]
    for process in processes:
        process.join()
    return found


def percentiles(values):
    values = sorted(values)
    pick = [values[min(len(values) - 1, int(len(values) * share))] for share in (0.5, 0.9, 0.99)]
    return " ".join(f"{value / 1e6:8.2f}" for value in [*pick, values[-1]])


def arrivals(out):
    """When each item first reached the handler."""
    found = {}
    for path in Path(out).parent.glob(Path(out).name + ".*"):
        for line in path.read_text().splitlines():
            key, _, at = line.rpartition(" ")
            found[key] = min(int(at), found.get(key, 1 << 63))
    return found


def measure_latency(server, directory, seconds):
    out = str(directory / "arrivals")
    stream = make_table(server.endpoint, "timed")
    make_function(server.endpoint, "noting", NOTING, OUT=out)
    map_stream(server.endpoint, stream, "noting")
    run_writers(server.endpoint, "timed", 4, 50, 2)
    print(f"{'writers':>8} {'records':>8} {'':8} {'p50 ms':>8} {'p90':>8} {'p99':>8} {'max':>8}")
    for writers, rate in ((1, 100), (64, 10)):
        written = run_writers(server.endpoint, "timed", writers, rate, seconds)
        deadline = time.monotonic() + 60
        while True:
            seen = arrivals(out)
            if all(key in seen for key, _, _ in written):
                break
            if time.monotonic() > deadline:
                raise TimeoutError("records never reached the handler")
            time.sleep(0.2)
        for name, since in (("write", 1), ("answer", 2)):
            times = [seen[entry[0]] - entry[since] for entry in written]
            print(f"{writers:>8} {len(written):>8} {name:8} {percentiles(times)}")


def own_cpu_seconds(pid):
    """User and system time of one process, its children left out."""
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def measure_mappings(server, seconds):
    figures = {}
    for count in (0, 1, 10):
        table = f"mapped-{count}"
        stream = make_table(server.endpoint, table)
        for number in range(count):
            name = f"idle-{count}-{number}"
            make_function(server.endpoint, name, IDLE)
            map_stream(server.endpoint, stream, name)
        run_writers(server.endpoint, table, 16, 20, 2)
        time.sleep(2)
        before = own_cpu_seconds(server.process.pid)
        written = run_writers(server.endpoint, table, 16, 40, seconds)
        spent = own_cpu_seconds(server.process.pid) - before
        times = [end - start for _, start, end in written]
        print(f"{count:>8} {len(written):>8} {'put':8} {percentiles(times)}"
              f"   {spent / len(written) * 1e6:.0f} µs of server CPU a write")
        figures[count] = spent / len(written)
    return figures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--binary", default=default_binary())
    parser.add_argument("--seconds", type=int, default=10)
    parser.add_argument("--durability", default="fsync")
    arguments = parser.parse_args()
    os.environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as directory:
        directory = Path(directory)
        server = ServerProcess(
            directory / "data", "--durability", arguments.durability, binary=arguments.binary,
            log_path=directory / "log.txt").start()
        try:
            measure_latency(server, directory, arguments.seconds)
            print(f"{'mappings':>8} {'writes':>8}")
            measure_mappings(server, arguments.seconds)
        except Exception:
            print(server.log(), file=sys.stderr)
            raise
        finally:
            server.stop()
    print(json.dumps({"durability": arguments.durability, "seconds": arguments.seconds}))


if __name__ == "__main__":
    main()
