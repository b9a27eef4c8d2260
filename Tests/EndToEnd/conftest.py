"""Fixtures: a server for the whole run, clients of it, and tables that go away after a test.

BASALT_BINARY names the binary under test (the release build of this checkout by default).
BASALT_ENDPOINT, `http://127.0.0.1:PORT`, runs what needs no process of its own against a server
that is already there.
"""

import itertools
import os
import urllib.parse

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from outside_server import OutsideServer
from raw_client import RawClient
from server_process import ServerProcess

REGION = "us-east-1"
table_numbers = itertools.count(1)


def make_client(endpoint, service="client", validates=False, **config):
    """A boto3 client without retries, so that each answer is seen once and as it is.

    - service: `client` or `resource` of DynamoDB, `streams`: a client of DynamoDB Streams, or
      `lambda` or `logs`.
    - validates: whether boto3 checks parameters itself; off, so that the server's checks are seen.
    """
    credentials = {
        "aws_access_key_id": config.pop("access_key", "test"),
        "aws_secret_access_key": config.pop("secret_key", "test"),
        "region_name": config.pop("region", REGION),
    }
    config.setdefault("max_pool_connections", 32)
    options = Config(
        retries={"total_max_attempts": 1}, connect_timeout=10, read_timeout=120,
        parameter_validation=validates, **config)
    make = boto3.resource if service == "resource" else boto3.client
    names = {"streams": "dynamodbstreams", "lambda": "lambda", "logs": "logs"}
    name = names.get(service, "dynamodb")
    return make(name, endpoint_url=endpoint, config=options, **credentials)


class ExistingServer:
    """A server that somebody else runs."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        self.port = urllib.parse.urlparse(endpoint).port


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    """The server that tests share, on disk and as durable as by default."""
    if "BASALT_ENDPOINT" in os.environ:
        yield ExistingServer(os.environ["BASALT_ENDPOINT"])
        return
    directory = tmp_path_factory.mktemp("shared-server")
    process = ServerProcess(directory / "data", log_path=directory / "log.txt").start()
    yield process
    process.stop()


@pytest.fixture(scope="session")
def outside(tmp_path_factory):
    """moto's server: S3, SQS, SNS, IAM outside of Basalt. Shared: use names of your own."""
    process = OutsideServer(log_path=tmp_path_factory.mktemp("outside") / "log.txt").start()
    yield process
    process.stop()


@pytest.fixture
def own_server(tmp_path):
    """Starts servers of a test's own; all are stopped after it."""
    if "BASALT_ENDPOINT" in os.environ:
        pytest.skip("needs a server process of its own")
    started = []

    def start(*arguments, data_dir=tmp_path / "data", **options):
        options.setdefault("log_path", tmp_path / f"log-{len(started)}.txt")
        process = ServerProcess(data_dir, *arguments, **options)
        started.append(process)
        return process.start()

    yield start
    for process in started:
        process.kill()


@pytest.fixture(scope="session")
def client(server):
    return make_client(server.endpoint)


@pytest.fixture(scope="session")
def resource(server):
    return make_client(server.endpoint, service="resource", validates=True)


@pytest.fixture
def raw(server):
    connection = RawClient(server.port)
    yield connection
    connection.close()


def key_schema(**keys):
    """`key_schema(hash="id", range="n")`; several attributes of a role are given as a list."""
    schema = []
    for role in ("hash", "range"):
        names = keys.get(role) or []
        for name in [names] if isinstance(names, str) else names:
            schema.append({"AttributeName": name, "KeyType": role.upper()})
    return schema


def definitions(**types):
    return [{"AttributeName": n, "AttributeType": t} for n, t in types.items()]


def index_of(name, projection="ALL", **keys):
    """An index; a list as projection means INCLUDE of those attributes."""
    if isinstance(projection, list):
        told = {"ProjectionType": "INCLUDE", "NonKeyAttributes": projection}
    else:
        told = {"ProjectionType": projection}
    return {"IndexName": name, "KeySchema": key_schema(**keys), "Projection": told}


def next_table_name():
    return f"table-{os.getpid()}-{next(table_numbers)}"


def delete_quietly(client, name):
    try:
        client.delete_table(TableName=name)
    except ClientError:
        pass


@pytest.fixture
def new_table(client):
    """Makes on-demand tables: `new_table(id="S", n="N")` is keyed by `id` and `n`.

    Further attribute types go to `attributes`, anything else to CreateTable as it is.
    """
    names = []

    def create(attributes=None, parameters=None, name=None, **keys):
        name = name or next_table_name()
        roles = dict(zip(("hash", "range"), keys))
        client.create_table(
            TableName=name, KeySchema=key_schema(**roles),
            AttributeDefinitions=definitions(**keys, **(attributes or {})),
            BillingMode="PAY_PER_REQUEST", **(parameters or {}))
        names.append(name)
        client.get_waiter("table_exists").wait(
            TableName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})
        return name

    yield create
    for name in names:
        delete_quietly(client, name)


@pytest.fixture(scope="session")
def tables(server):
    """One table by string hash, one by string hash and range with indexes, one by number."""
    client = make_client(server.endpoint)
    names = {role: next_table_name() for role in ("hash", "range", "number")}

    def create(role, attributes, keys, **parameters):
        client.create_table(
            TableName=names[role], KeySchema=keys, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": kind}
                for name, kind in attributes.items()], **parameters)

    create("hash", {"a": "S"}, key_schema(hash="a"))
    create("number", {"a": "N"}, key_schema(hash="a"))
    create("range", {"a": "S", "b": "S", "c": "S", "d": "S"}, key_schema(hash="a", range="b"),
           LocalSecondaryIndexes=[
               index_of("index1", hash="a", range="c"),
               index_of("index2", ["c"], hash="a", range="d")],
           GlobalSecondaryIndexes=[
               index_of("index3", hash="c"),
               index_of("index4", ["e"], hash="c", range="d")])
    yield names
    for name in names.values():
        delete_quietly(client, name)


@pytest.fixture
def simple_table(new_table):
    """A table keyed by the string `id`."""
    return new_table(id="S")


@pytest.fixture
def sorted_table(new_table):
    """A table keyed by the string `id` and the number `n`."""
    return new_table(id="S", n="N")


class Refusal:
    """What a refused call answered."""

    def __init__(self, error):
        self.code = error.response["Error"]["Code"]
        self.message = error.response["Error"].get("Message", "")
        self.status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        self.response = error.response


@pytest.fixture(scope="session")
def refused():
    """Calls what must be refused: `refused(client.get_item, TableName=…)` gives the Refusal."""

    def call(operation, **parameters):
        with pytest.raises(ClientError) as caught:
            operation(**parameters)
        return Refusal(caught.value)

    return call


@pytest.fixture(scope="session")
def invalid(refused):
    """Calls what must fail validation, with the message given.

    The service has begun to put `1 validation error detected: ` before messages that used to
    come bare; either form is right.
    """

    def call(message, operation, **parameters):
        refusal = refused(operation, **parameters)
        assert refusal.code == "ValidationException", refusal.message
        assert refusal.status == 400
        bare = refusal.message.removeprefix("1 validation error detected: ")
        if message.endswith("…"):
            assert bare.startswith(message[:-1])
        else:
            assert bare == message

    return call
