"""Local and global secondary indexes: projections, sparse entries, composite keys, units."""

import random

import pytest

from conftest import index_of
from item_size import item_size, projected


def all_entries(client, table, index):
    start, found = {}, []
    while True:
        page = client.scan(TableName=table, IndexName=index, **start)
        found += page["Items"]
        if "LastEvaluatedKey" not in page:
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


def query(client, table, index, condition, values, **parameters):
    start, found = {}, []
    while True:
        page = client.query(
            TableName=table, IndexName=index, KeyConditionExpression=condition,
            ExpressionAttributeValues=values, **parameters, **start)
        found += page["Items"]
        if "LastEvaluatedKey" not in page:
            return found
        start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}


ITEM = {
    "id": {"S": "a"}, "n": {"N": "1"}, "by": {"N": "5"}, "g": {"S": "group"},
    "x": {"S": "projected"}, "y": {"S": "not projected"}}


@pytest.fixture
def indexed(new_table):
    """A table with a local and a global index of each projection."""
    projections = {"all": "ALL", "keys": "KEYS_ONLY", "some": ["x"]}
    return new_table(
        id="S", n="N", attributes={"by": "N", "g": "S"},
        parameters={
            "LocalSecondaryIndexes": [
                index_of(f"local-{name}", projection, hash="id", range="by")
                for name, projection in projections.items()],
            "GlobalSecondaryIndexes": [
                index_of(f"global-{name}", projection, hash="g", range="by")
                for name, projection in projections.items()],
        })


NAMES = {
    "local-all": None, "local-keys": {"id", "n", "by"}, "local-some": {"id", "n", "by", "x"},
    "global-all": None, "global-keys": {"id", "n", "by", "g"},
    "global-some": {"id", "n", "by", "g", "x"},
}


class TestProjections:
    @pytest.mark.parametrize("index", NAMES)
    def test_entries_hold_what_is_projected(self, client, indexed, index):
        client.put_item(TableName=indexed, Item=ITEM)
        assert all_entries(client, indexed, index) == [projected(ITEM, NAMES[index])]

    def test_local_index_fetches_what_is_not_projected(self, client, indexed):
        client.put_item(TableName=indexed, Item=ITEM)
        found = query(client, indexed, "local-keys", "id = :id", {":id": {"S": "a"}},
                      ProjectionExpression="y")
        assert found == [{"y": ITEM["y"]}]
        found = query(client, indexed, "local-keys", "id = :id", {":id": {"S": "a"}},
                      Select="ALL_ATTRIBUTES")
        assert found == [ITEM]

    def test_global_index_does_not_fetch(self, client, indexed, refused):
        client.put_item(TableName=indexed, Item=ITEM)
        refusal = refused(
            client.query, TableName=indexed, IndexName="global-keys",
            KeyConditionExpression="g = :g", ExpressionAttributeValues={":g": {"S": "group"}},
            Select="ALL_ATTRIBUTES")
        assert refusal.code == "ValidationException"

    def test_consistency(self, client, indexed, refused):
        client.put_item(TableName=indexed, Item=ITEM)
        assert query(client, indexed, "local-all", "id = :id", {":id": {"S": "a"}},
                     ConsistentRead=True) == [ITEM]
        refusal = refused(
            client.scan, TableName=indexed, IndexName="global-all", ConsistentRead=True)
        assert refusal.code == "ValidationException"
        assert "Consistent reads are not supported on global secondary indexes" in refusal.message


class TestEntriesFollowItems:
    def test_life_of_an_entry(self, client, indexed):
        def entries():
            return {index: len(all_entries(client, indexed, index)) for index in NAMES}

        def expect(local, global_):
            assert entries() == {
                name: local if name.startswith("local") else global_ for name in NAMES}

        bare = {name: ITEM[name] for name in ("id", "n", "x")}
        client.put_item(TableName=indexed, Item=bare)
        expect(0, 0)
        client.put_item(TableName=indexed, Item=bare | {"by": {"N": "5"}})
        expect(1, 0)
        client.put_item(TableName=indexed, Item=ITEM)
        expect(1, 1)
        client.update_item(
            TableName=indexed, Key={"id": ITEM["id"], "n": ITEM["n"]},
            UpdateExpression="SET #b = :b", ExpressionAttributeNames={"#b": "by"},
            ExpressionAttributeValues={":b": {"N": "6"}})
        expect(1, 1)
        found = query(client, indexed, "global-all", "g = :g", {":g": {"S": "group"}})
        assert found == [ITEM | {"by": {"N": "6"}}]
        client.update_item(
            TableName=indexed, Key={"id": ITEM["id"], "n": ITEM["n"]},
            UpdateExpression="REMOVE g")
        expect(1, 0)
        client.delete_item(TableName=indexed, Key={"id": ITEM["id"], "n": ITEM["n"]})
        expect(0, 0)

    def test_equal_index_keys_coexist(self, client, indexed):
        for n in range(50):
            client.put_item(TableName=indexed, Item=ITEM | {"n": {"N": str(n)}})
        found = query(client, indexed, "global-keys", "g = :g AND #b = :b",
                      {":g": {"S": "group"}, ":b": {"N": "5"}}, Limit=7,
                      ExpressionAttributeNames={"#b": "by"})
        assert sorted(int(entry["n"]["N"]) for entry in found) == list(range(50))

    def test_wrong_type_of_an_index_key(self, client, indexed, refused):
        refusal = refused(client.put_item, TableName=indexed, Item=ITEM | {"g": {"N": "1"}})
        assert refusal.code == "ValidationException"
        assert refusal.message.startswith(
            "One or more parameter values were invalid: Type mismatch for Index Key g "
            "Expected: S Actual: N IndexName: global-")
        refusal = refused(client.put_item, TableName=indexed, Item=ITEM | {"g": {"S": ""}})
        assert refusal.code == "ValidationException"

    def test_random_writes(self, client, indexed):
        seed = random.randrange(2**32)
        print(f"seed {seed}")
        rng = random.Random(seed)
        model = {}
        for _ in range(400):
            key = (f"k{rng.randrange(4)}", rng.randrange(6))
            wire_key = {"id": {"S": key[0]}, "n": {"N": str(key[1])}}
            if rng.random() < 0.25:
                client.delete_item(TableName=indexed, Key=wire_key)
                model.pop(key, None)
                continue
            item = dict(wire_key)
            for name, value in (
                    ("by", {"N": str(rng.randrange(5))}), ("g", {"S": f"g{rng.randrange(3)}"}),
                    ("x", {"S": "x" * rng.randrange(5)}), ("y", {"S": "y" * rng.randrange(5)})):
                if rng.random() < 0.7:
                    item[name] = value
            client.put_item(TableName=indexed, Item=item)
            model[key] = item
        described = client.describe_table(TableName=indexed)["Table"]
        told = {index["IndexName"]: (index["ItemCount"], index["IndexSizeBytes"])
                for kind in ("Local", "Global")
                for index in described[f"{kind}SecondaryIndexes"]}
        for index, names in NAMES.items():
            needed = {"by"} if index.startswith("local") else {"by", "g"}
            expected = [projected(item, names) for item in model.values() if needed <= set(item)]
            found = all_entries(client, indexed, index)
            assert sorted(map(sorted_text, found)) == sorted(map(sorted_text, expected))
            assert told[index] == (len(expected), sum(map(item_size, expected)))


def sorted_text(item):
    return str(sorted(item.items()))


class TestUnits:
    def capacity(self, answer):
        told = answer["ConsumedCapacity"]
        arms = {"total": told["CapacityUnits"], "table": told["Table"]["CapacityUnits"]}
        for kind in ("LocalSecondaryIndexes", "GlobalSecondaryIndexes"):
            for name, units in told.get(kind, {}).items():
                arms[name] = units["CapacityUnits"]
        return arms

    @pytest.fixture
    def table(self, new_table):
        return new_table(
            id="S", n="N", attributes={"by": "N", "g": "S"},
            parameters={
                "LocalSecondaryIndexes": [index_of("local", "KEYS_ONLY", hash="id", range="by")],
                "GlobalSecondaryIndexes": [index_of("global", ["x"], hash="g")]})

    def put(self, client, table, **attributes):
        return self.capacity(client.put_item(
            TableName=table, Item={"id": {"S": "a"}, "n": {"N": "1"}} | attributes,
            ReturnConsumedCapacity="INDEXES"))

    def test_ladder(self, client, table):
        big = {"S": "x" * 1500}
        # No entry: the table alone.
        assert self.put(client, table) == {"total": 1.0, "table": 1.0}
        # Both entries appear, the global one with 1.5 KB.
        assert self.put(client, table, by={"N": "1"}, g={"S": "g"}, x=big) == {
            "total": 5.0, "table": 2.0, "local": 1.0, "global": 2.0}
        # Nothing that is projected changes.
        assert self.put(client, table, by={"N": "1"}, g={"S": "g"}, x=big, y={"N": "1"}) == {
            "total": 2.0, "table": 2.0}
        # A projected attribute changes: the larger image, once.
        assert self.put(client, table, by={"N": "1"}, g={"S": "g"}, x={"S": "small"}) == {
            "total": 4.0, "table": 2.0, "global": 2.0}
        # A key changes: both halves.
        assert self.put(client, table, by={"N": "2"}, g={"S": "h"}, x={"S": "small"}) == {
            "total": 5.0, "table": 1.0, "local": 2.0, "global": 2.0}
        # Both entries disappear.
        assert self.put(client, table) == {
            "total": 3.0, "table": 1.0, "local": 1.0, "global": 1.0}

    def test_reads_charge_the_projected_entry(self, client, table):
        self.put(client, table, by={"N": "1"}, g={"S": "g"}, y={"S": "y" * 9000})
        answer = client.query(
            TableName=table, IndexName="global", KeyConditionExpression="g = :g",
            ExpressionAttributeValues={":g": {"S": "g"}}, ReturnConsumedCapacity="INDEXES")
        assert self.capacity(answer) == {"total": 0.5, "table": 0.0, "global": 0.5}

    def test_local_fetch_adds_a_read_of_the_item(self, client, table):
        self.put(client, table, by={"N": "1"}, y={"S": "y" * 9000})
        answer = client.query(
            TableName=table, IndexName="local", KeyConditionExpression="id = :id",
            ExpressionAttributeValues={":id": {"S": "a"}}, Select="ALL_ATTRIBUTES",
            ReturnConsumedCapacity="TOTAL")
        # 0.5 for the entry, 1.5 for the item of 9 KB.
        assert answer["ConsumedCapacity"]["CapacityUnits"] == 2.0


class TestItemCollections:
    def test_metrics(self, client, indexed):
        answer = client.put_item(
            TableName=indexed, Item=ITEM, ReturnItemCollectionMetrics="SIZE")
        metrics = answer["ItemCollectionMetrics"]
        assert metrics["ItemCollectionKey"] == {"id": {"S": "a"}}
        low, high = metrics["SizeEstimateRangeGB"]
        assert 0.0 <= low <= high


class TestCompositeKeys:
    """Global indexes with up to four HASH and four RANGE attributes."""

    @pytest.fixture
    def table(self, client, new_table):
        types = {"h1": "S", "h2": "N", "h3": "B", "h4": "S",
                 "r1": "S", "r2": "N", "r3": "B", "r4": "S"}
        table = new_table(
            id="S", attributes=types,
            parameters={"GlobalSecondaryIndexes": [
                index_of("wide", hash=["h1", "h2", "h3", "h4"], range=["r1", "r2", "r3", "r4"]),
                index_of("narrow", "KEYS_ONLY", hash=["h1", "h2"])]})
        for i in range(81):
            client.put_item(TableName=table, Item=self.item(i))
        return table

    def item(self, i):
        """i in base 3 gives r1 … r4."""
        digits = [i // 27, i // 9 % 3, i // 3 % 3, i % 3]
        return {
            "id": {"S": f"item {i}"}, "h1": {"S": "h"}, "h2": {"N": "2"}, "h3": {"B": b"\x03"},
            "h4": {"S": "4"}, "r1": {"S": f"r{digits[0]}"}, "r2": {"N": str(digits[1])},
            "r3": {"B": bytes([digits[2]])}, "r4": {"S": f"{digits[3]}"}}

    HASH = "h1 = :h1 AND h2 = :h2 AND h3 = :h3 AND h4 = :h4"
    VALUES = {":h1": {"S": "h"}, ":h2": {"N": "2"}, ":h3": {"B": b"\x03"}, ":h4": {"S": "4"}}

    def ids(self, client, table, more="", values=None, **parameters):
        found = query(client, table, "wide", self.HASH + more, self.VALUES | (values or {}),
                      **parameters)
        return [int(entry["id"]["S"].split()[1]) for entry in found]

    def test_whole_partition_in_order(self, client, table):
        assert self.ids(client, table) == list(range(81))
        assert self.ids(client, table, Limit=10, ScanIndexForward=False) == list(range(80, -1, -1))

    def test_prefixes_and_one_range(self, client, table):
        one = {":r1": {"S": "r1"}}
        two = one | {":r2": {"N": "2"}}
        assert self.ids(client, table, " AND r1 = :r1", one) == list(range(27, 54))
        assert self.ids(client, table, " AND r1 = :r1 AND r2 >= :r2", one | {
            ":r2": {"N": "1"}}) == list(range(36, 54))
        assert self.ids(client, table, " AND r1 = :r1 AND r2 = :r2 AND r3 BETWEEN :x AND :y",
                        two | {":x": {"B": b"\x00"}, ":y": {"B": b"\x01"}}) == list(range(45, 51))
        assert self.ids(
            client, table, " AND r1 = :r1 AND r2 = :r2 AND r3 = :r3 AND begins_with(r4, :r4)",
            two | {":r3": {"B": b"\x00"}, ":r4": {"S": "1"}}) == [46]
        assert self.ids(client, table, " AND begins_with(r1, :p)", {":p": {"S": "r"}}) == list(
            range(81))

    def test_pages(self, client, table):
        for limit in (1, 4, 80):
            assert self.ids(client, table, " AND r1 > :r1", {":r1": {"S": "r1"}},
                            Limit=limit) == list(range(54, 81))

    def test_gaps_and_missing_parts_are_refused(self, client, table, refused):
        for condition, values in (
                ("h1 = :h1 AND h2 = :h2", {":h1": {"S": "h"}, ":h2": {"N": "2"}}),
                (self.HASH + " AND r2 = :r2", self.VALUES | {":r2": {"N": "1"}}),
                (self.HASH + " AND r1 > :r1 AND r2 = :r2",
                 self.VALUES | {":r1": {"S": "r0"}, ":r2": {"N": "1"}})):
            refusal = refused(
                client.query, TableName=table, IndexName="wide",
                KeyConditionExpression=condition, ExpressionAttributeValues=values)
            assert refusal.code == "ValidationException", condition

    def test_an_item_needs_all_key_attributes(self, client, table):
        item = self.item(40)
        client.update_item(TableName=table, Key={"id": item["id"]}, UpdateExpression="REMOVE r3")
        assert 40 not in self.ids(client, table)
        narrow = query(client, table, "narrow", "h1 = :h1 AND h2 = :h2",
                       {":h1": {"S": "h"}, ":h2": {"N": "2"}})
        assert len(narrow) == 81
        assert set(narrow[0]) == {"id", "h1", "h2"}

    def test_parts_do_not_run_together(self, client, new_table):
        table = new_table(
            id="S", attributes={"a": "S", "b": "S"},
            parameters={"GlobalSecondaryIndexes": [index_of("both", hash=["a", "b"])]})
        client.put_item(TableName=table, Item={
            "id": {"S": "1"}, "a": {"S": "xy"}, "b": {"S": "z"}})
        client.put_item(TableName=table, Item={
            "id": {"S": "2"}, "a": {"S": "x"}, "b": {"S": "yz"}})
        found = query(client, table, "both", "a = :a AND b = :b",
                      {":a": {"S": "x"}, ":b": {"S": "yz"}})
        assert [entry["id"]["S"] for entry in found] == ["2"]

    def test_five_are_too_many(self, client, new_table, refused):
        names = [f"h{i}" for i in range(5)]
        refusal = refused(
            new_table, id="S", attributes=dict.fromkeys(names, "S"),
            parameters={"GlobalSecondaryIndexes": [index_of("wide", hash=names)]})
        assert refusal.code == "ValidationException"
