"""A whole package catalogue: loaded through a kill -9, then asked, every answer computed here too.

The server is killed in mid-load and started again; what was not acknowledged is put again. Each
answer is compared with one computed in Python from the catalogue itself.
"""

import collections
import concurrent.futures
import os
import threading
import time

import pytest
from botocore.exceptions import BotoCoreError, ClientError

import package_catalogue
from conftest import definitions, index_of, key_schema, make_client
from item_size import item_size, projected, read_units
from server_process import ServerProcess

TABLE = "packages"
CHUNK = 250
WORKERS = 4
INDEXES = {
    "by-size": {"section", "name", "installed_size", "version", "maintainer"},
    "by-maintainer": {"section", "name", "maintainer"},
    "by-priority": {"section", "name", "priority", "version", "installed_size"},
}


def create(client):
    client.create_table(
        TableName=TABLE, BillingMode="PAY_PER_REQUEST",
        KeySchema=key_schema(hash="section", range="name"),
        AttributeDefinitions=definitions(
            section="S", name="S", installed_size="N", maintainer="S", priority="S"),
        LocalSecondaryIndexes=[index_of(
            "by-size", ["version", "maintainer"], hash="section", range="installed_size")],
        GlobalSecondaryIndexes=[
            index_of("by-maintainer", "KEYS_ONLY", hash="maintainer", range="name"),
            index_of("by-priority", ["version", "installed_size"],
                     hash=["priority", "section"], range="name")])
    client.get_waiter("table_exists").wait(TableName=TABLE)


class Loader:
    """Puts items in batches, several threads at once, until every chunk is acknowledged."""

    def __init__(self, process, items):
        self.process = process
        self.chunks = [items[i:i + CHUNK] for i in range(0, len(items), CHUNK)]
        self.acknowledged = [False] * len(self.chunks)
        self.is_up = threading.Event()
        self.is_up.set()
        self.failures = 0

    def put_chunk(self, client, number):
        """Puts a chunk in batches of 25 until all is acknowledged."""
        chunk = self.chunks[number]
        while not self.acknowledged[number]:
            self.is_up.wait()
            try:
                for i in range(0, len(chunk), 25):
                    puts = [{"PutRequest": {"Item": item}} for item in chunk[i:i + 25]]
                    request = {TABLE: puts}
                    while request:
                        answer = client.batch_write_item(RequestItems=request)
                        request = answer["UnprocessedItems"]
                self.acknowledged[number] = True
            except (BotoCoreError, ClientError):
                self.failures += 1
                time.sleep(0.05)

    def count(self):
        return sum(self.acknowledged)

    def kill_and_restart(self, at):
        """Kills the server once `at` chunks are through, and checks those after the restart."""
        while self.count() < at:
            time.sleep(0.002)
        self.process.kill()
        self.is_up.clear()
        through = [i for i, done in enumerate(self.acknowledged) if done]
        self.process.start()
        client = make_client(self.process.endpoint)
        for number in through:
            check_present(client, self.chunks[number])
        self.is_up.set()
        return len(through)


def check_present(client, items):
    """Each of these items is there, attribute by attribute."""
    expected = {(item["section"]["S"], item["name"]["S"]): item for item in items}
    keys = [{"section": item["section"], "name": item["name"]} for item in items]
    for i in range(0, len(keys), 100):
        wanted = {TABLE: {"Keys": keys[i:i + 100], "ConsistentRead": True}}
        while wanted:
            answer = client.batch_get_item(RequestItems=wanted)
            for item in answer["Responses"].get(TABLE, []):
                assert normal(item) == expected.pop((item["section"]["S"], item["name"]["S"]))
            wanted = answer["UnprocessedKeys"]
    assert not expected, f"{len(expected)} acknowledged items are lost"


def normal(item):
    if "tags" in item:
        item = item | {"tags": {"SS": sorted(item["tags"]["SS"])}}
    return item


class Catalogue:
    """The loaded table and the items it should hold."""

    def __init__(self, process, items, source):
        self.process = process
        self.client = make_client(process.endpoint)
        self.items = items
        self.source = source

    def where(self, test):
        return {key: item for key, item in self.items.items() if test(item)}

    def most_common(self, attribute, count):
        values = collections.Counter(item[attribute]["S"] for item in self.items.values())
        return [value for value, _ in values.most_common(count)]

    def read(self, operation, **parameters):
        """All items of all pages, with `pages` told on the side."""
        found, self.pages = [], []
        while True:
            page = operation(TableName=TABLE, **parameters)
            self.pages.append(page)
            found += page["Items"]
            if "LastEvaluatedKey" not in page:
                return found
            parameters["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def query(self, condition, values, **parameters):
        names = {f"#{name}": name for name in ("section", "name") if f"#{name}" in condition}
        if names:
            parameters["ExpressionAttributeNames"] = names | parameters.get(
                "ExpressionAttributeNames", {})
        return self.read(
            self.client.query, KeyConditionExpression=condition,
            ExpressionAttributeValues=values, **parameters)

    def scan(self, **parameters):
        return self.read(self.client.scan, **parameters)


def keys_of(items):
    return sorted((item["section"]["S"], item["name"]["S"]) for item in items)


@pytest.fixture(scope="module")
def catalogue(tmp_path_factory):
    if "BASALT_ENDPOINT" in os.environ:
        pytest.skip("needs a server process of its own")
    items, source = package_catalogue.load()
    directory = tmp_path_factory.mktemp("packages")
    process = ServerProcess(directory / "data", log_path=directory / "log.txt").start()
    create(make_client(process.endpoint))
    loader = Loader(process, list(items.values()))
    client = make_client(process.endpoint)
    started = time.monotonic()
    with concurrent.futures.ThreadPoolExecutor(WORKERS + 1) as pool:
        killer = pool.submit(loader.kill_and_restart, len(loader.chunks) * 2 // 5)
        workers = [
            pool.submit(put_chunks, loader, client, worker) for worker in range(WORKERS)]
        for each in [killer, *workers]:
            each.result()
    print(f"{len(items)} items of {source} in {time.monotonic() - started:.1f} s, killed with "
          f"{killer.result()} of {len(loader.chunks)} chunks through")
    assert loader.failures > 0, "the kill came in the middle of the load"
    yield Catalogue(process, items, source)
    process.stop()


def put_chunks(loader, client, worker):
    for number in range(worker, len(loader.chunks), WORKERS):
        loader.put_chunk(client, number)


def check_statistics(catalogue):
    """Counts and sizes of table and indexes, as the service counts, to the byte."""
    told = catalogue.client.describe_table(TableName=TABLE)["Table"]
    items = catalogue.items.values()
    assert told["ItemCount"] == len(items)
    assert told["TableSizeBytes"] == sum(map(item_size, items))
    indexes = told["LocalSecondaryIndexes"] + told["GlobalSecondaryIndexes"]
    assert {index["IndexName"] for index in indexes} == set(INDEXES)
    for index in indexes:
        names = INDEXES[index["IndexName"]]
        assert index["ItemCount"] == len(items)
        assert index["IndexSizeBytes"] == sum(
            item_size(projected(item, names)) for item in items)


class TestAfterTheKill:
    def test_statistics(self, catalogue):
        check_statistics(catalogue)

    def test_every_item_is_there_in_eight_segments(self, catalogue):
        def segment(number):
            # A reader of its own, since each keeps its pages.
            reader = Catalogue(catalogue.process, catalogue.items, "")
            return reader.scan(Segment=number, TotalSegments=8)

        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            parts = list(pool.map(segment, range(8)))
        found = [item for part in parts for item in part]
        assert len(found) == len(catalogue.items)
        for item in found:
            assert normal(item) == catalogue.items[item["section"]["S"], item["name"]["S"]]

    @pytest.mark.parametrize("index", INDEXES)
    def test_indexes_hold_the_projection_of_every_item(self, catalogue, index):
        found = catalogue.scan(IndexName=index)
        assert len(found) == len(catalogue.items)
        for entry in found:
            item = catalogue.items[entry["section"]["S"], entry["name"]["S"]]
            assert entry == projected(item, INDEXES[index])


class TestQueries:
    def test_each_section_in_order_of_name(self, catalogue):
        sections = collections.defaultdict(list)
        for section, name in catalogue.items:
            sections[section].append(name)
        for section, names in sections.items():
            found = catalogue.query(
                "#section = :s", {":s": {"S": section}}, ProjectionExpression="#name",
                ExpressionAttributeNames={"#name": "name"})
            assert [item["name"]["S"] for item in found] == sorted(
                names, key=lambda name: name.encode()), section

    def test_names_by_prefix_and_range(self, catalogue):
        for section in catalogue.most_common("section", 5):
            names = sorted(name for s, name in catalogue.items if s == section)
            for prefix in ("lib", "python3-", "a", "zz", names[len(names) // 2][:4]):
                found = catalogue.query(
                    "#section = :s AND begins_with(#name, :p)",
                    {":s": {"S": section}, ":p": {"S": prefix}}, Limit=100)
                assert [item["name"]["S"] for item in found] == [
                    name for name in names if name.startswith(prefix)]
            low, high = names[len(names) // 4], names[len(names) // 2]
            found = catalogue.query(
                "#section = :s AND #name BETWEEN :l AND :h", ScanIndexForward=False,
                values={":s": {"S": section}, ":l": {"S": low}, ":h": {"S": high}})
            assert [item["name"]["S"] for item in found] == [
                name for name in reversed(names) if low <= name <= high]

    def test_pages_join(self, catalogue):
        section = catalogue.most_common("section", 3)[-1]
        whole = catalogue.query("#section = :s", {":s": {"S": section}})
        for limit in (1000, 97):
            paged = catalogue.query("#section = :s", {":s": {"S": section}}, Limit=limit)
            assert list(map(normal, paged)) == list(map(normal, whole))
            assert all(page["Count"] <= limit for page in catalogue.pages)

    def test_units_of_pages(self, catalogue):
        section = catalogue.most_common("section", 1)[0]
        for consistent in (False, True):
            catalogue.query("#section = :s", {":s": {"S": section}}, ConsistentRead=consistent,
                            ReturnConsumedCapacity="TOTAL")
            for page in catalogue.pages:
                size = sum(map(item_size, page["Items"]))
                assert page["ConsumedCapacity"]["CapacityUnits"] == read_units(size, consistent)

    def test_largest_of_each_section(self, catalogue):
        for section in catalogue.most_common("section", 12):
            sizes = sorted((int(item["installed_size"]["N"]) for item in catalogue.where(
                lambda item: item["section"]["S"] == section).values()), reverse=True)
            found = catalogue.client.query(
                TableName=TABLE, IndexName="by-size", Limit=20, ScanIndexForward=False,
                KeyConditionExpression="#section = :s",
                ExpressionAttributeNames={"#section": "section"},
                ExpressionAttributeValues={":s": {"S": section}})["Items"]
            assert [int(item["installed_size"]["N"]) for item in found] == sizes[:20]

    def test_sizes_in_a_range(self, catalogue):
        for section in catalogue.most_common("section", 6):
            for low, high in ((0, 20), (100, 1000), (50_000, 10**9)):
                found = catalogue.query(
                    "#section = :s AND installed_size BETWEEN :l AND :h", IndexName="by-size",
                    values={":s": {"S": section}, ":l": {"N": str(low)}, ":h": {"N": str(high)}})
                expected = catalogue.where(
                    lambda item: item["section"]["S"] == section
                    and low <= int(item["installed_size"]["N"]) <= high)
                assert keys_of(found) == sorted(expected)

    def test_maintainers(self, catalogue):
        for maintainer in catalogue.most_common("maintainer", 15):
            found = catalogue.query(
                "maintainer = :m", {":m": {"S": maintainer}}, IndexName="by-maintainer")
            expected = catalogue.where(lambda item: item["maintainer"]["S"] == maintainer)
            assert keys_of(found) == sorted(expected)
            names = [item["name"]["S"] for item in found]
            assert names == sorted(names)

    def test_priority_and_section_together(self, catalogue):
        pairs = collections.Counter(
            (item["priority"]["S"], item["section"]["S"]) for item in catalogue.items.values())
        for priority, section in [pair for pair, _ in pairs.most_common()][::4]:
            values = {":p": {"S": priority}, ":s": {"S": section}}
            found = catalogue.query(
                "priority = :p AND #section = :s", values, IndexName="by-priority")
            expected = catalogue.where(
                lambda item: item["priority"]["S"] == priority
                and item["section"]["S"] == section)
            assert [item["name"]["S"] for item in found] == [
                name for _, name in sorted(expected)]
            found = catalogue.query(
                "priority = :p AND #section = :s AND begins_with(#name, :n)",
                values | {":n": {"S": "lib"}}, IndexName="by-priority")
            assert [item["name"]["S"] for item in found] == [
                name for _, name in sorted(expected) if name.startswith("lib")]


FILTERS = {
    "big": (
        "installed_size > :x", {":x": {"N": "100000"}},
        lambda item: int(item["installed_size"]["N"]) > 100_000),
    "tagged": (
        "contains(tags, :x)", {":x": {"S": "role::shared-lib"}},
        lambda item: "role::shared-lib" in item.get("tags", {"SS": []})["SS"]),
    "untagged": ("attribute_not_exists(tags)", {}, lambda item: "tags" not in item),
    "many dependencies": (
        "size(depends) BETWEEN :x AND :y", {":x": {"N": "10"}, ":y": {"N": "15"}},
        lambda item: 10 <= len(item["depends"]["L"]) <= 15),
    "first dependency": (
        "depends[0].#n = :x AND attribute_exists(depends[0].relation)", {":x": {"S": "libc6"}},
        lambda item: item["depends"]["L"] and item["depends"]["L"][0]["M"]["name"]["S"] == "libc6"
        and "relation" in item["depends"]["L"][0]["M"]),
    "whole dependency": (
        "contains(depends, :x)", {":x": {"M": {"name": {"S": "perl"}}}},
        lambda item: {"M": {"name": {"S": "perl"}}} in item["depends"]["L"]),
    "words": (
        "contains(description, :x) AND NOT contains(description, :y)",
        {":x": {"S": "library"}, ":y": {"S": "development"}},
        lambda item: "library" in item["description"]["S"]
        and "development" not in item["description"]["S"]),
    "nested logic": (
        "(begins_with(maintainer, :x) OR installed_size IN (:a, :b, :c)) AND NOT version = :v",
        {":x": {"S": "Debian"}, ":a": {"N": "30"}, ":b": {"N": "31.0"}, ":c": {"N": "3.2e1"},
         ":v": {"S": "1.0-1"}},
        lambda item: (item["maintainer"]["S"].startswith("Debian")
                      or item["installed_size"]["N"] in ("30", "31", "32"))
        and item["version"]["S"] != "1.0-1"),
    "long versions": (
        "size(version) >= :x", {":x": {"N": "20"}},
        lambda item: len(item["version"]["S"]) >= 20),
}


class TestFilteredScans:
    @pytest.mark.parametrize("name", FILTERS)
    def test_filter(self, catalogue, name):
        expression, values, test = FILTERS[name]
        parameters = {"FilterExpression": expression}
        if values:
            parameters["ExpressionAttributeValues"] = values
        if "#n" in expression:
            parameters["ExpressionAttributeNames"] = {"#n": "name"}
        found = catalogue.scan(**parameters)
        expected = catalogue.where(test)
        assert keys_of(found) == sorted(expected)
        assert sum(page["ScannedCount"] for page in catalogue.pages) == len(catalogue.items)
        assert sum(page["Count"] for page in catalogue.pages) == len(expected)

    def test_projection_and_units(self, catalogue):
        found = catalogue.scan(
            ProjectionExpression="#s, #n, depends[0].#n, tags",
            ExpressionAttributeNames={"#s": "section", "#n": "name"},
            ReturnConsumedCapacity="TOTAL")
        assert len(found) == len(catalogue.items)
        for entry in found:
            item = catalogue.items[entry["section"]["S"], entry["name"]["S"]]
            expected = {name: item[name] for name in ("section", "name", "tags") if name in item}
            if item["depends"]["L"]:
                expected["depends"] = {"L": [
                    {"M": {"name": item["depends"]["L"][0]["M"]["name"]}}]}
            assert normal(entry) == expected
        # Each page is charged what it evaluated, rounded once: within half a unit a page.
        total = sum(map(item_size, catalogue.items.values())) / 8192
        units = sum(page["ConsumedCapacity"]["CapacityUnits"] for page in catalogue.pages)
        assert total <= units <= total + 0.5 * len(catalogue.pages)


class TestWrites:
    """Last, since these change the table: each puts back what it changed, or tells the model."""

    def test_counters_of_many_threads(self, catalogue):
        keys = sorted(catalogue.items)[:10]

        def count(number):
            section, name = keys[number % 10]
            catalogue.client.update_item(
                TableName=TABLE, Key={"section": {"S": section}, "name": {"S": name}},
                UpdateExpression="ADD downloads :one",
                ExpressionAttributeValues={":one": {"N": "1"}})

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            list(pool.map(count, range(500)))
        for key in keys:
            catalogue.items[key] = catalogue.items[key] | {"downloads": {"N": "50"}}
        check_present(catalogue.client, [catalogue.items[key] for key in keys])

    def test_a_race_has_one_winner(self, catalogue):
        key = sorted(catalogue.items)[100]
        item = catalogue.items[key]

        def claim(number):
            try:
                catalogue.client.update_item(
                    TableName=TABLE, Key={"section": item["section"], "name": item["name"]},
                    UpdateExpression="SET winner = :w",
                    ConditionExpression="attribute_not_exists(winner)",
                    ExpressionAttributeValues={":w": {"N": str(number)}})
                return number
            except catalogue.client.exceptions.ConditionalCheckFailedException:
                return None

        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            winners = [number for number in pool.map(claim, range(40)) if number is not None]
        assert len(winners) == 1
        catalogue.items[key] = item | {"winner": {"N": str(winners[0])}}
        check_present(catalogue.client, [catalogue.items[key]])

    def test_moves_between_index_entries(self, catalogue):
        for key in sorted(catalogue.items)[200:400]:
            item = catalogue.items[key]
            catalogue.client.update_item(
                TableName=TABLE, Key={"section": item["section"], "name": item["name"]},
                UpdateExpression="SET priority = :p, installed_size = installed_size + :one",
                ExpressionAttributeValues={":p": {"S": "moved"}, ":one": {"N": "1"}})
            size = int(item["installed_size"]["N"]) + 1
            catalogue.items[key] = item | {
                "priority": {"S": "moved"}, "installed_size": {"N": str(size)}}
        for key in sorted(catalogue.items)[400:500]:
            item = catalogue.items.pop(key)
            catalogue.client.delete_item(
                TableName=TABLE, Key={"section": item["section"], "name": item["name"]})
        check_statistics(catalogue)
        moved = catalogue.where(lambda item: item["priority"]["S"] == "moved")
        found = catalogue.scan(IndexName="by-priority", FilterExpression="installed_size > :zero",
                               ExpressionAttributeValues={":zero": {"N": "0"}})
        assert keys_of(e for e in found if e["priority"]["S"] == "moved") == sorted(moved)

    def test_all_stays_across_another_kill(self, catalogue):
        catalogue.process.kill()
        catalogue.process.start()
        check_statistics(catalogue)
        check_present(catalogue.client, [catalogue.items[k] for k in sorted(catalogue.items)[:500]])
