"""What is refused once the table is known, and what answers hold, operation by operation."""

import pytest

from fidelity import check_refusal, invalid

SCHEMA = "The provided key element does not match the schema"
WRONG_START = "The provided starting key is invalid"
TYPES = {"S": "a", "N": "1", "B": "YQ==", "SS": ["a"], "NS": ["1"], "BS": ["YQ=="],
         "BOOL": True, "NULL": True, "L": [], "M": {}}


def s(**attributes):
    return {name: {"S": value} for name, value in attributes.items()}


class TestKeys:
    KEYS = [
        ("hash", {}), ("hash", s(b="a")), ("hash", s(a="a", b="a")),
        ("range", {}), ("range", s(a="a")), ("range", s(b="a")), ("range", s(a="a", c="a")),
        ("range", s(a="a", b="a", c="a")), ("range", s(a="a") | {"b": {"N": "1"}}),
        *[("hash", {"a": {kind: value}}) for kind, value in TYPES.items() if kind != "S"],
        *[("number", {"a": {kind: value}}) for kind, value in TYPES.items() if kind != "N"],
    ]

    @pytest.mark.parametrize("role, key", KEYS)
    @pytest.mark.parametrize("operation", ["GetItem", "DeleteItem", "UpdateItem"])
    def test_single(self, raw, tables, operation, role, key):
        request = {"TableName": tables[role], "Key": key}
        answer = raw.send(operation, request)
        assert answer.json()["message"] == SCHEMA

    @pytest.mark.parametrize("role, key", KEYS)
    def test_batches(self, raw, tables, role, key):
        check_refusal(raw, "BatchGetItem", {"RequestItems": {tables[role]: {"Keys": [key]}}},
                      SCHEMA)
        check_refusal(raw, "BatchWriteItem", {"RequestItems": {
            tables[role]: [{"DeleteRequest": {"Key": key}}]}}, SCHEMA)

    @pytest.mark.parametrize("role, item, message", [
        ("hash", {}, invalid("Missing the key a in the item")),
        ("hash", s(b="a"), invalid("Missing the key a in the item")),
        ("range", s(b="a"), invalid("Missing the key a in the item")),
        ("range", s(a="a"), invalid("Missing the key b in the item")),
        *[("hash", {"a": {kind: value}},
           invalid(f"Type mismatch for key a expected: S actual: {kind}"))
          for kind, value in TYPES.items() if kind != "S"],
        *[("number", {"a": {kind: value}},
           invalid(f"Type mismatch for key a expected: N actual: {kind}"))
          for kind, value in TYPES.items() if kind != "N"],
        ("range", s(a="a") | {"b": {"N": "1"}},
         invalid("Type mismatch for key b expected: S actual: N")),
        # The partition key is told whole before the sort key.
        ("range", s(a="a" * 2049), invalid(
            "Size of hashkey has exceeded the maximum size limit of2048 bytes")),
        ("range", s(a="a", b="b" * 1025), invalid(
            "Aggregated size of all range keys has exceeded the size limit of 1024 bytes")),
        ("range", s(a="a", b="b") | {"d": {"N": "1"}}, invalid(
            "Type mismatch for Index Key d Expected: S Actual: N IndexName: index2")),
        ("range", s(a="a", b="b") | {"c": {"N": "1"}}, invalid(
            "Type mismatch for Index Key c Expected: S Actual: N IndexName: index1")),
        ("range", s(a="a", b="b", d=""),
         "One or more parameter values are not valid. A value specified for a secondary index "
         "key is not supported. The AttributeValue for a key attribute cannot contain an empty "
         "string value. IndexName: index2, IndexKey: d"),
    ])
    def test_items(self, raw, tables, role, item, message):
        answer = raw.send("PutItem", {"TableName": tables[role], "Item": item})
        assert answer.json()["message"] == message
        check_refusal(raw, "BatchWriteItem", {"RequestItems": {
            tables[role]: [{"PutRequest": {"Item": item}}]}}, message)


class TestStartingKeys:
    @pytest.mark.parametrize("index, start, message", [
        (None, {}, f"{WRONG_START}: {SCHEMA}"),
        (None, s(a="a"), f"{WRONG_START}: {SCHEMA}"),
        (None, s(a="a", c="a"), f"{WRONG_START}: {SCHEMA}"),
        (None, s(a="a", b="b", c="c"), f"{WRONG_START}: {SCHEMA}"),
        (None, s(a="a") | {"b": {"N": "1"}}, f"{WRONG_START}: {SCHEMA}"),
        ("index1", {}, WRONG_START),
        ("index1", s(a="a", b="b"), WRONG_START),
        ("index1", s(a="a", b="b", d="c"), f"{WRONG_START}: {SCHEMA}"),
        ("index1", s(a="a", b="b") | {"c": {"N": "1"}}, f"{WRONG_START}: {SCHEMA}"),
        ("index1", s(a="a", b="b", c="c", d="d"), WRONG_START),
        ("index3", s(c="c"), WRONG_START),
        ("index4", s(a="a", b="b", c="c"), WRONG_START),
        ("index4", s(a="a", b="b", c="c", e="d"), f"{WRONG_START}: {SCHEMA}"),
    ])
    def test_scan(self, raw, tables, index, start, message):
        request = {"TableName": tables["range"], "ExclusiveStartKey": start}
        check_refusal(raw, "Scan", request | ({"IndexName": index} if index else {}), message)

    def test_scan_of_a_segment(self, raw, tables):
        refused = 0
        for segment in (0, 1):
            answer = raw.send("Scan", {
                "TableName": tables["hash"], "Segment": segment, "TotalSegments": 2,
                "ExclusiveStartKey": s(a="a")})
            if answer.status != 200:
                refused += 1
                assert answer.json()["message"] == (
                    "The provided starting key is invalid: Invalid ExclusiveStartKey. Please use "
                    "ExclusiveStartKey with correct Segment. TotalSegments: 2 Segment: "
                    f"{segment}")
        assert refused == 1

    @pytest.mark.parametrize("condition, start, message", [
        ("a = :a", {}, f"{WRONG_START}: {SCHEMA}"),
        ("a = :a", s(a="z", b="b"),
         "The provided starting key is outside query boundaries based on provided conditions"),
        ("a = :a AND b > :a", s(a="a", b="a"),
         "The provided starting key does not match the range key predicate"),
        ("a = :a AND b = :a", s(a="a", b="a"),
         "The query can return at most one row and cannot be restarted"),
    ])
    def test_query(self, raw, tables, condition, start, message):
        check_refusal(raw, "Query", {
            "TableName": tables["range"], "KeyConditionExpression": condition,
            "ExpressionAttributeValues": {":a": {"S": "a"}}, "ExclusiveStartKey": start}, message)


class TestQueries:
    @pytest.mark.parametrize("condition, values, index, message", [
        ("b = :s", {":s": {"S": "a"}}, None, "Query condition missed key schema element: a"),
        ("a > :s", {":s": {"S": "a"}}, None, "Query key condition not supported"),
        ("a = :s AND c = :s", {":s": {"S": "a"}}, None,
         "Query condition missed key schema element: b"),
        ("a = :n", {":n": {"N": "1"}}, None,
         invalid("Condition parameter type does not match schema type")),
        ("a = :s AND b < :n", {":s": {"S": "a"}, ":n": {"N": "1"}}, None,
         invalid("Condition parameter type does not match schema type")),
        ("a = :s AND b = :s", {":s": {"S": "a"}}, "index1",
         "Query condition missed key schema element: c"),
        ("c = :s AND b = :s", {":s": {"S": "a"}}, "index4",
         "Query condition missed key schema element: d"),
        ("a = :s", {":s": {"S": "a"}}, "index4",
         "Query condition missed key schema element: c"),
        ("a = :s", {":s": {"S": "a"}}, "whatever",
         "The table does not have the specified index: whatever"),
        ("a = :s", {":s": {"S": ""}}, None,
         "One or more parameter values are not valid. The AttributeValue for a key attribute "
         "cannot contain an empty string value. Key: a"),
    ])
    def test_key_conditions(self, raw, tables, condition, values, index, message):
        request = {"TableName": tables["range"], "KeyConditionExpression": condition,
                   "ExpressionAttributeValues": values}
        check_refusal(raw, "Query", request | ({"IndexName": index} if index else {}), message)

    @pytest.mark.parametrize("operation", ["Query", "Scan"])
    @pytest.mark.parametrize("parameters, message", [
        ({"IndexName": "index3", "ConsistentRead": True},
         "Consistent reads are not supported on global secondary indexes"),
        ({"IndexName": "index4", "Select": "ALL_ATTRIBUTES"},
         invalid("Select type ALL_ATTRIBUTES is not supported for global secondary index index4 "
                 "because its projection type is not ALL")),
        ({"IndexName": "index4", "AttributesToGet": ["f"]},
         invalid("Global secondary index index4 does not project [f]")),
        ({"IndexName": "index4", "ProjectionExpression": "f.x, e"},
         invalid("Global secondary index index4 does not project [f]")),
        ({"IndexName": "nothing"}, "The table does not have the specified index: nothing"),
    ])
    def test_indexes(self, raw, tables, operation, parameters, message):
        request = {"TableName": tables["range"]} | parameters
        if operation == "Query":
            request["KeyConditions"] = {
                "c": {"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}]}}
            if "ProjectionExpression" in parameters:
                del request["KeyConditions"]
                request["KeyConditionExpression"] = "c = :c"
                request["ExpressionAttributeValues"] = {":c": {"S": "a"}}
        check_refusal(raw, operation, request, message)

    @pytest.mark.parametrize("parameters, message", [
        ({"FilterExpression": "b = :a"},
         "Filter Expression can only contain non-primary key attributes: Primary key attribute: "
         "b"),
        ({"FilterExpression": "attribute_exists(a.x)"},
         "Filter Expression can only contain non-primary key attributes: Primary key attribute: "
         "a"),
    ])
    def test_filters(self, raw, tables, parameters, message):
        check_refusal(raw, "Query", {
            "TableName": tables["range"], "KeyConditionExpression": "a = :a",
            "ExpressionAttributeValues": {":a": {"S": "a"}}} | parameters, message)


def update(name, expression, **values):
    request = {"TableName": name, "Key": s(a="update"), "UpdateExpression": expression}
    values = {f":{key}": value for key, value in values.items()}
    return request | ({"ExpressionAttributeValues": values} if values else {})


class TestUpdates:
    @pytest.fixture(autouse=True)
    def item(self, raw, tables):
        raw.call("PutItem", TableName=tables["hash"], Item=s(a="update", s="s") | {
            "n": {"N": "1"}, "l": {"L": [{"S": "x"}]}, "m": {"M": {"k": {"S": "v"}}},
            "ss": {"SS": ["x"]}})
        yield

    @pytest.mark.parametrize("expression, values, message", [
        ("SET a = :v", {"v": {"S": "x"}},
         invalid("Cannot update attribute a. This attribute is part of the key")),
        ("REMOVE a.b", {},
         invalid("Cannot update attribute a. This attribute is part of the key")),
        ("SET x = y", {},
         "The provided expression refers to an attribute that does not exist in the item"),
        ("SET x = y + :v", {"v": {"N": "1"}},
         "The provided expression refers to an attribute that does not exist in the item"),
        ("SET x = s + :v", {"v": {"N": "1"}},
         "An operand in the update expression has an incorrect data type"),
        ("SET x = list_append(s, :v)", {"v": {"L": []}},
         "An operand in the update expression has an incorrect data type"),
        ("ADD s :v", {"v": {"N": "1"}},
         "An operand in the update expression has an incorrect data type"),
        ("ADD ss :v", {"v": {"NS": ["1"]}},
         "An operand in the update expression has an incorrect data type"),
        ("DELETE n :v", {"v": {"NS": ["1"]}},
         "An operand in the update expression has an incorrect data type"),
        ("SET x.y = :v", {"v": {"S": "x"}},
         "The document path provided in the update expression is invalid for update"),
        ("SET s.y = :v", {"v": {"S": "x"}},
         "The document path provided in the update expression is invalid for update"),
        ("SET m[0] = :v", {"v": {"S": "x"}},
         "The document path provided in the update expression is invalid for update"),
        ("SET l.k = :v", {"v": {"S": "x"}},
         "The document path provided in the update expression is invalid for update"),
        ("REMOVE x.y", {},
         "The document path provided in the update expression is invalid for update"),
        ("ADD x.y :v", {"v": {"N": "1"}},
         "The document path provided in the update expression is invalid for update"),
    ])
    def test_refused(self, raw, tables, expression, values, message):
        answer = raw.send("UpdateItem", update(tables["hash"], expression, **values))
        assert answer.json().get("message") == message, answer.body

    @pytest.mark.parametrize("expression, values, message", [
        ("SET c = :v", {"v": {"N": "1"}},
         invalid("Type mismatch for Index Key c Expected: S Actual: N IndexName: index1")),
        ("ADD d :v", {"v": {"N": "1"}},
         invalid("Type mismatch for Index Key d Expected: S Actual: N IndexName: index2")),
        ("SET c = if_not_exists(x, :v)", {"v": {"N": "1"}},
         invalid("Type mismatch for Index Key c Expected: S Actual: N IndexName: index1")),
        ("SET c = n", {},
         "The update expression attempted to update the secondary index key to unsupported type"),
        ("SET c = :v", {"v": {"S": ""}},
         "One or more parameter values are not valid. The update expression attempted to update "
         "a secondary index key to a value that is not supported. The AttributeValue for a key "
         "attribute cannot contain an empty string value."),
    ])
    def test_index_keys(self, raw, tables, expression, values, message):
        key = s(a="a", b="b")
        raw.call("PutItem", TableName=tables["range"], Item=key | {"n": {"N": "1"}})
        answer = raw.send(
            "UpdateItem", update(tables["range"], expression, **values) | {"Key": key})
        assert answer.json().get("message") == message, answer.body

    @pytest.mark.parametrize("updates, message", [
        ({"s": {"Action": "ADD", "Value": {"N": "1"}}}, "Type mismatch for attribute to update"),
        ({"ss": {"Action": "DELETE", "Value": {"NS": ["1"]}}},
         "Type mismatch for attribute to update"),
        ({"n": {"Action": "DELETE", "Value": {"NS": ["1"]}}},
         "Type mismatch for attribute to update"),
        ({"a": {"Value": {"S": "x"}}},
         invalid("Cannot update attribute a. This attribute is part of the key")),
    ])
    def test_legacy_refused(self, raw, tables, updates, message):
        answer = raw.send("UpdateItem", {
            "TableName": tables["hash"], "Key": s(a="update"), "AttributeUpdates": updates})
        assert answer.json().get("message") == message, answer.body

    @pytest.mark.parametrize("update, makes", [
        ({}, True),
        ({"UpdateExpression": "REMOVE x"}, False),
        ({"UpdateExpression": "REMOVE x SET y = :y",
          "ExpressionAttributeValues": {":y": {"S": "y"}}}, True),
        ({"UpdateExpression": "DELETE x :y",
          "ExpressionAttributeValues": {":y": {"SS": ["y"]}}}, False),
        ({"AttributeUpdates": {}}, True),
        ({"AttributeUpdates": {"x": {"Action": "DELETE"}}}, False),
        ({"AttributeUpdates": {"x": {"Action": "DELETE", "Value": {"SS": ["y"]}}}}, False),
        ({"AttributeUpdates": {"x": {"Action": "ADD", "Value": {"N": "1"}}}}, True),
    ])
    def test_absent_item(self, raw, tables, update, makes):
        key = s(a=f"absent {update}")
        answer = raw.call("UpdateItem", TableName=tables["hash"], Key=key,
                          ReturnValues="ALL_NEW", **update)
        item = raw.call("GetItem", TableName=tables["hash"], Key=key).get("Item")
        assert (item is not None) == makes
        assert answer.get("Attributes") == item
