"""docs/compatibility.md says what is true: compared with the service model and with a server."""

import re

import botocore.session
import pytest

from server_process import ROOT

PAGE = (ROOT / "docs" / "compatibility.md").read_text(encoding="utf-8")
MODEL = botocore.session.get_session().get_service_model("dynamodb")
STATES = {"done", "told, without effect", "not yet"}


def rows(text):
    """The first two cells of each row of the tables in a text, without their heads."""
    cells = re.findall(r"^\| (\w+) \| ([^|]+) \|", text, re.MULTILINE)
    return {name: state for name, state in cells if name not in ("operation", "parameter")}


def section(title):
    """What stands under a heading, up to the next one of any depth."""
    match = re.search(rf"^#+ {re.escape(title)}\n(.*?)(?=^#|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    return match.group(1) if match else ""


OPERATIONS = rows(section("Operations"))


def test_every_operation_of_the_model_is_told():
    assert sorted(OPERATIONS) == sorted(MODEL.operation_names)
    assert set(OPERATIONS.values()) <= STATES


@pytest.mark.parametrize(
    "operation", [name for name, state in OPERATIONS.items() if state == "done"])
def test_every_parameter_is_told(operation):
    told = rows(section(operation))
    assert sorted(told) == sorted(MODEL.operation_model(operation).input_shape.members)
    assert set(told.values()) <= STATES


@pytest.mark.parametrize("operation", OPERATIONS)
def test_the_server_knows_what_the_page_says_it_knows(raw, operation):
    # An empty request is refused by what is built, unless nothing is required.
    answer = raw.send(operation, {})
    is_known = answer.status == 200 or answer.error().code != "UnknownOperationException"
    assert is_known == (OPERATIONS[operation] == "done")
