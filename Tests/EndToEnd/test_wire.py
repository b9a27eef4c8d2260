"""The protocol itself, without an SDK: HTTP, JSON, checksums, compression, errors."""

import gzip
import json
import re
import socket
import zlib

import pytest

from raw_client import AUTHORIZATION, RawClient, checksum_matches, headers_of


def send_bytes(port, data, seconds=20):
    """Sends bytes as they are and returns all that comes back until the server closes."""
    with socket.create_connection(("127.0.0.1", port), timeout=seconds) as connection:
        connection.sendall(data)
        received = b""
        try:
            while chunk := connection.recv(65536):
                received += chunk
        except (ConnectionResetError, TimeoutError):
            pass
        return received


def request_bytes(body, operation="ListTables", *more):
    lines = ["POST / HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers_of(operation).items()]
    return "\r\n".join([*lines, *more, "", ""]).encode() + body


class TestAnswers:
    def test_headers(self, raw):
        answer = raw.send("ListTables", {})
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/x-amz-json-1.0"
        assert re.fullmatch(r"[0-9A-Z]{52}", answer.headers["x-amzn-RequestId"])
        assert int(answer.headers["Content-Length"]) == len(answer.body)
        assert answer.headers["Date"] and answer.headers["Server"]
        assert checksum_matches(answer)

    def test_request_ids_differ(self, raw):
        ids = {raw.send("ListTables", {}).headers["x-amzn-RequestId"] for _ in range(50)}
        assert len(ids) == 50

    def test_content_type_is_echoed(self, raw):
        answer = raw.send("ListTables", {}, Content_Type="application/x-amz-json-1.1")
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/x-amz-json-1.1"

    def test_empty_answers(self, raw, simple_table):
        answer = raw.send("PutItem", {"TableName": simple_table, "Item": {"id": {"S": "a"}}})
        assert answer.body == b"{}"
        arn = raw.call("DescribeTable", TableName=simple_table)["Table"]["TableArn"]
        answer = raw.send("TagResource", {
            "ResourceArn": arn, "Tags": [{"Key": "a", "Value": "b"}]})
        assert (answer.status, answer.body) == (200, b"")

    def test_errors_have_a_checksum_and_a_type(self, raw):
        answer = raw.send("DescribeTable", {"TableName": "no-such-table"})
        assert answer.status == 400
        assert checksum_matches(answer)
        assert answer.json()["__type"] == (
            "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException")

    def test_health(self, server):
        received = send_bytes(server.port, (
            "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n").encode())
        assert received.startswith(b"HTTP/1.1 200")
        assert b"healthy: " in received

    def test_text_is_told_in_utf8(self, raw, simple_table):
        text = "\u0000\u001f\"\\/ é 日本 🪨 \u2028"
        raw.call("PutItem", TableName=simple_table, Item={"id": {"S": text}})
        assert raw.call("GetItem", TableName=simple_table, Key={"id": {"S": text}}) == {
            "Item": {"id": {"S": text}}}

    def test_escapes_in_the_request(self, raw, simple_table):
        body = ('{"TableName":"%s","Item":{"\\u0069d":{"S":"\\uD83E\\uDEA8"}}}' % simple_table)
        assert raw.send("PutItem", body.encode()).status == 200
        assert raw.call("Scan", TableName=simple_table)["Items"] == [{"id": {"S": "🪨"}}]


class TestConnections:
    def test_keep_alive(self, server):
        client = RawClient(server.port)
        client.send("ListTables", {})
        used = client.connection.sock
        for _ in range(20):
            client.send("DescribeTable", {"TableName": "no-such-table"})
            assert client.connection.sock is used
        client.close()

    def test_pipelined_requests_are_answered_in_order(self, server, raw, simple_table):
        raw.call("PutItem", TableName=simple_table, Item={"id": {"S": "a"}})
        bodies = []
        for i in range(20):
            if i % 2:
                bodies.append(("ListTables", {"Limit": 1}))
            else:
                bodies.append(("GetItem", {"TableName": simple_table, "Key": {"id": {"S": "a"}}}))
        data = b"".join(
            request_bytes(json.dumps(body).encode(), operation)
            for operation, body in bodies[:-1])
        data += request_bytes(json.dumps(bodies[-1][1]).encode(), "ListTables",
                              "Connection: close")
        received = send_bytes(server.port, data)
        kinds = re.findall(rb'"(Item|TableNames)"', received)
        assert kinds == [b"Item", b"TableNames"] * 10

    def test_body_in_pieces(self, server):
        data = request_bytes(b'{"Limit": 10}', "ListTables", "Connection: close")
        with socket.create_connection(("127.0.0.1", server.port), timeout=20) as connection:
            for i in range(0, len(data), 7):
                connection.sendall(data[i:i + 7])
            received = b""
            while chunk := connection.recv(65536):
                received += chunk
        assert received.startswith(b"HTTP/1.1 200")

    def test_chunked_body(self, server):
        head = request_bytes(b"", "ListTables", "Connection: close",
                             "Transfer-Encoding: chunked").replace(b"Content-Length: 0\r\n", b"")
        received = send_bytes(server.port, head + b'5\r\n{"Lim\r\n8\r\nit": 10}\r\n0\r\n\r\n')
        assert received.startswith(b"HTTP/1.1 200")
        assert b"TableNames" in received

    def test_garbage_is_refused_and_the_server_lives(self, server, raw):
        for data in (b"\x16\x03\x01\x02\x00\x01\x00", b"NONSENSE\r\n\r\n", b"\r\n" * 100,
                     b"GET / HTTP/9.9\r\n\r\n", b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n",
                     b"\x00" * 5000):
            send_bytes(server.port, data, seconds=2)
        assert raw.send("ListTables", {}).status == 200

    def test_abandoned_requests(self, server, raw):
        for cut in (10, 60, 200):
            with socket.create_connection(("127.0.0.1", server.port)) as connection:
                connection.sendall(request_bytes(b"{}" + b" " * 1000)[:cut])
        assert raw.send("ListTables", {}).status == 200


class TestBounds:
    def test_body_of_more_than_16_megabytes(self, server, raw):
        body = b'{"Limit": 1, "x": "' + b"x" * (16 * 1024 * 1024) + b'"}'
        received = send_bytes(server.port, request_bytes(body, "ListTables", "Connection: close"))
        head, _, body = received.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 413")
        assert b"Transfer-Encoding: chunked" in head
        assert body.endswith(b"\r\n0\r\n\r\n")
        assert raw.send("ListTables", {}).status == 200

    def test_gzip_that_swells(self, raw):
        # 200 MB of spaces in some 200 KB.
        packer = zlib.compressobj(9, wbits=31)
        body = b"".join(packer.compress(b" " * 1_000_000) for _ in range(200)) + packer.flush()
        answer = raw.send("ListTables", body, Content_Encoding="gzip")
        assert answer.status == 413

    def test_long_header(self, server, raw):
        received = send_bytes(server.port, request_bytes(b"{}", "ListTables", "X-Long: " + "x" * 70_000))
        assert received == b"" or received.startswith((b"HTTP/1.1 400", b"HTTP/1.1 431"))
        assert raw.send("ListTables", {}).status == 200

    def test_deep_nesting_is_harmless(self, raw):
        for opener, closer in ((b"[", b"]"), (b'{"a":', b"}")):
            body = b'{"x": ' + opener * 200_000 + b"1" + closer * 200_000 + b"}"
            assert raw.send("ListTables", body).status in (200, 400)
            assert raw.send("PutItem", body).status == 400


class TestCompression:
    def test_gzip_request(self, raw):
        answer = raw.send("ListTables", gzip.compress(b'{"Limit": 5}'), Content_Encoding="gzip")
        assert answer.status == 200

    def test_gzip_request_of_several_members(self, raw):
        body = gzip.compress(b'{"Lim') + gzip.compress(b'it": 0}')
        error = raw.send("ListTables", body, Content_Encoding="gzip").error()
        assert error.code == "ValidationException"

    def test_broken_gzip(self, raw):
        body = gzip.compress(b'{"Limit": 5}')[:-6] + b"xxxxxx"
        assert raw.send("ListTables", body, Content_Encoding="gzip").status == 400

    def test_large_answers_are_compressed_when_asked(self, raw, simple_table):
        item = {"id": {"S": "a"}, "x": {"S": "x" * 20_000}}
        raw.call("PutItem", TableName=simple_table, Item=item)
        get = {"TableName": simple_table, "Key": {"id": {"S": "a"}}}
        packed = raw.send("GetItem", get, Accept_Encoding="gzip")
        assert packed.headers["Content-Encoding"] == "gzip"
        assert checksum_matches(packed), "the checksum is that of the body as sent"
        assert json.loads(gzip.decompress(packed.body)) == {"Item": item}
        plain = raw.send("GetItem", get, Accept_Encoding="identity")
        assert plain.headers["Content-Encoding"] is None
        assert plain.json() == {"Item": item}


class TestErrors:
    @pytest.mark.parametrize("target", [
        "DynamoDB_20120810.Nonsense", "DynamoDB_20990101.ListTables", "ListTables", None])
    def test_unknown_operations(self, raw, target):
        answer = raw.send("ListTables", {}, X_Amz_Target=target)
        assert answer.status in (400, 404)
        if target and target.endswith("Nonsense"):
            assert answer.error().code == "UnknownOperationException"

    @pytest.mark.parametrize("body", [
        b"", b"{", b"[]", b'"text"', b"{'a': 1}", b'{"a": 1,}', b'{"a": 01}', b"\xff\xfe",
        b'{"TableName": 5}', b'{"TableName": "abc", "Key": []}', b'{} {}',
        b'{"TableName": "abc", "Key": {"id": {"N": 5}}}',
        b'{"TableName": "abc", "Key": {"id": {"B": "!!"}}}',
        b'{"TableName": "abc", "Key": {"id": {"B": "YQ="}}}',
        b'{"TableName": "abc", "Key": {"id": "a"}}',
        b'{"TableName": "abc", "Key": {"id": {"S": "\xff"}}}',
        b'{"TableName": "abc", "Key": {"id": {"S": "a"}}, "ConsistentRead": "maybe"}',
    ])
    def test_unreadable_bodies(self, raw, body):
        answer = raw.send("GetItem", body)
        assert answer.status == 400
        assert answer.error().code == "SerializationException"

    def test_types_come_after_the_signature(self, raw):
        answer = raw.send("GetItem", {"TableName": 5}, Authorization=None)
        assert answer.error().code == "MissingAuthenticationTokenException"
        answer = raw.send("GetItem", b'{"TableName": 5', Authorization=None)
        assert answer.json() == {"__type": "com.amazon.coral.service#SerializationException"}

    @pytest.mark.parametrize("operation, body, answer", [
        ("GetItem", {"TableName": "abc", "Key": {"id": {"N": 5}}},
         {"__type": "com.amazon.coral.service#SerializationException",
          "Message": "NUMBER_VALUE cannot be converted to String"}),
        ("GetItem", {"TableName": "abc", "Key": {"id": {"N": "x"}}},
         {"__type": "com.amazon.coral.validate#ValidationException",
          "message": "The parameter cannot be converted to a numeric value: x"}),
        ("GetRecords", {},
         {"__type": "com.amazon.coral.validate#ValidationException",
          "message": "1 validation error detected: Value null at 'shardIterator' failed to satisfy "
                     "constraint: Member must not be null"}),
        ("GetItem", {"TableName": "no-such-table", "Key": {"id": {"S": "x"}}},
         {"__type": "com.amazonaws.dynamodb.v20120810#ResourceNotFoundException",
          "message": "Requested resource not found"}),
        ("NoOperation", {}, {"__type": "com.amazon.coral.service#UnknownOperationException"}),
    ])
    def test_bodies(self, raw, operation, body, answer):
        assert raw.send(operation, body).json() == answer

    @pytest.mark.parametrize("body, status, code", [
        (b"{}", 404, "UnknownOperationException"), (b"{", 400, "SerializationException")])
    def test_plain_json(self, raw, body, status, code):
        answer = raw.send("ListTables", body, Content_Type="application/json")
        assert answer.status == status
        assert answer.json()["Version"] == "1.0"
        assert answer.json()["Output"]["__type"] == "com.amazon.coral.service#" + code
        assert checksum_matches(answer)

    def test_unknown_members_are_ignored(self, raw):
        assert raw.send("ListTables", {"Limit": 5, "Unknown": {"deep": [1, None]}}).status == 200

    def test_null_members_are_absent(self, raw):
        assert raw.send("ListTables", {"Limit": None}).status == 200

    @pytest.mark.parametrize("authorization, code", [
        (None, "MissingAuthenticationTokenException"),
        ("AWS4-HMAC-SHA256 Credential=a/b", "IncompleteSignatureException"),
        ("AWS4-HMAC-SHA256 nonsense", "IncompleteSignatureException"),
    ])
    def test_authorization(self, raw, authorization, code):
        answer = raw.send("ListTables", {}, Authorization=authorization)
        assert answer.status == 400
        assert answer.error().code == code

    def test_commas_without_spaces(self, raw):
        assert raw.send(
            "ListTables", {}, Authorization=AUTHORIZATION.replace(", ", ",")).status == 200


class TestCrossOrigin:
    def test_preflight(self, server):
        received = send_bytes(server.port, (
            "OPTIONS / HTTP/1.1\r\nHost: 127.0.0.1\r\nOrigin: http://example.com\r\n"
            "Access-Control-Request-Method: POST\r\n"
            "Access-Control-Request-Headers: authorization,x-amz-target\r\n"
            "Connection: close\r\n\r\n").encode())
        head = received.split(b"\r\n\r\n")[0].decode().lower()
        assert head.startswith("http/1.1 20")
        assert "access-control-allow-origin: " in head
        assert "x-amz-target" in head or "access-control-allow-headers: *" in head

    def test_answers(self, raw):
        answer = raw.send("ListTables", {}, Origin="http://example.com")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Access-Control-Expose-Headers"] == (
            "x-amzn-RequestId,x-amzn-ErrorType,x-amzn-ErrorMessage,Date")
