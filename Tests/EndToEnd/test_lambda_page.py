"""docs/compatibility-lambda.md says what is true: compared with the service model and a server."""

import re

import botocore.session
import pytest
from botocore.exceptions import ClientError

from conftest import make_client
from server_process import ROOT

PAGE = (ROOT / "docs" / "compatibility-lambda.md").read_text(encoding="utf-8")
MODEL = botocore.session.get_session().get_service_model("lambda")
STATES = {
    name: state.strip() for name, state in re.findall(r"^\| (\w+) \| ([^|]+) \|", PAGE, re.MULTILINE)
    if name != "operation"}

TEXTS = {
    "Resource": "arn:aws:lambda:us-east-1:000000000000:function:absent",
    "Arn": "arn:aws:lambda:us-east-1:000000000000:layer:absent:1",
    "Qualifier": "live",
    "UUID": "00000000-0000-0000-0000-000000000000",
}


def value_of(name, shape):
    """Something of a shape: enough for a request that is understood."""
    if shape.type_name == "string":
        return TEXTS.get(name, shape.enum[0] if shape.enum else "absent")
    simple = {"integer": 1, "long": 1, "double": 1.0, "boolean": True, "blob": b"x",
              "map": {}, "list": [], "timestamp": 0}
    if shape.type_name in simple:
        return simple[shape.type_name]
    return {member: value_of(member, shape.members[member])
            for member in shape.required_members}


def test_every_operation_of_the_model_is_told():
    assert sorted(STATES) == sorted(MODEL.operation_names)
    assert set(STATES.values()) == {"done", "told, without effect", "not yet"}


@pytest.mark.parametrize("operation", sorted(STATES))
def test_the_server_knows_what_the_page_says_it_knows(server, operation):
    client = make_client(server.endpoint, "lambda")
    shape = MODEL.operation_model(operation).input_shape
    parameters = {name: value_of(name, shape.members[name]) for name in shape.required_members}
    try:
        getattr(client, botocore.xform_name(operation))(**parameters)
        is_known = True
    except ClientError as error:
        is_known = error.response["Error"]["Code"] not in ("UnknownOperationException", "404")
    assert is_known == (STATES[operation] != "not yet")
