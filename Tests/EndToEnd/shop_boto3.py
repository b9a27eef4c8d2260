"""The shop by boto3: its client, and its resource."""

import boto3
from boto3.dynamodb.conditions import Attr, Key
from boto3.dynamodb.types import TypeDeserializer, TypeSerializer
from botocore.config import Config
from botocore.exceptions import ClientError

from shop import (
    INDEX, OutOfStock, Refused, Shop, line_items, order_item, product_item, session_item,
    user_item,
)

OPTIONS = {
    "region_name": "us-east-1", "aws_access_key_id": "test", "aws_secret_access_key": "test",
    "config": Config(retries={"total_max_attempts": 1}),
}


def encoded(item):
    return {name: TypeSerializer().serialize(value) for name, value in item.items()}


def decoded(item):
    return {name: TypeDeserializer().deserialize(value) for name, value in item.items()}


def raise_if_refused(error):
    if error.response["Error"]["Code"] == "ConditionalCheckFailedException":
        raise Refused from error
    raise error


def failed_actions(error):
    """The places of the actions whose condition did not hold."""
    if error.response["Error"]["Code"] != "TransactionCanceledException":
        raise error
    reasons = error.response["CancellationReasons"]
    return [i for i, reason in enumerate(reasons) if reason["Code"] == "ConditionalCheckFailed"]


class ClientShop(Shop):
    """By the low-level client: typed values, expressions as texts."""

    def __init__(self, endpoint, table):
        super().__init__(endpoint, table)
        self.client = boto3.client("dynamodb", endpoint_url=endpoint, **OPTIONS)

    def add_user(self, user, email, name):
        try:
            self.client.put_item(
                TableName=self.table, Item=encoded(user_item(user, email, name)),
                ConditionExpression="attribute_not_exists(pk)")
        except ClientError as error:
            raise_if_refused(error)

    def add_products(self, products):
        answer = self.client.batch_write_item(RequestItems={self.table: [
            {"PutRequest": {"Item": encoded(product_item(*product))}} for product in products
        ]})
        assert answer["UnprocessedItems"] == {}

    def place_order(self, order):
        takes = [
            {"Update": {
                "TableName": self.table,
                "Key": encoded({"pk": f"PRODUCT#{product}", "sk": "STOCK"}),
                "UpdateExpression": "SET stock = stock - :q",
                "ConditionExpression": "stock >= :q",
                "ExpressionAttributeValues": encoded({":q": quantity}),
            }}
            for product, quantity, _ in order.lines
        ]
        puts = [
            {"Put": {
                "TableName": self.table, "Item": encoded(item),
                "ConditionExpression": "attribute_not_exists(pk)",
            }}
            for item in [order_item(order), *line_items(order)]
        ]
        counts = [{"Update": {
            "TableName": self.table,
            "Key": encoded({"pk": f"USER#{order.user}", "sk": "PROFILE"}),
            "UpdateExpression": "ADD orders :one",
            "ConditionExpression": "attribute_exists(pk)",
            "ExpressionAttributeValues": encoded({":one": 1}),
        }}]
        try:
            self.client.transact_write_items(
                TransactItems=takes + puts + counts, ClientRequestToken=f"{self.table}-{order.number}")
        except ClientError as error:
            failed = failed_actions(error)
            raise OutOfStock([order.lines[i][0] for i in failed]) from error

    def set_status(self, order, before, after):
        try:
            self.client.update_item(
                TableName=self.table,
                Key=encoded({"pk": f"USER#{order.user}", "sk": f"ORDER#{order.number}"}),
                UpdateExpression="SET #s = :after, gpk = :index",
                ConditionExpression="#s = :before",
                ExpressionAttributeNames={"#s": "status"},
                ExpressionAttributeValues=encoded(
                    {":after": after, ":before": before, ":index": f"STATUS#{after}"}))
        except ClientError as error:
            raise_if_refused(error)

    def next_number(self, seen):
        try:
            answer = self.client.update_item(
                TableName=self.table, Key=encoded({"pk": "COUNTER", "sk": "INVOICE"}),
                UpdateExpression="SET #v = if_not_exists(#v, :zero) + :one",
                ConditionExpression="attribute_not_exists(#v) OR #v = :seen",
                ExpressionAttributeNames={"#v": "value"},
                ExpressionAttributeValues=encoded({":zero": 0, ":one": 1, ":seen": seen}),
                ReturnValues="UPDATED_NEW")
        except ClientError as error:
            raise_if_refused(error)
        return int(answer["Attributes"]["value"]["N"])

    def open_session(self, key, user, expires):
        self.client.put_item(
            TableName=self.table, Item=encoded(session_item(key, user, expires)))

    def user_name(self, email):
        answer = self.client.query(
            TableName=self.table, IndexName=INDEX,
            KeyConditionExpression="gpk = :g AND gsk = :s", ProjectionExpression="#n",
            ExpressionAttributeNames={"#n": "name"},
            ExpressionAttributeValues=encoded({":g": f"EMAIL#{email}", ":s": "USER"}))
        return decoded(answer["Items"][0])["name"]

    def orders_of(self, user):
        pages = self.client.get_paginator("query").paginate(
            TableName=self.table, ScanIndexForward=False,
            KeyConditionExpression="pk = :p AND begins_with(sk, :s)",
            ExpressionAttributeValues=encoded({":p": f"USER#{user}", ":s": "ORDER#"}),
            PaginationConfig={"PageSize": 2})
        return [int(item["number"]["N"]) for page in pages for item in page["Items"]]

    def orders_in(self, status):
        answer = self.client.query(
            TableName=self.table, IndexName=INDEX, KeyConditionExpression="gpk = :g",
            ExpressionAttributeValues=encoded({":g": f"STATUS#{status}"}))
        return [int(item["number"]["N"]) for item in answer["Items"]]

    def order_sheet(self, order):
        keys = [
            {"pk": item["pk"], "sk": item["sk"]}
            for item in [order_item(order), *line_items(order)]
        ]
        answer = self.client.transact_get_items(TransactItems=[
            {"Get": {"TableName": self.table, "Key": encoded(key)}} for key in keys
        ])
        found = [decoded(response["Item"]) for response in answer["Responses"]]
        return int(found[0]["total"]), [int(line["quantity"]) for line in found[1:]]


class ResourceShop(Shop):
    """By the resource: Python values, conditions as objects."""

    def __init__(self, endpoint, table):
        super().__init__(endpoint, table)
        self.resource = boto3.resource("dynamodb", endpoint_url=endpoint, **OPTIONS)
        self.items = self.resource.Table(table)

    def add_user(self, user, email, name):
        try:
            self.items.put_item(
                Item=user_item(user, email, name),
                ConditionExpression=Attr("pk").not_exists())
        except ClientError as error:
            raise_if_refused(error)

    def add_products(self, products):
        with self.items.batch_writer() as batch:
            for product in products:
                batch.put_item(Item=product_item(*product))

    def place_order(self, order):
        # The resource's own client takes Python values too.
        client = self.resource.meta.client
        actions = [
            {"Update": {
                "TableName": self.table,
                "Key": {"pk": f"PRODUCT#{product}", "sk": "STOCK"},
                "UpdateExpression": "ADD stock :minus",
                "ConditionExpression": "stock >= :q",
                "ExpressionAttributeValues": {":minus": -quantity, ":q": quantity},
            }}
            for product, quantity, _ in order.lines
        ]
        actions += [
            {"Put": {"TableName": self.table, "Item": item}}
            for item in [order_item(order), *line_items(order)]
        ]
        actions.append({"Update": {
            "TableName": self.table, "Key": {"pk": f"USER#{order.user}", "sk": "PROFILE"},
            "UpdateExpression": "SET orders = orders + :one",
            "ExpressionAttributeValues": {":one": 1},
        }})
        try:
            client.transact_write_items(TransactItems=actions)
        except ClientError as error:
            raise OutOfStock([order.lines[i][0] for i in failed_actions(error)]) from error

    def set_status(self, order, before, after):
        try:
            self.items.update_item(
                Key={"pk": f"USER#{order.user}", "sk": f"ORDER#{order.number}"},
                UpdateExpression="SET #s = :after, gpk = :index",
                ConditionExpression=Attr("status").eq(before),
                ExpressionAttributeNames={"#s": "status"},
                ExpressionAttributeValues={":after": after, ":index": f"STATUS#{after}"})
        except ClientError as error:
            raise_if_refused(error)

    def next_number(self, seen):
        try:
            answer = self.items.update_item(
                Key={"pk": "COUNTER", "sk": "INVOICE"},
                UpdateExpression="ADD #v :one",
                ConditionExpression=Attr("value").not_exists() | Attr("value").eq(seen),
                ExpressionAttributeNames={"#v": "value"},
                ExpressionAttributeValues={":one": 1}, ReturnValues="ALL_NEW")
        except ClientError as error:
            raise_if_refused(error)
        return int(answer["Attributes"]["value"])

    def open_session(self, key, user, expires):
        self.items.put_item(Item=session_item(key, user, expires))

    def user_name(self, email):
        answer = self.items.query(
            IndexName=INDEX,
            KeyConditionExpression=Key("gpk").eq(f"EMAIL#{email}") & Key("gsk").eq("USER"))
        return answer["Items"][0]["name"]

    def orders_of(self, user):
        condition = Key("pk").eq(f"USER#{user}") & Key("sk").begins_with("ORDER#")
        found, start = [], {}
        while True:
            page = self.items.query(
                KeyConditionExpression=condition, ScanIndexForward=False, Limit=2, **start)
            found += [int(item["number"]) for item in page["Items"]]
            if "LastEvaluatedKey" not in page:
                return found
            start = {"ExclusiveStartKey": page["LastEvaluatedKey"]}

    def orders_in(self, status):
        answer = self.items.query(
            IndexName=INDEX, KeyConditionExpression=Key("gpk").eq(f"STATUS#{status}"))
        return [int(item["number"]) for item in answer["Items"]]

    def order_sheet(self, order):
        answer = self.resource.meta.client.transact_get_items(TransactItems=[
            {"Get": {
                "TableName": self.table, "Key": {"pk": item["pk"], "sk": item["sk"]},
                "ProjectionExpression": "#t, quantity",
                "ExpressionAttributeNames": {"#t": "total"},
            }}
            for item in [order_item(order), *line_items(order)]
        ])
        first, *lines = [response["Item"] for response in answer["Responses"]]
        return int(first["total"]), [int(line["quantity"]) for line in lines]
