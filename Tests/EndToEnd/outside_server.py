"""moto's server as a process: stands for S3, SQS, SNS, IAM and what else is outside of Basalt."""

import subprocess
import sys
import time
import urllib.error
import urllib.request

import boto3
from botocore.config import Config

from server_process import START_SECONDS_MAX, ServerFailed, free_port


class OutsideServer:
    """One moto server on a port of its own; all its services are at one endpoint."""

    def __init__(self, log_path=None):
        self.port = free_port()
        self.log_path = log_path
        self.process = None

    @property
    def endpoint(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def flags(self):
        """What `basalt serve` takes to use it."""
        return ["--sqs-endpoint", self.endpoint, "--sns-endpoint", self.endpoint,
                "--s3-endpoint", self.endpoint]

    def start(self):
        output = open(self.log_path, "ab") if self.log_path else subprocess.DEVNULL
        try:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)],
                stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        finally:
            if self.log_path:
                output.close()
        started = time.monotonic()
        while not self.is_healthy():
            if self.process.poll() is not None:
                raise ServerFailed(f"moto ended with {self.process.returncode}")
            if time.monotonic() - started > START_SECONDS_MAX:
                self.stop()
                raise ServerFailed(f"moto gave no answer in {START_SECONDS_MAX} s")
            time.sleep(0.05)
        return self

    def is_healthy(self):
        try:
            with urllib.request.urlopen(f"{self.endpoint}/moto-api/data.json", timeout=5):
                return True
        except (OSError, urllib.error.URLError):
            return False

    def client(self, service):
        """A boto3 client of one of its services."""
        return boto3.client(
            service, endpoint_url=self.endpoint, region_name="us-east-1",
            aws_access_key_id="test", aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}))

    def stop(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
