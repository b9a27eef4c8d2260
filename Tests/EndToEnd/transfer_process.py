"""Runs `basalt export`, `import`, `truncate` and `tail` as people do."""

import os
import re
import subprocess

from server_process import default_binary


def environment(endpoint):
    """Variables that name the endpoint, and credentials that any server takes."""
    return {
        **os.environ, "AWS_ENDPOINT_URL": endpoint, "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}


def start(endpoint, *arguments, **options):
    """A command that runs on its own."""
    return subprocess.Popen(
        [default_binary(), *[str(argument) for argument in arguments]],
        env=environment(endpoint), text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        stdin=options.pop("stdin", subprocess.DEVNULL), **options)


def run(endpoint, *arguments, text=None, code=0):
    """Runs a command to its end, which must be as told; any where `code` is None."""
    done = subprocess.run(
        [default_binary(), *[str(argument) for argument in arguments]],
        env=environment(endpoint), text=True, capture_output=True, timeout=120,
        **({"input": text} if text is not None else {"stdin": subprocess.DEVNULL}))
    assert code is None or done.returncode == code, done.stderr
    if code == 1:
        assert done.stderr.count("\n") == 1, done.stderr
    return done


def units_and_seconds(summary):
    """What a summary tells: `… in 1.2 s: 1,234.5 write units, …`."""
    match = re.search(r" in ([\d.]+) (ms|s): ([\d,.]+) (?:read|write) units", summary)
    assert match, summary
    seconds = float(match[1]) / (1000 if match[2] == "ms" else 1)
    return float(match[3].replace(",", "")), seconds
