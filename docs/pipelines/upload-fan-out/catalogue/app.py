"""Catalogues uploaded documents: what they are, and how they begin."""

import json
import os
import urllib.parse

import boto3

s3 = boto3.client("s3")
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event, context):
    for message in event["Records"]:
        # SNS wraps what S3 said.
        notification = json.loads(json.loads(message["body"])["Message"])
        for record in notification.get("Records", []):
            bucket = record["s3"]["bucket"]["name"]
            key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
            document = s3.get_object(Bucket=bucket, Key=key)
            text = document["Body"].read().decode()
            table.put_item(Item={
                "key": key, "type": document["ContentType"], "beginning": text[:20],
            })
