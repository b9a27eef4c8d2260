"""BatchGetItem and BatchWriteItem: what is refused before a table is looked for."""

from fidelity import check_refusal, invalid, missing, refused, shorter_than, unknown, violation
from test_fidelity_items import (
    CAPACITY, EMPTY_VALUE, FAULTY_VALUES, NAMES_ALONE, SEVERAL_TYPES, mixed)

KEY = {"a": {"S": "a"}}
NO_TABLE = "ResourceNotFoundException: Requested resource not found"


def key(i):
    return {"a": {"S": str(i)}}


def get(**parameters):
    return {"RequestItems": {"abc": {"Keys": [KEY]} | parameters}}


class TestBatchGetItem:
    @refused(
        ({}, [missing("requestItems")]),
        ({"RequestItems": {}, "ReturnConsumedCapacity": "hi"},
         [shorter_than(1, "{}", "requestItems"),
          unknown(CAPACITY, "hi", "returnConsumedCapacity")]),
        ({"RequestItems": {"abc": {}}}, [missing("requestItems.abc.member.keys")]),
        (get(Keys=[]), ["Value at 'requestItems.abc.member.keys' failed to satisfy constraint: Member must have "
          "length greater than or equal to 1"]),
        (get(AttributesToGet=[]),
         [shorter_than(1, "[]", "requestItems.abc.member.attributesToGet")]),
        (get(AttributesToGet=["a"], ProjectionExpression="", ExpressionAttributeNames={}),
         mixed("AttributesToGet", "ProjectionExpression")),
        (get(ExpressionAttributeNames={}), NAMES_ALONE),
        (get(ProjectionExpression="", ExpressionAttributeNames={}),
         "ExpressionAttributeNames must not be empty"),
        (get(ProjectionExpression="", Keys=[{"a": {}}]), EMPTY_VALUE),
        (get(ProjectionExpression=""),
         "Invalid ProjectionExpression: The expression can not be empty;"),
        (get(AttributesToGet=["a", "a"]), invalid("Duplicate value in attribute name: a")),
        (get(Keys=[KEY, {"a": {"S": "b"}}, KEY]),
         "Provided list of item keys contains duplicates"),
        ({"RequestItems": {"abc": {"Keys": [key(i) for i in range(60)]},
                           "abd": {"Keys": [key(i) for i in range(41)]}}},
         "Too many items requested for the BatchGetItem call"),
        (get(Keys=[{}]), NO_TABLE),
        (get(), NO_TABLE),
    )
    def test_refused(self, raw, request_body, message):
        check_refusal(raw, "BatchGetItem", request_body, message)

    @refused(*[(get(Keys=[{"a": value}]), message) for value, message in FAULTY_VALUES])
    def test_faulty_values(self, raw, request_body, message):
        check_refusal(raw, "BatchGetItem", request_body, message)


def write(*requests):
    return {"RequestItems": {"abc": list(requests)}}


def put(item):
    return {"PutRequest": {"Item": item}}


def delete(key):
    return {"DeleteRequest": {"Key": key}}
COUNT = "Member must have length "


class TestBatchWriteItem:
    @refused(
        ({}, [missing("requestItems")]),
        ({"RequestItems": {}, "ReturnConsumedCapacity": "hi",
          "ReturnItemCollectionMetrics": "hi"},
         [shorter_than(1, "{}", "requestItems"),
          unknown(CAPACITY, "hi", "returnConsumedCapacity"),
          unknown("SIZE, NONE", "hi", "returnItemCollectionMetrics")]),
        (write(),
         [violation("{abc=[]}", "requestItems",
                    "Map value must satisfy constraint: [Member must have length less than or "
                    "equal to 25, Member must have length greater than or equal to 1, Member "
                    "must not be null]")]),
        (write({"PutRequest": {}}),
         [missing("requestItems.abc.member.1.member.putRequest.item")]),
        (write(put(KEY), {"DeleteRequest": {}}),
         [missing("requestItems.abc.member.2.member.deleteRequest.key")]),
        (write({}), SEVERAL_TYPES),
        (write(put(KEY) | delete(KEY)), SEVERAL_TYPES),
        (write(put({"a": {}})), EMPTY_VALUE),
        (write(delete({"a": {}})), EMPTY_VALUE),
        (write(put({"a": {"S": "x" * 409_600}})),
         "Item size has exceeded the maximum allowed size"),
        ({"RequestItems": {
            "abc": [{"PutRequest": {"Item": key(i)}} for i in range(13)],
            "abd": [{"DeleteRequest": {"Key": key(i)}} for i in range(13)]}},
         "Too many items requested for the BatchWriteItem call"),
        (write(put({})), NO_TABLE),
        (write(put(KEY)), NO_TABLE),
    )
    def test_refused(self, raw, request_body, message):
        check_refusal(raw, "BatchWriteItem", request_body, message)

    @refused(*[(write(put(KEY | {"b": value})), message) for value, message in FAULTY_VALUES])
    def test_faulty_values(self, raw, request_body, message):
        check_refusal(raw, "BatchWriteItem", request_body, message)
