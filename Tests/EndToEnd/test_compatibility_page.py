"""docs/compatibility.md says what is true: compared with the service models and with a server."""

import re

import botocore.session
import pytest

from server_process import ROOT

PAGE = (ROOT / "docs" / "compatibility.md").read_text(encoding="utf-8")
MODELS = {
    "Operations": botocore.session.get_session().get_service_model("dynamodb"),
    "Operations of DynamoDB Streams":
        botocore.session.get_session().get_service_model("dynamodbstreams"),
}
STATES = {"done", "told, without effect", "not yet"}


def rows(text):
    """The first two cells of each row of the tables in a text, without their heads."""
    cells = re.findall(r"^\| (\w+) \| ([^|]+) \|", text, re.MULTILINE)
    return {name: state for name, state in cells if name not in ("operation", "parameter")}


def section(title):
    """What stands under a heading, up to the next one of any depth."""
    match = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return match.group(1) if match else ""


OPERATIONS = {title: rows(section(title)) for title in MODELS}
TOLD = [(title, name) for title, states in OPERATIONS.items() for name in states]


@pytest.mark.parametrize("title", MODELS)
def test_every_operation_of_the_model_is_told(title):
    assert sorted(OPERATIONS[title]) == sorted(MODELS[title].operation_names)
    assert set(OPERATIONS[title].values()) <= STATES


@pytest.mark.parametrize(
    ("title", "operation"),
    [(title, name) for title, name in TOLD if OPERATIONS[title][name] == "done"])
def test_every_parameter_is_told(title, operation):
    told = rows(section(operation))
    assert sorted(told) == sorted(MODELS[title].operation_model(operation).input_shape.members)
    assert set(told.values()) <= STATES


@pytest.mark.parametrize(("title", "operation"), TOLD)
def test_the_server_knows_what_the_page_says_it_knows(raw, title, operation):
    # An empty request is refused by what is built, unless nothing is required.
    answer = raw.send(operation, {})
    is_known = answer.status == 200 or answer.error().code != "UnknownOperationException"
    assert is_known == (OPERATIONS[title][operation] == "done")
