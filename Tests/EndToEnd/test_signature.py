"""Signatures: with a key pair configured, only requests signed with it are done."""

import datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from conftest import make_client
from raw_client import RawClient

ACCESS_KEY = "AKIDEXAMPLE"
SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"


@pytest.fixture
def locked_server(own_server):
    return own_server("--access-key", ACCESS_KEY, "--secret-key", SECRET_KEY)


def signed_headers(port, body, at=None, monkeypatch=None):
    """Headers of a ListTables call signed with the right key, at a time of one's choice."""
    request = AWSRequest(
        "POST", f"http://127.0.0.1:{port}/", data=body,
        headers={"Content-Type": "application/x-amz-json-1.0",
                 "X-Amz-Target": "DynamoDB_20120810.ListTables"})
    signer = SigV4Auth(Credentials(ACCESS_KEY, SECRET_KEY), "dynamodb", "us-east-1")
    if at is not None:
        monkeypatch.setattr(
            "botocore.auth.get_current_datetime",
            lambda remove_tzinfo=True: at, raising=False)
    signer.add_auth(request)
    return dict(request.headers.items())


def send_signed(port, headers, body):
    client = RawClient(port)
    client.connection.request("POST", "/", body, headers)
    response = client.connection.getresponse()
    data = response.read()
    client.close()
    return response.status, data.decode()


def test_right_key(locked_server):
    client = make_client(locked_server.endpoint, access_key=ACCESS_KEY, secret_key=SECRET_KEY)
    assert client.list_tables()["TableNames"] == []
    # Signed bodies of some size, with characters that need care.
    client.create_table(
        TableName="signed", KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST")
    client.put_item(TableName="signed", Item={"id": {"S": "naïve + %20 🪨"}})
    assert client.scan(TableName="signed")["Count"] == 1


def test_paths_with_escapes(locked_server, refused):
    keys = {"access_key": ACCESS_KEY, "secret_key": SECRET_KEY}
    client = make_client(locked_server.endpoint, "lambda", **keys)
    arn = "arn:aws:lambda:us-east-1:000000000000:function:naïve name"
    # The signature is right, and so the answer is about the function or its name.
    for refusal in (
            refused(client.get_function, FunctionName="mail", Qualifier="$LATEST"),
            refused(client.get_function, FunctionName=arn.replace("naïve name", "mail")),
            refused(client.list_tags, Resource=arn.replace("naïve name", "mail")),
            refused(client.get_function, FunctionName=arn),
            refused(client.get_function, FunctionName="a/b c%2F~+")):
        assert refusal.code in ("ResourceNotFoundException", "ValidationException"), refusal.code
    logs = make_client(locked_server.endpoint, "logs", **keys)
    assert logs.describe_log_groups()["logGroups"] == []
    for service in ("lambda", "logs"):
        other = make_client(
            locked_server.endpoint, service, access_key=ACCESS_KEY, secret_key="wrong")
        call = other.list_functions if service == "lambda" else other.describe_log_groups
        refusal = refused(call)
        assert refusal.code == "InvalidSignatureException"
        assert refusal.status == (403 if service == "lambda" else 400)


def test_wrong_secret(locked_server, refused):
    client = make_client(locked_server.endpoint, access_key=ACCESS_KEY, secret_key="wrong")
    refusal = refused(client.list_tables)
    assert refusal.code == "InvalidSignatureException"
    assert refusal.message.startswith(
        "The request signature we calculated does not match the signature you provided.")


def test_unknown_access_key(locked_server, refused):
    client = make_client(locked_server.endpoint, access_key="AKIDOTHER", secret_key=SECRET_KEY)
    refusal = refused(client.list_tables)
    assert refusal.code == "UnrecognizedClientException"
    assert refusal.message == "The security token included in the request is invalid."


def test_unsigned(locked_server):
    client = RawClient(locked_server.port)
    error = client.send("ListTables", {}, Authorization=None).error()
    assert error.code == "MissingAuthenticationTokenException"
    client.close()


def test_changed_body(locked_server):
    headers = signed_headers(locked_server.port, b'{"Limit": 5}')
    assert send_signed(locked_server.port, headers, b'{"Limit": 5}')[0] == 200
    status, text = send_signed(locked_server.port, headers, b'{"Limit": 6}')
    assert status == 400
    assert "InvalidSignatureException" in text


@pytest.mark.parametrize("minutes, words", [
    (-60, "Signature expired"), (60, "Signature not yet current")])
def test_time(locked_server, monkeypatch, minutes, words):
    now = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)
    headers = signed_headers(
        locked_server.port, b"{}", now + datetime.timedelta(minutes=minutes), monkeypatch)
    status, text = send_signed(locked_server.port, headers, b"{}")
    assert status == 400
    assert "InvalidSignatureException" in text
    assert words in text


def test_without_a_key_pair_any_credentials_do(server):
    client = make_client(server.endpoint, access_key="anybody", secret_key="anything")
    client.list_tables()
