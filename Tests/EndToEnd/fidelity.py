"""Tables of what is refused: an operation's requests, each with the service's own answer.

A module lists `REFUSED = [(request, message), …]` for its operation and checks each by
`check_refusal`. The message is

- a text: a ValidationException with exactly it; `…` at its end stands for anything, and the
  class of another exception may come before it, as in `ResourceNotFoundException: …`;
- a list of violations: "N validation errors detected: …" with these in any order (the service's
  is that of its hash maps).
"""

import json

import pytest

# These tell a fault of the request itself as they tell a violated constraint.
SINGLE_ITEM_WRITES = {"PutItem", "UpdateItem", "DeleteItem"}
UNADORNED = {
    "Item size has exceeded the maximum allowed size",
    "The parameter 'TableName' is required but was not present in the request",
    "TableName must be at least 3 characters long and at most 255 characters long",
}
NAMESPACES = {
    "ValidationException": "com.amazon.coral.validate#",
    "SerializationException": "com.amazon.coral.service#",
    "AccessDeniedException": "com.amazon.coral.service#",
}


def violation(value, path, constraint):
    """One constraint's text; a value of None is told as null."""
    told = "null" if value is None else f"'{value}'"
    return f"Value {told} at '{path}' failed to satisfy constraint: {constraint}"


def missing(path):
    return violation(None, path, "Member must not be null")


def shorter_than(count, value, path):
    return violation(value, path, f"Member must have length greater than or equal to {count}")


def longer_than(count, value, path):
    return violation(value, path, f"Member must have length less than or equal to {count}")


def unknown(values, value, path):
    return violation(value, path, f"Member must satisfy enum value set: [{values}]")


def invalid(reason):
    return f"One or more parameter values were invalid: {reason}"


def refused(*cases):
    """Parameters for pytest: one per case, told apart by number and message."""
    told = []
    for number, (request, message) in enumerate(cases):
        first = message[0] if isinstance(message, list) else message
        told.append(pytest.param(request, message, id=f"{number}-{first[:60]}"))
    return pytest.mark.parametrize("request_body, message", told)


def check_refusal(raw, operation, request, message):
    """Sends a request and compares the error with the one expected."""
    answer = raw.send(operation, request)
    body = json.loads(answer.body)
    told = body.get("message", body.get("Message"))
    code = "ValidationException"
    if isinstance(message, list):
        plural = "s" if len(message) > 1 else ""
        prefix = f"{len(message)} validation error{plural} detected: "
        assert told and told.startswith(prefix), body
        told = sorted(told.removeprefix(prefix).split("; "))
        message = sorted(message)
    else:
        before, separator, after = message.partition("Exception: ")
        if separator and before.isalpha():
            code, message = before + "Exception", after
        elif operation in SINGLE_ITEM_WRITES and message not in UNADORNED:
            message = "1 validation error detected: " + message
        if message.endswith("…"):
            told, message = (told or "")[:len(message) - 1], message[:-1]
    expected = NAMESPACES.get(code, "com.amazonaws.dynamodb.v20120810#") + code
    assert told == message, f"\ntold:     {told}\nexpected: {message}"
    assert (answer.status, body["__type"]) == (400, expected), body["__type"]
