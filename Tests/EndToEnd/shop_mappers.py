"""The shop by object mappers: PynamoDB and Dyntastic."""

from typing import Optional

from botocore.exceptions import ClientError
from dyntastic import A, Dyntastic, transaction
from pynamodb.attributes import NumberAttribute, UnicodeAttribute
from pynamodb.connection import Connection
from pynamodb.exceptions import PutError, TransactWriteError, UpdateError
from pynamodb.indexes import AllProjection, GlobalSecondaryIndex
from pynamodb.models import Model
from pynamodb.transactions import TransactGet, TransactWrite

from shop import (
    INDEX, OutOfStock, Refused, Shop, line_items, order_item, product_item, session_item,
    user_item,
)
from shop_boto3 import failed_actions


def pynamo_model(endpoint, table):
    """The one model of the table: every entity's attributes, most of them absent in each."""

    class ByGpk(GlobalSecondaryIndex):
        class Meta:
            index_name = INDEX
            projection = AllProjection()

        gpk = UnicodeAttribute(hash_key=True)
        gsk = UnicodeAttribute(range_key=True)

    class Row(Model):
        class Meta:
            table_name = table
            host = endpoint
            region = "us-east-1"
            max_retry_attempts = 0
            aws_access_key_id = "test"
            aws_secret_access_key = "test"

        pk = UnicodeAttribute(hash_key=True)
        sk = UnicodeAttribute(range_key=True)
        gpk = UnicodeAttribute(null=True)
        gsk = UnicodeAttribute(null=True)
        by_gpk = ByGpk()
        name = UnicodeAttribute(null=True)
        orders = NumberAttribute(null=True)
        number = NumberAttribute(null=True)
        status = UnicodeAttribute(null=True)
        total = NumberAttribute(null=True)
        quantity = NumberAttribute(null=True)
        price = NumberAttribute(null=True)
        title = UnicodeAttribute(null=True)
        stock = NumberAttribute(null=True)
        value = NumberAttribute(null=True)
        expires = NumberAttribute(null=True)

    return Row


class PynamoShop(Shop):
    """By PynamoDB's models, batches and transactions."""

    def __init__(self, endpoint, table):
        super().__init__(endpoint, table)
        self.Row = pynamo_model(endpoint, table)
        self.connection = Connection(region="us-east-1", host=endpoint, max_retry_attempts=0)
        self.connection.session.set_credentials("test", "test")

    def add_user(self, user, email, name):
        try:
            self.Row(**user_item(user, email, name)).save(self.Row.pk.does_not_exist())
        except PutError as error:
            assert error.cause_response_code == "ConditionalCheckFailedException"
            raise Refused from error

    def add_products(self, products):
        with self.Row.batch_write() as batch:
            for product in products:
                batch.save(self.Row(**product_item(*product)))

    def place_order(self, order):
        Row = self.Row
        try:
            with TransactWrite(connection=self.connection) as write:
                for item in [order_item(order), *line_items(order)]:
                    write.save(Row(**item))
                for product, quantity, _ in order.lines:
                    write.update(
                        Row(f"PRODUCT#{product}", "STOCK"),
                        actions=[Row.stock.set(Row.stock - quantity)],
                        condition=Row.stock >= quantity)
                write.update(
                    Row(f"USER#{order.user}", "PROFILE"), actions=[Row.orders.add(1)])
        except TransactWriteError as error:
            # PynamoDB sends puts before updates.
            codes = [reason and reason.code for reason in error.cancellation_reasons]
            puts = 1 + len(order.lines)
            raise OutOfStock([
                line[0] for line, code in zip(order.lines, codes[puts:])
                if code == "ConditionalCheckFailed"
            ]) from error

    def set_status(self, order, before, after):
        try:
            self.Row(f"USER#{order.user}", f"ORDER#{order.number}").update(
                actions=[self.Row.status.set(after), self.Row.gpk.set(f"STATUS#{after}")],
                condition=self.Row.status == before)
        except UpdateError as error:
            raise Refused from error

    def next_number(self, seen):
        counter = self.Row("COUNTER", "INVOICE")
        try:
            counter.update(
                actions=[self.Row.value.add(1)],
                condition=self.Row.value.does_not_exist() | (self.Row.value == seen))
        except UpdateError as error:
            raise Refused from error
        return int(counter.value)

    def open_session(self, key, user, expires):
        self.Row(**session_item(key, user, expires)).save()

    def user_name(self, email):
        return next(self.Row.by_gpk.query(f"EMAIL#{email}", self.Row.gsk == "USER")).name

    def orders_of(self, user):
        rows = self.Row.query(
            f"USER#{user}", self.Row.sk.startswith("ORDER#"), scan_index_forward=False,
            page_size=2)
        return [int(row.number) for row in rows]

    def orders_in(self, status):
        return [int(row.number) for row in self.Row.by_gpk.query(f"STATUS#{status}")]

    def order_sheet(self, order):
        with TransactGet(connection=self.connection) as read:
            found = [
                read.get(self.Row, item["pk"], item["sk"])
                for item in [order_item(order), *line_items(order)]
            ]
        first, *lines = [future.get() for future in found]
        return int(first.total), [int(line.quantity) for line in lines]


def dyntastic_model(endpoint, table):
    class Row(Dyntastic):
        __table_name__ = table
        __table_region__ = "us-east-1"
        __table_host__ = endpoint
        __hash_key__ = "pk"
        __range_key__ = "sk"

        pk: str
        sk: str
        gpk: Optional[str] = None
        gsk: Optional[str] = None
        name: Optional[str] = None
        orders: Optional[int] = None
        number: Optional[int] = None
        status: Optional[str] = None
        total: Optional[int] = None
        quantity: Optional[int] = None
        price: Optional[int] = None
        title: Optional[str] = None
        stock: Optional[int] = None
        value: Optional[int] = None
        expires: Optional[int] = None

    return Row


class DyntasticShop(Shop):
    """By Dyntastic: Pydantic models over boto3."""

    def __init__(self, endpoint, table):
        super().__init__(endpoint, table)
        self.Row = dyntastic_model(endpoint, table)

    def add_user(self, user, email, name):
        row = self.Row(**user_item(user, email, name))
        try:
            row.save(condition=A.pk.not_exists())
        except self.Row.ConditionException() as error:
            raise Refused from error

    def add_products(self, products):
        with self.Row.batch_writer():
            for product in products:
                self.Row(**product_item(*product)).save()

    def place_order(self, order):
        Row = self.Row
        try:
            with transaction():
                for product, quantity, _ in order.lines:
                    Row(pk=f"PRODUCT#{product}", sk="STOCK").update(
                        A.stock.set(A.stock - quantity), condition=A.stock >= quantity,
                        refresh=False)
                for item in [order_item(order), *line_items(order)]:
                    Row(**item).save()
                Row(pk=f"USER#{order.user}", sk="PROFILE").update(
                    A.orders.add(1), refresh=False)
        except ClientError as error:
            raise OutOfStock([order.lines[i][0] for i in failed_actions(error)]) from error

    def set_status(self, order, before, after):
        row = self.Row.get(f"USER#{order.user}", f"ORDER#{order.number}", consistent_read=True)
        try:
            row.update(
                A.status.set(after), A.gpk.set(f"STATUS#{after}"), condition=A.status == before,
                require_condition=True)
        except self.Row.ConditionException() as error:
            raise Refused from error
        assert row.status == after

    def next_number(self, seen):
        counter = self.Row(pk="COUNTER", sk="INVOICE")
        try:
            counter.update(
                A.value.add(1), condition=A.value.not_exists() | (A.value == seen),
                require_condition=True)
        except self.Row.ConditionException() as error:
            raise Refused from error
        return counter.value

    def open_session(self, key, user, expires):
        self.Row(**session_item(key, user, expires)).save()

    def user_name(self, email):
        return next(self.Row.query(A.gpk == f"EMAIL#{email}", index=INDEX)).name

    def orders_of(self, user):
        rows = self.Row.query(
            f"USER#{user}", range_key_condition=A.sk.begins_with("ORDER#"),
            scan_index_forward=False, per_page=2)
        return [row.number for row in rows]

    def orders_in(self, status):
        return [row.number for row in self.Row.query(A.gpk == f"STATUS#{status}", index=INDEX)]

    def order_sheet(self, order):
        keys = [(item["pk"], item["sk"]) for item in [order_item(order), *line_items(order)]]
        rows = {(row.pk, row.sk): row for row in self.Row.batch_get(keys, consistent_read=True)}
        first, *lines = [rows[key] for key in keys]
        return first.total, [line.quantity for line in lines]
