"""Which writes leave a record in a stream, what it holds, and where an iterator begins."""

import pytest

from conftest import definitions, delete_quietly, key_schema, next_table_name
from item_size import item_size
from test_streams import arn_of, iterator_of, records_of, shards_of, stream_of, streams

__all__ = ["streams"]

OLD = {"v": {"N": "1"}, "s": {"SS": ["a", "b"]}, "l": {"L": [{"S": "x"}, {"N": "2"}]},
       "m": {"M": {"a": {"S": "x"}, "b": {"BOOL": True}}}}


def put(**attributes):
    return "PutItem", {"Item": attributes}


def update(expression, *values, **more):
    if values:
        more["ExpressionAttributeValues"] = {":v": values[0]}
    return "UpdateItem", {"UpdateExpression": expression, **more}


def failing(write):
    """The write under a condition that doesn't hold."""
    operation, parameters = write
    return operation, dict(parameters, ConditionExpression="attribute_exists(nothing)")


DELETE = ("DeleteItem", {})
DROP = object()

# The item before (nil: none), a write, and the item after; no record where it is DROP.
WRITES = [
    ("insert", None, put(**OLD), OLD),
    ("insert of the key alone", None, put(), {}),
    ("replace", OLD, put(v={"N": "2"}), {"v": {"N": "2"}}),
    ("replace by the same", OLD, put(**OLD), DROP),
    ("replace by the same in another order", OLD, put(**dict(reversed(OLD.items()))), DROP),
    ("replace by an equal number", OLD, put(**OLD | {"v": {"N": "1.00"}}), DROP),
    ("replace by an equal set", OLD, put(**OLD | {"s": {"SS": ["b", "a"]}}), DROP),
    ("replace by an equal map", OLD,
     put(**OLD | {"m": {"M": {"b": {"BOOL": True}, "a": {"S": "x"}}}}), DROP),
    ("replace by a turned list", OLD, put(**OLD | {"l": {"L": [{"N": "2"}, {"S": "x"}]}}),
     OLD | {"l": {"L": [{"N": "2"}, {"S": "x"}]}}),
    ("replace by another type", OLD, put(**OLD | {"v": {"S": "1"}}), OLD | {"v": {"S": "1"}}),
    ("replace under a condition that fails", OLD, failing(put(v={"N": "2"})), DROP),
    ("remove", OLD, DELETE, None),
    ("remove nothing", None, DELETE, DROP),
    ("remove under a condition that fails", OLD, failing(DELETE), DROP),
    ("update makes an item", None, update("SET v = :v", {"N": "1"}), {"v": {"N": "1"}}),
    ("update of nothing makes the key alone", None, ("UpdateItem", {}), {}),
    ("update of nothing", OLD, ("UpdateItem", {}), DROP),
    ("set", OLD, update("SET v = :v", {"N": "2"}), OLD | {"v": {"N": "2"}}),
    ("set to the same", OLD, update("SET v = :v", {"N": "1"}), DROP),
    ("set to itself", OLD, update("SET v = v, w = v REMOVE x"), OLD | {"w": {"N": "1"}}),
    ("set inside", OLD, update("SET m.a = :v", {"S": "y"}),
     OLD | {"m": {"M": {"a": {"S": "y"}, "b": {"BOOL": True}}}}),
    ("add", OLD, update("ADD v :v", {"N": "1"}), OLD | {"v": {"N": "2"}}),
    ("add of zero", OLD, update("ADD v :v", {"N": "0"}), DROP),
    ("add what the set has", OLD, update("ADD s :v", {"SS": ["a"]}), DROP),
    ("take from the set", OLD, update("DELETE s :v", {"SS": ["a"]}), OLD | {"s": {"SS": ["b"]}}),
    ("take what the set has not", OLD, update("DELETE s :v", {"SS": ["c"]}), DROP),
    ("take the whole set", OLD, update("DELETE s :v", {"SS": ["a", "b"]}),
     {name: OLD[name] for name in "vlm"}),
    ("remove an attribute", OLD, update("REMOVE v"), {name: OLD[name] for name in "slm"}),
    ("remove no attribute", OLD, update("REMOVE w"), DROP),
    ("update under a condition that fails", OLD, failing(update("SET v = :v", {"N": "2"})), DROP),
    ("check in a transaction", OLD, ("ConditionCheck", {"ConditionExpression": "v = v2"}), DROP),
]


@pytest.fixture(scope="module")
def told(client, streams):
    """All writes of the table above, made one after another: the records by the write's name."""
    name = next_table_name()
    client.create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST", KeySchema=key_schema(hash="p", range="n"),
        AttributeDefinitions=definitions(p="S", n="N"), **stream_of("NEW_AND_OLD_IMAGES"))
    operations = {"PutItem": client.put_item, "UpdateItem": client.update_item,
                  "DeleteItem": client.delete_item}

    def write(how, place, operation, parameters):
        key = {"p": {"S": f"{how} {place}"}, "n": {"N": str(place)}}
        if operation == "PutItem":
            parameters = dict(parameters, Item=key | parameters["Item"])
        else:
            parameters = dict(parameters, Key=key)
        parameters["TableName"] = name
        try:
            if how == "transaction" or operation == "ConditionCheck":
                client.transact_write_items(
                    TransactItems=[{operation.removesuffix("Item"): parameters}])
            else:
                operations[operation](**parameters)
        except (client.exceptions.ConditionalCheckFailedException,
                client.exceptions.TransactionCanceledException):
            assert "ConditionExpression" in parameters

    for how in ("single", "transaction"):
        for place, (_, old, (operation, parameters), _) in enumerate(WRITES):
            if old is not None:
                write(how, place, *put(**old))
            if how == "transaction" and parameters == {} and operation == "UpdateItem":
                continue
            write(how, place, operation, parameters)
    found = {}
    for record in records_of(streams, arn_of(client, name)):
        found.setdefault(record["dynamodb"]["Keys"]["p"]["S"], []).append(record)
    yield found
    delete_quietly(client, name)


@pytest.mark.parametrize("how", ["single", "transaction"])
@pytest.mark.parametrize("place", range(len(WRITES)), ids=[write[0] for write in WRITES])
def test_a_write_leaves_its_record(told, how, place):
    _, old, (operation, parameters), new = WRITES[place]
    if how == "transaction" and (operation, parameters) == ("UpdateItem", {}):
        pytest.skip("an Update of a transaction needs its expression")
    key = {"p": {"S": f"{how} {place}"}, "n": {"N": str(place)}}
    records = told.get(key["p"]["S"], [])
    if old is not None:
        assert records.pop(0)["eventName"] == "INSERT"
    if new is DROP:
        assert records == []
        return
    (record,) = records
    change = record["dynamodb"]
    old, new = (image if image is None else key | image for image in (old, new))
    assert record["eventName"] == (
        "INSERT" if old is None else "REMOVE" if new is None else "MODIFY")
    assert change["Keys"] == key
    assert sorted_sets(change.get("OldImage")) == old
    assert sorted_sets(change.get("NewImage")) == new
    sizes = [item_size(image) for image in (key, old, new) if image is not None]
    assert change["SizeBytes"] == sum(sizes)


def sorted_sets(image):
    if image and "s" in image:
        image = image | {"s": {"SS": sorted(image["s"]["SS"])}}
    return image


def test_the_records_of_the_developer_guide(client, streams, new_table):
    """The example event that AWS's guide of Lambda shows, with its sizes."""
    table = new_table(Id="N", parameters=stream_of("NEW_AND_OLD_IMAGES"))
    key = {"Id": {"N": "101"}}
    items = [key | {"Message": {"S": text}} for text in ("New item!", "This item has changed")]
    for item in items:
        client.put_item(TableName=table, Item=item)
    client.delete_item(TableName=table, Key=key)
    told = [(record["eventName"], record["dynamodb"]["SizeBytes"])
            for record in records_of(streams, arn_of(client, table))]
    assert told == [("INSERT", 26), ("MODIFY", 59), ("REMOVE", 38)]


@pytest.fixture(scope="module")
def stream(client, streams):
    """A stream of one partition with five records: its ARN, its shard's id, the records."""
    name = next_table_name()
    client.create_table(
        TableName=name, KeySchema=key_schema(hash="p"), AttributeDefinitions=definitions(p="S"),
        ProvisionedThroughput={"ReadCapacityUnits": 5, "WriteCapacityUnits": 5},
        **stream_of("KEYS_ONLY"))
    arn = arn_of(client, name)
    for number in range(5):
        client.put_item(TableName=name, Item={"p": {"S": str(number)}})
    (shard,) = shards_of(streams, arn)
    yield arn, shard["ShardId"], records_of(streams, arn)
    delete_quietly(client, name)


def names(page):
    return [record["dynamodb"]["Keys"]["p"]["S"] for record in page["Records"]]


def test_where_an_iterator_begins(streams, stream):
    arn, shard, records = stream
    numbers = [record["dynamodb"]["SequenceNumber"] for record in records]
    start = shards_of(streams, arn)[0]["SequenceNumberRange"]["StartingSequenceNumber"]
    assert int(start) <= int(numbers[0])
    for kind, number, expected in (
            ("TRIM_HORIZON", None, "01234"), ("LATEST", None, ""),
            ("AT_SEQUENCE_NUMBER", start, "01234"), ("AT_SEQUENCE_NUMBER", numbers[0], "01234"),
            ("AT_SEQUENCE_NUMBER", numbers[3], "34"), ("AFTER_SEQUENCE_NUMBER", numbers[3], "4"),
            ("AFTER_SEQUENCE_NUMBER", numbers[4], "")):
        more = {"SequenceNumber": number} if number else {}
        iterator = iterator_of(streams, arn, shard, kind, **more)
        assert iterator.startswith(arn + "|") and iterator.split("|")[1].isdigit()
        page = streams.get_records(ShardIterator=iterator)
        assert names(page) == list(expected)
        assert streams.get_records(ShardIterator=page["NextShardIterator"])["Records"] == []
        # An iterator may be used again.
        assert names(streams.get_records(ShardIterator=iterator)) == list(expected)


def test_pages_of_records(streams, stream):
    arn, shard, _ = stream
    iterator, found = iterator_of(streams, arn, shard), []
    for expected in ("01", "23", "4", ""):
        page = streams.get_records(ShardIterator=iterator, Limit=2)
        assert names(page) == list(expected)
        iterator = page["NextShardIterator"]
        found += names(page)
    assert found == list("01234")


def test_a_description(streams, stream):
    arn, shard, _ = stream
    told = streams.describe_stream(StreamArn=arn)["StreamDescription"]
    assert set(told) == {
        "StreamArn", "StreamLabel", "StreamStatus", "StreamViewType", "CreationRequestDateTime",
        "TableName", "KeySchema", "Shards"}
    assert [s["ShardId"] for s in told["Shards"]] == [shard]
    assert streams.describe_stream(StreamArn=arn, ExclusiveStartShardId=shard)[
        "StreamDescription"]["Shards"] == []


SPECIFICATIONS = [
    ({"StreamEnabled": True}, "One or more parameter values were invalid: …"),
    ({"StreamEnabled": True, "StreamViewType": "ALL"}, "Value 'ALL' at …"),
    ({"StreamViewType": "KEYS_ONLY"}, "Value null at …"),
    ({"StreamEnabled": False, "StreamViewType": "KEYS_ONLY"},
     "One or more parameter values were invalid: …"),
]


@pytest.mark.parametrize("specification, message", SPECIFICATIONS)
def test_a_specification_that_is_refused(client, invalid, simple_table, specification, message):
    more = {"StreamSpecification": specification}
    invalid(message, client.create_table, TableName=next_table_name(),
            BillingMode="PAY_PER_REQUEST", KeySchema=key_schema(hash="p"),
            AttributeDefinitions=definitions(p="S"), **more)
    invalid(message, client.update_table, TableName=simple_table, **more)
    assert "LatestStreamArn" not in client.describe_table(TableName=simple_table)["Table"]


def test_a_stream_that_is_off(client, new_table, invalid):
    table = new_table(id="S", parameters=stream_of(None, enabled=False))
    told = client.describe_table(TableName=table)["Table"]
    assert not {"StreamSpecification", "LatestStreamArn", "LatestStreamLabel"} & set(told)
    on = client.update_table(TableName=table, **stream_of("NEW_IMAGE"))["TableDescription"]
    assert on["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_IMAGE"}
    assert on["LatestStreamArn"] == f"{on['TableArn']}/stream/{on['LatestStreamLabel']}"
