"""Keeps a running total of each customer's orders.

Lambda delivers a record at least once, and this function counts it exactly once: one transaction
adds to the total and leaves a mark of the record, which is refused where the mark is there already.
"""

import os
import time

import boto3
from boto3.dynamodb.types import TypeDeserializer

dynamodb = boto3.client("dynamodb")
TABLE = os.environ["TOTALS"]
DAY = 86_400
read = TypeDeserializer().deserialize


def amount(image):
    """What an order is worth; an order whose total is no number is poison."""
    return read(image["total"]) + 0 if image else 0


def add(record):
    change = record["dynamodb"]
    difference = amount(change.get("NewImage")) - amount(change.get("OldImage"))
    count = {"INSERT": 1, "REMOVE": -1}.get(record["eventName"], 0)
    try:
        dynamodb.transact_write_items(TransactItems=[
            {"Put": {
                "TableName": TABLE,
                "Item": {"key": {"S": "seen#" + record["eventID"]},
                         "expires": {"N": str(int(time.time()) + 2 * DAY)}},
                "ConditionExpression": "attribute_not_exists(#key)",
                "ExpressionAttributeNames": {"#key": "key"},
            }},
            {"Update": {
                "TableName": TABLE,
                "Key": {"key": {"S": "total#" + change["Keys"]["customer"]["S"]}},
                "UpdateExpression": "ADD amount :difference, orders :count",
                "ExpressionAttributeValues": {
                    ":difference": {"N": str(difference)}, ":count": {"N": str(count)}},
            }},
        ])
    except dynamodb.exceptions.TransactionCanceledException as error:
        reasons = [reason["Code"] for reason in error.response["CancellationReasons"]]
        if reasons[0] != "ConditionalCheckFailed":
            raise
        print(f"counted before: {record['eventID']}")


def handler(event, context):
    for record in event["Records"]:
        add(record)
