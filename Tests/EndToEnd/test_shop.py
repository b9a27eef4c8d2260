"""A realistic single-table design through boto3, the AWS CLI and two object mappers."""

import time
from decimal import Decimal

import pytest

from conftest import delete_quietly, make_client, next_table_name
from shop import DESIGN, Order, OutOfStock, Refused, line_items, order_item, session_item
from shop import product_item, user_item
from shop_boto3 import ClientShop, ResourceShop, decoded
from shop_cli import CommandShop
from shop_mappers import DyntasticShop, PynamoShop
from stream_reader import records_of_table

LIBRARIES = [ClientShop, ResourceShop, CommandShop, PynamoShop, DyntasticShop]
PRODUCTS = [("pen", "A pen", 3, 10), ("ink", "Blue ink", 12, 2), ("nib", "A nib", 7, 5)]
ORDERS = [
    Order(1, "ada", "2026-01-05", [("pen", 2, 3), ("ink", 1, 12)]),
    Order(2, "ada", "2026-01-06", [("nib", 5, 7)]),
    Order(3, "bob", "2026-01-07", [("pen", 1, 3)]),
]


@pytest.fixture
def shop_table(client):
    """Makes tables of the shop's design, on the server of `client` unless another is given."""
    made = []

    def make(at=client):
        name = next_table_name()
        at.create_table(TableName=name, **DESIGN)
        made.append((at, name))
        return name

    yield make
    for at, name in made:
        delete_quietly(at, name)


def everything(client, table):
    """All items by key, in Python's values."""
    pages = client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True)
    items = [decoded(item) for page in pages for item in page["Items"]]
    return {(item["pk"], item["sk"]): item for item in items}


def expected_items():
    """What the scenario leaves, by the design alone."""
    items = [
        {**user_item("ada", "ada@example.org", "Ada"), "orders": 2},
        {**user_item("bob", "bob@example.org", "Bob"), "orders": 1},
        {**product_item(*PRODUCTS[0]), "stock": 7},
        {**product_item(*PRODUCTS[1]), "stock": 1},
        {**product_item(*PRODUCTS[2]), "stock": 0},
        order_item(ORDERS[0], "SHIPPED"), order_item(ORDERS[1]), order_item(ORDERS[2]),
        *(line for order in ORDERS for line in line_items(order)),
        {"pk": "COUNTER", "sk": "INVOICE", "value": 2},
        session_item("s1", "ada", 4_000_000_000),
    ]
    return {(item["pk"], item["sk"]): item for item in items}


@pytest.mark.parametrize("library", LIBRARIES, ids=lambda library: library.__name__)
def test_every_library_leaves_the_same_table(
        client, server, shop_table, library, monkeypatch):
    # Dyntastic takes its credentials from the environment alone.
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    table = shop_table()
    shop = library(server.endpoint, table)
    shop.add_user("ada", "ada@example.org", "Ada")
    shop.add_user("bob", "bob@example.org", "Bob")
    with pytest.raises(Refused):
        shop.add_user("ada", "eve@example.org", "Eve")
    shop.add_products(PRODUCTS)
    for order in ORDERS:
        shop.place_order(order)

    # Two lines want more than there is: nothing of the order happens, and both are told.
    with pytest.raises(OutOfStock) as refusal:
        shop.place_order(Order(4, "bob", "2026-01-08", [("pen", 1, 3), ("ink", 2, 12), ("nib", 1, 7)]))
    assert refusal.value.args[0] == ["ink", "nib"]

    shop.set_status(ORDERS[0], "PLACED", "SHIPPED")
    with pytest.raises(Refused):
        shop.set_status(ORDERS[0], "PLACED", "CANCELLED")
    assert shop.next_number(0) == 1
    assert shop.next_number(1) == 2
    with pytest.raises(Refused):
        shop.next_number(1)
    shop.open_session("s1", "ada", 4_000_000_000)

    assert shop.user_name("ada@example.org") == "Ada"
    assert shop.orders_of("ada") == [2, 1]
    assert shop.orders_in("PLACED") == [2, 3]
    assert shop.orders_in("SHIPPED") == [1]
    assert shop.order_sheet(ORDERS[0]) == (18, [2, 1])
    assert everything(client, table) == expected_items()


def project(records):
    """The sold quantity and the takings of each product, and the number of orders per status."""
    sales, states = {}, {}
    for record in records:
        change = record["dynamodb"]
        before = decoded(change.get("OldImage", {}))
        after = decoded(change.get("NewImage", {}))
        entity = decoded(change["Keys"])["sk"].split("#")[0]
        if entity == "LINE" and record["eventName"] == "INSERT":
            product = after["gpk"].removeprefix("PRODUCT#")
            sold, taken = sales.get(product, (0, 0))
            quantity = after["quantity"]
            sales[product] = (sold + quantity, taken + quantity * after["price"])
        if entity == "ORDER":
            for image, step in ((before, -1), (after, 1)):
                if image:
                    states[image["status"]] = states.get(image["status"], 0) + step
    return sales, states


def test_a_stream_consumer_builds_a_projection(client, server, shop_table):
    table = shop_table()
    shop = ClientShop(server.endpoint, table)
    shop.add_user("ada", "ada@example.org", "Ada")
    shop.add_user("bob", "bob@example.org", "Bob")
    shop.add_products(PRODUCTS)
    for order in ORDERS:
        shop.place_order(order)
    # A repeated order and one without stock leave no trace in the stream.
    shop.place_order(ORDERS[0])
    with pytest.raises(OutOfStock):
        shop.place_order(Order(4, "bob", "2026-01-08", [("ink", 9, 12)]))
    shop.set_status(ORDERS[0], "PLACED", "SHIPPED")
    shop.set_status(ORDERS[0], "SHIPPED", "SHIPPED")
    sales, states = project(records_of_table(server.endpoint, table, Limit=3))
    assert sales == {
        "pen": (Decimal(3), Decimal(9)), "ink": (Decimal(1), Decimal(12)),
        "nib": (Decimal(5), Decimal(35)),
    }
    assert states == {"PLACED": 2, "SHIPPED": 1}


def test_sessions_end_by_their_time_to_live(own_server, shop_table):
    server = own_server("--virtual-clock")
    client = make_client(server.endpoint)
    table = shop_table(at=client)
    client.update_time_to_live(
        TableName=table,
        TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"})
    shop = ClientShop(server.endpoint, table)
    now = int(time.time())
    shop.open_session("short", "ada", now + 1800)
    shop.open_session("long", "ada", now + 7200)
    server.advance("1h")

    def sessions():
        answer = client.query(
            TableName=table, IndexName="by-gpk", KeyConditionExpression="gpk = :g",
            ExpressionAttributeValues={":g": {"S": "USER#ada"}})
        return [item["gsk"]["S"] for item in answer["Items"]]

    assert sessions() == ["SESSION#long"]
    assert list(everything(client, table)) == [("SESSION#long", "SESSION")]
    removed = [
        record for record in records_of_table(server.endpoint, table)
        if record["eventName"] == "REMOVE"
    ]
    assert [record["dynamodb"]["Keys"]["pk"]["S"] for record in removed] == ["SESSION#short"]
    assert removed[0]["userIdentity"] == {
        "Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"}
    server.advance("2h")
    assert everything(client, table) == {}
