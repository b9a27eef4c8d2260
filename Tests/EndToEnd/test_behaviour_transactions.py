"""What cancels a transaction, what a token remembers, what is told of a transaction."""

import pytest

from conftest import definitions, delete_quietly, index_of, key_schema, next_table_name

BIG = "x" * 300_000
FAILED = {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"}
MISMATCH = "The provided key element does not match the schema"
INVALID = "One or more parameter values were invalid: "


def nested(depth):
    """Lists in lists."""
    value = {"S": "x"}
    for _ in range(depth):
        value = {"L": [value]}
    return value


@pytest.fixture(scope="module")
def table(client):
    """A table of two keys with a global and a local index; every test uses items of its own."""
    name = next_table_name()
    client.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=key_schema(hash="p", range="n"),
        AttributeDefinitions=definitions(p="S", n="N", g="S", r="S"),
        GlobalSecondaryIndexes=[index_of("by-g", hash="g")],
        LocalSecondaryIndexes=[index_of("by-r", hash="p", range="r")])
    yield name
    delete_quietly(client, name)


@pytest.fixture
def key(request):
    """The key of an item of the test's own."""
    return {"p": {"S": request.node.name}, "n": {"N": "1"}}


def update(table, key, expression, *values, **more):
    if values:
        more["ExpressionAttributeValues"] = {":v": values[0]}
    return {"Update": {
        "TableName": table, "Key": key, "UpdateExpression": expression, **more}}


def put(table, item, **more):
    return {"Put": {"TableName": table, "Item": item, **more}}


def fine(table, key):
    return put(table, dict(key, n={"N": "99"}))


def reasons(client, refused, *actions, **more):
    refusal = refused(client.transact_write_items, TransactItems=list(actions), **more)
    assert refusal.code == "TransactionCanceledException", refusal.message
    codes = [reason["Code"] for reason in refusal.response["CancellationReasons"]]
    assert refusal.message == (
        "Transaction cancelled, please refer cancellation reasons for specific reasons "
        f"[{', '.join(codes)}]")
    assert "ConsumedCapacity" not in refusal.response
    return refusal.response["CancellationReasons"]


ITEM = {"s": {"S": "text"}, "i": {"N": "1"}, "big": {"S": BIG}, "m": {"M": {"a": {"N": "1"}}},
        "l": {"L": [{"N": "1"}]}, "huge": {"N": "9E125"}, "ss": {"SS": ["a"]}, "e": {"S": ""},
        "long": {"S": "x" * 2049}}

# The service lists these under "Validation Error" in its documentation.
UPDATES = [
    ("SET i = s + :v", [{"N": "1"}],
     "An operand in the update expression has an incorrect data type"),
    ("SET l = list_append(s, :v)", [{"L": []}],
     "An operand in the update expression has an incorrect data type"),
    ("ADD s :v", [{"N": "1"}], "An operand in the update expression has an incorrect data type"),
    ("ADD ss :v", [{"N": "1"}], "An operand in the update expression has an incorrect data type"),
    ("DELETE ss :v", [{"NS": ["1"]}],
     "An operand in the update expression has an incorrect data type"),
    ("SET more = :v", [{"S": BIG}], "Item size to update has exceeded the maximum allowed size"),
    ("SET i = i + absent", [],
     "The provided expression refers to an attribute that does not exist in the item"),
    ("SET i = absent", [],
     "The provided expression refers to an attribute that does not exist in the item"),
    ("SET m.b.c = :v", [{"N": "1"}],
     "The document path provided in the update expression is invalid for update"),
    ("SET s.a = :v", [{"N": "1"}],
     "The document path provided in the update expression is invalid for update"),
    ("SET huge = huge + :v", [{"N": "9E125"}],
     "Number overflow. Attempting to store a number with magnitude larger than supported range"),
    ("ADD huge :v", [{"N": "9E125"}],
     "Number overflow. Attempting to store a number with magnitude larger than supported range"),
    ("SET m.a = :v", [nested(32)], "Nesting Levels have exceeded supported limits"),
    ("SET g = i", [],
     "The update expression attempted to update the secondary index key to unsupported type"),
    ("SET g = big", [],
     "The update expression attempted to update the secondary index key beyond allowed size "
     "limits"),
    ("SET r = #l", [],
     "The update expression attempted to update the secondary index key beyond allowed size "
     "limits"),
    ("SET g = e", [], "One or more parameter values are not valid. The update expression …"),
]


@pytest.mark.parametrize("expression, values, message", UPDATES)
def test_an_update_that_the_item_forbids(client, refused, table, key, expression, values, message):
    client.put_item(TableName=table, Item=key | ITEM)
    names = {"ExpressionAttributeNames": {"#l": "long"}} if "#l" in expression else {}
    other, reason = reasons(client, refused, fine(table, key),
                            update(table, key, expression, *values, **names))
    assert other == {"Code": "None"}
    assert reason["Code"] == "ValidationError"
    if message.endswith("…"):
        assert reason["Message"].startswith(message[:-1])
    else:
        assert reason["Message"] == message
    assert client.query(
        TableName=table, KeyConditionExpression="p = :p", ProjectionExpression="n",
        ExpressionAttributeValues={":p": key["p"]})["Items"] == [{"n": {"N": "1"}}]


SCHEMA = [
    ({"g": {"N": "1"}},
     INVALID + "Type mismatch for Index Key g Expected: S Actual: N IndexName: by-g"),
    ({"r": {"NULL": True}},
     INVALID + "Type mismatch for Index Key r Expected: S Actual: NULL IndexName: by-r"),
    ({"n": {"S": "1"}}, INVALID + "Type mismatch for key n expected: N actual: S"),
    ({"p": {"S": "p" * 2049}},
     INVALID + "Size of hashkey has exceeded the maximum size limit of2048 bytes"),
    ({"n": None}, INVALID + "Missing the key n in the item"),
    ({"a": {"S": BIG}, "b": {"S": BIG}}, "Item size has exceeded the maximum allowed size"),
]


@pytest.mark.parametrize("changes, message", SCHEMA)
def test_a_put_that_the_schema_forbids(client, refused, table, key, changes, message):
    item = {name: value for name, value in (key | changes).items() if value is not None}
    assert reasons(client, refused, fine(table, key), put(table, item)) == [
        {"Code": "None"}, {"Code": "ValidationError", "Message": message}]
    assert "Item" not in client.get_item(TableName=table, Key=dict(key, n={"N": "99"}))


def test_each_action_has_its_reason(client, refused, table, key):
    there = key | {"v": {"N": "5"}}
    client.put_item(TableName=table, Item=there)
    condition = {"ConditionExpression": "v = :v", "ExpressionAttributeValues": {":v": {"N": "6"}},
                 "TableName": table}
    shown = dict(condition, ReturnValuesOnConditionCheckFailure="ALL_OLD")
    others = [dict(key, n={"N": str(number)}) for number in range(10)]
    for shows, more in ((condition, {}), (shown, {"Item": there})):
        assert reasons(
            client, refused, {"Delete": dict(shows, Key=key)}, {"Put": dict(shows, Item=others[2])},
            {"ConditionCheck": dict(shows, Key=others[3])},
            {"Update": dict(shows, Key=others[4], UpdateExpression="SET w = :v")},
            {"Delete": {"TableName": table, "Key": others[5]}}) == [
                FAILED | more, FAILED, FAILED, FAILED, {"Code": "None"}]


@pytest.mark.parametrize("changes", [{"p": {"S": ""}}, {"g": {"S": ""}}, {"r": {"S": ""}}])
def test_an_empty_key_refuses_all(client, refused, table, key, changes):
    refusal = refused(client.transact_write_items, TransactItems=[
        fine(table, key), {"Delete": {"TableName": table, "Key": {"p": {"S": "a"}}}},
        put(table, key | changes)])
    assert refusal.code == "ValidationException"
    assert refusal.message.startswith("One or more parameter values are not valid. ")
    assert "cannot contain an empty string value. " in refusal.message


def test_a_missing_table_refuses_all(client, refused, table, key):
    refusal = refused(client.transact_write_items, TransactItems=[
        {"Delete": {"TableName": table, "Key": {"p": {"S": "a"}}}}, fine("nowhere", key)])
    assert (refusal.code, refusal.message) == (
        "ResourceNotFoundException", "Requested resource not found")


def test_a_key_of_another_shape_cancels_reads(client, refused, table, key):
    refusal = refused(client.transact_get_items, TransactItems=[
        {"Get": {"TableName": table, "Key": key}},
        {"Get": {"TableName": table, "Key": {"p": {"S": "a"}}}}])
    assert refusal.response["CancellationReasons"] == [
        {"Code": "None"}, {"Code": "ValidationError", "Message": MISMATCH}]


class TestTokens:
    def test_what_makes_another_request(self, client, refused, table, key):
        token = {"ClientRequestToken": key["p"]["S"][-36:]}
        add = update(table, key, "ADD v :v", {"N": "1"})
        write = client.transact_write_items
        write(TransactItems=[add], **token)
        # What is told is no part of a request, nor is the order of members or a number's spelling.
        write(TransactItems=[add], ReturnConsumedCapacity="INDEXES",
              ReturnItemCollectionMetrics="SIZE", **token)
        write(TransactItems=[update(
            table, {"n": {"N": "1.0"}, "p": key["p"]}, "ADD v :v", {"N": "1e0"})], **token)
        for actions in (
                [update(table, key, "ADD v :v", {"N": "2"})], [add, fine(table, key)],
                [update(table, key, "ADD  v :v", {"N": "1"})],
                [update(table, dict(key, n={"N": "2"}), "ADD v :v", {"N": "1"})],
                [{"Delete": {"TableName": table, "Key": key}}]):
            refusal = refused(write, TransactItems=actions, **token)
            assert refusal.code == "IdempotentParameterMismatchException"
        assert client.get_item(TableName=table, Key=key)["Item"]["v"] == {"N": "1"}
        write(TransactItems=[add], ClientRequestToken="other" + token["ClientRequestToken"][-20:])
        assert client.get_item(TableName=table, Key=key)["Item"]["v"] == {"N": "2"}

    def test_a_cancelled_request_leaves_it_unused(self, client, refused, table, key):
        token = {"ClientRequestToken": key["p"]["S"][-36:]}
        condition = {"ConditionExpression": "attribute_exists(p)"}
        guarded = update(table, key, "ADD v :v", {"N": "1"}, **condition)
        assert reasons(client, refused, guarded, **token) == [FAILED]
        client.put_item(TableName=table, Item=key)
        for _ in range(2):
            client.transact_write_items(TransactItems=[guarded], **token)
        assert client.get_item(TableName=table, Key=key)["Item"]["v"] == {"N": "1"}

    def test_statements_and_actions_share_them(self, client, refused, table, key):
        token = {"ClientRequestToken": key["p"]["S"][-36:]}
        client.transact_write_items(TransactItems=[put(table, key)], **token)
        refusal = refused(client.execute_transaction, TransactStatements=[{
            "Statement": f'DELETE FROM "{table}" WHERE p = ? AND n = 1',
            "Parameters": [key["p"]]}], **token)
        assert refusal.code == "IdempotentParameterMismatchException"


def test_what_is_told(client, table, key):
    others = [dict(key, n={"N": str(number)}) for number in range(2, 5)]
    client.put_item(TableName=table, Item=others[0] | {"g": {"S": "a"}})
    told = client.transact_write_items(
        TransactItems=[
            put(table, key | {"g": {"S": "g"}, "r": {"S": "r"}}),
            {"Delete": {"TableName": table, "Key": others[0]}},
            {"ConditionCheck": {"TableName": table, "Key": others[1],
                                "ConditionExpression": "attribute_not_exists(p)"}}],
        ReturnConsumedCapacity="INDEXES", ReturnItemCollectionMetrics="SIZE")
    capacity = told["ConsumedCapacity"][0]
    assert capacity["TableName"] == table
    assert capacity["Table"] == {"WriteCapacityUnits": 6.0, "CapacityUnits": 6.0}
    assert capacity["GlobalSecondaryIndexes"]["by-g"]["CapacityUnits"] in (2.0, 4.0)
    assert capacity["LocalSecondaryIndexes"]["by-r"]["CapacityUnits"] in (1.0, 2.0)
    assert told["ItemCollectionMetrics"] == {table: [
        {"ItemCollectionKey": {"p": key["p"]}, "SizeEstimateRangeGB": [0.0, 1.0]}]}
    assert set(client.transact_write_items(
        TransactItems=[put(table, key)])) == {"ResponseMetadata"}
