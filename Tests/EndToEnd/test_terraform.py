"""Terraform's AWS provider: applies, plans clean, changes in place, plans clean, destroys.

Skipped where Terraform or its provider isn't on the machine. The provider takes long to start, so
everything is one configuration and the commands are few.
"""

import re
import shutil
import subprocess

import pytest

from conftest import make_client
from lambda_code import python_zip, zip_of
from pipelines import has_terraform, terraform_environment
from server_process import ROOT

FOLDER = ROOT / "Tests" / "EndToEnd" / "terraform"
# moto's, so that all ARNs agree.
ACCOUNT = "123456789012"


class Terraform:
    """A configuration in a directory of its own, and commands on it."""

    def __init__(self, directory, variables):
        self.directory = directory
        self.variables = variables
        shutil.copytree(FOLDER, directory)
        for step in (1, 2):
            source = f"def handler(event, context):\n    return {step}\n"
            (directory / f"function-{step}.zip").write_bytes(python_zip(source))
        (directory / "layer.zip").write_bytes(zip_of({"python/shared.py": "VALUE = 1\n"}))
        self.run("init", "-input=false")

    def run(self, command, *flags, step=None):
        """Runs a command; returns its exit status and what it printed."""
        variables = []
        if step is not None:
            values = self.variables | {"step": step}
            variables = [flag for name, value in values.items()
                         for flag in ("-var", f"{name}={value}")]
        result = subprocess.run(
            ["terraform", command, "-no-color", *flags, *variables], cwd=self.directory,
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=300,
            env=terraform_environment(self.directory))
        if result.returncode not in (0, 2):
            raise AssertionError(f"terraform {command}: {result.stdout}{result.stderr}")
        return result.returncode, result.stdout

    def apply(self, step, *flags):
        """What was added, changed and destroyed."""
        _, text = self.run("apply", "-auto-approve", "-input=false", *flags, step=step)
        counts = re.search(r"(\d+) added, (\d+) changed, (\d+) destroyed", text)
        return tuple(int(count) for count in counts.groups())

    def expect_no_change(self, step):
        status, text = self.run("plan", "-detailed-exitcode", "-input=false", step=step)
        assert status == 0, text


@pytest.mark.skipif(not has_terraform(), reason="needs Terraform and its AWS provider")
def test_a_whole_life(own_server, outside, tmp_path):
    server = own_server("--in-memory", "--account-id", ACCOUNT, *outside.flags)
    functions = make_client(server.endpoint, "lambda")
    tables = make_client(server.endpoint)
    queues = {}
    for name in ("failures", "uploads"):
        url = outside.client("sqs").create_queue(QueueName=f"terraform-{name}")["QueueUrl"]
        queues[name] = outside.client("sqs").get_queue_attributes(
            QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    terraform = Terraform(
        tmp_path / "work",
        {"basalt": server.endpoint, "outside": outside.endpoint} | queues)

    added, changed, destroyed = terraform.apply(step=1)
    assert (changed, destroyed) == (0, 0)
    terraform.expect_no_change(step=1)
    mappings = functions.list_event_source_mappings()["EventSourceMappings"]
    assert {mapping["BatchSize"] for mapping in mappings} == {25, 5}
    assert functions.get_alias(FunctionName="handler", Name="live")["FunctionVersion"] == "1"

    # A permission cannot change: it is replaced. All was looked at just now: that saves a while.
    added, changed, destroyed = terraform.apply(2, "-refresh=false")
    assert (added, destroyed) == (1, 1) and changed >= 8
    terraform.expect_no_change(step=2)
    assert functions.get_alias(FunctionName="handler", Name="live")["FunctionVersion"] == "2"
    indexes = tables.describe_table(TableName="orders")["Table"]["GlobalSecondaryIndexes"]
    assert {index["IndexName"] for index in indexes} == {"by-status", "by-region"}

    terraform.run("destroy", "-auto-approve", "-input=false", "-refresh=false", step=2)
    assert functions.list_functions()["Functions"] == []
    assert functions.list_layers()["Layers"] == []
    assert functions.list_event_source_mappings()["EventSourceMappings"] == []
    assert tables.list_tables()["TableNames"] == []
