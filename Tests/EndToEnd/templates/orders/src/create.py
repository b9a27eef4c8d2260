import os

import boto3


def handler(event, context):
    table = boto3.resource("dynamodb").Table(os.environ["TABLE"])
    table.put_item(Item=event)
    return {"stage": os.environ["STAGE"], "kept": event["order"]}
