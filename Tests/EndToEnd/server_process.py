"""A basalt server as a process: start, wait until it answers, stop, kill, start again."""

import http.client
import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

START_SECONDS_MAX = 60
STOP_SECONDS_MAX = 60

ROOT = Path(__file__).resolve().parents[2]


def default_binary():
    """The binary under test: BASALT_BINARY, or the release build of this checkout."""
    return os.environ.get("BASALT_BINARY") or str(ROOT / ".build" / "release" / "basalt")


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class ServerFailed(Exception):
    """The process ended, or never answered; the text holds what it wrote."""


class ServerProcess:
    """One server on a port of its own; the port and the data directory stay across restarts."""

    def __init__(self, data_dir=None, *arguments, binary=None, log_path=None):
        self.binary = binary or default_binary()
        self.data_dir = data_dir
        self.arguments = [str(argument) for argument in arguments]
        self.port = free_port()
        self.log_path = log_path
        self.process = None
        self.start_seconds = None

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    def command(self):
        command = [self.binary, "serve", "--host", "127.0.0.1", "--port", str(self.port)]
        if self.data_dir is not None:
            command += ["--data-dir", str(self.data_dir)]
        return command + self.arguments

    def start(self):
        """Starts the process and returns when it answers."""
        started = time.monotonic()
        output = open(self.log_path, "ab") if self.log_path else subprocess.DEVNULL
        try:
            self.process = subprocess.Popen(
                self.command(), stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        finally:
            if self.log_path:
                output.close()
        while not self.is_healthy():
            if self.process.poll() is not None:
                raise ServerFailed(f"ended with {self.process.returncode}: {self.log()}")
            if time.monotonic() - started > START_SECONDS_MAX:
                self.kill()
                raise ServerFailed(f"no answer in {START_SECONDS_MAX} s: {self.log()}")
            time.sleep(0.01)
        self.start_seconds = time.monotonic() - started
        return self

    def is_healthy(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/health")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def advance(self, span):
        """Moves a virtual clock on by seconds or a text like `1h`; returns the time it shows.

        What became due is done when this returns.
        """
        request = urllib.request.Request(
            self.endpoint + "/_basalt/clock", data=json.dumps({"advance": span}).encode())
        with urllib.request.urlopen(request, timeout=60) as response:
            return json.load(response)["now"]

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def kill(self):
        """Ends the process as a power cut of the process would: SIGKILL, no warning."""
        if self.process is not None:
            self.process.kill()
            self.process.wait(STOP_SECONDS_MAX)

    def stop(self):
        """Asks the process to end, and returns its exit status."""
        if self.process is None:
            return None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
            raise ServerFailed(f"SIGTERM did not end it in {STOP_SECONDS_MAX} s: {self.log()}")

    def restart(self):
        self.stop()
        return self.start()

    def log(self):
        if not self.log_path or not os.path.exists(self.log_path):
            return ""
        return Path(self.log_path).read_text(encoding="utf-8", errors="replace")[-4000:]


def run_to_end(arguments, seconds=30, binary=None):
    """Runs the binary with arguments that should make it end by itself; returns the result."""
    return subprocess.run(
        [binary or default_binary(), *[str(argument) for argument in arguments]],
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=seconds)
