"""The control plane: what is refused, and what the answers hold."""

from fidelity import (
    check_refusal, invalid, longer_than, missing, refused, shorter_than, unknown, violation)
from test_fidelity_items import NAME_LENGTH, NAME_PATTERN, REQUIRED
from test_fidelity_pages import at_least, at_most

UNITS = {"ReadCapacityUnits": 1, "WriteCapacityUnits": 1}
NAME = "Member must satisfy regular expression pattern: [a-zA-Z0-9_.-]+"
INDEX_NOT_DEFINED = invalid("Some index key attributes are not defined in AttributeDefinitions. "
                            "Keys: [{}], AttributeDefinitions: [{}]")
UNUSED = invalid("Some AttributeDefinitions are not used. AttributeDefinitions: [{}], keys used: "
                 "[{}]")
COUNTS_DIFFER = invalid("Number of attributes in KeySchema does not exactly match number of "
                        "attributes defined in AttributeDefinitions")
FIRST_NOT_HASH = "Invalid KeySchema: The first KeySchemaElement is not a HASH key type"
SECOND_NOT_RANGE = "Invalid KeySchema: The second KeySchemaElement is not a RANGE key type"
SAME_NAME = "Both the Hash Key and the Range Key element in the KeySchema have the same name"
ON_DEMAND_UNITS = invalid("Neither ReadCapacityUnits nor WriteCapacityUnits can be specified when "
                          "BillingMode is PAY_PER_REQUEST")
NO_UNITS = invalid("ReadCapacityUnits and WriteCapacityUnits must both be specified when "
                   "BillingMode is PROVISIONED")
BOUND = 1_000_000_000_000


def defined(*names):
    return [{"AttributeName": name, "AttributeType": "S"} for name in names]


def keys(*pairs):
    return [{"AttributeName": name, "KeyType": kind} for name, kind in pairs]


def by(*names):
    return keys(*zip(names, ("HASH", "RANGE")))


def create(schema, attributes, **parameters):
    return {"TableName": "abc", "KeySchema": schema, "AttributeDefinitions": attributes,
            "ProvisionedThroughput": UNITS} | parameters


def index(name, schema, projection=None, **parameters):
    projection = {"ProjectionType": "ALL"} if projection is None else projection
    return {"IndexName": name, "KeySchema": schema, "Projection": projection} | parameters


def local(*indexes, schema=by("a", "b"), attributes=defined("a", "b")):
    return create(schema, attributes, LocalSecondaryIndexes=list(indexes))


def globally(*indexes, schema=by("a", "b"), attributes=defined("a", "b")):
    return create(schema, attributes, GlobalSecondaryIndexes=[
        {"ProvisionedThroughput": UNITS} | index for index in indexes])


class TestCreateTable:
    @refused(
        ({}, REQUIRED),
        ({"TableName": ""}, NAME_LENGTH),
        ({"TableName": "a;"}, NAME_LENGTH),
        ({"TableName": "a" * 256}, NAME_LENGTH),
        ({"TableName": "abc;"},
         [violation("abc;", "tableName", NAME_PATTERN), missing("attributeDefinitions"),
          missing("keySchema")]),
        ({"TableName": "abc", "AttributeDefinitions": []}, [missing("keySchema")]),
        ({"TableName": "abc", "AttributeDefinitions": [], "KeySchema": [],
          "ProvisionedThroughput": {}},
         [shorter_than(1, "[]", "keySchema"),
          missing("provisionedThroughput.writeCapacityUnits"),
          missing("provisionedThroughput.readCapacityUnits")]),
        (create([], [], ProvisionedThroughput={"ReadCapacityUnits": -1,
                                               "WriteCapacityUnits": -1}),
         [shorter_than(1, "[]", "keySchema"),
          at_least(-1, 1, "provisionedThroughput.readCapacityUnits"),
          at_least(-1, 1, "provisionedThroughput.writeCapacityUnits")]),
        (create([{}, {"AttributeName": "a", "KeyType": "hi"}], [{}], BillingMode="hi"),
         [missing("attributeDefinitions.1.member.attributeName"),
          missing("attributeDefinitions.1.member.attributeType"),
          missing("keySchema.1.member.attributeName"),
          missing("keySchema.1.member.keyType"),
          unknown("HASH, RANGE", "hi", "keySchema.2.member.keyType"),
          unknown("PROVISIONED, PAY_PER_REQUEST", "hi", "billingMode")]),
        (create(by("a"), [{"AttributeName": "a", "AttributeType": "hi"}]),
         [unknown("B, N, S", "hi", "attributeDefinitions.1.member.attributeType")]),
        (create(by("a", "b") + keys(("c", "RANGE")), defined("a")),
         [longer_than(2, "[KeySchemaElement(attributeName=a, keyType=HASH), "
                         "KeySchemaElement(attributeName=b, keyType=RANGE), "
                         "KeySchemaElement(attributeName=c, keyType=RANGE)]", "keySchema")]),
        (create(by("a" * 256), defined("a" * 256)),
         [longer_than(255, "a" * 256, "attributeDefinitions.1.member.attributeName"),
          longer_than(255, "a" * 256, "keySchema.1.member.attributeName")]),
        (create(by("a"), [], ProvisionedThroughput={"ReadCapacityUnits": BOUND + 1,
                                                    "WriteCapacityUnits": BOUND + 1}),
         f"Given value {BOUND + 1} for ReadCapacityUnits is out of bounds"),
        (create(by("a"), [], ProvisionedThroughput={"ReadCapacityUnits": BOUND,
                                                    "WriteCapacityUnits": BOUND + 1}),
         f"Given value {BOUND + 1} for WriteCapacityUnits is out of bounds"),
        (create(by("a"), [], ProvisionedThroughput=None), NO_UNITS),
        (create(by("a"), [], BillingMode="PAY_PER_REQUEST"), ON_DEMAND_UNITS),
        (create(by("a"), []), INDEX_NOT_DEFINED.format("a", "")),
        (create(by("a"), defined("b")), INDEX_NOT_DEFINED.format("a", "b")),
        (create(by("a", "b"), defined("b", "c")), INDEX_NOT_DEFINED.format("a, b", "b, c")),
        (create(by("a", "b"), defined("b")),
         "Invalid KeySchema: Some index key attribute have no definition"),
        (create(keys(("a", "RANGE")), defined("a")), FIRST_NOT_HASH),
        (create(keys(("a", "HASH"), ("b", "HASH")), defined("a", "b")), SECOND_NOT_RANGE),
        (create(by("a", "a"), defined("a")), SAME_NAME),
        (create(by("a", "a"), defined("a", "b")), SAME_NAME),
        (create(by("a"), defined("a", "b")), COUNTS_DIFFER),
        (create(by("a", "b"), defined("a", "b", "c")), COUNTS_DIFFER),
    )
    def test_refused(self, raw, request_body, message):
        check_refusal(raw, "CreateTable", request_body, message)

    @refused(
        (create(by("a"), [], LocalSecondaryIndexes=[{}]),
         [missing("localSecondaryIndexes.1.member.indexName"),
          missing("localSecondaryIndexes.1.member.keySchema"),
          missing("localSecondaryIndexes.1.member.projection")]),
        (local(index("h;", [], {"ProjectionType": "hi", "NonKeyAttributes": []})),
         [violation("h;", "localSecondaryIndexes.1.member.indexName", NAME),
          shorter_than(3, "h;", "localSecondaryIndexes.1.member.indexName"),
          shorter_than(1, "[]", "localSecondaryIndexes.1.member.keySchema"),
          unknown("ALL, INCLUDE, KEYS_ONLY", "hi",
                  "localSecondaryIndexes.1.member.projection.projectionType"),
          shorter_than(1, "[]", "localSecondaryIndexes.1.member.projection.nonKeyAttributes")]),
        (local(), invalid("List of LocalSecondaryIndexes is empty")),
        (local(index("abc", by("c"))), INDEX_NOT_DEFINED.format("c", "a, b")),
        (local(index("abc", by("c", "d"))), INDEX_NOT_DEFINED.format("c, d", "a, b")),
        (local(index("abc", by("a", "c"))), INDEX_NOT_DEFINED.format("a, c", "a, b")),
        (local(index("abc", by("a", "a"))), SAME_NAME),
        (local(index("abc", keys(("a", "RANGE")))), FIRST_NOT_HASH),
        (local(index("abc", keys(("a", "HASH"), ("b", "HASH")))), SECOND_NOT_RANGE),
        (local(index("abc", by("a", "b")), schema=by("a")),
         invalid("Table KeySchema does not have a range key, which is required when specifying a "
                 "LocalSecondaryIndex")),
        (local(index("abc", by("a"))),
         invalid("Index KeySchema does not have a range key for index: abc")),
        (local(index("abc", by("b", "a"))),
         invalid("Index KeySchema does not have the same leading hash key as table KeySchema for "
                 "index: abc. index hash key: b, table hash key: a")),
        (local(index("abc", by("a", "b"), {})), invalid("Unknown ProjectionType: null")),
        (local(index("abc", by("a", "b"), {"NonKeyAttributes": ["c"]})),
         invalid("Unknown ProjectionType: null")),
        (local(index("abc", by("a", "b"), {"ProjectionType": "ALL", "NonKeyAttributes": ["c"]})),
         invalid("ProjectionType is ALL, but NonKeyAttributes is specified")),
        (local(index("abc", by("a", "b"),
                     {"ProjectionType": "KEYS_ONLY", "NonKeyAttributes": ["c"]})),
         invalid("ProjectionType is KEYS_ONLY, but NonKeyAttributes is specified")),
        (local(index("abc", by("a", "b"), {"ProjectionType": "INCLUDE"})),
         invalid("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")),
        (local(index("abc", by("a", "b")), index("abc", by("a", "b"))),
         invalid("Duplicate index name: abc")),
        (local(*[index(f"index{i}", by("a", "b")) for i in range(6)]),
         invalid("Number of LocalSecondaryIndexes exceeds per-table limit of 5")),
        (local(index("abc", by("a", "b")), attributes=defined("a", "b", "c", "d")),
         UNUSED.format("a, b, c, d", "a, b")),
    )
    def test_local_indexes(self, raw, request_body, message):
        check_refusal(raw, "CreateTable", request_body, message)

    @refused(
        (globally(), invalid("List of GlobalSecondaryIndexes is empty")),
        (globally(index("abc", by("c"))), INDEX_NOT_DEFINED.format("c", "a, b")),
        (globally(index("abc", keys(("a", "RANGE")))), FIRST_NOT_HASH),
        (globally(index("abc", by("a", "a"))), SAME_NAME),
        (globally(index("abc", by("a"), {})), invalid("Unknown ProjectionType: null")),
        (globally(index("abc", by("a"), {"ProjectionType": "ALL", "NonKeyAttributes": ["c"]})),
         invalid("ProjectionType is ALL, but NonKeyAttributes is specified")),
        (globally(index("abc", by("a"), {"ProjectionType": "INCLUDE"})),
         invalid("ProjectionType is INCLUDE, but NonKeyAttributes is not specified")),
        (globally(index("abc", by("a"), ProvisionedThroughput={
            "ReadCapacityUnits": BOUND + 1, "WriteCapacityUnits": 1})),
         f"Given value {BOUND + 1} for ReadCapacityUnits is out of bounds for index abc"),
        (globally(index("abc", by("a"), ProvisionedThroughput={
            "ReadCapacityUnits": 1, "WriteCapacityUnits": BOUND + 1})),
         f"Given value {BOUND + 1} for WriteCapacityUnits is out of bounds for index abc"),
        (globally(index("abc", by("a"), ProvisionedThroughput={})),
         [missing("globalSecondaryIndexes.1.member.provisionedThroughput.readCapacityUnits"),
          missing("globalSecondaryIndexes.1.member.provisionedThroughput.writeCapacityUnits")]),
        (globally(index("abc", by("a"), ProvisionedThroughput=None)),
         invalid("ProvisionedThroughput is not specified for index: abc")),
        (create(by("a", "b"), defined("a", "b"), BillingMode="PAY_PER_REQUEST",
                ProvisionedThroughput=None, GlobalSecondaryIndexes=[
                    index("abc", by("b"), ProvisionedThroughput=UNITS)]),
         invalid("ProvisionedThroughput should not be specified for index: abc when BillingMode "
                 "is PAY_PER_REQUEST")),
        (globally(index("abc", by("a")), index("abc", by("b"))),
         invalid("Duplicate index name: abc")),
        (create(by("a", "b"), defined("a", "b"),
                LocalSecondaryIndexes=[index("abc", by("a", "b"))],
                GlobalSecondaryIndexes=[index("abc", by("b"), ProvisionedThroughput=UNITS)]),
         invalid("Duplicate index name: abc")),
        (globally(*[index(f"index{i}", by("b")) for i in range(21)]),
         invalid("GlobalSecondaryIndex count exceeds the per-table limit of 20")),
        (globally(index("abc", by("a")), attributes=defined("a", "b", "c")),
         UNUSED.format("a, b, c", "a, b")),
    )
    def test_global_indexes(self, raw, request_body, message):
        check_refusal(raw, "CreateTable", request_body, message)


NAMES = [
    ({}, REQUIRED),
    ({"TableName": ""}, NAME_LENGTH),
    ({"TableName": "a;"}, NAME_LENGTH),
    ({"TableName": "a" * 256}, NAME_LENGTH),
    ({"TableName": "abc;"}, [violation("abc;", "tableName", NAME_PATTERN)]),
    ({"TableName": "abc"},
     "ResourceNotFoundException: Requested resource not found: Table: abc not found"),
]


class TestTablesByName:
    @refused(*NAMES)
    def test_describe(self, raw, request_body, message):
        check_refusal(raw, "DescribeTable", request_body, message)

    @refused(*NAMES)
    def test_delete(self, raw, request_body, message):
        check_refusal(raw, "DeleteTable", request_body, message)

    @refused(*NAMES)
    def test_describe_time_to_live(self, raw, request_body, message):
        check_refusal(raw, "DescribeTimeToLive", request_body, message)

    @refused(
        ({"Limit": 0}, [at_least(0, 1, "limit")]),
        ({"Limit": 101}, [at_most(101, 100, "limit")]),
        ({"ExclusiveStartTableName": ""}, "ExclusiveStart" + NAME_LENGTH),
        ({"ExclusiveStartTableName": "a;"}, "ExclusiveStart" + NAME_LENGTH),
        ({"ExclusiveStartTableName": "a" * 256}, "ExclusiveStart" + NAME_LENGTH),
        ({"ExclusiveStartTableName": "abc;", "Limit": 500},
         [violation("abc;", "exclusiveStartTableName", NAME), at_most(500, 100, "limit")]),
    )
    def test_list(self, raw, request_body, message):
        check_refusal(raw, "ListTables", request_body, message)


ARN = "arn:aws:dynamodb:us-east-1:000000000000:table/no-such-table"
ABSENT_ARN = f"ResourceNotFoundException: Requested resource not found: ResourcArn: {ARN} not found"
INVALID_ARN = "Invalid TableArn: Invalid ResourceArn provided as input "


class TestTags:
    @refused(
        ({}, "Invalid TableArn"),
        ({"ResourceArn": ""}, INVALID_ARN),
        ({"ResourceArn": "arn:aws:dynamodb:us-east-1:000000000000:table/"},
         INVALID_ARN + "arn:aws:dynamodb:us-east-1:000000000000:table/"),
        ({"ResourceArn": ARN}, [missing("tags")]),
        ({"ResourceArn": ARN, "Tags": []}, "Atleast one Tag needs to be provided as Input."),
        ({"ResourceArn": ARN, "Tags": [{"Key": "a", "Value": "b"}]}, ABSENT_ARN),
    )
    def test_tag(self, raw, request_body, message):
        check_refusal(raw, "TagResource", request_body, message)

    @refused(
        ({}, "Invalid TableArn"),
        ({"ResourceArn": ""}, INVALID_ARN),
        ({"ResourceArn": ARN}, [missing("tagKeys")]),
        ({"ResourceArn": ARN, "TagKeys": []},
         "Atleast one Tag Key needs to be provided as Input."),
        ({"ResourceArn": ARN, "TagKeys": ["a"]}, ABSENT_ARN),
    )
    def test_untag(self, raw, request_body, message):
        check_refusal(raw, "UntagResource", request_body, message)

    @refused(
        ({}, "Invalid TableArn"),
        ({"ResourceArn": ""}, INVALID_ARN),
        ({"ResourceArn": ARN}, ABSENT_ARN),
    )
    def test_list(self, raw, request_body, message):
        check_refusal(raw, "ListTagsOfResource", request_body, message)


NOTHING_ASKED = ("At least one of ProvisionedThroughput, BillingMode, UpdateStreamEnabled, "
                 "GlobalSecondaryIndexUpdates or SSESpecification or ReplicaUpdates is required")
MEMBERS = ("GlobalSecondaryIndexUpdate.Update, GlobalSecondaryIndexUpdate.Create, "
           "GlobalSecondaryIndexUpdate.Delete")


def update(*updates, **parameters):
    request = {"TableName": "abc"} | parameters
    return request | ({"GlobalSecondaryIndexUpdates": list(updates)} if updates else {})


class TestUpdateTable:
    @refused(
        ({}, REQUIRED),
        ({"TableName": "a;"}, NAME_LENGTH),
        ({"TableName": "abc"}, NOTHING_ASKED),
        ({"TableName": "abc", "GlobalSecondaryIndexUpdates": []}, NOTHING_ASKED),
        (update(ProvisionedThroughput={}),
         [missing("provisionedThroughput.readCapacityUnits"),
          missing("provisionedThroughput.writeCapacityUnits")]),
        (update({"Update": {"IndexName": "h;", "ProvisionedThroughput": {}}},
                TableName="abc;", ProvisionedThroughput={"ReadCapacityUnits": -1,
                                                         "WriteCapacityUnits": -1}),
         [violation("abc;", "tableName", NAME_PATTERN),
          at_least(-1, 1, "provisionedThroughput.readCapacityUnits"),
          at_least(-1, 1, "provisionedThroughput.writeCapacityUnits"),
          violation("h;", "globalSecondaryIndexUpdates.1.member.update.indexName", NAME),
          shorter_than(3, "h;", "globalSecondaryIndexUpdates.1.member.update.indexName"),
          missing("globalSecondaryIndexUpdates.1.member.update.provisionedThroughput"
                  ".readCapacityUnits"),
          missing("globalSecondaryIndexUpdates.1.member.update.provisionedThroughput"
                  ".writeCapacityUnits")]),
        (update(BillingMode="PAY_PER_REQUEST", ProvisionedThroughput=UNITS), ON_DEMAND_UNITS),
        (update(BillingMode="PROVISIONED"), NO_UNITS),
        (update(ProvisionedThroughput={"ReadCapacityUnits": BOUND + 1,
                                       "WriteCapacityUnits": BOUND + 1}),
         f"Given value {BOUND + 1} for ReadCapacityUnits is out of bounds"),
        (update({"Update": {"IndexName": "abc", "ProvisionedThroughput": {
            "ReadCapacityUnits": 1, "WriteCapacityUnits": BOUND + 1}}}),
         f"Given value {BOUND + 1} for WriteCapacityUnits is out of bounds for index abc"),
        (update({}), invalid(f"One of {MEMBERS} must not be null")),
        (update({"Update": {"IndexName": "abc", "ProvisionedThroughput": UNITS},
                 "Delete": {"IndexName": "abc"}}),
         invalid(f"Only one of {MEMBERS} may be specified")),
        (update({"Delete": {"IndexName": "abc"}}, {"Delete": {"IndexName": "abc"}}),
         invalid("Only one global secondary index update per index is allowed simultaneously. "
                 "Index: abc")),
        (update(ProvisionedThroughput=UNITS),
         "ResourceNotFoundException: Requested resource not found: Table: abc not found"),
    )
    def test_refused(self, raw, request_body, message):
        check_refusal(raw, "UpdateTable", request_body, message)
