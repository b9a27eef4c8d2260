"""docs/lambda-api.md says what is true: compared with the service models and with a server."""

import http.client
import json
import re

import botocore.session
import pytest

from server_process import ROOT

PAGE = (ROOT / "docs" / "lambda-api.md").read_text(encoding="utf-8")
LAMBDA = botocore.session.get_session().get_service_model("lambda")
LOGS = botocore.session.get_session().get_service_model("logs")
STATES = {"done", "told, without effect", "not yet"}


def rows(title):
    """The operations under a heading, with their states."""
    section = re.search(
        rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", PAGE, re.MULTILINE | re.DOTALL).group(1)
    found = re.findall(r"^\| (\w+) \| ([^|]+) \|", section, re.MULTILINE)
    return {name: state for name, state in found if name != "operation"}


TOLD = rows("Operations of Lambda")
TOLD_OF_LOGS = rows("Operations of CloudWatch Logs")


def ask(server, method, path, body="{}", **headers):
    """The status and the error's type of a request without parameters."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request(method, path, body=None if method == "GET" else body, headers=headers)
        response = connection.getresponse()
        text = response.read().decode()
        kind = response.getheader("x-amzn-ErrorType") or ""
        if not kind and text.startswith("{"):
            kind = str(json.loads(text).get("__type", ""))
        return response.status, kind.split("#")[-1].split(":")[0]
    finally:
        connection.close()


def test_every_operation_of_the_model_is_told():
    assert sorted(TOLD) == sorted(LAMBDA.operation_names)
    assert set(TOLD.values()) <= STATES


@pytest.mark.parametrize("operation", sorted(TOLD))
def test_the_server_knows_what_the_page_says_it_knows(server, operation):
    rule = LAMBDA.operation_model(operation).http
    path = re.sub(r"\{\w+\+?\}", "nobody", rule["requestUri"])
    status, kind = ask(server, rule["method"], path)
    is_unknown = kind == "UnknownOperationException" or (status == 404 and kind == "")
    assert is_unknown == (TOLD[operation] == "not yet"), (status, kind)


@pytest.mark.parametrize("operation", sorted(LOGS.operation_names))
def test_the_server_knows_the_operations_of_logs_that_the_page_tells(server, operation):
    _, kind = ask(
        server, "POST", "/", **{"Content-Type": "application/x-amz-json-1.1",
                                "X-Amz-Target": f"Logs_20140328.{operation}"})
    assert (kind != "UnknownOperationException") == (operation in TOLD_OF_LOGS)
