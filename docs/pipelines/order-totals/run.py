"""A table's stream -> a function that keeps running totals, and a queue for what it can't digest."""

import json
import sys
from pathlib import Path

HOME = Path(__file__).resolve().parent
sys.path.insert(0, str(HOME.parent))

from local_cloud import PYTHON, main, wait_until  # noqa: E402


def deploy(cloud, **parameters):
    """The tables, the queue, the function and its mapping."""
    return cloud.deploy(HOME / "template.yaml", Runtime=PYTHON, **parameters)


def totals(cloud):
    """The running totals: customer -> (amount, orders)."""
    pages = cloud.client("dynamodb").get_paginator("scan").paginate(
        TableName="totals", ConsistentRead=True, FilterExpression="begins_with(#key, :total)",
        ExpressionAttributeNames={"#key": "key"},
        ExpressionAttributeValues={":total": {"S": "total#"}})
    return {
        item["key"]["S"].removeprefix("total#"): (int(item["amount"]["N"]), int(item["orders"]["N"]))
        for page in pages for item in page["Items"]
    }


def failures(cloud):
    """The messages of the dead-letter queue, taken from it."""
    sqs = cloud.client("sqs")
    url = sqs.get_queue_url(QueueName="order-failures")["QueueUrl"]
    found = []
    while True:
        messages = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=0).get("Messages", [])
        if not messages:
            return found
        for message in messages:
            found.append(json.loads(message["Body"]))
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])


def pipeline(cloud):
    """Writes, changes and deletes orders, one of them poison; waits for totals and failure."""
    deploy(cloud)
    orders = cloud.table("orders")
    expected = {}
    for number in range(60):
        customer = f"customer-{number % 5}"
        orders.put_item(Item={"customer": customer, "order": f"{number:04}", "total": number})
        amount, count = expected.get(customer, (0, 0))
        expected[customer] = (amount + number, count + 1)
        if number == 30:
            orders.put_item(Item={"customer": customer, "order": "poison", "total": "many"})
    orders.update_item(
        Key={"customer": "customer-1", "order": "0001"}, UpdateExpression="SET #total = :total",
        ExpressionAttributeNames={"#total": "total"}, ExpressionAttributeValues={":total": 1000})
    orders.delete_item(Key={"customer": "customer-2", "order": "0002"})
    expected["customer-1"] = (expected["customer-1"][0] + 999, expected["customer-1"][1])
    expected["customer-2"] = (expected["customer-2"][0] - 2, expected["customer-2"][1] - 1)
    wait_until(lambda: totals(cloud) == expected, f"totals like {expected}")
    dead = wait_until(lambda: failures(cloud), "the poison in the dead-letter queue")
    return {"totals": totals(cloud), "failures": dead}


if __name__ == "__main__":
    main(pipeline)
