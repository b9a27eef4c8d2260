"""What reads tell: projections, pages and their ends, Select, start keys, key conditions."""

from decimal import Decimal

import pytest

from conftest import delete_quietly, definitions, index_of, key_schema, next_table_name

DOCUMENT = {
    "p": "document", "c": "1", "s": "text", "l": ["zero", {"x": 1, "y": 2}, ["a", "b"], "three"],
    "m": {"a": {"b": 1, "c": {"x": 7}}, "d": [1, 2, 3]}, "na.me": 5,
}


@pytest.fixture(scope="module")
def table(client, resource):
    """A table keyed by `p` and `c`, with an index of each kind; `many` has 20 items."""
    name = next_table_name()
    client.create_table(
        TableName=name, KeySchema=key_schema(hash="p", range="c"),
        AttributeDefinitions=definitions(p="S", c="S", x="N"), BillingMode="PAY_PER_REQUEST",
        LocalSecondaryIndexes=[index_of("local", "KEYS_ONLY", hash="p", range="x")],
        GlobalSecondaryIndexes=[index_of("global", ["i"], hash="x")])
    made = resource.Table(name)
    made.put_item(Item=DOCUMENT)
    with made.batch_writer() as batch:
        for n in range(20):
            batch.put_item(Item={
                "p": "many", "c": f"{n:02}", "x": n % 3, "i": n, "even": n % 2 == 0})
    yield made
    delete_quietly(client, name)


PROJECTIONS = [
    ("s", {"s": "text"}),
    ("p, c", {"p": "document", "c": "1"}),
    ("q", {}),
    ("s.q, m[0], l[9]", {}),
    ("l.q, m.a.q", {}),
    ("m.a", {"m": {"a": DOCUMENT["m"]["a"]}}),
    ("m.a.b, m.a.c.x", {"m": {"a": {"b": 1, "c": {"x": 7}}}}),
    ("m.d[1]", {"m": {"d": [2]}}),
    ("l[3], l[0]", {"l": ["zero", "three"]}),
    ("l[1].y, l[2][1]", {"l": [{"y": 2}, ["b"]]}),
    ("l[1].q, l[3]", {"l": ["three"]}),
    ("m.a.c, s", {"m": {"a": {"c": {"x": 7}}}, "s": "text"}),
    ("#n", {"na.me": 5}),
]


@pytest.mark.parametrize("expression, told", PROJECTIONS)
def test_projections(table, expression, told):
    names = {"ExpressionAttributeNames": {"#n": "na.me"}} if "#n" in expression else {}
    key = {"p": "document", "c": "1"}
    assert table.get_item(Key=key, ProjectionExpression=expression, **names)["Item"] == told
    page = table.query(
        KeyConditionExpression="p = :p", ExpressionAttributeValues={":p": "document"},
        ProjectionExpression=expression, **names)
    assert page["Items"] == [told]
    assert page["Count"] == 1


@pytest.mark.parametrize("expression, reason", [
    ("s, s", "Two document paths overlap with each other; must remove or rewrite one of these "
             "paths; path one: [s], path two: [s]"),
    ("m.a, m", "Two document paths overlap with each other; must remove or rewrite one of these "
               "paths; path one: [m, a], path two: [m]"),
    ("m.a, m[0]", "Two document paths conflict with each other; must remove or rewrite one of "
                  "these paths; path one: [m, a], path two: [m, [0]]"),
    ("", "The expression can not be empty;"),
    ("s,", 'Syntax error; token: "<EOF>", near: ","'),
    ("s s", 'Syntax error; token: "s", near: "s s"'),
    ("l[-1]", 'Syntax error; token: "-", near: "[-1"…'),
    ("l[x]", 'Syntax error; token: "x", near: "[x]"'),
    ("m..a", 'Syntax error; token: ".", near: "..a"'),
    ("#q", "An expression attribute name used in the document path is not defined; "
           "attribute name: #q"),
    ("Name", "Attribute name is a reserved keyword; reserved keyword: Name"),
])
def test_refused_projections(table, invalid, expression, reason):
    invalid(f"Invalid ProjectionExpression: {reason}", table.get_item,
            Key={"p": "document", "c": "1"}, ProjectionExpression=expression)
    invalid(f"Invalid ProjectionExpression: {reason}", table.scan,
            ProjectionExpression=expression)


def many(table, **parameters):
    values = parameters.pop("values", {})
    return table.query(
        KeyConditionExpression="p = :p" + parameters.pop("and_", ""),
        ExpressionAttributeValues={":p": "many"} | values, **parameters)


def numbers(page):
    return [int(item["c"]) for item in page["Items"]]


class TestPages:
    def test_a_limit_that_falls_on_the_last_item_still_tells_a_key(self, table):
        page = many(table, Limit=20)
        assert numbers(page) == list(range(20))
        assert page["LastEvaluatedKey"] == {"p": "many", "c": "19"}
        rest = many(table, Limit=20, ExclusiveStartKey=page["LastEvaluatedKey"])
        assert (rest["Items"], rest["Count"], rest["ScannedCount"]) == ([], 0, 0)
        assert "LastEvaluatedKey" not in rest
        assert "LastEvaluatedKey" not in many(table, Limit=21)

    def test_a_page_may_be_filtered_away(self, table):
        page = many(table, Limit=1, FilterExpression="even = :f", values={":f": False})
        assert (page["Items"], page["Count"], page["ScannedCount"]) == ([], 0, 1)
        assert page["LastEvaluatedKey"] == {"p": "many", "c": "00"}

    def test_backwards_from_a_start_key(self, table):
        start = {"p": "many", "c": "05"}
        assert numbers(many(table, ScanIndexForward=False, ExclusiveStartKey=start)) == [
            4, 3, 2, 1, 0]
        page = many(table, ScanIndexForward=False, Limit=3, and_=" AND c < :c",
                    values={":c": "15"})
        assert numbers(page) == [14, 13, 12]
        assert page["LastEvaluatedKey"] == {"p": "many", "c": "12"}

    def test_keys_of_index_pages(self, table):
        page = table.query(
            IndexName="global", KeyConditionExpression="x = :x", Limit=2,
            ExpressionAttributeValues={":x": 1})
        assert set(page["LastEvaluatedKey"]) == {"p", "c", "x"}
        assert all(set(item) == {"p", "c", "x", "i"} for item in page["Items"])
        page = many(table, IndexName="local", Limit=2)
        assert set(page["LastEvaluatedKey"]) == {"p", "c", "x"}
        rest = many(table, IndexName="local", ExclusiveStartKey=page["LastEvaluatedKey"])
        assert rest["Count"] == 18
        assert [item["x"] for item in page["Items"] + rest["Items"]] == sorted(
            Decimal(n % 3) for n in range(20))

    def test_segments(self, table):
        keys = []
        for segment in range(4):
            page = table.scan(TotalSegments=4, Segment=segment)
            keys += [(item["p"], item["c"]) for item in page["Items"]]
        assert len(keys) == len(set(keys)) == 21

    def test_start_keys_must_fit(self, table, refused):
        for start in ({"p": "many"}, {"p": "many", "c": 1}, {"p": "many", "c": "1", "q": "x"}, {}):
            refusal = refused(
                table.query, KeyConditionExpression="p = :p", ExclusiveStartKey=start,
                ExpressionAttributeValues={":p": "many"})
            assert refusal.code == "ValidationException"
            assert refusal.message.startswith("The provided starting key is invalid"), start
        refusal = refused(
            table.query, KeyConditionExpression="p = :p",
            ExclusiveStartKey={"p": "other", "c": "1"}, ExpressionAttributeValues={":p": "many"})
        assert refusal.message == (
            "The provided starting key is outside query boundaries based on provided conditions")


class TestSelect:
    def test_count_tells_no_items(self, table):
        page = many(table, Select="COUNT", FilterExpression="even = :t", values={":t": True})
        assert (page["Count"], page["ScannedCount"]) == (10, 20)
        assert "Items" not in page

    def test_projected_attributes(self, table):
        page = many(table, IndexName="local", Select="ALL_PROJECTED_ATTRIBUTES")
        assert all(set(item) == {"p", "c", "x"} for item in page["Items"])
        page = many(table, IndexName="local", Select="ALL_ATTRIBUTES")
        assert all(set(item) == {"p", "c", "x", "i", "even"} for item in page["Items"])

    @pytest.mark.parametrize("parameters, message", [
        ({"Select": "ALL_PROJECTED_ATTRIBUTES"},
         "ALL_PROJECTED_ATTRIBUTES can be used only when Querying using an IndexName"),
        ({"Select": "SPECIFIC_ATTRIBUTES"}, "Must specify the AttributesToGet or "
         "ProjectionExpression when choosing to get SPECIFIC_ATTRIBUTES"),
        ({"Select": "COUNT", "ProjectionExpression": "p"},
         "Cannot specify the ProjectionExpression when choosing to get only the Count"),
        ({"Select": "ALL_ATTRIBUTES", "AttributesToGet": ["p"]},
         "Cannot specify the AttributesToGet when choosing to get ALL_ATTRIBUTES"),
        ({"Select": "ALL_ATTRIBUTES", "IndexName": "global"},
         "One or more parameter values were invalid: Select type ALL_ATTRIBUTES is not supported "
         "for global secondary index global because its projection type is not ALL"),
        ({"ProjectionExpression": "even", "IndexName": "global"},
         "One or more parameter values were invalid: Global secondary index global does not "
         "project [even]"),
    ])
    def test_rules(self, table, invalid, parameters, message):
        invalid(message, table.scan, **parameters)


class TestKeyConditions:
    @pytest.mark.parametrize("condition, found", [
        (" AND c = :c", [10]), (" AND c < :c", list(range(10))),
        (" AND c >= :c", list(range(10, 20))),
        (" AND :c > c", list(range(10))), (" AND begins_with(c, :c)", [10]),
        (" AND c BETWEEN :c AND :d", [10, 11, 12]),
    ])
    def test_ranges(self, table, condition, found):
        values = {":c": "10"} | ({":d": "12"} if ":d" in condition else {})
        assert numbers(many(table, and_=condition, values=values)) == found

    @pytest.mark.parametrize("condition, values, message", [
        ("p = :p AND c <> :c", {":c": "1"},
         "Invalid operator used in KeyConditionExpression: <>"),
        ("p = :p AND c IN (:c)", {":c": "1"},
         "Invalid operator used in KeyConditionExpression: IN"),
        ("p = :p OR c = :c", {":c": "1"}, "Invalid operator used in KeyConditionExpression: OR"),
        ("NOT p = :p", {}, "Invalid operator used in KeyConditionExpression: NOT"),
        ("p = :p AND contains(c, :c)", {":c": "1"},
         "Invalid operator used in KeyConditionExpression: contains"),
        ("p = :p AND c > :c AND c < :d", {":c": "1", ":d": "2"},
         "KeyConditionExpressions must only contain one condition per key"),
        ("p = :p AND m.a = :c", {":c": "1"},
         "KeyConditionExpressions cannot have conditions on nested attributes"),
        ("p = :p AND size(c) = :c", {":c": 1},
         "KeyConditionExpressions cannot contain nested operations"),
        ("p = :p AND q = :c", {":c": "1"}, "Query condition missed key schema element: c"),
        ("c = :p", {}, "Query condition missed key schema element: p"),
        ("p < :p", {}, "Query key condition not supported"),
        ("p = :p AND c = :c AND q = :c", {":c": "1"}, "The number of query conditions (3) exceeds "
         "the number of key attributes defined in the schema (2)"),
        ("p = :p AND c = :c", {":c": 1}, "One or more parameter values were invalid: Condition "
         "parameter type does not match schema type"),
        ("p = c", {}, "Invalid KeyConditionExpression: Invalid condition in "
         "KeyConditionExpression: Multiple attribute names used in one condition"),
    ])
    def test_refused(self, table, invalid, condition, values, message):
        used = {name: value for name, value in ({":p": "many"} | values).items()
                if name in condition}
        invalid(message, table.query, KeyConditionExpression=condition,
                **({"ExpressionAttributeValues": used} if used else {}))

    def test_filters_may_not_name_keys(self, table, invalid):
        invalid("Filter Expression can only contain non-primary key attributes: "
                "Primary key attribute: c",
                table.query, KeyConditionExpression="p = :p", FilterExpression="c = :p",
                ExpressionAttributeValues={":p": "many"})
        # A scan's may.
        page = table.scan(FilterExpression="c = :c", ExpressionAttributeValues={":c": "19"})
        assert page["Count"] == 1
