"""The snippets of the README work as printed, but for the port."""

import os
import re
import subprocess
import sys
from pathlib import Path

from conftest import make_client
from server_process import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def run_snippet(language, command, server, home):
    """Runs the README's one snippet in a language; returns what it printed."""
    (snippet,) = re.findall(rf"```{language}\n(.*?)```", README, re.DOTALL)
    assert "127.0.0.1:8000" in snippet
    environment = {
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(home),
        "AWS_PAGER": "", "LC_ALL": "C.UTF-8"}
    result = subprocess.run(
        [*command, snippet.replace("127.0.0.1:8000", f"127.0.0.1:{server.port}")],
        env=environment, capture_output=True, text=True, timeout=120, check=False)
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
