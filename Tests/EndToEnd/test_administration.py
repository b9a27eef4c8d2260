"""The administrative endpoint beside the clock: partitions split, conflicts are provoked."""

import json
import urllib.error
import urllib.request

import pytest
from botocore.exceptions import ClientError

from conftest import definitions, key_schema, make_client

SPLIT = "/_basalt/partitions/split"
CONFLICTS = "/_basalt/transactions/conflicts"


def ask(server, path, body, method="POST"):
    """A request to the administrative endpoint; returns the status and the decoded answer."""
    request = urllib.request.Request(
        server.endpoint + path, data=json.dumps(body).encode(), method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as response:
            return response.status, json.load(response)
    except urllib.error.HTTPError as error:
        text = error.read().decode()
        return error.code, json.loads(text) if text.startswith("{") else text


@pytest.fixture
def server(own_server):
    return own_server("--in-memory", "--administration")


def make_table(server, region="us-east-1"):
    make_client(server.endpoint, region=region).create_table(
        TableName="films", KeySchema=key_schema(hash="id"),
        AttributeDefinitions=definitions(id="S"), BillingMode="PAY_PER_REQUEST")


@pytest.mark.parametrize("flags", [[], ["--virtual-clock"]])
def test_it_is_absent_without_its_switch(own_server, flags):
    server = own_server("--in-memory", *flags)
    make_table(server)
    assert ask(server, SPLIT, {"TableName": "films"})[0] == 404
    assert ask(server, CONFLICTS, {"rate": 1})[0] == 404


def test_its_switch_does_not_open_the_clock(server):
    assert ask(server, "/_basalt/clock", {"advance": 5})[0] == 404


def test_partitions_split(server):
    make_table(server)
    status, answer = ask(server, SPLIT, {"TableName": "films"})
    assert status == 200
    count = answer["partitions"]
    assert count > 1
    for partition in (0, count):
        status, answer = ask(server, SPLIT, {"TableName": "films", "Partition": partition})
        assert (status, answer["partitions"]) == (200, count + 1)
        count += 1
    for body in ({"TableName": "films", "Partition": 10_000}, {"TableName": "nobody"}, {}):
        status, answer = ask(server, SPLIT, body)
        assert status == 400
        assert answer["message"]


def test_a_table_of_another_region(server):
    make_table(server, region="eu-west-1")
    assert ask(server, SPLIT, {"TableName": "films"})[0] == 400
    assert ask(server, SPLIT, {"TableName": "films", "Region": "eu-west-1"})[0] == 200


def test_conflicts(server, refused):
    make_table(server)
    client = make_client(server.endpoint)
    put = {"TableName": "films", "Item": {"id": {"S": "a"}}}
    client.put_item(**put)
    assert ask(server, CONFLICTS, {"rate": 1, "seed": 7}) == (200, {"rate": 1.0, "seed": 7})
    assert refused(client.put_item, **put).code == "TransactionConflictException"
    with pytest.raises(ClientError, match="TransactionConflict"):
        client.transact_write_items(TransactItems=[{"Put": put}])
    assert ask(server, CONFLICTS, {"rate": 0}, method="PUT")[0] == 200
    client.put_item(**put)
    client.transact_write_items(TransactItems=[{"Put": put}])
    assert ask(server, CONFLICTS, {"rate": 2})[0] == 400
