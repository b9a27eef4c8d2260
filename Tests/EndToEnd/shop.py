"""A shop as one table, the way people design for DynamoDB: users, orders, order lines, stock,
a counter and sessions, told apart by their keys, with one overloaded index.

| entity  | pk          | sk       | gpk (index)   | gsk         | attributes            |
|---------|-------------|----------|---------------|-------------|-----------------------|
| user    | USER#id     | PROFILE  | EMAIL#address | USER        | name, orders          |
| order   | USER#id     | ORDER#no | STATUS#status | date        | number, status, total |
| line    | ORDER#no    | LINE#i   | PRODUCT#id    | ORDER#no    | quantity, price       |
| product | PRODUCT#id  | STOCK    |               |             | title, price, stock   |
| counter | COUNTER     | name     |               |             | value                 |
| session | SESSION#key | SESSION  | USER#id       | SESSION#key | expires               |

Each client library has its own implementation of `Shop`; what they leave in the table must be the
same, item for item.
"""

from abc import ABC, abstractmethod

INDEX = "by-gpk"

DESIGN = {
    "KeySchema": [
        {"AttributeName": "pk", "KeyType": "HASH"},
        {"AttributeName": "sk", "KeyType": "RANGE"},
    ],
    "AttributeDefinitions": [
        {"AttributeName": name, "AttributeType": "S"} for name in ("pk", "sk", "gpk", "gsk")
    ],
    "GlobalSecondaryIndexes": [{
        "IndexName": INDEX,
        "KeySchema": [
            {"AttributeName": "gpk", "KeyType": "HASH"},
            {"AttributeName": "gsk", "KeyType": "RANGE"},
        ],
        "Projection": {"ProjectionType": "ALL"},
    }],
    "BillingMode": "PAY_PER_REQUEST",
    "StreamSpecification": {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"},
}


class OutOfStock(Exception):
    """An order asks for more than there is of a product."""


class Refused(Exception):
    """A condition did not hold: the name is taken, the order isn't in that state …"""


class Order:
    """What a user wants: product, quantity and price of each line."""

    def __init__(self, number, user, date, lines):
        self.number = number
        self.user = user
        self.date = date
        self.lines = lines

    @property
    def total(self):
        return sum(quantity * price for _, quantity, price in self.lines)


def user_item(user, email, name):
    return {
        "pk": f"USER#{user}", "sk": "PROFILE", "gpk": f"EMAIL#{email}", "gsk": "USER",
        "name": name, "orders": 0,
    }


def product_item(product, title, price, stock):
    return {
        "pk": f"PRODUCT#{product}", "sk": "STOCK", "title": title, "price": price, "stock": stock,
    }


def order_item(order, status="PLACED"):
    return {
        "pk": f"USER#{order.user}", "sk": f"ORDER#{order.number}", "gpk": f"STATUS#{status}",
        "gsk": order.date, "number": order.number, "status": status, "total": order.total,
    }


def line_items(order):
    return [
        {
            "pk": f"ORDER#{order.number}", "sk": f"LINE#{i}", "gpk": f"PRODUCT#{product}",
            "gsk": f"ORDER#{order.number}", "quantity": quantity, "price": price,
        }
        for i, (product, quantity, price) in enumerate(order.lines, 1)
    ]


def session_item(key, user, expires):
    return {
        "pk": f"SESSION#{key}", "sk": "SESSION", "gpk": f"USER#{user}", "gsk": f"SESSION#{key}",
        "expires": expires,
    }


class Shop(ABC):
    """The access patterns of the design, by one client library."""

    def __init__(self, endpoint, table):
        self.endpoint = endpoint
        self.table = table

    @abstractmethod
    def add_user(self, user, email, name):
        """Makes a user; `Refused` where there is one of that id."""

    @abstractmethod
    def add_products(self, products):
        """Puts products `(id, title, price, stock)` in one batch."""

    @abstractmethod
    def place_order(self, order):
        """Takes the stock, counts and writes the order, all or nothing; `OutOfStock`."""

    @abstractmethod
    def set_status(self, order, before, after):
        """Moves an order on; `Refused` where it isn't in the state before."""

    @abstractmethod
    def next_number(self, seen):
        """Counts the invoices on from a value seen; `Refused` where somebody was faster."""

    @abstractmethod
    def open_session(self, key, user, expires):
        """Logs a user in until a time."""

    @abstractmethod
    def user_name(self, email):
        """The name of the user with an address, by the index."""

    @abstractmethod
    def orders_of(self, user):
        """The numbers of a user's orders, newest first."""

    @abstractmethod
    def orders_in(self, status):
        """The numbers of the orders in a state, oldest first."""

    @abstractmethod
    def order_sheet(self, order):
        """The order's total and the quantities of its lines, read in one transaction."""
