"""TransactWriteItems and TransactGetItems: what is refused as a whole, and what cancels."""

import pytest

from fidelity import check_refusal, invalid, longer_than, missing, refused, shorter_than, unknown
from test_fidelity_answers import SCHEMA, s
from test_fidelity_items import CAPACITY, FAULTY_VALUES

NO_TABLE = "ResourceNotFoundException: Requested resource not found"
ONE_OF = "TransactItems can only contain one of Check, Put, Update or Delete"
SEVERAL = "Transaction request cannot include multiple operations on one item"
LESS = "Member must have length less than or equal to 100"


def action(name, **parameters):
    target = {"Item": s(a="a")} if name == "Put" else {"Key": s(a="a")}
    return {name: {"TableName": "abc"} | target | parameters}


def write(*actions, **parameters):
    return {"TransactItems": list(actions)} | parameters


def check_cancelled(raw, operation, request, messages):
    """Sends a request that its schema's faults cancel; None where an action is in order."""
    codes = ["None" if message is None else "ValidationError" for message in messages]
    assert raw.send(operation, request).json() == {
        "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message": "Transaction cancelled, please refer cancellation reasons for specific reasons "
                   f"[{', '.join(codes)}]",
        "CancellationReasons": [
            {"Code": code} if message is None else {"Code": code, "Message": message}
            for code, message in zip(codes, messages)]}


class TestWrites:
    @refused(
        ({}, [missing("transactItems")]),
        (write(ReturnConsumedCapacity="hi", ReturnItemCollectionMetrics="hi"),
         [shorter_than(1, "[]", "transactItems"),
          unknown(CAPACITY, "hi", "returnConsumedCapacity"),
          unknown("SIZE, NONE", "hi", "returnItemCollectionMetrics")]),
        (write({"Put": {}}, {"Update": {}}),
         [missing("transactItems.1.member.put.item"),
          missing("transactItems.1.member.put.tableName"),
          missing("transactItems.2.member.update.key"),
          missing("transactItems.2.member.update.updateExpression"),
          missing("transactItems.2.member.update.tableName")]),
        (write(action("Put"), ClientRequestToken="a" * 37),
         [longer_than(36, "a" * 37, "clientRequestToken")]),
        (write(action("Put", ReturnValuesOnConditionCheckFailure="NEW")),
         [unknown("ALL_OLD, NONE", "NEW",
                  "transactItems.1.member.put.returnValuesOnConditionCheckFailure")]),
        (write({}), ONE_OF),
        (write(action("Put") | action("Delete")), ONE_OF),
        (write(action("Put", ExpressionAttributeNames={})),
         "ExpressionAttributeNames can only be specified when using expressions"),
        (write(action("Put", ConditionExpression="a = :a", ExpressionAttributeValues={})),
         "ExpressionAttributeValues must not be empty"),
        (write(action("ConditionCheck", ConditionExpression="")),
         "Invalid ConditionExpression: The expression can not be empty;"),
        (write(action("Update", UpdateExpression="SET b = :b")),
         "Invalid UpdateExpression: An expression attribute value used in expression is not "
         "defined; attribute value: :b"),
        (write(action("Update", UpdateExpression="REMOVE b",
                      ExpressionAttributeNames={"#b": "b"})),
         "Value provided in ExpressionAttributeNames unused in expressions: keys: {#b}"),
        (write(action("Delete")), NO_TABLE),
    )
    def test_refused(self, raw, request_body, message):
        check_refusal(raw, "TransactWriteItems", request_body, message)

    @refused(*[(write(action("Put", Item=s(a="a") | {"b": value})), message)
               for value, message in FAULTY_VALUES])
    def test_faulty_values(self, raw, request_body, message):
        check_refusal(raw, "TransactWriteItems", request_body, message)

    def test_too_many(self, raw):
        answer = raw.send("TransactWriteItems", write(*[
            action("Put", Item=s(a=str(i))) for i in range(101)]))
        message = answer.json()["message"]
        assert message.startswith("1 validation error detected: Value '[")
        assert message.endswith(f"]' at 'transactItems' failed to satisfy constraint: {LESS}")

    @pytest.mark.parametrize("first, second", [
        ("Put", "Put"), ("Put", "Delete"), ("Delete", "ConditionCheck")])
    def test_one_item_twice(self, raw, tables, first, second):
        def on_table(name):
            more = {"ConditionExpression": "attribute_exists(a)"}
            return action(
                name, TableName=tables["hash"], **(more if name == "ConditionCheck" else {}))

        check_refusal(raw, "TransactWriteItems", write(on_table(first), on_table(second)), SEVERAL)

    @pytest.mark.parametrize("bad, message", [
        (action("Put", Item=s(b="a")), invalid("Missing the key a in the item")),
        (action("Put", Item={"a": {"N": "1"}}),
         invalid("Type mismatch for key a expected: S actual: N")),
        (action("Put", Item=s(a="a", b="b" * 410_000)),
         "Item size has exceeded the maximum allowed size"),
        (action("Delete", Key=s(b="a")), SCHEMA),
        (action("Delete", Key=s(a="a", b="a")), SCHEMA),
        (action("ConditionCheck", Key={"a": {"N": "1"}}, ConditionExpression="a = b"), SCHEMA),
        (action("Update", UpdateExpression="SET a = b"),
         invalid("Cannot update attribute a. This attribute is part of the key")),
    ])
    def test_what_breaks_the_schema_cancels(self, raw, tables, bad, message):
        for parameters in bad.values():
            parameters["TableName"] = tables["hash"]
        check_cancelled(raw, "TransactWriteItems", write(
            action("Put", TableName=tables["hash"], Item=s(a="fine")), bad), [None, message])

    @pytest.mark.parametrize("bad", [
        action("Put", Item=s(a="")), action("Delete", Key=s(a=""))])
    def test_an_empty_key_refuses_all(self, raw, tables, bad):
        for parameters in bad.values():
            parameters["TableName"] = tables["hash"]
        check_refusal(
            raw, "TransactWriteItems",
            write(action("Delete", TableName=tables["hash"], Key=s(b="a")), bad),
            "One or more parameter values are not valid. The AttributeValue for a key attribute "
            "cannot contain an empty string value. Key: a")

    def test_cancelled(self, raw, tables):
        name = tables["hash"]
        raw.call("PutItem", TableName=name, Item=s(a="there", b="b"))
        condition = {"TableName": name, "ConditionExpression": "attribute_not_exists(a)",
                     "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}
        answer = raw.send("TransactWriteItems", write(
            action("Put", TableName=name, Item=s(a="fine")),
            action("Put", Item=s(a="there"), **condition),
            action("Delete", Key=s(a="there too"), TableName=name,
                   ConditionExpression="attribute_exists(a)"),
            action("Update", Key=s(a="new"), TableName=name, UpdateExpression="SET b = c")))
        assert answer.json() == {
            "__type": "com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
            "Message": "Transaction cancelled, please refer cancellation reasons for specific "
                       "reasons [None, ConditionalCheckFailed, ConditionalCheckFailed, "
                       "ValidationError]",
            "CancellationReasons": [
                {"Code": "None"},
                {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed",
                 "Item": s(a="there", b="b")},
                {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed"},
                {"Code": "ValidationError",
                 "Message": "The provided expression refers to an attribute that does not exist "
                            "in the item"}]}
        assert raw.call("GetItem", TableName=name, Key=s(a="fine")) == {}


class TestReads:
    @refused(
        ({}, [missing("transactItems")]),
        (write(), [shorter_than(1, "[]", "transactItems")]),
        (write({}), [missing("transactItems.1.member.get")]),
        (write({"Get": {}}), [missing("transactItems.1.member.get.key"),
                              missing("transactItems.1.member.get.tableName")]),
        (write(action("Get", ProjectionExpression="")),
         "Invalid ProjectionExpression: The expression can not be empty;"),
        (write(action("Get", ExpressionAttributeNames={"#a": "a"})),
         "ExpressionAttributeNames can only be specified when using expressions"),
        (write(action("Get")), NO_TABLE),
    )
    def test_refused(self, raw, request_body, message):
        check_refusal(raw, "TransactGetItems", request_body, message)

    def test_one_item_twice(self, raw, tables):
        get = action("Get", TableName=tables["hash"])
        check_refusal(raw, "TransactGetItems", write(get, get), SEVERAL)

    def test_keys(self, raw, tables):
        get = action("Get", TableName=tables["hash"], Key=s(b="a"))
        check_cancelled(raw, "TransactGetItems", write(get, action("Get", TableName=tables["hash"])),
                        [SCHEMA, None])
