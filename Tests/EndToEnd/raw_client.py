"""DynamoDB requests made by hand over http.client: fast, and free to be wrong."""

import http.client
import json
import zlib

# Syntactically whole, so that a server that checks no signatures takes it.
AUTHORIZATION = (
    "AWS4-HMAC-SHA256 Credential=test/20261121/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host;x-amz-date;x-amz-target, Signature=" + "0" * 64)
DATE = "20261121T000000Z"
JSON_TYPE = "application/x-amz-json-1.0"
STREAMS_OPERATIONS = {"DescribeStream", "GetRecords", "GetShardIterator", "ListStreams"}


class ServiceFault(Exception):
    """An error answer: its HTTP status, its code (what follows `#`) and its message."""

    def __init__(self, status, body):
        self.status = status
        self.body = body
        self.type = body.get("__type", "")
        self.code = self.type.rpartition("#")[2]
        self.message = body.get("message", body.get("Message", ""))
        super().__init__(f"{status} {self.code}: {self.message}")


class Answer:
    """One HTTP answer, with its body as sent."""

    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body

    def json(self):
        return json.loads(self.body)

    def error(self):
        return ServiceFault(self.status, self.json())


def target_of(operation):
    """The X-Amz-Target of an operation of DynamoDB or DynamoDB Streams."""
    api = "DynamoDBStreams" if operation in STREAMS_OPERATIONS else "DynamoDB"
    return f"{api}_20120810.{operation}"


def headers_of(operation, **changes):
    """The headers of a plain request; a change to None leaves one out."""
    headers = {
        "Content-Type": JSON_TYPE,
        "X-Amz-Target": target_of(operation),
        "X-Amz-Date": DATE,
        "Authorization": AUTHORIZATION,
    }
    for name, value in changes.items():
        headers[name.replace("_", "-")] = value
    return {name: value for name, value in headers.items() if value is not None}


class RawClient:
    """A keep-alive connection that speaks the protocol without an SDK."""

    def __init__(self, port, timeout=60):
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)

    def send(self, operation, body, **header_changes):
        """Sends a body (bytes, or anything JSON can hold) and returns the answer as it is."""
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        self.connection.request("POST", "/", body, headers_of(operation, **header_changes))
        response = self.connection.getresponse()
        return Answer(response, response.read())

    def call(self, operation, **parameters):
        """Calls an operation; returns the decoded answer or raises a ServiceFault."""
        answer = self.send(operation, parameters)
        if answer.status != 200:
            raise answer.error()
        return json.loads(answer.body) if answer.body else {}

    def close(self):
        self.connection.close()


def checksum_matches(answer):
    """Whether x-amz-crc32 is that of the body as sent."""
    return int(answer.headers["x-amz-crc32"]) == zlib.crc32(answer.body)
