"""Query and Scan: key conditions, filters, pages, projections, segments, counts, units."""

from decimal import Decimal

import pytest

from item_size import item_size, read_units


def pages(operation, **parameters):
    """All pages of a query or scan."""
    while True:
        page = operation(**parameters)
        yield page
        if "LastEvaluatedKey" not in page:
            return
        parameters["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def all_items(operation, **parameters):
    return [item for page in pages(operation, **parameters) for item in page["Items"]]


def entry(key, n, **more):
    return {"id": {"S": key}, "n": {"N": str(n)}} | more


def numbers(items):
    return [Decimal(item["n"]["N"]) for item in items]


@pytest.fixture
def filled(client, sorted_table):
    """`a` has the numbers −20 … 29, `b` one, `c` none."""
    for n in range(-20, 30):
        client.put_item(TableName=sorted_table, Item=entry(
            "a", n, odd={"BOOL": n % 2 == 1}, text={"S": f"text {abs(n):03}"}))
    client.put_item(TableName=sorted_table, Item=entry("b", 1))
    return sorted_table


class TestKeyConditions:
    def query(self, client, table, condition, **values):
        return numbers(all_items(
            client.query, TableName=table, KeyConditionExpression=condition,
            ExpressionAttributeValues={":id": {"S": "a"}} | {
                f":{name}": {"N": str(value)} for name, value in values.items()}))

    def test_ranges(self, client, filled):
        every = list(range(-20, 30))
        query = self.query
        assert query(client, filled, "id = :id") == every
        assert query(client, filled, "id = :id AND n = :x", x=-3) == [-3]
        assert query(client, filled, "n < :x AND id = :id", x=-17) == [-20, -19, -18]
        assert query(client, filled, "id = :id AND n <= :x", x=-18) == [-20, -19, -18]
        assert query(client, filled, "(id = :id) AND (n > :x)", x=27) == [28, 29]
        assert query(client, filled, "id = :id AND n >= :x", x="27.5") == [28, 29]
        assert query(client, filled, "id = :id AND n BETWEEN :x AND :y", x=-1, y=1) == [-1, 0, 1]
        assert query(client, filled, "id = :id AND n > :x", x=1000) == []

    def test_backwards(self, client, filled):
        found = all_items(
            client.query, TableName=filled, KeyConditionExpression="id = :id AND n < :x",
            ExpressionAttributeValues={":id": {"S": "a"}, ":x": {"N": "0"}},
            ScanIndexForward=False, Limit=7)
        assert numbers(found) == list(range(-1, -21, -1))

    def test_prefix(self, client, new_table):
        table = new_table(id="S", name_="S")
        for name in ("a", "ab", "abc", "ab\u00ff", "ab\U0001faa8", "ac", "b"):
            client.put_item(TableName=table, Item={"id": {"S": "k"}, "name_": {"S": name}})
        found = all_items(
            client.query, TableName=table,
            KeyConditionExpression="id = :id AND begins_with(name_, :p)",
            ExpressionAttributeValues={":id": {"S": "k"}, ":p": {"S": "ab"}})
        # Order is that of the UTF-8 bytes.
        assert [item["name_"]["S"] for item in found] == [
            "ab", "abc", "ab\u00ff", "ab\U0001faa8"]

    def test_numbers_sort_by_value(self, client, sorted_table):
        values = ["-1E125", "-1000", "-999.5", "-1", "-0.5", "-1E-130", "0", "1E-130", "0.009",
                  "0.1", "0.11", "1", "2", "10", "11", "99", "100", "1E38", "9.9E125"]
        for value in reversed(values):
            client.put_item(TableName=sorted_table, Item=entry("a", value))
        found = all_items(
            client.query, TableName=sorted_table, KeyConditionExpression="id = :id",
            ExpressionAttributeValues={":id": {"S": "a"}})
        assert numbers(found) == [Decimal(value) for value in values]

    def test_binaries_sort_as_unsigned_bytes(self, client, new_table):
        table = new_table(id="S", part="B")
        parts = [b"\x00", b"\x00\x00", b"\x00\xff", b"\x01", b"\x7f", b"\x80", b"\xff", b"\xff\x00"]
        for part in reversed(parts):
            client.put_item(TableName=table, Item={"id": {"S": "a"}, "part": {"B": part}})
        found = all_items(
            client.query, TableName=table, KeyConditionExpression="id = :id",
            ExpressionAttributeValues={":id": {"S": "a"}})
        assert [item["part"]["B"] for item in found] == parts


class TestPages:
    @pytest.mark.parametrize("limit", [1, 7, 50, 51, 1000])
    def test_limits(self, client, filled, limit):
        found = list(pages(
            client.query, TableName=filled, KeyConditionExpression="id = :id", Limit=limit,
            ExpressionAttributeValues={":id": {"S": "a"}}))
        assert numbers(i for page in found for i in page["Items"]) == list(range(-20, 30))
        assert all(page["Count"] <= limit for page in found)
        for page in found[:-1]:
            last = page["Items"][-1]
            assert page["LastEvaluatedKey"] == {"id": last["id"], "n": last["n"]}

    def test_limit_counts_what_was_evaluated(self, client, filled):
        page = client.query(
            TableName=filled, KeyConditionExpression="id = :id", Limit=10,
            FilterExpression="odd = :t",
            ExpressionAttributeValues={":id": {"S": "a"}, ":t": {"BOOL": True}})
        assert (page["Count"], page["ScannedCount"]) == (5, 10)
        assert page["LastEvaluatedKey"] == {"id": {"S": "a"}, "n": {"N": "-11"}}

    def test_start_key_of_an_item_that_is_gone(self, client, filled):
        page = client.query(
            TableName=filled, KeyConditionExpression="id = :id",
            ExclusiveStartKey=entry("a", "10.5"),
            ExpressionAttributeValues={":id": {"S": "a"}})
        assert numbers(page["Items"]) == list(range(11, 30))

    def test_page_of_a_megabyte(self, client, sorted_table):
        # 60 items of 40,000 bytes and a little: the page ends with the item that passes 1 MB.
        items = [entry("a", n, x={"S": "x" * 40_000}) for n in range(60)]
        for item in items:
            client.put_item(TableName=sorted_table, Item=item)
        found = list(pages(
            client.query, TableName=sorted_table, KeyConditionExpression="id = :id",
            ExpressionAttributeValues={":id": {"S": "a"}}, ReturnConsumedCapacity="TOTAL"))
        assert len(found) == 3
        assert [page["Count"] for page in found] == [27, 27, 6]
        for page in found:
            size = sum(map(item_size, page["Items"]))
            assert page["ConsumedCapacity"]["CapacityUnits"] == read_units(size)


class TestFiltersAndProjections:
    def test_filter_does_not_change_units(self, client, filled):
        parameters = {
            "TableName": filled, "KeyConditionExpression": "id = :id",
            "ReturnConsumedCapacity": "TOTAL", "ConsistentRead": True}
        whole = client.query(**parameters, ExpressionAttributeValues={":id": {"S": "a"}})
        some = client.query(
            **parameters, FilterExpression="contains(#t, :x)", ProjectionExpression="n",
            ExpressionAttributeNames={"#t": "text"},
            ExpressionAttributeValues={":id": {"S": "a"}, ":x": {"S": "01"}})
        size = sum(map(item_size, whole["Items"]))
        assert some["ConsumedCapacity"] == whole["ConsumedCapacity"]
        assert whole["ConsumedCapacity"]["CapacityUnits"] == read_units(size, True)
        assert some["ScannedCount"] == 50
        expected = [n for n in range(-20, 30) if "01" in f"{abs(n):03}"]
        assert numbers(some["Items"]) == expected
        assert all(list(item) == ["n"] for item in some["Items"])

    def test_count(self, client, filled):
        page = client.query(
            TableName=filled, KeyConditionExpression="id = :id", Select="COUNT",
            ExpressionAttributeValues={":id": {"S": "a"}})
        assert (page["Count"], page["ScannedCount"]) == (50, 50)
        assert "Items" not in page

    def test_specific_attributes(self, client, filled, refused):
        page = client.scan(
            TableName=filled, Select="SPECIFIC_ATTRIBUTES", ProjectionExpression="id")
        assert all(set(item) == {"id"} for item in page["Items"])
        assert refused(
            client.scan, TableName=filled, Select="SPECIFIC_ATTRIBUTES",
        ).code == "ValidationException"

    def test_a_filter_may_not_name_keys(self, client, filled, invalid):
        invalid("Filter Expression can only contain non-primary key attributes: "
                "Primary key attribute: n",
                client.query, TableName=filled, KeyConditionExpression="id = :id",
                FilterExpression="n > :x",
                ExpressionAttributeValues={":id": {"S": "a"}, ":x": {"N": "1"}})


class TestScan:
    @pytest.fixture
    def many(self, client, simple_table):
        for i in range(300):
            client.put_item(
                TableName=simple_table, Item={"id": {"S": f"key {i}"}, "n": {"N": str(i)}})
        return simple_table

    def test_each_item_once(self, client, many):
        for limit in (1000, 17):
            found = all_items(client.scan, TableName=many, Limit=limit)
            assert sorted(numbers(found)) == list(range(300))

    @pytest.mark.parametrize("total", [1, 2, 3, 7, 100])
    def test_segments_part_the_table(self, client, many, total):
        found = [
            all_items(client.scan, TableName=many, TotalSegments=total, Segment=segment, Limit=50)
            for segment in range(total)]
        assert sorted(number for part in found for number in numbers(part)) == list(range(300))
        if total in (2, 3):
            assert all(len(part) > 50 for part in found), "segments should be about equal"

    def test_filter_and_units(self, client, many):
        page = client.scan(
            TableName=many, FilterExpression="n BETWEEN :x AND :y",
            ExpressionAttributeValues={":x": {"N": "10"}, ":y": {"N": "19"}},
            ReturnConsumedCapacity="TOTAL")
        assert sorted(numbers(page["Items"])) == list(range(10, 20))
        size = sum(item_size({"id": {"S": f"key {i}"}, "n": {"N": str(i)}}) for i in range(300))
        assert page["ConsumedCapacity"]["CapacityUnits"] == read_units(size)

    def test_segment_parameters(self, client, many, invalid):
        invalid("The TotalSegments parameter is required but was not present in the request "
                "when Segment parameter is present", client.scan, TableName=many, Segment=0)
        invalid("The Segment parameter is required but was not present in the request "
                "when parameter TotalSegments is present",
                client.scan, TableName=many, TotalSegments=4)
        invalid("The Segment parameter is zero-based and must be less than parameter "
                "TotalSegments",
                client.scan, TableName=many, Segment=4, TotalSegments=4)


class TestRefusedQueries:
    def test_key_conditions(self, client, filled, invalid):
        values = {":x": {"N": "1"}}
        invalid("Query condition missed key schema element: id",
                client.query, TableName=filled, KeyConditionExpression="n = :x",
                ExpressionAttributeValues=values)
        invalid("Query key condition not supported",
                client.query, TableName=filled, KeyConditionExpression="id > :x",
                ExpressionAttributeValues={":x": {"S": "a"}})
        invalid("Either the KeyConditions or KeyConditionExpression parameter must be specified "
                "in the request.", client.query, TableName=filled)
        invalid("The table does not have the specified index: nothing",
                client.query, TableName=filled, IndexName="nothing",
                KeyConditionExpression="id = :x", ExpressionAttributeValues=values)
