"""The snippets of the README work as printed, but for the port."""

import os
import re
import subprocess
import sys
from pathlib import Path

from conftest import make_client
from outcomes import wait_until
from server_process import ROOT, default_binary

README = (ROOT / "README.md").read_text(encoding="utf-8")


def snippet_in(language):
    (snippet,) = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert "127.0.0.1:8000" in snippet
    return snippet


def run_snippet(language, command, server, home):
    """Runs the README's one snippet in a language; returns what it printed."""
    return run_text(snippet_in(language), command, server, home)


def run_text(snippet, command, server, home):
    environment = {
        "PATH": f"{home}/bin:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "HOME": str(home),
        "AWS_PAGER": "", "LC_ALL": "C.UTF-8"}
    result = subprocess.run(
        [*command, snippet.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")],
        env=environment, cwd=home, capture_output=True, text=True, timeout=120, check=False)
    assert result.returncode == 0, result.stderr
    return result.stdout


def test_boto3(own_server, tmp_path):
    server = own_server()
    printed = run_snippet("python", [sys.executable, "-c"], server, tmp_path)
    assert "'title': 'Sinnerman'" in printed
    assert "'plays': Decimal('1')" in printed


def test_aws_cli(own_server, tmp_path):
    server = own_server()
    printed = run_snippet("sh", ["bash", "-euc"], server, tmp_path)
    assert '"S": "Stalker"' in printed
    assert make_client(server.endpoint).list_tables()["TableNames"] == ["films"]


def test_functions_and_triggers(own_server, tmp_path):
    server = own_server()
    basalt = tmp_path / "bin/basalt"
    basalt.parent.mkdir()
    basalt.write_text(
        f'#!/bin/sh\nexec {default_binary()} "$@" --endpoint http://127.0.0.1:{server.port}\n')
    basalt.chmod(0o755)
    *lines, last = snippet_in("bash").rstrip().split("\n")
    assert last == "basalt logs films --follow"
    run_text(snippet_in("sh") + "\n".join(lines), ["bash", "-euc"], server, tmp_path)
    wait_until(
        lambda: "1 changes" in run_text(
            "basalt logs films || true", ["bash", "-euc"], server, tmp_path),
        "the trigger's run")
