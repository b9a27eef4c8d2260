"""Counts the words of each uploaded text, and keeps the count in a table."""

import json
import os
import urllib.parse

import boto3

s3 = boto3.client("s3")
table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event, context):
    for message in event["Records"]:
        # The test message that S3 sends when a notification is set up has no records.
        for record in json.loads(message["body"]).get("Records", []):
            bucket = record["s3"]["bucket"]["name"]
            key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
            text = s3.get_object(Bucket=bucket, Key=key)["Body"].read().decode()
            table.put_item(Item={
                "key": key, "bucket": bucket, "words": len(text.split()), "bytes": len(text),
            })
            print(f"counted {key}")
