"""GetItem, PutItem, DeleteItem, UpdateItem: what is refused before a table is looked for."""

from fidelity import (
    check_refusal, invalid, missing, refused, shorter_than, unknown, violation)

RETURN_VALUES = "ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW"
CAPACITY = "INDEXES, TOTAL, NONE"
COMPARISONS = ("IN, NULL, BETWEEN, LT, NOT_CONTAINS, EQ, GT, NOT_NULL, NE, LE, BEGINS_WITH, GE, "
               "CONTAINS")
REQUIRED = "The parameter 'TableName' is required but was not present in the request"
NAME_LENGTH = "TableName must be at least 3 characters long and at most 255 characters long"
NAME_PATTERN = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
EMPTY_VALUE = ("Supplied AttributeValue is empty, must contain exactly one of the supported "
               "datatypes")
SEVERAL_TYPES = ("Supplied AttributeValue has more than one datatypes set, must contain exactly "
                 "one of the supported datatypes")
NOT_NUMERIC = "The parameter cannot be converted to a numeric value"
TOO_MANY_DIGITS = "Attempting to store more than 38 significant digits in a Number"
OVERFLOW = ("Number overflow. Attempting to store a number with magnitude larger than supported "
            "range")
UNDERFLOW = ("Number underflow. Attempting to store a number with magnitude smaller than "
             "supported range")
NAMES_ALONE = "ExpressionAttributeNames can only be specified when using expressions"
VALUES_ALONE = "ExpressionAttributeValues can only be specified when using expressions: "
KEY = {"a": {"S": "a"}}


def mixed(legacy, expressions):
    return ("Can not use both expression and non-expression parameters in the same request: "
            f"Non-expression parameters: {{{legacy}}} Expression parameters: {{{expressions}}}")


# Faulty attribute values, which every operation tells in the same words.
FAULTY_VALUES = [
    ({}, EMPTY_VALUE),
    ({"SS": []}, invalid("An string set  may not be empty")),
    ({"NS": []}, invalid("An number set  may not be empty")),
    ({"BS": []}, invalid("Binary sets should not be empty")),
    ({"NULL": False}, invalid("Null attribute value types must have the value of true")),
    ({"SS": ["a", "b", "a"]}, invalid("Input collection [a, b, a] contains duplicates.")),
    ({"BS": ["Yg==", "Yg=="]},
     invalid("Input collection [Yg==, Yg==]of type BS contains duplicates.")),
    ({"NS": ["1", "1"]}, "Input collection contains duplicates"),
    ({"NS": ["1", "2", "1.0"]}, "Input collection contains duplicates"),
    ({"N": ""}, NOT_NUMERIC),
    ({"N": "b"}, NOT_NUMERIC + ": b"),
    ({"NS": ["1", ""]}, NOT_NUMERIC),
    ({"NS": ["1", "b"]}, NOT_NUMERIC + ": b"),
    ({"N": " 1"}, NOT_NUMERIC + ":  1"),
    ({"N": "0x1"}, NOT_NUMERIC + ": 0x1"),
    ({"N": "Infinity"}, NOT_NUMERIC + ": Infinity"),
    ({"N": "123456789012345678901234567890123456789"}, TOO_MANY_DIGITS),
    ({"N": "-1.23456789012345678901234567890123456789"}, TOO_MANY_DIGITS),
    ({"NS": ["1", "123456789012345678901234567890123456789"]}, TOO_MANY_DIGITS),
    ({"N": "1e126"}, OVERFLOW),
    ({"N": "-1e126"}, OVERFLOW),
    ({"N": "1e-131"}, UNDERFLOW),
    ({"N": "-1e-131"}, UNDERFLOW),
    ({"S": "a", "N": "1"}, SEVERAL_TYPES),
    # Each member's own fault comes before there being several.
    ({"S": "a", "N": ""}, NOT_NUMERIC),
    ({"L": [{}]}, EMPTY_VALUE),
    ({"M": {"b": {"L": [{"M": {"c": {"NS": []}}}]}}},
     invalid("An number set  may not be empty")),
]


class TestGetItem:
    @refused(
        ({}, REQUIRED),
        ({"TableName": "abc"}, [missing("key")]),
        ({"TableName": "", "Key": KEY}, NAME_LENGTH),
        ({"TableName": "a;"}, NAME_LENGTH),
        ({"TableName": "a" * 256}, NAME_LENGTH),
        ({"TableName": "abc;", "ReturnConsumedCapacity": "hi", "AttributesToGet": []},
         [unknown(CAPACITY, "hi", "returnConsumedCapacity"),
          shorter_than(1, "[]", "attributesToGet"),
          violation("abc;", "tableName", NAME_PATTERN), missing("key")]),
        ({"TableName": "abc", "Key": {"a": {}}, "AttributesToGet": ["a"],
          "ProjectionExpression": ""}, mixed("AttributesToGet", "ProjectionExpression")),
        ({"TableName": "abc", "Key": {"a": {}}, "ExpressionAttributeNames": {}}, NAMES_ALONE),
        ({"TableName": "abc", "Key": {"a": {}}, "AttributesToGet": ["a", "a"],
          "ExpressionAttributeNames": {}}, NAMES_ALONE),
        ({"TableName": "abc", "Key": {"a": {}}, "ProjectionExpression": "",
          "ExpressionAttributeNames": {}}, "ExpressionAttributeNames must not be empty"),
        ({"TableName": "abc", "Key": {"a": {}}, "ProjectionExpression": "",
          "ExpressionAttributeNames": {"a": "a"}},
         'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"'),
        ({"TableName": "abc", "Key": {"a": {}}, "ProjectionExpression": "",
          "ExpressionAttributeNames": {"#a": "a"}}, EMPTY_VALUE),
        ({"TableName": "abc", "Key": KEY, "AttributesToGet": ["a", "b", "a"]},
         invalid("Duplicate value in attribute name: a")),
        ({"TableName": "abc", "Key": KEY, "ProjectionExpression": ""},
         "Invalid ProjectionExpression: The expression can not be empty;"),
        ({"TableName": "abc", "Key": KEY, "ProjectionExpression": "a,b.c[0"},
         'Invalid ProjectionExpression: Syntax error; token: "<EOF>", near: "0"'),
        ({"TableName": "abc", "Key": KEY, "ProjectionExpression": "whatever(stuff)"},
         'Invalid ProjectionExpression: Syntax error; token: "(", near: "whatever(stuff"'),
        ({"TableName": "abc", "Key": KEY, "ProjectionExpression": "b,a,#hello,abort"},
         "Invalid ProjectionExpression: Attribute name is a reserved keyword; "
         "reserved keyword: abort"),
        ({"TableName": "abc", "Key": KEY, "ProjectionExpression": "b,a,#hello"},
         "Invalid ProjectionExpression: An expression attribute name used in the document path "
         "is not defined; attribute name: #hello"),
        ({"TableName": "abc", "Key": KEY, "ProjectionExpression": "b[1], b.a, #a.b, a, #b[1], b",
          "ExpressionAttributeNames": {"#a": "a", "#b": "b"}},
         "Invalid ProjectionExpression: Two document paths overlap with each other; must remove "
         "or rewrite one of these paths; path one: [a, b], path two: [a]"),
        ({"TableName": "abc", "Key": KEY, "ProjectionExpression": "a.b, a[1]"},
         "Invalid ProjectionExpression: Two document paths conflict with each other; must remove "
         "or rewrite one of these paths; path one: [a, b], path two: [a, [1]]"),
        ({"TableName": "abc", "Key": KEY, "ProjectionExpression": "a",
          "ExpressionAttributeNames": {"#a": "a", "#b": "b"}},
         "Value provided in ExpressionAttributeNames unused in expressions: keys: {#a, #b}"),
        ({"TableName": "abc", "Key": {}}, "ResourceNotFoundException: Requested resource not "
                                          "found"),
    )
    def test_refused(self, raw, request_body, message):
        check_refusal(raw, "GetItem", request_body, message)

    @refused(*[({"TableName": "abc", "Key": {"a": value}}, message)
               for value, message in FAULTY_VALUES])
    def test_faulty_values(self, raw, request_body, message):
        check_refusal(raw, "GetItem", request_body, message)


def expected(attribute, reason):
    return ({"TableName": "abc", "Item": {}, "Expected": {"a": attribute}}, invalid(reason))


class TestPutItem:
    @refused(
        ({}, REQUIRED),
        ({"TableName": "a;"}, NAME_LENGTH),
        ({"TableName": "abc;", "Item": {}, "ReturnConsumedCapacity": "hi",
          "ReturnItemCollectionMetrics": "hi", "ReturnValues": "hi"},
         [unknown(CAPACITY, "hi", "returnConsumedCapacity"),
          violation("abc;", "tableName", NAME_PATTERN),
          unknown("SIZE, NONE", "hi", "returnItemCollectionMetrics"),
          unknown(RETURN_VALUES, "hi", "returnValues")]),
        ({"TableName": "abc", "Item": {}, "ConditionalOperator": "hi",
          "Expected": {"a": {"ComparisonOperator": "hi"}}},
         [unknown("OR, AND", "hi", "conditionalOperator"),
          unknown(COMPARISONS, "hi", "expected.a.member.comparisonOperator")]),
        ({"TableName": "abc", "Item": {"a": {}}, "Expected": {"a": {}},
          "ConditionExpression": "", "ExpressionAttributeNames": {},
          "ExpressionAttributeValues": {}}, mixed("Expected", "ConditionExpression")),
        ({"TableName": "abc", "Item": {"a": {}}, "Expected": {"a": {}},
          "ExpressionAttributeNames": {}, "ExpressionAttributeValues": {}}, NAMES_ALONE),
        ({"TableName": "abc", "Item": {"a": {}}, "Expected": {"a": {}},
          "ExpressionAttributeValues": {}}, VALUES_ALONE + "ConditionExpression is null"),
        ({"TableName": "abc", "Item": {"a": {}}, "ConditionExpression": "",
          "ExpressionAttributeNames": {}, "ExpressionAttributeValues": {}},
         "ExpressionAttributeNames must not be empty"),
        ({"TableName": "abc", "Item": {"a": {}}, "ConditionExpression": "",
          "ExpressionAttributeNames": {"a": "a"}, "ExpressionAttributeValues": {}},
         'ExpressionAttributeNames contains invalid key: Syntax error; key: "a"'),
        ({"TableName": "abc", "Item": {"a": {}}, "ConditionExpression": "",
          "ExpressionAttributeNames": {"#a": "a"}, "ExpressionAttributeValues": {}},
         "ExpressionAttributeValues must not be empty"),
        ({"TableName": "abc", "Item": {"a": {}}, "ConditionExpression": "",
          "ExpressionAttributeValues": {"a": {}}},
         'ExpressionAttributeValues contains invalid key: Syntax error; key: "a"'),
        ({"TableName": "abc", "Item": {"a": {}}, "ConditionExpression": "",
          "ExpressionAttributeValues": {":b": {"S": "a"}, ":a": {}}},
         EMPTY_VALUE),
        ({"TableName": "abc", "Item": {"a": {}}, "ReturnValues": "UPDATED_NEW"}, EMPTY_VALUE),
        ({"TableName": "abc", "Item": {"a": {"S": "x" * 409_600}}, "ReturnValues": "ALL_NEW"},
         "ReturnValues can only be ALL_OLD or NONE"),
        ({"TableName": "abc", "Item": {"a": {"S": "x" * 409_600}},
          "Expected": {"a": {"Value": {"S": "b"}, "AttributeValueList": []}}},
         "Item size has exceeded the maximum allowed size"),
        ({"TableName": "abc", "Item": {"a": {"S": "x" * 409_600}}, "ConditionExpression": ""},
         "Item size has exceeded the maximum allowed size"),
        ({"TableName": "abc", "Item": {}, "ConditionExpression": ""},
         "Invalid ConditionExpression: The expression can not be empty;"),
        ({"TableName": "abc", "Item": {}, "ConditionalOperator": "AND"},
         "ConditionalOperator cannot be used without Filter or Expected"),
        ({"TableName": "abc", "Item": {}, "Expected": {}, "ConditionalOperator": "AND"},
         "ConditionalOperator cannot be used without Filter or Expected"),
        ({"TableName": "abc", "Item": {},
          "Expected": {"a": {"ComparisonOperator": "NULL"}}, "ConditionalOperator": "AND"},
         "ConditionalOperator can only be used when Filter or Expected has two or more elements"),
        ({"TableName": "abc", "Item": {}}, "ResourceNotFoundException: Requested resource not "
                                           "found"),
    )
    def test_refused(self, raw, request_body, message):
        check_refusal(raw, "PutItem", request_body, message)

    @refused(*[({"TableName": "abc", "Item": KEY | {"b": value}}, message)
               for value, message in FAULTY_VALUES])
    def test_faulty_values(self, raw, request_body, message):
        check_refusal(raw, "PutItem", request_body, message)

    @refused(
        expected({"Value": {"S": "a"}, "AttributeValueList": []},
                 "Value and AttributeValueList cannot be used together for Attribute: a"),
        expected({"Exists": True, "ComparisonOperator": "GT"},
                 "Exists and ComparisonOperator cannot be used together for Attribute: a"),
        expected({"AttributeValueList": []},
                 "AttributeValueList can only be used with a ComparisonOperator for Attribute: a"),
        expected({"ComparisonOperator": "GT"},
                 "Value or AttributeValueList must be used with ComparisonOperator: GT for "
                 "Attribute: a"),
        expected({"Exists": True}, "Value must be provided when Exists is true for Attribute: a"),
        expected({}, "Value must be provided when Exists is null for Attribute: a"),
        expected({"Exists": False, "Value": {"S": "a"}},
                 "Value cannot be used when Exists is false for Attribute: a"),
        expected({"ComparisonOperator": "NULL", "AttributeValueList": [{"S": "a"}]},
                 "Invalid number of argument(s) for the NULL ComparisonOperator"),
        expected({"ComparisonOperator": "EQ", "AttributeValueList": [{"S": "a"}, {"S": "b"}]},
                 "Invalid number of argument(s) for the EQ ComparisonOperator"),
        expected({"ComparisonOperator": "BETWEEN", "AttributeValueList": [{"S": "a"}]},
                 "Invalid number of argument(s) for the BETWEEN ComparisonOperator"),
        expected({"ComparisonOperator": "IN", "AttributeValueList": []},
                 "Invalid number of argument(s) for the IN ComparisonOperator"),
        expected({"ComparisonOperator": "IN", "AttributeValueList": [{"S": "a"}, {"N": "1"}]},
                 "AttributeValues inside AttributeValueList must be of same type"),
        expected({"ComparisonOperator": "BEGINS_WITH", "AttributeValueList": [{"N": "1"}]},
                 "ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type"),
        expected({"ComparisonOperator": "LT", "AttributeValueList": [{"SS": ["1"]}]},
                 "ComparisonOperator LT is not valid for SS AttributeValue type"),
        expected({"ComparisonOperator": "GE", "AttributeValueList": [{"M": {}}]},
                 "ComparisonOperator GE is not valid for M AttributeValue type"),
    )
    def test_expected(self, raw, request_body, message):
        check_refusal(raw, "PutItem", request_body, message)

    @refused(
        ({"TableName": "abc", "Item": {}, "Expected": {
            "a": {"ComparisonOperator": "BETWEEN",
                  "AttributeValueList": [{"S": "b"}, {"S": "a"}]}}},
         "The BETWEEN condition was provided a range where the lower bound is greater than the "
         "upper bound"),
    )
    def test_expected_bounds(self, raw, request_body, message):
        check_refusal(raw, "PutItem", request_body, message)


class TestDeleteItem:
    @refused(
        ({}, REQUIRED),
        ({"TableName": "abc", "Key": {}, "ReturnValues": "UPDATED_NEW"},
         "ReturnValues can only be ALL_OLD or NONE"),
        ({"TableName": "abc", "Key": {"a": {}}, "ReturnValues": "UPDATED_NEW"}, EMPTY_VALUE),
        ({"TableName": "abc", "Key": {"a": {}}, "Expected": {}, "ConditionExpression": "",
          "ExpressionAttributeNames": {}}, mixed("Expected", "ConditionExpression")),
        ({"TableName": "abc", "Key": {"a": {}}, "ExpressionAttributeNames": {},
          "ExpressionAttributeValues": {}}, NAMES_ALONE),
        ({"TableName": "abc", "Key": {"a": {}}, "ExpressionAttributeValues": {}},
         VALUES_ALONE + "ConditionExpression is null"),
        ({"TableName": "abc", "Key": {}, "ConditionExpression": "a = :a"},
         "Invalid ConditionExpression: An expression attribute value used in expression is not "
         "defined; attribute value: :a"),
        ({"TableName": "abc", "Key": {}}, "ResourceNotFoundException: Requested resource not "
                                          "found"),
    )
    def test_refused(self, raw, request_body, message):
        check_refusal(raw, "DeleteItem", request_body, message)


class TestUpdateItem:
    @refused(
        ({}, REQUIRED),
        ({"TableName": "abc", "Key": {}, "AttributeUpdates": {"a": {"Action": "hi"}}},
         [unknown("ADD, DELETE, PUT", "hi", "attributeUpdates.a.member.action")]),
        ({"TableName": "abc", "Key": {"a": {}}, "AttributeUpdates": {}, "Expected": {},
          "UpdateExpression": "", "ConditionExpression": "", "ExpressionAttributeNames": {}},
         mixed("AttributeUpdates, Expected", "UpdateExpression, ConditionExpression")),
        ({"TableName": "abc", "Key": {"a": {}}, "AttributeUpdates": {}, "Expected": {},
          "ExpressionAttributeNames": {}, "ExpressionAttributeValues": {}}, NAMES_ALONE),
        ({"TableName": "abc", "Key": {"a": {}}, "AttributeUpdates": {"a": {}}, "Expected": {},
          "ExpressionAttributeValues": {}},
         VALUES_ALONE + "UpdateExpression and ConditionExpression are null"),
        ({"TableName": "abc", "Key": {"a": {}}, "UpdateExpression": "",
          "ConditionExpression": "", "ExpressionAttributeNames": {}},
         "ExpressionAttributeNames must not be empty"),
        ({"TableName": "abc", "Key": {"a": {}}, "UpdateExpression": "",
          "ConditionExpression": "", "ExpressionAttributeValues": {":": {}}},
         'ExpressionAttributeValues contains invalid key: Syntax error; key: ":"'),
        ({"TableName": "abc", "Key": {"a": {}}, "UpdateExpression": "",
          "ConditionExpression": "", "ExpressionAttributeValues": {":b": {"N": "x"}}},
         NOT_NUMERIC + ": x"),
        ({"TableName": "abc", "Key": {"a": {}}, "UpdateExpression": "",
          "ConditionExpression": ""}, EMPTY_VALUE),
        ({"TableName": "abc", "Key": KEY, "AttributeUpdates": {"a": {}}},
         invalid("Only DELETE action is allowed when no attribute value is specified")),
        ({"TableName": "abc", "Key": KEY, "AttributeUpdates": {"a": {"Action": "ADD"}}},
         invalid("Only DELETE action is allowed when no attribute value is specified")),
        ({"TableName": "abc", "Key": KEY,
          "AttributeUpdates": {"a": {"Action": "DELETE", "Value": {"N": "1"}}}},
         invalid("DELETE action with value is not supported for the type N")),
        ({"TableName": "abc", "Key": KEY,
          "AttributeUpdates": {"a": {"Action": "ADD", "Value": {"S": "1"}}}},
         invalid("ADD action is not supported for the type S")),
        ({"TableName": "abc", "Key": KEY,
          "AttributeUpdates": {"a": {"Action": "ADD", "Value": {"M": {}}}}},
         invalid("ADD action is not supported for the type M")),
        ({"TableName": "abc", "Key": KEY, "AttributeUpdates": {"a": {"Value": {}}}}, EMPTY_VALUE),
        ({"TableName": "abc", "Key": KEY, "UpdateExpression": "", "ConditionExpression": ""},
         "Invalid UpdateExpression: The expression can not be empty;"),
        ({"TableName": "abc", "Key": KEY, "UpdateExpression": "SET a = :a",
          "ConditionExpression": "", "ExpressionAttributeValues": {":a": {"S": "a"}}},
         "Invalid ConditionExpression: The expression can not be empty;"),
        ({"TableName": "abc", "Key": {}}, "ResourceNotFoundException: Requested resource not "
                                          "found"),
    )
    def test_refused(self, raw, request_body, message):
        check_refusal(raw, "UpdateItem", request_body, message)
