"""TransactWriteItems and TransactGetItems through boto3 and over the raw wire."""

import pytest

from conftest import make_client
from raw_client import RawClient

CANCELLED = "Transaction cancelled, please refer cancellation reasons for specific reasons "


def put(table, name, **parameters):
    return {"Put": {"TableName": table, "Item": {"id": {"S": name}}, **parameters}}


def increment(table, name, by=1, **parameters):
    return {"Update": {
        "TableName": table, "Key": {"id": {"S": name}}, "UpdateExpression": "ADD hits :by",
        "ExpressionAttributeValues": {":by": {"N": str(by)}}, **parameters}}


def check(table, name, condition, **parameters):
    return {"ConditionCheck": {
        "TableName": table, "Key": {"id": {"S": name}}, "ConditionExpression": condition,
        **parameters}}


def item_of(client, table, name):
    return client.get_item(
        TableName=table, Key={"id": {"S": name}}, ConsistentRead=True).get("Item")


def test_an_order_is_placed_whole_or_not_at_all(client, new_table, refused):
    stock, orders = new_table(id="S"), new_table(id="S")
    client.put_item(TableName=stock, Item={"id": {"S": "book"}, "left": {"N": "1"}})

    def order(number):
        return [
            {"Update": {
                "TableName": stock, "Key": {"id": {"S": "book"}},
                "UpdateExpression": "SET #l = #l - :one", "ConditionExpression": "#l >= :one",
                "ExpressionAttributeNames": {"#l": "left"},
                "ExpressionAttributeValues": {":one": {"N": "1"}},
                "ReturnValuesOnConditionCheckFailure": "ALL_OLD"}},
            put(orders, f"order-{number}", ConditionExpression="attribute_not_exists(id)")]

    answer = client.transact_write_items(TransactItems=order(1), ReturnConsumedCapacity="TOTAL")
    told = {c["TableName"]: c["CapacityUnits"] for c in answer["ConsumedCapacity"]}
    assert told == {stock: 2, orders: 2}
    refusal = refused(client.transact_write_items, TransactItems=order(2))
    assert refusal.code == "TransactionCanceledException"
    assert refusal.message == CANCELLED + "[ConditionalCheckFailed, None]"
    assert refusal.response["CancellationReasons"] == [
        {"Code": "ConditionalCheckFailed", "Message": "The conditional request failed",
         "Item": {"id": {"S": "book"}, "left": {"N": "0"}}},
        {"Code": "None"}]
    assert item_of(client, orders, "order-2") is None
    read = client.transact_get_items(TransactItems=[
        {"Get": {"TableName": orders, "Key": {"id": {"S": "order-1"}}}},
        {"Get": {"TableName": stock, "Key": {"id": {"S": "book"}},
                 "ProjectionExpression": "#l", "ExpressionAttributeNames": {"#l": "left"}}},
        {"Get": {"TableName": stock, "Key": {"id": {"S": "nothing"}}}},
    ], ReturnConsumedCapacity="TOTAL")
    assert read["Responses"] == [
        {"Item": {"id": {"S": "order-1"}}}, {"Item": {"left": {"N": "0"}}}, {}]
    told = {c["TableName"]: c["CapacityUnits"] for c in read["ConsumedCapacity"]}
    assert told == {orders: 2, stock: 4}


def test_a_token_is_kept_through_a_kill(own_server):
    server = own_server()
    client = make_client(server.endpoint)
    client.create_table(
        TableName="tab", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    request = {
        "TransactItems": [increment("tab", "a")], "ClientRequestToken": "once",
        "ReturnConsumedCapacity": "TOTAL"}
    first = client.transact_write_items(**request)["ConsumedCapacity"][0]
    assert (first["CapacityUnits"], first["WriteCapacityUnits"]) == (2, 2)
    server.kill()
    server.start()
    client = make_client(server.endpoint)
    again = client.transact_write_items(**request)["ConsumedCapacity"][0]
    assert (again["CapacityUnits"], again["ReadCapacityUnits"]) == (2, 2)
    assert item_of(client, "tab", "a")["hits"] == {"N": "1"}
    with pytest.raises(client.exceptions.IdempotentParameterMismatchException):
        client.transact_write_items(
            TransactItems=[increment("tab", "a", by=2)], ClientRequestToken="once")


def test_a_token_runs_out_with_the_clock(own_server):
    server = own_server("--virtual-clock")
    client = make_client(server.endpoint)
    client.create_table(
        TableName="tab", BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
    raw = RawClient(server.port)
    for advance, hits in (("9m59s", 1), ("30s", 2)):
        client.transact_write_items(
            TransactItems=[increment("tab", "a")], ClientRequestToken="once")
        raw.connection.request("POST", "/_basalt/clock", f'{{"advance": "{advance}"}}')
        assert raw.connection.getresponse().read()
        client.transact_write_items(
            TransactItems=[increment("tab", "a")], ClientRequestToken="once")
        assert item_of(client, "tab", "a")["hits"] == {"N": str(hits)}
    raw.close()


def test_faults_of_the_request(client, simple_table, invalid, refused):
    write = client.transact_write_items
    invalid("Transaction request cannot include multiple operations on one item",
            write, TransactItems=[
                put(simple_table, "a"), check(simple_table, "a", "attribute_exists(id)")])
    invalid("Transaction request cannot include multiple operations on one item",
            client.transact_get_items, TransactItems=[
                {"Get": {"TableName": simple_table, "Key": {"id": {"S": "a"}}}}] * 2)
    refusal = refused(write, TransactItems=[put(simple_table, "a"), put("nowhere", "b")])
    assert refusal.code == "ResourceNotFoundException"
    assert refusal.message == "Requested resource not found"
    refusal = refused(write, TransactItems=[put(simple_table, str(n)) for n in range(101)])
    assert refusal.code == "ValidationException"
    assert "Member must have length less than or equal to 100" in refusal.message
    assert client.scan(TableName=simple_table)["Items"] == []


def test_conflicts_on_purpose(own_server, refused):
    def outcomes(*arguments):
        server = own_server("--in-memory", *arguments, data_dir=None)
        client = make_client(server.endpoint)
        client.create_table(
            TableName="tab", BillingMode="PAY_PER_REQUEST",
            KeySchema=[{"AttributeName": "id", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "id", "AttributeType": "S"}])
        met = []
        for number in range(30):
            try:
                if number % 2:
                    client.put_item(TableName="tab", Item={"id": {"S": "x"}})
                else:
                    client.transact_write_items(
                        TransactItems=[put("tab", "x"), put("tab", "y")])
                met.append("done")
            except client.exceptions.TransactionConflictException as conflict:
                assert conflict.response["Error"]["Message"] == (
                    "Transaction is ongoing for the item")
                met.append("conflict")
            except client.exceptions.TransactionCanceledException as cancelled:
                met.append(cancelled.response["Error"]["Message"].removeprefix(CANCELLED))
        return met

    first = outcomes("--transaction-conflicts", "0.5:7")
    assert set(first) == {
        "done", "conflict", "[TransactionConflict, None]", "[None, TransactionConflict]"}
    assert outcomes("--transaction-conflicts", "0.5:7") == first
    assert outcomes("--transaction-conflicts", "0.5:8") != first
    assert set(outcomes()) == {"done"}
