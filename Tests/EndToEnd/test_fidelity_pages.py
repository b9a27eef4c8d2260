"""Query and Scan: what is refused before a table is looked for."""

from fidelity import check_refusal, invalid, missing, refused, shorter_than, unknown, violation
from test_fidelity_items import (
    CAPACITY, COMPARISONS, EMPTY_VALUE, FAULTY_VALUES, NAME_LENGTH, NAME_PATTERN, NAMES_ALONE,
    REQUIRED, VALUES_ALONE, mixed)

DETECTED = "1 validation error detected: "
SELECT = "SPECIFIC_ATTRIBUTES, COUNT, ALL_ATTRIBUTES, ALL_PROJECTED_ATTRIBUTES"
NO_TABLE = "ResourceNotFoundException: Requested resource not found"
NOT_INDEXABLE = "Attempted conditional constraint is not an indexable operation"
ONE_OR_TWO = "Conditions can be of length 1 or 2 only"
NO_KEY_CONDITION = ("Either the KeyConditions or KeyConditionExpression parameter must be "
                    "specified in the request.")


def at_least(value, least, path):
    return violation(value, path, f"Member must have value greater than or equal to {least}")


def at_most(value, most, path):
    return violation(value, path, f"Member must have value less than or equal to {most}")


def query(**parameters):
    return {"TableName": "abc"} | parameters


def by(**conditions):
    """KeyConditions: an operator and its values for each attribute."""
    return {
        name: {"ComparisonOperator": told[0], "AttributeValueList": list(told[1:])}
        for name, told in conditions.items()}


A = {"S": "a"}
B = {"S": "b"}
ONE = {"N": "1"}


def key(expression, **values):
    values = {f":{name}": value for name, value in values.items()}
    request = {"TableName": "abc", "KeyConditionExpression": expression}
    return request | ({"ExpressionAttributeValues": values} if values else {})


INVALID_KEY = "Invalid KeyConditionExpression: Invalid condition in KeyConditionExpression: "
OPERATOR = "Invalid operator used in KeyConditionExpression: "


class TestQuery:
    @refused(
        ({}, REQUIRED),
        (query(TableName=""), NAME_LENGTH),
        (query(TableName="abc;", ReturnConsumedCapacity="hi", AttributesToGet=[],
               IndexName="abc;", Select="hi", Limit=-1,
               KeyConditions={"a": {}},
               ConditionalOperator="AN",
               QueryFilter={"a": {}, "b": {"ComparisonOperator": ""}}),
         [unknown(SELECT, "hi", "select"), at_least(-1, 1, "limit"),
          unknown(CAPACITY, "hi", "returnConsumedCapacity"),
          unknown("OR, AND", "AN", "conditionalOperator"),
          missing("queryFilter.a.member.comparisonOperator"),
          unknown(COMPARISONS, "", "queryFilter.b.member.comparisonOperator"),
          violation("abc;", "indexName",
                    "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"),
          shorter_than(1, "[]", "attributesToGet"),
          missing("keyConditions.a.member.comparisonOperator"),
          violation("abc;", "tableName", NAME_PATTERN)]),
        (query(ExpressionAttributeNames={}, ExpressionAttributeValues={}), NAMES_ALONE),
        (query(ExpressionAttributeValues={}),
         VALUES_ALONE + "FilterExpression and KeyConditionExpression are null"),
        (query(QueryFilter={}, KeyConditions={}, AttributesToGet=["a", "a"],
               ConditionalOperator="OR", ProjectionExpression="", FilterExpression="",
               KeyConditionExpression="", ExpressionAttributeNames={}),
         mixed("AttributesToGet, QueryFilter, ConditionalOperator, KeyConditions",
               "ProjectionExpression, FilterExpression, KeyConditionExpression")),
        (query(KeyConditions={"a": {"ComparisonOperator": "EQ"}}, QueryFilter={},
               FilterExpression=""), mixed("QueryFilter", "FilterExpression")),
        (query(FilterExpression="", ExpressionAttributeNames={}),
         "ExpressionAttributeNames must not be empty"),
        (query(FilterExpression="", ExpressionAttributeValues={}),
         "ExpressionAttributeValues must not be empty"),
        (query(FilterExpression="", ExpressionAttributeValues={":a": {}}),
         f"ExpressionAttributeValues contains invalid value: {EMPTY_VALUE} for key :a"),
        (query(FilterExpression=""),
         "Invalid FilterExpression: The expression can not be empty;"),
        (query(ProjectionExpression=""),
         "Invalid ProjectionExpression: The expression can not be empty;"),
        (query(KeyConditionExpression=""),
         "Invalid KeyConditionExpression: The expression can not be empty;"),
        (query(), NO_KEY_CONDITION),
        (query(ExclusiveStartKey={"a": {}}),
         f"The provided starting key is invalid: {EMPTY_VALUE}"),
        (query(AttributesToGet=["a", "a"]), invalid("Duplicate value in attribute name: a")),
        (query(ConditionalOperator="OR"),
         "ConditionalOperator cannot be used without Filter or Expected"),
        (query(KeyConditions={}), ONE_OR_TWO),
        (query(KeyConditions=by(a=("EQ", {}))), EMPTY_VALUE),
        (query(KeyConditions=by(a=("EQ",))),
         invalid("Invalid number of argument(s) for the EQ ComparisonOperator")),
        (query(KeyConditions=by(a=("EQ", A, B))),
         invalid("Invalid number of argument(s) for the EQ ComparisonOperator")),
        (query(KeyConditions=by(a=("LE", A, ONE))),
         invalid("Invalid number of argument(s) for the LE ComparisonOperator")),
        (query(KeyConditions=by(a=("BETWEEN", A, ONE))),
         invalid("AttributeValues inside AttributeValueList must be of same type")),
        (query(KeyConditions=by(a=("BETWEEN", B, A))),
         "The BETWEEN condition was provided a range where the lower bound is greater than the "
         "upper bound"),
        (query(KeyConditions=by(a=("BEGINS_WITH", ONE))),
         invalid("ComparisonOperator BEGINS_WITH is not valid for N AttributeValue type")),
        (query(KeyConditions=by(a=("NE", A))), NOT_INDEXABLE),
        (query(KeyConditions=by(a=("CONTAINS", A))), NOT_INDEXABLE),
        (query(KeyConditions=by(a=("IN", A, B))), NOT_INDEXABLE),
        (query(KeyConditions=by(a=("NULL",))), NOT_INDEXABLE),
        (query(QueryFilter=by(a=("LT", {"SS": ["a"]}))),
         invalid("ComparisonOperator LT is not valid for SS AttributeValue type")),
        (query(KeyConditions=by(a=("EQ", A)), Select="SPECIFIC_ATTRIBUTES"),
         DETECTED + "Must specify the AttributesToGet or ProjectionExpression when choosing to "
         "get SPECIFIC_ATTRIBUTES"),
        (query(KeyConditions=by(a=("EQ", A)), Select="ALL_PROJECTED_ATTRIBUTES"),
         DETECTED
         + "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"),
        (query(KeyConditions=by(a=("EQ", A)), Select="COUNT", AttributesToGet=["b"]),
         DETECTED + "Cannot specify the AttributesToGet when choosing to get only the Count"),
        (query(KeyConditionExpression="a = :a", ExpressionAttributeValues={":a": A},
               Select="ALL_ATTRIBUTES", ProjectionExpression="b"),
         DETECTED + "Cannot specify the ProjectionExpression when choosing to get ALL_ATTRIBUTES"),
        (query(KeyConditions=by(a=("EQ", A))), NO_TABLE),
    )
    def test_refused(self, raw, request_body, message):
        check_refusal(raw, "Query", request_body, message)

    @refused(*[(query(ExclusiveStartKey={"a": value}),
                f"The provided starting key is invalid: {message}")
               for value, message in FAULTY_VALUES])
    def test_faulty_starts(self, raw, request_body, message):
        check_refusal(raw, "Query", request_body, message)


    @refused(
        (key("a = :a OR b = :b", a=A, b=B), OPERATOR + "OR"),
        (key("NOT a = :a", a=A), OPERATOR + "NOT"),
        (key("a IN (:a, :b)", a=A, b=B), OPERATOR + "IN"),
        (key("a <> :a", a=A), OPERATOR + "<>"),
        (key("attribute_exists(a)"), OPERATOR + "attribute_exists"),
        (key("attribute_type(a, :a)", a={"S": "S"}), OPERATOR + "attribute_type"),
        (key("contains(a, :a)", a=A), OPERATOR + "contains"),
        (key("a = b"), INVALID_KEY + "Multiple attribute names used in one condition"),
        (key(":a = :b", a=A, b=B), INVALID_KEY + "No key attribute specified"),
        (key("size(a) = :a", a=ONE), "KeyConditionExpressions cannot contain nested operations"),
        (key("a.b = :a", a=A),
         "KeyConditionExpressions cannot have conditions on nested attributes"),
        (key("a[0] = :a", a=A),
         "KeyConditionExpressions cannot have conditions on nested attributes"),
        (key("a = :a AND a > :b", a=A, b=B),
         "KeyConditionExpressions must only contain one condition per key"),
        (key(":a BETWEEN a AND b", a=A),
         INVALID_KEY + "BETWEEN operator must have the key attribute as its first operand"),
        (key("begins_with(:a, a)", a=A),
         INVALID_KEY + "begins_with operator must have the key attribute as its first operand"),
            (key("a = :a", b=A), "Invalid KeyConditionExpression: An expression attribute value used "
                             "in expression is not defined; attribute value: :a"),
        (key("a = :a", a=A, b=A), "Value provided in ExpressionAttributeValues unused in "
                                  "expressions: keys: {:b}"),
        (key("a = :a", a=A), NO_TABLE),
    )
    def test_key_condition_expressions(self, raw, request_body, message):
        check_refusal(raw, "Query", request_body, message)


def scan(**parameters):
    return {"TableName": "abc"} | parameters


class TestScan:
    @refused(
        ({}, REQUIRED),
        (scan(TableName="a"), NAME_LENGTH),
        (scan(TableName="abc;", ReturnConsumedCapacity="hi", AttributesToGet=[], Select="hi",
              Limit=-1, Segment=-1, TotalSegments=-1, ConditionalOperator="hi",
              ScanFilter={"a": {}, "b": {"ComparisonOperator": ""}}),
         [unknown(SELECT, "hi", "select"), at_least(-1, 1, "limit"),
          unknown(CAPACITY, "hi", "returnConsumedCapacity"),
          unknown("OR, AND", "hi", "conditionalOperator"),
          at_least(-1, 0, "segment"), at_least(-1, 1, "totalSegments"),
          missing("scanFilter.a.member.comparisonOperator"),
          unknown(COMPARISONS, "", "scanFilter.b.member.comparisonOperator"),
          shorter_than(1, "[]", "attributesToGet"),
          violation("abc;", "tableName", NAME_PATTERN)]),
        (scan(TotalSegments=1_000_001), [at_most(1_000_001, 1_000_000, "totalSegments")]),
        (scan(Segment=1_000_000), [at_most(1_000_000, 999_999, "segment")]),
        (scan(ScanFilter={}, AttributesToGet=["a"], ConditionalOperator="OR",
              FilterExpression="", ProjectionExpression="", ExpressionAttributeNames={}),
         mixed("AttributesToGet, ScanFilter, ConditionalOperator",
               "ProjectionExpression, FilterExpression")),
        (scan(ExpressionAttributeNames={}), NAMES_ALONE),
        (scan(ExpressionAttributeValues={}), VALUES_ALONE + "FilterExpression is null"),
        (scan(ProjectionExpression="a", ExpressionAttributeValues={}),
         VALUES_ALONE + "FilterExpression is null"),
        (scan(FilterExpression="", ExpressionAttributeValues={":a": {"S": ""}}),
         "Invalid FilterExpression: The expression can not be empty;"),
        (scan(AttributesToGet=["a", "b", "b"]), invalid("Duplicate value in attribute name: b")),
        (scan(ExclusiveStartKey={"a": {"NS": []}}),
         "The provided starting key is invalid: "
         + invalid("An number set  may not be empty")),
        (scan(ScanFilter={"a": {"ComparisonOperator": "EQ"}}),
         invalid("Invalid number of argument(s) for the EQ ComparisonOperator")),
        (scan(ScanFilter={"a": {"ComparisonOperator": "NULL",
                                "AttributeValueList": [{"S": "a"}]}}),
         invalid("Invalid number of argument(s) for the NULL ComparisonOperator")),
        (scan(ScanFilter={"a": {"ComparisonOperator": "CONTAINS",
                                "AttributeValueList": [{"L": []}]}}),
         invalid("ComparisonOperator CONTAINS is not valid for L AttributeValue type")),
        (scan(ScanFilter={"a": {"ComparisonOperator": "IN",
                                "AttributeValueList": [{"SS": ["a"]}]}}),
         invalid("ComparisonOperator IN is not valid for SS AttributeValue type")),
        (scan(ConditionalOperator="OR"),
         "ConditionalOperator cannot be used without Filter or Expected"),
        (scan(ConditionalOperator="OR", ScanFilter={"a": {"ComparisonOperator": "NULL"}}),
         "ConditionalOperator can only be used when Filter or Expected has two or more elements"),
        (scan(Segment=1),
         "The TotalSegments parameter is required but was not present in the request when "
         "Segment parameter is present"),
        (scan(TotalSegments=1),
         "The Segment parameter is required but was not present in the request when parameter "
         "TotalSegments is present"),
        (scan(Segment=1, TotalSegments=1),
         "The Segment parameter is zero-based and must be less than parameter TotalSegments"),
        (scan(Select="SPECIFIC_ATTRIBUTES"),
         DETECTED + "Must specify the AttributesToGet or ProjectionExpression when choosing to "
         "get SPECIFIC_ATTRIBUTES"),
        (scan(Select="ALL_PROJECTED_ATTRIBUTES"),
         DETECTED
         + "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"),
        (scan(Select="COUNT", ProjectionExpression="a"),
         DETECTED + "Cannot specify the ProjectionExpression when choosing to get only the Count"),
        (scan(Select="ALL_PROJECTED_ATTRIBUTES", AttributesToGet=["a"]),
         DETECTED + "Cannot specify the AttributesToGet when choosing to get ALL_PROJECTED_ATTRIBUTES"),
        (scan(), NO_TABLE),
    )
    def test_refused(self, raw, request_body, message):
        check_refusal(raw, "Scan", request_body, message)
