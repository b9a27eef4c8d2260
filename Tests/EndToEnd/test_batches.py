"""BatchGetItem and BatchWriteItem."""

import pytest

from item_size import item_size, read_units, write_units


def key(i):
    return {"id": {"S": f"key {i}"}}


def item(i, size=0):
    return key(i) | {"n": {"N": str(i)}, "x": {"S": "x" * size}}


def put(i, size=0):
    return {"PutRequest": {"Item": item(i, size)}}


class TestBatchWrite:
    def test_puts_and_deletes_over_tables(self, client, new_table):
        first, second = new_table(id="S"), new_table(id="S")
        client.put_item(TableName=second, Item=item(99))
        answer = client.batch_write_item(RequestItems={
            first: [put(i) for i in range(20)],
            second: [put(1), {"DeleteRequest": {"Key": key(99)}}],
        })
        assert answer["UnprocessedItems"] == {}
        assert client.scan(TableName=first)["Count"] == 20
        assert client.scan(TableName=second)["Items"] == [item(1)]

    def test_each_item_is_charged(self, client, simple_table):
        sizes = [0, 100, 1000, 1024, 5000]
        answer = client.batch_write_item(
            RequestItems={simple_table: [put(i, size) for i, size in enumerate(sizes)]},
            ReturnConsumedCapacity="TOTAL")
        assert answer["ConsumedCapacity"] == [{
            "TableName": simple_table,
            "CapacityUnits": sum(
                write_units(item_size(item(i, size))) for i, size in enumerate(sizes))}]

    @pytest.mark.parametrize("count, is_allowed", [(25, True), (26, False)])
    def test_count(self, client, simple_table, refused, count, is_allowed):
        request = {"RequestItems": {simple_table: [put(i) for i in range(count)]}}
        if is_allowed:
            client.batch_write_item(**request)
        else:
            assert refused(client.batch_write_item, **request).code == "ValidationException"
        assert client.scan(TableName=simple_table)["Count"] == (count if is_allowed else 0)

    def test_keys_must_differ(self, client, simple_table, invalid):
        invalid("Provided list of item keys contains duplicates", client.batch_write_item,
                RequestItems={simple_table: [put(1), {"DeleteRequest": {"Key": key(1)}}]})

    def test_one_bad_item_refuses_all(self, client, simple_table, refused):
        refusal = refused(client.batch_write_item, RequestItems={simple_table: [
            put(1), {"PutRequest": {"Item": {"n": {"N": "1"}}}}]})
        assert refusal.code == "ValidationException"
        assert client.scan(TableName=simple_table)["Count"] == 0

    def test_absent_table(self, client, simple_table, refused):
        refusal = refused(
            client.batch_write_item, RequestItems={simple_table: [put(1)], "no-such": [put(1)]})
        assert refusal.code == "ResourceNotFoundException"
        assert client.scan(TableName=simple_table)["Count"] == 0


class TestBatchGet:
    @pytest.fixture
    def filled(self, client, simple_table):
        for start in range(0, 100, 25):
            client.batch_write_item(
                RequestItems={simple_table: [put(i) for i in range(start, start + 25)]})
        return simple_table

    def test_present_and_absent(self, client, filled):
        answer = client.batch_get_item(RequestItems={filled: {
            "Keys": [key(i) for i in range(90, 110)], "ConsistentRead": True}})
        found = sorted(int(each["n"]["N"]) for each in answer["Responses"][filled])
        assert found == list(range(90, 100))
        assert answer["UnprocessedKeys"] == {}

    def test_projection(self, client, filled):
        answer = client.batch_get_item(RequestItems={filled: {
            "Keys": [key(1), key(2)], "ProjectionExpression": "#n",
            "ExpressionAttributeNames": {"#n": "n"}}})
        assert sorted(answer["Responses"][filled], key=str) == [
            {"n": {"N": "1"}}, {"n": {"N": "2"}}]

    def test_each_item_is_rounded_by_itself(self, client, simple_table):
        sizes = [10, 4096, 5000, 9000]
        for i, size in enumerate(sizes):
            client.put_item(TableName=simple_table, Item=item(i, size))
        for consistent in (False, True):
            answer = client.batch_get_item(ReturnConsumedCapacity="TOTAL", RequestItems={
                simple_table: {
                    "Keys": [key(i) for i in range(5)], "ConsistentRead": consistent}})
            expected = read_units(0, consistent) + sum(
                read_units(item_size(item(i, size)), consistent) for i, size in enumerate(sizes))
            assert answer["ConsumedCapacity"] == [
                {"TableName": simple_table, "CapacityUnits": expected}]

    @pytest.mark.parametrize("count, is_allowed", [(100, True), (101, False)])
    def test_count(self, client, filled, refused, count, is_allowed):
        request = {"RequestItems": {filled: {"Keys": [key(i) for i in range(count)]}}}
        if is_allowed:
            assert len(client.batch_get_item(**request)["Responses"][filled]) == 100
        else:
            assert refused(client.batch_get_item, **request).code == "ValidationException"

    def test_keys_must_differ(self, client, filled, invalid):
        invalid("Provided list of item keys contains duplicates", client.batch_get_item,
                RequestItems={filled: {"Keys": [key(1), key(2), key(1)]}})

    def test_more_than_16_megabytes(self, client, simple_table):
        # 50 items of 390 KB: what does not fit comes back as unprocessed.
        for i in range(50):
            client.put_item(TableName=simple_table, Item=item(i, 390_000))
        wanted, found = {simple_table: {"Keys": [key(i) for i in range(50)]}}, []
        calls = 0
        while wanted:
            answer = client.batch_get_item(RequestItems=wanted)
            got = answer["Responses"].get(simple_table, [])
            assert got, "each call must make progress"
            assert sum(map(item_size, got)) <= 16_777_216
            found += got
            wanted = answer["UnprocessedKeys"]
            calls += 1
        assert calls == 2
        assert sorted(int(each["n"]["N"]) for each in found) == list(range(50))
