"""The shop by the AWS CLI, one process for each call."""

import json
import os
import subprocess
import sys
from pathlib import Path

from shop import (
    INDEX, OutOfStock, Refused, Shop, line_items, order_item, product_item, session_item,
    user_item,
)
from shop_boto3 import decoded, encoded

AWS = str(Path(sys.executable).parent / "aws")


class CommandShop(Shop):
    """By `aws dynamodb …`: parameters and answers are JSON texts."""

    def aws(self, command, **parameters):
        """Runs a command; its answer, or its error's text on standard error raises `Refused`."""
        arguments = []
        for name, value in parameters.items():
            text = value if isinstance(value, str) else json.dumps(value)
            arguments += ["--" + name.replace("_", "-"), text]
        result = subprocess.run(
            [AWS, "dynamodb", command, "--endpoint-url", self.endpoint, "--region", "us-east-1",
             "--output", "json", *arguments],
            capture_output=True, text=True, timeout=60,
            env={**os.environ, "AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test",
                 "AWS_PAGER": "", "AWS_MAX_ATTEMPTS": "1"})
        if result.returncode != 0:
            raise Refused(result.stderr)
        return json.loads(result.stdout) if result.stdout.strip() else {}

    def add_user(self, user, email, name):
        self.aws(
            "put-item", table_name=self.table, item=encoded(user_item(user, email, name)),
            condition_expression="attribute_not_exists(pk)")

    def add_products(self, products):
        self.aws("batch-write-item", request_items={self.table: [
            {"PutRequest": {"Item": encoded(product_item(*product))}} for product in products
        ]})

    def place_order(self, order):
        actions = [
            {"Update": {
                "TableName": self.table,
                "Key": encoded({"pk": f"PRODUCT#{product}", "sk": "STOCK"}),
                "UpdateExpression": "SET stock = stock - :q",
                "ConditionExpression": "stock >= :q",
                "ExpressionAttributeValues": encoded({":q": quantity}),
            }}
            for product, quantity, _ in order.lines
        ]
        actions += [
            {"Put": {"TableName": self.table, "Item": encoded(item)}}
            for item in [order_item(order), *line_items(order)]
        ]
        actions.append({"Update": {
            "TableName": self.table,
            "Key": encoded({"pk": f"USER#{order.user}", "sk": "PROFILE"}),
            "UpdateExpression": "ADD orders :one",
            "ExpressionAttributeValues": encoded({":one": 1}),
        }})
        try:
            self.aws("transact-write-items", transact_items=actions)
        except Refused as error:
            # The codes of the reasons, in order, stand in the message.
            text = str(error)
            assert "TransactionCanceledException" in text
            codes = text[text.index("[") + 1:text.index("]")].split(", ")
            failed = [i for i, code in enumerate(codes) if code == "ConditionalCheckFailed"]
            raise OutOfStock([order.lines[i][0] for i in failed]) from error

    def set_status(self, order, before, after):
        self.aws(
            "update-item", table_name=self.table,
            key=encoded({"pk": f"USER#{order.user}", "sk": f"ORDER#{order.number}"}),
            update_expression="SET #s = :after, gpk = :index",
            condition_expression="#s = :before",
            expression_attribute_names={"#s": "status"},
            expression_attribute_values=encoded(
                {":after": after, ":before": before, ":index": f"STATUS#{after}"}))

    def next_number(self, seen):
        answer = self.aws(
            "update-item", table_name=self.table, return_values="UPDATED_NEW",
            key=encoded({"pk": "COUNTER", "sk": "INVOICE"}), update_expression="ADD #v :one",
            condition_expression="attribute_not_exists(#v) OR #v = :seen",
            expression_attribute_names={"#v": "value"},
            expression_attribute_values=encoded({":one": 1, ":seen": seen}))
        return int(answer["Attributes"]["value"]["N"])

    def open_session(self, key, user, expires):
        self.aws(
            "put-item", table_name=self.table, item=encoded(session_item(key, user, expires)))

    def user_name(self, email):
        answer = self.aws(
            "query", table_name=self.table, index_name=INDEX,
            key_condition_expression="gpk = :g",
            expression_attribute_values=encoded({":g": f"EMAIL#{email}"}))
        return decoded(answer["Items"][0])["name"]

    def orders_of(self, user):
        answer = self.aws(
            "execute-statement", statement=f'SELECT "number" FROM "{self.table}" '
            "WHERE pk = ? AND begins_with(sk, 'ORDER#') ORDER BY sk DESC",
            parameters=[{"S": f"USER#{user}"}])
        return [int(item["number"]["N"]) for item in answer["Items"]]

    def orders_in(self, status):
        answer = self.aws(
            "query", table_name=self.table, index_name=INDEX,
            key_condition_expression="gpk = :g",
            expression_attribute_values=encoded({":g": f"STATUS#{status}"}))
        return [int(item["number"]["N"]) for item in answer["Items"]]

    def order_sheet(self, order):
        answer = self.aws("transact-get-items", transact_items=[
            {"Get": {
                "TableName": self.table, "Key": encoded({"pk": item["pk"], "sk": item["sk"]}),
            }}
            for item in [order_item(order), *line_items(order)]
        ])
        found = [decoded(response["Item"]) for response in answer["Responses"]]
        return int(found[0]["total"]), [int(line["quantity"]) for line in found[1:]]
