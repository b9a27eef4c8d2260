"""A cloud on this machine: Basalt for tables and functions, moto's server for S3, SQS and SNS.

Every pipeline runs in one, and the end-to-end tests run the pipelines.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

import boto3
from botocore.config import Config

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "EndToEnd"))

from outside_server import OutsideServer  # noqa: E402
from server_process import ServerProcess  # noqa: E402

REGION = "us-east-1"
# moto's account, so that all ARNs agree.
ACCOUNT = "123456789012"
# The interpreter that runs this has boto3; so handlers find it, too.
PYTHON = f"python3.{sys.version_info.minor}"
HERE = ("dynamodb", "dynamodbstreams", "lambda", "logs")


class LocalCloud:
    """Both servers, their clients, and a directory that goes away with them."""

    def __init__(self, *flags, directory=None):
        self.directory = Path(directory or tempfile.mkdtemp(prefix="pipeline-"))
        self.keeps_directory = directory is not None
        self.outside = OutsideServer(log_path=self.directory / "outside.log")
        self.flags = flags
        self.basalt = None

    def __enter__(self):
        self.outside.start()
        self.basalt = ServerProcess(
            self.directory / "data", "--account-id", ACCOUNT, *self.outside.flags, *self.flags,
            log_path=self.directory / "basalt.log")
        try:
            self.basalt.start()
        except Exception:
            self.outside.stop()
            raise
        return self

    def __exit__(self, *_):
        self.basalt.stop()
        self.outside.stop()
        if not self.keeps_directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    @property
    def endpoint(self):
        return self.basalt.endpoint

    def client(self, service):
        """A boto3 client of any service, wherever it is."""
        if service not in HERE:
            return self.outside.client(service)
        return boto3.client(
            service, endpoint_url=self.endpoint, region_name=REGION, aws_access_key_id="test",
            aws_secret_access_key="test",
            config=Config(retries={"total_max_attempts": 1}, read_timeout=70))

    def table(self, name):
        """A table as boto3's resource has it: plain values."""
        return boto3.resource(
            "dynamodb", endpoint_url=self.endpoint, region_name=REGION, aws_access_key_id="test",
            aws_secret_access_key="test").Table(name)

    def command(self, *arguments, check=True):
        """Runs `basalt` with arguments; returns what it printed."""
        result = subprocess.run(
            [self.basalt.binary, *[str(argument) for argument in arguments]],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=120)
        if check and result.returncode != 0:
            raise RuntimeError(f"basalt {arguments[0]}: {result.stderr.strip()}")
        return result.stdout

    def deploy(self, template, **parameters):
        """`basalt deploy` of a template; returns what it printed."""
        flags = [flag for name, value in parameters.items()
                 for flag in ("--parameter", f"{name}={value}")]
        return self.command(
            "deploy", template, "--endpoint", self.endpoint, *self.outside.flags, *flags)

    def terraform(self, directory, *arguments, check=True, **variables):
        """Terraform in a copy of a directory, with both endpoints as variables."""
        work = self.directory / "terraform"
        if not work.exists():
            shutil.copytree(directory, work, ignore=shutil.ignore_patterns(".terraform*"))
            self.terraform(directory, "init", "-input=false")
        flags = []
        if arguments[0] != "init":
            values = {"basalt": self.endpoint, "outside": self.outside.endpoint,
                      "runtime": PYTHON, **variables}
            flags = [flag for name, value in values.items() for flag in ("-var", f"{name}={value}")]
        result = subprocess.run(
            ["terraform", *arguments, "-no-color", *flags], cwd=work, capture_output=True, text=True,
            stdin=subprocess.DEVNULL, timeout=300, env=terraform_environment(work))
        if check and result.returncode != 0:
            raise RuntimeError(f"terraform {arguments[0]}: {result.stdout}{result.stderr}")
        return result


def provider_mirror():
    """The directory that holds Terraform's AWS provider, where somebody installed it; or None."""
    places = [os.environ.get("BASALT_TERRAFORM_MIRROR"), os.environ.get("TF_PLUGIN_CACHE_DIR"),
              Path.home() / ".terraform.d" / "plugins", "/usr/local/share/terraform/plugins",
              "/usr/share/terraform/plugins", *Path("/opt").glob("*")]
    for place in places:
        if place and (Path(place) / "registry.terraform.io" / "hashicorp" / "aws").is_dir():
            return Path(place)
    return None


def has_terraform():
    """Whether Terraform and its AWS provider are on this machine."""
    return shutil.which("terraform") is not None and provider_mirror() is not None


def terraform_environment(work):
    """The environment that makes Terraform take its provider from this machine."""
    environment = dict(os.environ, CHECKPOINT_DISABLE="1", TF_IN_AUTOMATION="1")
    mirror = provider_mirror()
    if mirror is not None:
        file = work / "cli.tfrc"
        file.write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n')
        environment["TF_CLI_CONFIG_FILE"] = str(file)
    return environment


def zip_directory(directory, path):
    """Zips a function's code; the same code gives the same bytes."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(Path(directory).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                entry = zipfile.ZipInfo(str(file.relative_to(directory)), (2026, 1, 1, 0, 0, 0))
                entry.external_attr = (0o755 if os.access(file, os.X_OK) else 0o644) << 16
                entry.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(entry, file.read_bytes())
    return path


def wait_until(condition, what, seconds=60):
    """Waits until a function answers something true, and returns that."""
    deadline = time.monotonic() + seconds
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds} s for {what}")
        time.sleep(0.05)


def main(pipeline, *flags):
    """Runs a pipeline from the command line: sets it up, uses it, shows what came of it."""
    parser = argparse.ArgumentParser(description=pipeline.__doc__)
    parser.add_argument("--keep", action="store_true", help="leave it running until Ctrl-C")
    arguments = parser.parse_args()
    with LocalCloud(*flags) as cloud:
        print(json.dumps(pipeline(cloud), indent=2, default=str))
        if arguments.keep:
            print(f"Tables and functions: {cloud.endpoint}; queues, topics and buckets: "
                  f"{cloud.outside.endpoint}; Ctrl-C ends both.")
            try:
                while True:
                    time.sleep(3600)
            except KeyboardInterrupt:
                pass
