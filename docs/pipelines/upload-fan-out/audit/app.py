"""Writes down each arrival once, and reports the messages that it can't read."""

import json
import os
import urllib.parse

import boto3

table = boto3.resource("dynamodb").Table(os.environ["TABLE"])


def handler(event, context):
    failures = []
    for message in event["Records"]:
        try:
            # Delivered raw: S3's own words.
            for record in json.loads(message["body"]).get("Records", []):
                key = urllib.parse.unquote_plus(record["s3"]["object"]["key"])
                table.put_item(Item={
                    "day": record["eventTime"][:10],
                    "event": f"{record['eventTime']}#{key}",
                    "size": record["s3"]["object"]["size"],
                })
        except (ValueError, KeyError) as error:
            print(f"unreadable message {message['messageId']}: {error!r}")
            failures.append({"itemIdentifier": message["messageId"]})
    return {"batchItemFailures": failures}
