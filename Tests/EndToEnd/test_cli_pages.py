"""Every transcript in docs/cli, and in the README, is true: its commands are run and their output compared.

A page is a Markdown file. Each fenced ```console block holds commands and what they print, standard
error included:

    $ basalt count orders
    4

A command's further lines begin with `> `. `…` within a line stands for anything on that line, and a
line of nothing but `…` for any number of lines: for times, rates and identifiers, nothing else.
`$ echo $?` after a command shows the code that it ended with.

A page has a server of its own, empty, whose URL reads http://127.0.0.1:8000 in the output, and a
directory of its own with a copy of docs/cli/fixture in it. HTML comments set more up:

    <!-- serve: --throttling observe -->     flags of the page's server
    <!-- setup:                               commands that run first, unseen
    sh fixture/orders.sh
    -->

Commands find the checkout in CHECKOUT.

BASALT_UPDATE_PAGES=1 writes what was printed into the pages instead of failing.
"""

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from server_process import ROOT, ServerProcess, default_binary

PAGES = ROOT / "docs" / "cli"
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SETUP = re.compile(r"^<!-- setup:\n(.*?)^-->$", re.MULTILINE | re.DOTALL)
SERVE = re.compile(r"^<!-- serve: (.*?) -->$", re.MULTILINE)
SHOWN_ENDPOINT = "http://127.0.0.1:8000"
SECONDS_MAX = 120


def pages():
    return [ROOT / "README.md", *sorted(PAGES.glob("*.md"))]


def steps(block):
    """The commands of a block with what they are to print: (command, output) pairs."""
    found = []
    for line in block.splitlines():
        if line.startswith("$ "):
            found.append([line[2:], ""])
        elif line.startswith("> ") and found and not found[-1][1]:
            found[-1][0] += "\n" + line[2:]
        elif found:
            found[-1][1] += line + "\n"
        else:
            raise ValueError(f"a block begins with '{line}', which is no command")
    return [tuple(step) for step in found]


def pattern(expected):
    """The expected output as a regular expression."""
    parts = []
    for line in expected.splitlines():
        if line == "…":
            parts.append(r"(?:[^\n]*\n)*?")
        else:
            parts.append("[^\n]*".join(map(re.escape, line.split("…"))) + "\n")
    return re.compile("".join(parts))


def is_match(expected, printed):
    if printed and not printed.endswith("\n"):
        printed += "\n"
    return pattern(expected).fullmatch(printed) is not None


class Page:
    """A page with its server, run command by command."""

    def __init__(self, path, directory):
        self.path = path
        self.text = path.read_text(encoding="utf-8")
        self.directory = directory
        self.code = 0
        flags = SERVE.search(self.text)
        self.server = ServerProcess(
            directory / "data", *(flags.group(1).split() if flags else []),
            log_path=directory / "log.txt")
        self.work = directory / "page"
        self.work.mkdir()
        shutil.copytree(PAGES / "fixture", self.work / "fixture")
        binaries = directory / "bin"
        binaries.mkdir()
        (binaries / "basalt").symlink_to(Path(default_binary()).resolve())
        self.environment = {
            "PATH": f"{binaries}:{os.environ['PATH']}", "HOME": str(self.work),
            "AWS_ENDPOINT_URL_DYNAMODB": self.server.endpoint, "LANG": "C.UTF-8",
            "AWS_EC2_METADATA_DISABLED": "true", "CHECKOUT": str(ROOT),
        }

    def run(self, command):
        """What a command prints; `$?` is the code of the one before."""
        result = subprocess.run(
            ["bash", "-c", f"(exit {self.code})\n{command}"], cwd=self.work,
            env=self.environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, timeout=SECONDS_MAX, check=False)
        self.code = result.returncode
        return result.stdout.decode().replace(self.server.endpoint, SHOWN_ENDPOINT)

    def setup(self):
        for match in SETUP.finditer(self.text):
            printed = self.run("set -e\n" + match.group(1))
            assert self.code == 0, f"{self.path.name}: setup failed: {printed}"
        self.code = 0

    def rewritten(self):
        """The page's text with what the commands print now, and what differed."""
        differences = []

        def block(match):
            lines = []
            for command, expected in steps(match.group(1)):
                printed = self.run(command)
                lines.append("$ " + command.replace("\n", "\n> ") + "\n")
                if is_match(expected, printed):
                    lines.append(expected)
                else:
                    if printed and not printed.endswith("\n"):
                        printed += "\n"
                    lines.append(printed)
                    differences.append(
                        f"$ {command}\n-- the page says --\n{expected}-- printed --\n{printed}")
            return "```console\n" + "".join(lines) + "```"

        return BLOCK.sub(block, self.text), differences


@pytest.mark.parametrize("path", pages(), ids=lambda path: path.stem)
def test_page(path, tmp_path):
    if "BASALT_ENDPOINT" in os.environ:
        pytest.skip("needs server processes of its own")
    if not BLOCK.search(path.read_text(encoding="utf-8")):
        return
    page = Page(path, tmp_path)
    page.server.start()
    try:
        page.setup()
        text, differences = page.rewritten()
    finally:
        page.server.kill()
    if differences and os.environ.get("BASALT_UPDATE_PAGES") == "1":
        path.write_text(text, encoding="utf-8")
        return
    assert not differences, f"{path.name}:\n" + "\n".join(differences)


def test_every_command_has_a_page():
    result = subprocess.run(
        [default_binary(), "--help"], capture_output=True, text=True, timeout=30, check=True)
    section = result.stdout[result.stdout.index("TABLES AND ITEMS:"):]
    names = re.findall(r"^  (\w[\w-]*) ", section.split("\n\n")[0], re.MULTILINE)
    assert {"tables", "query", "sql"} <= set(names)
    assert set(names) <= {path.stem for path in pages()}


class TestTranscripts:
    """The comparison itself."""

    def test_wildcards(self):
        assert is_match("a … c\n", "a b c\n")
        assert not is_match("a … c\n", "a b\nc\n")
        assert is_match("x\n…\ny\n", "x\n1\n2\ny\n")
        assert is_match("x\n…\ny\n", "x\ny\n")
        assert not is_match("x\n", "x\ny\n")
        assert not is_match("", "y\n")
        assert not is_match("4.5\n", "4x5\n")

    def test_commands_and_their_output(self):
        assert steps("$ a\n1\n$ b \\\n> c\n2\n3\n$ d\n") == [
            ("a", "1\n"), ("b \\\nc", "2\n3\n"), ("d", "")]

    def test_a_wrong_page_fails(self, tmp_path):
        if "BASALT_ENDPOINT" in os.environ:
            pytest.skip("needs server processes of its own")
        path = tmp_path / "wrong.md"
        path.write_text("```console\n$ basalt tables\nnothing\n$ echo $?\n0\n```\n")
        page = Page(path, tmp_path)
        page.server.start()
        try:
            _, differences = page.rewritten()
        finally:
            page.server.kill()
        assert len(differences) == 1 and "nothing" in differences[0]
